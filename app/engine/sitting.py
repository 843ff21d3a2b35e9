"""One requirement judged on a day, and for how long that judgement stands (semantics.md 5.7, 7)."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple, TypeAlias

from app.engine import gaps, score
from app.engine.determination import Ask, Cover, Override, Reason, RequirementResult, Route, Rung
from app.engine.evidence import FOR_EVER
from app.engine.judge import Case, State, Verdict
from app.engine.score import Judged
from app.engine.values import day_after, trusted

# For each accreditation the `must` weight lost on the declared, evidenced and verified rung, were it to lapse.
Losses: TypeAlias = dict[str, tuple[int, int, int]]


class Covered(NamedTuple):
    """One item of ``covered_by``: full before partial in sorting."""

    accreditation: str
    coverage: str
    leaves: int
    programmes: tuple[str, ...]
    verified: bool


class Entry(NamedTuple):
    """What a determination says of an applicable requirement, in a form that is quick to compare."""

    declared: bool
    evidenced: bool
    verified: bool
    override: bool
    route: Route
    progress: tuple[int, int]
    covered_by: tuple[Covered, ...]
    reasons: tuple[Reason, ...]


class Sitting:
    """One case judged on one day."""

    def __init__(self, case: Case, day: date) -> None:
        self.case = case
        self.applies = case.applicability == "applicable"
        self.valid_through: date | None = None
        # What changes before the entry does, day by day; the result as a whole may rest on it (semantics.md 8).
        self.later: list[State] = []
        if self.applies:
            self.state = case.state(day)
            self.verdict = case.verdict(self.state)
            self.entry = _entry(case, self.state, self.verdict)
            self._look_ahead()
        self.judged = self._judged()

    def _look_ahead(self) -> None:
        state = self.state
        while state.through < FOR_EVER:
            coming = self.case.state(day_after(state.through))
            if self._otherwise(coming):
                self.valid_through = state.through
                return
            if coming.differs(state):
                self.later.append(coming)
            state = coming

    def _otherwise(self, state: State) -> bool:
        """Whether the entry of ``state`` differs from today's; what costs least to compare comes first."""
        case, entry = self.case, self.entry
        verdict = case.verdict(state)
        if verdict[:4] != self.verdict[:4] or case.route(verdict) != entry.route:
            return True
        certificates = (state.held, state.hindrances) != (self.state.held, self.state.hindrances)
        if certificates and (_covered_by(case, state) if case.stands_in else ()) != entry.covered_by:
            return True
        if case.progress(state, verdict) != entry.progress:
            return True
        return not verdict.verified and gaps.reasons(case, state, verdict) != entry.reasons

    def _judged(self) -> Judged:
        case = self.case
        if not self.applies:
            return not_judged(case)
        entry = self.entry
        return Judged(
            case.requirement, "applicable", entry.declared, entry.evidenced, entry.verified, entry.route, entry.progress
        )

    def gap_on(self, rung: Rung) -> bool:
        """Whether the requirement applies and is not satisfied on ``rung``."""
        return self.applies and not self.judged.satisfied(rung)

    def asks(self) -> tuple[Ask, ...]:
        """What to hand in."""
        return gaps.asks(self.case, self.state, self.verdict)

    def _verdict(self, state: State) -> Verdict:
        return self.verdict if state is self.state else self.case.verdict(state)

    def losses(self, state: State) -> Losses:
        """What would be lost of this requirement, were one accreditation alone to lapse."""
        if not self.applies or not self.entry.covered_by:
            return {}
        now = self._verdict(state)
        requirement = self.case.requirement
        weight = requirement.weight if requirement.obligation == "must" else 0
        lost: Losses = {item.accreditation: (0, 0, 0) for item in self.entry.covered_by}
        # What stands by the provider's own claim, evidence and acceptance alone would not be missed.
        own = self.case.rating == "met" and now.evidence
        if own and now.verified:
            own = self.case.standing.accepted(state.day)
        if own or weight == 0 or not now.declared:
            return lost
        for name in lost:
            without = self.case.verdict(state, lapsed=name)
            lost[name] = (
                weight * (not without.declared),
                weight * (now.evidenced and not without.evidenced),
                weight * (now.verified and not without.verified),
            )
        return lost

    def result(self) -> RequirementResult:
        """The requirement's entry in the determination."""
        requirement = self.case.requirement
        entry = self.entry if self.applies else None
        return trusted(
            RequirementResult,
            id=requirement.id,
            obligation=requirement.obligation,
            safety_critical=requirement.safety_critical,
            weight=requirement.weight,
            applicability=self.case.applicability,
            declared=entry.declared if entry else None,
            evidenced=entry.evidenced if entry else None,
            verified=entry.verified if entry else None,
            route=self.judged.route,
            progress=score.published(*entry.progress, complete=entry.evidenced) if entry else None,
            valid_through=self.valid_through,
            covered_by=tuple(self._covers(entry.covered_by)) if entry else (),
            override=self._override() if entry else None,
            reasons=entry.reasons if entry else (),
        )

    def _covers(self, covered_by: Sequence[Covered]) -> Iterator[Cover]:
        for item in covered_by:
            full = item.coverage == "full"
            yield trusted(
                Cover,
                accreditation=item.accreditation,
                coverage="full" if full else "partial",
                leaves=None if full else tuple(self.case.tree.named(item.leaves)),
                programmes=item.programmes if self.case.by_programme else None,
                verified=item.verified,
            )

    def _override(self) -> Override | None:
        review = self.case.standing.review
        if review is None or not self.verdict.override:
            return None
        return trusted(
            Override,
            reviewer=review.reviewer,
            second_reviewer=review.second_reviewer,
            reason=review.reason,
            decided_at=review.decided_at,
            until=review.until,
        )


def not_judged(case: Case) -> Judged:
    """What the scores see of a requirement that does not apply or is excluded."""
    route: Route = "exclusion" if case.applicability == "excluded" else "not_applicable_by_rule"
    return Judged(case.requirement, case.applicability, False, False, False, route, (0, 1))  # noqa: FBT003


def _entry(case: Case, state: State, verdict: Verdict) -> Entry:
    return Entry(
        verdict.declared,
        verdict.evidenced,
        verdict.verified,
        verdict.override,
        case.route(verdict),
        case.progress(state, verdict),
        _covered_by(case, state) if state.held and case.stands_in else (),
        () if verdict.verified else gaps.reasons(case, state, verdict),
    )


def _covered_by(case: Case, state: State) -> tuple[Covered, ...]:
    """What stands in for the requirement, by accreditation, full coverage first."""
    found: dict[tuple[str, str], Covered] = {}
    for held, hindrances in zip(state.held, state.hindrances, strict=True):
        programmes: tuple[str, ...] = ()
        reached, verified, leaves = False, True, held.leaves
        for subject, hindrance in zip(case.subjects, hindrances, strict=True):
            if hindrance is None or hindrance.covers:
                reached = True
                verified = verified and hindrance is None
                programmes += (subject.programme,) if subject.programme else ()
        if reached:
            key = held.certificate.accreditation.id, "full" if held.full else "partial"
            known = found.get(key)
            if known is not None:
                leaves, verified = leaves | known.leaves, verified and known.verified
                programmes = tuple(sorted({*programmes, *known.programmes}))
            found[key] = Covered(*key, leaves, programmes, verified)
    return tuple(sorted(found.values()))
