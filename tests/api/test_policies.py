"""Policies and checks, as a commissioner meets them: written, tried, used, kept, and asked again."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.db.embedded import EmbeddedDatabase
from app.db.session import Actor, Role, Transaction, transaction
from app.main import Service
from app.security.jose import Seals
from app.services.checks import KIND
from tests.api.conftest import Begun, Clock, People, Somebody, World, ok, problem
from tests.api.forms import every_form
from tests.api.test_determinations import DOCUMENT, TINY, published
from tests.api.test_supposing import rows
from tests.services.world import catalogue as tiny

LIST = "/v1/commissioning/policies"
COUNTS = (text("SELECT count(*) FROM policy"), text("SELECT count(*) FROM policy_check"))
CHECKS = "/v1/commissioning/checks"
POLICY: dict[str, Any] = {
    "name": "Grants",
    "rule_set": "tiny",
    "minimum_compliance": "33.3",
    "required_requirements": ["1.1"],
}


@pytest.fixture(autouse=True)
def small_rules(app: Service) -> Iterator[None]:
    """The small rule set, published and in force, in the place of the service's own."""
    running = app.state.running
    made = published(tiny().rule_sets["tiny", "1"])
    app.state.running = replace(running, catalogue=made)
    yield
    app.state.running = running


@dataclass
class Asked:
    """A service that was assessed and accepted, whoever deals with it, and a policy for it."""

    begun: Begun
    policy: str

    @property
    def people(self) -> People:
        return self.begun.people

    @property
    def commissioner(self) -> Somebody:
        return self.begun.people.commissioner

    @property
    def place(self) -> str:
        return f"{LIST}/{self.policy}"

    def change(self, **fields: object) -> None:
        ok(self.commissioner.put(self.place, POLICY | fields))

    def check(self, **fields: object) -> dict[str, Any]:
        asked = {"policy": self.policy, "assessment": self.begun.assessment} | fields
        found: dict[str, Any] = ok(self.commissioner.post(CHECKS, asked), 201)
        return found


def begin(people: People, name: str) -> Begun:
    """A service with a policy, accepted for 1.1, and handed in."""
    provider = people.provider
    stated = {
        "name": name,
        "profile": {"forms_of_abuse": ["domestic_abuse"]},
        "programmes": [{"id": "prog-a"}],
        "regions": ["gwent"],
    }
    service = ok(provider.post("/v1/services", stated), 201)["id"]
    assessment = ok(provider.post("/v1/assessments", {"service": service, "rule_set": TINY}), 201)["id"]
    begun = Begun(people, service, assessment)
    ok(provider.put(f"{begun.service_place}/documents/doc-1", DOCUMENT), 201)
    ok(provider.put(f"{begun.place}/responses/1.1", {"self_rating": "met", "documents": ["doc-1"]}), 201)
    begun.submit(people.commissioner)
    begun.start_review()
    return begun


@pytest.fixture
def asked(people: People) -> Asked:
    begun = begin(people, "Group work")
    ok(begun.decide({"requirement": "1.1", "response_version": 1, "decision": "accepted"}), 201)
    return Asked(begun, ok(people.commissioner.post(LIST, POLICY), 201)["id"])


def codes(check: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in check["reasons"]]


def test_a_policy_is_changed_by_new_versions_and_the_old_ones_stay(asked: Asked) -> None:
    commissioner, place = asked.commissioner, asked.place
    first = commissioner.get(place)
    assert first.headers["etag"] == '"1"'
    assert ok(first)["policy"]["rung"] == "verified"
    assert ok(commissioner.put(place, POLICY))["version"] == 1, "the same policy is no new version"
    assert ok(commissioner.put(place, POLICY | {"minimum_compliance": "50"}))["version"] == 2
    problem(commissioner.put(place, POLICY, If_Match='"1"'), 412, "precondition-failed")
    problem(commissioner.send("PUT", place, POLICY), 428, "precondition-required")
    assert ok(commissioner.get(place))["policy"]["minimum_compliance"] == "50"
    assert ok(commissioner.get(f"{place}/versions/1")) == ok(first)
    page = ok(commissioner.get(f"{place}/versions?limit=1"))
    assert [item["version"] for item in page["items"] + ok(commissioner.get(page["next"]))["items"]] == [1, 2]
    [listed] = ok(commissioner.get(LIST))["items"]
    assert (listed["id"], listed["version"]) == (asked.policy, 2)
    nobodys = f"{LIST}/{asked.begun.service}"
    for missing in (f"{place}/versions/3", f"{place}/versions/{2**31}", nobodys, f"{nobodys}/versions"):
        problem(commissioner.get(missing), 404, "not-found")
    again = commissioner.post(LIST, POLICY, Idempotency_Key="policy-0001")
    assert commissioner.post(LIST, POLICY, Idempotency_Key="policy-0001").content == again.content
    assert len(ok(commissioner.get(LIST))["items"]) == 2
    actions = [item["action"] for item in ok(commissioner.get("/v1/audit-events"))["items"]]
    assert actions.count("policy.recorded") == 3


