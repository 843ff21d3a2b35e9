"""Scores, status and counts over judged requirements (semantics.md 6), in exact numbers only."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from app.engine.determination import (
    ROUTES,
    Applicability,
    Counts,
    CountsByObligation,
    Route,
    Rung,
    Scores,
    Status,
    Statuses,
)
from app.engine.rules import BASES, Basis, Obligation, Requirement
from app.engine.values import trusted


class Judged(NamedTuple):
    """One requirement as the scores see it; the rungs and the progress count only where it is applicable.

    ``progress`` is so many of so many steps.
    """

    requirement: Requirement
    applicability: Applicability
    declared: bool
    evidenced: bool
    verified: bool
    route: Route
    progress: tuple[int, int]

    def satisfied(self, rung: Rung) -> bool:
        """Whether the requirement reached ``rung``."""
        if rung == "declared":
            return self.declared
        return self.evidenced if rung == "evidenced" else self.verified


def published(done: int, steps: int, *, complete: bool) -> str:
    """``done`` of ``steps`` as a percentage with one digit, rounded half up.

    "100.0" only where ``complete``, "0.0" only where nothing is done.
    """
    if complete:
        return "100.0"
    if done == 0:
        return "0.0"
    tenths = min(max((2000 * done + steps) // (2 * steps), 1), 999)
    return f"{tenths // 10}.{tenths % 10}"


class Tally:
    """Weights added up over the applicable, not excluded requirements of one obligation."""

    def __init__(self, judged: Iterable[Judged], obligation: Obligation) -> None:
        self.weight = self.declared = self.evidenced = self.verified = 0
        self.critical_evidenced = self.critical_verified = False
        self._progress: dict[int, int] = {}
        for item in judged:
            requirement = item.requirement
            if item.applicability == "applicable" and requirement.obligation == obligation:
                weight = requirement.weight
                self.weight += weight
                self.declared += weight * item.declared
                self.evidenced += weight * item.evidenced
                self.verified += weight * item.verified
                if requirement.safety_critical:
                    self.critical_evidenced = self.critical_evidenced or not item.evidenced
                    self.critical_verified = self.critical_verified or not item.verified
                done, steps = item.progress
                self._progress[steps] = self._progress.get(steps, 0) + done * weight

    @property
    def compliance(self) -> Scores:
        """100 x weights satisfied / weights applicable, on each rung; ``None`` where nothing applies."""
        return trusted(
            Scores,
            declared=self._share(self.declared),
            evidenced=self._share(self.evidenced),
            verified=self._share(self.verified),
        )

    def _share(self, satisfied: int) -> str | None:
        return published(satisfied, self.weight, complete=satisfied == self.weight) if self.weight else None

    @property
    def progress(self) -> str | None:
        """The weighted mean of progress; "100.0" only when everything is evidenced."""
        if not self.weight:
            return None
        shared = math.lcm(*self._progress)
        done = sum(part * (shared // steps) for steps, part in self._progress.items())
        return published(done, shared * self.weight, complete=self.evidenced == self.weight)

    @property
    def statuses(self) -> Statuses:
        """Status on the rungs that have one."""
        return trusted(
            Statuses,
            evidenced=self._status(self.evidenced, critical=self.critical_evidenced),
            verified=self._status(self.verified, critical=self.critical_verified),
        )

    def _status(self, satisfied: int, *, critical: bool) -> Status:
        if not self.weight:
            return "not_assessed"
        if satisfied == self.weight:
            return "meets"
        return "critical_gaps" if critical else "working_towards"


def counts(judged: Iterable[Judged]) -> CountsByObligation:
    """How many requirements there are, by obligation, applicability and route; applicable ones by basis."""
    kinds: dict[tuple[Obligation, Applicability], int] = {}
    routes: dict[tuple[Obligation, Route], int] = {}
    bases: dict[Basis, int] = dict.fromkeys(BASES, 0)
    for item in judged:
        obligation = item.requirement.obligation
        kinds[obligation, item.applicability] = kinds.get((obligation, item.applicability), 0) + 1
        routes[obligation, item.route] = routes.get((obligation, item.route), 0) + 1
        if item.applicability == "applicable":
            for basis in set(item.requirement.basis):
                bases[basis] += 1

    def of(obligation: Obligation) -> Counts:
        return Counts(
            applicable=kinds.get((obligation, "applicable"), 0),
            excluded=kinds.get((obligation, "excluded"), 0),
            not_applicable=kinds.get((obligation, "not_applicable"), 0),
            by_route={route: routes.get((obligation, route), 0) for route in ROUTES},
        )

    return CountsByObligation(must=of("must"), should=of("should"), basis=bases)
