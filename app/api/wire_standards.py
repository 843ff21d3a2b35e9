"""What the public standards travel in, where it is neither an engine value nor a file as it is."""

from typing import Literal

from app.engine.canonical import sha256_of
from app.engine.rules import Crosswalk, CrosswalkEntry, Place, Requirement, RuleSet, RuleSetRef, Scheme, Standard
from app.engine.values import CivilDate, Frozen, Text
from app.stewardship.comparing import Comparison


class RequirementCounts(Frozen):
    """How many requirements a rule set version has, and of which kinds."""

    standards: int
    requirements: int
    must: int
    should: int
    safety_critical: int
    official_text: int

    @classmethod
    def of(cls, rule_set: RuleSet) -> "RequirementCounts":
        """Count one version."""
        every = rule_set.requirements.values()
        must = sum(item.obligation == "must" for item in every)
        return cls(
            standards=len(rule_set.standards),
            requirements=len(every),
            must=must,
            should=len(every) - must,
            safety_critical=sum(item.safety_critical for item in every),
            official_text=sum(item.official_text is not None for item in every),
        )


class RuleSetSummary(Frozen):
    """A rule set version in a list, and beside each part of it. Nothing that binds is decided by a ``draft``."""

    id: str
    version: str
    status: Literal["draft", "published", "withdrawn"]
    title: Text
    issuer: Text | None
    welsh: Literal["official", "unofficial"] | None
    effective_from: CivilDate | None
    effective_until: CivilDate | None
    sha256: str
    counts: RequirementCounts

    @classmethod
    def of(cls, rule_set: RuleSet) -> "RuleSetSummary":
        """The heading of one version."""
        return cls(
            id=rule_set.id,
            version=rule_set.version,
            status=rule_set.status,
            title=rule_set.title,
            issuer=rule_set.issuer,
            welsh=rule_set.welsh,
            effective_from=rule_set.effective_from,
            effective_until=rule_set.effective_until,
            sha256=rule_set.sha256,
            counts=RequirementCounts.of(rule_set),
        )


class RuleSetList(Frozen):
    """Every rule set version that this service knows, by id, the oldest version first."""

    items: tuple[RuleSetSummary, ...]


class StandardOut(Frozen):
    """One standard, and the version that it is of."""

    rule_set: RuleSetSummary
    standard: Standard


class StandardHeading(Frozen):
    """Which standard a requirement is of."""

    number: int
    title: Text
    page: Place | None


class CrosswalkSummary(Frozen):
    """A crosswalk version in a list."""

    id: str
    version: str
    scheme: str
    rule_set: RuleSetRef
    editions: tuple[str, ...]
    stages: tuple[str, ...]
    effective_from: CivilDate | None
    sha256: str
    full: int
    partial: int

    @classmethod
    def of(cls, crosswalk: Crosswalk) -> "CrosswalkSummary":
        """The heading of one version, with how many requirements it covers in full and in part."""
        full = sum(item.coverage == "full" for item in crosswalk.entries)
        return cls(
            id=crosswalk.id,
            version=crosswalk.version,
            scheme=crosswalk.scheme,
            rule_set=crosswalk.rule_set,
            editions=crosswalk.editions,
            stages=crosswalk.stages,
            effective_from=crosswalk.effective_from,
            sha256=crosswalk.sha256,
            full=full,
            partial=len(crosswalk.entries) - full,
        )


class CrosswalkList(Frozen):
    """Every crosswalk version that this service knows, by id, the oldest version first."""

    items: tuple[CrosswalkSummary, ...]


class CoverageOut(Frozen):
    """What one crosswalk version says of a requirement: ``entry`` is null where it covers nothing of it."""

    crosswalk: CrosswalkSummary
    entry: CrosswalkEntry | None


class RequirementOut(Frozen):
    """One requirement, where it stands, and what each crosswalk version says of it."""

    rule_set: RuleSetSummary
    standard: StandardHeading
    requirement: Requirement
    coverage: tuple[CoverageOut, ...]


class ChangeOut(Frozen):
    """One difference: of what, in which aspect (null: the whole), and what it was and is now, in words."""

    part: str
    id: str
    aspect: str | None
    kind: Literal["added", "removed", "changed"]
    was: str | None
    now: str | None


class ChangesOut(Frozen):
    """What changed between two versions, in the order of the newer; the form of ``safonau standards diff``."""

    format: str
    older: str
    newer: str
    changes: tuple[ChangeOut, ...]

    @classmethod
    def of(cls, comparison: Comparison) -> "ChangesOut":
        """The wire form of a comparison."""
        return cls.model_validate(comparison.json_form)


class SchemeSummary(Frozen):
    """A scheme in a list."""

    id: str
    title: Text
    body: Text | None
    scope: Literal["service", "programme"]
    editions: tuple[str, ...]
    stages: tuple[str, ...]
    sha256: str

    @classmethod
    def of(cls, scheme: Scheme) -> "SchemeSummary":
        """The heading of one scheme; the SHA-256 is that of its canonical JSON."""
        return cls(
            id=scheme.id,
            title=scheme.title,
            body=scheme.body,
            scope=scheme.scope,
            editions=scheme.editions,
            stages=scheme.stages,
            sha256=sha256_of(scheme.model_dump(mode="json")),
        )


class SchemeList(Frozen):
    """Every accreditation scheme that this service knows."""

    items: tuple[SchemeSummary, ...]


class SchemaSummary(Frozen):
    """A JSON Schema in a list: its name in the address, and its own id."""

    name: str
    id: str
    sha256: str


class SchemaList(Frozen):
    """Every JSON Schema of a file format."""

    items: tuple[SchemaSummary, ...]
