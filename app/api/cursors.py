"""Page cursors: opaque, signed, and good only for the list, the filters and the caller that they were made for."""

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from app.errors import Fault, InvalidCursor

Place: TypeAlias = tuple[datetime, UUID] | str
SIGNATURE = 16
LONGEST_CURSOR = 2000


class Cursors:
    """Seals the place where a page ended, and opens it again for the next one."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def seal(self, place: Place, scope: str) -> str:
        """The cursor for what follows ``place``. ``scope`` names list, filters and caller."""
        written = place if isinstance(place, str) else [place[0].isoformat(), str(place[1])]
        payload = json.dumps(written, ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._signature(payload, scope) + payload).decode().rstrip("=")

    def open(self, cursor: str, scope: str) -> Place:
        """The place that was sealed under the same ``scope``; raises ``InvalidCursor`` for anything else."""
        if len(cursor) > LONGEST_CURSOR:
            raise _refused()
        try:
            sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise _refused() from None
        signature, payload = sealed[:SIGNATURE], sealed[SIGNATURE:]
        if not hmac.compare_digest(signature, self._signature(payload, scope)):
            raise _refused()
        written = json.loads(payload)
        if isinstance(written, str):
            return written
        return datetime.fromisoformat(written[0]), UUID(written[1])

    def _signature(self, payload: bytes, scope: str) -> bytes:
        return hmac.digest(self._secret, scope.encode() + b"\0" + payload, hashlib.sha256)[:SIGNATURE]


def _refused() -> InvalidCursor:
    message = "The cursor was not given out for this list, these filters and this caller."
    hint = "Start again without a cursor and follow the links with rel=next."
    return InvalidCursor(message, hint=hint, faults=(Fault("?cursor", "this cursor is not one of ours", hint),))
