"""From a rule set, its crosswalks and a pack to a determination: the one function that decides (semantics.md 1).

Pure: no clock, network, database or randomness. The pack must have passed ``app.engine.check.pack_faults``.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from app.engine import gaps, score
from app.engine.coverage import prepared
from app.engine.determination import (
    Determination,
    FileRef,
    Gap,
    RequirementResult,
    RestsOn,
    Rung,
    ServiceRef,
    StandardResult,
    Weights,
)
from app.engine.difference import Overview, StandardOverview
from app.engine.judge import Bench, Case, State
from app.engine.pack import Pack
from app.engine.rules import Crosswalk, RuleSet
from app.engine.score import Judged, Tally
from app.engine.sitting import Losses, Sitting, not_judged
from app.engine.values import day_before, trusted


def evaluate(
    rule_set: RuleSet, crosswalks: Iterable[Crosswalk], pack: Pack, as_of: date, rung: Rung = "verified"
) -> Determination:
    """Decide what ``pack`` shows under ``rule_set`` on the civil date ``as_of``.

    ``crosswalks`` may hold every version of every crosswalk; those of this rule set version in effect on ``as_of``
    are used. ``rung`` only chooses what ``gaps`` lists. The same inputs give the same determination, to the last byte.
    """
    bench = Bench(rule_set, prepared(rule_set, tuple(crosswalks)), pack)
    sittings = [Sitting(Case(bench, requirement), as_of) for requirement in rule_set.requirements.values()]
    results = {item.case.requirement.id: item.result() for item in sittings}
    judged = {item.case.requirement.id: item.judged for item in sittings}
    losses = [item.losses(item.state) if item.applies else {} for item in sittings]
    musts = Tally(judged.values(), "must")
    return Determination(
        rule_set=FileRef(id=rule_set.id, version=rule_set.version, sha256=rule_set.sha256),
        crosswalks=tuple(
            FileRef(id=item.id, version=item.version, sha256=item.sha256) for item in bench.crosswalks.in_use(as_of)
        ),
        pack_sha256=pack.sha256,
        as_of=as_of,
        valid_through=_valid_through(bench, sittings, losses, as_of),
        service=ServiceRef(id=pack.service.id, name=pack.service.name, provider=pack.service.provider),
        status=musts.statuses,
        compliance=musts.compliance,
        progress=musts.progress,
        good_practice=Tally(judged.values(), "should").compliance,
        counts=score.counts(judged.values()),
        rests_on=_rests_on(_totals(losses), pack),
        standards=tuple(_standards(rule_set, judged, results)),
        gaps=tuple(sorted(_gaps(bench, sittings, results, as_of, rung), key=gaps.gap_order)),
    )


def glance(rule_set: RuleSet, crosswalks: Iterable[Crosswalk], pack: Pack, as_of: date) -> Overview:
    """Status and scores alone, equal to those of ``evaluate``: what a list of many services needs."""
    bench = Bench(rule_set, prepared(rule_set, tuple(crosswalks)), pack)
    cases = {requirement.id: Case(bench, requirement) for requirement in rule_set.requirements.values()}
    judged = {name: _judged(case, as_of) for name, case in cases.items()}
    musts = Tally(judged.values(), "must")
    standards = {}
    for standard in rule_set.standards:
        tally = Tally((judged[item.id] for item in standard.requirements), "must")
        standards[standard.number] = trusted(
            StandardOverview, status=tally.statuses, compliance=tally.compliance, progress=tally.progress
        )
    return Overview(
        status=musts.statuses,
        compliance=musts.compliance,
        progress=musts.progress,
        good_practice=Tally(judged.values(), "should").compliance,
        standards=standards,
    )


def _judged(case: Case, day: date) -> Judged:
    if case.applicability != "applicable":
        return not_judged(case)
    state = case.state(day)
    verdict = case.verdict(state)
    return Judged(
        case.requirement,
        "applicable",
        verdict.declared,
        verdict.evidenced,
        verdict.verified,
        case.route(verdict),
        case.progress(state, verdict),
    )


def _standards(
    rule_set: RuleSet, judged: dict[str, Judged], results: dict[str, RequirementResult]
) -> Iterator[StandardResult]:
    for standard in rule_set.standards:
        musts = Tally((judged[item.id] for item in standard.requirements), "must")
        yield trusted(
            StandardResult,
            number=standard.number,
            title=standard.title,
            status=musts.statuses,
            compliance=musts.compliance,
            progress=musts.progress,
            requirements=tuple(results[item.id] for item in standard.requirements),
        )


def _gaps(
    bench: Bench, sittings: Sequence[Sitting], results: dict[str, RequirementResult], day: date, rung: Rung
) -> Iterator[Gap]:
    """The requirements not satisfied on ``rung``, in rule set order."""
    for item in sittings:
        if item.gap_on(rung):
            result = results[item.case.requirement.id]
            yield trusted(
                Gap,
                requirement=result.id,
                rung=rung,
                obligation=result.obligation,
                safety_critical=result.safety_critical,
                weight=result.weight,
                reasons=gaps.reasons_on(rung, result.reasons),
                asks=item.asks(),
                would_be_covered_by=gaps.covering_schemes(bench, item.case.requirement, item.case.subjects, day),
            )


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


def _valid_through(bench: Bench, sittings: Sequence[Sitting], losses: Sequence[Losses], as_of: date) -> date | None:
    """The last day through which everything but dates of validity stays the same (semantics.md 8).

    Entries say most of it, what a gap asks for included: every leaf asked has a reason in the entry. What entries do
    not show is the crosswalks in use, and what the result rests on, asked on the days on which it could change.
    """
    ends = [item.valid_through for item in sittings if item.valid_through is not None]
    in_use = bench.crosswalks.in_use(as_of)
    coming = (day for day in bench.crosswalks.edges if day > as_of)
    ends.extend(day_before(day) for day in coming if bench.crosswalks.in_use(day) != in_use)
    end = min(ends, default=date.max)
    changes: dict[date, list[tuple[int, State]]] = {}
    for index, item in enumerate(sittings):
        for state in item.later:
            if state.day <= end:
                changes.setdefault(state.day, []).append((index, state))
    current, totals = list(losses), _totals(losses)
    for day in sorted(changes):
        for index, state in changes[day]:
            current[index] = sittings[index].losses(state)
        if _totals(current) != totals:
            return day_before(day)
    return None if end == date.max else end
