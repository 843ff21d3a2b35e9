"""Regions, local authorities, health boards and police forces of Wales: open to anyone."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.call import Anyone, Call
from app.api.wire import PlaceList
from app.loader.places import LocalAuthority, Named

router = APIRouter(tags=["places"])
NAMED = TypeAdapter(PlaceList[Named])
AUTHORITIES = TypeAdapter(PlaceList[LocalAuthority])


def _named(call: Call, items: tuple[Named, ...]) -> Response:
    cited = {item.source for item in items}
    sources = tuple(source for source in call.service.places.sources if source.id in cited)
    return call.answer_public(NAMED, PlaceList[Named](items=items, sources=sources))


@router.get("/v1/regions", summary="List regions", response_model=PlaceList[Named])
def list_regions(call: Anyone) -> Response:
    """List the regions of Wales that commissioners commission for, in English and Welsh, each with its source."""
    return _named(call, call.service.places.regions)


@router.get("/v1/health-boards", summary="List health boards", response_model=PlaceList[Named])
def list_health_boards(call: Anyone) -> Response:
    """List the local health boards of Wales, in English and Welsh, each with its source."""
    return _named(call, call.service.places.health_boards)


@router.get("/v1/police-forces", summary="List police forces", response_model=PlaceList[Named])
def list_police_forces(call: Anyone) -> Response:
    """List the police forces of Wales, in English and Welsh, each with its source."""
    return _named(call, call.service.places.police_forces)


@router.get("/v1/local-authorities", summary="List local authorities", response_model=PlaceList[LocalAuthority])
def list_local_authorities(call: Anyone) -> Response:
    """List the local authorities of Wales, in English and Welsh, with the region, board and force of each.

    These are three statements, each with its source: none follows from another.
    """
    items = call.service.places.local_authorities
    cited = {statement.source for item in items for statement in (item.region, item.health_board, item.police_force)}
    sources = tuple(source for source in call.service.places.sources if source.id in cited)
    return call.answer_public(AUTHORITIES, PlaceList[LocalAuthority](items=items, sources=sources))
