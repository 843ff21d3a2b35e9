"""Services of providers: where, for whom, with which programmes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.bodies import body
from app.api.call import Page, Provider, Reader, SignedIn
from app.api.etags import IfMatch
from app.api.idempotency import OnceOnly
from app.api.openapi import refuses
from app.api.wire import PageOut, ProgrammeType, ServiceContent, ServiceOut
from app.db.repositories import services
from app.db.values import Area
from app.engine.values import Id
from app.errors import Conflict
from app.services import offers

router = APIRouter(tags=["services"])
SERVICE = TypeAdapter(ServiceOut)
SERVICES = TypeAdapter(PageOut[ServiceOut])


@router.post("/v1/services", summary="Enter a service", status_code=201, response_model=ServiceOut)
def create_service(call: Provider, new: Annotated[ServiceContent, body(ServiceContent)], once: OnceOnly) -> Response:
    """Enter a service of the caller's own organisation, with its profile and programmes, and where it works."""
    area = _area(call, new)
    with call.transaction() as tx:

        def work() -> Response:
            made = offers.create_service(
                tx,
                call.service.catalogue,
                name=new.name,
                profile=new.profile,
                programmes=new.programmes,
                area=area,
            )
            return call.created(SERVICE, ServiceOut.of(made), f"/v1/services/{made.id}", etag=made.etag)

        return once(tx, work)


@router.get("/v1/services", summary="List services", response_model=PageOut[ServiceOut])
def list_services(
    call: Reader,
    page: Page,
    region: Annotated[Id | None, Query(description="Only those that work in this region.")] = None,
    local_authority: Annotated[Id | None, Query(description="Only those that name this local authority.")] = None,
    programme_type: Annotated[ProgrammeType | None, Query(description="Only those of this kind.")] = None,
) -> Response:
    """List the services that the caller may see: who offers what where.

    A provider sees its own, a commissioner those that work in its regions with an assessment shared with it. A service
    that names a region says nothing of each local authority in it.
    """
    within = Area(_named(region), _named(local_authority), _named(programme_type))
    with call.transaction() as tx:
        found = services.page(tx, after=page.after(call), limit=page.limit, within=within)
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
    """Replace name, profile, programmes, and where it works; what was recorded before is kept."""
    area = _area(call, new)
    with call.transaction() as tx:
        changed = offers.change_service(
            tx,
            call.service.catalogue,
            service_id,
            name=new.name,
            profile=new.profile,
            programmes=new.programmes,
            area=area,
            expected=expected.existing(lambda: services.get(tx, service_id).etag),
        )
    return call.answer_json(SERVICE, ServiceOut.of(changed), etag=changed.etag)


def _area(call: SignedIn, new: ServiceContent) -> Area:
    return offers.area_of(call.service.places, new.regions, new.local_authorities, new.programme_types)


def _named(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)
