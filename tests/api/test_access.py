"""The access matrix (tests/api/access.py), asked over HTTP: every operation, by every caller, in one world."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.routing import APIRoute
from httpx2 import Response
from sqlalchemy import Connection, event

from app.api.bodies import FormBody, JsonBody
from app.api.examples import EXAMPLES, ORGANISATION_ID, POLICY, POLICY_ID, SERVICE_ID
from app.api.openapi import api_routes, calls_of
from app.db.repositories import users
from app.db.session import KEEPER
from app.main import Service
from app.services.numbering import number_of
from tests.api.access import CALLERS, MATRIX, PUBLIC, page
from tests.api.conftest import RULE_SET, Begun, People, Somebody, World, ok
from tests.api.files import pdf, upload
from tests.api.test_story import fill

MISSING = "0193b3f0-6c1d-7c3a-9b56-000000000000"
HOW_TO_ADD = "has no row: add it to MATRIX in tests/api/access.py, which says how"
STATUSES = {"no": 403, "hidden": 404, "sign in": 401}


@dataclass
class Stage:
    """Everybody, what there is to act on, and the service that they call."""

    world: World
    callers: Mapping[str, Somebody | None]
    values: dict[str, str]
    routes: Mapping[str, APIRoute]
    now: datetime

    def call(self, operation: str, caller: str, changes: Mapping[str, str] | None = None) -> Response:
        """Call an operation; no change succeeds, as its ``If-Match`` names a version that never was."""
        self.world.clock.now = self.now  # so that no token runs out, however many calls there are
        method, _, path = operation.partition(" ")
        values = self.values | ({"version": "1"} if "{crosswalk}" in path else {}) | dict(changes or {})
        if path.startswith("/v1/determinations/"):
            values["number"] = values["determination"]
        somebody = self.callers[caller]
        headers = {} if method == "GET" else {"if-match": '"0"'}
        if somebody is not None:
            headers["authorization"] = f"Bearer {somebody.token}"
        sent: dict[str, Any] = {}
        for dependency in calls_of(self.routes[operation].dependant):
            if isinstance(dependency, JsonBody):
                text = json.dumps(EXAMPLES[dependency.model.__name__])
                text = text.replace(SERVICE_ID, values["service_id"]).replace(
                    ORGANISATION_ID, values["commissioner_id"]
                )
                text = text.replace(POLICY_ID, values["policy_id"])
                sent["data" if isinstance(dependency, FormBody) else "json"] = json.loads(text)
        if path.endswith("/impact"):
            sent["params"] = {"rule_set_version": "2018.2"}
        return self.world.client.request(method, path.format(**values), headers=headers, **sent)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """What calls ask of the database meanwhile; not what the service asks that looks after files beside them."""
        asked: list[str] = []

        def note(connection: Connection, _cursor: object, statement: str, values: Any, *_: object) -> None:  # noqa: ANN401  # as the driver has them
            if "safonau_begin" in statement:
                connection.info["by a call"] = values["role"] != KEEPER.role
            if connection.info.get("by a call", True):
                asked.append(statement)

        event.listen(self.world.database.engine, "before_cursor_execute", note)
        yield asked
        event.remove(self.world.database.engine, "before_cursor_execute", note)


def issued(people: People, service: str, app: Service) -> str:
    """The number of a determination of the service, of another assessment, which is completed."""
    made = ok(people.provider.post("/v1/assessments", {"service": service, "rule_set": RULE_SET}), 201)["id"]
    begun = Begun(people, service, made)
    begun.submit(people.commissioner)
    begun.start_review()
    begun.complete()
    running = app.state.running
    app.state.running = replace(running, press=replace(running.press, demonstration=True))
    etag = people.reviewer.get(f"{begun.place}/pack").headers["etag"]
    number: str = ok(people.reviewer.send("POST", f"{begun.place}/determinations", If_Match=etag), 201)["number"]
    app.state.running = running
    return number


PLANNED = {"requirement": "14.2", "what": "Write it down.", "owner_role": "Manager", "due_on": "2026-09-30"}


def named_partner(world: World, begun: Begun) -> Somebody:
    """A lead of an organisation that is a partner in the service, and answers for one requirement."""
    with world.system() as tx:
        partner = world.somebody(tx, "provider_lead", world.organisation(tx, "provider", "A Partner"))
    said = {"answers_for": [{"rule_set": RULE_SET, "requirements": ["14.1"]}]}
    ok(begun.people.provider.put(f"{begun.service_place}/partners/{partner.organisation}", said), 201)
    return partner


def asked_in(people: People) -> dict[str, str]:
    """The ids of an invitation, and of a program, by the provider's lead."""
    lead = people.provider
    asked = {"organisation": lead.organisation, "role": "provider_editor"}
    return {
        "invitation_id": ok(lead.post("/v1/invitations", {"email": "new@example.org", **asked}), 201)["id"],
        "client_id": ok(lead.post("/v1/clients", {"name": "Ours", **asked}), 201)["id"],
    }


def everybody(people: People, partner: Somebody, other_reviewer: Somebody) -> dict[str, Somebody | None]:
    """The callers, each under its name in the matrix."""
    return {
        "lead": people.provider,
        "editor": people.editor,
        "partner": partner,
        "stranger": people.stranger,
        "commissioner": people.commissioner,
        "reviewer": people.reviewer,
        "other_commissioner": people.other_commissioner,
        "other_reviewer": other_reviewer,
        "scrutiny": people.scrutiny,
        "administrator": people.administrator,
        "nobody": None,
    }


