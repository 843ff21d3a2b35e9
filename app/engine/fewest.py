"""The fewest further documents and answers that satisfy a number of needs at once.

A minimum hitting set over condition trees: exact by branch and bound, state by state, within ``LIMIT`` states for needs
that hang together; beyond that the best found is given, with a number that no choice can go below.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

LIMIT: Final = 2000


@dataclass(frozen=True, slots=True)
class MoreDocuments:
    """So many more documents of any of these types."""

    types: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class AnswerAmong:
    """The question answered by one of these options; 0 is the answer as it stands, which costs nothing."""

    question: str
    options: frozenset[int]


@dataclass(frozen=True, slots=True)
class Every:
    """All of these needs; without any it is satisfied."""

    needs: tuple["Need", ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """One of these needs, of which there is one at least."""

    needs: tuple["Need", ...]


Need: TypeAlias = MoreDocuments | AnswerAmong | Every | Either
# "document" and a type, with how many of it; "answer" and a question, with the option chosen (never 0).
Item: TypeAlias = tuple[str, str]
Chosen: TypeAlias = dict[Item, int]


@dataclass(frozen=True, slots=True)
class Fewest:
    """What to choose; no choice costs less than ``at_least``. Needs by index that nothing satisfies beside the rest."""

    chosen: Chosen
    at_least: int
    beyond: tuple[int, ...]


def cost(chosen: Chosen) -> int:
    """How many documents and answers it is."""
    return sum(count if kind == "document" else 1 for (kind, _), count in chosen.items())


def holds(need: Need, chosen: Chosen) -> bool:
    """Whether the choice satisfies the need."""
    if isinstance(need, MoreDocuments):
        return _missing(need, chosen) <= 0
    if isinstance(need, AnswerAmong):
        return chosen.get(("answer", need.question), 0) in need.options
    parts = (holds(part, chosen) for part in need.needs)
    return all(parts) if isinstance(need, Every) else any(parts)


def fewest(needs: Sequence[Need], *, limit: int = LIMIT) -> Fewest:
    """The fewest documents and answers that satisfy all needs; earlier needs come first where not all can be."""
    found, kept = _solve(needs, limit), list(range(len(needs)))
    if found is None:
        found, kept = ({}, 0), []
        for index, need in enumerate(needs):
            tried = _solve([*(needs[each] for each in kept), need], limit)
            if tried is not None:
                kept.append(index)
                found = tried
    chosen, at_least = found
    return Fewest(chosen, at_least, tuple(index for index in range(len(needs)) if index not in kept))


def _solve(needs: Sequence[Need], limit: int) -> tuple[Chosen, int] | None:
    """A choice and its lower bound; ``None`` where there is none, or none was found."""
    chosen: Chosen = {}
    while True:  # what has no alternative is settled first, so that the rest falls apart into what hangs together
        moves = [_moves(need, chosen) for need in needs if not holds(need, chosen)]
        forced = next((found[0] for found in moves if len(found) == 1), None)
        if forced is None:
            break
        chosen = _moved(chosen, forced)
    at_least, settled = cost(chosen), dict(chosen)
    for part in _parts(needs, chosen):
        found = _search(part, settled, limit)
        if found is None:
            return None
        best, bound = found
        at_least += bound - cost(settled)
        # Only what the part added: it starts from what was settled, of which another part may have taken more.
        chosen |= {item: amount for item, amount in best.items() if settled.get(item) != amount}
    return _without_spare(needs, chosen), at_least


def _search(needs: Sequence[Need], start: Chosen, limit: int) -> tuple[Chosen, int] | None:
    """Depth first, what helps most needs first, so that the first choice found is the greedy one."""
    best: Chosen | None = None
    seen: set[frozenset[tuple[Item, int]]] = set()
    waiting = [start]
    while waiting and len(seen) < limit:
        chosen = waiting.pop()
        key = frozenset(chosen.items())
        bound = cost(chosen) + _apart(needs, chosen)
        if key in seen or (best is not None and bound >= cost(best)):
            continue
        seen.add(key)
        wanting = [need for need in needs if not holds(need, chosen)]
        if not wanting:
            best = chosen
            continue
        # The last one is looked at first: of those that help as many needs, the one that is named first.
        moves = min((_moves(need, chosen) for need in wanting), key=len)[::-1]
        items = [_items(need, chosen) for need in wanting]
        moves.sort(key=lambda move: sum(move[0] in each for each in items))
        waiting.extend(_moved(chosen, move) for move in moves)
    if best is None:
        return None
    return best, cost(start) + _apart(needs, start) if waiting else cost(best)


def _moves(need: Need, chosen: Chosen) -> list[tuple[Item, int]]:
    """Ways to go on, such that every choice which adds to this one and satisfies the need takes one of them.

    The need is not satisfied yet.
    """
    if isinstance(need, MoreDocuments):
        step = _missing(need, chosen) if len(need.types) == 1 else 1
        return [(("document", kind), chosen.get(("document", kind), 0) + step) for kind in need.types]
    if isinstance(need, AnswerAmong):
        item = ("answer", need.question)
        return [] if item in chosen else [(item, option) for option in sorted(need.options)]
    if isinstance(need, Every):
        return min((_moves(part, chosen) for part in need.needs if not holds(part, chosen)), key=len)
    return list(dict.fromkeys(move for part in need.needs for move in _moves(part, chosen)))


def _moved(chosen: Chosen, move: tuple[Item, int]) -> Chosen:
    item, amount = move
    return chosen | {item: amount}


def _least(need: Need, chosen: Chosen) -> int:
    """What it costs at least to satisfy the need as well, which is not satisfied yet, if that can be."""
    if isinstance(need, MoreDocuments):
        return _missing(need, chosen)
    if isinstance(need, AnswerAmong):
        return 1
    if isinstance(need, Every):
        return _apart(need.needs, chosen)
    return min(_least(part, chosen) for part in need.needs)


def _apart(needs: Iterable[Need], chosen: Chosen) -> int:
    """What needs cost at least that have nothing in common; the dearest of all, if that is more."""
    total = dearest = 0
    used: set[Item] = set()
    for need in (need for need in needs if not holds(need, chosen)):
        least, items = _least(need, chosen), _items(need, chosen)
        dearest = max(dearest, least)
        if used.isdisjoint(items):
            total += least
            used |= items
    return max(total, dearest)


def _items(need: Need, chosen: Chosen) -> set[Item]:
    """What the need could still be satisfied by."""
    return set(_leaves(need, chosen))


def _leaves(need: Need, chosen: Chosen) -> Iterator[Item]:
    if isinstance(need, MoreDocuments):
        if not holds(need, chosen):
            yield from (("document", kind) for kind in need.types)
    elif isinstance(need, AnswerAmong):
        if ("answer", need.question) not in chosen:
            yield "answer", need.question
    else:
        for part in need.needs:
            yield from _leaves(part, chosen)


def _parts(needs: Sequence[Need], chosen: Chosen) -> list[list[Need]]:
    """The needs that hang together by what could satisfy them."""
    parts: list[tuple[set[Item], list[Need]]] = []
    for need in needs:
        items, together = _items(need, chosen), [need]
        apart = []
        for others, members in parts:
            if items.isdisjoint(others):
                apart.append((others, members))
            else:
                items |= others
                together = [*members, *together]
        parts = [*apart, (items, together)]
    return [members for _, members in parts]


def _without_spare(needs: Sequence[Need], chosen: Chosen) -> Chosen:
    """The choice without what can be spared of it; of a fewest choice nothing can."""
    for item, amount in list(chosen.items()):
        fewer = [{**chosen, item: less} for less in range(amount)]
        chosen = next((one for one in fewer if all(holds(need, one) for need in needs)), chosen)
    return {item: amount for item, amount in chosen.items() if amount}


def _missing(need: MoreDocuments, chosen: Chosen) -> int:
    return need.more - sum(chosen.get(("document", kind), 0) for kind in need.types)
