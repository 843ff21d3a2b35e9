"""The portfolio as of another day, or as it was known at an instant: worked out from the record, service by service.

Nothing of it is kept. It goes by in the order of services, and begins before it is all worked out. Sorted and counted
it goes by as well, each time from the first service to the last: what is kept meanwhile is a page of entries, all of
them in short where no page is asked for, or the counts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from heapq import nlargest, nsmallest
from itertools import groupby
from typing import Any, Final, TypeAlias
from uuid import UUID

from app.db.portfolio import Candidate, Count, Entry, Filter, Judged, Sort, counts_of, sort_value
from app.db.repositories import facts, portfolio
from app.db.session import Transaction
from app.db.values import Slice
from app.loader.catalogue import Catalogue
from app.services.portfolio import judge

# The place of an entry: its service, and its rule set.
Place: TypeAlias = tuple[UUID, str]
# So many services at most are worked out for one page.
MOST_EXAMINED: Final = 200
_BATCH: Final = 20
_READ: Final[Mapping[Sort, Callable[[str], Any]]] = {
    "name": str,
    "score": Decimal,
    "status": int,
    "lapse": date.fromisoformat,
    "submitted": datetime.fromisoformat,
}


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

    def ordered(
        self, wanted: Filter, sort: Sort, *, descending: bool, after: tuple[str, UUID] | None, limit: int | None
    ) -> Slice[Entry, tuple[str, UUID]]:
        """The entries asked for in an order, and then by assessment; without ``limit`` all of them.

        Every service is worked out for it, and no more than ``limit`` entries are kept. The place ``after`` is as in
        ``app.db.repositories.portfolio.page``. Raises ``Invalid`` for an instant to come.
        """

        def place(entry: Entry) -> tuple[Any, UUID]:
            return sort_value(entry, sort, wanted.rung), entry.assessment

        found = (judged.entry for judged in self.every(wanted))
        if after is not None:
            last = _READ[sort](after[0]), after[1]
            found = (item for item in found if (place(item) < last if descending else place(item) > last))
        if limit is None:
            return Slice(tuple(sorted(found, key=place, reverse=descending)), None)
        shown = (nlargest if descending else nsmallest)(limit + 1, found, key=place)
        if len(shown) <= limit:
            return Slice(tuple(shown), None)
        value, assessment = place(shown[limit - 1])
        text = value.isoformat() if isinstance(value, date) else str(value)
        return Slice(tuple(shown[:limit]), (text, assessment))

    def counted(self, wanted: Filter, groups: Mapping[str, Mapping[str, Sequence[str]]]) -> tuple[int, list[Count]]:
        """How many entries are asked for, and of each value how many have it, as ``counts_of`` has it.

        Every service is worked out for it, and none is kept. Raises ``Invalid`` for an instant to come.
        """
        return counts_of(self.every(wanted), wanted.rung, groups)

    def _examined(self, after: Place | None) -> Iterator[tuple[UUID, list[Judged]]]:
        """Services in the order of ids; the first one comes alone, so that whoever reads along waits for no other."""
        at, begun = (None if after is None else after[0]), False
        while True:
            with self.reading() as tx:
                self._refuse_to_come(tx)
                if at is None or begun:
                    group = portfolio.next_services(tx, at, limit=_BATCH if begun else 1)
                else:
                    group = portfolio.of_services(tx, [at])
                found = [(service, self._standing(tx, each)) for service, each in _by_service(group)]
            if begun and not found:
                return
            for service, judged in found:
                at = service
                yield service, [item for item in judged if after is None or _place(item) > after]
            begun = True

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
