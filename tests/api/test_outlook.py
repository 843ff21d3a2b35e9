"""The forecast over all services that a commissioner sees, in each of its forms."""

import csv
import io

from icalendar import Calendar

from tests.api.conftest import RULE_SET, SERVICE, Begun, ok, problem
from tests.api.test_story import fill

PLACE = "/v1/commissioning/forecast"


def test_what_lapses_when_is_told_for_every_service_and_is_what_each_tells(begun: Begun) -> None:
    people = begun.people
    commissioner = people.commissioner
    assert ok(commissioner.get(PLACE)) == {"items": [], "next": None}
    fill(begun)
    begun.submit(commissioner)
    quiet = ok(people.provider.post("/v1/services", SERVICE | {"name": "A quiet one"}), 201)["id"]
    other = ok(people.provider.post("/v1/assessments", {"service": quiet, "rule_set": RULE_SET}), 201)["id"]
    Begun(people, quiet, other).submit(commissioner)

    first, second = ok(commissioner.get(PLACE))["items"]
    assert (first["service_name"], first["turns"], first["problem"]) == ("A quiet one", [], None)
    assert (second["assessment"], second["as_of"], second["until"]) == (begun.assessment, "2026-04-01", "2028-04-01")
    one = ok(commissioner.get(f"{begun.place}/forecast"))["turns"]
    assert [turn["on"] for turn in second["turns"]] == [turn["on"] for turn in one] != []
    turn = second["turns"][-1]
    assert turn["after"]["compliance"] == one[-1]["after"]["compliance"]
    assert turn["causes"] == one[-1]["causes"]
    assert turn["requirements"] == [change["requirement"] for change in one[-1]["changes"]]
    near = ok(commissioner.get(f"{PLACE}?until={one[0]['on']}"))["items"]
    assert [len(item["turns"]) for item in near] == [0, 1]

    page = ok(commissioner.get(f"{PLACE}?limit=1"))
    assert [item["service_name"] for item in page["items"]] == ["A quiet one"]
    rest = ok(commissioner.get(page["next"]))
    assert ([item["turns"] for item in rest["items"]], rest["next"]) == ([second["turns"]], None)

    for form in ("text/csv", "text/calendar"):
        problem(commissioner.get(f"{PLACE}?limit=1", Accept=form), 422, "invalid")
    table = commissioner.get(PLACE, Accept="text/csv")
    lines = list(csv.DictReader(io.StringIO(table.text)))
    assert [line["on"] for line in lines] == [turn["on"] for turn in one]
    assert lines[-1]["compliance_verified"] == turn["after"]["compliance"]["verified"]
    assert lines[-1]["causes"].split()[0] == f"{turn['causes'][0]['kind']}:{turn['causes'][0]['subject']}"
    feed = commissioner.get(PLACE, Accept="text/calendar", Accept_Language="cy")
    alone = commissioner.get(f"{begun.place}/forecast", Accept="text/calendar", Accept_Language="cy")
    assert feed.headers["content-type"] == "text/calendar; charset=utf-8"
    assert Calendar.from_ical(feed.content).events == Calendar.from_ical(alone.content).events
    assert feed.headers["content-language"] == "cy"

    assert ok(people.other_commissioner.get(PLACE))["items"] == []
    problem(people.provider.get(PLACE), 403, "forbidden")
    problem(commissioner.get(f"{PLACE}?until=2026-03-31"), 422, "invalid")
