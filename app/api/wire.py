"""What travels in bodies where it is neither an engine value nor a record as it is."""

from datetime import date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from app.db.repositories.determinations import IssuedRecord
from app.db.session import Role
from app.db.values import MemberKind, Recorded, ServiceRecord
from app.engine.determination import Determination, FileRef, Gap, Rung, Score, Scores, ServiceRef, Statuses
from app.engine.difference import Difference, Overview, StandardOverview
from app.engine.forecast import Turn
from app.engine.issued import IssuedDetermination
from app.engine.pack import Narrative, Pack, Profile, Programme, Rating
from app.engine.rules import RuleSet, RuleSetRef
from app.engine.values import AnyValue, CivilDate, Frozen, Id, Instant, Int, Name, Str, Text, Version
from app.engine.what_if import Changes
from app.loader.places import PlaceSource
from app.services.accounts import LONGEST_PASSWORD, SHORTEST_PASSWORD
from app.services.issuing import currency

Item = TypeVar("Item")


def _password(value: str) -> str:
    if not SHORTEST_PASSWORD <= len(value) <= LONGEST_PASSWORD:
        raise PydanticCustomError(
            "password",
            "a password has {least} to {most} characters",
            {"least": SHORTEST_PASSWORD, "most": LONGEST_PASSWORD},
        )
    return value


def _uuid(value: object) -> object:
    """Ids are written one way only, so that equal ids are equal text."""
    try:
        found = UUID(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, UUID) or (isinstance(value, str) and str(found) != value):
        raise PydanticCustomError("uuid", "an id is a UUID, in lower case with hyphens, as it was given out")
    return found


Uuid = Annotated[UUID, BeforeValidator(_uuid)]
Password = Annotated[Str, AfterValidator(_password), Field(repr=False)]


class NewOrganisation(Frozen):
    """An organisation to enter."""

    name: Name


class MemberContent(Frozen):
    """A body that a commissioner is made of: an id of the reference data or, for `other`, the body's name."""

    kind: MemberKind
    body: Name


class CommissionerContent(NewOrganisation):
    """A commissioner: its name, the regions it commissions for, and the bodies it is made of."""

    regions: tuple[Id, ...] = ()
    members: tuple[MemberContent, ...] = ()


class NewUser(Frozen):
    """A user to enter."""

    email: Annotated[Str, Field(min_length=3, max_length=254)]
    name: Name
    organisation: Uuid
    role: Role
    password: Password


# What a service does, in short, for the map of who offers what where; the words are this service's own.
ProgrammeType = Literal[
    "behaviour_change", "case_management", "early_intervention", "healthy_relationships", "stalking", "other"
]


class ServiceContent(Frozen):
    """What a provider says of a service; where it works decides which commissioners it can be shared with."""

    name: Name
    profile: Profile = Field(default={})
    programmes: tuple[Programme, ...] = ()
    regions: tuple[Id, ...] = ()
    local_authorities: tuple[Id, ...] = ()
    programme_types: tuple[ProgrammeType, ...] = ()


class ServiceOut(Frozen):
    """A service as it stands."""

    id: UUID
    provider: UUID
    name: str
    profile: dict[str, Any]
    programmes: tuple[Programme, ...]
    regions: tuple[str, ...]
    local_authorities: tuple[str, ...]
    programme_types: tuple[str, ...]
    created_at: datetime
    recorded_at: datetime
    version: int
    etag: str

    @classmethod
    def of(cls, record: ServiceRecord) -> "ServiceOut":
        """The wire form of a record."""
        return cls(
            id=record.id,
            provider=record.provider,
            name=record.service.name,
            profile=record.service.profile,
            programmes=record.service.programmes,
            regions=record.area.regions,
            local_authorities=record.area.local_authorities,
            programme_types=record.area.programme_types,
            created_at=record.created_at,
            recorded_at=record.recorded_at,
            version=record.version,
            etag=record.etag,
        )


class RecordedOut(BaseModel, Generic[Item]):
    """One fact of a list, with its version, its ETag, and who recorded it and when."""

    model_config = ConfigDict(frozen=True)

    key: str
    value: Item
    version: int
    etag: str
    recorded_at: datetime
    recorded_by: UUID

    @classmethod
    def of(cls, record: Recorded[Item]) -> "RecordedOut[Item]":
        """The wire form of a record."""
        return cls(
            key=record.key,
            value=record.value,
            version=record.version,
            etag=record.etag,
            recorded_at=record.recorded_at,
            recorded_by=record.recorded_by,
        )


class PageOut(BaseModel, Generic[Item]):
    """One page of a list; ``next`` is the address of the following one, ``null`` at the end."""

    items: list[Item]
    next: str | None


class PlaceList(BaseModel, Generic[Item]):
    """Reference data of one kind, whole, with the sources that its statements name."""

    items: tuple[Item, ...]
    sources: tuple[PlaceSource, ...]


class Redeclaration(Frozen):
    """The day on which the provider declares that it still works as certified."""

    unchanged_declared_on: CivilDate


