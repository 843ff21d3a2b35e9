"""What a gap report says, in words of one language, before it has any form; PDF and plain text only lay it out."""

from dataclasses import dataclass

from app.engine.determination import Rung, Status
from app.engine.rules import Obligation
from app.reports.words import Language


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what is said under it."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class StatusWord:
    """A status as the code that decides its colour, and the words that say it without colour."""

    status: Status
    words: str


@dataclass(frozen=True, slots=True)
class RungScore:
    """Compliance on one rung.

    ``text`` is as published, with a percent sign; ``tenths`` the same in tenths of a percent (0 to 1000) for drawing,
    ``None`` where nothing applies. ``status`` is ``None`` on the declared rung, which has none.
    """

    rung: Rung
    name: str
    meaning: str
    text: str
    tenths: int | None
    status: StatusWord | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words under headings; ``note`` stands above, and ``empty`` in its place where there are no rows."""

    title: str
    note: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str


@dataclass(frozen=True, slots=True)
class StandardLine:
    """One standard: its statuses on evidenced and verified, and its three scores."""

    number: str
    title: str
    statuses: tuple[StatusWord, StatusWord]
    scores: tuple[RungScore, ...]
    bar_alt: str


@dataclass(frozen=True, slots=True)
class CriticalBox:
    """The safety-critical gaps on the report's rung; ``more`` names those that ``lines`` has no room for."""

    title: str
    note: str
    lines: tuple[Fact, ...]
    more: str | None


@dataclass(frozen=True, slots=True)
class HandIn:
    """One thing to hand in; ``programmes`` says for which, where programmes are judged."""

    number: int
    text: str
    programmes: str | None


@dataclass(frozen=True, slots=True)
class GapEntry:
    """One gap, in the order of the determination."""

    id: str
    statement: str
    official_text: str | None
    obligation: Obligation
    critical: str | None
    risk: str | None
    place: str
    reasons: tuple[str, ...]
    hand_in: tuple[HandIn, ...]
    hand_in_nothing: str | None
    would_cover: str
    basis: str


@dataclass(frozen=True, slots=True)
class Headings:
    """The fixed words between the parts of a report."""

    provider: str
    compliance: str
    claim_no_status: str
    standards: str
    standards_note: str
    standards_columns: tuple[str, ...]
    gaps: str
    gaps_note: str
    gaps_none: str
    why: str
    hand_in: str
    how: str
    page: str


@dataclass(frozen=True, slots=True)
class GapReport:
    """A determination in words: what a commissioner reads, in the order in which it is read."""

    language: Language
    title: str
    service: str
    provider: str
    as_of: str
    rule_set: str
    headings: Headings
    critical: CriticalBox | None
    verdicts: tuple[StatusWord, StatusWord]
    scores: tuple[RungScore, ...]
    glance: tuple[Fact, ...]
    terms: tuple[Fact, ...]
    rests_on: Table
    standards: tuple[StandardLine, ...]
    gaps: tuple[GapEntry, ...]
    satisfied: Table
    uncounted: Table
    how: tuple[str, ...]
    provenance: tuple[Fact, ...]
