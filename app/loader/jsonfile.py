"""JSON text becomes a value, or every reason why it must not be taken (RFC 8259, read strictly).

What other readers let through silently is refused here: a key used twice in one object, ``NaN`` and ``Infinity``,
numbers that another reader would round, and nesting made to exhaust a reader.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, islice
from typing import Any, TypeAlias

from app.engine.values import LARGEST_INTEGER
from app.errors import BadInput, Fault

DEEPEST_JSON = 100
LONGEST_INTEGER = 17  # sixteen digits and a sign
LONGEST_SHOWN = 30
UNKNOWN_KEY = "unknown key"  # so begins what is said of a key itself, and not of what stands under it
MOST_FLAWS = 100  # a text made of flaws must not cost many times its size

Path: TypeAlias = tuple[str | int, ...]
Located: TypeAlias = tuple[Path, Fault]

# An unterminated string runs to the end of the text, so that no text makes the search start again and again.
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'
_BRACKET = re.compile(rf"{_STRING}|[\[\]{{}}]", re.DOTALL)
_TOKEN = re.compile(rf'{_STRING}|[\[\]{{}},:]|[^\s\[\]{{}},:"]+', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Flaw:
    """One reason why a text is not taken: where it is (offset in characters, path if known), what and what to do."""

    offset: int
    path: Path
    message: str
    hint: str


class Flawed(Exception):
    """The text cannot be taken; ``flaws`` says every reason that could be found."""

    def __init__(self, flaws: list[Flaw]) -> None:
        super().__init__("; ".join(flaw.message for flaw in flaws))
        self.flaws = flaws


@dataclass(frozen=True, slots=True)
class JsonPlace:
    """Where one value of a JSON text stands; ``key`` is the offset of its key, or its own where it has none."""

    path: Path
    key: int
    value: int
    literal: str


def pointer(path: Path) -> str:
    """The JSON Pointer (RFC 6901) of a path."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def decoded(data: bytes) -> str:
    """The text of UTF-8 bytes, without a byte order mark; raises ``Flawed``."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text_before = data[: error.start].decode("utf-8-sig", "replace")
        flaw = Flaw(len(text_before), (), "the text is not UTF-8", "save it with the encoding UTF-8")
        raise Flawed([flaw]) from None


def parse_json(text: str, deepest: int = DEEPEST_JSON) -> tuple[object, list[Flaw]]:
    """The value of a JSON text and its flaws; raises ``Flawed`` where it has no value.

    Of more than ``MOST_FLAWS`` there are so many, and one that says that there are more.
    """
    _refuse_depth(text, deepest)
    suspicious: list[str] = []

    def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            suspicious.append("a key twice")
        return found

    def number(literal: str) -> int | float | None:
        if _bad_number(literal):
            suspicious.append(literal)
            return None
        return int(literal) if literal.lstrip("-").isdigit() else float(literal)

    try:
        value: object = json.loads(
            text, object_pairs_hook=members, parse_int=number, parse_float=number, parse_constant=number
        )
    except json.JSONDecodeError as error:
        raise Flawed([_syntax_flaw(error)]) from None
    return value, _so_many(_flaws(text)) if suspicious else []


def _so_many(flaws: Iterator[Flaw]) -> list[Flaw]:
    found = list(islice(flaws, MOST_FLAWS))
    further = next(flaws, None)
    if further is not None:
        found.append(
            Flaw(further.offset, further.path, "there are more such flaws from here on", "mend these, and look again")
        )
    return found


def read_json(data: bytes) -> object:
    """The value of UTF-8 JSON bytes; raises ``BadInput`` with every flaw and its place."""
    value, flaws = read_flawed(data)
    if flaws:
        raise unsound(flaws)
    return value


def read_flawed(data: bytes) -> tuple[object, list[Located]]:
    """The value of UTF-8 JSON bytes, as of an HTTP body or a pack, and its flaws; where it has some, it is not taken.

    What has a flaw is ``None`` in the value, of a key used twice both: it is there to look for faults in all the rest.
    Raises ``BadInput`` where there is no value at all.
    """
    text = ""
    try:
        text = decoded(data)
        value, flaws = parse_json(text)
    except Flawed as error:
        text = text or data.decode("utf-8-sig", "replace")
        raise unsound([_located(text, flaw) for flaw in error.flaws]) from None
    for flaw in flaws:
        value = _without(value, flaw.path)
    return value, [_located(text, flaw) for flaw in flaws]


def unsound(found: Iterable[Located]) -> BadInput:
    """The refusal of a text for its flaws, and for what else is wrong beside them."""
    faults = tuple(fault for _, fault in found)
    return BadInput("The text cannot be taken as JSON.", hint="Correct every fault.", faults=faults)


def beside(flaws: Iterable[Located], others: Iterable[Located]) -> list[Located]:
    """Flaws and other faults, without those that are there only because what has a flaw was not looked at."""
    found = list(flaws)
    places = {path for path, _ in found}

    def hidden(path: Path, fault: Fault) -> bool:
        of_key = fault.message.startswith(UNKNOWN_KEY)  # which it is whatever stands under it
        return any(path[:depth] in places for depth in range(len(path) + (not of_key)))

    return found + [item for item in others if not hidden(*item)]


def places(text: str) -> Iterator[JsonPlace]:
    """Every value of a sound JSON text with its path and place, in the order of the text; repeated keys too."""
    open_in: list[tuple[Path, Iterator[int] | None]] = []  # the path of each open bracket; indices where it is a list
    key: str | None = None
    key_at = 0
    for match in _TOKEN.finditer(text):
        literal = match[0]
        if literal in (",", ":"):
            continue
        if literal in ("]", "}"):
            open_in.pop()
            continue
        path, indices = open_in[-1] if open_in else ((), None)
        if open_in and indices is None and key is None:
            key, key_at = json.loads(literal), match.start()
            continue
        if indices is not None:
            path, key_at = (*path, next(indices)), match.start()
        elif key is not None:
            path, key = (*path, key), None
        yield JsonPlace(path, key_at, match.start(), literal)
        if literal in ("[", "{"):
            open_in.append((path, None if literal == "{" else count()))


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, counting from 1."""
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def _refuse_depth(text: str, deepest: int) -> None:
    if text.count("[") + text.count("{") <= deepest:
        return
    depth = 0
    for match in _BRACKET.finditer(text):
        if match[0] in "[{":
            depth += 1
            if depth > deepest:
                message = f"the document is nested more than {deepest} levels deep"
                raise Flawed([Flaw(match.start(), (), message, "no document of ours needs as many; check it")])
        elif match[0] in "]}":
            depth -= 1


