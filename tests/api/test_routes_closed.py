"""No route is open that should not be: every route is walked, with every kind of token that must not open it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import get_args
from uuid import UUID

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from httpx2 import Response

from app.api.openapi import access_of, api_routes
from app.db.session import Role
from app.main import Service
from app.security.claims import Subject
from app.security.jose import KeyRing, Tokens
from app.security.keys import new_key
from tests.api.access import MATRIX, roles_for
from tests.api.conftest import Clock, People, World, problem

ROLES = get_args(Role)
# The words of the access matrix, not of the routes.
PUBLIC = {operation for operation in MATRIX if roles_for(operation) is None}
# What is sent to be asked, and leaves nothing behind.
STORING_NOTHING = {
    "POST /v1/assessments/{assessment_id}/what-if",
    "POST /v1/commissioning/policies/trial",
    "POST /v1/commissioning/policies/{policy_id}/trial",
}
# Pages about the service and its interface; they are no operations of it.
PAGES = {"/", "/docs", "/openapi.json"}


def operations(app: Service) -> Iterator[tuple[str, str, APIRoute]]:
    for route in api_routes(app):
        for method in sorted(route.methods or ()):
            yield f"{method} {route.path}", method, route


def address(route: APIRoute) -> str:
    """The path with an id or a number in it that could exist."""
    values = {
        parameter.name: 1 if parameter.field_info.annotation is int else UUID(int=1)
        for parameter in route.dependant.path_params
    }
    return route.path.format(**values)


def roles_of(route: APIRoute) -> set[str] | None:
    access = access_of(route)
    assert access is not None, f"{route.path} does not say who may call it"
    return None if access.roles is None else {str(role) for role in access.roles}


def test_every_route_of_the_application_is_an_operation_or_a_page_about_them(app: Service) -> None:
    others = {
        getattr(context.original_route, "path", str(context.original_route))
        for context in iter_route_contexts(app.routes)
        if not isinstance(context.original_route, APIRoute)
    }
    assert others == PAGES
    assert len(list(operations(app))) > 30


def test_exactly_these_are_public(app: Service) -> None:
    assert {name for name, _, route in operations(app) if roles_of(route) is None} == PUBLIC


def test_every_other_route_is_for_exactly_the_roles_that_it_should_be_for(app: Service) -> None:
    for name, _, route in operations(app):
        if name not in PUBLIC:
            assert roles_of(route) == roles_for(name), name


def bad_tokens(world: World) -> dict[str, dict[str, str | None]]:
    """Everything that must not open a door, by the role that a token claims."""
    running = world.running
    token_id = UUID(int=3)
    now = world.clock.now

    def signed(ring: KeyRing, *, issuer: str = "http://127.0.0.1:8000", audience: str = "safonau") -> Tokens:
        return Tokens(ring, issuer=issuer, audience=audience, lifetime=timedelta(minutes=15))

    another = KeyRing(lambda: (new_key(),))
    ours = running.tokens.ring
    without: dict[str, str | None] = {
        "none": None,
        "garbage": "Bearer garbage",
        "empty": "Bearer ",
        "basic": "Basic YTpi",
    }
    found: dict[str, dict[str, str | None]] = {}
    for role in ROLES:
        about = Subject(UUID(int=1), UUID(int=2), role, UUID(int=4), "read write")
        made = {
            "expired": running.tokens.issue(about, now=now - timedelta(hours=1), token_id=token_id),
            "of another key": signed(another).issue(about, now=now, token_id=token_id),
            "of another issuer": signed(ours, issuer="https://evil.example").issue(about, now=now, token_id=token_id),
            "for another audience": signed(ours, audience="other").issue(about, now=now, token_id=token_id),
        }
        found[role] = without | {name: f"Bearer {token}" for name, token in made.items()}
    return found


def call(world: World, method: str, route: APIRoute, authorization: str | None) -> Response:
    headers = {} if authorization is None else {"authorization": authorization}
    return world.client.request(method, address(route), headers=headers)


def test_no_route_but_the_public_ones_opens_without_a_token_that_holds(app: Service, world: World) -> None:
    tokens = bad_tokens(world)
    bodies = set()
    for name, method, route in operations(app):
        if name in PUBLIC:
            continue
        role = min(roles_of(route) or ())  # one that would be let in if the token held
        for kind, authorization in tokens[role].items():
            answer = call(world, method, route, authorization)
            assert answer.status_code == 401, f"{name} with a token {kind}"
            assert answer.headers["www-authenticate"].startswith("Bearer")
            bodies.add((answer.json()["detail"], answer.json()["hint"]))
    assert len(bodies) == 1, "which check failed is nobody's business"


def test_no_route_opens_for_a_role_that_it_is_not_for(app: Service, people: People, clock: Clock) -> None:
    now = clock.now
    for name, method, route in operations(app):
        clock.now = now  # so that no token runs out, however many routes there are
        if name in PUBLIC:
            continue
        for role in ROLES:
            somebody = people.in_role(role)
            answer = somebody.send(method, address(route))
            if role not in (roles_of(route) or ()):
                problem(answer, 403, "forbidden")
            else:
                assert answer.status_code not in (401, 403), f"{name} as {role}: {answer.text}"


def test_a_token_with_a_role_that_does_not_exist_opens_nothing(app: Service, world: World, clock: Clock) -> None:
    about = Subject(UUID(int=1), UUID(int=2), "sign_in", UUID(int=4), "read write")
    token = world.running.tokens.issue(about, now=clock.now, token_id=UUID(int=3))
    for name, method, route in operations(app):
        if name not in PUBLIC:
            assert call(world, method, route, f"Bearer {token}").status_code == 403, name


def test_a_token_that_may_only_read_opens_what_stores_nothing(app: Service, world: World, clock: Clock) -> None:
    opened = set()
    for name, method, route in operations(app):
        if name not in PUBLIC and method != "GET":
            about = Subject(UUID(int=1), UUID(int=2), min(roles_of(route) or ()), UUID(int=4), "read")
            token = world.running.tokens.issue(about, now=clock.now, token_id=UUID(int=3))
            if call(world, method, route, f"Bearer {token}").status_code != 403:
                opened.add(name)
    assert opened == STORING_NOTHING


@pytest.mark.parametrize(
    "path",
    ["/v1", "/v1/", "/v1/nothing", "/v1/services/", "/v1/services/not-a-uuid", "/redoc", "/metrics", "/v1/users/%00"],
)
def test_what_is_no_address_is_not_found(people: People, path: str) -> None:
    problem(people.provider.get(path), 404, "not-found")
