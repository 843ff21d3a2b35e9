"""The audit log and erasure over HTTP."""

from tests.api.conftest import Begun, Somebody, ok, problem

EVENTS = "/v1/audit-events"


def _actions(caller: Somebody, limit: int = 200) -> list[str]:
    found, following = [], f"{EVENTS}?limit={limit}"
    while following:
        page = ok(caller.get(following))
        found += page["items"]
        following = page["next"]
    assert [event["seq"] for event in found] == sorted({event["seq"] for event in found})
    return [event["action"] for event in found]


def test_everyone_reads_what_their_organisation_did_and_administrators_everything(begun: Begun) -> None:
    people = begun.people
    signed_in = ["session.begun"] * 2
    assert _actions(people.provider) == [*signed_in, "service.created", "assessment.created"]
    assert _actions(people.reviewer) == _actions(people.commissioner) == signed_in
    everything = _actions(people.administrator)
    assert everything[-2:] == _actions(people.provider)[-2:]
    assert _actions(people.administrator, limit=3) == everything
    events = ok(people.administrator.get(EVENTS))["items"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert len({event["hash"] for event in events}) == len(events)
    last = events[-1]
    assert last["subject"] == f"assessments/{begun.assessment}"
    assert (last["actor"], last["organisation"]) == (people.provider.user, people.provider.organisation)
    assert last["request_id"]


def test_who_a_user_was_is_erased_on_the_version_that_was_read(begun: Begun) -> None:
    people = begun.people
    place = f"/v1/users/{people.reviewer.user}"
    problem(people.administrator.post(f"{place}/erasure", None), 428, "precondition-required")
    problem(people.administrator.post(f"{place}/erasure", None, If_Match='"x"'), 412, "precondition-failed")
    problem(people.provider.post(f"{place}/erasure", None, If_Match="*"), 403, "forbidden")
    own = f"/v1/users/{people.administrator.user}/erasure"
    problem(people.administrator.post(own, None, If_Match="*"), 409, "conflict")
    read = people.administrator.get(place)
    left = people.administrator.post(f"{place}/erasure", None, If_Match=read.headers["etag"])
    assert ok(left)["name"] == "Erased user"
    again = people.administrator.get(place)
    assert ok(again) == ok(left)
    assert again.headers["etag"] == left.headers["etag"] != read.headers["etag"]
    assert _actions(people.administrator)[-1] == "user.erased"


def test_an_instant_to_come_is_refused_at_its_parameter(begun: Begun) -> None:
    for what in ("compliance", "gaps", "pack"):
        refused = begun.people.provider.get(f"{begun.place}/{what}?known_at=2099-01-01T00:00:00Z")
        assert problem(refused, 422, "invalid")["faults"][0]["pointer"] == "?known_at"
