"""Partners in services that several organisations offer together, and who answers for what."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.bodies import body
from app.api.call import Page, ProviderLead, Reader
from app.api.etags import IfMatch, IfMatchOrNew
from app.api.openapi import refuses
from app.api.wire import PageOut, ServiceOut
from app.api.wire_assessments import PartnerContent, PartnerOut
from app.db.repositories import partners as records
from app.db.repositories import services
from app.errors import Conflict
from app.services import partners

router = APIRouter(tags=["services"])
PARTNER = TypeAdapter(PartnerOut)
PARTNERS = TypeAdapter(PageOut[PartnerOut])
SERVICE = TypeAdapter(ServiceOut)
PLACE = "/v1/services/{service_id}/partners"


@router.get(PLACE, summary="List partners", response_model=PageOut[PartnerOut])
def list_partners(call: Reader, service_id: UUID, page: Page) -> Response:
    """List the organisations that take part in a service beside its provider, and what each answers for."""
    with call.transaction() as tx:
        found = records.page(tx, service_id, after=page.after(call), limit=page.limit)
    return page.answer(call, PARTNERS, list(map(PartnerOut.of, found.items)), found.next)


@router.get(PLACE + "/{organisation_id}", summary="Read a partner", response_model=PartnerOut)
def read_partner(call: Reader, service_id: UUID, organisation_id: UUID) -> Response:
    """Give one partner, and what it answers for."""
    with call.transaction() as tx:
        found = records.get(tx, service_id, organisation_id)
    return call.answer_json(PARTNER, PartnerOut.of(found), etag=found.etag)


@router.put(
    PLACE + "/{organisation_id}", summary="Name a partner", response_model=PartnerOut, responses=refuses(Conflict)
)
def put_partner(
    call: ProviderLead,
    service_id: UUID,
    organisation_id: UUID,
    expected: IfMatchOrNew,
    new: Annotated[PartnerContent, body(PartnerContent)],
) -> Response:
    """Name an organisation that takes part in the service, and all that it answers for from now on.

    Its editors and leads see the service and its assessments under the versions named. There they write the responses
    that it answers for, and the answers that these use; its reviewers judge nothing of the service.
    """
    with call.transaction() as tx:
        version = expected.etag(lambda: records.get(tx, service_id, organisation_id).etag)
        named = partners.name(
            tx, call.service.catalogue, service_id, organisation_id, new.answers_for, expected=version
        )
    return call.put(PARTNER, PartnerOut.of(named), etag=named.etag, created=version is None)


@router.delete(PLACE + "/{organisation_id}", summary="End a partnership", response_model=ServiceOut)
def end_partner(call: ProviderLead, service_id: UUID, organisation_id: UUID, expected: IfMatch) -> Response:
    """Let an organisation be a partner no more: its people see the service no longer. What they wrote stays."""
    with call.transaction() as tx:
        version = expected.existing(lambda: records.get(tx, service_id, organisation_id).etag)
        partners.end(tx, service_id, organisation_id, expected=version)
        found = services.get(tx, service_id)
    return call.answer_json(SERVICE, ServiceOut.of(found), etag=found.etag)
