"""Scores, status and counts over judged requirements (semantics.md 6), in exact numbers only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.engine.determination import (
    ROUTES,
    RUNGS,
    Applicability,
    Counts,
    CountsByObligation,
    Route,
    Rung,
    Scores,
    Status,
    Statuses,
)
from app.engine.rules import BASES, Obligation, Requirement


@dataclass(frozen=True, slots=True)
class Judged:
    """One requirement as the scores see it; the rungs and the progress count only where it is applicable."""

    requirement: Requirement
    applicability: Applicability
    declared: bool
    evidenced: bool
    verified: bool
    route: Route
    progress: Fraction

    def satisfied(self, rung: Rung) -> bool:
        """Whether the requirement reached ``rung``."""
        return {"declared": self.declared, "evidenced": self.evidenced, "verified": self.verified}[rung]


def applicable(judged: Iterable[Judged], obligation: Obligation) -> list[Judged]:
    """Those that count for a score: applicable, not excluded, of this obligation."""
    return [item for item in judged if item.applicability == "applicable" and item.requirement.obligation == obligation]


def published(share: Fraction, *, complete: bool) -> str:
    """A share of 1 as a percentage with one digit, rounded half up.

    "100.0" only where ``complete``, "0.0" only where the share is exactly nothing.
    """
    tenths = (2000 * share.numerator + share.denominator) // (2 * share.denominator)
    if complete:
        tenths = 1000
    elif share == 0:
        tenths = 0
    else:
        tenths = min(max(tenths, 1), 999)
    return f"{tenths // 10}.{tenths % 10}"


def compliance(counted: Sequence[Judged]) -> Scores:
    """100 x weights satisfied / weights applicable, on each rung; ``None`` where nothing applies."""
    weight = sum(item.requirement.weight for item in counted)
    if weight == 0:
        return Scores(declared=None, evidenced=None, verified=None)
    scores: dict[Rung, str] = {}
    for rung in RUNGS:
        satisfied = sum(item.requirement.weight for item in counted if item.satisfied(rung))
        scores[rung] = published(Fraction(satisfied, weight), complete=satisfied == weight)
    return Scores(**scores)


def progress(counted: Sequence[Judged]) -> str | None:
    """The weighted mean of progress; "100.0" only when everything is evidenced."""
    weight = sum(item.requirement.weight for item in counted)
    if weight == 0:
        return None
    done = sum((item.progress * item.requirement.weight for item in counted), Fraction())
    return published(done / weight, complete=all(item.evidenced for item in counted))


def statuses(counted: Sequence[Judged]) -> Statuses:
    """Status on the rungs that have one."""
    return Statuses(evidenced=_status(counted, "evidenced"), verified=_status(counted, "verified"))


def _status(counted: Sequence[Judged], rung: Rung) -> Status:
    if not counted:
        return "not_assessed"
    missing = [item for item in counted if not item.satisfied(rung)]
    if not missing:
        return "meets"
    return "critical_gaps" if any(item.requirement.safety_critical for item in missing) else "working_towards"


def counts(judged: Sequence[Judged]) -> CountsByObligation:
    """How many requirements there are, by obligation, applicability and route; applicable ones by basis."""
    bases = [basis for item in judged if item.applicability == "applicable" for basis in set(item.requirement.basis)]
    return CountsByObligation(
        must=_counts(judged, "must"),
        should=_counts(judged, "should"),
        basis={basis: bases.count(basis) for basis in BASES},
    )


def _counts(judged: Sequence[Judged], obligation: Obligation) -> Counts:
    counted = [item for item in judged if item.requirement.obligation == obligation]
    kinds = [item.applicability for item in counted]
    routes = [item.route for item in counted]
    return Counts(
        applicable=kinds.count("applicable"),
        excluded=kinds.count("excluded"),
        not_applicable=kinds.count("not_applicable"),
        by_route={route: routes.count(route) for route in ROUTES},
    )
