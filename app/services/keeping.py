"""What the service does by itself with the files of documents: looks whether they are whole, and purges old ones."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.clients.objects import ObjectStore
from app.db.repositories import uploads
from app.db.session import KEEPER, Database, Transaction, transaction
from app.db.values import Upload, UploadEventKind, UploadState
from app.services.uploads import note

_BATCH = 200
_HERE: tuple[UploadState, ...] = ("held", "damaged")


@dataclass(frozen=True, slots=True)
class Checked:
    """How many files were looked at, and which are damaged or missing: provider and SHA-256, in that order."""

    files: int
    damaged: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, slots=True)
class Keeper:
    """The service itself, as it looks after files; needs two connections at once. ``clock`` gives UTC."""

    database: Database
    store: ObjectStore
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]
    request_id: str

    def check(self) -> Checked | None:
        """Read every file that is held, and record which are damaged and which are whole again.

        ``None`` while another process does the same. Raises ``Unavailable`` where database or store cannot be reached.
        """
        files = 0
        damaged: list[tuple[UUID, str]] = []
        with self._transaction() as tx:
            if not uploads.only_one(tx, "check of uploads"):
                return None
            for upload in _all(tx):
                intact = self.store.intact(upload.provider, upload.sha256)
                files += 1
                if not intact:
                    damaged.append((upload.provider, upload.sha256))
                if intact != (upload.state == "held"):
                    self.found(upload.provider, upload.sha256, intact=intact)
        return Checked(files, tuple(damaged))

    def found(self, provider: UUID, sha256: str, *, intact: bool) -> None:
        """Record that a file was found damaged or missing, or whole again, unless that is on record already."""
        kind: UploadEventKind = "intact" if intact else "damaged"
        with self._transaction() as tx:
            uploads.lock(tx, provider, sha256)
            if uploads.get(tx, provider, sha256).state == ("damaged" if intact else "held"):
                note(tx, provider, sha256, kind)

    def purge(self, days: int) -> int:
        """Take away the files whose last document was withdrawn ``days`` ago or earlier; gives how many.

        What was stored since counts from then, as does a file that no document was ever recorded with; those under a
        legal hold are kept.
        """
        purged = 0
        before = (self.clock() - timedelta(days=days)).date()
        with self._transaction() as tx:
            candidates = [each for each in _all(tx) if not each.legal_hold]
        for upload in candidates:
            with self._transaction() as tx:
                uploads.lock(tx, upload.provider, upload.sha256)
                now = uploads.get(tx, upload.provider, upload.sha256)
                last = uploads.last_wanted(tx, now)
                if now.state in _HERE and not now.legal_hold and last is not None and last <= before:
                    note(tx, upload.provider, upload.sha256, "purged")
                    self.store.remove(upload.provider, upload.sha256)
                    purged += 1
        return purged

    def _transaction(self) -> AbstractContextManager[Transaction]:
        return transaction(self.database, KEEPER, now=self.clock(), new_id=self.new_id, request_id=self.request_id)


def _all(tx: Transaction) -> Iterator[Upload]:
    """Every upload whose content should be in the store."""
    last: tuple[UUID, str] | None = None
    while batch := uploads.after(tx, last, _BATCH):
        last = (batch[-1].provider, batch[-1].sha256)
        yield from (upload for upload in batch if upload.state in _HERE)
