"""Checks of services by policies: ask, read, and ask again on another day."""

from typing import Annotated, TypeAlias
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Query
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.bodies import body
from app.api.call import Page, SignedIn, require
from app.api.idempotency import OnceOnly
from app.api.negotiation import HTML, JSON, PDF, TEXT
from app.api.openapi import refuses
from app.api.routers.policies import Commissioner
from app.api.validators import of_kept
from app.api.wire import PageOut
from app.api.wire_policies import CheckItem, CheckOut, NewCheck, Repetition
from app.db.repositories import policies as records
from app.db.repositories.policies import CheckRecord
from app.db.session import Transaction
from app.engine.canonical import canonical_bytes
from app.engine.determination import Determination
from app.engine.policy_check import Check
from app.engine.values import moment
from app.errors import Conflict, Fault, Invalid, NotFound
from app.reports.check_content import check_page
from app.reports.check_text import check_text
from app.reports.html import content_policy, page
from app.reports.pdf_check import check_pdf
from app.services import checks

router = APIRouter(tags=["commissioning"])
ITEMS = TypeAdapter(PageOut[CheckItem])
LIST = "/v1/commissioning/checks"
PLACE = LIST + "/{check_id}"
CheckReader: TypeAlias = Annotated[SignedIn, require("commissioner", offers=(JSON, PDF, HTML, TEXT))]


@router.post(
    LIST,
    summary="Check a service",
    status_code=201,
    response_model=CheckOut,
    responses=refuses(Conflict, NotFound),
)
def create_check(call: Commissioner, new: Annotated[NewCheck, body(NewCheck)], once: OnceOnly) -> Response:
    """Tell whether an assessment passes a policy, with every reason. It is kept for ever, and signed.

    For a service, its assessment counts that was submitted last and is not withdrawn.
    """
    with call.transaction() as tx:
        return once(tx, lambda: _made(call, _checked(call, tx, new)))


@router.get(LIST, summary="List checks", response_model=PageOut[CheckItem])
def list_checks(
    call: Commissioner,
    page: Page,
    policy: Annotated[UUID | None, Query(description="Only those with this policy.")] = None,
    service: Annotated[UUID | None, Query(description="Only those of this service.")] = None,
    assessment: Annotated[UUID | None, Query(description="Only those of this assessment.")] = None,
) -> Response:
    """List the checks that the caller's organisation made, oldest first."""
    with call.transaction() as tx:
        found = records.page_of_checks(
            tx,
            after=page.after(call),
            limit=page.limit,
            policy_id=policy,
            service=service,
            assessment=assessment,
        )
    return page.answer(call, ITEMS, [CheckItem.of(item) for item in found.items], found.next)


@router.get(PLACE, summary="Read a check", response_model=CheckOut)
async def read_check(call: CheckReader, check_id: UUID) -> Response:
    """Give a check as it was stored, with its signature.

    As PDF, HTML and plain text it is a page for the file on a grant, in English or Welsh.
    """
    limiter = call.service.slow if call.media_type == PDF else None
    return await to_thread.run_sync(_read, call, check_id, limiter=limiter)


@router.get(PLACE + "/document", summary="Read a check's bytes", response_model=Check)
def read_check_bytes(call: Commissioner, check_id: UUID) -> Response:
    """Give the canonical bytes of a check's document that were signed; the ETag is their SHA-256."""
    with call.transaction() as tx:
        found = records.get_check(tx, check_id)
    return call.answer(found.content, etag=found.sha256)


@router.get(PLACE + "/determination", summary="Read the determination of a check", response_model=Determination)
def read_check_determination(call: Commissioner, check_id: UUID) -> Response:
    """Give the canonical bytes of the determination that a check used; the ETag is their SHA-256."""
    with call.transaction() as tx:
        sha256 = records.get_check(tx, check_id).document["determination_sha256"]
        content = records.determination(tx, check_id)
    return call.answer(content, etag=sha256)


@router.post(
    PLACE + "/repetition",
    summary="Repeat a check",
    status_code=201,
    response_model=CheckOut,
    responses=refuses(Conflict),
)
def repeat_check(
    call: Commissioner, check_id: UUID, new: Annotated[Repetition, body(Repetition)], once: OnceOnly
) -> Response:
    """Ask a check again, by the same version of the policy, as of another day or with what was known at an instant.

    The answer is a check itself: `repeats` in it has the first one's answer, and what is otherwise.
    """
    known_at = None if new.known_at is None else moment(new.known_at)
    with call.transaction() as tx:

        def work() -> Response:
            running = call.service
            press = running.press
            made = checks.repeat(tx, running.catalogue, press, check_id, as_of=new.as_of, known_at=known_at)
            return _made(call, made)

        return once(tx, work)


def _read(call: SignedIn, check_id: UUID) -> Response:
    with call.transaction() as tx:
        found = records.get_check(tx, check_id)
        if call.media_type == JSON:
            return call.answer(canonical_bytes(CheckOut.form(found)), etag=found.sha256)
        etag = of_kept(call, found.sha256)
        if unchanged := call.unchanged(etag):
            return unchanged
        used = records.determination(tx, check_id)
    check, determination = Check.model_validate(found.document), Determination.model_validate_json(used)
    shown = check_page(check, determination, found.sha256, call.language)
    name = f"check-{check_id}-{call.language}"
    match call.media_type:
        case "application/pdf":
            headers = {"content-disposition": f'attachment; filename="{name}.pdf"'}
            return call.in_form(check_pdf(shown), etag=etag, headers=headers)
        case "text/html":
            headers = {"content-security-policy": content_policy()}
            return call.in_form(page("check.html", call.language, check=shown), etag=etag, headers=headers)
        case _:
            return call.in_form(check_text(shown).encode(), etag=etag)


def _checked(call: SignedIn, tx: Transaction, new: NewCheck) -> CheckRecord:
    policy = records.get(tx, new.policy, new.version)
    match new.assessment, new.service:
        case UUID() as assessment, None:
            about = assessment
        case None, UUID() as service:
            about = checks.assessment_of(tx, policy, service)
        case _:
            fault = Fault("", "an assessment or a service is checked, and not both", "name one of them")
            raise Invalid("The body has faults.", hint="See faults.", faults=(fault,))
    asked = checks.Question(about, new.as_of or tx.now.date(), new.contract_end)
    return checks.check(tx, call.service.catalogue, call.service.press, policy, asked)


def _made(call: SignedIn, made: CheckRecord) -> Response:
    headers = {"location": PLACE.format(check_id=made.id)}
    return call.answer(canonical_bytes(CheckOut.form(made)), etag=made.sha256, status=201, headers=headers)
