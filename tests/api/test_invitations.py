"""Invitations: who invites whom, and a token that is good once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from httpx2 import Response

from app.db.address import conninfo
from app.security.secret_texts import hash_of_secret
from tests.api.conftest import PASSWORD, Clock, People, Somebody, World, ok, problem
from tests.api.test_sessions import by_password

EMAIL = "nia@example.org"
PLACE = "/v1/invitations"


@pytest.fixture(autouse=True)
def _no_hashing(world: World, password_hash: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 is left out: it is slow, and tested elsewhere."""
    monkeypatch.setattr(world.running.passwords, "hash", lambda _: password_hash)


def invite(by: Somebody, organisation: str, role: str = "provider_editor", email: str = EMAIL) -> Response:
    return by.post(PLACE, {"email": email, "organisation": organisation, "role": role})


def token(by: Somebody, invitation: str) -> str:
    place = f"{PLACE}/{invitation}"
    made: dict[str, Any] = ok(by.post(f"{place}/token", None, If_Match=by.get(place).headers["etag"]))
    found: str = made["token"]
    return found


def accept(world: World, secret: str, password: str = PASSWORD) -> Response:
    body = {"token": secret, "name": " Nia Example ", "password": password}
    return world.client.post(f"{PLACE}/acceptance", json=body)


def pointers(refusal: Response) -> list[str]:
    return [fault["pointer"] for fault in problem(refusal, 422, "invalid")["faults"]]


def test_who_is_invited_sets_their_own_password_and_signs_in(world: World, people: People, owner_url: str) -> None:
    lead = people.provider
    made = invite(lead, lead.organisation, email=f" {EMAIL.upper()} ")
    invitation = ok(made, 201)
    assert (invitation["email"], invitation["state"]) == (EMAIL, "open")
    assert made.headers["location"] == f"{PLACE}/{invitation['id']}"
    secret = token(lead, invitation["id"])
    with psycopg.connect(conninfo(owner_url)) as owner:
        kept = str(owner.execute("SELECT * FROM invitation").fetchall())
    assert secret not in kept
    assert hash_of_secret(secret) in kept
    weak = accept(world, secret, "nia example 1234")
    assert pointers(weak) == ["/password"]
    user = ok(accept(world, secret), 201)
    assert (user["email"], user["name"], user["role"]) == (EMAIL, "Nia Example", "provider_editor")
    assert user["organisation"] == lead.organisation
    tokens = ok(by_password(world, email=EMAIL))
    assert ok(Somebody(world.client, "", "", tokens["access_token"]).get("/v1/me")) == user
    assert ok(lead.get(f"{PLACE}/{invitation['id']}"))["state"] == "accepted"
    events = ok(people.administrator.get("/v1/audit-events?limit=200"))["items"]
    found = [(event["action"], event["actor"]) for event in events if event["action"].startswith("invitation")]
    assert found == [
        ("invitation.made", lead.user),
        ("invitation.token_made", lead.user),
        ("invitation.accepted", user["id"]),
    ]


def test_a_lead_invites_into_their_own_provider_only_and_an_administrator_anybody(people: People) -> None:
    lead, council = people.provider, people.commissioner.organisation
    assert pointers(invite(lead, people.stranger.organisation)) == ["/organisation"]
    assert pointers(invite(lead, council)) == ["/organisation"]
    assert pointers(invite(lead, lead.organisation, "reviewer")) == ["/role"]
    assert pointers(invite(lead, lead.organisation, email="nobody")) == ["/email"]
    problem(invite(people.editor, lead.organisation), 403, "forbidden")
    problem(invite(lead, lead.organisation, email="provider_editor-2@example.org"), 409, "conflict")
    assert pointers(invite(people.administrator, lead.organisation, "reviewer")) == ["/role"]
    assert pointers(invite(people.administrator, lead.user)) == ["/organisation"]
    by_administrator = ok(invite(people.administrator, council, "reviewer"), 201)["id"]
    ok(invite(lead, lead.organisation, "provider_lead"), 201)
    for by in (lead, people.administrator):
        again = problem(invite(by, lead.organisation, email=f" {EMAIL.upper()}"), 409, "conflict")
        assert again["detail"] == "There is an open invitation to that e-mail address already."
    assert len(ok(people.administrator.get(PLACE))["items"]) == 2
    assert len(ok(lead.get(PLACE))["items"]) == 1
    assert ok(people.stranger.get(PLACE))["items"] == []
    for path in ("", "/token", "/withdrawal"):
        method = "POST" if path else "GET"
        refused = lead.send(method, f"{PLACE}/{by_administrator}{path}", If_Match='"1"')
        problem(refused, 404, "not-found")


