"""Improvement actions: who records them, what is refused, and what is told to have closed a gap."""

from datetime import timedelta

import pytest

from tests.api.conftest import Begun, World, ok, problem
from tests.api.test_story import DOCUMENT

ACTION = {
    "requirement": "8.1",
    "rung": "evidenced",
    "what": "Write the policy down.",
    "owner_role": "Practice manager",
    "due_on": "2026-04-30",
}


@pytest.fixture
def place(begun: Begun) -> str:
    return f"{begun.place}/actions"


def test_a_gap_is_closed_by_what_came_after_the_action(begun: Begun, world: World, place: str) -> None:
    people = begun.people
    provider, commissioner = people.provider, people.commissioner
    key = "a-key-of-its-own"
    made = provider.post(place, ACTION, Idempotency_Key=key)
    assert provider.post(place, ACTION, Idempotency_Key=key).content == made.content
    action = f"{place}/{ok(made, 201)['key']}"
    assert made.headers["location"] == action
    assert ok(provider.get(action)) == ok(made, 201)
    assert ok(provider.get(f"{action}/standing")) == {
        "as_of": "2026-04-01",
        "overdue": False,
        "gap_closed": False,
        "closed_by": [],
    }
    late = ok(provider.get(f"{place}?as_of=2026-05-01"))["items"]
    assert [item["standing"]["overdue"] for item in late] == [True]
    assert late[0]["standing"]["closed_by"] is None
    assert ok(provider.get(f"{place}?as_of=2026-04-30"))["items"][0]["standing"]["overdue"] is False

    world.clock.now += timedelta(minutes=1)
    ok(provider.put(f"{begun.service_place}/documents/doc-1", DOCUMENT), 201)
    ok(provider.put(f"{begun.place}/responses/8.1", {"self_rating": "met", "documents": ["doc-1"]}), 201)
    closed = [{"kind": "document", "id": "doc-1"}, {"kind": "response", "id": "8.1"}]
    assert ok(provider.get(f"{action}/standing"))["closed_by"] == closed
    done = ACTION | {"state": "done", "evidence": ["doc-1"]}
    assert ok(provider.put(action, done))["version"] == 2
    assert ok(provider.put(action, done))["version"] == 2, "the same again is no new version"
    after = ok(provider.get(f"{place}?as_of=2026-05-01"))["items"][0]["standing"]
    assert (after["overdue"], after["gap_closed"]) == (False, True)
    later = ok(provider.post(place, ACTION | {"rung": "declared"}), 201)["key"]
    assert ok(provider.get(f"{place}/{later}/standing"))["closed_by"] == [], "it was closed before"

    problem(commissioner.get(place), 404, "not-found")
    begun.submit(commissioner)
    assert [item["action"]["value"]["state"] for item in ok(commissioner.get(place))["items"]].count("done") == 1
    assert ok(commissioner.get(f"{action}/standing"))["closed_by"] == closed
    states = [item["value"]["state"] for item in ok(provider.get(f"{action}/versions"))["items"]]
    assert states == ["open", "done"]
    problem(provider.get(f"{place}/nothing/versions"), 404, "not-found")
    problem(provider.get(f"{place}/%00/versions"), 404, "not-found")
    problem(people.stranger.get(action), 404, "not-found")
    problem(commissioner.put(action, done, If_Match='"2"'), 403, "forbidden")


def test_a_reviewer_closes_a_gap_too(begun: Begun, place: str) -> None:
    provider, people = begun.people.provider, begun.people
    shown = ok(provider.post(place, ACTION), 201)["key"]
    ok(provider.put(f"{begun.service_place}/documents/doc-1", DOCUMENT), 201)
    ok(provider.put(f"{begun.place}/responses/8.1", {"self_rating": "met", "documents": ["doc-1"]}), 201)
    begun.submit(people.commissioner)
    begun.start_review()
    checked = ok(provider.post(place, ACTION | {"rung": "verified"}), 201)["key"]
    ok(begun.decide({"requirement": "8.1", "response_version": 1, "decision": "accepted"}), 201)
    review = [{"kind": "review", "id": "8.1"}]
    assert ok(provider.get(f"{place}/{checked}/standing"))["closed_by"] == review
    assert ok(people.reviewer.get(f"{place}/{checked}/standing"))["closed_by"] == review
    kinds = [item["kind"] for item in ok(provider.get(f"{place}/{shown}/standing"))["closed_by"]]
    assert kinds == ["document", "response"], "it was evidenced before a reviewer looked at it"


def test_what_is_no_action_is_refused_at_its_place(begun: Begun, place: str) -> None:
    provider = begun.people.provider

    def pointers(**fields: object) -> list[str]:
        faults = problem(provider.post(place, ACTION | fields), 422, "invalid")["faults"]
        return [fault["pointer"] for fault in faults]

    assert pointers(requirement="99.9") == ["/requirement"]
    assert pointers(what=" ") == ["/what"]
    assert pointers(owner_role=None) == ["/owner_role"]
    assert pointers(owner_user=provider.user) == ["/owner_role"]
    assert pointers(owner_role=None, owner_user=begun.people.stranger.user) == ["/owner_user"]
    assert pointers(owner_role=None, owner_user="somebody") == ["/owner_user"]
    assert pointers(state="dropped", reason=" ") == ["/reason"]
    assert pointers(reason="Not needed.") == ["/reason"]
    assert pointers(owner_role="mair@example.org") == ["/owner_role"]
    assert pointers(what="Ring 029 2037 0000.") == ["/what"]
    assert pointers(evidence=["doc-9"]) == ["/evidence/0"]
    assert ok(provider.get(place))["items"] == []

    own = ok(provider.post(place, ACTION | {"owner_role": None, "owner_user": provider.user}), 201)
    dropped = ACTION | {"state": "dropped", "reason": "The service ends."}
    problem(provider.send("PUT", f"{place}/{own['key']}", dropped), 428, "precondition-required")
    problem(provider.put(f"{place}/{own['key']}", dropped, If_Match='"9"'), 412, "precondition-failed")
    assert ok(provider.put(f"{place}/{own['key']}", dropped))["value"]["reason"] == "The service ends."
    etag = provider.get(begun.place).headers["etag"]
    ok(provider.post(f"{begun.place}/withdrawal", {}, If_Match=etag))
    problem(provider.post(place, ACTION), 409, "conflict")
