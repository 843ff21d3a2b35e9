"""Which figures of overlapping groups can be shown without giving away what few members show.

A group is whoever works in one region, or all of them. Figures of groups can be added to and subtracted from each
other, so it is not enough to withhold those of small groups: what remains must not add up to a small one either.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

# Fewer members than this are never told of together. It is this project's choice, after no rule of anybody else's:
# 10 is usual for people, and would leave nothing to see of regions that have some seven services each.
THRESHOLD: Final = 5
# Larger than any determinant of noughts and ones in as many rows as there are groups, so that ranks are exact.
_PRIME: Final = 2**61 - 1


@lru_cache(maxsize=16_384)
def withheld(memberships: tuple[int, ...], members: tuple[int, ...]) -> int:
    """The groups whose figures must not be shown, as bits; the others can be.

    ``memberships`` has a number for each kind of member: bit *i* is set where it belongs to group *i*; no number comes
    twice. ``members`` says how many there are of each kind. No figure that is shown, and nothing that can be worked out
    from those that are by adding, subtracting and multiplying, hangs on one to ``THRESHOLD - 1`` members alone. After
    the figures that do by themselves, one by one those of the fewest members are withheld that help.
    """
    there = {kind: count for kind, count in zip(memberships, members, strict=True) if count}
    if all(count >= THRESHOLD for count in there.values()):
        return 0
    sizes = {
        1 << group: sum(count for kind, count in there.items() if kind >> group & 1)
        for group in range(max(there).bit_length())
    }
    found = sum(group for group, size in sizes.items() if 0 < size < THRESHOLD)
    for few in _few(list(there.items()), THRESHOLD - 1):
        while _hangs_on(few, there, found):
            shown = sorted((group for group in sizes if not found & group), key=lambda group: (sizes[group], group))
            useful = [group for group in shown if not _hangs_on(few, there, found | group)]
            found |= (useful or [group for group in shown if any(kind & group for kind in few)])[0]
    return found


def _few(kinds: Sequence[tuple[int, int]], most: int) -> Iterator[tuple[int, ...]]:
    """Every choice of kinds that have at most ``most`` members together, but for those that could have one more."""
    small = [(kind, count) for kind, count in kinds if count <= most]

    def choices(place: int, chosen: tuple[int, ...], left: int, least: int) -> Iterator[tuple[int, ...]]:
        """Go on from a place; ``least`` is the fewest members of a kind that was passed over."""
        for at in range(place, len(small)):
            kind, count = small[at]
            if count <= left:
                yield from choices(at + 1, (*chosen, kind), left - count, least)
                least = min(least, count)
        if left < least:
            yield chosen

    return choices(0, (), most, THRESHOLD)


def _hangs_on(few: Iterable[int], there: Iterable[int], hidden: int) -> bool:
    """Whether anything can be worked out from what is shown that hangs on these kinds and on no others."""
    every = frozenset(kind & ~hidden for kind in there)
    others = frozenset(kind & ~hidden for kind in there if kind not in few)
    if every == others:
        return False
    rank = _rank(every)
    return not _is_at_least(others, rank) and _rank(others) < rank


def _is_at_least(vectors: Iterable[int], rank: int) -> bool:
    """Whether vectors of noughts and ones have this rank by addition without carrying, and so by any other.

    They can have it all the same where they do not by that; it is soon found out, and most often enough.
    """
    basis: list[int] = []
    for vector in vectors:
        left = vector
        for each in basis:
            left = min(left, left ^ each)
        if left:
            basis.append(left)
            if len(basis) == rank:
                return True
    return not rank


@lru_cache(maxsize=4096)
def _rank(vectors: frozenset[int]) -> int:
    """The rank of vectors of noughts and ones, each given as bits."""
    width = max(vectors, default=0).bit_length()
    basis: dict[int, list[int]] = {}
    for bits in vectors:
        vector = [bits >> place & 1 for place in range(width)]
        for place, row in basis.items():
            if factor := vector[place]:
                vector = [(one - factor * other) % _PRIME for one, other in zip(vector, row, strict=True)]
        lead = next((place for place, value in enumerate(vector) if value), None)
        if lead is not None:
            inverse = pow(vector[lead], -1, _PRIME)
            basis[lead] = [value * inverse % _PRIME for value in vector]
    return len(basis)
