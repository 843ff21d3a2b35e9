"""Where the content of documents lies: a folder, an S3-compatible bucket, or memory; one class over all three.

An object is known by the organisation that it belongs to and its SHA-256, so that equal files of one organisation are
kept once, and nobody learns from it what another organisation holds.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, S3Store
from obstore.store import ObjectStore as Store

from app.errors import NotFound, Unavailable

CHUNK_BYTES = 1024 * 1024
# Parts of one file on their way at the same time, each of 5 MiB and in memory.
PARTS_AT_ONCE = 2


class ObjectStore:
    """Objects over one store of the library. Every method raises ``Unavailable`` where the store cannot be reached."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """Objects as files of a folder that only its owner can enter; it is made where it is missing."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(
                f"The folder for documents, {folder}, cannot be made: {(error.strerror or str(error)).lower()}.",
                hint="Make it yourself, or name another with SAFONAU_OBJECT_STORE_URL or SAFONAU_DATA_DIR.",
            ) from error
        return cls(LocalStore(folder, mkdir=True))

    @classmethod
    def in_bucket(cls, url: str) -> Self:
        """Objects of ``s3://bucket/prefix``; address and credentials come from the usual AWS_* variables."""
        try:
            return cls(S3Store.from_url(url))
        except (BaseError, ValueError) as error:
            raise Unavailable(
                "The object store that SAFONAU_OBJECT_STORE_URL names cannot be used.",
                hint="Give it as s3://bucket/prefix, with AWS_REGION, AWS_ENDPOINT_URL and credentials beside it.",
            ) from error

    @classmethod
    def in_memory(cls) -> Self:
        """Objects that are gone with the process; for tests."""
        return cls(MemoryStore())

    def put(self, owner: UUID, sha256: str, content: IO[bytes]) -> None:
        """Store a whole file from its beginning, in pieces; it is there whole or not at all.

        What lies there already is replaced: under a hash that can only be the same bytes, or damaged ones.
        """
        content.seek(0)
        try:
            obstore.put(self._store, _key(owner, sha256), content, mode="overwrite", max_concurrency=PARTS_AT_ONCE)
        except (BaseError, OSError) as error:
            raise _unreachable() from error

    def read(self, owner: UUID, sha256: str) -> Iterator[bytes]:
        """The bytes of an object in pieces, unchecked; raises ``NotFound`` where there is none."""
        try:
            found = obstore.get(self._store, _key(owner, sha256))
            for piece in found.stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(piece)
        except FileNotFoundError as error:
            raise NotFound("The file is not in the object store.") from error
        except (BaseError, OSError) as error:
            raise _unreachable() from error

    def size(self, owner: UUID, sha256: str) -> int | None:
        """How many bytes an object has; ``None`` where there is none."""
        try:
            return obstore.head(self._store, _key(owner, sha256))["size"]
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise _unreachable() from error

    def remove(self, owner: UUID, sha256: str) -> None:
        """Take an object away for good; one that is not there is gone already."""
        try:
            obstore.delete(self._store, _key(owner, sha256))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise _unreachable() from error

    def intact(self, owner: UUID, sha256: str) -> bool:
        """Whether an object is there and has the hash that it is known by; reads all of it."""
        found = hashlib.sha256()
        try:
            for piece in self.read(owner, sha256):
                found.update(piece)
        except NotFound:
            return False
        return found.hexdigest() == sha256


def _key(owner: UUID, sha256: str) -> str:
    return f"{owner}/{sha256}"


def _unreachable() -> Unavailable:
    return Unavailable(
        "The store of documents cannot be reached.", hint="Try again later; the operator finds the reason in the log."
    )
