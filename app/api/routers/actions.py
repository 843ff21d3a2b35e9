"""Improvement actions against gaps of an assessment."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.bodies import body
from app.api.call import Page, Provider, Reader
from app.api.etags import IfMatch
from app.api.idempotency import OnceOnly
from app.api.openapi import refuses
from app.api.routers.compliance import AsOf
from app.api.validators import OnRecord
from app.api.wire import PageOut, RecordedOut
from app.db.repositories import actions as records
from app.db.repositories.actions import ImprovementAction
from app.engine.values import Frozen
from app.errors import Conflict
from app.services import actions
from app.services.actions import ActionStanding

router = APIRouter(tags=["compliance"])
STANDING = TypeAdapter(ActionStanding)
RECORDED = TypeAdapter(RecordedOut[ImprovementAction])


class ActionOut(Frozen):
    """An action of a list, and what the day says of it."""

    action: RecordedOut[ImprovementAction]
    standing: ActionStanding


class VersionsOut(Frozen):
    """Every version of an action that the caller may see, the oldest first."""

    items: tuple[RecordedOut[ImprovementAction], ...]


PLACE = "/v1/assessments/{assessment_id}/actions"


VERSIONS = TypeAdapter(VersionsOut)
ACTIONS = TypeAdapter(PageOut[ActionOut])


@router.get(PLACE, summary="List improvement actions", response_model=PageOut[ActionOut], responses=refuses(Conflict))
def list_actions(call: Reader, assessment_id: UUID, page: Page, as_of: AsOf = None) -> Response:
    """List the actions, each with whether it is overdue on a day, and whether its gap is closed as judged on it."""
    with call.transaction() as tx:
        found = records.page(tx, assessment_id, after=page.after(call), limit=page.limit)
        day = as_of or tx.now.date()
        values = [item.value for item in found.items]
        standings = actions.standings(tx, call.service.catalogue, assessment_id, values, as_of=day)
    shown = [
        ActionOut(action=RecordedOut[ImprovementAction].of(item), standing=standing)
        for item, standing in zip(found.items, standings, strict=True)
    ]
    return page.answer(call, ACTIONS, shown, found.next)


@router.post(
    PLACE,
    summary="Record an improvement action",
    status_code=201,
    response_model=RecordedOut[ImprovementAction],
    responses=refuses(Conflict),
)
def add_action(
    call: Provider, assessment_id: UUID, new: Annotated[ImprovementAction, body(ImprovementAction)], once: OnceOnly
) -> Response:
    """Record what the provider will do about a gap, who owns it, and by when it is done.

    The owner is a role such as a job title, or a user of the provider; no name, number or address of anybody.
    """
    with call.transaction() as tx:

        def work() -> Response:
            made = actions.add(tx, call.service.catalogue, assessment_id, new)
            place = f"/v1/assessments/{assessment_id}/actions/{made.key}"
            return call.created(RECORDED, RecordedOut[ImprovementAction].of(made), place, etag=made.etag)

        return once(tx, work)


@router.get(PLACE + "/{action}", summary="Read an improvement action", response_model=RecordedOut[ImprovementAction])
def read_action(call: Reader, assessment_id: UUID, action: str) -> Response:
    """Give one action as it stands, with who recorded it and when."""
    with call.transaction() as tx:
        found = records.get(tx, assessment_id, action)
    return call.answer_json(RECORDED, RecordedOut[ImprovementAction].of(found), etag=found.etag)


@router.get(
    PLACE + "/{action}/standing",
    summary="Read what became of a gap",
    response_model=ActionStanding,
    responses=refuses(Conflict),
)
def read_standing(call: Reader, assessment_id: UUID, action: str, as_of: AsOf = None) -> Response:
    """Give whether the action is overdue, whether its gap is closed, and by what since the action was recorded.

    What closed it is a response, document, answer, accreditation or review that the requirement rests on now and did
    not then, both as judged on `as_of`.
    """
    with call.transaction() as tx:
        day = as_of or tx.now.date()
        etag = OnRecord.of(call, tx, assessment_id).etag(day)
        if unchanged := call.unchanged(etag):
            return unchanged
        found = actions.standing(tx, call.service.catalogue, assessment_id, action, as_of=day)
    return call.answer_json(STANDING, found, etag=etag)


@router.put(
    PLACE + "/{action}",
    summary="Change an improvement action",
    response_model=RecordedOut[ImprovementAction],
    responses=refuses(Conflict),
)
def change_action(
    call: Provider,
    assessment_id: UUID,
    action: str,
    expected: IfMatch,
    new: Annotated[ImprovementAction, body(ImprovementAction)],
) -> Response:
    """Change an action, or drop it with a reason; every version is kept, and none is ever taken away."""
    with call.transaction() as tx:
        etag = expected.existing(lambda: records.get(tx, assessment_id, action).etag)
        kept = actions.change(tx, call.service.catalogue, assessment_id, action, new, expected=etag)
    return call.answer_json(RECORDED, RecordedOut[ImprovementAction].of(kept), etag=kept.etag)


@router.get(
    PLACE + "/{action}/versions",
    summary="List versions of an improvement action",
    response_model=VersionsOut,
)
def list_versions(call: Reader, assessment_id: UUID, action: str) -> Response:
    """List every version that the caller may see, the oldest first, with who recorded it and when."""
    with call.transaction() as tx:
        found = records.versions(tx, assessment_id, action)
    items = [RecordedOut[ImprovementAction].of(item) for item in found]
    return call.answer_json(VERSIONS, VersionsOut(items=tuple(items)))
