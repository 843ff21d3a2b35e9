"""The assessment pack: what a provider hands in for one service, as one JSON document (semantics.md 3, formats.md).

The models are the file format. A pack keeps its lists as they were given, so that a fault can be located in the
document that somebody sent; ``normal_form`` is the order-free form that is hashed and exported. What a pack has by the
hundred (answers, documents, responses, reviews) has its fields in alphabetical order, which is that of canonical JSON.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import Field
from pydantic_core import from_json, to_json

from app.engine.rules import RuleSetRef
from app.engine.values import AnyValue, Bool, CivilDate, Frozen, Instant, Int, Name, Sha256, Str, day_before, moment

PackFormat: TypeAlias = Literal["safonau/assessment-pack/1"]
PACK_FORMAT: PackFormat = "safonau/assessment-pack/1"
LONGEST_NARRATIVE = 20_000

Rating: TypeAlias = Literal["met", "partly_met", "not_met", "not_applicable"]
Profile: TypeAlias = dict[Name, AnyValue]
Narrative = Annotated[Str, Field(max_length=LONGEST_NARRATIVE)]


class Programme(Frozen):
    """A named intervention that the service delivers; its profile overrides the service's for it."""

    id: Name
    version: Name | None = None
    name: Name | None = None
    profile: Profile = Field(default={})


class Service(Frozen):
    """One offer of a provider: where, for whom, with which programmes."""

    id: Name
    name: Name
    provider: Name
    profile: Profile = Field(default={})
    programmes: tuple[Programme, ...] = ()


class ScopeProgramme(Frozen):
    """A programme that a certificate names; ``version`` null is any version."""

    id: Name
    version: Name | None = None


class Scope(Frozen):
    """How far a certificate reaches: the organisation, named services, or named programmes."""

    kind: Literal["organisation", "service", "programme"]
    services: tuple[Name, ...] = ()
    programmes: tuple[ScopeProgramme, ...] = ()


class StatusChange(Frozen):
    """What the awarding body did to a certificate, and on which day."""

    on: CivilDate
    status: Literal["suspended", "reinstated", "withdrawn"]


class AccreditationCondition(Frozen):
    """An area of concern: while it is open, the certificate shows nothing of these requirements."""

    requirements: tuple[Name, ...]
    opened_on: CivilDate
    closed_on: CivilDate | None = None


class Accreditation(Frozen):
    """A certificate that the provider holds (semantics.md 4)."""

    id: Name
    scheme: Name
    edition: Name
    stage: Name
    certificate: Name | None = None
    awarded_on: CivilDate
    expires_on: CivilDate
    scope: Scope
    status_changes: tuple[StatusChange, ...] = ()
    conditions: tuple[AccreditationCondition, ...] = ()
    unchanged_declared_on: CivilDate | None = None
    verified_on: CivilDate | None = None
    verified_by: Name | None = None
    register_seen: Annotated[Str, Field(max_length=2000)] | None = Field(default=None, alias="register")


class Document(Frozen):
    """One file of evidence, known by its SHA-256; never changed, only replaced by another document or withdrawn."""

    id: Name
    issued_on: CivilDate
    media_type: Name | None = None
    programmes: tuple[Name, ...] = ()
    replaces: Name | None = None
    sha256: Sha256
    size: Annotated[Int, Field(ge=0)] | None = None
    title: Name | None = None
    type: Name
    valid_from: CivilDate | None = None
    valid_until: CivilDate | None = None
    withdrawn_on: CivilDate | None = None

    @property
    def in_force(self) -> tuple[date, date]:
        """The first day on which it is issued and valid, and the last on which it is valid and not withdrawn."""
        withdrawn = date.max if self.withdrawn_on is None else day_before(self.withdrawn_on)
        return max(self.issued_on, self.valid_from or self.issued_on), min(self.valid_until or date.max, withdrawn)


# A document as it is looked up: its type, the days of ``in_force``, and itself.
Filed: TypeAlias = tuple[str, date, date, Document]


class Answer(Frozen):
    """The answer to one question; ``value`` null is not answered, but said so at that instant."""

    answered_at: Instant
    question: Name
    value: AnyValue = None

    @property
    def moment(self) -> datetime:
        """When it was given."""
        return moment(self.answered_at)


class Response(Frozen):
    """What the provider says of one requirement; ``self_rating`` null is a draft."""

    documents: tuple[Name, ...] = ()
    exclusion_reason: Narrative | None = None
    narrative: Narrative | None = None
    requirement: Name
    self_rating: Rating | None = None
    version: Annotated[Int, Field(ge=1)]


class Review(Frozen):
    """What a reviewer decided on one version of a response, having seen these documents (by SHA-256)."""

    decided_at: Instant
    decision: Literal["accepted", "rejected", "more_information"]
    documents: tuple[Sha256, ...] = ()
    override: Bool = False
    programmes: tuple[Name, ...] = ()
    reason: Narrative | None = None
    requirement: Name
    response_version: Annotated[Int, Field(ge=0)]
    reviewer: Name
    second_reviewer: Name | None = None
    until: CivilDate | None = None

    @property
    def moment(self) -> datetime:
        """When it was decided."""
        return moment(self.decided_at)


