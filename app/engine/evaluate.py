"""From a rule set, its crosswalks and a pack to a determination: the one function that decides (semantics.md 1).

Pure: no clock, network, database or randomness. The pack must have passed ``app.engine.check.pack_faults``.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any

from app.engine import score
from app.engine.determination import (
    DETERMINATION_FORMAT,
    ENGINE_VERSION,
    Determination,
    Gap,
    RequirementResult,
    Rung,
    Scores,
    ServiceRef,
    StandardResult,
)
from app.engine.difference import Overview, StandardOverview
from app.engine.judge import Case, bench_of
from app.engine.outcome import Outcome
from app.engine.pack import Pack
from app.engine.plan import Plans, plans
from app.engine.resting import Resting
from app.engine.rules import Crosswalk, RuleSet
from app.engine.score import Tally
from app.engine.sitting import Sitting
from app.engine.values import trusted


def evaluate(
    rule_set: RuleSet, crosswalks: Iterable[Crosswalk], pack: Pack, as_of: date, rung: Rung = "verified"
) -> Determination:
    """Decide what ``pack`` shows under ``rule_set`` on the civil date ``as_of``.

    ``crosswalks`` may hold every version of every crosswalk; those of this rule set version in effect on ``as_of``
    are used. ``rung`` only chooses what ``gaps`` lists. The same inputs give the same determination, to the last byte.
    """
    ready = plans(rule_set, tuple(crosswalks))
    bench = bench_of(ready, pack)
    judged: dict[str, Outcome] = {}
    results: dict[str, RequirementResult] = {}
    found: dict[str, Gap] = {}
    resting = Resting(ready.crosswalks, as_of)
    listed = ready.crosswalks.on(as_of)
    for name, plan in ready.of.items():
        sitting = Sitting(bench.case(plan), as_of)
        judged[name] = outcome = sitting.outcome
        results[name] = sitting.result()
        if outcome.applies and not outcome.satisfied(rung):
            entries = listed.get(name)
            found[name] = sitting.gap(rung, () if entries is None else sitting.case.covering_schemes(entries))
        resting.add(name, sitting)
    tallies = _tallies(ready, judged)
    musts = Tally.total(tallies)
    return trusted(
        Determination,
        {
            "as_of": as_of,
            "compliance": musts.compliance,
            "counts": score.counts(judged.values()),
            "crosswalks": tuple([item.ref for item in ready.crosswalks.in_use(as_of)]),
            "engine": ENGINE_VERSION,
            "format": DETERMINATION_FORMAT,
            # In the order of semantics.md 7.
            "gaps": tuple([found[name] for name in ready.gap_order if name in found]),
            "good_practice": _good_practice(ready, judged),
            "pack_sha256": pack.sha256,
            "progress": musts.progress,
            "rests_on": resting.rests_on(pack),
            "rule_set": ready.ref,
            "service": ServiceRef(id=pack.service.id, name=pack.service.name, provider=pack.service.provider),
            "standards": tuple(_standards(ready, results, tallies)),
            "status": musts.statuses,
            "valid_through": resting.valid_through(judged, partial(_progress, ready)),
        },
    )


def glance(rule_set: RuleSet, crosswalks: Iterable[Crosswalk], pack: Pack, as_of: date) -> Overview:
    """Status and scores alone, equal to those of ``evaluate``: what a list of many services needs."""
    ready = plans(rule_set, tuple(crosswalks))
    bench = bench_of(ready, pack)
    judged = {name: _judged(bench.case(plan), as_of) for name, plan in ready.of.items()}
    tallies = _tallies(ready, judged)
    musts = Tally.total(tallies)
    return trusted(
        Overview,
        {
            **_scores(musts),
            "good_practice": _good_practice(ready, judged),
            "standards": {
                standard.number: trusted(StandardOverview, _scores(tally))
                for standard, tally in zip(rule_set.standards, tallies, strict=True)
            },
        },
    )


def _judged(case: Case, day: date) -> Outcome:
    if case.applicability != "applicable":
        return case.not_judged()
    return case.state(day).outcome


def _tallies(ready: Plans, judged: Mapping[str, Outcome]) -> list[Tally]:
    """The ``must`` requirements of each standard, added up."""
    return [Tally.of([judged[name] for name in names]) for names in ready.musts]


def _progress(ready: Plans, judged: Mapping[str, Outcome]) -> list[str | None]:
    """The progress of each standard, and overall."""
    tallies = _tallies(ready, judged)
    return [tally.progress for tally in (*tallies, Tally.total(tallies))]


def _good_practice(ready: Plans, judged: dict[str, Outcome]) -> Scores:
    """The scores of the ``should`` requirements."""
    return Tally.of([judged[name] for name in ready.shoulds]).compliance


def _scores(tally: Tally) -> dict[str, Any]:
    return {"status": tally.statuses, "compliance": tally.compliance, "progress": tally.progress}


def _standards(ready: Plans, results: dict[str, RequirementResult], tallies: list[Tally]) -> Iterator[StandardResult]:
    for (standard, names), tally in zip(ready.standards, tallies, strict=True):
        yield trusted(
            StandardResult,
            {
                "compliance": tally.compliance,
                "number": standard.number,
                "progress": tally.progress,
                "requirements": tuple([results[name] for name in names]),
                "status": tally.statuses,
                "title": standard.title,
            },
        )
