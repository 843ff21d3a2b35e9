"""One story from an administrator's first entry to a commissioner's gap report, through HTTP alone."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from tests.api.conftest import PASSWORD, RULE_SET, SERVICE, Begun, Clock, People, Somebody, World, ok, problem

SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
DOCUMENT = {"id": "doc-1", "type": "policy", "title": "Supervision policy", "issued_on": "2026-01-15", "sha256": SHA}


def accreditation(service: str, **changes: object) -> dict[str, object]:
    return {
        "id": "acc-1",
        "scheme": "respect",
        "edition": "3",
        "stage": "accredited",
        "certificate": "R-0001",
        "awarded_on": "2025-04-01",
        "expires_on": "2028-03-31",
        "scope": {"kind": "service", "services": [service]},
        "unchanged_declared_on": "2026-03-01",
    } | changes


def sign_in(world: World, email: str, password: str = PASSWORD) -> Somebody:
    form = {"grant_type": "password", "username": email, "password": password}
    token = ok(world.client.post("/v1/token", data=form))
    assert token["token_type"] == "Bearer"
    assert token["expires_in"] == 900
    me = ok(world.client.get("/v1/me", headers={"authorization": f"Bearer {token['access_token']}"}))
    return Somebody(world.client, me["id"], me["organisation"], token["access_token"])


def test_an_administrator_enters_organisations_and_people_who_then_sign_in(world: World, people: People) -> None:
    administrator = people.administrator
    provider = ok(administrator.post("/v1/providers", {"name": "Cwmni Enghreifftiol"}), 201)
    council = ok(administrator.post("/v1/commissioners", {"name": "Cyngor Enghreifftiol"}), 201)
    body = ok(administrator.post("/v1/scrutiny-bodies", {"name": "Arolygiaeth Enghreifftiol"}), 201)
    people_of = (
        ("provider_editor", "providers", provider),
        ("provider_lead", "providers", provider),
        ("commissioner", "commissioners", council),
        ("reviewer", "commissioners", council),
        ("scrutiny", "scrutiny-bodies", body),
    )
    for role, place, organisation in people_of:
        new = {
            "email": f"New.{role}@example.org",
            "name": "Mair Example",
            "organisation": organisation["id"],
            "role": role,
            "password": PASSWORD,
        }
        made = administrator.post("/v1/users", new)
        assert PASSWORD not in made.text
        assert made.headers["location"] == f"/v1/users/{ok(made, 201)['id']}"
        somebody = sign_in(world, f"new.{role}@example.org")
        assert ok(somebody.get("/v1/me"))["role"] == role
        assert somebody.organisation == organisation["id"]
        assert ok(somebody.get(f"/v1/{place}/{organisation['id']}"))

    assert ok(administrator.get(f"/v1/providers/{provider['id']}"))["name"] == "Cwmni Enghreifftiol"
    names = [item["name"] for item in ok(administrator.get("/v1/providers"))["items"]]
    assert names == ["Example Provider", "Another Provider", "Cwmni Enghreifftiol"]
    problem(administrator.post("/v1/providers", {"name": "Cwmni Enghreifftiol"}), 409, "conflict")


@pytest.mark.parametrize(("email", "password"), [("nobody@example.org", PASSWORD), ("provider-1@example.org", "wrong")])
def test_who_is_unknown_and_who_is_mistaken_get_one_answer(
    world: World, people: People, email: str, password: str
) -> None:
    assert people.provider.user
    form = {"grant_type": "password", "username": email, "password": password}
    refusal = problem(world.client.post("/v1/token", data=form), 401, "not-signed-in")
    assert refusal["detail"] == "E-mail address and password do not belong to anybody who may sign in."


def test_attempts_to_sign_in_are_counted(world: World) -> None:
    form = {"grant_type": "password", "username": "mair@example.org", "password": "guess"}
    answers = [world.client.post("/v1/token", data=form) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    problem(answers[-1], 429, "too-many-attempts")
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


def test_a_provider_describes_and_changes_its_service(people: People) -> None:
    provider = people.provider
    made = provider.post("/v1/services", SERVICE)
    service = ok(made, 201)
    assert service["name"] == SERVICE["name"]
    assert service["programmes"][0]["id"] == "prog-a"
    place = made.headers["location"]

    changed = provider.put(place, {**SERVICE, "name": "Behaviour change in Gwent"})
    assert ok(changed)["name"] == "Behaviour change in Gwent"
    assert changed.headers["etag"] != made.headers["etag"]
    problem(provider.put(place, SERVICE, If_Match=made.headers["etag"]), 412, "precondition-failed")
    assert ok(provider.get(place))["name"] == "Behaviour change in Gwent"
    assert [item["id"] for item in ok(provider.get("/v1/services"))["items"]] == [service["id"]]


def fill(begun: Begun, sha256: str = SHA) -> None:
    """Put one of everything on record."""
    provider = begun.people.provider
    ok(provider.put(f"{begun.service_place}/accreditations/acc-1", accreditation(begun.service)), 201)
    ok(provider.put(f"{begun.service_place}/documents/doc-1", {**DOCUMENT, "sha256": sha256}), 201)
    ok(provider.put(f"{begun.place}/answers/supervision_weeks", {"value": 4}), 201)
    response = {"self_rating": "met", "narrative": "Pob mis, gyda goruchwyliwr â chŵn.", "documents": ["doc-1"]}
    ok(provider.put(f"{begun.place}/responses/14.1", response), 201)


def test_a_provider_fills_an_assessment_in(begun: Begun) -> None:
    provider = begun.people.provider
    fill(begun)

    response = provider.get(f"{begun.place}/responses/14.1")
    assert ok(response)["version"] == 1
    again = provider.put(f"{begun.place}/responses/14.1", {"self_rating": "partly_met", "documents": ["doc-1"]})
    assert ok(again)["version"] == 2
    assert ok(provider.get(f"{begun.place}/answers/supervision_weeks"))["value"] == 4
    assert ok(provider.put(f"{begun.place}/answers/supervision_weeks", {"value": None}))["value"] is None
    withdrawn = {**DOCUMENT, "withdrawn_on": "2026-03-31"}
    assert ok(provider.put(f"{begun.service_place}/documents/doc-1", withdrawn))["withdrawn_on"] == "2026-03-31"
    problem(provider.put(f"{begun.service_place}/documents/doc-1", {**withdrawn, "title": "x"}), 409, "conflict")
    for name in ("responses", "answers"):
        assert len(ok(provider.get(f"{begun.place}/{name}"))["items"]) == 1
    for name in ("accreditations", "documents"):
        (item,) = ok(provider.get(f"{begun.service_place}/{name}"))["items"]
        one = provider.get(f"{begun.service_place}/{name}/{item['key']}")
        assert ok(one) == item["value"]
        assert one.headers["etag"] == f'"{item["etag"]}"'
        assert item["recorded_by"] == provider.user
    assert [item["id"] for item in ok(provider.get(f"/v1/assessments?service={begun.service}"))["items"]] == [
        begun.assessment
    ]


def test_a_pack_exported_and_imported_changes_nothing(begun: Begun) -> None:
    provider = begun.people.provider
    fill(begun)
    exported = provider.get(f"{begun.place}/pack")
    imported = provider.put(f"{begun.place}/pack", exported.json())

    assert ok(imported) == exported.json()
    assert imported.content == exported.content
    assert imported.headers["etag"] == exported.headers["etag"]


def test_one_document_serves_two_rule_sets_and_both_exports_show_it(begun: Begun) -> None:
    """A document is the service's: linked under each rule set, it is the same file in both packs."""
    provider = begun.people.provider
    fill(begun)
    home_office = {"id": "home-office-perpetrator-interventions", "version": "2023.1"}
    other = provider.post("/v1/assessments", {"service": begun.service, "rule_set": home_office})
    assert ok(other, 201)["id"] != begun.assessment
    place = other.headers["location"]
    ok(provider.put(f"{place}/responses/6.4", {"self_rating": "met", "documents": ["doc-1"]}), 201)

    packs = [ok(provider.get(f"{where}/pack")) for where in (begun.place, place)]
    assert [pack["rule_set"] for pack in packs] == [RULE_SET, home_office]
    assert [[item["documents"] for item in pack["responses"]] for pack in packs] == [[["doc-1"]]] * 2
    assert [[(item["id"], item["sha256"]) for item in pack["documents"]] for pack in packs] == [[("doc-1", SHA)]] * 2
    assert packs[0]["documents"] == packs[1]["documents"]


