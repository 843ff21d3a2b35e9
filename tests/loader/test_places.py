"""The reference data of Wales: complete, each fact with its source, and every slip of the pen found."""

from collections import Counter
from pathlib import Path

import pytest

from app.errors import StandardsInvalid
from app.loader.catalogue import load
from app.loader.places import FILE, load_places

_GOOD = """
sources: [{id: seen, document: A page, url: "https://example.org", read: true}]
regions: [{id: r, name: {en: R, cy: R}, source: seen}]
health_boards: [{id: h, name: H, source: seen}]
police_forces: [{id: p, name: P, source: seen}]
local_authorities:
  - id: a
    name: A
    region: {is: r, source: seen}
    health_board: {is: h, source: seen}
    police_force: {is: p, source: seen}
"""


def test_everything_is_there_and_has_both_languages() -> None:
    places = load_places()
    lists = (places.regions, places.local_authorities, places.health_boards, places.police_forces)
    assert [len(each) for each in lists] == [6, 22, 7, 4]
    assert all(item.name.cy for each in lists for item in each)
    assert {kind: len(ids) for kind, ids in places.bodies.items()} == {
        "local_authority": 22,
        "health_board": 7,
        "police_force": 4,
    }


def test_what_does_not_follow_from_the_region_is_its_own_statement() -> None:
    """The counts of the sources: one force for three regions, two health boards in one."""
    authorities = load_places().local_authorities
    regions = Counter(item.region.of for item in authorities)
    assert regions == {
        "gwent": 5,
        "cardiff_and_vale": 2,
        "cwm_taf_morgannwg": 3,
        "west_glamorgan": 2,
        "mid_and_west_wales": 4,
        "north_wales": 6,
    }
    assert len({item.region.of for item in authorities if item.police_force.of == "south_wales"}) == 3
    boards = {item.health_board.of for item in authorities if item.region.of == "mid_and_west_wales"}
    assert boards == {"hywel_dda", "powys"}


def test_rule_sets_offer_the_regions_that_there_are() -> None:
    for rule_set in load(Path("standards")).rule_sets.values():
        offered = {option.id for field in rule_set.profile if field.id == "regions" for option in field.options}
        assert load_places().region_ids <= offered, rule_set.id


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("is: r", "is: other", 9, "no region has this id"),
        ("is: p, source: seen", "is: p, source: heard", 11, "no source has this id"),
        ("health_boards: [", "health_boards: [{id: h2, name: H, source: seen}, ", 4, "no local authority names this"),
        ("police_forces: [", "police_forces: [{id: p, name: P, source: seen}, ", 5, "used twice"),
        ("read: true}]", "read: true}, {id: more, document: B, read: false}]", 2, "no statement names this source"),
        ("    name: A\n", "", 7, "name"),
    ],
)
def test_a_slip_of_the_pen_is_found_with_its_line(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    file = tmp_path / "wales.yaml"
    file.write_text(_GOOD, encoding="utf-8")
    assert load_places(file).region_ids == {"r"}
    assert old in _GOOD
    file.write_text(_GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(StandardsInvalid) as caught:
        load_places(file)
    assert any(problem.line == line and message in problem.message for problem in caught.value.problems)
    assert FILE.name == file.name
