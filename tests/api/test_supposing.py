"""What-if and forecast over HTTP, as providers and commissioners ask them; nothing is stored."""

import psycopg
import pytest
from icalendar import Calendar
from psycopg import sql

from app.db import embedded
from app.db.address import conninfo
from app.db.embedded import EmbeddedDatabase
from tests.api.conftest import Begun, ok, problem
from tests.api.test_story import DOCUMENT, fill


@pytest.fixture
def shared(begun: Begun) -> Begun:
    fill(begun)
    begun.submit(begun.people.commissioner)
    return begun


def rows(server: EmbeddedDatabase) -> dict[str, int]:
    """How many rows every table has."""
    with psycopg.connect(conninfo(server.superuser_url, dbname=embedded.DATABASE)) as connection:
        names = [name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        found = {}
        for name in names:
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
            [(found[name],)] = connection.execute(query).fetchall()
        return found


def test_what_would_be_is_told_requirement_by_requirement_and_nothing_is_stored(
    shared: Begun, server: EmbeddedDatabase
) -> None:
    people, place = shared.people, f"{shared.place}/what-if"
    before = rows(server)
    changes = {
        "documents": [{**DOCUMENT, "id": "doc-2", "sha256": "c" * 64}],
        "responses": [{"requirement": "14.1", "self_rating": "not_met"}],
        "link": {"14.1": ["doc-2"]},
    }
    told = ok(people.commissioner.post(place, changes))
    assert told == ok(people.provider.post(place, changes)) == ok(people.reviewer.post(place, changes))
    assert told["difference"]["changes"][0]["requirement"] == "14.1"
    assert told["difference"]["changes"][0]["words"]["en"] == "14.1 goes from declared only to not met."
    live = ok(people.commissioner.get(f"{shared.place}/compliance"))
    assert told["difference"]["before"]["compliance"] == live["compliance"]
    assert told["determination"]["compliance"] == told["difference"]["after"]["compliance"]

    nothing = ok(people.provider.post(place, {}))
    assert (nothing["determination"], nothing["difference"]["changes"]) == (live, [])
    later = ok(people.provider.post(f"{place}?as_of=2026-05-01", {"as_of": "2031-01-01"}))
    assert later["determination"]["as_of"] == "2031-01-01"
    lapsed = ok(people.provider.post(place, {"without_accreditations": ["acc-1"]}))
    assert lapsed["determination"]["rests_on"] == []
    moved = ok(people.provider.post(place, {"rule_set_version": "2018.2"}))
    assert moved["determination"]["rule_set"]["version"] == "2018.2"
    assert moved["difference"]["changes"]
    assert ok(people.provider.post(place, {"rule_set_version": "2018.1"})) == nothing

    assert rows(server) == before


def test_what_cannot_be_supposed_is_refused_at_its_place(shared: Begun) -> None:
    provider, place = shared.people.provider, f"{shared.place}/what-if"

    def pointers(changes: object) -> list[str]:
        faults = problem(provider.post(place, changes), 422, "invalid")["faults"]
        return sorted(fault["pointer"] for fault in faults)

    known = {"question": "supervision_weeks", "value": "often", "answered_at": "2026-04-01T00:00:00Z"}
    assert pointers({"answers": [{**known, "question": "unknown"}, known]}) == [
        "/answers/0/question",
        "/answers/1/value",
    ]
    assert pointers({"documents": [{**DOCUMENT, "type": "spell"}]}) == ["/documents/0/type"]
    assert pointers({"link": {"14.1": ["doc-9"]}}) == ["/link/14.1"]
    assert pointers({"responses": [{"requirement": "99.9"}]}) == ["/responses/0/requirement"]
    assert pointers({"without_documents": ["doc-9"]}) == ["/without_documents/0"]
    assert pointers({"rule_set_version": "1999.1"}) == ["/rule_set_version"]
    assert pointers({"surprise": 1}) == ["/surprise"]
    later = {**DOCUMENT, "replaces": "doc-1", "id": "doc-2", "sha256": "c" * 64}
    assert pointers({"documents": [later, {**DOCUMENT, "replaces": "doc-2"}]}) != []
    stranger = shared.people.stranger
    problem(stranger.post(place, {}), 404, "not-found")
    problem(shared.people.other_commissioner.post(place, {}), 404, "not-found")
    problem(shared.people.administrator.post(place, {}), 403, "forbidden")


def test_a_version_that_does_not_follow_is_refused(shared: Begun) -> None:
    provider = shared.people.provider
    rule_set = {"id": "wales-perpetrator-services", "version": "2018.2"}
    newer = ok(provider.post("/v1/assessments", {"service": shared.service, "rule_set": rule_set}), 201)["id"]
    refusal = problem(provider.post(f"/v1/assessments/{newer}/what-if", {"rule_set_version": "2018.1"}), 422, "invalid")
    assert refusal["faults"][0]["message"] == "wales-perpetrator-services 2018.1 is not based on version 2018.2"


def test_the_forecast_tells_what_lapses_when(shared: Begun) -> None:
    commissioner, place = shared.people.commissioner, f"{shared.place}/forecast"
    told = ok(commissioner.get(place))
    assert (told["as_of"], told["until"]) == ("2026-04-01", "2028-04-01")
    on = [turn["on"] for turn in told["turns"]]
    assert on == sorted(on)
    last = told["turns"][-1]
    live = ok(commissioner.get(f"{shared.place}/compliance?as_of={last['on']}"))
    assert last["after"]["compliance"] == live["compliance"]
    causes = {(cause["kind"], cause["subject"]) for turn in told["turns"] for cause in turn["causes"]}
    assert ("accreditation_not_redeclared", "acc-1") in causes
    assert ok(commissioner.get(f"{place}?until=2026-04-01"))["turns"] == []
    near = ok(commissioner.get(f"{place}?as_of=2026-05-01&until={on[0]}"))
    assert (near["as_of"], [turn["on"] for turn in near["turns"]]) == ("2026-05-01", [on[0]])
    for until in ("2026-03-31", "2036-04-02"):
        refusal = problem(commissioner.get(f"{place}?until={until}"), 422, "invalid")
        assert [fault["pointer"] for fault in refusal["faults"]] == ["?until"]
    problem(shared.people.other_commissioner.get(place), 404, "not-found")


def test_the_way_up_leads_where_it_says_when_it_is_supposed(shared: Begun) -> None:
    people, place = shared.people, f"{shared.place}/way-up"
    told = ok(people.provider.get(place))
    assert (told["as_of"], told["exact"]) == ("2026-04-01", True)
    assert told["fewest"] == sum(step["kind"] != "link" for step in told["steps"]) > 0
    supposed = ok(people.commissioner.post(f"{shared.place}/what-if", told["changes"]))
    assert supposed["determination"]["status"] == told["after_steps"]["status"]
    assert told["after_steps"]["status"]["evidenced"] == "meets"
    assert told["after_decisions"]["status"]["verified"] == "meets"
    welsh = people.commissioner.get(f"{place}?as_of=2026-05-01", Accept="text/plain", Accept_Language="cy")
    assert welsh.text.startswith("Y ffordd rataf")
    assert welsh.headers["content-language"] == "cy"
    problem(people.other_commissioner.get(place), 404, "not-found")


def test_the_forecast_is_a_calendar_that_can_be_read_again(shared: Begun) -> None:
    commissioner, place = shared.people.commissioner, f"{shared.place}/forecast"
    turns = ok(commissioner.get(place))["turns"]
    english = commissioner.get(place, Accept="text/calendar")
    welsh = commissioner.get(place, Accept="text/calendar", Accept_Language="cy")
    assert english.headers["content-type"] == "text/calendar; charset=utf-8"
    assert welsh.headers["content-language"] == "cy"
    assert commissioner.get(place, Accept="text/calendar").content == english.content
    events = Calendar.from_ical(english.content).events
    assert [str(event.start) for event in events] == [turn["on"] for turn in turns]
    assert [event["uid"] for event in events] == [event["uid"] for event in Calendar.from_ical(welsh.content).events]
    later = commissioner.get(f"{place}?as_of=2026-04-02", Accept="text/calendar")
    assert [event["uid"] for event in Calendar.from_ical(later.content).events] == [event["uid"] for event in events]
    assert events[0]["summary"] == "Community behaviour change: compliance changes by itself"
    assert "acc-1" in "".join(str(event["description"]) for event in events)
    assert b"\nDTSTART:" not in english.content, "all-day events"
    problem(commissioner.get(place, Accept="text/html"), 406, "not-acceptable")
