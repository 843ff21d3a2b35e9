"""Idempotency keys: a creating POST sent twice under one key is done once and answered twice, byte for byte.

The key and the reply are kept in the transaction of the change itself: they are there exactly when the change is.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, TypeAlias

from fastapi import Depends, Header, Request
from starlette.responses import Response

from app.api.bodies import json_value
from app.api.running import running
from app.db.repositories import idempotency
from app.db.session import Transaction
from app.db.values import StoredReply
from app.errors import BadInput

_KEY = re.compile(r'"?([A-Za-z0-9._:-]{8,128})"?', re.ASCII)


class Once:
    """Does the work of one request once for each key; without a key, each time."""

    def __init__(self, key: str | None, fingerprint: str, kept_for: timedelta) -> None:
        self._key = key
        self._fingerprint = fingerprint
        self._kept_for = kept_for

    def __call__(self, tx: Transaction, work: Callable[[], Response]) -> Response:
        """The reply to ``work``, or the one that the same request had before.

        Raises ``IdempotencyMismatch`` where the key stood for another request, ``IdempotencyInFlight`` where that
        one is still being worked on.
        """
        if self._key is None:
            return work()
        known = idempotency.claim(tx, self._key, self._fingerprint)
        if known is not None:
            return Response(known.body, known.status, known.headers)
        response = work()
        reply = StoredReply(response.status_code, dict(response.headers), bytes(response.body))
        idempotency.store(tx, self._key, self._fingerprint, reply, kept_for=self._kept_for)
        return response


async def once_only(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(description="A fresh random text of 8 to 128 letters, digits and ._:- for each thing to create."),
    ] = None,
) -> Once:
    """Read the key; raises ``BadInput`` for one that is not sane."""
    kept_for = running(request).replies_kept_for
    if idempotency_key is None:
        return Once(None, "", kept_for)
    match = _KEY.fullmatch(idempotency_key)
    if match is None:
        raise BadInput(
            "The Idempotency-Key is not one.", hint="Use 8 to 128 letters, digits and ._:- such as a random UUID."
        )
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    value, _ = await json_value(request) if await request.body() else (None, [])
    body = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    return Once(match[1], hashlib.sha256(asked + body).hexdigest(), kept_for)


OnceOnly: TypeAlias = Annotated[Once, Depends(once_only)]
