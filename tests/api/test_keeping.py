"""What looks after files while nobody asks: the checks of a running service, and an upload that breaks off."""

import hashlib
import io
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import anyio
import pytest
from fastapi import Request
from starlette.types import Message

from app import main
from app.api import files
from app.api.files import FileBody, Incoming
from app.api.running import Running
from app.clients.objects import ObjectStore
from app.errors import BadInput, Unavailable
from app.main import Service, check_files, keep_checking
from tests.api.conftest import Begun, World, ok
from tests.api.files import pdf, upload


@dataclass
class Log:
    """Keeps what is logged instead of writing it."""

    lines: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def info(self, event: str, **values: Any) -> None:  # noqa: ANN401 - any value can be logged
        self.lines.append((event, values))

    error = info


class Elsewhere(ObjectStore):
    """A store that cannot be reached."""

    def intact(self, owner: UUID, sha256: str) -> bool:
        raise Unavailable(f"{owner}/{sha256}")


def test_a_check_logs_what_is_damaged_and_that_it_was_made(begun: Begun, world: World, app: Service) -> None:
    store = ObjectStore.in_memory()
    app.state.running = replace(app.state.running, objects=store)
    content = pdf("A policy")
    ok(upload(begun.people.provider, content), 201)
    sha256 = hashlib.sha256(content).hexdigest()
    log: Any = Log()
    check_files(world.running, log)
    assert [(event, values["damaged"]) for event, values in log.lines] == [("files checked", 0)]
    store.remove(UUID(begun.people.provider.organisation), sha256)
    check_files(world.running, log)
    assert log.lines[1][0] == "file damaged"
    assert log.lines[1][1]["sha256"] == sha256
    elsewhere = replace(world.running, objects=Elsewhere.in_memory())
    check_files(elsewhere, log)
    assert [event for event, _ in log.lines[-2:]] == ["file passed over", "files checked"]
    assert log.lines[-2][1]["sha256"] == sha256
    for text in ("Another policy", "A third one"):
        ok(upload(begun.people.provider, pdf(text)), 201)
    check_files(elsewhere, log)
    assert log.lines[-1][0] == "files not checked", "one after the other: the store is out of reach"
    with world.system() as tx:
        tx.connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended('check of uploads', 0))")
        check_files(world.running, log)
    assert log.lines[-1][0] == "files are checked by another process"


def test_a_running_service_checks_soon_and_then_every_so_many_hours(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[object] = []

    async def sleep(seconds: float) -> None:
        done.append(seconds)
        if len(done) > 4:
            raise TimeoutError

    log: Any = Log()

    def check(running: Running, given: object) -> None:
        assert (running, given) == (world.running, log)
        done.append("checked")

    monkeypatch.setattr(main, "sleep", sleep)
    monkeypatch.setattr(main, "check_files", check)
    with pytest.raises(TimeoutError):
        anyio.run(keep_checking, world.running, 24, log)
    assert done == [300.0, "checked", 86_400, "checked", 86_400]


HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
PIECE = b"a" * 65_536


@dataclass
class Caller:
    """A caller that sends so much of a form, and then goes on or goes away."""

    app: Service
    pieces: Iterator[bytes]
    goes_away: bool = False

    async def receive(self) -> Message:
        piece = next(self.pieces, None)
        if piece is None and self.goes_away:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def send(self) -> tuple[Incoming, int, str]:
        """What the service holds of the file while it works on it; the file is closed afterwards."""
        headers = [(b"content-type", b"multipart/form-data; boundary=b")]
        request = Request({"type": "http", "method": "POST", "headers": headers, "app": self.app}, self.receive)
        reading = FileBody()(request)
        incoming = await anext(reading)
        kept = incoming.file.seek(0, io.SEEK_END)
        held = (incoming, kept, incoming.sha256)
        with pytest.raises(StopAsyncIteration):
            await anext(reading)
        assert incoming.file.closed
        return held


def form(pieces: int) -> Iterator[bytes]:
    yield HEAD
    for _ in range(pieces):
        yield PIECE
    yield b"\r\n--b--\r\n"


def test_a_file_comes_in_piece_by_piece_and_never_whole_into_memory(app: Service) -> None:
    tracemalloc.start()
    incoming, kept, sha256 = anyio.run(Caller(app, form(400)).send)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8 * 1024 * 1024
    assert (kept, incoming.size, incoming.name) == (400 * len(PIECE), 400 * len(PIECE), "a.txt")
    assert sha256 == hashlib.sha256(PIECE * 400).hexdigest()


def test_an_upload_that_breaks_off_leaves_nothing(app: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Incoming] = []

    def incoming(most: int) -> Incoming:
        made.append(Incoming(most))
        return made[0]

    monkeypatch.setattr(files, "Incoming", incoming)
    with pytest.raises(BadInput, match="The upload was broken off"):
        anyio.run(Caller(app, iter([HEAD, PIECE]), goes_away=True).send)
    assert made[0].size == len(PIECE)
    assert made[0].file.closed
