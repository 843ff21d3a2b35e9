"""Assessments: begun for a service and a rule set version, listed, and their packs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.bodies import body, raw_body
from app.api.call import Page, Provider, Reader
from app.api.errors import MOST_FAULTS
from app.api.etags import IfMatch, IfMatchAsRead
from app.api.idempotency import OnceOnly
from app.api.openapi import refuses
from app.api.routers.compliance import KnownAt
from app.api.validators import OnRecord
from app.api.wire import NewAssessment, PageOut
from app.api.wire_assessments import AssessmentOut, CarryForward
from app.db.repositories import assessments as assessment_records
from app.engine.pack import Pack
from app.engine.values import moment
from app.errors import Conflict, NotFound, PackInvalid
from app.loader.jsonfile import Located
from app.services import assessments, carrying, packs

router = APIRouter()
ASSESSMENT = TypeAdapter(AssessmentOut)
ASSESSMENTS = TypeAdapter(PageOut[AssessmentOut])


@router.post(
    "/v1/assessments",
    summary="Begin an assessment",
    status_code=201,
    response_model=AssessmentOut,
    responses=refuses(NotFound, Conflict),
    tags=["assessments"],
)
def create_assessment(call: Provider, new: Annotated[NewAssessment, body(NewAssessment)], once: OnceOnly) -> Response:
    """Begin an assessment of one of the caller's services against one exact rule set version."""
    with call.transaction() as tx:

        def work() -> Response:
            made = assessments.create_assessment(tx, call.service.catalogue, new.service, new.rule_set)
            shown = AssessmentOut.of(made, call.actor)
            return call.created(ASSESSMENT, shown, f"/v1/assessments/{made.id}", etag=made.etag)

        return once(tx, work)


@router.get("/v1/assessments", summary="List assessments", response_model=PageOut[AssessmentOut], tags=["assessments"])
def list_assessments(
    call: Reader, page: Page, service: Annotated[UUID | None, Query(description="Only those of this service.")] = None
) -> Response:
    """List the assessments that the caller may see: their own, or those shared with them."""
    with call.transaction() as tx:
        found = assessment_records.page(tx, after=page.after(call), limit=page.limit, service=service)
    return page.answer(call, ASSESSMENTS, [AssessmentOut.of(item, call.actor) for item in found.items], found.next)


@router.get(
    "/v1/assessments/{assessment_id}",
    summary="Read an assessment",
    response_model=AssessmentOut,
    tags=["assessments"],
)
def read_assessment(call: Reader, assessment_id: UUID) -> Response:
    """Give an assessment's state, with whom it is shared, and what the caller may do next."""
    with call.transaction() as tx:
        found = AssessmentOut.of(assessment_records.get(tx, assessment_id), call.actor)
    return call.answer_json(ASSESSMENT, found, etag=found.etag)


@router.post(
    "/v1/assessments/{assessment_id}/carry-forward",
    summary="Carry an assessment forward",
    status_code=201,
    response_model=AssessmentOut,
    responses=refuses(Conflict),
    tags=["assessments"],
)
def carry_forward(
    call: Provider,
    assessment_id: UUID,
    expected: IfMatchAsRead,
    new: Annotated[CarryForward, body(CarryForward)],
    once: OnceOnly,
) -> Response:
    """Begin a draft under a later version of the rule set, with the responses, answers and reviews that go with it.

    The assessment stays as it is. `If-Match` is the ETag of its pack as it was read; `GET …/impact` says beforehand
    what the move does.
    """
    with call.transaction() as tx:

        def work() -> Response:
            read = expected.existing(lambda: packs.assembled(tx, assessment_id).sha256)
            made = carrying.carry(tx, call.service.catalogue, assessment_id, new.rule_set_version, expected=read)
            shown = AssessmentOut.of(made, call.actor)
            return call.created(ASSESSMENT, shown, f"/v1/assessments/{made.id}", etag=made.etag)

        return once(tx, work)


@router.get("/v1/assessments/{assessment_id}/pack", summary="Export a pack", response_model=Pack, tags=["packs"])
def export_pack(call: Reader, assessment_id: UUID, known_at: KnownAt = None) -> Response:
    """Give all that counts for the assessment as one pack, in its normal form: the same facts give the same bytes.

    With `known_at` it is as it was known then: every version of what was said, and every pack that a determination was
    worked out from, stays to be read.
    """
    hashes = call.service.pack_hashes
    with call.transaction() as tx:
        on_record = OnRecord.of(call, tx, assessment_id, moment(known_at) if known_at else None)
        name = on_record.etag(tx.now.date())
        known = hashes.get(name)
        if known is not None and (unchanged := call.unchanged(known)):
            return unchanged
        pack = on_record.pack()
    hashes.keep(name, pack.sha256)
    return call.answer(packs.exported(pack), etag=pack.sha256)


@router.put(
    "/v1/assessments/{assessment_id}/pack",
    summary="Import a pack",
    response_model=Pack,
    responses=refuses(PackInvalid, Conflict),
    tags=["packs"],
)
def import_pack(
    call: Provider,
    assessment_id: UUID,
    expected: IfMatch,
    sent: Annotated[tuple[object, list[Located]], raw_body(Pack)],
) -> Response:
    """Merge a pack into the record, all of it or nothing.

    Verifications, reviews, the service's profile and programmes, and response versions are those of the record
    whatever the pack says of them. Nothing on record is taken out.
    """
    pack = call.service.catalogue.pack_of(*sent, most=MOST_FAULTS)
    with call.transaction() as tx:
        version = expected.existing(lambda: packs.assembled(tx, assessment_id).sha256)
        kept = packs.import_pack(tx, call.service.catalogue, assessment_id, pack, expected=version)
    return call.answer(packs.exported(kept), etag=kept.sha256)
