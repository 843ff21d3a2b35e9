"""Scores, status and counts over judged requirements (semantics.md 6), in exact numbers only."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

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
from app.engine.outcome import NOTHING, Outcome, Weighed
from app.engine.rules import BASES, Basis
from app.engine.values import trusted


class Tally:
    """Weights added up over the applicable, not excluded requirements."""

    __slots__ = ("_done", "_weights")

    def __init__(self, weights: Iterable[tuple[int, ...]], done: dict[int, int]) -> None:
        """``done`` has weighted steps of progress, by how many steps there are; no fraction until all is added up."""
        self._done = done
        self._weights = tuple(map(sum, zip(NOTHING, *weights, strict=True)))

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> "Tally":
        """What these requirements come to; one that does not apply weighs nothing."""
        weights: list[Weighed] = []
        done: dict[int, int] = {}
        for item in outcomes:
            weights.append(item.weights)
            steps_done, steps = item.progress
            done[steps] = done.get(steps, 0) + steps_done * item.weights[0]
        return cls(weights, done)

    @classmethod
    def total(cls, parts: Sequence["Tally"]) -> "Tally":
        """What the parts come to together."""
        done: dict[int, int] = {}
        for part in parts:
            for steps, some in part._done.items():  # noqa: SLF001  # another of this class
                done[steps] = done.get(steps, 0) + some
        return cls([part._weights for part in parts], done)  # noqa: SLF001  # another of this class

    @property
    def compliance(self) -> Scores:
        """100 x weights satisfied / weights applicable, on each rung; ``None`` where nothing applies."""
        weight, declared, evidenced, verified, _, _ = self._weights
        return _scores(declared, evidenced, verified, weight)

    @property
    def progress(self) -> str | None:
        """The weighted mean of progress; "100.0" only when everything is evidenced."""
        weight, _, evidenced, _, _, _ = self._weights
        if not weight:
            return None
        shared = math.lcm(*self._done)
        done = sum([part * (shared // steps) for steps, part in self._done.items()])
        return published(done, shared * weight, complete=evidenced == weight)

    @property
    def statuses(self) -> Statuses:
        """Status on the rungs that have one."""
        weight, _, evidenced, verified, critical_evidenced, critical_verified = self._weights
        return _statuses(_status(evidenced, weight, critical_evidenced), _status(verified, weight, critical_verified))


# Few numbers and statuses there are, and values that nobody can change: each is made once.
@lru_cache(maxsize=4096)
def _scores(declared: int, evidenced: int, verified: int, weight: int) -> Scores:
    return Scores(
        declared=_share(declared, weight), evidenced=_share(evidenced, weight), verified=_share(verified, weight)
    )


@lru_cache(maxsize=16)
def _statuses(evidenced: Status, verified: Status) -> Statuses:
    return Statuses(evidenced=evidenced, verified=verified)


def _share(satisfied: int, weight: int) -> str | None:
    return published(satisfied, weight, complete=satisfied == weight) if weight else None


def _status(satisfied: int, weight: int, critical: int) -> Status:
    if not weight:
        return "not_assessed"
    if satisfied == weight:
        return "meets"
    return "critical_gaps" if critical else "working_towards"


def counts(outcomes: Iterable[Outcome]) -> CountsByObligation:
    """How many requirements there are, by obligation, applicability and route; applicable ones by basis."""
    routes: dict[bool, dict[Route, int]] = {must: dict.fromkeys(sorted(ROUTES), 0) for must in (True, False)}
    bases: dict[Basis, int] = dict.fromkeys(sorted(BASES), 0)
    for (must, route, basis), count in Counter([item.counted for item in outcomes]).items():
        routes[must][route] += count
        for name in basis:
            bases[name] += count
    musts, shoulds = _counts(routes[True]), _counts(routes[False])
    return trusted(CountsByObligation, {"basis": bases, "must": musts, "should": shoulds})


def _counts(by_route: dict[Route, int]) -> Counts:
    excluded, not_applicable = by_route["exclusion"], by_route["not_applicable_by_rule"]
    return trusted(
        Counts,
        {
            "applicable": sum(by_route.values()) - excluded - not_applicable,
            "by_route": by_route,
            "excluded": excluded,
            "not_applicable": not_applicable,
        },
    )
