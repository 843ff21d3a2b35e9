"""The sector as a whole, for commissioners and scrutiny bodies; nothing in it is of a single service."""

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Query
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.call import SignedIn, require
from app.api.errors import request_id_of
from app.api.negotiation import CSV, JSON
from app.api.openapi import refuses
from app.api.portfolio_filters import AskedRung
from app.api.tables import table
from app.api.wire_sector import CSV_HEADER, Order, SectorView, Sight
from app.db.repositories import organisations
from app.engine.values import Id, Version
from app.errors import Fault, Invalid, NotFound, Unavailable
from app.services.portfolio import Projector
from app.services.sector import MOST_QUARTERS, Reader, Sector, ended

router = APIRouter(tags=["commissioning"])
SECTOR = TypeAdapter(SectorView)
SectorReader: TypeAlias = Annotated[SignedIn, require("commissioner", "reviewer", "scrutiny", offers=(JSON, CSV))]


@router.get(
    "/v1/commissioning/sector",
    summary="Read the sector view",
    response_model=SectorView,
    responses=refuses(NotFound, Unavailable),
)
def read_sector(  # noqa: PLR0913  # each a parameter of the address
    call: SectorReader,
    rule_set: Annotated[Id, Query(description="The rule set.")],
    version: Annotated[Version, Query(description="Its version; figures of several are never added up.")],
    quarters: Annotated[int, Query(ge=1, le=MOST_QUARTERS, description="How many, from the latest that ended.")] = 4,
    *,
    rung: AskedRung = "verified",
    region: Annotated[Id | None, Query(description="Only this region, beside all of Wales.")] = None,
    order: Annotated[
        Order, Query(description="By the share that is satisfied, or by how many services are lacking it.")
    ] = "share",
) -> Response:
    """Give for each standard and requirement what share of services satisfied it, by region and quarter, weakest first.

    Counted are all services whose assessment was submitted and shared with any commissioner, on the last day of each
    quarter that has ended, as it was known then. Figures that hang on fewer than five services are withheld, and so is
    whatever they could be worked out from; services that the caller sees by themselves hide nobody else. As `text/csv`
    there is a line for each figure.
    """
    service = call.service
    known = service.catalogue.rule_set(rule_set, version)
    places = [each.id for each in service.places.regions]
    if region is not None and region not in places:
        fault = Fault("?region", f"there is no region {region}", "GET /v1/regions lists them")
        raise Invalid("The request's parameters have faults.", hint="See faults.", faults=(fault,))
    request_id = request_id_of(call.request.scope)
    projector = Projector(service.database, service.catalogue, service.clock, service.new_id, request_id)
    days = ended(service.clock().date(), quarters)
    found = Sector(projector, rule_set).read(known, days, places, _reader(call))
    sight = Sight(known, found, rung, region, order, service.press.demonstration)
    if call.media_type == JSON:
        return call.answer_json(SECTOR, sight.view())
    return table("sector.csv", CSV_HEADER, sight.csv_rows(call.language), call.language)


def _reader(call: SignedIn) -> Reader:
    """Whose services the caller sees by themselves: scrutiny bodies see none."""
    with call.transaction() as tx:
        own = organisations.find(tx, tx.actor.organisation)
    if own is None or own.kind != "commissioner":
        return Reader()
    return Reader(own.id, frozenset(own.regions))
