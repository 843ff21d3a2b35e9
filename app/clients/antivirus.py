"""The antivirus service that every upload passes where one is configured: what was not scanned is never clean."""

from typing import IO, Protocol

import clamd  # type: ignore[import-untyped]  # it has no types

from app.errors import Unavailable

# Between two answers of the daemon; a scan of a large archive takes its time.
TIMEOUT_SECONDS = 60.0
FOUND = "FOUND"
CLEAN = "OK"


class Antivirus(Protocol):
    """Looks for malware in a file."""

    def signature(self, content: IO[bytes]) -> str | None:
        """The name of what was found in the whole file, ``None`` for nothing; raises ``Unavailable`` if not scanned."""


class ClamAV:
    """A ClamAV daemon at ``host:port`` or at the path of its socket."""

    def __init__(self, address: str) -> None:
        self._address = address

    def signature(self, content: IO[bytes]) -> str | None:
        """As ``Antivirus``; each scan is a connection of its own."""
        content.seek(0)
        try:
            status, found = self._client().instream(content)["stream"]
        except clamd.ConnectionError as error:
            raise Unavailable(
                "The file was not taken, as the antivirus service cannot be reached.",
                hint="Try again later; the operator has to start it.",
            ) from error
        except (clamd.BufferTooLongError, OSError) as error:
            raise Unavailable(
                "The file was not taken, as the antivirus service broke off before it had read all of it.",
                hint="The operator should let it read as much as the service takes: StreamMaxLength of clamd.",
            ) from error
        except (clamd.ResponseError, TypeError, KeyError) as error:
            raise _not_understood() from error
        if status == FOUND:
            return str(found)
        if status != CLEAN:
            raise _not_understood()
        return None

    def _client(self) -> clamd.ClamdNetworkSocket:
        if self._address.startswith("/"):
            return clamd.ClamdUnixSocket(self._address, timeout=TIMEOUT_SECONDS)
        host, _, port = self._address.rpartition(":")
        return clamd.ClamdNetworkSocket(host, int(port), timeout=TIMEOUT_SECONDS)


class KnownSignatures:
    """An antivirus that finds given byte sequences, in memory; for tests."""

    def __init__(self, names: dict[bytes, str]) -> None:
        self._names = names

    def signature(self, content: IO[bytes]) -> str | None:
        """As ``Antivirus``."""
        content.seek(0)
        everything = content.read()
        return next((name for sequence, name in self._names.items() if sequence in everything), None)


def _not_understood() -> Unavailable:
    return Unavailable(
        "The file was not taken, as the antivirus service could not say whether it is clean.",
        hint="Try again later; the operator finds the reason in the log of clamd.",
    )
