"""What ``evaluate`` answers: the determination, as a value and as the JSON document of formats.md.

Scores are strings with one decimal, so that no reader rounds them again; ``None`` where nothing applies. Fields are in
the order of canonical JSON, by name, and so are the values made of them: pydantic writes the canonical bytes at once.
"""

import hashlib
from functools import cached_property
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, PlainSerializer, WithJsonSchema

from app.engine.rules import Basis, Obligation
from app.engine.values import (
    CivilDate,
    Frozen,
    Id,
    Instant,
    Name,
    Sha256,
    Text,
    Version,
    is_none,
)

DeterminationFormat: TypeAlias = Literal["safonau/determination/1"]
DETERMINATION_FORMAT: DeterminationFormat = "safonau/determination/1"
ENGINE_VERSION = "1.0.0"

Rung: TypeAlias = Literal["declared", "evidenced", "verified"]
Applicability: TypeAlias = Literal["applicable", "excluded", "not_applicable"]
Status: TypeAlias = Literal["meets", "critical_gaps", "working_towards", "not_assessed"]
Route: TypeAlias = Literal[
    "override",
    "accreditation",
    "evidence",
    "evidence_and_accreditation",
    "declaration",
    "none",
    "exclusion",
    "not_applicable_by_rule",
]

RUNGS: tuple[Rung, ...] = ("declared", "evidenced", "verified")
ROUTES: tuple[Route, ...] = (
    "override",
    "accreditation",
    "evidence",
    "evidence_and_accreditation",
    "declaration",
    "none",
    "exclusion",
    "not_applicable_by_rule",
)

Score = Annotated[str, Field(pattern=r"^(100|\d{1,2})\.\d$")]


def published(done: int, steps: int, *, complete: bool) -> str:
    """``done`` of ``steps`` as a score: a percentage with one digit, rounded half up.

    "100.0" only where ``complete``, "0.0" only where nothing is done.
    """
    if complete:
        return "100.0"
    if done == 0:
        return "0.0"
    tenths = min(max((2000 * done + steps) // (2 * steps), 1), 999)
    return f"{tenths // 10}.{tenths % 10}"


def _by_name(reason: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(reason.items()))


# A reason is its code with the data of that code (the table of semantics.md 7), flat in one object.
Reason = Annotated[
    dict[str, Any],
    PlainSerializer(_by_name),
    WithJsonSchema(
        {
            "type": "object",
            "properties": {"code": {"type": "string"}},
            "required": ["code"],
        }
    ),
]


class FileRef(Frozen):
    """One exact version of a published file, by its content."""

    id: Id
    sha256: Sha256
    version: Version


class ServiceRef(Frozen):
    """Whose determination it is."""

    id: Name
    name: Name
    provider: Name


class Scores(Frozen):
    """One score for each rung."""

    declared: Score | None
    evidenced: Score | None
    verified: Score | None


class Statuses(Frozen):
    """A claim has a score, never a status: only what was shown and what was checked have one (semantics.md 6)."""

    evidenced: Status
    verified: Status


class Weights(Frozen):
    """A weight for each rung."""

    declared: int
    evidenced: int
    verified: int


class RestsOn(Frozen):
    """The ``must`` weight that would be lost on each rung, were this accreditation alone to lapse today."""

    accreditation: Name
    scheme: Name
    weight: Weights


class Counts(Frozen):
    """How many requirements there are by applicability, and by the route of each."""

    applicable: int
    by_route: dict[Route, int]
    excluded: int
    not_applicable: int


class CountsByObligation(Frozen):
    """Counts of what must hold and of good practice, and of applicable requirements by basis."""

    basis: dict[Basis, int]
    must: Counts
    should: Counts


class Cover(Frozen):
    """What an accreditation stands in for; ``leaves`` only where partial, ``programmes`` only where judged."""

    accreditation: Name
    coverage: Literal["full", "partial"]
    leaves: tuple[Id, ...] | None = Field(default=None, exclude_if=is_none)
    programmes: tuple[Name, ...] | None
    verified: bool


class Ask(Frozen):
    """One leaf to satisfy, in the words of the rule set, for one programme where programmes are judged."""

    ask: Text
    leaf: Id
    programme: Name | None = Field(default=None, exclude_if=is_none)


class Override(Frozen):
    """A reviewer who saw for themselves, while that counts."""

    decided_at: Instant
    reason: str
    reviewer: Name
    second_reviewer: Name | None
    until: CivilDate


class RequirementResult(Frozen):
    """The judgement of one requirement. Rungs and progress are ``None`` where it does not apply or is excluded."""

    applicability: Applicability
    covered_by: tuple[Cover, ...]
    declared: bool | None
    evidenced: bool | None
    id: Name
    obligation: Obligation
    override: Override | None
    progress: Score | None
    reasons: tuple[Reason, ...]
    route: Route
    safety_critical: bool
    valid_through: CivilDate | None
    verified: bool | None
    weight: int


class StandardResult(Frozen):
    """A standard's scores over its applicable ``must`` requirements, and every requirement in file order."""

    compliance: Scores
    number: int
    progress: Score | None
    requirements: tuple[RequirementResult, ...]
    status: Statuses
    title: Text


class Gap(Frozen):
    """An applicable requirement not satisfied on ``rung``: why, what to hand in, and which schemes would cover it."""

    asks: tuple[Ask, ...]
    obligation: Obligation
    reasons: tuple[Reason, ...]
    requirement: Name
    rung: Rung
    safety_critical: bool
    weight: int
    would_be_covered_by: tuple[Id, ...]


class Determination(Frozen):
    """Whether and how far a service meets one rule set version on one date (semantics.md 1; formats.md)."""

    as_of: CivilDate
    compliance: Scores
    counts: CountsByObligation
    crosswalks: tuple[FileRef, ...]
    engine: str = ENGINE_VERSION
    format: DeterminationFormat = DETERMINATION_FORMAT
    gaps: tuple[Gap, ...]
    good_practice: Scores
    pack_sha256: Sha256
    progress: Score | None
    rests_on: tuple[RestsOn, ...]
    rule_set: FileRef
    service: ServiceRef
    standards: tuple[StandardResult, ...]
    status: Statuses
    valid_through: CivilDate | None

    @cached_property
    def json_form(self) -> dict[str, Any]:
        """The document of formats.md."""
        return self.model_dump(mode="json")

    @cached_property
    def canonical(self) -> bytes:
        """The same inputs give these same bytes (semantics.md 1; RFC 8785), also read back from them."""
        return self.model_dump_json().encode()

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical bytes."""
        return hashlib.sha256(self.canonical).hexdigest()
