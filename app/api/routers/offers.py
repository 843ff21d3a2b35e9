"""Services of providers: where, for whom, with which programmes."""

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
from app.api.wire import PageOut, ServiceContent, ServiceOut
from app.db.repositories import services
from app.errors import Conflict
from app.services import offers

router = APIRouter(tags=["services"])
SERVICE = TypeAdapter(ServiceOut)
SERVICES = TypeAdapter(PageOut[ServiceOut])


@router.post("/v1/services", summary="Enter a service", status_code=201, response_model=ServiceOut)
def create_service(call: Provider, new: Annotated[ServiceContent, body(ServiceContent)], once: OnceOnly) -> Response:
    """Enter a service of the caller's own organisation, with its profile and programmes."""
    with call.transaction() as tx:

        def work() -> Response:
            made = offers.create_service(
                tx, call.service.catalogue, name=new.name, profile=new.profile, programmes=new.programmes
            )
            return call.created(SERVICE, ServiceOut.of(made), f"/v1/services/{made.id}", etag=made.etag)

        return once(tx, work)


@router.get("/v1/services", summary="List services", response_model=PageOut[ServiceOut])
def list_services(call: Reader, page: Page) -> Response:
    """List the services that the caller may see: their own, or those with an assessment shared with them."""
    with call.transaction() as tx:
        found = services.page(tx, after=page.after(call), limit=page.limit)
    return page.answer(call, SERVICES, list(map(ServiceOut.of, found.items)), found.next)


@router.get("/v1/services/{service_id}", summary="Read a service", response_model=ServiceOut)
def read_service(call: Reader, service_id: UUID) -> Response:
    """Give one service as it stands."""
    with call.transaction() as tx:
        found = services.get(tx, service_id)
    return call.answer_json(SERVICE, ServiceOut.of(found), etag=found.etag)


@router.put(
    "/v1/services/{service_id}", summary="Change a service", response_model=ServiceOut, responses=refuses(Conflict)
)
def change_service(
    call: Provider, service_id: UUID, expected: IfMatch, new: Annotated[ServiceContent, body(ServiceContent)]
) -> Response:
    """Replace name, profile and programmes; what was recorded before is kept."""
    with call.transaction() as tx:
        changed = offers.change_service(
            tx,
            call.service.catalogue,
            service_id,
            name=new.name,
            profile=new.profile,
            programmes=new.programmes,
            expected=expected.existing(lambda: services.get(tx, service_id).etag),
        )
    return call.answer_json(SERVICE, ServiceOut.of(changed), etag=changed.etag)