@pytest.fixture
def stage(begun: Begun, world: World, app: Service) -> Stage:
    people = begun.people
    draft = ok(people.provider.post("/v1/assessments", {"service": begun.service, "rule_set": RULE_SET}), 201)["id"]
    sha256 = ok(upload(people.provider, pdf("A policy")), 201)["sha256"]
    fill(begun, sha256)
    begun.submit(people.commissioner)
    begun.start_review()
    review = begun.decide({"requirement": "14.1", "response_version": 1, "decision": "accepted"})
    pack = people.reviewer.get(f"{begun.place}/pack").headers["etag"]
    seen = {"requirement": "14.1", "response_version": 1, "until": "2026-12-31", "reason": "Seen on a visit."}
    override = people.reviewer.post(f"{begun.place}/overrides", seen, If_Match=pack)
    policy = ok(people.commissioner.post("/v1/commissioning/policies", POLICY), 201)["id"]
    asked = {"policy": policy, "assessment": begun.assessment}
    check = ok(people.commissioner.post("/v1/commissioning/checks", asked), 201)["check"]["id"]
    with world.system() as tx:
        world.token(tx, users.get(tx, UUID(people.provider.user)))
        other_reviewer = world.somebody(tx, "reviewer", UUID(people.other_commissioner.organisation))
    partner = named_partner(world, begun)
    values = {
        "assessment_id": begun.assessment,
        "draft": draft,
        "service_id": begun.service,
        "organisation_id": partner.organisation,
        "accreditation": "acc-1",
        "document": "doc-1",
        "requirement": "14.1",
        "question": "supervision_weeks",
        "review": ok(review, 201) and review.headers["location"].rpartition("/")[2],
        "override": ok(override, 201)["key"],
        "action": ok(people.provider.post(f"{begun.place}/actions", PLANNED), 201)["key"],
        "sha256": sha256,
        "provider_id": people.provider.organisation,
        "commissioner_id": people.commissioner.organisation,
        "scrutiny_body_id": people.scrutiny.organisation,
        "user_id": people.provider.user,
        "session_id": ok(people.provider.get("/v1/me/sessions"))["items"][-1]["id"],
        "rule_set": RULE_SET["id"],
        "version": RULE_SET["version"],
        "number": "14",
        "determination": issued(people, begun.service, app),
        "policy_id": policy,
        "policy_version": "1",
        "check_id": check,
        "scheme": "respect",
        "crosswalk": "respect--wales-perpetrator-services",
        "name": "assessment-pack",
    }
    routes = {f"{method} {route.path}": route for route in api_routes(app) for method in route.methods or ()}
    callers = everybody(people, partner, other_reviewer)
    return Stage(world, callers, values | asked_in(people), routes, world.clock.now)


def test_every_operation_has_a_row_and_every_row_an_operation(app: Service) -> None:
    operations = {f"{method} {route.path}" for route in api_routes(app) for method in route.methods or ()}
    assert not operations - MATRIX.keys(), HOW_TO_ADD
    assert not MATRIX.keys() - operations, "is no operation: take its row out of MATRIX in tests/api/access.py"


def test_the_page_is_what_the_matrix_says() -> None:
    found = (Path(__file__).parents[2] / "docs/access.md").read_text()
    assert found == page(), "write it anew: python -m tests.api.access > docs/access.md"


@pytest.mark.long
def test_everybody_is_answered_as_the_matrix_says(stage: Stage) -> None:
    wrong = []
    # What reads comes first: lists would have what is made meanwhile.
    for operation, cells in sorted(MATRIX.items(), key=lambda row: not row[0].startswith("GET")):
        callers = ["nobody"] if cells is PUBLIC else list(CALLERS)
        for caller in callers:
            answer = stage.call(operation, caller)
            if not _is(cells[caller], answer):
                wrong.append(f"{operation} by {caller}: {answer.status_code}, not {cells[caller]}: {answer.text[:200]}")
    assert not wrong, "\n".join(wrong)


def _is(cell: str, answer: Response) -> bool:
    if cell in STATUSES:
        return answer.status_code == STATUSES[cell]
    if cell == "part":
        return answer.status_code in (403, 409, 412)
    if cell in ("some", "empty"):
        return answer.status_code == 200 and bool(answer.json()["items"]) == (cell == "some")
    # Nobody has the password of the example: that is what POST /v1/token refuses.
    return answer.status_code in (200, 201, 400, 409, 412, 415, 422) or answer.json()["detail"].startswith(
        "E-mail address"
    )


@pytest.mark.long
def test_what_is_hidden_cannot_be_told_from_what_does_not_exist(stage: Stage) -> None:
    """The same words, after the same queries; drafts are hidden from everybody but their provider."""
    places = ("assessment_id", "service_id", "user_id", "provider_id", "scrutiny_body_id", "policy_id", "check_id")
    nothing = dict.fromkeys(places, MISSING)
    nothing |= {
        "session_id": MISSING,
        "invitation_id": MISSING,
        "client_id": MISSING,
        "sha256": "0" * 64,
        "determination": number_of("SAF", 2026, UUID(int=1)),
    }
    draft = {"assessment_id": stage.values["draft"]}
    for operation, cells in MATRIX.items():
        for caller, cell in cells.items():
            reading = caller in ("commissioner", "reviewer") and cell == "yes" and "{assessment_id}" in operation
            if cell != "hidden" and not reading:
                continue
            with stage.statements() as asked:
                there = stage.call(operation, caller, draft if reading else None)
            known = {"commissioner_id": MISSING} if operation.endswith("/v1/commissioners/{commissioner_id}") else {}
            with stage.statements() as asked_of_nothing:
                gone = stage.call(operation, caller, nothing | known)
            assert (there.status_code, gone.status_code) == (404, 404), f"{operation} by {caller}: {there.text}"
            assert _words(there) == _words(gone), f"{operation} by {caller}"
            assert asked == asked_of_nothing, f"{operation} by {caller}"


def _words(answer: Response) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "request_id"}
