"""Issued determinations: issue, list and read."""

from typing import Annotated, TypeAlias
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Query
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.call import READERS, Page, Reviewer, SignedIn, hash_of, require
from app.api.etags import IfMatchAsRead
from app.api.idempotency import OnceOnly
from app.api.negotiation import JSON, PDF
from app.api.openapi import refuses
from app.api.validators import resting_on_issued
from app.api.wire import IssuedItem, IssuedOut, PageOut, StandingOut
from app.db.repositories import determinations
from app.db.values import not_found
from app.engine.canonical import canonical_bytes
from app.engine.determination import Determination
from app.engine.issued import envelope
from app.errors import Conflict
from app.services import issued, issuing, packs
from app.services.numbering import read_number

router = APIRouter(tags=["determinations"])
ITEM = TypeAdapter(IssuedItem)
ITEMS = TypeAdapter(PageOut[IssuedItem])
PLACE = "/v1/determinations/{number}"
IssuedReader: TypeAlias = Annotated[SignedIn, require(*READERS, "scrutiny")]
FormReader: TypeAlias = Annotated[SignedIn, require(*READERS, "scrutiny", offers=(JSON, PDF))]


@router.post(
    "/v1/assessments/{assessment_id}/determinations",
    summary="Issue a determination",
    status_code=201,
    response_model=IssuedItem,
    responses=refuses(Conflict)
    | {200: {"model": IssuedItem, "description": "The last one says the same, and stands."}},
)
def issue_determination(call: Reviewer, assessment_id: UUID, expected: IfMatchAsRead, once: OnceOnly) -> Response:
    """Issue what the assessment shows today as a numbered, signed document, which is kept whole and never changes.

    `If-Match` is the ETag of the pack that was read (`GET …/pack`). The rule set has to be published and in force. A
    later determination of the same service and rule set supersedes it. Where the last one says the same to the byte,
    that one stands and is given, with 200.
    """
    with call.transaction() as tx:

        def work() -> Response:
            read = expected.existing(lambda: packs.assembled(tx, assessment_id).sha256)
            made, new = issuing.issue(tx, call.service.catalogue, call.service.press, assessment_id, expected=read)
            content = ITEM.dump_json(IssuedItem.of(made, tx.now.date()))
            headers = {"location": PLACE.format(number=made.number)}
            return call.answer(content, etag=hash_of(content), status=201 if new else 200, headers=headers)

        return once(tx, work)


@router.get("/v1/determinations", summary="List determinations", response_model=PageOut[IssuedItem])
def list_determinations(
    call: IssuedReader,
    page: Page,
    service: Annotated[UUID | None, Query(description="Only those of this service.")] = None,
    assessment: Annotated[UUID | None, Query(description="Only those of this assessment.")] = None,
) -> Response:
    """List the issued determinations that the caller may see, in the order of their issue."""
    with call.transaction() as tx:
        after = page.after(call)
        found = determinations.page(tx, after=after, limit=page.limit, service=service, assessment=assessment)
        today = tx.now.date()
    return page.answer(call, ITEMS, [IssuedItem.of(item, today) for item in found.items], found.next)


@router.get(PLACE, summary="Read a determination", response_model=IssuedOut, responses=refuses(Conflict))
async def read_issued(call: FormReader, number: str) -> Response:
    """Give an issued determination with its signature and, beside it, whether it stands and what differs today.

    As PDF it is a report to hand on. The file is kept as it was first given out, so that it can be verified for ever.
    """
    if call.media_type == PDF:
        return await to_thread.run_sync(_pdf, call, number, limiter=call.service.slow)
    return await to_thread.run_sync(_json, call, number)


@router.get(PLACE + "/determination", summary="Read a determination's bytes", response_model=Determination)
def read_issued_bytes(call: IssuedReader, number: str) -> Response:
    """Give the canonical bytes that were signed; the ETag is their SHA-256."""
    with call.transaction() as tx:
        record = determinations.get(tx, _known(number))
        content = determinations.content(tx, record.number)
    return call.answer(content, etag=record.sha256)


def _json(call: SignedIn, number: str) -> Response:
    with call.transaction() as tx:
        record = determinations.get(tx, _known(number))
        today = tx.now.date()
        etag = resting_on_issued(call, tx, record.assessment, today, record.superseded_by)
        if unchanged := call.unchanged(etag):
            return unchanged
        content = determinations.content(tx, record.number)
        standing = StandingOut(
            result=issuing.currency(record, today),
            superseded_by=record.superseded_by,
            on=today,
            drift=issued.drift(tx, call.service.catalogue, record, content),
        )
    document = envelope(record.about, determinations.document(content))
    answer = canonical_bytes(document | {issued.BESIDE: standing.model_dump(mode="json")})
    return call.answer(answer, etag=etag)


def _pdf(call: SignedIn, number: str) -> Response:
    with call.transaction() as tx:
        record = determinations.get(tx, _known(number))
        made = determinations.pdf(tx, record.number, call.language)
        content = determinations.content(tx, record.number)
    if made is None:
        lay_out = issued.pdf_maker(call.service.catalogue, call.service.press, record, content, call.language)
        drawn = lay_out()
        with call.transaction() as tx:
            made = issued.kept_pdf(tx, record.number, call.language, drawn)
    headers = {
        "content-language": call.language,
        "vary": "Accept, Accept-Language",
        "content-disposition": f'attachment; filename="{record.number}-{call.language}.pdf"',
    }
    return call.answer(made, etag=hash_of(made), headers=headers)


def _known(typed: str) -> str:
    """The number as it is written; one that is mistyped was never issued."""
    number = read_number(typed)
    if number is None:
        raise not_found()
    return number
