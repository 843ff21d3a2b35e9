"""From a rule set, its crosswalks and a pack to a determination: the one function that decides (semantics.md 1).

Pure: no clock, network, database or randomness. The pack must have passed ``app.engine.check.pack_faults``.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from app.engine import gaps, score
from app.engine.coverage import Crosswalks
from app.engine.determination import (
    Cover,
    Determination,
    FileRef,
    Gap,
    Override,
    RequirementResult,
    RestsOn,
    Rung,
    ServiceRef,
    StandardResult,
    Weights,
)
from app.engine.judge import Bench, Case, Verdict, covers
from app.engine.pack import Pack
from app.engine.rules import Crosswalk, RuleSet
from app.engine.score import Judged
from app.engine.values import day_before


def evaluate(
    rule_set: RuleSet, crosswalks: Iterable[Crosswalk], pack: Pack, as_of: date, rung: Rung = "verified"
) -> Determination:
    """Decide what ``pack`` shows under ``rule_set`` on the civil date ``as_of``.

    ``crosswalks`` may hold every version of every crosswalk; those of this rule set version in effect on ``as_of``
    are used. ``rung`` only chooses what ``gaps`` lists. The same inputs give the same determination, to the last byte.
    """
    bench = Bench(rule_set, Crosswalks(rule_set, crosswalks), pack)
    cases = [Case(bench, requirement) for requirement in rule_set.requirements.values()]
    sittings = [_Sitting(case, as_of) for case in cases]
    results = {item.case.requirement.id: item.result for item in sittings}
    judged = {item.case.requirement.id: item.judged for item in sittings}
    losses = [_losses(item, as_of) for item in sittings]
    musts = score.applicable(judged.values(), "must")
    return Determination(
        rule_set=FileRef(id=rule_set.id, version=rule_set.version, sha256=rule_set.sha256),
        crosswalks=tuple(
            FileRef(id=item.id, version=item.version, sha256=item.sha256)
            for item in bench.crosswalks.in_use(bench.crosswalks.epoch(as_of))
        ),
        pack_sha256=pack.sha256,
        as_of=as_of,
        valid_through=_valid_through(bench, sittings, losses, as_of, rung),
        service=ServiceRef(id=pack.service.id, name=pack.service.name, provider=pack.service.provider),
        status=score.statuses(musts),
        compliance=score.compliance(musts),
        progress=score.progress(musts),
        good_practice=score.compliance(score.applicable(judged.values(), "should")),
        counts=score.counts(list(judged.values())),
        rests_on=_rests_on(_totals(losses), pack),
        standards=tuple(
            StandardResult(
                number=standard.number,
                title=standard.title,
                status=score.statuses(counted),
                compliance=score.compliance(counted),
                progress=score.progress(counted),
                requirements=tuple(results[requirement.id] for requirement in standard.requirements),
            )
            for standard in rule_set.standards
            for counted in [score.applicable((judged[item.id] for item in standard.requirements), "must")]
        ),
        gaps=tuple(sorted(_gaps(bench, sittings, as_of, rung), key=gaps.gap_order)),
    )


class _Sitting:
    """One case judged on ``as_of``, and the last day through which that judgement stands (semantics.md 5.7)."""

    def __init__(self, case: Case, as_of: date) -> None:
        self.case = case
        self.verdict = case.verdict(as_of)
        found = _result(case, self.verdict, as_of)
        self.edges = sorted({day for day in case.edges() if day > as_of})
        changed = next((day for day in self.edges if _result(case, case.verdict(day), day) != found), None)
        self.valid_through = None if changed is None else day_before(changed)
        self.result = found.model_copy(update={"valid_through": self.valid_through})
        self.judged = Judged(
            requirement=case.requirement,
            applicability=found.applicability,
            declared=found.declared is True,
            evidenced=found.evidenced is True,
            verified=found.verified is True,
            route=found.route,
            progress=case.progress(self.verdict) if found.applicability == "applicable" else Fraction(0),
        )

    def gap_on(self, rung: Rung) -> bool:
        """Whether the requirement applies and is not satisfied on ``rung``."""
        return self.judged.applicability == "applicable" and not self.judged.satisfied(rung)


def _result(case: Case, verdict: Verdict, day: date) -> RequirementResult:
    """The requirement's entry in a determination of ``day``, all but its ``valid_through``."""
    requirement = case.requirement
    applies = case.applicability == "applicable"
    route = {
        "applicable": case.route(verdict),
        "excluded": "exclusion",
        "not_applicable": "not_applicable_by_rule",
    }
    return RequirementResult(
        id=requirement.id,
        obligation=requirement.obligation,
        safety_critical=requirement.safety_critical,
        weight=requirement.weight,
        applicability=case.applicability,
        declared=verdict.declared if applies else None,
        evidenced=verdict.evidenced if applies else None,
        verified=verdict.verified if applies else None,
        route=route[case.applicability],
        progress=score.published(case.progress(verdict), complete=verdict.evidenced) if applies else None,
        valid_through=None,
        covered_by=_covered_by(case, day) if applies else (),
        override=_override(case, verdict) if applies else None,
        reasons=gaps.reasons(case, verdict, day) if applies and not verdict.verified else (),
    )


