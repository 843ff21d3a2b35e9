"""Rule sets, schemes and crosswalks as values (semantics.md 2 and 4; formats.md, "Files of the standards tree").

The models are also the file formats: the JSON Schemas in ``standards/schema`` are generated from them. What ties
several values together (does the question exist? is the leaf id used twice?) is checked by ``app/loader``, which
knows the files, their lines and columns. Fields that only people read decide nothing.
"""

from datetime import date
from functools import cached_property
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from app.engine.canonical import sha256_of
from app.engine.tree import Node, Tree
from app.engine.values import (
    AnyValue,
    Bool,
    CivilDate,
    Frozen,
    Id,
    Int,
    Months,
    Name,
    NotEmpty,
    OneOperator,
    Str,
    Text,
    Version,
    add_months,
)

Basis: TypeAlias = Literal["official", "secondary", "heading", "comparable", "law", "editorial"]
Obligation: TypeAlias = Literal["must", "should"]
Concern: TypeAlias = Literal["organisation", "service", "programme"]
FieldType: TypeAlias = Literal["choice", "choices", "boolean", "integer", "decimal", "date"]

BASES: tuple[Basis, ...] = (
    "official",
    "secondary",
    "heading",
    "comparable",
    "law",
    "editorial",
)


# A page or section is named as the document names it: 14, "15-17", "501.230".
Place: TypeAlias = Int | Name