def test_an_import_takes_nothing_that_others_have_to_say(begun: Begun) -> None:
    provider = begun.people.provider
    fill(begun)
    pack = ok(provider.get(f"{begun.place}/pack"))
    pack["accreditations"][0] |= {"verified_on": "2026-03-05", "verified_by": "me", "register": "seen"}
    pack["reviews"] = [
        {
            "requirement": "14.1",
            "response_version": 1,
            "decision": "accepted",
            "reviewer": "me",
            "decided_at": "2026-03-20T14:00:00Z",
        }
    ]
    pack["responses"][0]["narrative"] = "Other words."
    merged = ok(provider.put(f"{begun.place}/pack", pack))

    assert merged["accreditations"][0]["verified_on"] is None
    assert merged["reviews"] == []
    assert merged["responses"][0]["narrative"] == "Other words."
    assert merged["responses"][0]["version"] == 2


def test_a_pack_with_faults_is_refused_whole_with_each_place(begun: Begun) -> None:
    provider = begun.people.provider
    fill(begun)
    before = provider.get(f"{begun.place}/pack")
    pack = before.json()
    pack["responses"][0]["requirement"] = "99.9"
    pack["responses"][0]["narrative"] = "Kept?"
    pack["documents"].append({"id": "doc-2", "type": "spell", "issued_on": "2026-01-01", "sha256": SHA})
    refusal = problem(provider.put(f"{begun.place}/pack", pack), 422, "pack-invalid")

    pointers = [fault["pointer"] for fault in refusal["faults"]]
    assert "/responses/0/requirement" in pointers
    assert "/documents/1/type" in pointers
    assert all(fault["message"] for fault in refusal["faults"])
    assert provider.get(f"{begun.place}/pack").content == before.content


