"""Programs that act for organisations: a secret that is shown once, a scope, and an end that takes effect at once."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from httpx2 import Response

from app.db.address import conninfo
from app.security.secret_texts import hash_of_secret
from tests.api.conftest import Clock, People, Somebody, World, ok, problem

PLACE = "/v1/clients"
NOBODY = "There is no client with this id and secret."


def entered(by: Somebody, organisation: str, role: str = "provider_editor", scope: str = "read write") -> Response:
    return by.post(PLACE, {"name": " Case management ", "organisation": organisation, "role": role, "scope": scope})


def secret_of(by: Somebody, client: str) -> str:
    place = f"{PLACE}/{client}"
    made: dict[str, Any] = ok(by.post(f"{place}/secret", None, If_Match=by.get(place).headers["etag"]))
    assert made["client_id"] == client
    found: str = made["client_secret"]
    return found


def revoked(by: Somebody, client: str) -> Response:
    place = f"{PLACE}/{client}"
    return by.post(f"{place}/revocation", None, If_Match=by.get(place).headers["etag"])


def asked(world: World, client: str, secret: str, **more: str) -> Response:
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret, **more}
    return world.client.post("/v1/token", data=form)


def program(world: World, people: People, client: str, answer: Response) -> Somebody:
    return Somebody(world.client, client, people.provider.organisation, ok(answer)["access_token"])


def test_a_program_writes_in_its_own_name_until_it_is_revoked(world: World, people: People, owner_url: str) -> None:
    lead = people.provider
    made = entered(lead, lead.organisation)
    client = ok(made, 201)
    assert made.headers["location"] == f"{PLACE}/{client['id']}"
    assert (client["name"], client["active"], client["secret_made_at"]) == ("Case management", True, None)
    secret = secret_of(lead, client["id"])
    with psycopg.connect(conninfo(owner_url)) as owner:
        kept = str(owner.execute("SELECT * FROM client").fetchall())
        replies = str(owner.execute("SELECT * FROM idempotency").fetchall())
    assert secret not in kept + replies
    assert hash_of_secret(secret) in kept

    tokens = ok(asked(world, client["id"], secret))
    assert (tokens["scope"], tokens["refresh_token"]) == ("read write", None)
    by = program(world, people, client["id"], asked(world, client["id"], secret))
    service = ok(by.post("/v1/services", {"name": "Entered by a program"}), 201)
    recorded = ok(lead.get("/v1/audit-events?limit=200"))["items"][-1]
    assert (recorded["actor"], recorded["subject"]) == (client["id"], f"services/{service['id']}")
    assert ok(lead.get(f"/v1/users/{client['id']}"))["name"] == "Case management"
    # What it has no password for it cannot do, and what is for people it may not.
    problem(by.post("/v1/me/password", {"current": "x", "new": "another sentence to remember"}), 403, "forbidden")
    problem(by.post("/v1/me/second-factor", {"password": "x"}), 403, "forbidden")
    problem(by.get(PLACE), 403, "forbidden")

    gone = ok(revoked(lead, client["id"]))
    assert (gone["active"], gone["secret_made_at"]) == (False, None)
    assert ok(revoked(lead, client["id"])) == gone
    problem(by.get("/v1/services"), 401, "not-signed-in")
    problem(asked(world, client["id"], secret), 401, "not-signed-in")
    etag = lead.get(f"{PLACE}/{client['id']}").headers["etag"]
    problem(lead.post(f"{PLACE}/{client['id']}/secret", None, If_Match=etag), 409, "conflict")
    told = [item["action"] for item in ok(lead.get("/v1/audit-events?limit=200"))["items"]]
    assert [action for action in told if action.startswith("client.")] == [
        "client.created",
        "client.secret_made",
        "client.revoked",
    ]


def test_a_secret_in_the_header_does_as_well_and_another_secret_replaces_it(world: World, people: People) -> None:
    client = ok(entered(people.administrator, people.commissioner.organisation, "commissioner"), 201)["id"]
    first = secret_of(people.administrator, client)

    def basic(secret: str) -> Response:
        given = b64encode(f"{client}:{secret}".encode()).decode()
        headers = {"authorization": f"Basic {given}"}
        return world.client.post("/v1/token", data={"grant_type": "client_credentials"}, headers=headers)

    assert ok(basic(first))["token_type"] == "Bearer"
    second = secret_of(people.administrator, client)
    assert problem(basic(first), 401, "not-signed-in")["detail"] == NOBODY
    ok(basic(second))
    broken = {"authorization": "Basic ~"}
    answer = world.client.post("/v1/token", data={"grant_type": "client_credentials"}, headers=broken)
    assert problem(answer, 401, "not-signed-in")["detail"] == NOBODY


def test_whatever_is_wrong_with_id_or_secret_is_answered_alike(world: World, people: People) -> None:
    lead = people.provider
    client, other = (ok(entered(lead, lead.organisation), 201)["id"] for _ in range(2))
    secret = secret_of(lead, client)
    for given in ((client, "wrong"), (other, secret), ("nobody", secret), ("nobody", "wrong"), (lead.user, secret)):
        assert problem(asked(world, *given), 401, "not-signed-in")["detail"] == NOBODY
    missing = world.client.post("/v1/token", data={"grant_type": "client_credentials", "client_id": client})
    assert problem(missing, 422, "invalid")["faults"][0]["pointer"] == "/client_secret"
    # Nobody signs in to its account with a password.
    address = ok(lead.get(f"/v1/users/{client}"))["email"]
    form = {"grant_type": "password", "username": address, "password": ""}
    problem(world.client.post("/v1/token", data=form), 401, "not-signed-in")


def test_a_program_may_ask_for_less_than_its_scope_and_for_no_more(world: World, people: People, clock: Clock) -> None:
    lead = people.provider
    writer, reader = (ok(entered(lead, lead.organisation, scope=scope), 201)["id"] for scope in ("read write", "read"))
    secrets = {client: secret_of(lead, client) for client in (writer, reader)}
    less = program(world, people, writer, asked(world, writer, secrets[writer], scope="read"))
    problem(less.post("/v1/services", {"name": "No"}), 403, "forbidden")
    ok(less.get("/v1/services"))
    refused = problem(asked(world, reader, secrets[reader], scope="read write"), 422, "invalid")
    assert refused["faults"][0]["pointer"] == "/scope"
    # A token lasts as long as any other; after it the secret is asked for again.
    clock.now += timedelta(minutes=16)
    problem(less.get("/v1/services"), 401, "not-signed-in")
    ok(asked(world, reader, secrets[reader]))


@pytest.mark.parametrize("role", ["provider_lead", "reviewer", "administrator"])
def test_what_only_people_decide_no_program_does(people: People, role: str) -> None:
    refused = problem(entered(people.administrator, people.provider.organisation, role), 422, "invalid")
    assert [fault["pointer"] for fault in refused["faults"]] == ["/role"]


def test_a_lead_enters_programs_of_their_own_provider_only(people: People) -> None:
    def faults(answer: Response) -> list[str]:
        return [fault["pointer"] for fault in problem(answer, 422, "invalid")["faults"]]

    other = people.stranger.organisation
    assert faults(entered(people.provider, other)) == ["/organisation"]
    assert faults(entered(people.administrator, people.commissioner.organisation)) == ["/role"]
    assert faults(entered(people.administrator, people.provider.organisation, scope="everything")) == ["/scope"]
    assert faults(people.provider.post(PLACE, {"name": " ", "organisation": other, "role": "reviewer"})) == [
        "/name",
        "/organisation",
    ]
    made = ok(entered(people.provider, people.provider.organisation), 201)["id"]
    problem(people.stranger.get(f"{PLACE}/{made}"), 404, "not-found")
    stale = people.provider.post(f"{PLACE}/{made}/revocation", None, If_Match='"9-9"')
    problem(stale, 412, "precondition-failed")


def test_a_program_that_is_shut_out_or_erased_gets_no_token(world: World, people: People) -> None:
    lead, administrator = people.provider, people.administrator
    shut, erased = (ok(entered(lead, lead.organisation), 201)["id"] for _ in range(2))
    secrets = {client: secret_of(lead, client) for client in (shut, erased)}
    place = f"/v1/users/{shut}"
    etag = administrator.get(place).headers["etag"]
    ok(administrator.post(f"{place}/deactivation", None, If_Match=etag))
    etag = administrator.get(f"/v1/users/{erased}").headers["etag"]
    ok(administrator.post(f"/v1/users/{erased}/erasure", None, If_Match=etag))
    for client in (shut, erased):
        problem(asked(world, client, secrets[client]), 401, "not-signed-in")
    etag = administrator.get(f"/v1/users/{erased}").headers["etag"]
    problem(administrator.post(f"/v1/users/{erased}/reactivation", None, If_Match=etag), 409, "conflict")
