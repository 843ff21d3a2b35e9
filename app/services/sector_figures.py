"""Figures of the sector: what one service adds to them, and what of them can be shown (nothing of a single service)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import sub
from typing import Final

from app.db.sector import NUMBERS, Count, numbers, packed, total
from app.engine.rules import RuleSet
from app.services.suppression import withheld

_BYTES_EACH: Final = 4 * NUMBERS
# By the digit of a tally (``app.engine.digest.Digest``): whether it applies, and whether it is satisfied on each rung.
_OF_DIGIT: Final = {f"{digit:x}": tuple(digit >> bit & 1 for bit in (3, 2, 1, 0)) for digit in range(16)}
_NOTHING: Final = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Figure:
    """To how many services something applies, and how many of them satisfy it on each rung, in the order of rungs."""

    services: int
    met: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Group:
    """The services that work in a region, or (``None``) all of Wales.

    A figure for each requirement of the rule set version in its order, and then for each standard; ``None`` where it is
    withheld.
    """

    region: str | None
    figures: tuple[Figure | None, ...]


def of_service(rule_set: RuleSet, tally: str) -> bytes:
    """What one service adds to figures.

    A standard applies where a ``must`` of it does, and is satisfied where all of these that apply are.
    """
    each = [_OF_DIGIT[digit] for digit in tally]
    place = 0
    standards = []
    for standard in rule_set.standards:
        musts = [
            found
            for item, found in zip(standard.requirements, each[place:], strict=False)
            if item.obligation == "must" and found[0]
        ]
        standards.append(tuple(map(min, zip(*musts, strict=True))) if musts else _NOTHING)
        place += len(standard.requirements)
    return packed(list(chain.from_iterable([*each, *standards])))


def groups(rule_set: RuleSet, counts: Iterable[Count], known: Iterable[Count], regions: Sequence[str]) -> list[Group]:
    """What the services of all Wales show, and of each region in the order given, as far as it can be shown.

    ``counts`` are all of one day and this version. ``known`` are those among them of whom whoever reads may know
    everything, so that nothing can be found out of the others by taking these away.
    """
    items = len(rule_set.requirements) + len(rule_set.standards)
    length = items * _BYTES_EACH
    wales = 1 << len(regions)
    places = {region: 1 << place for place, region in enumerate(regions)}

    def by_kind(found: Iterable[Count]) -> dict[int, bytes]:
        kinds: dict[int, list[bytes]] = {}
        for count in found:
            kind = wales | sum(places.get(region, 0) for region in {*count.of.regions})
            kinds.setdefault(kind, []).append(count.figures)
        return {kind: total(figures, length) for kind, figures in kinds.items()}

    every = by_kind(counts)
    hidden = _withheld(every, by_kind(known), items)
    return [
        Group(region, _figures(total((figures for kind, figures in every.items() if kind & bit), length), hidden, bit))
        for region, bit in ((None, wales), *places.items())
    ]


def _withheld(every: Mapping[int, bytes], known: Mapping[int, bytes], items: int) -> list[int]:
    """For each item the groups whose figures are withheld, as bits."""
    if not every:
        return [0] * items
    nobody = bytes(items * _BYTES_EACH)
    unknown = [
        map(sub, numbers(figures)[::NUMBERS], numbers(known.get(kind, nobody))[::NUMBERS])
        for kind, figures in every.items()
    ]
    kinds = tuple(every)
    return [withheld(kinds, each) for each in zip(*unknown, strict=True)]


def _figures(figures: bytes, hidden: Sequence[int], bit: int) -> tuple[Figure | None, ...]:
    found = numbers(figures)
    parts = zip(found[::4], found[1::4], found[2::4], found[3::4], strict=True)
    return tuple(
        None if groups & bit else Figure(services, (declared, evidenced, verified))
        for (services, declared, evidenced, verified), groups in zip(parts, hidden, strict=True)
    )