class Source(Frozen):
    """Where a statement comes from: a document, the place in it, and what to know about it."""

    document: Text
    page: Place | None = None
    section: Place | None = None
    note: Text | None = None
    url: Annotated[Str, Field(max_length=2000)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain_string_is_a_document(cls, value: object) -> object:
        return {"document": value} if isinstance(value, str) else value


class Option(Frozen):
    """One choice of a profile field or question."""

    id: Id
    text: Text
    note: Text | None = None
    retired: Bool = False


class CatalogueField(Frozen):
    """A profile field or question: its type, the unit of its numbers (and of one), the options of its choices."""

    id: Id
    type: FieldType
    text: Text
    unit: Text | None = None
    unit_of_one: Text | None = None
    options: tuple[Option, ...] = ()
    note: Text | None = None
    retired: Bool = False

    @cached_property
    def option_ids(self) -> frozenset[str]:
        """The ids that a choice may take, retired ones included: what was once answered stays readable."""
        return frozenset(option.id for option in self.options)


class DocumentType(Frozen):
    """A kind of document that evidence may be."""

    id: Id
    text: Text
    note: Text | None = None
    retired: Bool = False


class ProfileTest(OneOperator):
    """One operator on one field of the profile."""

    subject = "field"

    field: Id
    is_: AnyValue = Field(default=None, alias="is")
    one_of: AnyValue = None
    includes_any: AnyValue = None
    includes_all: AnyValue = None
    within: AnyValue = None
    at_least: AnyValue = None
    at_most: AnyValue = None


class ProfileCondition(Frozen):
    """A leaf of a condition on the profile."""

    profile: ProfileTest


class AllConditions(Frozen):
    """True when every child is, false when one is false (Kleene)."""

    all: Annotated[tuple["Condition", ...], NotEmpty]


class AnyCondition(Frozen):
    """True when one child is, false when every child is false (Kleene)."""

    any: Annotated[tuple["Condition", ...], NotEmpty]


class NotCondition(Frozen):
    """The opposite; unknown stays unknown."""

    not_: "Condition" = Field(alias="not")


def _condition_shape(node: object) -> str | None:
    if isinstance(node, dict):
        return next(
            (f"({key})" for key in ("all", "any", "not", "profile") if key in node),
            None,
        )
    return _CONDITION_TAGS.get(type(node))


_CONDITION_TAGS: dict[type, str] = {
    AllConditions: "(all)",
    AnyCondition: "(any)",
    NotCondition: "(not)",
    ProfileCondition: "(profile)",
}

Condition: TypeAlias = Annotated[
    Annotated[AllConditions, Tag("(all)")]
    | Annotated[AnyCondition, Tag("(any)")]
    | Annotated[NotCondition, Tag("(not)")]
    | Annotated[ProfileCondition, Tag("(profile)")],
    Discriminator(
        _condition_shape,
        custom_error_type="condition_shape",
        custom_error_message="a condition has one of the keys all, any, not, profile",
    ),
]


class Requirement(Frozen):
    """One requirement of a standard; the table of semantics.md 2 explains every field."""

    id: Annotated[str, Field(strict=True, max_length=40, pattern=r"^[1-9]\d*\.[A-Za-z0-9._-]+$")]
    statement: Text
    official_text: Text | None = None
    basis: Annotated[tuple[Basis, ...], NotEmpty]
    sources: tuple[Source, ...] = ()
    obligation: Obligation
    safety_critical: Bool = False
    safety_reason: Text | None = None
    weight: Annotated[Int, Field(ge=1, le=1_000_000)] = 1
    concerns: Concern
    applies_when: Condition | None = None
    may_be_excluded: Bool = False
    met_when: Node
    guidance: Text | None = None
    note: Text | None = None

    @cached_property
    def tree(self) -> Tree:
        """The condition tree made ready for judging; built once and shared by threads."""
        return Tree(self.met_when)


class StandardFile(Frozen):
    """One file of requirements: the standard with this number of the rule set that lists the file."""

    number: Annotated[Int, Field(ge=1)]
    title: Text
    requirements: Annotated[tuple[Requirement, ...], NotEmpty]
    note: Text | None = None


class StandardEntry(Frozen):
    """A standard as the rule set's own file lists it."""

    number: Annotated[Int, Field(ge=1)]
    title: Text
    page: Place | None = None
    file: Name
    note: Text | None = None


class Standard(Frozen):
    """A standard with its requirements, in file order."""

    number: Annotated[Int, Field(ge=1)]
    title: Text
    page: Place | None = None
    note: Text | None = None
    requirements: tuple[Requirement, ...]


class RuleSetRef(Frozen):
    """One exact version of one rule set."""

    id: Id
    version: Version


class LineageEntry(Frozen):
    """Where a requirement of this version comes from (semantics.md 9)."""

    requirement: Name
    from_: tuple[Name, ...] = Field(default=(), alias="from")
    change: Literal["unchanged", "clarified", "strengthened", "weakened", "split", "merged", "new"]


class Lineage(Frozen):
    """How the requirements of a version follow from those of the version it is based on."""

    entries: tuple[LineageEntry, ...]
    retired: tuple[Name, ...] = ()


class Whole(Frozen):
    """One version of a rule set or a crosswalk. They are few and large, and are looked up at each judgement."""

    id: Id
    version: Version

    def __eq__(self, other: object) -> bool:
        """By their hashes, as ``replace`` makes them: to go through all that two say takes longer than judging."""
        return self is other or (isinstance(other, type(self)) and self.sha256 == other.sha256)

    def __hash__(self) -> int:
        """By the name, which tells them apart well enough."""
        return hash((self.id, self.version))

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical JSON of the whole version, every field written out."""
        return sha256_of(self.model_dump(mode="json"))


class RuleSetHead(Whole):
    """What ``rule-set.yaml`` and the whole rule set have in common."""

    title: Text
    issuer: Text | None = None
    source: Source | None = None
    status: Literal["draft", "published", "withdrawn"] = "draft"
    effective_from: CivilDate | None = None
    effective_until: CivilDate | None = None
    based_on: RuleSetRef | None = None
    lineage: Lineage | None = None
    profile: tuple[CatalogueField, ...] = ()
    questions: tuple[CatalogueField, ...] = ()
    document_types: tuple[DocumentType, ...] = ()
    welsh: Literal["official", "unofficial"] | None = None
    note: Text | None = None


class RuleSetFile(RuleSetHead):
    """``rule-set.yaml``: everything of a rule set but the requirements, which are one file a standard."""

    standards: Annotated[tuple[StandardEntry, ...], NotEmpty]


class RuleSet(RuleSetHead):
    """One version of a rule set, whole."""

    standards: tuple[Standard, ...]

    @cached_property
    def requirements(self) -> dict[str, Requirement]:
        """Every requirement by its id, in file order."""
        return {requirement.id: requirement for standard in self.standards for requirement in standard.requirements}

    @cached_property
    def profile_fields(self) -> dict[str, CatalogueField]:
        """Profile fields by id."""
        return {field.id: field for field in self.profile}

    @cached_property
    def questions_by_id(self) -> dict[str, CatalogueField]:
        """Questions by id."""
        return {question.id: question for question in self.questions}

    @cached_property
    def document_type_ids(self) -> frozenset[str]:
        """The document types that a pack may use, retired ones included."""
        return frozenset(kind.id for kind in self.document_types)


class CatalogueProgramme(Frozen):
    """A named programme that a scheme speaks of, for people to look up; nothing here decides."""

    id: Id
    title: Text
    setting: Text | None = None
    status: Text | None = None
    recognised: Bool
    reason: Text
    sources: tuple[Source, ...] = ()


class Scheme(Frozen):
    """What certificates of a scheme can say; it validates records and decides nothing (semantics.md 4)."""

    id: Id
    title: Text
    body: Text | None = None
    editions: Annotated[tuple[Name, ...], NotEmpty]
    stages: Annotated[tuple[Name, ...], NotEmpty]
    scope: Literal["service", "programme"]
    usual_term_months: Months
    edition_notes: dict[str, Text] = Field(default={})
    stage_notes: dict[str, Text] = Field(default={})
    programmes: tuple[CatalogueProgramme, ...] = ()
    sources: tuple[Source, ...] = ()
    note: Text | None = None


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class CrosswalkEntry(Frozen):
    """What a certificate shows of one requirement: all of it, or the listed leaves."""

    requirement: Name
    coverage: Literal["full", "partial"]
    leaves: tuple[Id, ...] = ()
    reason: Text | None = None
    basis: Annotated[tuple[Name, ...], BeforeValidator(_one_or_many)] = ()
    note: Text | None = None

    @model_validator(mode="after")
    def _leaves_exactly_where_partial(self) -> "CrosswalkEntry":
        if (self.coverage == "partial") != bool(self.leaves):
            raise PydanticCustomError(
                "coverage_leaves",
                "leaves are listed where coverage is partial, and only there",
            )
        return self


class Crosswalk(Whole):
    """What the certificates of one scheme show of one exact rule set version."""

    scheme: Id
    rule_set: RuleSetRef
    editions: tuple[Name, ...]
    stages: tuple[Name, ...]
    applies_when: Condition | None = None
    redeclare_months: Months = 12
    recheck_months: Months = 12
    effective_from: CivilDate | None = None
    entries: tuple[CrosswalkEntry, ...]
    note: Text | None = None

    @cached_property
    def entry_for(self) -> dict[str, CrosswalkEntry]:
        """Entries by requirement."""
        return {entry.requirement: entry for entry in self.entries}

    def declared_until(self, declared_on: date) -> date:
        """The last day for which a declaration of ``declared_on`` speaks."""
        return add_months(declared_on, self.redeclare_months)

    def verified_until(self, verified_on: date) -> date:
        """The last day for which a look at the register on ``verified_on`` speaks."""
        return add_months(verified_on, self.recheck_months)