class Verification(Frozen):
    """A reviewer saw this entry of the awarding body's register on that day."""

    verified_on: CivilDate
    register_seen: Annotated[Str, Field(min_length=1, max_length=2000)] = Field(alias="register")


class NewAssessment(Frozen):
    """An assessment to begin: of which service, under which rule set version."""

    service: Uuid
    rule_set: RuleSetRef


class ResponseContent(Frozen):
    """What the provider says of one requirement; which one is in the address, the version is kept by the service."""

    self_rating: Rating | None = None
    narrative: Narrative | None = None
    documents: tuple[Name, ...] = ()
    exclusion_reason: Narrative | None = None


class AnswerContent(Frozen):
    """The answer to one question; ``null`` takes it back."""

    value: AnyValue


class NewReview(Frozen):
    """A reviewer's decision on the response in the version that was looked at (0: there was none)."""

    requirement: Name
    response_version: Annotated[Int, Field(ge=0)]
    decision: Literal["accepted", "rejected", "more_information"]
    reason: Narrative | None = None


class GapList(Frozen):
    """The gaps of a determination on one rung, with the scores and statuses that they must be read beside."""

    determination_sha256: str
    rule_set: FileRef
    service: ServiceRef
    as_of: CivilDate
    valid_through: CivilDate | None
    status: Statuses
    compliance: Scores
    rung: Rung
    gaps: tuple[Gap, ...]

    @classmethod
    def of(cls, determination: Determination, rung: Rung) -> "GapList":
        """The gaps of a determination that was made for ``rung``."""
        return cls(
            determination_sha256=determination.sha256,
            rule_set=determination.rule_set,
            service=determination.service,
            as_of=determination.as_of,
            valid_through=determination.valid_through,
            status=determination.status,
            compliance=determination.compliance,
            rung=rung,
            gaps=determination.gaps,
        )


class Summary(Frozen):
    """What a determination says in short; ``standards`` are by number."""

    rule_set: FileRef
    service: ServiceRef
    as_of: CivilDate
    status: Statuses
    compliance: Scores
    progress: Score | None
    good_practice: Scores
    standards: dict[int, StandardOverview]

    @classmethod
    def of(cls, rule_set: RuleSet, pack: Pack, as_of: date, found: Overview) -> "Summary":
        """What an overview of a pack shows."""
        return cls(
            rule_set=FileRef(id=rule_set.id, version=rule_set.version, sha256=rule_set.sha256),
            service=ServiceRef(id=pack.service.id, name=pack.service.name, provider=pack.service.provider),
            as_of=as_of,
            **dict(found),
        )


class WhatIf(Changes):
    """Facts to suppose, and the version of the rule set to suppose them under; the own one where it is left out."""

    rule_set_version: Version | None = None


class Forecast(Frozen):
    """Each day after ``as_of`` and through ``until`` on which status or a score changes, if nobody does anything."""

    as_of: CivilDate
    until: CivilDate
    turns: tuple[Turn, ...]


class StandingOut(Frozen):
    """Whether an issued determination still stands on the day of the answer, and what differs by then.

    ``drift`` is the difference from today's live result, in words; ``null`` for who may not read that one, and where
    there is none to compare with, as the rules or the schemes that are loaded are other ones now.
    """

    result: Literal["current", "superseded", "lapsed"]
    superseded_by: Name | None
    on: CivilDate
    drift: Difference | None


class IssuedOut(IssuedDetermination):
    """An issued determination, which never changes, and beside it where it stands today."""

    standing: StandingOut


class IssuedItem(Frozen):
    """An issued determination in a list."""

    number: Name
    assessment: UUID
    issued_at: Instant
    issued_by: UUID
    known_at: Instant
    rule_set: FileRef
    service: ServiceRef
    as_of: CivilDate
    valid_through: CivilDate | None
    status: Statuses
    compliance: Scores
    supersedes: Name | None
    superseded_by: Name | None
    draft: bool
    sha256: str
    signature: str
    result: Literal["current", "superseded", "lapsed"]

    @classmethod
    def of(cls, record: IssuedRecord, today: date) -> "IssuedItem":
        """The wire form of a record, as it stands on a day."""
        about = {**record.about, **record.summary, "superseded_by": record.superseded_by}
        return cls.model_validate(
            about | {"assessment": record.assessment, "issued_by": record.issued_by, "result": currency(record, today)}
        )


class VerificationOut(Frozen):
    """What is said of a document that somebody verifies, and nothing else about it."""

    result: Literal["current", "superseded", "lapsed", "unknown"]
    demonstration: bool
    words: Text


class Health(Frozen):
    """Whether the service is alive, or ready."""

    status: Literal["ok"] = "ok"


class FaultOut(Frozen):
    """One thing that is wrong: a JSON Pointer into the body (``?name``: a parameter), what, and what to do."""

    pointer: str
    message: str
    hint: str


class Problem(BaseModel):
    """Why a request was refused (RFC 9457). ``type`` never changes; ``hint`` says what to do."""

    type: str
    title: str
    status: int
    detail: str
    hint: str
    request_id: str
    faults: list[FaultOut] | None = None
