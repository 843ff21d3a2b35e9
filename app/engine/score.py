"""Scores, status and counts over judged requirements (semantics.md 6), in exact numbers only."""

import math
from collections.abc import Iterable

from app.engine.determination import (
    ROUTES,
    Counts,
    CountsByObligation,
    Route,
    Scores,
    Status,
    Statuses,
    published,
)
from app.engine.outcome import Outcome
from app.engine.rules import BASES, Basis
from app.engine.values import trusted


class Tally:
    """Weights added up over the applicable, not excluded requirements of one obligation."""

    __slots__ = (
        "_done",
        "critical_evidenced",
        "critical_verified",
        "declared",
        "evidenced",
        "verified",
        "weight",
    )

    def __init__(self, judged: Iterable[Outcome], *, must: bool) -> None:
        total = declared = evidenced = verified = 0
        critical_evidenced = critical_verified = False
        done: dict[int, int] = {}
        for item in judged:
            plan = item.plan
            if plan.must == must and item.applies:
                weight = plan.weight
                total += weight
                if item.declared:
                    declared += weight
                if item.evidenced:
                    evidenced += weight
                if item.verified:
                    verified += weight
                elif plan.critical:
                    critical_verified = True
                    critical_evidenced = critical_evidenced or not item.evidenced
                steps_done, steps = item.progress
                done[steps] = done.get(steps, 0) + steps_done * weight
        self.weight, self.declared, self.evidenced, self.verified = total, declared, evidenced, verified
        self.critical_evidenced, self.critical_verified = critical_evidenced, critical_verified
        # Weighted steps done, by how many steps there are: progress without a fraction until all is added up.
        self._done = done

    @staticmethod
    def total(parts: Iterable["Tally"]) -> "Tally":
        """What the parts come to together."""
        whole = Tally((), must=True)
        for part in parts:
            whole.weight += part.weight
            whole.declared += part.declared
            whole.evidenced += part.evidenced
            whole.verified += part.verified
            whole.critical_evidenced = whole.critical_evidenced or part.critical_evidenced
            whole.critical_verified = whole.critical_verified or part.critical_verified
            for steps, done in part._done.items():  # noqa: SLF001  # another of this class
                whole._done[steps] = whole._done.get(steps, 0) + done
        return whole

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
        shared = math.lcm(*self._done)
        done = sum([part * (shared // steps) for steps, part in self._done.items()])
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


def counts(judged: Iterable[Outcome]) -> CountsByObligation:
    """How many requirements there are, by obligation, applicability and route; applicable ones by basis."""
    routes: dict[bool, dict[Route, int]] = {must: dict.fromkeys(ROUTES, 0) for must in (True, False)}
    together: dict[tuple[Basis, ...], int] = {}
    for item in judged:
        plan = item.plan
        routes[plan.must][item.route] += 1
        if item.applies:
            together[plan.basis] = together.get(plan.basis, 0) + 1
    bases: dict[Basis, int] = dict.fromkeys(BASES, 0)
    for several, count in together.items():
        for basis in several:
            bases[basis] += count
    return trusted(CountsByObligation, must=_counts(routes[True]), should=_counts(routes[False]), basis=bases)


def _counts(by_route: dict[Route, int]) -> Counts:
    excluded, not_applicable = by_route["exclusion"], by_route["not_applicable_by_rule"]
    return trusted(
        Counts,
        applicable=sum(by_route.values()) - excluded - not_applicable,
        excluded=excluded,
        not_applicable=not_applicable,
        by_route=by_route,
    )