def test_the_reviewer_verifies_and_decides_and_the_commissioner_reads(begun: Begun) -> None:
    people = begun.people
    fill(begun)
    problem(people.commissioner.get(f"{begun.place}/compliance"), 404, "not-found")
    begun.submit(people.commissioner)
    begun.start_review()

    before = ok(people.commissioner.get(f"{begun.place}/compliance"))
    place = f"{begun.service_place}/accreditations/acc-1"
    etag = people.reviewer.get(place).headers["etag"]
    seen = {"verified_on": "2026-03-31", "register": "entry R-0001 on the public list"}
    problem(people.reviewer.post(f"{place}/verification", seen), 428, "precondition-required")
    problem(people.commissioner.post(f"{place}/verification", seen, If_Match=etag), 403, "forbidden")
    verified = ok(people.reviewer.post(f"{place}/verification", seen, If_Match=etag))
    assert verified["verified_by"] == people.reviewer.user
    decided = begun.decide({"requirement": "14.1", "response_version": 1, "decision": "accepted"})
    assert ok(decided, 201)["reviewer"] == people.reviewer.user
    assert ok(people.reviewer.get(decided.headers["location"])) == decided.json()
    assert [item["value"] for item in ok(people.commissioner.get(f"{begun.place}/reviews"))["items"]] == [
        decided.json()
    ]
    after = ok(people.commissioner.get(f"{begun.place}/compliance"))

    assert float(after["compliance"]["verified"]) > float(before["compliance"]["verified"])
    assert before["compliance"]["evidenced"] == after["compliance"]["evidenced"]
    unknown = ok(people.commissioner.get(f"{begun.place}/compliance?as_of=2030-01-01"))
    assert unknown["as_of"] == "2030-01-01"
    begun.give_back("14.1")
    ok(people.provider.put(f"{begun.place}/responses/14.1", {"self_rating": "not_met"}))
    begun.submit()
    begun.start_review()
    overtaken = {"response_version": 1, "requirement": "14.1", "decision": "accepted"}
    problem(begun.decide(overtaken), 412, "precondition-failed")


