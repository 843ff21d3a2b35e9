"""What a list of services keeps of each: its determination in short, and what lapses by itself (semantics.md 8)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from string import hexdigits

from app.engine.determination import RUNGS, Determination, RequirementResult, Rung, Scores
from app.engine.difference import Overview, overview
from app.engine.evaluate import evaluate
from app.engine.judge import Case, bench_of
from app.engine.pack import Pack
from app.engine.plan import FOR_EVER, plans
from app.engine.rules import Crosswalk, Requirement, RuleSet
from app.engine.values import CivilDate, Frozen, Name, day_after

Lapses = dict[Rung, CivilDate]
_APPLIES = 8
_BITS: Mapping[Rung, int] = {"declared": 4, "evidenced": 2, "verified": 1}


class Digest(Frozen):
    """A determination in short, equal to that of ``evaluate``; it holds through ``valid_through``.

    ``failing`` has the applicable requirements not satisfied on a rung, ``failing_standards`` the standards with a
    ``must`` among them, both in rule set order. ``lapses`` gives for each ``must`` and each rung that it is satisfied
    on the first day on which it no longer is, if nothing is handed in or decided; those that never lapse are left out.
    ``schemes`` are those of the accreditations that stand in for something, sorted. ``tally`` has a hexadecimal digit
    for every requirement in rule set order: 8 where it applies, and 4, 2 and 1 for each rung that it reaches.
    """

    overview: Overview
    failing: dict[Rung, tuple[Name, ...]]
    failing_standards: dict[Rung, tuple[int, ...]]
    lapses: dict[Name, Lapses]
    schemes: tuple[str, ...]
    tally: str
    valid_through: CivilDate | None

    def first_lapse(self, rung: Rung) -> date | None:
        """The first day on which a ``must`` that is satisfied on ``rung`` no longer is."""
        return min((days[rung] for days in self.lapses.values() if rung in days), default=None)


@dataclass(frozen=True, slots=True)
class Outline:
    """What thresholds are read from, of a determination or of what a list keeps of one: its scores and ``tally``."""

    rule_set: RuleSet
    compliance: Scores
    tally: str

    @classmethod
    def of(cls, rule_set: RuleSet, found: Determination) -> "Outline":
        """The outline of a determination under its rule set."""
        return cls(rule_set, found.compliance, _tally(found))

    @property
    def applicable(self) -> list[Requirement]:
        """The requirements that apply and are not excluded, in rule set order."""
        return [item for item, digit in self._each if digit & _APPLIES]

    def failing(self, rung: Rung) -> list[Requirement]:
        """The applicable requirements not satisfied on a rung, in rule set order."""
        return [item for item, digit in self._each if digit & _APPLIES and not digit & _BITS[rung]]

    @property
    def _each(self) -> Iterator[tuple[Requirement, int]]:
        return zip(self.rule_set.requirements.values(), map(hexdigits.index, self.tally), strict=True)


def digest(rule_set: RuleSet, crosswalks: Iterable[Crosswalk], pack: Pack, as_of: date) -> Digest:
    """Decide as ``evaluate`` does, and keep what a list needs."""
    crosswalks = tuple(crosswalks)
    found = evaluate(rule_set, crosswalks, pack, as_of)
    results = [result for standard in found.standards for result in standard.requirements]
    ready = plans(rule_set, crosswalks)
    bench = bench_of(ready, pack)
    lapses = {
        result.id: _lapses(bench.case(ready.of[result.id]), result, as_of)
        for result in results
        if result.obligation == "must" and result.declared and result.valid_through is not None
    }
    return Digest(
        overview=overview(found),
        failing={rung: tuple(result.id for result in results if _fails(result, rung)) for rung in RUNGS},
        failing_standards={rung: _standards(found, rung) for rung in RUNGS},
        lapses={name: days for name, days in lapses.items() if days},
        schemes=tuple(sorted({item.scheme for item in found.rests_on})),
        tally=_tally(found),
        valid_through=found.valid_through,
    )


def _fails(result: RequirementResult, rung: Rung) -> bool:
    return result.applicability == "applicable" and not getattr(result, rung)


def _standards(found: Determination, rung: Rung) -> tuple[int, ...]:
    return tuple(
        standard.number
        for standard in found.standards
        if any(_fails(result, rung) and result.obligation == "must" for result in standard.requirements)
    )


def _tally(found: Determination) -> str:
    return "".join(f"{_tallied(result):x}" for standard in found.standards for result in standard.requirements)


def _tallied(result: RequirementResult) -> int:
    if result.applicability != "applicable":
        return 0
    return _APPLIES + sum(bit for rung, bit in _BITS.items() if getattr(result, rung))


def _lapses(case: Case, result: RequirementResult, day: date) -> Lapses:
    """Applicability never changes by itself, and so what a day decides is all that has to be asked."""
    found: Lapses = {}
    waiting = [rung for rung in RUNGS if getattr(result, rung)]
    state = case.state(day)
    while waiting and (through := case.through(state)) < FOR_EVER:
        state = case.state(day_after(through))
        for rung in waiting:
            if not state.outcome.satisfied(rung):
                found[rung] = state.day
        waiting = [rung for rung in waiting if rung not in found]
    return found
