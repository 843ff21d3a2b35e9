"""The HTTP service as one application: put together here, opened and closed by its lifespan."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any
from uuid import UUID

import structlog
from anyio import CapacityLimiter, create_task_group, sleep, to_thread
from fastapi import FastAPI
from fastapi.routing import APIRoute
from uuid_utils.compat import uuid7

from app.api import errors, openapi
from app.api.cursors import Cursors
from app.api.docs_page import docs_page
from app.api.files import FORM_BYTES
from app.api.logs import logger
from app.api.middleware import Surroundings
from app.api.remembered import Remembered
from app.api.routing import ROUTERS, TAKING_FILES
from app.api.running import Running
from app.api.throttle import Throttle
from app.api.welcome_page import welcome_page
from app.clients.antivirus import ClamAV
from app.clients.identity import PublishedKeys
from app.clients.objects import ObjectStore
from app.db import address, migrate, roles
from app.db.session import SYSTEM, Database, transaction
from app.errors import Unavailable
from app.loader import catalogue as loader
from app.loader.catalogue import Catalogue
from app.loader.places import load_places
from app.security.jose import IdentityTokens, KeyRing, Seals, Tokens
from app.security.keys import keys_in, keys_on_disk, retired_in, secret_for
from app.security.passwords import AT_ONCE, Passwords
from app.security.vault import Vault
from app.services import second_factors
from app.services.issuing import Press
from app.services.keeping import Keeper
from app.settings import Settings

AUDIENCE = "safonau"
# A large pack that was judged takes some 1.6 MB; its hash next to nothing.
MOST_PACKS = 64
MOST_PACK_HASHES = 4096
POOL_TIMEOUT = 3.0
# A service that was started again and again would otherwise never come to its first check.
FIRST_CHECK_SECONDS = 300.0


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
    demonstration: bool = False,
) -> Service:
    """The application for these settings. Nothing is opened or read before its lifespan begins.

    Who has loaded the standards already passes them on as ``catalogue``. ``clock`` gives aware instants in UTC.
    In a ``demonstration`` drafts of rule sets may be issued under, as nothing that is issued counts.
    """
    log = logger(settings.log_level)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = settings.pool_size
        app.state.running = await to_thread.run_sync(_start, settings, catalogue, clock, new_id, demonstration)
        try:
            await to_thread.run_sync(_encrypt_anew, app.state.running)
            async with create_task_group() as beside:
                if settings.integrity_hours:
                    beside.start_soon(keep_checking, app.state.running, settings.integrity_hours, log)
                yield
                beside.cancel_scope.cancel()
        finally:
            await to_thread.run_sync(app.state.running.database.close)

    # A redirect to the address without its last slash would be written from the Host header, which anyone can make up.
    app = Service(title=openapi.TITLE, lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.add_route("/", welcome_page, include_in_schema=False)
    app.add_route("/docs", docs_page, include_in_schema=False)
    # Limits of routers, not of the application: so their refusals pass through the middleware below.
    limits = ((ROUTERS, settings.max_body_bytes), (TAKING_FILES, settings.max_upload_bytes + FORM_BYTES))
    for routers, most in limits:
        for router in routers:
            app.include_router(router, max_body_size=most, generate_unique_id_function=_operation_id)
    errors.install(app)
    app.add_middleware(Surroundings, log=log, new_id=new_id, demonstration=demonstration)
    return app


async def keep_checking(running: Running, hours: int, log: structlog.stdlib.BoundLogger) -> None:
    """Look at all files of documents soon and then every so many hours, and log what is damaged, until cancelled."""
    await sleep(FIRST_CHECK_SECONDS)
    while True:
        # A check of many files takes long; a service that stops does not wait for it.
        await to_thread.run_sync(check_files, running, log, abandon_on_cancel=True)
        await sleep(hours * 3600)


def check_files(running: Running, log: structlog.stdlib.BoundLogger) -> None:
    """Look at all files of documents once and log what is damaged; a check that cannot be made is logged as well."""
    request_id = f"check {running.new_id()}"
    keeper = Keeper(running.database, running.objects, running.clock, running.new_id, request_id)
    try:
        found = keeper.check()
    except Unavailable as error:
        log.error("files not checked", request_id=request_id, reason=error.message)  # noqa: TRY400 - an expected one
        return
    if found is None:
        log.info("files are checked by another process", request_id=request_id)
        return
    for provider, sha256 in found.damaged:
        log.error("file damaged", request_id=request_id, provider=str(provider), sha256=sha256)
    for provider, sha256 in found.passed_over:
        log.error("file passed over", request_id=request_id, provider=str(provider), sha256=sha256)
    log.info("files checked", request_id=request_id, files=found.files, damaged=len(found.damaged))


def store_of(settings: Settings) -> ObjectStore:
    """Where the files of documents lie; raises ``Unavailable`` where that cannot be."""
    if settings.object_store_url:
        return ObjectStore.in_bucket(settings.object_store_url)
    return ObjectStore.in_folder(settings.document_folder)


def _encrypt_anew(running: Running) -> None:
    """Bring secrets of second factors under the newest key, so that older ones can be retired."""
    request_id = f"start {running.new_id()}"
    with transaction(running.database, SYSTEM, now=running.clock(), new_id=running.new_id, request_id=request_id) as tx:
        second_factors.encrypt_anew(tx, running.vault)


def _operation_id(route: APIRoute) -> str:
    """The handler's own name: what a generated client will call the operation."""
    return route.name