class Pack(Frozen):
    """All that counts for one service under one rule set version."""

    format: PackFormat = PACK_FORMAT
    rule_set: RuleSetRef
    service: Service
    accreditations: tuple[Accreditation, ...] = ()
    documents: tuple[Document, ...] = ()
    answers: tuple[Answer, ...] = ()
    responses: tuple[Response, ...] = ()
    reviews: tuple[Review, ...] = ()

    @cached_property
    def shelf(self) -> "Shelf":
        """The same, laid out to be looked up."""
        return Shelf(self)

    @cached_property
    def benches(self) -> dict[object, Any]:
        """The same, laid out under each rule set that it was judged by (``app.engine.judge.bench_of``)."""
        return {}

    @cached_property
    def sound_under(self) -> set[str]:
        """By SHA-256 the standards under which it was found to be without faults (``app.loader.catalogue``)."""
        return set()

    @cached_property
    def normal_form(self) -> dict[str, Any]:
        """Every field written out, lists and sets sorted (formats.md): equal for packs that say the same."""
        form: dict[str, Any] = from_json(self.canonical)
        return form

    @property
    def canonical(self) -> bytes:
        """The canonical JSON (RFC 8785) of the normal form."""
        return _canonical(self)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical JSON of the normal form."""
        return hashlib.sha256(self.canonical).hexdigest()


# What the provider says of a requirement: the response, its rating, and the documents that it links.
Said: TypeAlias = tuple[Response, Rating | None, list[Filed]]


class Shelf:
    """What a pack holds, laid out to be looked up; no rule set has a part in it.

    ``said`` is by requirement, ``answers`` by question, ``values`` what was answered where it is not null.
    ``replaced_by`` has the ids of the documents that replace one directly, ``reviews`` the newest of each requirement.
    """

    def __init__(self, pack: Pack) -> None:
        filed: dict[str, Filed] = {item.id: (item.type, *item.in_force, item) for item in pack.documents}
        self.said: dict[str, Said] = {
            item.requirement: (item, item.self_rating, [filed[name] for name in item.documents])
            for item in pack.responses
        }
        self.answers = {answer.question: answer for answer in pack.answers}
        self.values = {answer.question: answer.value for answer in pack.answers if answer.value is not None}
        self.reviews = newest(pack.reviews)
        self.replaced_by: dict[str, list[str]] = {}
        for document in pack.documents:
            if document.replaces is not None:
                self.replaced_by.setdefault(document.replaces, []).append(document.id)


def newest(reviews: Iterable[Review]) -> dict[str, Review]:
    """The newest review of each requirement, by ``decided_at``; older ones never count."""
    found: dict[str, Review] = {}
    for review in reviews:
        known = found.get(review.requirement)
        if known is None or known.moment < review.moment:
            found[review.requirement] = review
    return found


_Json: TypeAlias = dict[str, Any]
_Item = TypeVar("_Item", bound=Frozen)
_NEVER = "never"  # comes after every date


def _canonical(pack: Pack) -> bytes:
    """RFC 8785 bytes of the normal form; what a pack has by the hundred is written as it is kept."""
    service = pack.service
    form = {
        "accreditations": [
            _accreditation(item.model_dump(mode="json")) for item in sorted(pack.accreditations, key=attrgetter("id"))
        ],
        "answers": [_answer(item) for item in sorted(pack.answers, key=attrgetter("question"))],
        "documents": [_with_sets(item, "programmes") for item in sorted(pack.documents, key=attrgetter("id"))],
        "format": pack.format,
        "responses": [_with_sets(item, "documents") for item in sorted(pack.responses, key=attrgetter("requirement"))],
        "reviews": [
            _with_sets(item, "documents", "programmes")
            for item in sorted(pack.reviews, key=lambda item: (item.requirement, item.moment))
        ],
        "rule_set": pack.rule_set,
        "service": {
            "id": service.id,
            "name": service.name,
            "profile": _profile(service.profile),
            "programmes": [
                {"id": item.id, "name": item.name, "profile": _profile(item.profile), "version": item.version}
                for item in sorted(service.programmes, key=attrgetter("id"))
            ],
            "provider": service.provider,
        },
    }
    return to_json(form)


def _set(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))


def _with_sets(item: _Item, *names: str) -> _Item:
    """The same with these fields sorted, each name in them once."""
    for name in names:
        given = getattr(item, name)
        if len(given) > 1 and (kept := _set(given)) != given:
            item = item.model_copy(update={name: kept})
    return item


def _answer(answer: Answer) -> Answer:
    return answer.model_copy(update={"value": _set(answer.value)}) if isinstance(answer.value, tuple) else answer


def _value(value: object) -> object:
    """A list of options is a set; everything else stays as it was written."""
    return _set(value) if isinstance(value, tuple) else value


def _profile(profile: Profile) -> _Json:
    return {field: _value(profile[field]) for field in sorted(profile) if profile[field] is not None}


def _accreditation(accreditation: _Json) -> _Json:
    scope = accreditation["scope"]
    kept: _Json = {"kind": scope["kind"]}
    if scope["kind"] == "service":
        kept["services"] = _set(scope["services"])
    elif scope["kind"] == "programme":
        named = {(item["id"], item["version"]) for item in scope["programmes"]}
        kept["programmes"] = [
            {"id": name, "version": version}
            for name, version in sorted(named, key=lambda item: (item[0], item[1] or ""))
        ]
    conditions = [
        {
            "closed_on": item["closed_on"],
            "opened_on": item["opened_on"],
            "requirements": _set(item["requirements"]),
        }
        for item in accreditation["conditions"]
    ]
    changed = accreditation | {
        "scope": kept,
        "status_changes": sorted(accreditation["status_changes"], key=lambda change: change["on"]),
        "conditions": sorted(
            conditions,
            key=lambda item: (item["opened_on"], item["closed_on"] or _NEVER, item["requirements"]),
        ),
    }
    return dict(sorted(changed.items()))