def _covered_by(case: Case, day: date) -> tuple[Cover, ...]:
    """What stands in for the requirement on ``day``, by accreditation, full coverage first."""
    found: dict[tuple[str, str], _Reach] = {}
    for item in case.held(day) if case.stands_in else ():
        for subject in case.subjects:
            hindrance = item.certificate.hindrance(case.requirement.id, subject, day)
            if covers(hindrance):
                reach = found.setdefault((item.certificate.accreditation.id, item.entry.coverage), _Reach())
                reach.leaves |= item.leaves
                reach.verified &= hindrance is None
                if subject.programme:
                    reach.programmes.add(subject.programme)
    return tuple(
        Cover(
            accreditation=name,
            coverage="full" if coverage == "full" else "partial",
            leaves=None if coverage == "full" else tuple(case.tree.named(reach.leaves)),
            programmes=tuple(sorted(reach.programmes)) if case.by_programme else None,
            verified=reach.verified,
        )
        for (name, coverage), reach in sorted(found.items(), key=lambda item: item[0])
    )


@dataclass(slots=True)
class _Reach:
    leaves: int = 0
    verified: bool = True
    programmes: set[str] = field(default_factory=set)


def _override(case: Case, verdict: Verdict) -> Override | None:
    review = case.standing.review
    if not verdict.override or review is None or review.reason is None or review.until is None:
        return None
    return Override(
        reviewer=review.reviewer,
        second_reviewer=review.second_reviewer,
        reason=review.reason,
        decided_at=review.decided_at,
        until=review.until,
    )


def _gaps(bench: Bench, sittings: Sequence[_Sitting], day: date, rung: Rung) -> Iterator[Gap]:
    for item in sittings:
        if item.gap_on(rung):
            schemes = gaps.covering_schemes(bench, item.case.requirement, item.case.subjects, day)
            yield gaps.gap(item.case, item.result, rung, item.verdict, schemes)


_Losses: TypeAlias = dict[str, tuple[int, int, int]]


def _losses(sitting: _Sitting, day: date) -> _Losses:
    """For each accreditation that covers the requirement, the ``must`` weight lost on each rung were it to lapse."""
    case = sitting.case
    now = case.verdict(day)
    weight = case.requirement.weight if case.requirement.obligation == "must" else 0
    lost: _Losses = {}
    for name in {cover.accreditation for cover in sitting.result.covered_by}:
        without = case.verdict(day, lapsed=name)
        lost[name] = (
            weight * (now.declared and not without.declared),
            weight * (now.evidenced and not without.evidenced),
            weight * (now.verified and not without.verified),
        )
    return lost


def _totals(losses: Iterable[_Losses]) -> _Losses:
    totals: _Losses = {}
    for lost in losses:
        for name, (declared, evidenced, verified) in lost.items():
            sums = totals.get(name, (0, 0, 0))
            totals[name] = (sums[0] + declared, sums[1] + evidenced, sums[2] + verified)
    return totals


def _rests_on(totals: _Losses, pack: Pack) -> tuple[RestsOn, ...]:
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
    bench: Bench, sittings: Sequence[_Sitting], losses: Sequence[_Losses], as_of: date, rung: Rung
) -> date | None:
    """The last day through which everything but dates of validity stays the same (semantics.md 8).

    Entries say most of it. What they do not show is asked on the days on which it could change: the crosswalks in
    use, what the result rests on, and what a gap asks for.
    """
    ends = {item.valid_through for item in sittings if item.valid_through is not None}
    in_use = bench.crosswalks.in_use(bench.crosswalks.epoch(as_of))
    coming = (day for day in bench.crosswalks.edges if day > as_of)
    ends.update(day_before(day) for day in coming if bench.crosswalks.in_use(bench.crosswalks.epoch(day)) != in_use)
    end = min(ends, default=None)
    current, totals = list(losses), _totals(losses)
    for day in sorted({day for item in sittings for day in item.edges if end is None or day <= end}):
        for index, item in enumerate(sittings):
            if day in item.edges:
                current[index] = _losses(item, day)
                if item.gap_on(rung) and gaps.asks(item.case, item.case.verdict(day)) != gaps.asks(
                    item.case, item.verdict
                ):
                    return day_before(day)
        if _totals(current) != totals:
            return day_before(day)
    return end