def _outside(settings: Settings) -> IdentityTokens | None:
    """What checks the tokens of an outside identity provider, where one is configured."""
    if settings.oidc_issuer is None or settings.oidc_jwks_url is None or settings.oidc_audience is None:
        return None
    return IdentityTokens(
        PublishedKeys(settings.oidc_jwks_url).read,
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        algorithm=settings.oidc_algorithm,
    )


def _ring(settings: Settings) -> KeyRing:
    """The keys of the service, read again while it runs; where they cannot be, the log says why."""
    log = logger(settings.log_level)
    return KeyRing(
        lambda: keys_on_disk(settings.key_folder),
        lambda: retired_in(settings.key_folder),
        lambda error: log.error("keys not read", reason=error.message),
    )


def _start(
    settings: Settings,
    catalogue: Catalogue | None,
    clock: Callable[[], datetime],
    new_id: Callable[[], UUID],
    demonstration: bool,  # noqa: FBT001 -- handed to a thread, which takes no names
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
    keys = keys_in(settings.key_folder)
    ring = _ring(settings)
    return Running(
        database=Database(settings.app_url, pool_size=settings.pool_size, pool_timeout=POOL_TIMEOUT),
        catalogue=catalogue or loader.load(settings.standards_dir),
        release=version("safonau"),
        places=load_places(),
        tokens=Tokens(
            ring,
            issuer=settings.public_url,
            audience=AUDIENCE,
            lifetime=timedelta(minutes=settings.access_token_minutes),
        ),
        passwords=Passwords(),
        vault=Vault(keys),
        outside=_outside(settings),
        cursors=Cursors(secret_for("cursor", keys[0])),
        throttle=Throttle(),
        press=Press(Seals(ring), settings.public_url, demonstration),
        packs=Remembered(MOST_PACKS),
        pack_hashes=Remembered(MOST_PACK_HASHES),
        attempts_key=secret_for("attempt", keys[0]),
        slow=CapacityLimiter(AT_ONCE),
        long=CapacityLimiter(1),
        transfers=CapacityLimiter(max(1, settings.pool_size // 2)),
        objects=store_of(settings),
        antivirus=ClamAV(settings.clamd_address) if settings.clamd_address else None,
        max_upload_bytes=settings.max_upload_bytes,
        replies_kept_for=timedelta(hours=settings.idempotency_hours),
        clock=clock,
        new_id=new_id,
    )
