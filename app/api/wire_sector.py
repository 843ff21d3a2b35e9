"""The sector view as it travels: shares by region and quarter, the weakest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import chain
from typing import Final, Literal, TypeAlias

from app.engine.determination import RUNGS, Rung, published
from app.engine.rules import Obligation, Requirement, RuleSet, RuleSetRef, Standard
from app.engine.values import CivilDate, Frozen, Text, trusted
from app.services.sector_figures import Figure, Group
from app.services.suppression import THRESHOLD

Order: TypeAlias = Literal["share", "lacking"]


class SectorFigure(Frozen):
    """What one group showed on the last day of a quarter; `region` is `null` for all of Wales.

    `services` is to how many it applies, and `met` how many of them satisfy it on each rung; `share` is the one of the
    other in per cent, rounded as scores are, `null` where it applies to none. Where `withheld`, all three are `null`.
    """

    quarter: str
    region: str | None
    services: int | None
    met: dict[Rung, int] | None
    share: dict[Rung, str] | None
    withheld: bool


class SectorQuarter(Frozen):
    """A quarter of the calendar that has ended, and the day on which it is looked at, as it was known that day."""

    quarter: str
    last_day: CivilDate


class SectorStandard(Frozen):
    """A standard; a service satisfies it that satisfies all its mandatory requirements that apply to it."""

    number: int
    title: Text
    figures: list[SectorFigure]


class SectorRequirement(Frozen):
    """A requirement, and what services showed of it."""

    requirement: str
    standard: int
    statement: Text
    obligation: Obligation
    safety_critical: bool
    figures: list[SectorFigure]


class SectorView(Frozen):
    """The sector under one rule set version, in the order asked for.

    The order is that of the latest quarter in `region` (in all of Wales where it is `null`) on `rung`; what is withheld
    there or applies to none comes last. `threshold` is the fewest services that figures are given of.
    """

    rule_set: RuleSetRef
    rung: Rung
    region: str | None
    order: Order
    threshold: int
    quarters: tuple[SectorQuarter, ...]
    standards: tuple[SectorStandard, ...]
    requirements: tuple[SectorRequirement, ...]


CSV_HEADER: Final = (
    "standard",
    "requirement",
    "title",
    "quarter",
    "last_day",
    "region",
    "services",
    *(f"met_{rung}" for rung in RUNGS),
    *(f"share_{rung}" for rung in RUNGS),
    "withheld",
)


@dataclass(frozen=True, slots=True)
class Sight:
    """What is looked at: quarters, the latest first, each with its groups, and by what it is put in order."""

    rule_set: RuleSet
    quarters: Sequence[tuple[date, Sequence[Group]]]
    rung: Rung
    region: str | None
    order: Order

    def view(self) -> SectorView:
        """All of it."""
        quarters = tuple(SectorQuarter(quarter=quarter_of(day), last_day=day) for day, _ in self.quarters)
        return SectorView(
            rule_set=RuleSetRef(id=self.rule_set.id, version=self.rule_set.version),
            rung=self.rung,
            region=self.region,
            order=self.order,
            threshold=THRESHOLD,
            quarters=quarters,
            standards=tuple(
                SectorStandard(number=item.number, title=item.title, figures=self._figures(place))
                for place, item in self._standards()
            ),
            requirements=tuple(
                SectorRequirement(
                    requirement=item.id,
                    standard=int(item.id.partition(".")[0]),
                    statement=item.statement,
                    obligation=item.obligation,
                    safety_critical=item.safety_critical,
                    figures=self._figures(place),
                )
                for place, item in self._requirements()
            ),
        )

    def csv_rows(self, language: str) -> Iterator[tuple[object, ...]]:
        """The cells of each figure, in the order of ``CSV_HEADER``: standards first, then requirements."""
        days = {quarter_of(day): day for day, _ in self.quarters}
        standards = ((place, item.number, None, item.title) for place, item in self._standards())
        requirements = (
            (place, item.id.partition(".")[0], item.id, item.statement) for place, item in self._requirements()
        )
        for place, standard, requirement, words in chain(standards, requirements):
            said = (words.cy if language == "cy" else None) or words.en
            for each in self._figures(place):
                met, share = each.met or {}, each.share or {}
                yield (
                    standard,
                    requirement,
                    said,
                    each.quarter,
                    days[each.quarter],
                    each.region or "wales",
                    each.services,
                    *(met.get(rung) for rung in RUNGS),
                    *(share.get(rung) for rung in RUNGS),
                    "yes" if each.withheld else "no",
                )

    def _standards(self) -> list[tuple[int, Standard]]:
        first = len(self.rule_set.requirements)
        return sorted(enumerate(self.rule_set.standards, start=first), key=lambda each: self._place(each[0]))

    def _requirements(self) -> list[tuple[int, Requirement]]:
        return sorted(enumerate(self.rule_set.requirements.values()), key=lambda each: self._place(each[0]))

    def _place(self, item: int) -> tuple[bool, Fraction | int, Fraction | int]:
        latest = next(group for group in self.quarters[0][1] if group.region == self.region)
        figure = latest.figures[item]
        if figure is None or not figure.services:
            return True, 0, 0
        met = figure.met[RUNGS.index(self.rung)]
        share, lacking = Fraction(met, figure.services), met - figure.services
        return (False, share, lacking) if self.order == "share" else (False, lacking, share)

    def _figures(self, item: int) -> list[SectorFigure]:
        return [
            _figure(quarter, group.region, group.figures[item])
            for quarter, groups in ((quarter_of(day), groups) for day, groups in self.quarters)
            for group in groups
            if self.region is None or group.region in (None, self.region)
        ]


def quarter_of(day: date) -> str:
    """The quarter of the calendar that a day is in, as 2026-Q3."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def _figure(quarter: str, region: str | None, found: Figure | None) -> SectorFigure:
    met: dict[Rung, int] | None = None
    share: dict[Rung, str] | None = None
    if found is not None:
        met = dict(zip(RUNGS, found.met, strict=True))
        if found.services:
            whole = found.services
            share = {rung: published(each, whole, complete=each == whole) for rung, each in met.items()}
    return trusted(
        SectorFigure,
        {
            "quarter": quarter,
            "region": region,
            "services": None if found is None else found.services,
            "met": met,
            "share": share,
            "withheld": found is None,
        },
    )
