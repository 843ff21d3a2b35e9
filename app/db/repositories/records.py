"""Facts of one kind as recorded engine values, one by one and page by page."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

from app.db.repositories import facts
from app.db.repositories.facts import Fact, Subject
from app.db.session import Transaction
from app.db.values import FactKind, Recorded, Slice, not_found
from app.engine.values import Frozen

T = TypeVar("T", bound=Frozen)


class Records(Generic[T]):
    """The facts of ``kind``, each of which is one ``model``; ``subject_of`` finds what they are about.

    Every method raises ``NotFound`` unless the caller may see the service or assessment that it names.
    """

    def __init__(self, kind: FactKind, model: type[T], subject_of: Callable[[Transaction, UUID], Subject]) -> None:
        self.kind: FactKind = kind
        self._model = model
        self._subject_of = subject_of

    def get(self, tx: Transaction, owner: UUID, key: str) -> Recorded[T]:
        """The newest version of one fact; raises ``NotFound`` where there is none."""
        found = self.find(tx, self._subject_of(tx, owner), key)
        if found is None:
            raise not_found()
        return found

    def find(self, tx: Transaction, subject: Subject, key: str) -> Recorded[T] | None:
        """The newest version of one fact, or ``None`` where there is none."""
        found = facts.newest(tx, subject, self.kind, key)
        return None if found is None else self._values(tx, subject, (found,))[0]

    def among(self, tx: Transaction, subject: Subject, keys: Sequence[str]) -> dict[str, Recorded[T]]:
        """The newest versions of the facts with these keys; keys without a fact are left out."""
        found = tuple(facts.among(tx, subject, self.kind, keys).values())
        return {item.key: item for item in self._values(tx, subject, found)}

    def versions(self, tx: Transaction, owner: UUID, key: str) -> tuple[Recorded[T], ...]:
        """Every version of one fact that the caller may see, the oldest first; raises ``NotFound`` without any."""
        subject = self._subject_of(tx, owner)
        found = self._values(tx, subject, facts.versions(tx, subject, self.kind, key))
        if not found:
            raise not_found()
        return found

    def page(self, tx: Transaction, owner: UUID, *, after: str | None, limit: int) -> Slice[Recorded[T], str]:
        """The newest versions in the order of their keys: at most ``limit``, after the key ``after``."""
        subject = self._subject_of(tx, owner)
        found = facts.page(tx, subject, self.kind, after, limit)
        return Slice(self._values(tx, subject, found.items), found.next)

    def _values(self, _tx: Transaction, _subject: Subject, found: tuple[Fact, ...]) -> tuple[Recorded[T], ...]:
        return tuple(self._recorded(fact, self._model.model_validate(fact.body)) for fact in found)

    @staticmethod
    def _recorded(fact: Fact, value: T, mark: str = "") -> Recorded[T]:
        etag = f"{fact.version}{mark}"
        return Recorded(fact.key, value, fact.version, etag, fact.recorded_at, fact.recorded_by)
