"""One requirement judged on a day, and for how long that judgement stands (semantics.md 5.7, 7)."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple, TypeAlias

from app.engine import gaps, score
from app.engine.determination import Ask, Cover, Override, Reason, RequirementResult, Rung
from app.engine.judge import Case, State
from app.engine.pack import Review
from app.engine.plan import FOR_EVER
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


class Sitting:
    """One case judged on one day."""

    __slots__ = (
        "_covered_by",
        "applies",
        "case",
        "judged",
        "later",
        "reasons",
        "state",
        "valid_through",
        "verdict",
    )

    def __init__(self, case: Case, day: date) -> None:
        self.case = case
        self.applies = case.applicability == "applicable"
        self.valid_through: date | None = None
        # What changes before the entry does, day by day; the result as a whole may rest on it (semantics.md 8).
        self.later: list[State] = []
        self._covered_by: tuple[Covered, ...] = ()
        self.reasons: tuple[Reason, ...] = ()
        if not self.applies:
            self.judged = case.not_judged()
            return
        self.state = state = case.state(day)
        self.verdict = verdict = case.verdict(state)
        self.judged = case.judged(state, verdict)
        if state.held and case.stands_in:
            self._covered_by = _covered_by(case, state)
        if not verdict.verified:
            self.reasons = gaps.reasons(case, state, verdict)
        self._look_ahead()

    def _look_ahead(self) -> None:
        case, state = self.case, self.state
        while (through := case.through(state.day)) < FOR_EVER:
            coming = case.state(day_after(through))
            if self._otherwise(coming):
                self.valid_through = through
                return
            if coming.differs(state):
                self.later.append(coming)
            state = coming

    def _otherwise(self, state: State) -> bool:
        """Whether the entry of ``state`` differs from today's; what costs least to compare comes first."""
        case = self.case
        verdict = case.verdict(state)
        now = self.verdict
        if verdict.evidenced != now.evidenced or verdict.verified != now.verified or verdict.declared != now.declared:
            return True
        if case.route(verdict) != self.judged.route:  # an override has a route of its own
            return True
        certificates = (state.held, state.hindrances) != (self.state.held, self.state.hindrances)
        if certificates and (_covered_by(case, state) if case.stands_in else ()) != self._covered_by:
            return True
        if case.progress(state, verdict) != self.judged.progress:
            return True
        return not verdict.verified and gaps.reasons(case, state, verdict) != self.reasons

    def gap_on(self, rung: Rung) -> bool:
        """Whether the requirement applies and is not satisfied on ``rung``."""
        return self.applies and not self.judged.satisfied(rung)

    def asks(self) -> tuple[Ask, ...]:
        """What to hand in."""
        return gaps.asks(self.case, self.state, self.verdict)

    def losses(self, state: State | None = None) -> Losses:
        """What would be lost of this requirement, were one accreditation alone to lapse, today or in a later state."""
        if not self._covered_by:
            return {}
        state = state or self.state
        now = self.verdict if state is self.state else self.case.verdict(state)
        plan = self.case.plan
        weight = plan.weight if plan.must else 0
        lost: Losses = {item.accreditation: (0, 0, 0) for item in self._covered_by}
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
        case, judged = self.case, self.judged
        plan, review = case.plan, case.standing.review
        applies = self.applies
        return trusted(
            RequirementResult,
            id=plan.id,
            obligation=plan.obligation,
            safety_critical=plan.critical,
            weight=plan.weight,
            applicability=judged.applicability,
            declared=judged.declared if applies else None,
            evidenced=judged.evidenced if applies else None,
            verified=judged.verified if applies else None,
            route=judged.route,
            progress=score.published(*judged.progress, complete=judged.evidenced) if applies else None,
            valid_through=self.valid_through,
            covered_by=tuple(self._covers(self._covered_by)) if self._covered_by else (),
            override=_override(review) if review is not None and applies and self.verdict.override else None,
            reasons=self.reasons,
        )

    def _covers(self, covered_by: Sequence[Covered]) -> Iterator[Cover]:
        for item in covered_by:
            full = item.coverage == "full"
            yield trusted(
                Cover,
                accreditation=item.accreditation,
                coverage="full" if full else "partial",
                leaves=None if full else tuple(self.case.tree.named(item.leaves)),
                programmes=item.programmes if self.case.plan.by_programme else None,
                verified=item.verified,
            )


def _override(review: Review) -> Override:
    return trusted(
        Override,
        reviewer=review.reviewer,
        second_reviewer=review.second_reviewer,
        reason=review.reason,
        decided_at=review.decided_at,
        until=review.until,
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
            key = held.certificate.id, "full" if held.full else "partial"
            known = found.get(key)
            if known is not None:
                leaves, verified = leaves | known.leaves, verified and known.verified
                programmes = tuple(sorted({*programmes, *known.programmes}))
            found[key] = Covered(*key, leaves, programmes, verified)
    return tuple(sorted(found.values()))