def test_a_policy_with_faults_is_refused_at_their_places(asked: Asked) -> None:
    def pointers(place: str, sent: object) -> list[str]:
        return [fault["pointer"] for fault in problem(asked.commissioner.post(place, sent), 422, "invalid")["faults"]]

    unknown = POLICY | {"required_standards": [1, 7], "required_requirements": ["1.1", "9.9"]}
    assert pointers(LIST, unknown) == ["/required_standards/1", "/required_requirements/1"]
    assert pointers(LIST, POLICY | {"rule_set": "other"}) == ["/rule_set"]
    assert pointers(LIST, POLICY | {"minimum_compliance": "101"}) == ["/minimum_compliance"]
    assert pointers(LIST, POLICY | {"conditions": ["assessment_withdrawn"]}) == ["/conditions/0"]
    assert pointers(f"{LIST}/trial", {"policy": POLICY | {"rule_set": "other"}}) == ["/policy/rule_set"]
    refusal = problem(asked.commissioner.put(asked.place, unknown), 422, "invalid")
    assert len(refusal["faults"]) == 2
    assert ok(asked.commissioner.get(asked.place))["version"] == 1


def test_a_check_is_kept_whole_with_its_determination_and_signed(asked: Asked, app: Service, clock: Clock) -> None:
    commissioner, begun = asked.commissioner, asked.begun
    live = commissioner.get(f"{begun.place}/compliance")
    made = commissioner.post(CHECKS, {"policy": asked.policy, "service": begun.service})
    found = ok(made, 201)
    check = found["check"]
    assert (check["outcome"], check["reasons"], check["as_of"]) == ("pass", [], "2026-04-01")
    assert check["assessment"] == begun.assessment
    assert check["policy"]["content"] == ok(commissioner.get(asked.place))["policy"]
    place = made.headers["location"]
    assert place == f"{CHECKS}/{check['id']}"
    kept = commissioner.get(place)
    assert (kept.content, kept.headers["etag"]) == (made.content, made.headers["etag"])
    every_form(commissioner, place)

    document = commissioner.get(f"{place}/document").content
    assert hashlib.sha256(document).hexdigest() == found["sha256"]
    seals: Seals = app.state.running.press.seals
    assert seals.holds(document, found["signature"], KIND, clock.now)
    assert not seals.holds(document.replace(b'"pass"', b'"fail"'), found["signature"], KIND, clock.now)
    determination = commissioner.get(f"{place}/determination")
    assert determination.content == live.content
    assert determination.headers["etag"].strip('"') == check["determination_sha256"]
    [item] = ok(commissioner.get(CHECKS))["items"]
    assert (item["id"], item["outcome"], item["repeats"]) == (check["id"], "pass", None)
    for query in (f"policy={asked.policy}", f"service={begun.service}", f"assessment={begun.assessment}"):
        assert ok(commissioner.get(f"{CHECKS}?{query}"))["items"] == [item]
        assert ok(commissioner.get(f"{CHECKS}?{query.partition('=')[0]}={check['id']}"))["items"] == []
    assert "policy.checked" in [each["action"] for each in ok(commissioner.get("/v1/audit-events"))["items"]]

    asked.change(minimum_compliance="100", conditions=["compliance_below"])
    assert asked.check()["check"]["outcome"] == "pass_with_conditions"
    assert asked.check(version=1)["check"]["outcome"] == "pass"
    assert commissioner.get(place).content == made.content
    again = {"policy": asked.policy, "assessment": begun.assessment}
    first = commissioner.post(CHECKS, again, Idempotency_Key="check-00001")
    assert commissioner.post(CHECKS, again, Idempotency_Key="check-00001").content == first.content


