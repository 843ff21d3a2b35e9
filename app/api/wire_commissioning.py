"""Portfolios and comparisons as they travel."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from app.db.portfolio import NEVER, NO_SCORE, Count, Entry, Judged
from app.db.values import instant
from app.engine.determination import RUNGS, Rung, Score, Scores, Status, Statuses
from app.engine.difference import StandardOverview
from app.engine.rules import RuleSetRef
from app.engine.values import CivilDate, Frozen


class Failing(Frozen):
    """How many applicable requirements are not satisfied on each rung."""

    declared: int
    evidenced: int
    verified: int


class Lapses(Frozen):
    """The first day on which a requirement that is now satisfied on the rung no longer is, if nobody does anything."""

    declared: CivilDate | None
    evidenced: CivilDate | None
    verified: CivilDate | None


class PortfolioEntry(Frozen):
    """What one service shows under one rule set on a day: its newest assessment that was submitted and not withdrawn.

    A score means nothing without its rung and the status beside it. `valid_through` is the last day through which all
    of it stays the same by itself, `known_at` when the newest fact was recorded that it rests on. Without `status`,
    `problem` says why it cannot be judged.
    """

    service: UUID
    service_name: str
    provider: UUID
    provider_name: str
    assessment: UUID
    rule_set: RuleSetRef
    state: str
    submitted_at: datetime
    regions: tuple[str, ...]
    local_authorities: tuple[str, ...]
    as_of: CivilDate
    status: Statuses | None
    compliance: Scores
    progress: Score | None
    failing: Failing
    schemes: tuple[str, ...]
    lapses_on: Lapses
    valid_through: CivilDate | None
    known_at: datetime
    problem: str | None

    @classmethod
    def of(cls, entry: Entry, as_of: date) -> "PortfolioEntry":
        """The wire form of an entry on a day."""
        return cls(
            service=entry.service,
            service_name=entry.service_name,
            provider=entry.provider,
            provider_name=entry.provider_name,
            assessment=entry.assessment,
            rule_set=entry.rule_set,
            state=entry.state,
            submitted_at=entry.submitted_at,
            regions=entry.regions,
            local_authorities=entry.local_authorities,
            as_of=as_of,
            status=None if entry.status is None else Statuses.model_validate(entry.status),
            compliance=Scores.model_validate({rung: _score(entry.scores[rung]) for rung in RUNGS}),
            progress=entry.progress,
            failing=Failing.model_validate(entry.failing),
            schemes=entry.schemes,
            lapses_on=Lapses.model_validate({rung: _day(entry.lapses[rung]) for rung in RUNGS}),
            valid_through=_day(entry.valid_through),
            known_at=datetime.fromisoformat(entry.known_at),
            problem=entry.problem,
        )


class FacetValue(Frozen):
    """How many entries have a value."""

    value: str
    count: int


FACETS: Final = (
    "client_group",
    "delivery",
    "failing_standard",
    "form_of_abuse",
    "health_board",
    "local_authority",
    "police_force",
    "region",
    "rule_set",
    "scheme",
    "status",
)


class Facets(Frozen):
    """How many entries are asked for, and how many of them have each value of each facet.

    Every facet is there, also where no entry has a value of it; `status` only on a rung that has one. `demonstration`
    says that all of it is made up.
    """

    demonstration: bool
    as_of: CivilDate
    rung: Rung
    total: int
    facets: dict[str, tuple[FacetValue, ...]]

    @classmethod
    def of(cls, as_of: date, rung: Rung, total: int, counts: list[Count], *, demonstration: bool) -> "Facets":
        """The wire form of counts."""
        found: dict[str, tuple[FacetValue, ...]] = {
            name: () for name in FACETS if (name, rung) != ("status", "declared")
        }
        for count in counts:
            found[count.facet] = (*found[count.facet], FacetValue(value=count.value, count=count.count))
        return cls(demonstration=demonstration, as_of=as_of, rung=rung, total=total, facets=found)


class ComparedStandard(Frozen):
    """One standard; what each service shows of it, in the order of `services`, `null` where it has none of it."""

    number: int
    services: tuple[StandardOverview | None, ...]


class ComparedRequirement(Frozen):
    """A requirement in which the services differ: the highest rung that each reaches, in the order of `services`.

    `none` where it applies and no rung is reached, `not_applicable` also where it is excluded, `null` where the
    service's rule set version has no such requirement.
    """

    requirement: str
    services: tuple[str | None, ...]


class Comparison(Frozen):
    """Services side by side under versions of one rule set."""

    as_of: CivilDate
    services: tuple[PortfolioEntry, ...]
    standards: tuple[ComparedStandard, ...]
    differences: tuple[ComparedRequirement, ...]


CSV_HEADER: Final = (
    "service",
    "service_name",
    "provider_name",
    "assessment",
    "rule_set",
    "rule_set_version",
    "state",
    "submitted_at",
    "regions",
    "local_authorities",
    "as_of",
    "status_evidenced",
    "status_verified",
    *(f"compliance_{rung}" for rung in RUNGS),
    "progress",
    *(f"failing_{rung}" for rung in RUNGS),
    "schemes",
    *(f"lapses_on_{rung}" for rung in RUNGS),
    "valid_through",
    "problem",
)


def csv_row(entry: Entry, as_of: date) -> tuple[object, ...]:
    """The cells of an entry, in the order of ``CSV_HEADER``; lists have a space between their items."""
    status: dict[Rung, Status] = entry.status or {}
    return (
        entry.service,
        entry.service_name,
        entry.provider_name,
        entry.assessment,
        entry.rule_set.id,
        entry.rule_set.version,
        entry.state,
        instant(entry.submitted_at),
        " ".join(entry.regions),
        " ".join(entry.local_authorities),
        as_of,
        status.get("evidenced"),
        status.get("verified"),
        *(_score(entry.scores[rung]) for rung in RUNGS),
        entry.progress,
        *(entry.failing[rung] for rung in RUNGS),
        " ".join(entry.schemes),
        *(_day(entry.lapses[rung]) for rung in RUNGS),
        _day(entry.valid_through),
        entry.problem,
    )


def compared(found: list[Judged], requirements: list[tuple[str, ...]], as_of: date) -> Comparison:
    """Services side by side; ``requirements`` are those of each one's rule set version, in its order."""
    numbers = sorted({int(number) for item in found for number in item.content.get("standards", {})})
    reached = [
        dict(zip(names, _reached(item.tally), strict=False)) for item, names in zip(found, requirements, strict=True)
    ]
    names = dict.fromkeys(name for each in requirements for name in each)
    rows = [(name, tuple(each.get(name) for each in reached)) for name in names]
    return Comparison(
        as_of=as_of,
        services=tuple(PortfolioEntry.of(item.entry, as_of) for item in found),
        standards=tuple(
            ComparedStandard(number=number, services=tuple(_standard(item, number) for item in found))
            for number in numbers
        ),
        differences=tuple(
            ComparedRequirement(requirement=name, services=rungs) for name, rungs in rows if len(set(rungs)) > 1
        ),
    )


def _standard(item: Judged, number: int) -> StandardOverview | None:
    found = item.content.get("standards", {}).get(str(number))
    return None if found is None else StandardOverview.model_validate(found)


def _reached(tally: bytes) -> list[str]:
    rungs = {0: "not_applicable", 8: "none", 12: "declared", 14: "evidenced", 15: "verified"}
    return [rungs[int(digit, 16)] for digit in tally.decode()]


def _score(score: Decimal) -> str | None:
    return None if score == NO_SCORE else str(score)


def _day(day: date) -> date | None:
    return None if day == NEVER else day
