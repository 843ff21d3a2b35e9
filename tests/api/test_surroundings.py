"""What surrounds every request: its id, its log line, the headers, and the answer when all fails."""

import base64
import hashlib
import http.client
import io
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from typing import Any
from uuid import UUID

import anyio
import pytest
import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.testclient import TestClient
from sqlalchemy import text
from starlette.types import Message

from app.api import errors, middleware
from app.api.logs import logger
from app.api.middleware import Surroundings
from app.errors import AppError, ContentDamaged, Unavailable
from tests.api.conftest import SERVICE, Begun, People, World, ok, problem


def test_a_sane_request_id_is_taken_over_and_any_other_replaced(client: TestClient) -> None:
    given = client.get("/health/live", headers={"x-request-id": "council-2026.04_01"})
    assert given.headers["x-request-id"] == "council-2026.04_01"
    for strange in ("short", "x" * 101, "with space", 'quo"ted-id', "new\tline-id", ""):
        made = client.get("/health/live", headers={"x-request-id": strange}).headers["x-request-id"]
        assert UUID(made).version == 7


def test_refusals_and_the_audit_trail_name_the_request(people: People, world: World) -> None:
    missing = people.provider.get("/v1/users/00000000-0000-7000-8000-000000000000", X_Request_ID="asked-by-mair")
    assert problem(missing, 404, "not-found")["request_id"] == "asked-by-mair"
    ok(people.provider.post("/v1/services", SERVICE, X_Request_ID="entered-by-mair"), 201)
    with world.system() as tx:
        found = tx.connection.execute(text("SELECT actor, request_id FROM audit_event ORDER BY at DESC LIMIT 1")).one()
    assert (str(found.actor), found.request_id) == (people.provider.user, "entered-by-mair")


