"""Signing in, going on and signing out, and everybody who must not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx2 import Response

from app.api.openapi import api_routes
from app.db.repositories import users
from app.main import Service
from tests.api.conftest import PASSWORD, Clock, People, Somebody, World, ok, problem
from tests.api.test_routes_closed import PUBLIC, address

EMAIL = "provider_lead-1@example.org"


def by_password(world: World, password: str = PASSWORD, email: str = EMAIL, **more: str) -> Response:
    form = {"grant_type": "password", "username": email, "password": password} | more
    return world.client.post("/v1/token", data=form)


def by_refresh(world: World, token: str) -> Response:
    return world.client.post("/v1/token", data={"grant_type": "refresh_token", "refresh_token": token})


def holder(world: World, tokens: dict[str, Any]) -> Somebody:
    return Somebody(world.client, "", "", tokens["access_token"])


def test_a_refresh_token_is_good_once_and_a_second_use_ends_the_session(world: World, people: People) -> None:
    first = ok(by_password(world))
    second = ok(by_refresh(world, first["refresh_token"]))
    assert second["refresh_token"] != first["refresh_token"]
    for tokens in (first, second):
        assert ok(holder(world, tokens).get("/v1/me"))["id"] == people.provider.user
    refusals = [
        problem(by_refresh(world, token), 401, "not-signed-in")
        for token in (first["refresh_token"], second["refresh_token"], "nobody's")
    ]
    assert refusals[0]["detail"] == refusals[2]["detail"]
    for tokens in (first, second):
        problem(holder(world, tokens).get("/v1/me"), 401, "not-signed-in")
    assert ok(people.provider.get("/v1/me"))["id"] == people.provider.user, "another session goes on"


def test_a_session_does_not_go_on_for_ever(world: World, people: People, clock: Clock) -> None:
    tokens = ok(by_password(world))
    assert people.provider.user
    clock.now += timedelta(days=14)
    problem(by_refresh(world, tokens["refresh_token"]), 401, "not-signed-in")


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_either_token_signs_out(world: World, people: People, kind: str) -> None:
    tokens = ok(by_password(world))
    assert people.provider.user
    for token in (tokens[kind], tokens[kind], "nobody's"):
        assert ok(world.client.post("/v1/token/revocation", data={"token": token})) == {}
    problem(holder(world, tokens).get("/v1/me"), 401, "not-signed-in")
    problem(by_refresh(world, tokens["refresh_token"]), 401, "not-signed-in")


def test_one_sees_and_ends_ones_own_sessions_and_nobody_elses(world: World, people: People) -> None:
    mine = holder(world, ok(by_password(world)))
    items = ok(mine.get("/v1/me/sessions"))["items"]
    assert [item["current"] for item in items] == [False, True]
    assert {item["user"] for item in items} == {people.provider.user}
    place = f"/v1/me/sessions/{items[0]['id']}/revocation"
    problem(people.stranger.post(place, {}), 404, "not-found")
    assert ok(mine.post(place, {}))["id"] == items[0]["id"]
    problem(mine.post(place, {}), 404, "not-found")
    problem(people.provider.get("/v1/me"), 401, "not-signed-in")
    assert len(ok(mine.get("/v1/me/sessions"))["items"]) == 1


def test_an_administrator_sees_and_ends_the_sessions_of_anybody(people: People) -> None:
    place = f"/v1/users/{people.provider.user}/sessions"
    assert len(ok(people.administrator.get(place))["items"]) == 1
    assert ok(people.administrator.post(f"{place}/revocation", {})) == {"count": 1}
    assert ok(people.administrator.post(f"{place}/revocation", {})) == {"count": 0}
    problem(people.provider.get("/v1/me"), 401, "not-signed-in")
    nobody = place.replace(people.provider.user, "00000000-0000-0000-0000-000000000001")
    problem(people.administrator.get(nobody), 404, "not-found")
    problem(people.administrator.post(f"{nobody}/revocation", {}), 404, "not-found")


def test_who_is_shut_out_is_out_at_once_until_they_are_let_in(world: World, people: People) -> None:
    tokens = ok(by_password(world))
    place = f"/v1/users/{people.provider.user}"
    etag = people.administrator.get(place).headers["etag"]
    problem(people.administrator.post(f"{place}/deactivation", {}), 428, "precondition-required")
    out = people.administrator.post(f"{place}/deactivation", {}, If_Match=etag)
    assert ok(out)["active"] is False
    problem(people.administrator.post(f"{place}/reactivation", {}, If_Match=etag), 412, "precondition-failed")
    for somebody in (people.provider, holder(world, tokens)):
        problem(somebody.get("/v1/services"), 401, "not-signed-in")
    problem(by_refresh(world, tokens["refresh_token"]), 401, "not-signed-in")
    problem(by_password(world), 401, "not-signed-in")
    again = people.administrator.post(f"{place}/deactivation", {}, If_Match=out.headers["etag"])
    assert again.headers["etag"] == out.headers["etag"], "nothing was left to do"
    assert ok(people.administrator.post(f"{place}/reactivation", {}, If_Match=out.headers["etag"]))["active"] is True
    problem(people.provider.get("/v1/services"), 401, "not-signed-in")
    ok(holder(world, ok(by_password(world))).get("/v1/services"))


def test_nobody_shuts_themselves_out(people: People) -> None:
    place = f"/v1/users/{people.administrator.user}"
    refusal = people.administrator.post(f"{place}/deactivation", {}, If_Match='"1"')
    assert "yourself" in problem(refusal, 409, "conflict")["detail"]


def test_no_route_opens_by_a_token_whose_session_has_ended(app: Service, people: People) -> None:
    """Every reading operation; the others ask the same question in the same place before they change anything."""
    roles = (people.provider, people.administrator, people.commissioner, people.reviewer)
    for somebody in roles:
        (current,) = (item for item in ok(somebody.get("/v1/me/sessions"))["items"] if item["current"])
        ok(somebody.post(f"/v1/me/sessions/{current['id']}/revocation", {}))
    for route in api_routes(app):
        name = f"GET {route.path}"
        if "GET" in (route.methods or ()) and name not in PUBLIC:
            statuses = {somebody.get(address(route)).status_code for somebody in roles}
            assert statuses <= {401, 403, 404, 422}, name
            assert 401 in statuses or 422 in statuses, name


def test_a_password_is_changed_by_who_knows_it_and_other_sessions_end(world: World, people: People) -> None:
    mine = holder(world, ok(by_password(world)))
    new = "quite another sentence"
    wrong = problem(mine.post("/v1/me/password", {"current": new, "new": new}), 422, "invalid")
    assert [fault["pointer"] for fault in wrong["faults"]] == ["/current"]
    weak = problem(mine.post("/v1/me/password", {"current": PASSWORD, "new": "Password1234!"}), 422, "invalid")
    assert [fault["pointer"] for fault in weak["faults"]] == ["/new"]
    assert ok(people.provider.get("/v1/me"))
    assert ok(mine.post("/v1/me/password", {"current": PASSWORD, "new": new}))["id"] == people.provider.user
    ok(mine.get("/v1/me"))
    problem(people.provider.get("/v1/me"), 401, "not-signed-in")
    problem(by_password(world), 401, "not-signed-in")
    ok(by_password(world, new))


def test_a_token_that_may_only_read_changes_nothing(world: World, people: People) -> None:
    reading = holder(world, ok(by_password(world, scope="read")))
    assert ok(reading.get("/v1/me"))["id"] == people.provider.user
    problem(reading.post("/v1/services", {}), 403, "forbidden")
    problem(reading.post(f"/v1/assessments/{UUID(int=1)}/what-if", {}), 404, "not-found")
    for scope in ("everything", ""):
        refusal = problem(by_password(world, scope=scope), 422, "invalid")
        assert [fault["pointer"] for fault in refusal["faults"]] == ["/scope"]


@pytest.mark.parametrize(
    ("form", "missing"),
    [
        ({"grant_type": "password", "password": "x"}, "/username"),
        ({"grant_type": "password", "username": "x"}, "/password"),
        ({"grant_type": "refresh_token"}, "/refresh_token"),
    ],
)
def test_what_a_grant_needs_is_asked_for(world: World, form: dict[str, str], missing: str) -> None:
    refusal = problem(world.client.post("/v1/token", data=form), 422, "invalid")
    assert [fault["pointer"] for fault in refusal["faults"]] == [missing]


def test_the_wait_after_failures_grows_for_who_exists_and_who_does_not(
    world: World, people: People, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Argon2 is left out: not its work is looked at here, only what is counted."""
    monkeypatch.setattr(
        world.running.passwords, "verify", lambda password, kept: kept is not None and password == PASSWORD
    )
    clock.now += timedelta(hours=1)
    waits: dict[str, list[int]] = {}
    for email in (EMAIL, "nobody@example.org"):
        for _ in range(4):
            problem(by_password(world, "wrong", email), 401, "not-signed-in")
        for _ in range(3):
            problem(by_password(world, "wrong", email), 401, "not-signed-in")
            refusal = by_password(world, PASSWORD, f" {email.upper()}")
            waits.setdefault(email, []).append(int(refusal.headers["retry-after"]))
            problem(refusal, 429, "too-many-attempts")
            clock.now += timedelta(seconds=waits[email][-1])
    assert waits[EMAIL] == waits["nobody@example.org"]
    assert [round(wait, -1) for wait in waits[EMAIL]] == [30, 60, 120]
    ok(by_password(world))
    problem(by_password(world, "wrong"), 401, "not-signed-in")
    ok(by_password(world))
    assert people.provider.user


def test_an_address_waits_after_failures_at_many_accounts(
    world: World, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.running.passwords, "verify", lambda _, kept: kept is not None)
    for number in range(30):
        problem(by_password(world, "wrong", f"user-{number}@example.org"), 401, "not-signed-in")
        assert by_password(world).status_code == (200 if number < 29 else 429)
    assert people.provider.user


def test_a_role_that_one_does_not_have_any_more_opens_nothing(world: World, people: People) -> None:
    """The token says reviewer, the record provider_lead."""
    with world.system() as tx:
        user = users.get(tx, UUID(people.provider.user))
        token = world.token(tx, replace(user, role="reviewer"))
    problem(Somebody(world.client, "", "", token).get("/v1/me"), 401, "not-signed-in")
