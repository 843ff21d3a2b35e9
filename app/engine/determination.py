"""What ``evaluate`` answers: the determination, as a value and as the JSON document of formats.md.

Scores are strings with one decimal, so that no reader rounds them again; ``None`` where nothing applies.
"""

import hashlib
from functools import cached_property
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, SerializerFunctionWrapHandler, WithJsonSchema, model_serializer

from app.engine.canonical import canonical_bytes
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


# A reason is its code with the data of that code (the table of semantics.md 7), flat in one object.
Reason = Annotated[
    dict[str, Any],
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
    version: Version
    sha256: Sha256


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
    excluded: int
    not_applicable: int
    by_route: dict[Route, int]


class CountsByObligation(Frozen):
    """Counts of what must hold and of good practice, and of applicable requirements by basis."""

    must: Counts
    should: Counts
    basis: dict[Basis, int]


_ABSENT_WHEN_NONE = frozenset({"leaves", "programme"})


class _WithoutNone(Frozen):
    """Leaves ``leaves`` and ``programme`` out of its JSON form while they are ``None``, as formats.md has it."""

    @model_serializer(mode="wrap")
    def _leave_out(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        form: dict[str, Any] = handler(self)
        return {name: value for name, value in form.items() if value is not None or name not in self._absent()}

    @classmethod
    def _absent(cls) -> frozenset[str]:
        return frozenset({"leaves", "programme"})


class Cover(_WithoutNone):
    """What an accreditation stands in for; ``leaves`` only where partial, ``programmes`` only where judged."""

    accreditation: Name
    coverage: Literal["full", "partial"]
    leaves: tuple[Id, ...] | None = None
    programmes: tuple[Name, ...] | None
    verified: bool


class Ask(_WithoutNone):
    """One leaf to satisfy, in the words of the rule set, for one programme where programmes are judged."""

    leaf: Id
    ask: Text
    programme: Name | None = None


class Override(Frozen):
    """A reviewer who saw for themselves, while that counts."""

    reviewer: Name
    second_reviewer: Name | None
    reason: str
    decided_at: Instant
    until: CivilDate


class RequirementResult(Frozen):
    """The judgement of one requirement. Rungs and progress are ``None`` where it does not apply or is excluded."""

    id: Name
    obligation: Obligation
    safety_critical: bool
    weight: int
    applicability: Applicability
    declared: bool | None
    evidenced: bool | None
    verified: bool | None
    route: Route
    progress: Score | None
    valid_through: CivilDate | None
    covered_by: tuple[Cover, ...]
    override: Override | None
    reasons: tuple[Reason, ...]


class StandardResult(Frozen):
    """A standard's scores over its applicable ``must`` requirements, and every requirement in file order."""

    number: int
    title: Text
    status: Statuses
    compliance: Scores
    progress: Score | None
    requirements: tuple[RequirementResult, ...]


class Gap(Frozen):
    """An applicable requirement not satisfied on ``rung``: why, what to hand in, and which schemes would cover it."""

    requirement: Name
    rung: Rung
    obligation: Obligation
    safety_critical: bool
    weight: int
    reasons: tuple[Reason, ...]
    asks: tuple[Ask, ...]
    would_be_covered_by: tuple[Id, ...]


class Determination(Frozen):
    """Whether and how far a service meets one rule set version on one date (semantics.md 1; formats.md)."""

    format: DeterminationFormat = DETERMINATION_FORMAT
    engine: str = ENGINE_VERSION
    rule_set: FileRef
    crosswalks: tuple[FileRef, ...]
    pack_sha256: Sha256
    as_of: CivilDate
    valid_through: CivilDate | None
    service: ServiceRef
    status: Statuses
    compliance: Scores
    progress: Score | None
    good_practice: Scores
    counts: CountsByObligation
    rests_on: tuple[RestsOn, ...]
    standards: tuple[StandardResult, ...]
    gaps: tuple[Gap, ...]

    @cached_property
    def json_form(self) -> dict[str, Any]:
        """The document of formats.md, ready for canonical JSON."""
        return self.model_dump(mode="json")

    @cached_property
    def canonical(self) -> bytes:
        """The same inputs give these same bytes (semantics.md 1; RFC 8785)."""
        return canonical_bytes(self.json_form)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical bytes."""
        return hashlib.sha256(self.canonical).hexdigest()
