"""What a running service has in hand; made by the lifespan in ``app.main``, found by every request."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from anyio import CapacityLimiter
from fastapi import Request

from app.api.cursors import Cursors
from app.api.remembered import Remembered
from app.api.throttle import Throttle
from app.clients.antivirus import Antivirus
from app.clients.objects import ObjectStore
from app.db.session import Database
from app.engine.pack import Pack
from app.loader.catalogue import Catalogue
from app.loader.places import Places
from app.security.jose import IdentityTokens, Tokens
from app.security.passwords import Passwords
from app.security.vault import Vault
from app.services.issuing import Press


@dataclass(frozen=True, slots=True)
class Running:
    """The parts of one service. ``release`` is the version of the program.

    ``packs`` are those that were read lately, ``pack_hashes`` the SHA-256 of many more.

    ``slow`` is for work that would keep short requests waiting: passwords and PDF; ``long`` for what judges every
    service that somebody sees, which may take minutes and goes one after the other; ``transfers`` for files that come
    and go, which can take as long as the object store or the antivirus service does.
    """

    database: Database
    catalogue: Catalogue
    release: str
    places: Places
    tokens: Tokens
    passwords: Passwords
    vault: Vault
    outside: IdentityTokens | None
    cursors: Cursors
    throttle: Throttle
    press: Press
    packs: Remembered[Pack]
    pack_hashes: Remembered[str]
    attempts_key: bytes
    slow: CapacityLimiter
    long: CapacityLimiter
    transfers: CapacityLimiter
    objects: ObjectStore
    antivirus: Antivirus | None
    max_upload_bytes: int
    replies_kept_for: timedelta
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]


def running(request: Request) -> Running:
    """The service that this request came to."""
    found: Running = request.app.state.running
    return found
