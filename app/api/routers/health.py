"""Whether the service is alive, and whether it can do its work."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.call import Anyone
from app.api.openapi import refuses
from app.api.wire import Health
from app.errors import Unavailable

router = APIRouter(tags=["service"])
HEALTH = TypeAdapter(Health)


@router.get("/health/live", summary="Alive?", response_model=Health)
async def live(call: Anyone) -> Response:
    """Answer while the process runs; asks nothing of anything else."""
    return Response(HEALTH.dump_json(Health()), media_type=call.media_type)


@router.get("/health/ready", summary="Ready?", response_model=Health, responses=refuses(Unavailable))
def ready(call: Anyone) -> Response:
    """Answer when the database can be reached; standards and schema were checked before the service began."""
    call.service.database.ping()
    return Response(HEALTH.dump_json(Health()), media_type=call.media_type)