def test_a_check_says_everything_that_is_missed_and_what_will_be(asked: Asked) -> None:
    asked.change(no_critical_gaps=True, required_standards=[1], holds_to_contract_end=True, maximum_age_months=12)
    near = asked.check(contract_end="2026-06-30")["check"]
    assert (near["outcome"], codes(near)) == ("fail", ["standard_not_met"])
    far = asked.check(contract_end="2026-07-01")["check"]
    assert codes(far) == [
        "standard_not_met",
        "critical_gap_ahead",
        "compliance_below_ahead",
        "requirement_not_met_ahead",
    ]
    assert far["reasons"][1]["data"] == {
        "requirement": "1.1",
        "on": "2026-07-01",
        "causes": [{"kind": "document_expired", "subject": "doc-1"}],
    }
    assert far["reasons"][1]["words"]["cy"].startswith("O 1 Gorffennaf 2026, os na wneir dim")
    old = asked.check(as_of="2027-04-02", contract_end="2027-04-02")["check"]
    assert "assessment_too_old" in codes(old)


def test_accreditations_that_are_not_accepted_are_left_out_as_what_if_leaves_them_out(asked: Asked) -> None:
    begun, commissioner = asked.begun, asked.commissioner
    held = {
        "id": "acc-1",
        "scheme": "respect",
        "edition": "3",
        "stage": "accredited",
        "awarded_on": "2025-04-01",
        "expires_on": "2028-03-31",
        "scope": {"kind": "organisation"},
        "unchanged_declared_on": "2026-02-01",
    }
    ok(asked.people.provider.put(f"{begun.service_place}/accreditations/acc-1", held), 201)
    asked.change(rung="evidenced", required_requirements=["1.2"])
    assert asked.check()["check"]["outcome"] == "pass"
    asked.change(rung="evidenced", required_requirements=["1.2"], accreditation_accepted=False)
    found = asked.check()["check"]
    assert (codes(found), found["without_accreditations"]) == (["requirement_not_met"], ["acc-1"])
    supposed = ok(commissioner.post(f"{begun.place}/what-if", {"without_accreditations": ["acc-1"]}))
    kept = ok(commissioner.get(f"{CHECKS}/{found['id']}/determination"))
    assert kept == supposed["determination"]
    assert found["pack_sha256"] == commissioner.get(f"{begun.place}/pack").headers["etag"].strip('"')


def test_was_it_true_when_we_paid(asked: Asked, clock: Clock) -> None:
    begun, commissioner = asked.begun, asked.commissioner
    first = asked.check()
    place = f"{CHECKS}/{first['check']['id']}/repetition"
    paid_at = clock().isoformat().replace("+00:00", "Z")
    clock.now += timedelta(minutes=5)
    asked.people.provider.put(f"{begun.service_place}/documents/doc-1", DOCUMENT | {"withdrawn_on": "2026-03-31"})
    now = ok(commissioner.post(place, {}), 201)["check"]
    assert (now["outcome"], codes(now)) == ("fail", ["critical_gap", "compliance_below", "requirement_not_met"])
    told = now["repeats"]
    assert (told["check"], told["sha256"], told["outcome"]) == (first["check"]["id"], first["sha256"], "pass")
    assert (told["new"], told["gone"]) == (now["reasons"], [])
    assert [change["requirement"] for change in told["difference"]["changes"]] == ["1.1"]

    then = ok(commissioner.post(place, {"known_at": paid_at}), 201)["check"]
    assert (then["outcome"], then["reasons"], then["repeats"]["difference"]["changes"]) == ("pass", [], [])
    assert then["determination_sha256"] == first["check"]["determination_sha256"]
    assert ok(commissioner.get(f"{CHECKS}?service={begun.service}"))["items"][-1]["repeats"] == first["check"]["id"]
    page = commissioner.get(f"{CHECKS}/{now['id']}", Accept="text/plain", Accept_Language="cy")
    assert page.headers["content-language"] == "cy"
    assert "Rhesymau newydd" in page.text
    undone = ok(commissioner.post(f"{CHECKS}/{now['id']}/repetition", {"known_at": paid_at}), 201)["check"]
    assert (undone["repeats"]["gone"], undone["repeats"]["new"]) == (now["reasons"], [])
    asked.change(minimum_compliance="100")
    later = ok(commissioner.post(place, {"as_of": "2026-07-01"}), 201)["check"]
    assert (later["policy"]["version"], later["as_of"]) == (1, "2026-07-01")
    key = {"Idempotency_Key": "repeat-0001"}
    assert commissioner.post(place, {}, **key).content == commissioner.post(place, {}, **key).content

    soon = problem(commissioner.post(place, {"known_at": "2027-01-01T00:00:00Z"}), 422, "invalid")
    assert [fault["pointer"] for fault in soon["faults"]] == ["/known_at"]
    problem(commissioner.post(place, {"known_at": "2026-03-01T00:00:00Z"}), 409, "conflict")