def test_what_was_known_before_can_be_asked_for(begun: Begun, clock: Clock) -> None:
    provider = begun.people.provider
    instant = "2026-04-01T09:10:00Z"
    early = ok(provider.get(f"{begun.place}/compliance"))
    clock.now = datetime.fromisoformat(instant)
    fill(begun)
    known = provider.get(f"{begun.place}/compliance?known_at={instant}&as_of={early['as_of']}")

    assert ok(known) == early
    pack = provider.get(f"{begun.place}/pack?known_at={instant}")
    assert hashlib.sha256(pack.content).hexdigest() == early["pack_sha256"] == pack.headers["etag"].strip('"')
    assert ok(provider.get(f"{begun.place}/compliance"))["pack_sha256"] != early["pack_sha256"]
    problem(provider.get(f"{begun.place}/compliance?known_at=2020-01-01T00:00:00Z"), 404, "not-found")


@pytest.fixture
def shared(begun: Begun) -> Begun:
    fill(begun)
    begun.submit(begun.people.commissioner)
    begun.start_review()
    return begun


ACCEPTED = {"requirement": "14.1", "response_version": 1, "decision": "accepted"}
ANOTHER_PROGRAMME = {"id": "prog-b", "version": "1", "name": "One to one", "profile": {"delivery": ["case_management"]}}


@pytest.mark.parametrize("change", ["answer", "programme"])
def test_a_decision_is_made_on_the_pack_as_read(shared: Begun, change: str) -> None:
    provider = shared.people.provider
    read = shared.people.reviewer.get(f"{shared.place}/pack").headers["etag"]
    shared.give_back("14.1")
    if change == "answer":
        ok(provider.put(f"{shared.place}/answers/supervision_weeks", {"value": 8}))
    else:
        ok(provider.put(shared.service_place, {**SERVICE, "programmes": [*SERVICE["programmes"], ANOTHER_PROGRAMME]}))
    shared.submit()
    shared.start_review()
    problem(shared.decide(ACCEPTED, If_Match=read), 412, "precondition-failed")
    problem(shared.decide(ACCEPTED, If_Match=f'"elsewhere", {read}'), 412, "precondition-failed")
    assert ok(provider.get(f"{shared.place}/reviews"))["items"] == []
    ok(shared.decide(ACCEPTED), 201)


def test_a_decision_that_does_not_say_what_was_read_is_a_428(shared: Begun) -> None:
    place = f"{shared.place}/reviews"
    problem(shared.people.reviewer.post(place, ACCEPTED), 428, "precondition-required")
    problem(shared.decide(ACCEPTED, If_Match="*"), 428, "precondition-required")
    assert ok(shared.people.provider.get(place))["items"] == []


