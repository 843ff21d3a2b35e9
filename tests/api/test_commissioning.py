"""Portfolio, counts and comparison over HTTP, today and as of other days."""

import csv
import io
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tests.api.conftest import RULE_SET, Begun, Clock, People, Somebody, ok, problem
from tests.api.test_story import fill

PORTFOLIO = "/v1/commissioning/portfolio"
COMPARISON = "/v1/commissioning/comparison"
EMPTY = {"name": "Ånother service", "regions": ["gwent"], "local_authorities": ["newport"]}


def share(people: People, service: Mapping[str, object], *, version: str = "2018.1") -> tuple[str, str]:
    """A service whose assessment is submitted with nothing in it."""
    made = ok(people.provider.post("/v1/services", service), 201)["id"]
    rule_set = RULE_SET | {"version": version}
    assessment = ok(people.provider.post("/v1/assessments", {"service": made, "rule_set": rule_set}), 201)["id"]
    submit(people, assessment, people.commissioner)
    return made, assessment


def submit(people: People, assessment: str, *commissioners: Somebody) -> None:
    place = f"/v1/assessments/{assessment}"
    etag = people.provider.get(place).headers["etag"]
    named = [each.organisation for each in commissioners]
    ok(people.provider.post(f"{place}/submission", {"share_with": named}, If_Match=etag))


