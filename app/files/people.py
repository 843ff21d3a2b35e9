"""What in a text looks as if it were about identifiable people. A finding tells where to look, never what was found."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["nhs_number", "national_insurance_number", "email_address", "telephone_number"]

MOST_FINDINGS = 50
_NHS = re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)", re.ASCII)
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "national_insurance_number",
        re.compile(
            r"\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ -]?(?:\d{2}[ -]?){3}[A-D]\b",
            re.ASCII | re.IGNORECASE,
        ),
    ),
    ("email_address", re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")),
    ("telephone_number", re.compile(r"(?<![\d+])(?:\+44|0044|\(?0)(?:[ ()-]{0,2}\d){9,10}(?!\d)", re.ASCII)),
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A line of text, and where it stands: which page, sheet or line, in words."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that looks as if it told who somebody is; all but its first and last character are masked."""

    kind: Kind
    place: str
    excerpt: str


def findings(passages: Iterable[Passage]) -> tuple[Finding, ...]:
    """The first ``MOST_FINDINGS`` of a text, in its order; each found number or address once a place."""
    found: dict[Finding, None] = {}
    for passage in passages:
        for kind, matched in _matches(passage.text):
            found[Finding(kind, passage.place, masked(matched))] = None
            if len(found) == MOST_FINDINGS:
                return tuple(found)
    return tuple(found)


def masked(text: str) -> str:
    """The text with a star for every letter and digit between the first and the last."""
    letters = [index for index, each in enumerate(text) if each.isalnum()]
    hidden = set(letters[1:-1])
    return "".join("*" if index in hidden else each for index, each in enumerate(text))


def _matches(text: str) -> Iterator[tuple[Kind, str]]:
    for match in _NHS.finditer(text):
        if _is_nhs_number(match[0]):
            yield "nhs_number", match[0]
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            yield kind, match[0]


def _is_nhs_number(text: str) -> bool:
    """Whether the last digit is the check digit of the nine before it (modulus 11), and they are not all alike."""
    digits = [int(each) for each in text if each.isdigit()]
    check = 11 - sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits, strict=False)) % 11
    return check % 11 == digits[9] and len(set(digits)) > 1
