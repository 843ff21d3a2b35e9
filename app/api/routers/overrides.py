"""What waits for reviewers, and the overrides that one proposes and another confirms."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import Response as Reply

from app.api.bodies import body
from app.api.call import Page, Reader, Reviewer
from app.api.etags import IfMatchAsRead
from app.api.idempotency import OnceOnly
from app.api.openapi import refuses
from app.api.wire import PageOut, RecordedOut
from app.api.wire_assessments import NewOverride, WaitingOut
from app.db.repositories import overrides as records
from app.db.repositories import review_queue
from app.db.repositories.overrides import ProposedOverride
from app.engine.pack import Review
from app.errors import Conflict
from app.services import overrides, packs

router = APIRouter(tags=["reviews"])
OVERRIDE = TypeAdapter(RecordedOut[ProposedOverride])
OVERRIDES = TypeAdapter(PageOut[RecordedOut[ProposedOverride]])
REVIEW = TypeAdapter(Review)
QUEUE = TypeAdapter(PageOut[WaitingOut])
PLACE = "/v1/assessments/{assessment_id}/overrides"


@router.get("/v1/review-queue", summary="List what waits for review", response_model=PageOut[WaitingOut])
def list_review_queue(call: Reviewer, page: Page) -> Reply:
    """List the assessments shared with the caller that are submitted or in review, the longest wait first."""
    with call.transaction() as tx:
        found = review_queue.page(tx, after=page.after(call), limit=page.limit)
    return page.answer(call, QUEUE, [WaitingOut.of(item, call.actor) for item in found.items], found.next)


@router.get(PLACE, summary="List overrides", response_model=PageOut[RecordedOut[ProposedOverride]])
def list_overrides(call: Reader, assessment_id: UUID, page: Page) -> Reply:
    """List the overrides that were proposed, oldest first, with the review that each became when it was confirmed."""
    with call.transaction() as tx:
        found = records.page(tx, assessment_id, after=page.after(call), limit=page.limit)
    shown = [RecordedOut[ProposedOverride].of(item) for item in found.items]
    return page.answer(call, OVERRIDES, shown, found.next)


@router.post(
    PLACE,
    summary="Propose an override",
    status_code=201,
    response_model=RecordedOut[ProposedOverride],
    responses=refuses(Conflict),
)
def propose_override(
    call: Reviewer,
    assessment_id: UUID,
    expected: IfMatchAsRead,
    new: Annotated[NewOverride, body(NewOverride)],
    once: OnceOnly,
) -> Reply:
    """Say that the caller saw for themselves that a requirement is met. It counts once another reviewer confirms it.

    `If-Match` is the ETag of the assessment's pack as it was read.
    """
    proposal = overrides.Proposal(**dict(new))
    with call.transaction() as tx:

        def work() -> Reply:
            read = expected.existing(lambda: packs.assembled(tx, assessment_id).sha256)
            made = overrides.propose(tx, call.service.catalogue, assessment_id, proposal, expected=read)
            place = f"/v1/assessments/{assessment_id}/overrides/{made.key}"
            return call.created(OVERRIDE, RecordedOut[ProposedOverride].of(made), place, etag=made.etag)

        return once(tx, work)


@router.get(PLACE + "/{override}", summary="Read an override", response_model=RecordedOut[ProposedOverride])
def read_override(call: Reader, assessment_id: UUID, override: str) -> Reply:
    """Give one override, and the review that it became when it was confirmed."""
    with call.transaction() as tx:
        found = records.get(tx, assessment_id, override)
    return call.answer_json(OVERRIDE, RecordedOut[ProposedOverride].of(found), etag=found.etag)


@router.post(
    PLACE + "/{override}/confirmation",
    summary="Confirm an override",
    status_code=201,
    response_model=Review,
    responses=refuses(Conflict),
)
def confirm_override(
    call: Reviewer, assessment_id: UUID, override: str, expected: IfMatchAsRead, once: OnceOnly
) -> Reply:
    """Confirm what another reviewer proposed. It becomes a review, and counts from now until its last day.

    `If-Match` is the ETag of the assessment's pack as it was read.
    """
    with call.transaction() as tx:

        def work() -> Reply:
            read = expected.existing(lambda: packs.assembled(tx, assessment_id).sha256)
            made = overrides.confirm(tx, call.service.catalogue, assessment_id, override, expected=read)
            place = f"/v1/assessments/{assessment_id}/reviews/{made.key}"
            return call.created(REVIEW, made.value, place, etag=made.etag)

        return once(tx, work)