def test_what_is_unknown_used_withdrawn_replaced_or_expired_is_refused_alike(
    world: World, people: People, clock: Clock
) -> None:
    lead = people.provider
    ids = [ok(invite(lead, lead.organisation, email=f"n{n}@example.org"), 201)["id"] for n in range(4)]
    used, withdrawn, replaced, expired = (token(lead, each) for each in ids)
    again = token(lead, ids[2])
    ok(accept(world, used), 201)
    etag = lead.get(f"{PLACE}/{ids[1]}").headers["etag"]
    problem(lead.post(f"{PLACE}/{ids[1]}/withdrawal", None), 428, "precondition-required")
    problem(lead.post(f"{PLACE}/{ids[1]}/token", None, If_Match='"1"'), 412, "precondition-failed")
    gone = ok(lead.post(f"{PLACE}/{ids[1]}/withdrawal", None, If_Match=etag))
    assert gone["state"] == "withdrawn"
    ok(invite(lead, lead.organisation, email="n1@example.org"), 201)
    for done in ids[:2]:
        etag = lead.get(f"{PLACE}/{done}").headers["etag"]
        for what in ("token", "withdrawal"):
            problem(lead.post(f"{PLACE}/{done}/{what}", None, If_Match=etag), 409, "conflict")
    refusals = [accept(world, each) for each in ("unknown", used, withdrawn, replaced)]
    ok(accept(world, again), 201)
    clock.now += timedelta(days=14)
    refusals.append(accept(world, expired))
    assert [pointers(refusal) for refusal in refusals] == [["/token"]] * 5
    assert len({(refusal.json()["detail"], str(refusal.json()["faults"])) for refusal in refusals}) == 1


def test_an_invitation_ends_with_the_account_of_whoever_made_it(world: World, people: People) -> None:
    lead, administrator = people.provider, people.administrator
    made = ok(invite(lead, lead.organisation), 201)["id"]
    secret = token(lead, made)
    place = f"/v1/users/{lead.user}"
    ok(administrator.post(f"{place}/deactivation", None, If_Match=administrator.get(place).headers["etag"]))
    assert pointers(accept(world, secret)) == ["/token"]
    assert ok(administrator.get(f"{PLACE}/{made}"))["state"] == "withdrawn"
    ok(administrator.post(f"{place}/reactivation", None, If_Match=administrator.get(place).headers["etag"]))
    assert pointers(accept(world, secret)) == ["/token"], "what was taken back stays so"
    second = token(administrator, ok(invite(administrator, lead.organisation), 201)["id"])
    ok(administrator.post(f"{place}/erasure", None, If_Match=administrator.get(place).headers["etag"]))
    ok(accept(world, second), 201)
    events = ok(administrator.get("/v1/audit-events?limit=200"))["items"]
    [told] = [event for event in events if event["action"] == "invitation.withdrawn"]
    assert (told["subject"], told["detail"]) == (f"users/{lead.user}/invitations", {"count": 1})


def test_of_many_who_accept_at_once_one_does_and_guesses_have_to_wait(world: World, people: People) -> None:
    secret = token(people.provider, ok(invite(people.provider, people.provider.organisation), 201)["id"])
    with ThreadPoolExecutor(3) as pool:
        statuses = sorted(answer.status_code for answer in pool.map(lambda _: accept(world, secret), range(3)))
    assert statuses == [201, 422, 422]
    for _ in range(5):
        last = accept(world, "a guess")
    assert last.status_code == 422
    problem(accept(world, "a guess"), 429, "too-many-attempts")


def test_an_address_that_somebody_has_by_now_is_a_conflict(world: World, people: People) -> None:
    secret = token(people.provider, ok(invite(people.provider, people.provider.organisation), 201)["id"])
    new = {"email": EMAIL, "name": "Nia", "organisation": people.commissioner.organisation, "role": "reviewer"}
    ok(people.administrator.post("/v1/users", new | {"password": PASSWORD}), 201)
    problem(accept(world, secret), 409, "conflict")
    problem(invite(people.administrator, people.provider.organisation), 409, "conflict")
