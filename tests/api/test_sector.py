"""The sector view over HTTP: who sees how much, in which order, and as lines."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from app.main import Service
from tests.api.conftest import RULE_SET, Begun, Clock, People, Somebody, ok, problem
from tests.api.test_commissioning import EMPTY, share
from tests.api.test_story import fill

SECTOR = f"/v1/commissioning/sector?rule_set={RULE_SET['id']}&version={RULE_SET['version']}"


@pytest.fixture
def late_in_march(clock: Clock) -> Clock:
    """The clock, just before a quarter ends: everybody is still signed in when it has ended."""
    clock.now = datetime(2026, 3, 31, 23, 55, tzinfo=UTC)
    return clock


def test_the_sector_by_region_and_quarter_the_weakest_first(late_in_march: Clock, begun: Begun, app: Service) -> None:
    people = begun.people
    fill(begun)
    begun.submit(people.commissioner)
    for _ in range(3):
        share(people, EMPTY)
    north = EMPTY | {"regions": ["gwent", "north_wales"], "local_authorities": ["conwy"]}
    share(people, north)
    late_in_march.now += timedelta(minutes=5)
    share(people, EMPTY)  # in the next quarter
    _as_it_is(people.commissioner)
    _in_order(people.scrutiny)
    _documents(people.scrutiny)
    _withheld(people)
    _as_lines(people.scrutiny)
    _refused(people)
    running = app.state.running
    app.state.running = replace(running, press=replace(running.press, demonstration=True))
    made_up = ok(people.scrutiny.get(f"{SECTOR}&quarters=1"))
    assert made_up["demonstration"], "nothing else in it names anybody who is made up"


def _as_it_is(commissioner: Somebody) -> None:
    """A commissioner with whom every service shares sees all figures."""
    found = ok(commissioner.get(f"{SECTOR}&quarters=2&rung=declared"))
    assert (found["rule_set"], found["demonstration"]) == (RULE_SET, False)
    assert (found["threshold"], found["rung"], found["order"]) == (5, "declared", "share")
    assert found["columns"][0] == {"quarter": "2026-Q1", "last_day": "2026-03-31", "region": None}
    assert [each["quarter"] for each in found["columns"]] == ["2026-Q1"] * 7 + ["2025-Q4"] * 7
    [item] = [each for each in found["requirements"] if each["requirement"] == "14.1"]
    figures = _by_column(found, item)
    wales = figures["2026-Q1", None]
    assert wales == {"services": 5, "declared": 1, "evidenced": wales["evidenced"], "verified": 0, "share": "20.0"}
    assert figures["2026-Q1", "gwent"] == wales
    assert figures["2026-Q1", "north_wales"]["services"] == 1
    nobody = figures["2025-Q4", "north_wales"]
    assert nobody == {"services": 0, "declared": 0, "evidenced": 0, "verified": 0, "share": None}


def _by_column(found: dict[str, Any], item: dict[str, Any]) -> dict[tuple[str, str | None], dict[str, Any]]:
    """The figures of a standard or requirement by quarter and region."""
    figures = item["figures"]
    rows = {"services": figures["services"], "share": figures["share"], **figures["met"]}
    columns = [(each["quarter"], each["region"]) for each in found["columns"]]
    return {column: {name: row[place] for name, row in rows.items()} for place, column in enumerate(columns)}


def _in_order(scrutiny: Somebody) -> None:
    """The weakest first, by its share or by how many services are lacking it."""
    for query, key in (("", _share), ("&order=lacking", _lacking), ("&region=gwent", _share)):
        found = ok(scrutiny.get(f"{SECTOR}&rung=declared{query}"))
        for name in ("standards", "requirements"):
            latest = [_by_column(found, item)["2026-Q1", found["region"]] for item in found[name]]
            known = [each for each in latest if each["services"]]
            assert latest[: len(known)] == known
            assert [key(each) for each in known] == sorted(map(key, known))
            assert len(set(map(key, known))) > 1 or name == "standards"
        if found["region"]:
            assert {each["region"] for each in found["columns"]} == {None, "gwent"}


def _documents(scrutiny: Somebody) -> None:
    """What is lacking most, by the type of document that would show it."""
    found = ok(scrutiny.get(f"{SECTOR}&rung=declared"))
    lacking = [each["lacking"] for each in found["documents"]]
    assert lacking == sorted(lacking, reverse=True)
    [policy] = [each for each in found["documents"] if each["document_type"] == "policy"]
    figures = {each["requirement"]: _by_column(found, each)["2026-Q1", None] for each in found["requirements"]}
    assert policy["lacking"] == sum(-_lacking(figures[name]) for name in policy["requirements"])
    assert "14.1" in policy["requirements"]
    assert policy["title"]["en"]


def _share(figure: dict[str, Any]) -> Fraction:
    return Fraction(figure["declared"], figure["services"])


def _lacking(figure: dict[str, Any]) -> Fraction:
    return Fraction(figure["declared"] - figure["services"])


def _withheld(people: People) -> None:
    """One service works in the north too: who does not see it by itself is not told of it."""
    own = ok(people.commissioner.get(SECTOR))
    assert ok(people.reviewer.get(SECTOR)) == own
    for somebody in (people.scrutiny, people.other_commissioner):
        found = ok(somebody.get(SECTOR))
        seen = {each["requirement"]: _by_column(found, each) for each in found["requirements"]}
        for item in own["requirements"]:
            theirs = seen[item["requirement"]]
            for (quarter, region), figures in _by_column(own, item).items():
                few = 0 < figures["services"] < 5
                assert theirs[quarter, region] == (dict.fromkeys(figures) if few else figures)
        assert seen["14.1"]["2026-Q1", "north_wales"]["services"] is None


def _as_lines(scrutiny: Somebody) -> None:
    answer = scrutiny.get(f"{SECTOR}&quarters=1", Accept="text/csv", Accept_Language="cy")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    found = ok(scrutiny.get(f"{SECTOR}&quarters=1"))
    assert len(rows) == 7 * (len(found["standards"]) + len(found["requirements"]))
    assert rows[0]["title"] == found["standards"][0]["title"]["cy"]
    by_place = {(row["requirement"], row["region"]): row for row in rows}
    assert by_place["14.1", "wales"]["share_declared"] == "20.0"
    assert by_place["14.1", "wales"]["last_day"] == "2026-03-31"
    north = by_place["14.1", "north_wales"]
    assert (north["services"], north["met_declared"], north["withheld"]) == ("", "", "yes")
    assert {row["demonstration"] for row in rows} == {"no"}


def _refused(people: People) -> None:
    scrutiny = people.scrutiny
    fault = problem(scrutiny.get(f"{SECTOR}&region=narnia"), 422, "invalid")["faults"][0]
    assert fault["message"] == "there is no region narnia"
    problem(scrutiny.get(f"/v1/commissioning/sector?rule_set={RULE_SET['id']}"), 422, "invalid")
    problem(scrutiny.get(f"{SECTOR}&quarters=21"), 422, "invalid")
    problem(scrutiny.get(SECTOR.replace("2018.1", "1999.1")), 404, "not-found")
    problem(people.provider.get(SECTOR), 403, "forbidden")