def items(somebody: Somebody, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ok(somebody.get(PORTFOLIO + query))["items"]
    return found


def names(somebody: Somebody, query: str) -> str:
    return " ".join(item["service_name"][0] for item in items(somebody, query))


def test_the_portfolio_says_what_each_service_shows(begun: Begun, clock: Clock) -> None:
    people, commissioner = begun.people, begun.people.commissioner
    before = clock.now
    assert items(commissioner) == []
    empty = ok(commissioner.get(f"{PORTFOLIO}/facets"))["facets"]
    assert not any(empty.values())
    assert {"scheme", "status", "police_force", "failing_standard"} <= {*empty}
    assert {*ok(commissioner.get(f"{PORTFOLIO}/facets?rung=declared"))["facets"]} == {*empty} - {"status"}
    fill(begun)
    begun.submit(commissioner)
    other, _ = share(people, EMPTY)
    [one, two] = items(commissioner)
    assert (one["service"], two["service"]) == (begun.service, other)
    shown = ok(commissioner.get(f"{begun.place}/compliance"))
    for name in ("status", "compliance", "progress", "valid_through", "as_of"):
        assert one[name] == shown[name], name
    assert one["failing"]["verified"] > one["failing"]["declared"] > 0
    assert (one["state"], one["regions"], two["local_authorities"]) == ("submitted", ["gwent"], ["newport"])
    _filters(commissioner)
    _pages(commissioner)
    _facets(commissioner)
    _forms(commissioner)
    _other_days(begun, clock, before.isoformat().replace("+00:00", "Z"))


def _filters(commissioner: Somebody) -> None:
    asked = {
        "?region=gwent": "C Å",
        "?region=north_wales": "",
        "?local_authority=newport": "Å",
        "?police_force=gwent": "Å",
        "?health_board=aneurin_bevan&local_authority=newport": "Å",
        "?health_board=powys&local_authority=newport": "",
        "?client_group=adult_men": "C",
        "?form_of_abuse=domestic_abuse": "C",
        "?delivery=group": "C",
        "?status=critical_gaps": "C Å",
        "?status=meets": "",
        "?rung=declared&score_from=0.1": "C",
        "?rung=declared&score_to=0": "Å",
        "?failing_standard=1": "C Å",
        "?failing_requirement=14.1&rung=declared": "Å",
        "?scheme=csaap": "",
        "?lapsing_before=2030-01-01&rung=declared": "C",
        "?lapsing_before=2026-04-02": "",
        "?rule_set=wales-perpetrator-services&sort=-name": "Å C",
        "?sort=-score&rung=declared": "C Å",
        "?sort=score&rung=declared": "Å C",
        "?sort=-submitted": "Å C",
        "?sort=-name&as_of=2026-05-01": "Å C",
        "?sort=score&rung=declared&as_of=2026-05-01": "Å C",
    }
    for query, expected in asked.items():
        assert names(commissioner, query) == expected, query
    for query, fault in {
        "?region=narnia": "there is no region narnia",
        "?police_force=narnia": "there is no police force narnia",
        "?scheme=none": "there is no accreditation scheme none",
        "?rule_set=none": "there is no rule set none",
        "?client_group=none": "no version knows client group none",
        "?form_of_abuse=none": "no version knows form of abuse none",
        f"?delivery=none&rule_set={RULE_SET['id']}": f"no version of {RULE_SET['id']} knows delivery none",
        "?failing_standard=41": "no version has standard 41",
        "?failing_requirement=14.01": "no version has requirement 14.01",
        "?score_from=75.55": "this has not the form ^(100(\\.0)?|\\d{1,2}(\\.\\d)?)$",
        "?status=meets&rung=declared": "a claim has a score and never a status",
        "?failing_standard=2147483648": "this is more than 2147483647",
        "?sort=-status&rung=declared": "a claim has a score and never a status",
        "?known_at=2099-01-01T00:00:00Z": "2099-01-01T00:00:00.000000Z is still to come",
    }.items():
        refusal = problem(commissioner.get(PORTFOLIO + query), 422, "invalid")
        assert refusal["faults"][0]["message"] == fault


def _pages(commissioner: Somebody) -> None:
    other_day = "?limit=1&as_of=2026-05-01"
    for query in ("?limit=1", "?limit=1&sort=-status", "?limit=1&sort=lapse", other_day, f"{other_day}&sort=-lapse"):
        first = ok(commissioner.get(PORTFOLIO + query))
        second = ok(commissioner.get(first["next"]))
        assert second["next"] is None
        assert len({item["service"] for item in first["items"] + second["items"]}) == 2


def _facets(commissioner: Somebody) -> None:
    found = ok(commissioner.get(f"{PORTFOLIO}/facets"))
    assert ok(commissioner.get(f"{PORTFOLIO}/facets?as_of=2026-05-01")) == found | {"as_of": "2026-05-01"}
    standards = [int(each["value"]) for each in found["facets"]["failing_standard"]]
    assert standards == sorted(standards)
    assert standards[-1] > 9
    counts = {facet: {each["value"]: each["count"] for each in values} for facet, values in found["facets"].items()}
    assert found["total"] == 2
    assert counts["region"] == {"gwent": 2}
    assert counts["police_force"] == {"gwent": 1}
    assert counts["health_board"] == {"aneurin_bevan": 1}
    assert counts["status"] == {"critical_gaps": 2}
    assert counts["delivery"] == {"group": 1}
    assert counts["failing_standard"]["1"] == 2
    assert ok(commissioner.get(f"{PORTFOLIO}/facets?local_authority=newport&rung=declared"))["total"] == 1


def _forms(commissioner: Somebody) -> None:
    for query in ("", "?as_of=2026-05-01", "?as_of=2026-05-01&sort=-name"):
        answer = commissioner.get(PORTFOLIO + query, Accept="text/csv")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        wanted = {item["service"]: item for item in items(commissioner, query)}
        assert {row["service"] for row in rows} == wanted.keys()
        for row in rows:
            assert row["compliance_verified"] == wanted[row["service"]]["compliance"]["verified"]
            assert row["as_of"] == wanted[row["service"]]["as_of"]
            assert row["submitted_at"].endswith("Z"), "as everywhere else"


def _other_days(begun: Begun, clock: Clock, before: str) -> None:
    """What the record gives for a day is what was kept on that day, and what was known goes on being so."""
    commissioner = begun.people.commissioner
    today = {item["service"]: item for item in items(commissioner)}
    known = clock.now.isoformat().replace("+00:00", "Z")
    begun.start_review()
    begun.decide({"requirement": "14.1", "response_version": 1, "decision": "accepted"})
    assert {item["service"]: item for item in items(commissioner)} != today
    assert {item["service"]: item for item in items(commissioner, f"?known_at={known}")} == today
    assert items(commissioner, f"?known_at={before}") == []
    later = (clock.now + timedelta(days=1500)).date()
    ahead = {item["service"]: item for item in items(commissioner, f"?as_of={later}")}
    shown = ok(commissioner.get(f"{begun.place}/compliance?as_of={later}"))
    assert ahead[begun.service]["compliance"] == shown["compliance"]
    clock.now += timedelta(days=1500)


def test_services_side_by_side(begun: Begun) -> None:
    people, commissioner = begun.people, begun.people.commissioner
    fill(begun)
    begun.submit(commissioner)
    other, _ = share(people, EMPTY)
    query = f"?service={begun.service}&service={other}"
    found = ok(commissioner.get(COMPARISON + query))
    assert [item["service"] for item in found["services"]] == [begun.service, other]
    shown = ok(commissioner.get(f"{begun.place}/compliance"))
    for compared, standard in zip(found["standards"], shown["standards"], strict=True):
        assert compared["number"] == standard["number"]
        assert compared["services"][0]["compliance"] == standard["compliance"]
    differing = {item["requirement"]: item["services"] for item in found["differences"]}
    assert differing["14.1"][1] == "none"
    assert all(len(set(rungs)) == 2 for rungs in differing.values())
    earlier = ok(commissioner.get(f"{COMPARISON}{query}&as_of=2026-05-01"))
    assert earlier["differences"] == found["differences"]
    assert ok(commissioner.get(f"{COMPARISON}{query}&rule_set={RULE_SET['id']}"))["services"] == found["services"]
    for wrong in ("", query + f"&service={other}", "?" + "&".join([f"service={other}"] * 11)):
        problem(commissioner.get(COMPARISON + wrong), 422, "invalid")
    missing = problem(commissioner.get(f"{COMPARISON}{query}&service={begun.assessment}"), 404, "not-found")
    hidden = problem(people.other_commissioner.get(COMPARISON + query), 404, "not-found")
    assert missing["detail"] == hidden["detail"]
    home_office = {"id": "home-office-perpetrator-interventions", "version": "2023.1"}
    second = ok(people.provider.post("/v1/assessments", {"service": other, "rule_set": home_office}), 201)["id"]
    submit(people, second, commissioner)
    refusal = problem(commissioner.get(COMPARISON + query), 422, "invalid")
    assert refusal["faults"][0]["pointer"] == "?rule_set"
    assert len(ok(commissioner.get(f"{COMPARISON}{query}&rule_set={RULE_SET['id']}"))["services"]) == 2


def test_a_name_that_a_spreadsheet_would_run_is_only_a_name(people: People) -> None:
    share(people, EMPTY | {"name": "=1+1"})
    answer = people.commissioner.get(PORTFOLIO, Accept="text/csv")
    assert ",'=1+1," in answer.text
    paged = problem(people.commissioner.get(f"{PORTFOLIO}?limit=1&cursor=x", Accept="text/csv"), 422, "invalid")
    assert [fault["pointer"] for fault in paged["faults"]] == ["?cursor", "?limit"], "what is passed over misleads"