def _bad_number(literal: str) -> bool:
    """Whether another reader could not keep this number exactly; infinity and NaN are none at all."""
    if literal.lstrip("-").isdigit():
        return len(literal) > LONGEST_INTEGER or abs(int(literal)) > LARGEST_INTEGER
    return not math.isfinite(float(literal))


def _syntax_flaw(error: json.JSONDecodeError) -> Flaw:
    message = f"the text is not JSON: {error.msg}"
    return Flaw(error.pos, (), message, "check quotes, commas and brackets at and before that place")


def _located(text: str, flaw: Flaw) -> Located:
    line, column = line_and_column(text, flaw.offset)
    message = f"{flaw.message}, at line {line}, column {column}"
    return flaw.path, Fault(_sayable(pointer(flaw.path)), message, flaw.hint)


def _without(value: object, path: Path) -> object:
    """The value with nothing at ``path``; a key used twice may have been one of what is no longer there."""
    if not path:
        return None
    holder: Any = value
    for step in path[:-1]:
        holder = holder[step] if _has(holder, step) else None
    if _has(holder, path[-1]):
        holder[path[-1]] = None
    return value


def _has(value: object, step: str | int) -> bool:
    if isinstance(value, dict):
        return step in value
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def _sayable(message: str) -> str:
    """A text about keys that may hold half a character (a lone surrogate), which could be neither sent nor shown."""
    return message.encode(errors="replace").decode()


def _flaws(text: str) -> Iterator[Flaw]:
    seen: set[Path] = set()
    twice: set[Path] = set()
    for place in places(text):
        # What is below the second of two has the path of what is below the first, and is no second itself.
        if place.path in seen and not any(place.path[:depth] in twice for depth in range(len(place.path))):
            twice.add(place.path)
            message = f'the key "{place.path[-1]}" is used twice in one object'
            yield Flaw(place.key, place.path, _sayable(message), "keep one of the two")
        seen.add(place.path)
        if place.literal[0] in "-0123456789NI" and _bad_number(place.literal):
            name = place.literal if len(place.literal) <= LONGEST_SHOWN else f"{place.literal[:LONGEST_SHOWN]}…"
            message = f"{name} is not a number that every reader keeps exactly"
            hint = "write an integer between -(2^53-1) and 2^53-1, or a decimal as a string"
            yield Flaw(place.value, place.path, _sayable(message), hint)
