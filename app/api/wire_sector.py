"""The sector view as it travels: shares by region and quarter, the weakest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import chain
from typing import Final, Literal, TypeAlias

from app.api.negotiation import Language
from app.engine.determination import RUNGS, Rung, Score, published
from app.engine.rules import Obligation, Requirement, RuleSet, RuleSetRef, Standard
from app.engine.tree import DocumentLeaf, leaves_of
from app.engine.values import CivilDate, Frozen, Text, trusted
from app.services.sector_figures import Figure, Group
from app.services.suppression import THRESHOLD

Order: TypeAlias = Literal["share", "lacking"]
_WITHHELD: Final = (None, None, None)


class SectorColumn(Frozen):
    """Where and when figures are of: the services of a region, of all Wales where it is `null`, and a quarter.

    It is looked at on the quarter's last day, as it was known that day.
    """

    quarter: str
    last_day: CivilDate
    region: str | None


class SectorMet(Frozen):
    """How many services satisfied it on each rung, in the order of `columns`."""

    declared: tuple[int | None, ...]
    evidenced: tuple[int | None, ...]
    verified: tuple[int | None, ...]


class SectorFigures(Frozen):
    """Figures in the order of `columns`, `null` where they are withheld.

    `services` is to how many it applied. `share` is the part of them that satisfied it on the rung asked for, in per
    cent, rounded as scores are; `null` also where it applied to none.
    """

    services: tuple[int | None, ...]
    met: SectorMet
    share: tuple[Score | None, ...]


class SectorStandard(Frozen):
    """A standard; a service satisfies it that satisfies all its mandatory requirements that apply to it."""

    number: int
    title: Text
    figures: SectorFigures


class SectorRequirement(Frozen):
    """A requirement, and what services showed of it."""

    requirement: str
    standard: int
    statement: Text
    obligation: Obligation
    safety_critical: bool
    figures: SectorFigures


class SectorDocuments(Frozen):
    """A type of document, and which requirements ask for one that some services lack: where help with it would reach.

    They are those of the latest quarter in `region` on `rung`, in their order. `lacking` is how many services lack
    each, added up; what is withheld is not in it.
    """

    document_type: str
    title: Text
    requirements: tuple[str, ...]
    lacking: int


class SectorView(Frozen):
    """The sector under one rule set version, in the order asked for.

    The order is that of the latest quarter in `region` (in all of Wales where it is `null`) on `rung`; what is withheld
    there or applies to none comes last. `threshold` is the fewest services that figures are given of. `documents`, the
    most lacking first, tell what kind of help would serve most requirements of most services. `demonstration` says that
    all of it is made up.
    """

    demonstration: bool
    rule_set: RuleSetRef
    rung: Rung
    region: str | None
    order: Order
    threshold: int
    columns: tuple[SectorColumn, ...]
    standards: tuple[SectorStandard, ...]
    requirements: tuple[SectorRequirement, ...]
    documents: tuple[SectorDocuments, ...]


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
    "demonstration",
)


@dataclass(frozen=True, slots=True)
class Sight:
    """What is looked at: quarters by their last days, the latest first, and by what things are put in order."""

    rule_set: RuleSet
    quarters: Sequence[tuple[date, Sequence[Group]]]
    rung: Rung
    region: str | None
    order: Order
    demonstration: bool

    def view(self) -> SectorView:
        """All of it."""
        columns = self._columns()
        return SectorView(
            demonstration=self.demonstration,
            rule_set=RuleSetRef(id=self.rule_set.id, version=self.rule_set.version),
            rung=self.rung,
            region=self.region,
            order=self.order,
            threshold=THRESHOLD,
            columns=tuple(
                SectorColumn(quarter=quarter_of(day), last_day=day, region=group.region) for day, group in columns
            ),
            standards=tuple(
                SectorStandard(number=item.number, title=item.title, figures=self._figures(columns, place))
                for place, item in self._standards()
            ),
            requirements=tuple(
                SectorRequirement(
                    requirement=item.id,
                    standard=_standard_of(item),
                    statement=item.statement,
                    obligation=item.obligation,
                    safety_critical=item.safety_critical,
                    figures=self._figures(columns, place),
                )
                for place, item in self._requirements()
            ),
            documents=self._documents(),
        )

    def csv_rows(self, language: Language) -> Iterator[tuple[object, ...]]:
        """The cells of each figure, in the order of ``CSV_HEADER``: standards first, then requirements."""
        columns = self._columns()
        made_up = "yes" if self.demonstration else "no"
        standards = ((place, item.number, None, item.title) for place, item in self._standards())
        requirements = ((place, _standard_of(item), item.id, item.statement) for place, item in self._requirements())
        for place, standard, requirement, words in chain(standards, requirements):
            said = (words.cy if language == "cy" else None) or words.en
            for day, group in columns:
                found = group.figures[place]
                where = (standard, requirement, said, quarter_of(day), day, group.region or "wales")
                if found is None:
                    yield (*where, *(None for _ in range(1 + 2 * len(RUNGS))), "yes", made_up)
                else:
                    shares = (_share(met, found.services) for met in found.met)
                    yield (*where, found.services, *found.met, *shares, "no", made_up)

    def _columns(self) -> list[tuple[date, Group]]:
        return [
            (day, group)
            for day, groups in self.quarters
            for group in groups
            if self.region is None or group.region in (None, self.region)
        ]

    def _standards(self) -> list[tuple[int, Standard]]:
        first = len(self.rule_set.requirements)
        return sorted(enumerate(self.rule_set.standards, start=first), key=lambda each: self._place(each[0]))

    def _requirements(self) -> list[tuple[int, Requirement]]:
        return sorted(enumerate(self.rule_set.requirements.values()), key=lambda each: self._place(each[0]))

    def _documents(self) -> tuple[SectorDocuments, ...]:
        lacking: dict[str, list[tuple[str, int]]] = {}
        for place, item in enumerate(self.rule_set.requirements.values()):
            figure = self._latest(place)
            if figure is None or not (lack := figure.services - figure.met[RUNGS.index(self.rung)]):
                continue
            leaves = (leaf for leaf in leaves_of(item.met_when) if isinstance(leaf, DocumentLeaf))
            for kind in {kind for leaf in leaves for kind in leaf.document.types}:
                lacking.setdefault(kind, []).append((item.id, lack))
        found = [
            SectorDocuments(
                document_type=kind.id,
                title=kind.text,
                requirements=tuple(name for name, _ in lacking[kind.id]),
                lacking=sum(lack for _, lack in lacking[kind.id]),
            )
            for kind in self.rule_set.document_types
            if kind.id in lacking
        ]
        return tuple(sorted(found, key=lambda each: -each.lacking))

    def _latest(self, item: int) -> Figure | None:
        return next(group for group in self.quarters[0][1] if group.region == self.region).figures[item]

    def _place(self, item: int) -> tuple[bool, Fraction | int, Fraction | int]:
        figure = self._latest(item)
        if figure is None or not figure.services:
            return True, 0, 0
        met = figure.met[RUNGS.index(self.rung)]
        share, lacking = Fraction(met, figure.services), met - figure.services
        return (False, share, lacking) if self.order == "share" else (False, lacking, share)

    def _figures(self, columns: Sequence[tuple[date, Group]], item: int) -> SectorFigures:
        found = [group.figures[item] for _, group in columns]
        rung = RUNGS.index(self.rung)
        declared, evidenced, verified = zip(*(_WITHHELD if each is None else each.met for each in found), strict=True)
        met = trusted(SectorMet, {"declared": declared, "evidenced": evidenced, "verified": verified})
        services = tuple(None if each is None else each.services for each in found)
        share = tuple(None if each is None else _share(each.met[rung], each.services) for each in found)
        return trusted(SectorFigures, {"services": services, "met": met, "share": share})


def quarter_of(day: date) -> str:
    """The quarter of the calendar that a day is in, as 2026-Q3."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def _standard_of(item: Requirement) -> int:
    return int(item.id.partition(".")[0])


def _share(met: int, services: int) -> str | None:
    return published(met, services, complete=met == services) if services else None
