"""From a rule set, its crosswalks and a pack to a determination: the one function that decides (semantics.md 1).

Pure: no clock, network, database or randomness. The pack must have passed ``app.engine.check.pack_faults``.
"""

from collections.abc import Iterable
from datetime import date

from app.engine import gaps, score
from app.engine.determination import (
    DETERMINATION_FORMAT,
    ENGINE_VERSION,
    Determination,
    Gap,
    RestsOn,
    Rung,
    Scores,
    ServiceRef,
    StandardResult,
    Weights,
)
from app.engine.difference import Overview, StandardOverview
from app.engine.judge import Bench, Case, State
from app.engine.outcome import Outcome
from app.engine.pack import Pack
from app.engine.plan import Plans, plans
from app.engine.rules import Crosswalk, RuleSet
from app.engine.score import Tally
from app.engine.sitting import Losses, Sitting
from app.engine.values import day_before, trusted


def evaluate(
    rule_set: RuleSet, crosswalks: Iterable[Crosswalk], pack: Pack, as_of: date, rung: Rung = "verified"
) -> Determination:
    """Decide what ``pack`` shows under ``rule_set`` on the civil date ``as_of``.

    ``crosswalks`` may hold every version of every crosswalk; those of this rule set version in effect on ``as_of``
    are used. ``rung`` only chooses what ``gaps`` lists. The same inputs give the same determination, to the last byte.
    """
    ready = plans(rule_set, tuple(crosswalks))
    bench = Bench(ready, pack)
    sittings = {name: Sitting(Case(bench, plan), as_of) for name, plan in ready.of.items()}
    losses = {name: lost for name, item in sittings.items() if (lost := item.losses())}
    totals = _totals(losses.values())
    judged = {name: item.outcome for name, item in sittings.items()}
    tallies = _tallies(ready, judged)
    musts = Tally.total(tallies)
    return trusted(
        Determination,
        format=DETERMINATION_FORMAT,
        engine=ENGINE_VERSION,
        rule_set=ready.ref,
        crosswalks=tuple([item.ref for item in bench.crosswalks.in_use(as_of)]),
        pack_sha256=pack.sha256,
        as_of=as_of,
        valid_through=_valid_through(bench, sittings, losses, totals, as_of),
        service=ServiceRef(id=pack.service.id, name=pack.service.name, provider=pack.service.provider),
        status=musts.statuses,
        compliance=musts.compliance,
        progress=musts.progress,
        good_practice=_good_practice(ready, judged),
        counts=score.counts(judged.values()),
        rests_on=_rests_on(totals, pack),
        standards=tuple(
            [
                trusted(
                    StandardResult,
                    number=standard.number,
                    title=standard.title,
                    status=tally.statuses,
                    compliance=tally.compliance,
                    progress=tally.progress,
                    requirements=tuple([sittings[name].result() for name in names]),
                )
                for (standard, names), tally in zip(ready.standards, tallies, strict=True)
            ]
        ),
        gaps=tuple(_gaps(bench, sittings, as_of, rung)),
    )


def glance(rule_set: RuleSet, crosswalks: Iterable[Crosswalk], pack: Pack, as_of: date) -> Overview:
    """Status and scores alone, equal to those of ``evaluate``: what a list of many services needs."""
    ready = plans(rule_set, tuple(crosswalks))
    bench = Bench(ready, pack)
    judged = {name: _judged(Case(bench, plan), as_of) for name, plan in ready.of.items()}
    tallies = _tallies(ready, judged)
    musts = Tally.total(tallies)
    return trusted(
        Overview,
        status=musts.statuses,
        compliance=musts.compliance,
        progress=musts.progress,
        good_practice=_good_practice(ready, judged),
        standards={
            standard.number: trusted(
                StandardOverview, status=tally.statuses, compliance=tally.compliance, progress=tally.progress
            )
            for standard, tally in zip(rule_set.standards, tallies, strict=True)
        },
    )


def _judged(case: Case, day: date) -> Outcome:
    if case.applicability != "applicable":
        return case.not_judged()
    return case.state(day).outcome


def _tallies(ready: Plans, judged: dict[str, Outcome]) -> list[Tally]:
    """The ``must`` requirements of each standard, added up."""
    return [Tally.of([judged[name] for name in names]) for names in ready.musts]


def _good_practice(ready: Plans, judged: dict[str, Outcome]) -> Scores:
    """The scores of the ``should`` requirements."""
    return Tally.of([judged[name] for name in ready.shoulds]).compliance


def _gaps(bench: Bench, sittings: dict[str, Sitting], day: date, rung: Rung) -> list[Gap]:
    """The requirements not satisfied on ``rung``, in the order of semantics.md 7."""
    found = []
    for plan in bench.plans.gap_order:
        item = sittings[plan.id]
        if item.gap_on(rung):
            found.append(
                trusted(
                    Gap,
                    requirement=plan.id,
                    rung=rung,
                    obligation=plan.obligation,
                    safety_critical=plan.critical,
                    weight=plan.weight,
                    reasons=gaps.reasons_on(rung, item.reasons),
                    asks=item.asks(),
                    would_be_covered_by=bench.covering_schemes(item.case, day),
                )
            )
    return found


def _totals(losses: Iterable[Losses]) -> Losses:
    totals: Losses = {}
    for lost in losses:
        for name, (declared, evidenced, verified) in lost.items():
            sums = totals.get(name, (0, 0, 0))
            totals[name] = (sums[0] + declared, sums[1] + evidenced, sums[2] + verified)
    return totals


def _rests_on(totals: Losses, pack: Pack) -> tuple[RestsOn, ...]:
    schemes = {held.id: held.scheme for held in pack.accreditations}
    return tuple(
        RestsOn(
            accreditation=name,
            scheme=schemes[name],
            weight=Weights(declared=declared, evidenced=evidenced, verified=verified),
        )
        for name, (declared, evidenced, verified) in sorted(totals.items())
    )


def _valid_through(
    bench: Bench, sittings: dict[str, Sitting], losses: dict[str, Losses], totals: Losses, as_of: date
) -> date | None:
    """The last day through which everything but dates of validity stays the same (semantics.md 8).

    Entries say most of it, what a gap asks for included: every leaf asked has a reason in the entry. What entries do
    not show is the crosswalks in use, and what the result rests on, asked on the days on which it could change.
    """
    ends = [item.valid_through for item in sittings.values() if item.valid_through is not None]
    in_use = bench.crosswalks.in_use(as_of)
    coming = (day for day in bench.crosswalks.edges if day > as_of)
    ends.extend(day_before(day) for day in coming if bench.crosswalks.in_use(day) != in_use)
    end = min(ends, default=date.max)
    changes: dict[date, list[tuple[str, State]]] = {}
    for name, item in sittings.items():
        for state in item.later:
            if state.day <= end:
                changes.setdefault(state.day, []).append((name, state))
    current = dict(losses)
    for day in sorted(changes):
        for name, state in changes[day]:
            current[name] = sittings[name].losses(state)
        if _totals(current.values()) != totals:
            return day_before(day)
    return None if end == date.max else end
