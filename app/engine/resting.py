"""What a determination rests on, and through when it stays the same (semantics.md 6, 8)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TypeAlias

from app.engine.coverage import Crosswalks
from app.engine.determination import RestsOn, Weights
from app.engine.judge import State
from app.engine.outcome import Outcome
from app.engine.pack import Pack
from app.engine.sitting import Losses, Sitting
from app.engine.values import day_before

Judged: TypeAlias = Mapping[str, Outcome]


class Resting:
    """Adds up, requirement by requirement, what would be lost without each accreditation, and what ends when.

    Entries say most of when a determination changes, what a gap asks for included: every leaf asked has a reason in
    the entry. What entries do not show is the crosswalks in use, what the result rests on, and progress by less than a
    digit of theirs, which may still move that of a standard; both are asked on the days on which they could change.
    """

    __slots__ = ("_end", "_later", "_losses", "_moves")

    def __init__(self, crosswalks: Crosswalks, day: date) -> None:
        self._losses: dict[str, Losses] = {}
        self._later: dict[str, Sitting] = {}
        self._moves = False
        in_use = crosswalks.in_use(day)
        turns = (edge for edge in crosswalks.edges if edge > day and crosswalks.in_use(edge) != in_use)
        self._end = min(map(day_before, turns), default=date.max)

    def add(self, name: str, sitting: Sitting) -> None:
        """One more requirement, as it was judged."""
        if sitting.valid_through is not None and sitting.valid_through < self._end:
            self._end = sitting.valid_through
        lost = sitting.losses()
        if lost:
            self._losses[name] = lost
        if sitting.later:
            moves = any(state.outcome.progress != sitting.outcome.progress for state in sitting.later)
            if lost or moves:
                self._later[name] = sitting
            self._moves = self._moves or moves

    def rests_on(self, pack: Pack) -> tuple[RestsOn, ...]:
        """The `must` weight that would be lost on each rung without each accreditation, by its id."""
        schemes = {held.id: held.scheme for held in pack.accreditations}
        return tuple(
            RestsOn(
                accreditation=name,
                scheme=schemes[name],
                weight=Weights(declared=declared, evidenced=evidenced, verified=verified),
            )
            for name, (declared, evidenced, verified) in sorted(_totals(self._losses.values()).items())
        )

    def valid_through(self, judged: Judged, progress: Callable[[Judged], object]) -> date | None:
        """The last day through which everything but dates of validity stays the same; ``None``: for ever.

        ``progress`` tells that of each standard and overall from what was ``judged``.
        """
        changes: dict[date, list[tuple[str, State]]] = {}
        for name, sitting in self._later.items():
            for state in sitting.later:
                if state.day <= self._end:
                    changes.setdefault(state.day, []).append((name, state))
        current, totals = dict(self._losses), _totals(self._losses.values())
        coming = dict(judged)
        for day in sorted(changes):
            for name, state in changes[day]:
                current[name] = self._later[name].losses(state)
                coming[name] = state.outcome
            if _totals(current.values()) != totals or (self._moves and progress(coming) != progress(judged)):
                return day_before(day)
        return None if self._end == date.max else self._end


def _totals(losses: Iterable[Losses]) -> Losses:
    totals: Losses = {}
    for lost in losses:
        for name, (declared, evidenced, verified) in lost.items():
            sums = totals.get(name, (0, 0, 0))
            totals[name] = (sums[0] + declared, sums[1] + evidenced, sums[2] + verified)
    return totals
