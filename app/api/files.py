"""Files that come and go in requests: read piece by piece, never whole into memory, and in no named file."""

import hashlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import quote

import python_multipart
from anyio import to_thread
from fastapi import Depends, Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect

from app.api.errors import UnsupportedMediaType
from app.api.running import running
from app.errors import BadInput, TooLarge

MULTIPART = "multipart/form-data"
FIELD = "file"
PIECE_BYTES = 1024 * 1024
# What a form adds around the file in it: the boundaries and the headers of its one part.
FORM_BYTES = 16 * 1024


@dataclass
class Incoming:
    """A file as it arrives; the folder never shows it, so that nothing is left behind whatever happens."""

    most: int
    file: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    name: str = ""
    declared: str = ""
    size: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)

    @property
    def sha256(self) -> str:
        """The hash of what came so far."""
        return str(self._hash.hexdigest())

    def write(self, data: bytes) -> None:
        """Take the next piece."""
        self._hash.update(data)
        self.file.write(data)

    def count(self, more: int) -> None:
        """Raise ``TooLarge`` where ``more`` bytes would be over the limit."""
        self.size += more
        if self.size > self.most:
            raise TooLarge(
                f"The file is larger than the {self.most} bytes that the service takes.",
                hint="Nothing was kept; send a smaller file, such as a scan at a lower resolution.",
            )


class _Form:
    """Reads a form with one file in it; ``pending`` is what came of the file and was not handed on yet."""

    def __init__(self, boundary: bytes, incoming: Incoming) -> None:
        self.ended = False
        self.pending = bytearray()
        self._incoming = incoming
        self._parts = 0
        self._name = b""
        self._value = b""
        self._headers: dict[bytes, bytes] = {}
        self.parser = python_multipart.MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begins,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_ends,
                "on_headers_finished": self._headers_end,
                "on_part_data": self._data,
                "on_end": self._end,
            },
        )

    def _part_begins(self) -> None:
        self._parts += 1
        if self._parts > 1:
            raise _other_form()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_ends(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name, self._value = b"", b""

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if options.get(b"name") != FIELD.encode() or b"filename" not in options:
            raise _other_form()
        if self._headers.get(b"content-transfer-encoding", b"binary").lower() not in (b"binary", b"8bit", b"7bit"):
            raise BadInput("The file is sent in a transfer encoding.", hint="Send its bytes as they are.")
        self._incoming.name = options[b"filename"].decode("utf-8", "replace")
        self._incoming.declared = self._headers.get(b"content-type", b"").decode("latin-1")

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._incoming.count(end - start)
        self.pending += data[start:end]

    def _end(self) -> None:
        self.ended = True


class FileBody:
    """A dependency that gives the one file of a form, hashed as it arrived and counted against the limit."""

    async def __call__(self, request: Request) -> AsyncIterator[Incoming]:
        """Read it; raises ``UnsupportedMediaType``, ``BadInput``, ``TooLarge``. Nothing is left of it afterwards."""
        boundary = _boundary(request)
        incoming = Incoming(running(request).max_upload_bytes)
        with incoming.file:
            await _read(request, boundary, incoming)
            yield incoming


async def _read(request: Request, boundary: bytes, incoming: Incoming) -> None:
    try:
        form = _Form(boundary, incoming)  # which takes no boundary without measure
        async for chunk in request.stream():
            form.parser.write(chunk)
            if len(form.pending) >= PIECE_BYTES:
                await _hand_on(form, incoming)
        form.parser.finalize()
    except FormParserError:
        raise BadInput("The form cannot be read.", hint="Send multipart/form-data as RFC 7578 describes it.") from None
    except ClientDisconnect:
        raise BadInput("The upload was broken off.", hint="Nothing was kept; send it again.") from None
    if not form.ended:
        raise BadInput("The form ends before its last boundary.", hint="Nothing was kept; send it again, whole.")
    await _hand_on(form, incoming)


async def _hand_on(form: _Form, incoming: Incoming) -> None:
    """Hashing and writing in a thread, so that a large file keeps nobody else waiting."""
    piece, form.pending = bytes(form.pending), bytearray()
    await to_thread.run_sync(incoming.write, piece)


def file_body() -> Any:  # noqa: ANN401 - what Depends gives
    """Declare that a route takes one file, in the field ``file`` of a form."""
    return Depends(FileBody())


def _boundary(request: Request) -> bytes:
    if "content-encoding" in request.headers:
        raise UnsupportedMediaType("The request has a Content-Encoding.", hint="Send the body as it is, uncompressed.")
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != MULTIPART.encode() or not options.get(b"boundary"):
        raise UnsupportedMediaType(
            f"The body is not declared as {MULTIPART} with a boundary.",
            hint=f"Send the file as the field {FIELD} of such a form.",
        )
    return options[b"boundary"]


def _other_form() -> BadInput:
    return BadInput(
        f"The form has something else in it than one file in the field {FIELD}.", hint="Send that and nothing else."
    )


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A file that is known to be whole, on its way out."""

    file: IO[bytes]
    size: int

    def __iter__(self) -> Iterator[bytes]:
        """The file in pieces; it is closed after the last."""
        with self.file:
            self.file.seek(0)
            while piece := self.file.read(PIECE_BYTES):
                yield piece


def verified(pieces: Iterator[bytes], sha256: str) -> Outgoing | None:
    """The pieces as a file, once all of them came and have this hash together; ``None`` where they have another."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - Outgoing closes it
    try:
        found = hashlib.sha256()
        size = 0
        for piece in pieces:
            found.update(piece)
            size += file.write(piece)
    except BaseException:
        file.close()
        raise
    if found.hexdigest() != sha256:
        file.close()
        return None
    return Outgoing(file, size)


def attachment(name: str) -> str:
    """A Content-Disposition by which a browser saves the file under ``name`` and never shows it (RFC 6266)."""
    plain = "".join(each if each.isascii() and each.isprintable() and each not in '"\\%' else "_" for each in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
