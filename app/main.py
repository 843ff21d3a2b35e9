"""The HTTP service as one application: put together here, opened and closed by its lifespan."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any
from uuid import UUID

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from uuid_utils.compat import uuid7

from app.api import errors, openapi
from app.api.cursors import Cursors
from app.api.docs_page import docs_page
from app.api.logs import logger
from app.api.middleware import Surroundings
from app.api.routing import ROUTERS
from app.api.running import Running
from app.api.throttle import Throttle
from app.db import address, migrate, roles
from app.db.session import Database
from app.errors import Unavailable
from app.loader import catalogue as loader
from app.loader.catalogue import Catalogue
from app.loader.places import load_places
from app.security.jose import KeyRing, Tokens
from app.security.keys import keys_in, secret_for
from app.security.passwords import AT_ONCE, Passwords
from app.settings import Settings

AUDIENCE = "safonau"
POOL_TIMEOUT = 3.0


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


class Service(FastAPI):
    """The application; its OpenAPI document is written by ``app.api.openapi``."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = openapi.document(self, version("safonau"))
        return self.openapi_schema


def create_app(
    settings: Settings,
    *,
    catalogue: Catalogue | None = None,
    clock: Callable[[], datetime] = utc_now,
    new_id: Callable[[], UUID] = uuid7,
) -> Service:
    """The application for these settings. Nothing is opened or read before its lifespan begins.

    Who has loaded the standards already passes them on as ``catalogue``. ``clock`` gives aware instants in UTC.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = settings.pool_size
        app.state.running = await to_thread.run_sync(_start, settings, catalogue, clock, new_id)
        try:
            yield
        finally:
            await to_thread.run_sync(app.state.running.database.close)

    # A redirect to the address without its last slash would be written from the Host header, which anyone can make up.
    app = Service(title=openapi.TITLE, lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.add_route("/docs", docs_page, include_in_schema=False)
    # On the router, not on the application: there its refusals pass through the middleware below.
    everything = APIRouter(max_body_size=settings.max_body_bytes)
    for router in ROUTERS:
        everything.include_router(router, generate_unique_id_function=_operation_id)
    app.include_router(everything)
    errors.install(app)
    app.add_middleware(Surroundings, log=logger(settings.log_level), new_id=new_id)
    return app


def _operation_id(route: APIRoute) -> str:
    """The handler's own name: what a generated client will call the operation."""
    return route.name


def _start(
    settings: Settings, catalogue: Catalogue | None, clock: Callable[[], datetime], new_id: Callable[[], UUID]
) -> Running:
    """Open everything; raises ``Unavailable`` or ``StandardsInvalid`` with what is wrong."""
    if settings.app_url is None:
        raise Unavailable(
            "No database is named.", hint="Set DATABASE_URL, or use `safonau serve`, which starts one of its own."
        )
    address.check(settings.app_url, "DATABASE_URL")
    roles.refuse_privileged(settings.app_url)
    if not migrate.is_current(settings.app_url):
        raise Unavailable(
            "The database is not at the schema that this version of the service needs.", hint="Run: safonau migrate"
        )
    ring = KeyRing(lambda: keys_in(settings.key_folder))
    return Running(
        database=Database(settings.app_url, pool_size=settings.pool_size, pool_timeout=POOL_TIMEOUT),
        catalogue=catalogue or loader.load(settings.standards_dir),
        places=load_places(),
        tokens=Tokens(
            ring,
            issuer=settings.public_url,
            audience=AUDIENCE,
            lifetime=timedelta(minutes=settings.access_token_minutes),
        ),
        passwords=Passwords(),
        cursors=Cursors(secret_for("cursor", keys_in(settings.key_folder)[0])),
        throttle=Throttle(),
        slow=CapacityLimiter(AT_ONCE),
        clock=clock,
        new_id=new_id,
    )
