"""Assessments: what a provider says of its service under one rule set version, and to whom it hands that in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from app.db.history import standing
from app.db.repositories import answers, assessments, audit, facts, responses
from app.db.repositories.facts import NewFact
from app.db.repositories.subjects import of_service
from app.db.session import PROVIDER_ROLES, Transaction
from app.db.values import AssessmentRecord, Recorded, instant
from app.engine.pack import Answer, Pack, Response
from app.engine.rules import RuleSetRef
from app.engine.values import Frozen, Value
from app.errors import Fault, Invalid, NotFound, PreconditionFailed
from app.loader.catalogue import Catalogue
from app.services.merging import answered, versioned
from app.services.uploads import faults_of_links
from app.services.writing import WritersTurn, expect, faults_of, first, refuse, refuse_faults, refuse_partners

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


def create_assessment(
    tx: Transaction, catalogue: Catalogue, service_id: UUID, rule_set: RuleSetRef
) -> AssessmentRecord:
    """Begin an assessment of the service, as a draft that only the provider sees.

    Raises ``Forbidden``, ``NotFound``, ``Invalid`` (``/rule_set``), and ``Conflict`` where something on record of the
    service is nothing that this rule set knows.
    """
    tx.require(*PROVIDER_ROLES)
    subject = of_service(tx, service_id)
    refuse_partners(tx, subject)
    at = facts.lock(tx, service_id)
    try:
        catalogue.rule_set(rule_set.id, rule_set.version)
    except NotFound as error:
        refuse_faults([Fault("/rule_set", error.message, error.hint)])
    pack = standing(tx, subject).pack(rule_set)
    refuse(pack, faults_of(catalogue, pack), "/rule_set")
    assessment_id = tx.new_id()
    made = replace(subject, assessment=assessment_id)
    assessments.add(tx, made, rule_set)
    facts.append(tx, made, [NewFact("assessment", assessments.KEY, 1, assessments.DRAFT)], at)
    audit.record(tx, "assessment.created", f"assessments/{assessment_id}", service=str(service_id))
    return assessments.get(tx, assessment_id)


def put_response(
    tx: Transaction, catalogue: Catalogue, assessment_id: UUID, response: Response, *, expected: str | None
) -> Recorded[Response]:
    """Record what the provider says of one requirement; its version is set here, whatever ``response`` has.

    Raises ``Forbidden``, ``NotFound`` (also of the requirement), ``PreconditionFailed``, ``Invalid``, and ``Conflict``
    where it is frozen.
    """
    tx.require(*PROVIDER_ROLES)
    turn = WritersTurn.at_assessment(tx, catalogue, assessment_id)
    _known(turn, response.requirement, "requirement")
    turn.refuse_frozen([("response", response.requirement)])
    current = responses.find(tx, turn.subject, response.requirement)
    expect(current, expected)
    given = versioned(None if current is None else current.value, response)
    refuse_faults(faults_of_links(tx, turn.subject.service, turn.case.pack, [("", given)]))
    turn.record(first(given, "responses"), "/responses/0")
    after = responses.get(tx, assessment_id, response.requirement)
    return _audited(tx, assessment_id, "response", current, after)


def put_answer(
    tx: Transaction,
    catalogue: Catalogue,
    assessment_id: UUID,
    question: str,
    value: Value,
    *,
    expected: str | None,
) -> Recorded[Answer]:
    """Record the answer that the provider gives now; one given before keeps its instant.

    Raises ``Forbidden``, ``NotFound`` (also of the question), ``PreconditionFailed``, ``Invalid``, and ``Conflict``
    where it is frozen.
    """
    tx.require(*PROVIDER_ROLES)
    turn = WritersTurn.at_assessment(tx, catalogue, assessment_id)
    _known(turn, question, "question")
    turn.refuse_frozen([("answer", question)])
    current = answers.find(tx, turn.subject, question)
    expect(current, expected)
    now = Answer(question=question, value=value, answered_at=instant(turn.at))
    given = answered(None if current is None else current.value, now)
    turn.record(first(given, "answers"), "/answers/0")
    return _audited(tx, assessment_id, "answer", current, answers.get(tx, assessment_id, question))


@dataclass(frozen=True, slots=True)
class Change(Generic[T_co]):
    """One of many changes made at once: what is to be on record, and the ETag of what it changes, if anything."""

    value: T_co
    expected: str | None


def put_responses(
    tx: Transaction, catalogue: Catalogue, assessment_id: UUID, changes: Sequence[Change[Response]]
) -> tuple[Recorded[Response], ...]:
    """Record many responses, all of them or none; given back in their order, as ``put_response`` does each.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed`` naming every one that stands otherwise, ``Invalid``
    (``/items/0/requirement``, ``/items/0/documents/0``, …), and ``Conflict`` where one is frozen.
    """
    tx.require(*PROVIDER_ROLES)
    turn = WritersTurn.at_assessment(tx, catalogue, assessment_id)
    keys = [change.value.requirement for change in changes]
    current = responses.among(tx, turn.subject, keys)
    given = tuple(
        versioned(current[key].value if key in current else None, change.value)
        for key, change in zip(keys, changes, strict=True)
    )
    placed = [(f"/items/{index}", item) for index, item in enumerate(given)]
    refuse_faults(faults_of_links(tx, turn.subject.service, turn.case.pack, placed))
    _put_many(turn, "response", keys, changes, current, given)
    after = responses.among(tx, turn.subject, keys)
    return tuple(after[key] for key in keys)


def put_answers(
    tx: Transaction, catalogue: Catalogue, assessment_id: UUID, changes: Sequence[Change[Answer]]
) -> tuple[Recorded[Answer], ...]:
    """Record many answers, all of them or none; given back in their order, as ``put_answer`` does each.

    Raises what ``put_responses`` raises, of ``/items/0/question``, ``/items/0/value``, ….
    """
    tx.require(*PROVIDER_ROLES)
    turn = WritersTurn.at_assessment(tx, catalogue, assessment_id)
    keys = [change.value.question for change in changes]
    current = answers.among(tx, turn.subject, keys)
    now = instant(turn.at)
    given = tuple(
        answered(current[key].value if key in current else None, change.value.replace(answered_at=now))
        for key, change in zip(keys, changes, strict=True)
    )
    _put_many(turn, "answer", keys, changes, current, given)
    after = answers.among(tx, turn.subject, keys)
    return tuple(after[key] for key in keys)


def _put_many(  # the two lists that a change is made of, and what is on record of it
    turn: WritersTurn,
    kind: Literal["response", "answer"],
    keys: Sequence[str],
    changes: Sequence[Change[Any]],
    current: Mapping[str, Recorded[Any]],
    given: tuple[Frozen, ...],
) -> None:
    name, key_of = f"{kind}s", "requirement" if kind == "response" else "question"
    refuse_faults(
        Fault(f"/items/{index}/{key_of}", f"{key} is there twice", "send it once")
        for index, key in enumerate(keys)
        if key in keys[:index]
    )
    stale = [
        key
        for key, change in zip(keys, changes, strict=True)
        if change.expected != (current[key].etag if key in current else None)
    ]
    if stale:
        raise PreconditionFailed(
            f"Not, or no longer, in the version that you named: {', '.join(stale)}. Nothing was recorded.",
            hint="Read these again, and make your changes to what they say now.",
        )
    turn.refuse_frozen((kind, key) for key in keys)

    def edit(pack: Pack) -> Pack:
        others = [item for item in getattr(pack, name) if getattr(item, key_of) not in keys]
        return pack.replace(**{name: (*given, *others)})

    try:
        turn.record(edit, f"/{name}")
    except Invalid as error:
        located = tuple(replace(fault, pointer=f"/items{fault.pointer}") for fault in error.faults)
        raise Invalid(error.message, hint=error.hint, faults=located) from None
    known = [current[key].value if key in current else None for key in keys]
    changed = sum(item != before for item, before in zip(given, known, strict=True))
    if changed:
        audit.record(turn.tx, f"{name}.recorded", f"assessments/{turn.subject.assessment}/{name}", changed=changed)


def _known(turn: WritersTurn, name: str, what: str) -> None:
    pack = turn.case.pack
    rule_set = turn.catalogue.rule_set(pack.rule_set.id, pack.rule_set.version)
    if name not in (rule_set.requirements if what == "requirement" else rule_set.questions_by_id):
        raise NotFound(
            f"Rule set {rule_set.id} {rule_set.version} has no {what} of that name.",
            hint=f"GET /v1/rule-sets/{rule_set.id}/versions/{rule_set.version} lists them.",
        )


def _audited(
    tx: Transaction, assessment_id: UUID, what: str, before: Recorded[T] | None, after: Recorded[T]
) -> Recorded[T]:
    if after != before:
        place = f"assessments/{assessment_id}/{what}s/{after.key}"
        audit.record(tx, f"{what}.recorded", place, version=after.version)
    return after