def test_the_gap_report_comes_in_the_form_asked_for(shared: Begun) -> None:
    commissioner, place = shared.people.commissioner, f"{shared.place}/gaps"
    as_json = commissioner.get(place)
    assert as_json.headers["content-type"] == "application/json"
    gaps: dict[str, Any] = ok(as_json)
    assert gaps["rung"] == "verified"
    assert {gap["rung"] for gap in gaps["gaps"]} == {"verified"}
    assert gaps["status"]["verified"]
    declared = ok(commissioner.get(f"{place}?rung=declared"))
    assert {gap["rung"] for gap in declared["gaps"]} == {"declared"}

    pdf = commissioner.get(place, Accept="application/pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.headers["vary"] == "Accept, Accept-Language"
    assert "Community behaviour change" in "".join(
        page.extract_text() for page in PdfReader(BytesIO(pdf.content)).pages
    )
    text = commissioner.get(place, Accept="text/plain", Accept_Language="cy")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert text.headers["content-language"] == "cy"
    page = commissioner.get(f"{shared.place}/compliance", Accept="text/plain")
    assert page.headers["content-language"] == "en"
    problem(commissioner.get(place, Accept="text/html"), 406, "not-acceptable")
    problem(commissioner.get(f"{shared.place}/compliance", Accept="text/html"), 406, "not-acceptable")
    assert commissioner.get(f"{shared.place}/compliance", Accept="application/pdf").content == pdf.content

    etags = {answer.headers["etag"] for answer in (as_json, pdf, text)}
    assert len(etags) == 3, "each form is its own representation"
    same = commissioner.get(place, Accept="application/pdf", If_None_Match=pdf.headers["etag"])
    assert same.status_code == 304
    assert same.content == b""


def test_a_stranger_cannot_tell_what_exists(shared: Begun) -> None:
    missing = "0193b3f0-6c1d-7c3a-9b56-1f2e3d4c5b6a"
    for stranger in (shared.people.stranger, shared.people.other_commissioner):
        for path in (
            "/v1/services/{service}",
            "/v1/services/{service}/documents/doc-1",
            "/v1/services/{service}/accreditations",
            "/v1/assessments/{assessment}",
            "/v1/assessments/{assessment}/pack",
            "/v1/assessments/{assessment}/responses",
            "/v1/assessments/{assessment}/answers/supervision_weeks",
            "/v1/assessments/{assessment}/gaps",
        ):
            theirs = stranger.get(path.format(service=shared.service, assessment=shared.assessment))
            nothing = stranger.get(path.format(service=missing, assessment=missing))
            assert without_id(problem(theirs, 404, "not-found")) == without_id(problem(nothing, 404, "not-found"))
        assert ok(stranger.get("/v1/services"))["items"] == []
        assert ok(stranger.get("/v1/assessments"))["items"] == []
    change = shared.people.stranger.put(shared.service_place, SERVICE, If_Match='"1"')
    problem(change, 404, "not-found")


def without_id(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "request_id"}


def test_lists_of_people_are_those_of_the_own_organisation(people: People) -> None:
    assert {item["id"] for item in ok(people.reviewer.get("/v1/users"))["items"]} == {
        people.reviewer.user,
        people.commissioner.user,
    }
    problem(people.reviewer.get(f"/v1/users/{people.provider.user}"), 404, "not-found")
    assert ok(people.administrator.get(f"/v1/users/{people.provider.user}"))["role"] == "provider_lead"
    names = {item["name"] for item in ok(people.provider.get("/v1/commissioners"))["items"]}
    assert names == {"Example Council", "Another Council"}


def test_an_administrator_reads_no_evidence(shared: Begun) -> None:
    for path in (shared.place, shared.service_place, f"{shared.place}/pack", f"{shared.place}/gaps"):
        problem(shared.people.administrator.get(path), 403, "forbidden")


def test_an_assessment_of_somebody_elses_service_is_not_found(begun: Begun) -> None:
    new = {"service": begun.service, "rule_set": RULE_SET}
    problem(begun.people.stranger.post("/v1/assessments", new), 404, "not-found")


def test_an_assessment_under_an_unknown_rule_set_is_refused(people: People) -> None:
    service = ok(people.provider.post("/v1/services", SERVICE), 201)["id"]
    new = {"service": service, "rule_set": {**RULE_SET, "version": "1999.1"}}
    refusal = problem(people.provider.post("/v1/assessments", new), 422, "invalid")
    assert [fault["pointer"] for fault in refusal["faults"]] == ["/rule_set"]
