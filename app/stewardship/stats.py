"""Counts over each rule set version: its requirements, what schemes show of them, and what Welsh is missing."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple, get_args

from pydantic import BaseModel

from app.engine.rules import BASES, Concern, Obligation, Requirement, RuleSet
from app.engine.values import Text, version_order
from app.loader.catalogue import Catalogue
from app.stewardship.finding import newest_crosswalks

FORMAT = "safonau/standards-statistics/1"


class Stats(NamedTuple):
    """The counts of one rule set version; each table has every row, zeros too, and adds up to the requirements.

    Only ``basis`` can add up to more, for a wording has one basis or more. ``missing_welsh`` names every text without.
    """

    rule_set: str
    version: str
    status: str
    recorded: bool
    requirements: int
    official_text: int
    tables: dict[str, dict[str, int]]
    missing_welsh: tuple[str, ...]


def statistics(catalogue: Catalogue) -> tuple[Stats, ...]:
    """The counts of every version, in the order of ids and versions."""
    ordered = sorted(catalogue.rule_sets.values(), key=lambda item: (item.id, version_order(item.version)))
    return tuple(_stats(catalogue, rule_set) for rule_set in ordered)


def statistics_json(found: Iterable[Stats]) -> dict[str, object]:
    """The counts for programs."""
    return {"format": FORMAT, "rule_sets": [item._asdict() for item in found]}


def statistics_text(found: Iterable[Stats]) -> str:
    """The counts as plain text, a block for each version, ending with a line break."""
    return "\n".join("\n".join(_block(item)) + "\n" for item in found)


def missing_welsh(rule_set: RuleSet) -> Iterator[str]:
    """Where a text for people has no Welsh: the place in words, such as ``requirement 14.2: guidance``.

    The names of documents that sources cite are left in the language they have.
    """
    head = {name: getattr(rule_set, name) for name in type(rule_set).model_fields if name != "standards"}
    for name, value in head.items():
        yield from _without_welsh(value, name)
    for standard in rule_set.standards:
        place = f"standard {standard.number}"
        for name in ("title", "note"):
            yield from _without_welsh(getattr(standard, name), f"{place}: {name}")
        for requirement in standard.requirements:
            yield from _without_welsh(requirement, f"requirement {requirement.id}:")


def _without_welsh(value: object, place: str) -> Iterator[str]:
    if isinstance(value, Text):
        if value.cy is None:
            yield place
    elif isinstance(value, BaseModel):
        inner = getattr(value, "id", None)
        here = place if inner is None or isinstance(value, Requirement) else f"{place} {inner}"
        for name in type(value).model_fields:
            if name != "document" or not isinstance(getattr(value, name), Text):
                yield from _without_welsh(getattr(value, name), f"{here} {name}")
    elif isinstance(value, tuple):
        for item in value:
            yield from _without_welsh(item, place)


def _stats(catalogue: Catalogue, rule_set: RuleSet) -> Stats:
    every = list(rule_set.requirements.values())
    tables = {
        "standard": {f"{item.number} {item.title.en}": len(item.requirements) for item in rule_set.standards},
        "basis": _counted(BASES, (basis for item in every for basis in item.basis)),
        "obligation": _counted(get_args(Obligation), (item.obligation for item in every)),
        "safety critical": _counted(("yes", "no"), ("yes" if item.safety_critical else "no" for item in every)),
        "is about": _counted(get_args(Concern), (item.concerns for item in every)),
        "condition": _counted(
            ("always", "by profile"), ("always" if item.applies_when is None else "by profile" for item in every)
        ),
    }
    for scheme, crosswalk in newest_crosswalks(catalogue, rule_set).items():
        found = (crosswalk.entry_for[item.id].coverage if item.id in crosswalk.entry_for else "none" for item in every)
        tables[f"covered by {scheme} (crosswalk version {crosswalk.version})"] = _counted(
            ("full", "partial", "none"), found
        )
    return Stats(
        rule_set.id,
        rule_set.version,
        rule_set.status,
        catalogue.published.has(rule_set),
        len(every),
        sum(item.official_text is not None for item in every),
        tables,
        tuple(missing_welsh(rule_set)),
    )


def _counted(names: Iterable[str], found: Iterable[str]) -> dict[str, int]:
    counts = Counter(found)
    return {name: counts[name] for name in names}


def _block(item: Stats) -> Iterator[str]:
    recorded = "recorded" if item.recorded else "not recorded"
    title = f"{item.rule_set} {item.version}: {item.status}, {recorded}"
    yield from (title, "=" * len(title), "")
    yield from _row("requirements", item.requirements)
    yield from _row("with official text", item.official_text)
    yield from _row("texts without Welsh", len(item.missing_welsh))
    for name, counts in item.tables.items():
        yield from ("", name)
        for row, count in counts.items():
            yield from _row(f"  {row}", count)
    if item.missing_welsh:
        yield from ("", "texts without Welsh", *(f"  {place}" for place in item.missing_welsh))


def _row(name: str, count: int) -> Iterator[str]:
    yield f"{name:<56} {count:>6}"