def test_a_check_again_under_another_draft_has_no_difference(asked: Asked, app: Service) -> None:
    first = asked.check()["check"]
    changed = published(tiny().rule_sets["tiny", "1"], title="Otherwise")
    app.state.running = replace(app.state.running, catalogue=changed)
    again = ok(asked.commissioner.post(f"{CHECKS}/{first['id']}/repetition", {}), 201)["check"]
    assert (again["outcome"], again["repeats"]["difference"]) == ("pass", None)


def test_a_rule_set_that_is_not_in_force_and_a_withdrawn_assessment_are_said_to_be(asked: Asked, app: Service) -> None:
    assert codes(asked.check(as_of="2025-12-31")["check"]) == ["rule_set_not_in_force"]
    app.state.running = replace(app.state.running, catalogue=tiny())
    [reason] = asked.check()["check"]["reasons"]
    assert (reason["code"], reason["data"]["status"]) == ("rule_set_not_in_force", "draft")
    provider, begun = asked.people.provider, asked.begun
    etag = provider.get(begun.place).headers["etag"]
    ok(provider.post(f"{begun.place}/withdrawal", {"reason": "It ends."}, If_Match=etag))
    assert codes(asked.check()["check"]) == ["assessment_withdrawn", "rule_set_not_in_force"]
    asking = {"policy": asked.policy, "service": begun.service}
    problem(asked.commissioner.post(CHECKS, asking), 409, "conflict")


def test_what_cannot_be_checked_is_refused(asked: Asked) -> None:
    commissioner, begun = asked.commissioner, asked.begun
    about: dict[str, object] = {"policy": asked.policy, "assessment": begun.assessment}

    def pointers(sent: Mapping[str, object]) -> list[str]:
        return [fault["pointer"] for fault in problem(commissioner.post(CHECKS, sent), 422, "invalid")["faults"]]

    assert pointers({"policy": asked.policy}) == [""]
    assert pointers(about | {"service": begun.service}) == [""]
    assert pointers(about | {"contract_end": "2027-03-31"}) == ["/contract_end"]
    assert pointers(about | {"version": 0}) == pointers(about | {"version": 2**31}) == ["/version"]
    asked.change(holds_to_contract_end=True)
    assert pointers(about) == ["/contract_end"]
    assert pointers(about | {"contract_end": "2026-03-31"}) == ["/contract_end"]
    assert pointers(about | {"contract_end": "2036-04-02"}) == ["/contract_end"]
    for missing in ({"version": 9}, {"policy": begun.service}, {"assessment": asked.policy}):
        problem(commissioner.post(CHECKS, about | missing), 404, "not-found")
    problem(commissioner.post(CHECKS, {"policy": asked.policy, "service": asked.policy}), 404, "not-found")
    assert ok(commissioner.get(CHECKS))["items"] == []


def test_an_assessment_under_another_rule_set_is_not_checked(asked: Asked, app: Service) -> None:
    known = tiny()
    other = known.rule_sets["tiny", "1"].replace(id="other")
    app.state.running = replace(
        app.state.running, catalogue=replace(known, rule_sets={**known.rule_sets, ("other", "1"): other})
    )
    asked.change(rule_set="other")
    for about in ({"assessment": asked.begun.assessment}, {"service": asked.begun.service}):
        problem(asked.commissioner.post(CHECKS, {"policy": asked.policy} | about), 409, "conflict")
    assert ok(asked.commissioner.post(f"{asked.place}/trial", {}))["services"] == []


def test_a_policy_is_tried_on_every_service_that_is_seen_and_nothing_is_stored(
    asked: Asked, server: EmbeddedDatabase
) -> None:
    people, commissioner = asked.people, asked.commissioner
    begin(people, "Another group")
    draft = ok(people.provider.post("/v1/assessments", {"service": asked.begun.service, "rule_set": TINY}), 201)
    before = rows(server)
    tried = ok(commissioner.post(f"{asked.place}/trial", {}))
    assert [(item["service"]["name"], item["outcome"]) for item in tried["services"]] == [
        ("Another group", "fail"),
        ("Group work", "pass"),
    ]
    assert tried["outcomes"] == {"pass": 1, "pass_with_conditions": 0, "fail": 1}
    assert tried["reasons"] == {"compliance_below": 1, "critical_gap": 1, "requirement_not_met": 1}
    assert draft["id"] not in [item["assessment"] for item in tried["services"]]
    lenient = POLICY | {"rung": "evidenced", "minimum_compliance": "50", "conditions": ["compliance_below"]}
    loose = ok(commissioner.post(f"{LIST}/trial", {"policy": lenient, "as_of": "2026-05-01"}))
    assert loose["outcomes"] == {"pass": 0, "pass_with_conditions": 2, "fail": 0}
    assert ok(people.other_commissioner.post(f"{LIST}/trial", {"policy": POLICY}))["services"] == []
    assert rows(server) == before
    check = asked.check()["check"]
    assert check["reasons"] == tried["services"][1]["reasons"]

    asked.change(holds_to_contract_end=True)
    problem(commissioner.post(f"{asked.place}/trial", {}), 422, "invalid")
    ended = ok(commissioner.post(f"{asked.place}/trial", {"contract_end": "2026-12-31"}))
    assert ended["outcomes"]["fail"] == 2
    assert ok(commissioner.post(f"{asked.place}/trial", {"version": 1}))["outcomes"] == tried["outcomes"]


