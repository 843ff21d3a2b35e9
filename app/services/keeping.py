"""What the service does by itself with the files of documents: looks whether they are whole, and purges old ones."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from app.clients.objects import ObjectStore
from app.db.repositories import uploads
from app.db.session import KEEPER, Database, Transaction, transaction
from app.db.values import Upload, UploadEventKind, UploadState
from app.errors import Unavailable
from app.services.uploads import note

_BATCH = 50
# Where so many in a row cannot be looked after, it is not they but the store or the database that is out of reach.
_OUT_OF_REACH = 3
_HERE: tuple[UploadState, ...] = ("held", "damaged")


@dataclass(frozen=True, slots=True)
class Checked:
    """How many files were looked at, and which are damaged or missing: provider and SHA-256, in that order.

    ``passed_over`` are those that could not be looked at, or put on record, as somebody else was at work on them.
    """

    files: int
    damaged: tuple[tuple[UUID, str], ...]
    passed_over: tuple[tuple[UUID, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Purged:
    """How many files were taken away, and which were passed over, as in ``Checked``."""

    files: int
    passed_over: tuple[tuple[UUID, str], ...] = ()


@dataclass(slots=True)
class _Round:
    """One round through the files, in which one that cannot be looked after holds up no other."""

    passed_over: list[tuple[UUID, str]] = field(default_factory=list)
    in_a_row: int = 0

    @contextmanager
    def one(self, upload: Upload) -> Iterator[None]:
        """Look after one file; raises ``Unavailable`` only where that happens to one after the other."""
        try:
            yield
        except Unavailable:
            self.in_a_row += 1
            if self.in_a_row >= _OUT_OF_REACH:
                raise
            self.passed_over.append((upload.provider, upload.sha256))
        else:
            self.in_a_row = 0


@dataclass(frozen=True, slots=True)
class Keeper:
    """The service itself, as it looks after files; needs two connections at once. ``clock`` gives UTC.

    It goes through them in pieces: no transaction is open for longer than a piece takes.
    """

    database: Database
    store: ObjectStore
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]
    request_id: str

    def check(self) -> Checked | None:
        """Read every file that is held, and record which are damaged and which are whole again.

        ``None`` where another process begins to do the same. Raises ``Unavailable`` where database or store cannot be
        reached.
        """
        files, last = 0, None
        damaged: list[tuple[UUID, str]] = []
        turn = _Round()
        while True:
            with self._transaction() as tx:
                if not uploads.only_one(tx, "check of uploads"):
                    return None
                batch = uploads.after(tx, last, _BATCH)
                for upload in _here(batch):
                    with turn.one(upload):
                        intact = self.store.intact(upload.provider, upload.sha256)
                        files += 1
                        if not intact:
                            damaged.append((upload.provider, upload.sha256))
                        if intact != (upload.state == "held"):
                            self.found(upload.provider, upload.sha256, intact=intact)
            if not batch:
                return Checked(files, tuple(damaged), tuple(turn.passed_over))
            last = (batch[-1].provider, batch[-1].sha256)

    def found(self, provider: UUID, sha256: str, *, intact: bool) -> None:
        """Record that a file was found damaged or missing, or whole again, unless that is on record already."""
        kind: UploadEventKind = "intact" if intact else "damaged"
        with self._transaction() as tx:
            uploads.lock(tx, provider, sha256)
            if uploads.get(tx, provider, sha256).state == ("damaged" if intact else "held"):
                note(tx, provider, sha256, kind)

    def purge(self, days: int) -> Purged:
        """Take away the files whose last document was withdrawn ``days`` ago or earlier, each by itself.

        What was stored since counts from then, as does a file that no document was ever recorded with; those under a
        legal hold are kept. Raises ``Unavailable`` as ``check`` does; what was taken away by then is on record.
        """
        files, last = 0, None
        before = (self.clock() - timedelta(days=days)).date()
        turn = _Round()
        while True:
            with self._transaction() as tx:
                batch = uploads.after(tx, last, _BATCH)
            for upload in _here(batch):
                with turn.one(upload):
                    files += self._purged(upload, before)
            if not batch:
                return Purged(files, tuple(turn.passed_over))
            last = (batch[-1].provider, batch[-1].sha256)

    def _purged(self, upload: Upload, before: date) -> bool:
        """Take one file away if nobody has wanted it since that day; whether it was."""
        if upload.legal_hold:
            return False
        with self._transaction() as tx:
            uploads.lock(tx, upload.provider, upload.sha256)
            now = uploads.get(tx, upload.provider, upload.sha256)
            last = uploads.last_wanted(tx, now)
            if now.state not in _HERE or now.legal_hold or last is None or last > before:
                return False
            note(tx, upload.provider, upload.sha256, "purged")
            self.store.remove(upload.provider, upload.sha256)
        return True

    def _transaction(self) -> AbstractContextManager[Transaction]:
        return transaction(self.database, KEEPER, now=self.clock(), new_id=self.new_id, request_id=self.request_id)


def _here(batch: Iterable[Upload]) -> Iterator[Upload]:
    """Those whose content should be in the store."""
    return (upload for upload in batch if upload.state in _HERE)
