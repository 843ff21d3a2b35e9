"""A creating POST sent again under its key is done once and answered twice."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from httpx2 import Response

from app.db.repositories import idempotency
from app.db.session import Transaction
from app.db.values import StoredReply
from tests.api.conftest import SERVICE, Begun, People, World, ok, problem

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


def replayed(first: Response, again: Response) -> None:
    """The same reply to the byte; only the id of the request itself is its own."""
    assert again.status_code == first.status_code
    assert again.content == first.content
    assert {**again.headers, "x-request-id": ""} == {**first.headers, "x-request-id": ""}


def test_the_same_request_is_done_once(people: People) -> None:
    first = people.provider.post("/v1/services", SERVICE, Idempotency_Key=KEY)
    again = people.provider.post("/v1/services", dict(reversed(SERVICE.items())), Idempotency_Key=f'"{KEY}"')

    ok(first, 201)
    replayed(first, again)
    assert len(ok(people.provider.get("/v1/services"))["items"]) == 1


def test_without_a_key_each_request_is_done(people: People) -> None:
    for _ in range(2):
        ok(people.provider.post("/v1/services", SERVICE), 201)
    assert len(ok(people.provider.get("/v1/services"))["items"]) == 2


def test_every_creating_post_takes_a_key(begun: Begun, world: World) -> None:
    people = begun.people
    with world.system() as tx:
        second = world.somebody(tx, "reviewer", UUID(people.reviewer.organisation))
    begun.submit(people.commissioner)
    begun.start_review()
    user = {
        "email": "new@example.org",
        "name": "New",
        "organisation": people.provider.organisation,
        "role": "provider_lead",
        "password": "a long sentence to remember",
    }
    rule_set = {"id": "wales-perpetrator-services", "version": "2018.1"}
    review = {"requirement": "14.1", "response_version": 0, "decision": "more_information", "reason": "Which?"}
    seen = {"requirement": "14.2", "response_version": 0, "until": "2026-12-31", "reason": "Seen on a visit."}
    read = {"If_Match": people.reviewer.get(f"{begun.place}/pack").headers["etag"]}
    override = ok(people.reviewer.post(f"{begun.place}/overrides", seen, **read), 201)["key"]
    for somebody, path, body in (
        (people.administrator, "/v1/providers", {"name": "New"}),
        (people.administrator, "/v1/commissioners", {"name": "New"}),
        (people.administrator, "/v1/users", user),
        (people.provider, "/v1/services", SERVICE),
        (people.provider, "/v1/assessments", {"service": begun.service, "rule_set": rule_set}),
        (people.provider, f"{begun.place}/carry-forward", {"rule_set_version": "2018.2"}),
        (people.reviewer, f"{begun.place}/reviews", review),
        (second, f"{begun.place}/overrides/{override}/confirmation", None),
    ):
        key = f"key-for:{path.rpartition('/')[2]}"
        headers = {"Idempotency_Key": key}
        if path.startswith(
            begun.place
        ):  # a review then changes the pack that it names: the reply is given again all the same
            headers["If_Match"] = somebody.get(f"{begun.place}/pack").headers["etag"]
        first = somebody.post(path, body, **headers)
        ok(first, 201)
        replayed(first, somebody.post(path, body, **headers))


def test_another_request_under_the_same_key_is_a_422(people: People) -> None:
    ok(people.provider.post("/v1/services", SERVICE, Idempotency_Key=KEY), 201)
    other = {**SERVICE, "name": "Another"}
    problem(people.provider.post("/v1/services", other, Idempotency_Key=KEY), 422, "idempotency-mismatch")
    assert len(ok(people.provider.get("/v1/services"))["items"]) == 1
    named = {"name": "The same body"}
    ok(people.administrator.post("/v1/providers", named, Idempotency_Key=KEY), 201)
    elsewhere = people.administrator.post("/v1/scrutiny-bodies", named, Idempotency_Key=KEY)
    problem(elsewhere, 422, "idempotency-mismatch")


def test_a_key_belongs_to_who_used_it(people: People) -> None:
    first = people.provider.post("/v1/services", SERVICE, Idempotency_Key=KEY)
    other = people.stranger.post("/v1/services", SERVICE, Idempotency_Key=KEY)
    assert ok(first, 201)["id"] != ok(other, 201)["id"]


def test_a_refusal_is_not_kept(people: People) -> None:
    problem(people.provider.post("/v1/services", {**SERVICE, "profile": {"x": 1}}, Idempotency_Key=KEY), 422, "invalid")
    ok(people.provider.post("/v1/services", SERVICE, Idempotency_Key=KEY), 201)


@pytest.mark.parametrize("key", ["", "short", "x" * 129, "with space", "semi;colon", "tab\tbed"])
def test_what_is_no_key_is_a_400(people: People, key: str) -> None:
    problem(people.provider.post("/v1/services", SERVICE, Idempotency_Key=key), 400, "bad-input")
    assert ok(people.provider.get("/v1/services"))["items"] == []


def test_a_request_still_in_flight_is_a_409(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    claimed, go_on = threading.Event(), threading.Event()
    real = idempotency.store

    def slow(tx: Transaction, key: str, fingerprint: str, reply: StoredReply, *, kept_for: timedelta) -> None:
        claimed.set()
        go_on.wait(10)
        assert kept_for == timedelta(hours=24)
        real(tx, key, fingerprint, reply, kept_for=kept_for)

    monkeypatch.setattr(idempotency, "store", slow)
    answers: list[Response] = []
    first = threading.Thread(
        target=lambda: answers.append(people.provider.post("/v1/services", SERVICE, Idempotency_Key=KEY))
    )
    first.start()
    assert claimed.wait(10)
    problem(people.provider.post("/v1/services", SERVICE, Idempotency_Key=KEY), 409, "idempotency-in-flight")
    go_on.set()
    first.join()
    ok(answers[0], 201)
    assert len(ok(people.provider.get("/v1/services"))["items"]) == 1
