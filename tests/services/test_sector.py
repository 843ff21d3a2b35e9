"""The sector view shows what evaluating each service gave on the last day of a quarter, and nothing of a single one."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.db.repositories import assessments
from app.db.sector import Count, Together, packed
from app.db.session import PROJECTOR
from app.db.values import AssessmentRecord
from app.engine.determination import RUNGS, Determination
from app.engine.evaluate import evaluate
from app.engine.rules import RuleSet
from app.errors import AppError, Unavailable
from app.services import packs, sector_figures
from app.services import sector as sectors
from app.services.sector import Reader, Sector, ended
from app.services.sector_figures import Figure, groups, of_service
from tests.services.test_portfolio import OPERATIONS, Story, projector
from tests.services.world import World

REGIONS = ("gwent", "north_wales")
# By region (``None``: all of Wales) and requirement or standard: how many services, and how many satisfy it by rung.
Shown = dict[tuple[str | None, str | int], list[int]]


def versions(world: World) -> list[RuleSet]:
    return [world.catalogue.rule_set("tiny", version) for version in ("1", "2")]


def counted(world: World, version: RuleSet, day: date) -> Shown:
    """What was counted, with nothing withheld."""
    found: Shown = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sector_figures, "withheld", lambda *_: 0)
        [(_, shown)] = Sector(projector(world), "tiny").read(version, [day], REGIONS, Reader())
    for group in shown:
        names: list[str | int] = [*version.requirements, *(standard.number for standard in version.standards)]
        for name, figure in zip(names, group.figures, strict=True):
            if figure is not None and figure.services:
                found[group.region, name] = [figure.services, *figure.met]
    return found


def evaluated(world: World, day: date) -> dict[str, Shown]:
    """What each service shows just now to others than its provider, evaluated one by one and added up, by version."""
    standing: dict[tuple[UUID, str], tuple[AssessmentRecord, Determination, tuple[str | None, ...]]] = {}
    with world.tx(PROJECTOR) as tx:
        for record in assessments.page(tx, after=None, limit=1000).items:
            if record.submitted_at is None or record.state == "withdrawn" or not record.shared_with:
                continue
            pack = packs.assembled(tx, record.id)
            rule_set = world.catalogue.check(pack)
            found = evaluate(rule_set, world.catalogue.crosswalks_for(rule_set), pack, day)
            known = standing.get((record.service, record.rule_set.id))
            if known is None or (record.submitted_at, record.id) > (known[0].submitted_at, known[0].id):
                newest = "SELECT regions FROM service_area WHERE service_id = :id ORDER BY version DESC LIMIT 1"
                its: list[str] = tx.connection.scalar(text(newest), {"id": record.service}) or []
                standing[record.service, record.rule_set.id] = record, found, (*its, None)
    shown: dict[str, Shown] = {"1": {}, "2": {}}
    for record, found, regions in standing.values():
        for standard in found.standards:
            results = [item for item in standard.requirements if item.applicability == "applicable"]
            ones: dict[str | int, list[Any]] = {item.id: [item] for item in results}
            ones[standard.number] = [item for item in results if item.obligation == "must"]
            for name, items in ones.items():
                for region in regions if items else ():
                    row = shown[record.rule_set.version].setdefault((region, name), [0, 0, 0, 0])
                    met = [all(getattr(item, rung) for item in items) for rung in RUNGS]
                    row[:] = [one + other for one, other in zip(row, [1, *met], strict=True)]
    return shown


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, 1), st.sampled_from(OPERATIONS), st.integers(0, 25)), min_size=10, max_size=16)
)
def test_what_is_counted_later_is_what_evaluating_each_service_gave_then(
    world: World, history: list[tuple[int, Callable[[Story], None], int]]
) -> None:
    """However the histories of services go, and whatever is recorded after the quarters have ended."""
    stories = (Story(world), Story(world))
    stories[0].document()
    for story in stories:
        story.submit()
    then: dict[date, dict[str, Shown]] = {}
    quarter = ended(world.now.date() + timedelta(days=100), 1)[0]
    for which, operation, days in history:
        with contextlib.suppress(AppError):  # what may not be done just then is not done
            operation(stories[which])
        later = world.now + timedelta(days=days)
        while later.date() > quarter:
            world.until(datetime.combine(quarter, time(23, 50), UTC))
            then[quarter] = evaluated(world, quarter)
            quarter = ended(quarter + timedelta(days=100), 1)[0]
        world.until(later)
    world.days_pass(100)
    for day, shown in then.items():
        for version in versions(world):
            assert counted(world, version, day) == shown[version.version], (day, version.version)


def test_a_quarter_stays_as_it_was_counted(world: World) -> None:
    """Unless a service is entered as of an earlier day, or the catalogue is another one."""
    story = Story(world)
    story.document()
    story.submit()
    day = date(2026, 3, 31)
    world.until(datetime(2026, 4, 1, tzinfo=UTC))
    [first, _] = versions(world)
    before = counted(world, first, day)
    assert before[None, "1.1"] == [1, 1, 1, 0]
    assert before["gwent", "1.1"] == before[None, "1.1"]
    story.withdraw()
    story.move()
    assert counted(world, first, day) == before
    world.until(datetime(2026, 3, 20, tzinfo=UTC))
    late = Story(world)
    late.submit()
    world.until(datetime(2026, 4, 2, tzinfo=UTC))
    assert counted(world, first, day)[None, "1.1"] == [2, 1, 1, 0]
    world.catalogue = replace(world.catalogue, rule_sets={("tiny", "2"): versions(world)[1]})
    assert counted(world, first, day) == {}  # nothing on record fits a rule set that there is
    world.catalogue = replace(world.catalogue, rule_sets={("tiny", "1"): first})
    assert counted(world, first, day)[None, "1.1"] == [2, 1, 1, 0]
    assert Sector(projector(world), "tiny").renew(8) == 1
    assert counted(world, first, day)[None, "1.1"] == [2, 1, 1, 0]


def test_the_newest_assessment_counts_that_is_shared_and_not_withdrawn(world: World) -> None:
    withdrawn, alone, twice = Story(world), Story(world), Story(world)
    for story in (withdrawn, alone, twice):
        story.submit()
    withdrawn.withdraw()
    alone.end_share()
    twice.begin()
    twice.submit()
    world.until(datetime(2026, 4, 1, tzinfo=UTC))
    first, second = versions(world)
    assert counted(world, first, date(2026, 3, 31)) == {}
    assert counted(world, second, date(2026, 3, 31))[None, 1] == [1, 0, 0, 0]


def test_a_reader_waits_for_some_services_and_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        Story(world).submit()
    world.until(datetime(2026, 4, 1, tzinfo=UTC))
    monkeypatch.setattr(sectors, "BATCH", 1)
    monkeypatch.setattr(sectors, "_BATCHES_A_READER", 2)
    [first, _] = versions(world)
    with pytest.raises(Unavailable, match="still being counted"):
        counted(world, first, date(2026, 3, 31))
    assert counted(world, first, date(2026, 3, 31))[None, 1] == [3, 0, 0, 0]


def test_nobody_reads_what_is_counted_but_the_service(world: World) -> None:
    Story(world).submit()
    world.until(datetime(2026, 4, 1, tzinfo=UTC))
    counted(world, versions(world)[0], date(2026, 3, 31))
    for actor, sees in ((PROJECTOR, True), (world.commissioner, False), (world.scrutiny, False)):
        with world.tx(actor) as tx:
            for table in ("sector_quarter", "sector_count"):
                query = f"SELECT EXISTS (SELECT FROM {table})"  # noqa: S608  # names from above
                assert tx.connection.scalar(text(query)) == sees


def test_quarters_that_have_ended() -> None:
    assert ended(date(2026, 3, 31), 3) == (date(2025, 12, 31), date(2025, 9, 30), date(2025, 6, 30))
    assert ended(date(2026, 4, 1), 1) == (date(2026, 3, 31),)
    assert ended(date(2026, 12, 31), 5)[-1] == date(2025, 9, 30)


def test_whoever_sees_services_by_themselves_learns_nothing_of_the_others(world: World) -> None:
    """Of seven services a commissioner who sees four could take them away; who sees all of them has nothing to find."""
    [first, _] = versions(world)
    ones = (1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0)
    assert of_service(first, "fec") == packed(ones)

    def count(services: int, shared_with: UUID | None) -> Count:
        whole = packed([services * number for number in ones])
        return Count(date(2026, 3, 31), Together("1", ("gwent",), shared_with), services, whole)

    every, commissioner = [count(7, None)], world.commissioner.organisation
    for known, shown in ((0, Figure(7, (7, 7, 7))), (2, Figure(7, (7, 7, 7))), (4, None), (7, Figure(7, (7, 7, 7)))):
        wales, region, other = groups(first, every, [count(known, commissioner)] if known else [], REGIONS)
        assert wales.figures[0] == region.figures[0] == shown
        assert other.figures[0] == Figure(0, (0, 0, 0))
    [none] = groups(first, [], [], ())
    assert set(none.figures) == {Figure(0, (0, 0, 0))}


def test_only_services_in_its_regions_are_known_to_a_commissioner(world: World) -> None:
    for number in range(6):
        board = world.commissioner if number else world.other_commissioner
        world.submit(world.assessment(), board)
    world.until(datetime(2026, 4, 1, tzinfo=UTC))
    whose = world.commissioner.organisation
    for reader, shown in (
        (Reader(), True),
        (Reader(whose, frozenset({"gwent"})), False),  # it sees five of six
        (Reader(whose, frozenset({"north_wales"})), True),  # it sees none of them now
        (Reader(world.other_commissioner.organisation, frozenset({"gwent"})), True),
    ):
        [(_, found)] = Sector(projector(world), "tiny").read(versions(world)[0], [date(2026, 3, 31)], REGIONS, reader)
        assert found[0].figures[0] == (Figure(6, (0, 0, 0)) if shown else None)
