"""Every worked case of ``standards/cases`` comes out as worked out by hand, and the case files themselves are sound."""

from pathlib import Path

import pytest
import yaml

from app.engine.evaluate import evaluate
from app.errors import PackInvalid
from app.loader.catalogue import Catalogue
from app.loader.source import read_source
from app.shipped import shipped
from tests.standards.cases import CaseFile, differences, read_case

FOLDER = shipped("standards") / "cases"
FILES = sorted(FOLDER.glob("*.yaml"))
SMALL = """
case: {en: A case, cy: Achos}
story: A story.
rule_set: {id: wales-perpetrator-services, version: "2018.1"}
as_of: "2026-04-01"
pack: {service: {id: svc-1, name: Service, provider: Provider}}
expect:
  requirements:
    "5.1": {rungs: []}
"""


def _mismatches(case: CaseFile, catalogue: Catalogue) -> list[str]:
    pack = case.read_pack()
    rule_set = catalogue.check(pack)
    return differences(case.expect, evaluate(rule_set, catalogue.crosswalks_for(rule_set), pack, case.as_of))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_case_comes_out_as_worked_out_by_hand(path: Path, catalogue: Catalogue) -> None:
    case = read_case(FOLDER, path)
    try:
        found = _mismatches(case, catalogue)
    except PackInvalid as error:
        found = [f"the pack is refused: {fault}" for fault in error.faults]
    assert not found, "\n".join(f"{path.name}: {line}" for line in found)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_case_has_its_title_in_both_languages(path: Path) -> None:
    assert read_case(FOLDER, path).case.cy


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_case_reads_alike_to_a_reader_that_is_not_ours(path: Path) -> None:
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert read == read_source(path.parent, path).value


def test_the_cases_asked_for_are_there() -> None:
    assert {path.stem for path in FILES} >= {
        "respect-accredited",
        "csaap-and-home-grown",
        "small-unaccredited",
        "certificate-lapsed",
        "stale-acceptance",
    }


def _written(tmp_path: Path, text: str) -> CaseFile:
    path = tmp_path / "case.yaml"
    path.write_text(text)
    return read_case(tmp_path, path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("story:", "storey:", "storey"),
        ("{rungs: []}", "{rung: []}", "rung"),
        ("{rungs: []}", "{rungs: [shown]}", "rungs"),
        ('as_of: "2026-04-01"', 'as_of: "2026-04-31"', "there is no such day"),
        ("requirements:", "requirement:", "requirement"),
        ("story: A story.", "story: A story.\nstory: Another.", "used twice"),
    ],
)
def test_a_case_file_with_a_mistake_is_refused_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in SMALL
    with pytest.raises(AssertionError, match=r"case\.yaml:\d+:\d+ ") as refused:
        _written(tmp_path, SMALL.replace(old, new))
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("expected", "line"),
    [
        ("{rungs: [declared]}", "5.1: rungs: expected ['declared'], got []"),
        ("{route: evidence}", "5.1: route: expected 'evidence', got 'none'"),
        ("{valid_through: '2026-05-01'}", "5.1: valid_through: expected '2026-05-01', got None"),
        ("{asks: []}", "5.1: asks: expected [], got ['agreement', 'still_in_place']"),
        ("{reasons: [not_answered]}", "5.1: reasons: expected ['not_answered'], got ['not_answered', {'code': "),
    ],
)
def test_a_wrong_expectation_is_named_with_what_came_out(
    tmp_path: Path, catalogue: Catalogue, expected: str, line: str
) -> None:
    case = _written(tmp_path, SMALL.replace("{rungs: []}", expected))
    assert [found[: len(line)] for found in _mismatches(case, catalogue)] == [line]


def test_a_requirement_that_nobody_knows_and_scores_are_compared_too(tmp_path: Path, catalogue: Catalogue) -> None:
    wrong = SMALL.replace('"5.1"', '"5.99"') + "  progress: '50.0'\n  standards: {'5': {progress: '1.0'}}\n"
    assert _mismatches(_written(tmp_path, wrong), catalogue) == [
        "5.99: there is no such requirement",
        "standard 5: progress: expected '1.0', got '0.0'",
        "the service: progress: expected '50.0', got '0.0'",
    ]
