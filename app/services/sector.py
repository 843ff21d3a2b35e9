"""The sector over time: what all services showed together on the last day of each quarter, as it was known then.

Each quarter is counted once, from the record, by the engine, and kept without anything of a single service. A quarter
that goes on has no figures: whoever read them again after each submission would know what that one service showed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from app.db.portfolio import Candidate
from app.db.repositories import assessments, sector
from app.db.repositories.facts import Subject
from app.db.sector import Count, Quarter, Together, total
from app.db.session import Transaction, alone
from app.engine.rules import RuleSet, RuleSetRef
from app.errors import Unavailable
from app.services.portfolio import Projector, fingerprint, judge
from app.services.sector_figures import Group, groups, of_service

# So many services are counted in one transaction, and so many transactions a reader waits for.
BATCH: Final = 50
_BATCHES_A_READER: Final = 4
# Five years.
MOST_QUARTERS: Final = 20
_MONTHS: Final = 3


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, a commissioner in its regions or (without one) somebody who sees no service by itself."""

    commissioner: UUID | None = None
    regions: frozenset[str] = frozenset()


def ended(today: date, count: int) -> tuple[date, ...]:
    """The last days of the quarters of the calendar that have ended before ``today``, the latest first."""
    found = [today.replace(month=today.month - (today.month - 1) % _MONTHS, day=1) - timedelta(days=1)]
    while len(found) < count:
        before = found[-1]
        found.append(before.replace(month=before.month - _MONTHS + 1, day=1) - timedelta(days=1))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Sector:
    """The services assessed under the versions of one rule set."""

    projector: Projector
    rule_set: str

    def read(
        self, version: RuleSet, last_days: Sequence[date], regions: Sequence[str], reader: Reader
    ) -> list[tuple[date, list[Group]]]:
        """What the services assessed under ``version`` showed on these last days, in this order, by group.

        Counts first what is not counted yet. Raises ``Unavailable`` where that is more than a reader may wait for;
        asked again, it goes on.
        """
        loaded = self._loaded()
        for _ in range(_BATCHES_A_READER + 1):
            with self.projector.transaction(snapshot=True) as tx:
                begun = sector.quarters(tx, self.rule_set, last_days)
                turns = {day: quarter.turn for day, quarter in begun.items() if _is_counted(quarter, loaded)}
                if len(turns) == len(last_days):
                    ref = RuleSetRef(id=version.id, version=version.version)
                    found = sector.counts(tx, ref, turns, reader.commissioner)
                    break
            self.count(last_days)
        else:
            raise Unavailable(
                "The quarters of the sector are still being counted.",
                hint="Try again in a few seconds: what was counted is kept.",
            )
        shown = []
        for day in last_days:
            counts = [count for count in found if count.last_day == day]
            every = [count for count in counts if count.of.shared_with is None]
            known = [count for count in counts if count.of.shared_with and reader.regions & {*count.of.regions}]
            shown.append((day, groups(version, every, known, regions)))
        return shown

    def count(self, last_days: Sequence[date]) -> bool:
        """Count at most ``BATCH`` services more in these quarters; gives whether all are counted now.

        Everybody who does so takes turns, so that nothing is counted twice. Raises ``Unavailable``.
        """
        left, loaded = BATCH, self._loaded()
        with self.projector.transaction() as tx:
            alone(tx, "sector")
            known = sector.quarters(tx, self.rule_set, last_days)
            for day in last_days:
                quarter = known.get(day)
                if quarter is not None and _is_counted(quarter, loaded):
                    continue
                if quarter is None or quarter.catalogue != loaded:
                    quarter = sector.next_turn(tx, self.rule_set, day, loaded)
                done, complete = self._count(tx, quarter, left)
                left -= done
                if not complete or not left:
                    return False
        return True

    def renew(self, most: int) -> int:
        """Count anew, whatever is kept, the quarters that have ended since the first assessment; gives how many.

        At most the latest ``most``. Until all are counted, readers are told to come again. Raises ``Unavailable``.
        """
        with self.projector.transaction() as tx:
            alone(tx, "sector")
            first = sector.first_day(tx)
            days = [day for day in ended(tx.now.date(), most) if first is not None and day >= first]
            for day in days:
                sector.next_turn(tx, self.rule_set, day, self._loaded())
        while not self.count(days):
            pass
        return len(days)

    def _loaded(self) -> str:
        return fingerprint(self.projector.catalogue, self.rule_set)

    def _count(self, tx: Transaction, quarter: Quarter, limit: int) -> tuple[int, bool]:
        """Count at most ``limit`` services more; gives how many it were, and whether that was all."""
        known_at = _end_of(quarter.last_day)
        after = quarter.after_service
        found = sector.next_services(tx, self.rule_set, known_at, after=after, limit=limit)
        added = [count for group in found for count in self._of_service(tx, group, quarter.last_day, known_at)]
        sector.add(tx, self.rule_set, quarter, _together(added))
        complete = len(found) < limit
        sector.go_on(tx, self.rule_set, quarter, after=found[-1][0].service if found else after, counted=complete)
        return len(found), complete

    def _of_service(
        self, tx: Transaction, group: Sequence[Candidate], last_day: date, known_at: datetime
    ) -> list[Count]:
        """What its newest assessment shows of those that were submitted, shared and not withdrawn then."""
        catalogue = self.projector.catalogue
        standing = None
        for candidate in group:
            subject = Subject(candidate.service, candidate.provider, candidate.assessment)
            shared_with = assessments.shared_at(tx, subject, known_at)
            if not shared_with:
                continue
            judged = judge(tx, catalogue, candidate, as_of=last_day, known_at=known_at)
            if judged is None or judged.entry.state == "withdrawn":
                continue
            place = (judged.entry.submitted_at, judged.entry.assessment)
            if standing is None or place > standing[0]:
                standing = place, judged, shared_with
        if standing is None or not standing[1].tally:
            return []
        _, judged, shared_with = standing
        ref, regions = judged.entry.rule_set, tuple(sorted({*judged.entry.regions}))
        figures = of_service(catalogue.rule_set(ref.id, ref.version), judged.tally.decode())
        return [Count(last_day, Together(ref.version, regions, each), 1, figures) for each in (None, *shared_with)]


def _is_counted(quarter: Quarter, loaded: str) -> bool:
    return quarter.counted and quarter.catalogue == loaded


def _together(counts: Sequence[Count]) -> Iterator[Count]:
    by_kind: dict[Together, list[Count]] = {}
    for count in counts:
        by_kind.setdefault(count.of, []).append(count)
    for of, same in by_kind.items():
        figures = total((count.figures for count in same), len(same[0].figures))
        yield Count(same[0].last_day, of, len(same), figures)


def _end_of(day: date) -> datetime:
    """The last instant of a day, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), UTC) - timedelta(microseconds=1)