def test_what_was_checked_stays_when_it_is_not_shared_any_more(asked: Asked) -> None:
    provider, begun = asked.people.provider, asked.begun
    check = asked.check()["check"]
    etag = provider.get(begun.place).headers["etag"]
    ok(provider.send("DELETE", f"{begun.place}/shares/{asked.commissioner.organisation}", If_Match=etag))
    assert ok(asked.commissioner.get(f"{CHECKS}/{check['id']}"))["check"] == check
    refusal = problem(asked.commissioner.post(f"{CHECKS}/{check['id']}/repetition", {}), 409, "conflict")
    assert "not shared with you any more" in refusal["detail"]
    about = {"policy": asked.policy, "assessment": begun.assessment}
    problem(asked.commissioner.post(CHECKS, about), 404, "not-found")


def test_policies_and_checks_are_their_own_organisations_alone(asked: Asked, world: World) -> None:
    people, check = asked.people, asked.check()["check"]
    places = [asked.place, f"{asked.place}/versions", f"{asked.place}/versions/1", f"{CHECKS}/{check['id']}"]
    places += [f"{CHECKS}/{check['id']}/document", f"{CHECKS}/{check['id']}/determination"]
    for place in places:
        problem(people.other_commissioner.get(place), 404, "not-found")
        for nobody in (people.provider, people.reviewer, people.scrutiny, people.administrator):
            problem(nobody.get(place), 403, "forbidden")
    problem(people.other_commissioner.put(asked.place, POLICY, If_Match='"1"'), 404, "not-found")
    problem(people.other_commissioner.post(f"{asked.place}/trial", {}), 404, "not-found")
    problem(people.other_commissioner.post(f"{CHECKS}/{check['id']}/repetition", {}), 404, "not-found")
    assert ok(people.other_commissioner.get(LIST))["items"] == ok(people.other_commissioner.get(CHECKS))["items"] == []

    def begun_by(somebody: Somebody, role: Role) -> AbstractContextManager[Transaction]:
        actor = Actor(UUID(somebody.user), UUID(somebody.organisation), role)
        return transaction(world.database, actor, now=world.clock(), new_id=world.running.new_id, request_id="raw")

    def counted(somebody: Somebody, role: Role) -> list[int]:
        with begun_by(somebody, role) as tx:
            return [tx.connection.scalar(query) or 0 for query in COUNTS]

    assert counted(people.commissioner, "commissioner") == [1, 1]
    others: list[tuple[Somebody, Role]] = [
        (people.commissioner, "reviewer"),
        (people.other_commissioner, "commissioner"),
        (people.provider, "provider_lead"),
        (people.scrutiny, "scrutiny"),
        (people.administrator, "administrator"),
    ]
    for somebody, role in others:
        assert counted(somebody, role) == [0, 0]
    for statement in ("UPDATE policy SET version = 9", "DELETE FROM policy_check"):
        with pytest.raises(ProgrammingError, match="permission denied"), world.system() as tx:
            tx.connection.execute(text(statement))
    copied = text(
        "INSERT INTO policy_check SELECT gen_random_uuid(), :organisation, policy_id, policy_version, assessment_id,"
        " service_id, NULL, created_at, :user, sha256, signature, content, determination FROM policy_check"
    )
    own, other = people.commissioner, people.other_commissioner
    for organisation, user in ((other.organisation, own.user), (own.organisation, other.user)):
        with pytest.raises(ProgrammingError, match="row-level security"), begun_by(own, "commissioner") as tx:
            tx.connection.execute(copied, {"organisation": organisation, "user": user})
