"""The portfolio as of another day, or as it was known at an instant: worked out from the record, service by service.

Nothing of it is kept, so it goes by in the order of services, and begins before it is all worked out.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, islice
from typing import Final, TypeAlias
from uuid import UUID

from app.db.portfolio import Candidate, Filter, Judged
from app.db.repositories import facts, portfolio
from app.db.session import Transaction
from app.db.values import Slice
from app.loader.catalogue import Catalogue
from app.services.portfolio import judge

# The place of an entry: its service, and its rule set.
Place: TypeAlias = tuple[UUID, str]
# So many services at most are worked out for one page.
MOST_EXAMINED: Final = 200
# The first one comes alone, so that whoever reads along waits for no other.
_BATCHES: Final = (1, 20)


@dataclass(frozen=True, slots=True)
class Past:
    """A portfolio on a day (``None``: the day of reading), as known at an instant (``None``: now).

    ``reading`` gives transactions of whoever asks: of what is shared with them today they see what it showed then.
    """

    catalogue: Catalogue
    reading: Callable[[], AbstractContextManager[Transaction]]
    as_of: date
    known_at: datetime | None

    def every(self, wanted: Filter) -> Iterator[Judged]:
        """All entries asked for, one after the other; raises ``Invalid`` for an instant to come at once."""
        for _, found in self._examined(None):
            yield from filter(wanted.takes, found)

    def page(self, wanted: Filter, after: Place | None, limit: int) -> Slice[Judged, Place]:
        """At most ``limit`` of the entries asked for after a place: fewer where others took long to find.

        Raises ``Invalid`` for an instant to come.
        """
        items: list[Judged] = []
        for count, (service, found) in enumerate(self._examined(after), start=1):
            for judged in filter(wanted.takes, found):
                if len(items) == limit:
                    return Slice(tuple(items), _place(items[-1]))
                items.append(judged)
            if count == MOST_EXAMINED:
                return Slice(tuple(items), (service, "\U0010ffff"))
        return Slice(tuple(items), None)

    def of_services(self, services: Sequence[UUID], rule_set: str | None) -> list[Judged]:
        """The entries of these services."""
        with self.reading() as tx:
            self._refuse_to_come(tx)
            found = portfolio.of_services(tx, services)
            judged = [item for _, group in _by_service(found) for item in self._standing(tx, group)]
        return [item for item in judged if rule_set in (None, item.entry.rule_set.id)]

    def _examined(self, after: Place | None) -> Iterator[tuple[UUID, list[Judged]]]:
        with self.reading() as tx:
            self._refuse_to_come(tx)
            services = iter(_by_service(portfolio.candidates(tx)))
        rest = ((service, group) for service, group in services if after is None or service >= after[0])
        size = _BATCHES[0]
        while batch := list(islice(rest, size)):
            with self.reading() as tx:
                found = [(service, self._standing(tx, group)) for service, group in batch]
            for service, judged in found:
                yield service, [item for item in judged if after is None or _place(item) > after]
            size = _BATCHES[1]

    def _standing(self, tx: Transaction, group: Sequence[Candidate]) -> list[Judged]:
        """For each rule set the newest assessment of a service that was submitted by then and not withdrawn."""
        newest: dict[str, Judged] = {}
        for candidate in group:
            found = judge(tx, self.catalogue, candidate, as_of=self.as_of, known_at=self.known_at)
            if found is None or found.entry.state == "withdrawn":
                continue
            known = newest.get(candidate.rule_set.id)
            if known is None or _submitted(found) > _submitted(known):
                newest[candidate.rule_set.id] = found
        return [newest[name] for name in sorted(newest)]

    def _refuse_to_come(self, tx: Transaction) -> None:
        if self.known_at is not None:
            facts.refuse_to_come(tx, self.known_at)


def _by_service(found: Sequence[Candidate]) -> list[tuple[UUID, list[Candidate]]]:
    return [(service, list(group)) for service, group in groupby(found, key=lambda each: each.service)]


def _place(judged: Judged) -> Place:
    return judged.entry.service, judged.entry.rule_set.id


def _submitted(judged: Judged) -> tuple[datetime, UUID]:
    return judged.entry.submitted_at, judged.entry.assessment
