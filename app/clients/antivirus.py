"""The antivirus service that every upload passes where one is configured: what was not scanned is never clean."""

from typing import IO, Protocol


class Antivirus(Protocol):
    """Looks for malware in a file."""

    def signature(self, content: IO[bytes]) -> str | None:
        """The name of what was found in the whole file, ``None`` for nothing; raises ``Unavailable`` if not scanned."""


class KnownSignatures:
    """An antivirus that finds given byte sequences, in memory; for tests."""

    def __init__(self, names: dict[bytes, str]) -> None:
        self._names = names

    def signature(self, content: IO[bytes]) -> str | None:
        """As ``Antivirus``."""
        content.seek(0)
        everything = content.read()
        return next((name for sequence, name in self._names.items() if sequence in everything), None)
