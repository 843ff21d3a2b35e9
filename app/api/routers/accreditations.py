"""Accreditations of a service."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.bodies import body
from app.api.call import Page, Provider, Reader, Reviewer, same_id
from app.api.etags import IfMatch, IfMatchOrNew
from app.api.openapi import refuses
from app.api.wire import PageOut, RecordedOut, Redeclaration, Verification
from app.db.repositories import accreditations as accreditation_records
from app.engine.pack import Accreditation
from app.errors import Conflict
from app.services import accreditations

router = APIRouter()
ACCREDITATION = TypeAdapter(Accreditation)
ACCREDITATIONS = TypeAdapter(PageOut[RecordedOut[Accreditation]])
ACCREDITATION_PATH = "/v1/services/{service_id}/accreditations/{accreditation}"


@router.get(
    "/v1/services/{service_id}/accreditations",
    summary="List accreditations",
    response_model=PageOut[RecordedOut[Accreditation]],
    tags=["accreditations"],
)
def list_accreditations(call: Reader, service_id: UUID, page: Page) -> Response:
    """List the certificates on record for a service, each with its verification while that holds."""
    with call.transaction() as tx:
        found = accreditation_records.page(tx, service_id, after=page.after(call), limit=page.limit)
    return page.answer(call, ACCREDITATIONS, [RecordedOut[Accreditation].of(item) for item in found.items], found.next)


@router.get(ACCREDITATION_PATH, summary="Read an accreditation", response_model=Accreditation, tags=["accreditations"])
def read_accreditation(call: Reader, service_id: UUID, accreditation: str) -> Response:
    """Give one certificate as it stands."""
    with call.transaction() as tx:
        found = accreditation_records.get(tx, service_id, accreditation)
    return call.answer_json(ACCREDITATION, found.value, etag=found.etag)


@router.put(
    ACCREDITATION_PATH,
    summary="Record an accreditation",
    response_model=Accreditation,
    responses=refuses(Conflict),
    tags=["accreditations"],
)
def put_accreditation(
    call: Provider,
    service_id: UUID,
    accreditation: str,
    expected: IfMatchOrNew,
    new: Annotated[Accreditation, body(Accreditation)],
) -> Response:
    """Record a certificate or change it.

    Nothing verified is taken from a provider: `verified_on`, `verified_by` and `register` may stand in the body, as
    they were read, and are passed over. A verification on record holds only while nothing but `unchanged_declared_on`
    changes, which is never a day still to come. Status changes and conditions on record cannot be taken out.
    """
    same_id(new.id, accreditation)
    with call.transaction() as tx:
        version = expected.etag(lambda: accreditation_records.get(tx, service_id, accreditation).etag)
        kept = accreditations.put_accreditation(tx, call.service.catalogue, service_id, new, expected=version)
    return call.put(ACCREDITATION, kept.value, etag=kept.etag, created=version is None)


@router.post(
    ACCREDITATION_PATH + "/redeclaration",
    summary="Declare an accreditation unchanged",
    response_model=Accreditation,
    tags=["accreditations"],
)
def redeclare_accreditation(
    call: Provider,
    service_id: UUID,
    accreditation: str,
    expected: IfMatch,
    new: Annotated[Redeclaration, body(Redeclaration)],
) -> Response:
    """Declare that the service still works as certified, and that nothing significant has changed: due every year.

    Without it the certificate stops counting (`redeclare_months` of the crosswalk). A verification goes on holding.
    """
    with call.transaction() as tx:
        kept = accreditations.redeclare(
            tx,
            call.service.catalogue,
            service_id,
            accreditation,
            declared_on=new.unchanged_declared_on,
            expected=expected.existing(lambda: accreditation_records.get(tx, service_id, accreditation).etag),
        )
    return call.answer_json(ACCREDITATION, kept.value, etag=kept.etag)


@router.post(
    ACCREDITATION_PATH + "/verification",
    summary="Verify an accreditation",
    response_model=Accreditation,
    tags=["accreditations"],
)
def verify_accreditation(
    call: Reviewer,
    service_id: UUID,
    accreditation: str,
    expected: IfMatch,
    seen: Annotated[Verification, body(Verification)],
) -> Response:
    """Record that the caller saw the certificate in the awarding body's register, in the version of `If-Match`."""
    with call.transaction() as tx:
        kept = accreditations.verify(
            tx,
            call.service.catalogue,
            service_id,
            accreditation,
            verified_on=seen.verified_on,
            register=seen.register_seen,
            expected=expected.existing(lambda: accreditation_records.get(tx, service_id, accreditation).etag),
        )
    return call.answer_json(ACCREDITATION, kept.value, etag=kept.etag)
