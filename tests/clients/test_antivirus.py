"""The client of ClamAV, against a small daemon that speaks its protocol on a socket."""

import io
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.clients.antivirus import ClamAV, KnownSignatures
from app.errors import Unavailable

CONTENT = b"a policy" * 400


def _received(connection: socket.socket, most: int) -> bytes:
    """The streamed file, or as much of it as the daemon reads."""
    with connection.makefile("rb") as stream:
        assert stream.readline() == b"nINSTREAM\n"
        found = b""
        while size := struct.unpack("!L", stream.read(4))[0]:
            found += stream.read(size)
            if len(found) > most:
                break
        return found


@contextmanager
def daemon(answer: bytes, folder: Path | None = None, most: int = 10**6) -> Iterator[tuple[str, list[bytes]]]:
    """A daemon that reads one file, up to ``most`` bytes, and answers; gives its address and what it read."""
    listener = socket.socket(socket.AF_INET if folder is None else socket.AF_UNIX)
    place = ("127.0.0.1", 0) if folder is None else str(folder / "clamd")
    listener.bind(place)
    listener.listen()
    listener.settimeout(10)
    found: list[bytes] = []

    def answer_one() -> None:
        connection, _ = listener.accept()
        with connection:
            found.append(_received(connection, most))
            connection.sendall(answer)

    thread = threading.Thread(target=answer_one)
    thread.start()
    try:
        yield (f"127.0.0.1:{listener.getsockname()[1]}" if folder is None else str(place)), found
    finally:
        thread.join()
        listener.close()


def test_a_clean_file_is_clean_and_was_read_whole(tmp_path: Path) -> None:
    content = io.BytesIO(CONTENT)
    content.seek(7)
    with daemon(b"stream: OK\n") as (address, found):
        assert ClamAV(address).signature(content) is None
    assert found == [CONTENT]
    with daemon(b"stream: OK\n", tmp_path) as (address, found):
        assert ClamAV(address).signature(content) is None
    assert found == [CONTENT]


def test_what_is_found_has_its_name() -> None:
    with daemon(b"stream: Eicar-Test-Signature FOUND\n") as (address, _):
        assert ClamAV(address).signature(io.BytesIO(CONTENT)) == "Eicar-Test-Signature"
    known = KnownSignatures({b"policy": "Policy"})
    assert (known.signature(io.BytesIO(CONTENT)), known.signature(io.BytesIO(b"other"))) == ("Policy", None)


@pytest.mark.parametrize(
    ("answer", "most", "sentence"),
    [
        (b"INSTREAM size limit exceeded. ERROR\n", 10**6, "broke off before it had read all of it"),
        (b"", 1024, "(broke off|could not say|cannot be reached)"),
        (b"", 10**6, "could not say whether it is clean"),
        (b"stream: lstat() failed ERROR\n", 10**6, "could not say whether it is clean"),
        (b"what?\n", 10**6, "could not say whether it is clean"),
    ],
)
def test_what_was_not_scanned_is_never_clean(answer: bytes, most: int, sentence: str) -> None:
    content = io.BytesIO(CONTENT * 400 if most == 1024 else CONTENT)
    with daemon(answer, most=most) as (address, _), pytest.raises(Unavailable, match=sentence):
        ClamAV(address).signature(content)


def test_without_its_daemon_nothing_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for nowhere in (address, str(tmp_path / "clamd")):
            with pytest.raises(Unavailable, match="The file was not taken, as the antivirus service cannot be reached"):
                ClamAV(nowhere).signature(io.BytesIO(CONTENT))
