"""What surrounds every request, as pure ASGI: its id, its log line, security headers, and the answer when all fails.

A body that is refused unread is read and thrown away after the answer, up to a bound: a connection that is closed with
something unread in it is reset, and who sends everything before reading would see that and not the answer.
"""

import re
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from uuid import UUID

import structlog
from anyio import move_on_after
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import (
    MOST_HEADER_BYTES,
    MOST_HEADERS,
    BodyTooLarge,
    Failed,
    HeadersTooLarge,
    answer_to,
    problem_response,
)

SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,99}", re.ASCII)
# What is read at most of a body that nobody wants, and for how long.
MOST_DRAINED_BYTES = 64 * 1024 * 1024
MOST_DRAINED_SECONDS = 10.0
CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'"


class Surroundings:
    """Gives each request an id (the caller's where it is sane), logs it in one line, and guards what is sent.

    Headers over the limits are refused unread. An unexpected failure is logged whole and answered with nothing but
    the id; of an expected one that is the service's own the cause is logged. Every answer of a ``demonstration`` says
    that it is one, as some of them name nothing that does.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        log: structlog.stdlib.BoundLogger,
        new_id: Callable[[], UUID],
        demonstration: bool = False,
    ) -> None:
        self.app = app
        self._log = log
        self._new_id = new_id
        self._added = {"safonau-demonstration": "true"} if demonstration else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other kinds of event pass through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method = scope["method"]
        if method == "HEAD":  # answered like a GET, but for the body; a copy, as the server reads the method too
            scope = {**scope, "method": "GET"}
        exchange = _Exchange(scope, method, receive, send, self._request_id(scope), self._added)
        scope.setdefault("state", {})["request_id"] = exchange.request_id
        try:
            if _headers_too_large(scope):
                await problem_response(HeadersTooLarge(), exchange.request_id)(scope, exchange.receive, exchange.send)
            else:
                await self.app(scope, exchange.receive, exchange.send)
        except ClientDisconnect:  # nobody is there to be answered, and nothing of the service's failed
            self._log.info("broken off", request_id=exchange.request_id)
        except Exception:  # noqa: BLE001 - the outermost place: whatever failed is logged and answered
            self._log.exception("failed", request_id=exchange.request_id, path=scope["path"])
            if not exchange.started:
                await problem_response(Failed(), exchange.request_id)(scope, exchange.receive, exchange.send)
        finally:
            self._log_failure(scope)
            self._log.info("request", **exchange.line())

    def _log_failure(self, scope: Scope) -> None:
        """Why the service could not do what it was asked, which the answer leaves out and the operator has to know."""
        failure = scope["state"].get("failure")
        if failure is not None:
            cause = failure.__cause__
            said = None if cause is None else f"{type(cause).__name__}: {cause}"
            self._log.error(failure.code, request_id=scope["state"]["request_id"], reason=failure.message, cause=said)

    def _request_id(self, scope: Scope) -> str:
        given = Headers(scope=scope).get("x-request-id", "")
        return given if SANE_REQUEST_ID.fullmatch(given) else str(self._new_id())


def _headers_too_large(scope: Scope) -> bool:
    headers = scope["headers"]
    return len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > MOST_HEADER_BYTES


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


class _Exchange:
    """One request on its way: what is left unread of it, what is added to its answer, and what the log says of it."""

    def __init__(
        self, scope: Scope, method: str, receive: Receive, send: Send, request_id: str, added: Mapping[str, str]
    ) -> None:
        self.request_id = request_id
        self.started = False
        self.status = 0
        self._scope = scope
        self._method = method
        self._receive = receive
        self._send = send
        self._added = added
        self._unread = _has_body(scope)
        self._begun = time.perf_counter()
        self._ended: float | None = None
        self._replaced: bytes | None = None

    async def receive(self) -> Message:
        message = await self._receive()
        self._unread = message["type"] == "http.request" and message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            self._finish_headers(message)
        elif self._method == "HEAD":
            message = {**message, "body": b""}
        elif self._replaced is not None:
            message = {"type": "http.response.body", "body": self._replaced}
        if self._unread and message["type"] == "http.response.body" and not message.get("more_body", False):
            await self._send({**message, "more_body": True})
            self._ended = time.perf_counter()  # how long the rest takes is the client's doing
            await self._drain()
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)

    async def _drain(self) -> None:
        """Read what is left of the request; the answer is on its way, and the connection may be closed after this."""
        left = MOST_DRAINED_BYTES
        with move_on_after(MOST_DRAINED_SECONDS):
            while self._unread and left > 0:
                left -= len((await self.receive()).get("body", b""))

    def _finish_headers(self, message: Message) -> None:
        headers = MutableHeaders(raw=message.setdefault("headers", []))
        if message["status"] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and headers.get("content-type", "").startswith(
            "text/plain"
        ):
            # The framework's own limit on Content-Length answers in plain text, outside every exception handler.
            problem = answer_to(Request(self._scope), BodyTooLarge(self._scope[MAX_BODY_SIZE_SCOPE_KEY]))
            self._replaced = bytes(problem.body)
            headers.update(problem.headers)
        headers["x-request-id"] = self.request_id
        headers.update(self._added)
        headers["x-content-type-options"] = "nosniff"
        headers["referrer-policy"] = "no-referrer"
        headers.setdefault("content-security-policy", CONTENT_POLICY)
        headers.setdefault("cache-control", "no-store")

    def line(self) -> dict[str, object]:
        route = self._scope.get("route")
        state = self._scope["state"]
        return {
            "request_id": self.request_id,
            "method": self._method,
            # The template, not the address: a log must not collect ids, and what was asked for is in the query.
            "route": getattr(route, "path", None),
            "status": self.status,
            "ms": round(((time.perf_counter() if self._ended is None else self._ended) - self._begun) * 1000, 1),
            "user": state.get("user"),
        }
