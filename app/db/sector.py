"""What the sector view is made of: what services showed together on the last day of a quarter."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

# Numbers of one requirement or standard: to how many services it applies, and how many satisfy it on each rung.
NUMBERS: Final = 4
_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Quarter:
    """How far a quarter is counted, under one rule set, in which turn, and by which catalogue (a fingerprint)."""

    last_day: date
    catalogue: str
    turn: int
    after_service: UUID | None
    counted: bool


@dataclass(frozen=True, slots=True)
class Together:
    """The services that worked in exactly these regions, in order: all, or those that shared with a commissioner."""

    rule_set_version: str
    regions: tuple[str, ...]
    shared_with: UUID | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many services there were of these on a day, and their ``figures`` added up.

    ``figures`` has ``NUMBERS`` numbers for each requirement of the rule set version in its order, and then for each
    standard. Numbers have four bytes, the lowest first, so that a sum of figures is one addition (``total``).
    """

    last_day: date
    of: Together
    services: int
    figures: bytes


def packed(numbers: Sequence[int]) -> bytes:
    """Numbers as figures."""
    return struct.pack(f"<{len(numbers)}I", *numbers)


def total(figures: Iterable[bytes], length: int) -> bytes:
    """The sum of figures, number by number; ``length`` is that of each, in bytes."""
    return sum(int.from_bytes(each, "little") for each in figures).to_bytes(length, "little")


def numbers(figures: bytes) -> tuple[int, ...]:
    """The numbers that figures are made of."""
    return struct.unpack(f"<{len(figures) // _BYTES}I", figures)
