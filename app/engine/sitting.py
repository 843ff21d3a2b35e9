"""One requirement judged on a day, and for how long that judgement stands (semantics.md 5.7, 7)."""

from datetime import date
from typing import TypeAlias

from app.engine import gaps
from app.engine.determination import Gap, Override, Reason, RequirementResult, Rung
from app.engine.judge import Case, State
from app.engine.pack import Review
from app.engine.plan import FOR_EVER
from app.engine.standing_in import Covered
from app.engine.values import day_after, trusted

# For each accreditation the `must` weight lost on the declared, evidenced and verified rung, were it to lapse.
Losses: TypeAlias = dict[str, tuple[int, int, int]]


class Sitting:
    """One case judged on one day."""

    __slots__ = ("_covered_by", "case", "later", "outcome", "reasons", "state", "valid_through")

    def __init__(self, case: Case, day: date) -> None:
        self.case = case
        self.valid_through: date | None = None
        # What changes before the entry does, day by day; the result as a whole may rest on it (semantics.md 8).
        self.later: tuple[State, ...] = ()
        self._covered_by: tuple[Covered, ...] = ()
        self.reasons: tuple[Reason, ...] = ()
        if case.applicability != "applicable":
            self.outcome = case.not_judged()
            return
        self.state = state = case.state(day)
        self.outcome = state.outcome
        if case.stands_in:
            self._covered_by = state.covering.covered_by
        if not state.outcome.verified:
            self.reasons = gaps.reasons(case, state)
        through = case.through(state)
        if through < FOR_EVER:
            self._look_ahead(through)

    def _look_ahead(self, through: date) -> None:
        """Find the last day on which the entry is as it is, from one day on which something changes to the next."""
        case, state, outcome = self.case, self.state, self.outcome
        while through < FOR_EVER:
            coming = case.state(day_after(through), state)
            if not coming.outcome.same(outcome) or self._otherwise(coming):
                self.valid_through = through
                return
            if coming.differs(state):
                self.later += (coming,)
            state = coming
            through = case.through(state)

    def _otherwise(self, coming: State) -> bool:
        """Whether the entry of ``coming``, whose outcome is the same, differs from today's."""
        today, later = self.state.covering, coming.covering
        if self.case.stands_in and later is not today and later.covered_by != today.covered_by:
            return True
        return not coming.outcome.verified and gaps.reasons(self.case, coming) != self.reasons

    def losses(self, state: State | None = None) -> Losses:
        """What would be lost of this requirement, were one accreditation alone to lapse, today or in a later state."""
        if not self._covered_by:
            return {}
        state = state or self.state
        now = state.outcome
        plan = self.case.plan
        weight = plan.weight if plan.must else 0
        lost: Losses = {item.accreditation: (0, 0, 0) for item in self._covered_by}
        # What stands by the provider's own claim, evidence and acceptance alone would not be missed.
        own = self.case.rating == "met" and now.evidence
        if own and now.verified:
            own = self.case.standing.worth(state.day) in {"accepted", "override"}
        if own or weight == 0 or not now.declared:
            return lost
        for name in lost:
            without = self.case.without(state, name)
            lost[name] = (
                weight * (not without.declared),
                weight * (now.evidenced and not without.evidenced),
                weight * (now.verified and not without.verified),
            )
        return lost

    def result(self) -> RequirementResult:
        """The requirement's entry in the determination."""
        entry = self.outcome.entry.copy()
        entry["valid_through"] = self.valid_through
        entry["reasons"] = self.reasons
        if self._covered_by:
            entry["covered_by"] = self.state.covering.covers(self.case.plan.tree)
        if self.outcome.override and (review := self.case.standing.review) is not None:
            entry["override"] = _override(review)
        return trusted(RequirementResult, entry)

    def gap(self, rung: Rung, would_be_covered_by: tuple[str, ...]) -> Gap:
        """The gap that it is on ``rung``."""
        plan = self.case.plan
        return trusted(
            Gap,
            {
                "asks": () if self.outcome.with_coverage else gaps.asks(self.case, self.outcome),
                "obligation": plan.obligation,
                "reasons": self.reasons if rung == "verified" else gaps.reasons_on(rung, self.reasons),
                "requirement": plan.id,
                "rung": rung,
                "safety_critical": plan.critical,
                "weight": plan.weight,
                "would_be_covered_by": would_be_covered_by,
            },
        )


def _override(review: Review) -> Override:
    return trusted(
        Override,
        {
            "decided_at": review.decided_at,
            "reason": review.reason,
            "reviewer": review.reviewer,
            "second_reviewer": review.second_reviewer,
            "until": review.until,
        },
    )