def test_private_answers_are_not_stored_and_no_answer_is_guessed_at(begun: Begun) -> None:
    client = begun.people.provider.client
    private = begun.people.provider.get(begun.place)
    assert private.headers["cache-control"] == "no-store"
    for answer in (private, client.get("/v1/nothing"), client.get("/v1/rule-sets"), client.get("/docs")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "server" not in answer.headers
    assert client.get("/v1/rule-sets").headers["cache-control"] == "public, no-cache"
    assert "unsafe-inline" not in private.headers["content-security-policy"]


def test_the_documentation_page_lists_every_operation_and_needs_no_other_server(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    document = ok(client.get("/openapi.json"))
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert path in page.text
            assert f'<section id="{operation["operationId"]}">' in page.text
            assert operation["summary"] in unescape(page.text)
    assert "<script" not in page.text
    assert "http://" not in page.text.replace("http://www.w3.org", "")
    assert "https://" not in page.text
    assert "unsafe" not in page.headers["content-security-policy"]
    (style,) = re.findall("<style>(.*?)</style>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in page.headers["content-security-policy"], "or the browser drops the style"


def test_the_first_page_welcomes_anybody_in_their_language_and_leads_on(client: TestClient) -> None:
    for query, accepted, language, words in (
        ("", "en", "en", "Welcome"),
        ("", "cy, en;q=0.5", "cy", "Croeso"),
        ("?lang=cy", "en", "cy", "Saesneg yw ei dudalen"),
        ("?lang=fr", "fr", "en", "The HTTP API"),
    ):
        page = client.get(f"/{query}", headers={"accept-language": accepted})
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert (page.headers["content-language"], words in page.text) == (language, True)
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        for link in re.findall('<li><a href="([^"]+)"', page.text):
            assert client.get(unescape(link), headers={"accept": "text/html"}).status_code == 200
    problem(client.post("/"), 405, "method-not-allowed")


def test_head_is_a_get_without_its_body(begun: Begun) -> None:
    provider = begun.people.provider
    for path in (f"{begun.place}/pack", "/v1/services", "/v1/rule-sets", "/docs", "/v1/nothing"):
        full, head = (provider.send(method, path, X_Request_Id="the-same-twice") for method in ("GET", "HEAD"))
        assert (head.status_code, head.content) == (full.status_code, b"")
        assert head.headers == full.headers
        assert int(head.headers["content-length"]) == len(full.content)
    etag = provider.get(f"{begun.place}/pack").headers["etag"]
    assert provider.send("HEAD", f"{begun.place}/pack", If_None_Match=etag).status_code == 304
    assert provider.send("HEAD", "/v1/token").headers["allow"] == "POST"


def test_headers_without_measure_are_a_431(client: TestClient) -> None:
    usual = len(client.get("/health/live").request.headers)
    most = {f"x-{number}": "" for number in range(100 - usual)}
    ok(client.get("/health/live", headers=most))
    for headers in (most | {"x-more": ""}, {"authorization": "x" * 32_768}):
        refusal = problem(client.get("/health/live", headers=headers), 431, "headers-too-large")
        assert "32768" in refusal["detail"]
    ok(client.get("/health/live", headers={"x-long": "x" * 32_000}))


class Secretive(Exception):
    """A failure with something in its text that nobody must see."""


@pytest.fixture
def lines() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def failing(lines: io.StringIO) -> Iterator[TestClient]:
    app, small = FastAPI(), APIRouter(max_body_size=1000)
    errors.install(app)
    app.add_middleware(Surroundings, log=logger("info", lines), new_id=lambda: UUID(int=7))

    @app.get("/fails/{name}")
    def fails(name: str) -> None:
        raise Secretive(f"the password of {name} is cŵn")

    @small.put("/small")
    async def takes_little(request: Request) -> int:
        return len(await request.body())

    app.include_router(small)

    @app.get("/unavailable")
    def unavailable() -> None:
        raise Unavailable("The store cannot be reached.", hint="See the log.") from Secretive("no route to 10.0.0.7")

    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def served(failing: TestClient) -> Iterator[int]:
    """The same application behind a real server, which alone closes connections: its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(failing.app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def test_who_sends_everything_before_reading_sees_the_refusal_and_no_reset(served: int) -> None:
    for path, size, status, said in (
        ("/small", 30_000_000, 413, b"urn:safonau:problem:too-large"),
        ("/nothing", 30_000_000, 404, b"urn:safonau:problem:not-found"),
        ("/small", 1000, 200, b"1000"),
    ):
        with closing(http.client.HTTPConnection("127.0.0.1", served)) as connection:
            # The client looks for an answer only when all is sent, and asks that the connection be closed after it.
            connection.request("PUT", path, bytes(size), {"connection": "close"})
            answer = connection.getresponse()
            assert (answer.status, said in answer.read()) == (status, True)


class Sender:
    """A client that sends a body piece by piece; it stops for good after so many of them, or goes on for ever."""

    def __init__(self, pieces: int | None, ending: Message) -> None:
        self.pieces = pieces
        self.ending = ending
        self.taken = 0
        self.answered: list[Message] = []

    async def receive(self) -> Message:
        if self.taken == self.pieces:
            if not self.ending:
                await anyio.sleep_forever()
            return self.ending
        self.taken += 1
        return {"type": "http.request", "body": bytes(100), "more_body": True}

    async def send(self, message: Message) -> None:
        self.answered.append(message)


@pytest.mark.parametrize(
    ("pieces", "ending", "seconds", "taken"),
    [
        (None, {}, 60.0, 50),
        (7, {"type": "http.request", "body": b"", "more_body": False}, 60.0, 7),
        (7, {"type": "http.disconnect"}, 60.0, 7),
        (7, {}, 0.0, 7),
    ],
    ids=["without end", "to its end", "broken off", "and then nothing"],
)
def test_of_a_body_that_nobody_wants_so_much_is_read_and_no_more(
    failing: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    pieces: int | None,
    ending: Message,
    seconds: float,
    taken: int,
) -> None:
    monkeypatch.setattr(middleware, "MOST_DRAINED_BYTES", 5000)
    monkeypatch.setattr(middleware, "MOST_DRAINED_SECONDS", seconds)
    sender = Sender(pieces, ending)
    headers = [(b"transfer-encoding", b"chunked")]
    scope = {"type": "http", "method": "POST", "path": "/nothing", "query_string": b"", "headers": headers}
    anyio.run(failing.app, scope, sender.receive, sender.send)
    assert sender.taken <= taken
    assert seconds == 0.0 or sender.taken == taken
    assert [message.get("more_body") for message in sender.answered] == [None, True, None]
    assert json.loads(sender.answered[1]["body"])["status"] == 404, "the answer is sent before the rest is read"


def test_the_log_does_not_count_how_long_a_client_takes_to_send_what_nobody_wants(
    failing: TestClient, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = Sender(7, {"type": "http.request", "body": b"", "more_body": False})
    monkeypatch.setattr("app.api.middleware.time.perf_counter", lambda: float(sender.taken))  # a second each piece
    headers = [(b"transfer-encoding", b"chunked")]
    scope = {"type": "http", "method": "POST", "path": "/nothing", "query_string": b"", "headers": headers}
    anyio.run(failing.app, scope, sender.receive, sender.send)
    assert (sender.taken, logged(lines)[-1]["ms"]) == (7, 0.0)


def logged(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_an_unexpected_failure_tells_nothing_and_logs_everything(failing: TestClient, lines: io.StringIO) -> None:
    answer = failing.get("/fails/mair?secret=1")
    problem(answer, 500, "internal")
    assert "cŵn" not in answer.text
    assert "Secretive" not in answer.text
    failure, access = logged(lines)
    assert "the password of mair is cŵn" in failure["exception"]
    assert "cŵn" in lines.getvalue(), "Welsh letters stay letters"
    assert failure["request_id"] == access["request_id"] == str(UUID(int=7))
    assert access["status"] == 500


def test_a_client_that_leaves_before_its_body_is_whole_is_no_failure(failing: TestClient, lines: io.StringIO) -> None:
    sender = Sender(3, {"type": "http.disconnect"})
    headers = [(b"transfer-encoding", b"chunked")]
    scope = {"type": "http", "method": "PUT", "path": "/small", "query_string": b"", "headers": headers}
    anyio.run(failing.app, scope, sender.receive, sender.send)
    assert sender.answered == []
    assert [(line["event"], line["level"]) for line in logged(lines)] == [("broken off", "info"), ("request", "info")]
    assert "Traceback" not in lines.getvalue()


def test_the_operator_finds_in_the_log_why_the_service_was_unavailable(failing: TestClient, lines: io.StringIO) -> None:
    answer = failing.get("/unavailable")
    problem(answer, 503, "unavailable")
    assert "10.0.0.7" not in answer.text
    failure, access = logged(lines)
    assert (failure["event"], failure["level"], failure["request_id"]) == ("unavailable", "error", access["request_id"])
    assert (failure["reason"], failure["cause"]) == ("The store cannot be reached.", "Secretive: no route to 10.0.0.7")


def test_the_log_has_one_line_a_request_without_ids_or_queries(failing: TestClient, lines: io.StringIO) -> None:
    failing.get("/fails/mair?secret=1")
    failing.get("/nothing?secret=2")
    access = [line for line in logged(lines) if line["event"] == "request"]
    assert [(line["method"], line["route"], line["status"]) for line in access] == [
        ("GET", "/fails/{name}", 500),
        ("GET", None, 404),
    ]
    assert all(line["ms"] >= 0 for line in access)
    assert all(line["level"] == "info" and line["timestamp"].endswith("Z") for line in access)
    assert "secret" not in "".join(line for line in lines.getvalue().splitlines() if '"request"' in line)


def test_every_expected_failure_has_a_status_of_its_own_choosing() -> None:
    def below(failure: type[AppError]) -> list[type[AppError]]:
        return [failure, *(each for child in failure.__subclasses__() for each in below(child))]

    codes: dict[str, int] = {}
    for failure in below(AppError):
        if failure is AppError or failure.__module__.startswith("tests"):
            continue
        status = errors.status_of(failure)
        if failure.code != "standards-invalid":  # met when the service starts, never by a caller
            assert 400 <= status < 600
            # A file that was damaged in the store is the service's own fault, and is said to be.
            assert status != 500 or failure in (errors.Failed, ContentDamaged), failure
        assert codes.setdefault(failure.code, status) == status, f"{failure.code} has two statuses"


def test_jwks_and_health_are_for_anyone(client: TestClient) -> None:
    keys = ok(client.get("/.well-known/jwks.json"))["keys"]
    assert [(key["kty"], key["crv"], key["alg"], key["use"]) for key in keys] == [("EC", "P-256", "ES256", "sig")]
    assert all("d" not in key for key in keys)
    assert ok(client.get("/health/live")) == ok(client.get("/health/ready")) == {"status": "ok"}
