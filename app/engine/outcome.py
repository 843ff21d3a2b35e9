"""What one requirement comes to, from what holds: the rungs, the route and the progress (semantics.md 5.4 to 5.6).

No fact of a pack is looked at here, only what was made of it, of which there is little: which leaves hold, which are
covered, what the provider says, what the newest review is worth. So each requirement has its own table of decisions,
filled as it is asked, and shared by everyone who judges by the rule set.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from app.engine.determination import Applicability, Route, Rung, published
from app.engine.pack import Rating
from app.engine.plan import Plan
from app.engine.reviews import Worth
from app.engine.rules import Basis
from app.engine.standing_in import NO_COVERAGE, Coverage

Weighed: TypeAlias = tuple[int, int, int, int, int, int]
NOTHING: Weighed = (0, 0, 0, 0, 0, 0)

MOST_OUTCOMES = 16384


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """A requirement as the scores see it; the rungs and the progress count only where it ``applies``.

    ``counted`` is what it is counted by: obligation (whether a `must`), route, and basis where it applies. ``weights``
    has the weight, the weight satisfied on each rung, and the weight that is safety critical and not satisfied on the
    evidenced and on the verified rung; ``NOTHING`` where it does not apply. ``progress`` is so many of so many steps.
    ``evidence`` is T with no leaf covered, ``with_coverage`` T(e). ``asked`` has for each subject the leaves to satisfy
    for T(e) to hold, as bits. ``entry`` has the fields of a ``RequirementResult`` with all that a determination says of
    it, but for how long it stands, what stands in, and why.
    """

    plan: Plan
    entry: dict[str, Any]
    route: Route
    progress: tuple[int, int]
    counted: tuple[bool, Route, tuple[Basis, ...]]
    weights: Weighed = NOTHING
    applies: bool = False
    declared: bool = False
    evidenced: bool = False
    verified: bool = False
    override: bool = False
    evidence: bool = False
    with_coverage: bool = False
    asked: tuple[int, ...] = ()

    def same(self, other: "Outcome") -> bool:
        """Whether a determination says the same of both."""
        return self is other or self.entry == other.entry

    def satisfied(self, rung: Rung) -> bool:
        """Whether the requirement reached ``rung``."""
        if rung == "declared":
            return self.declared
        return self.evidenced if rung == "evidenced" else self.verified


@lru_cache(maxsize=MOST_OUTCOMES)
def not_judged(plan: Plan, applicability: Applicability) -> Outcome:
    """A requirement that does not apply or is excluded."""
    route: Route = "exclusion" if applicability == "excluded" else "not_applicable_by_rule"
    return Outcome(plan, _entry(plan, applicability, route), route, (0, 1), (plan.must, route, ()))


@lru_cache(maxsize=MOST_OUTCOMES)
def outcome(
    plan: Plan, shown: tuple[int, ...], coverage: tuple[Coverage, ...], rating: Rating | None, worth: Worth
) -> Outcome:
    """A requirement that applies, where evidence alone has ``shown`` these leaves (as bits) for each subject.

    ``coverage`` is what counts for each of them; empty where none does.
    """
    read = plan.tree.read
    counting = coverage or (NO_COVERAGE,) * len(shown)
    pairs = list(zip(shown, counting, strict=True))
    readings = [read(bits | item.leaves) for bits, item in pairs]
    evidence = all(read(bits).holds for bits in shown)
    with_coverage = all(reading.holds for reading in readings)
    full = all(item.full for item in counting)
    accepted = worth == "accepted"
    checked = all(item.full_verified or (accepted and read(bits | item.leaves_verified).holds) for bits, item in pairs)
    override = worth == "override" and rating not in {"not_met", "not_applicable"}
    declared = override or rating == "met" or (rating is None and full)
    # Full coverage covers every leaf, so that T(e) says it too.
    evidenced = override or (declared and with_coverage and worth != "rejected")
    verified = override or (evidenced and checked and worth != "more_information")
    if override:
        route: Route = "override"
    elif evidenced:
        standing_in = all(item.full_verified if verified else item.full for item in counting)
        route = "accreditation" if standing_in else "evidence" if evidence else "evidence_and_accreditation"
    else:
        # Declared without the provider's own claim: what explains it is the certificate's declaration.
        route = "none" if not declared else "declaration" if rating == "met" else "accreditation"
    if evidenced:
        progress = 1, 1
    elif worth == "rejected":
        progress = 0, 1
    else:
        # The provider's claim is one child of the whole, for each that is judged.
        claim = plan.tree.claim_steps * len(shown) if rating == "met" else 0
        progress = claim + sum(reading.steps for reading in readings), plan.tree.steps * len(shown)
    return Outcome(
        plan,
        _entry(plan, "applicable", route, (declared, evidenced, verified), published(*progress, complete=evidenced)),
        route,
        progress,
        (plan.must, route, plan.basis),
        _weighed(plan, declared=declared, evidenced=evidenced, verified=verified),
        applies=True,
        declared=declared,
        evidenced=evidenced,
        verified=verified,
        override=override,
        evidence=evidence,
        with_coverage=with_coverage,
        asked=tuple(reading.asked for reading in readings),
    )


def _weighed(plan: Plan, *, declared: bool, evidenced: bool, verified: bool) -> Weighed:
    weight = plan.weight
    critical = weight if plan.critical else 0
    return (
        weight,
        weight * declared,
        weight * evidenced,
        weight * verified,
        critical * (not evidenced),
        critical * (not verified),
    )


def _entry(
    plan: Plan,
    applicability: Applicability,
    route: Route,
    rungs: tuple[bool | None, bool | None, bool | None] = (None, None, None),
    progress: str | None = None,
) -> dict[str, Any]:
    declared, evidenced, verified = rungs
    return {
        "applicability": applicability,
        "covered_by": (),
        "declared": declared,
        "evidenced": evidenced,
        "id": plan.id,
        "obligation": plan.obligation,
        "override": None,
        "progress": progress,
        "reasons": (),
        "route": route,
        "safety_critical": plan.critical,
        "valid_through": None,
        "verified": verified,
        "weight": plan.weight,
    }
