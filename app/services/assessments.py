"""Assessments: what a provider says of its service under one rule set version, and to whom it hands that in."""

from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from app.db.history import standing
from app.db.repositories import answers, assessments, audit, facts, organisations, responses
from app.db.repositories.facts import NewFact
from app.db.repositories.subjects import of_assessment, of_service
from app.db.session import PROVIDER_ROLES, Transaction
from app.db.values import AssessmentRecord, Recorded, State, instant
from app.engine.pack import Answer, Response
from app.engine.rules import RuleSetRef
from app.engine.values import Value
from app.errors import Fault, Invalid, NotFound
from app.loader.catalogue import Catalogue
from app.services.merging import answered, versioned
from app.services.writing import Turn, expect, expect_etag, faults_of, first, refuse

T = TypeVar("T")


def create_assessment(
    tx: Transaction, catalogue: Catalogue, service_id: UUID, rule_set: RuleSetRef
) -> AssessmentRecord:
    """Begin an assessment of the service, as a draft that only the provider sees.

    Raises ``Forbidden``, ``NotFound``, ``Invalid`` (``/rule_set``), and ``Conflict`` where something on record of the
    service is nothing that this rule set knows.
    """
    tx.require(*PROVIDER_ROLES)
    subject = of_service(tx, service_id)
    at = facts.lock(tx, service_id)
    try:
        catalogue.rule_set(rule_set.id, rule_set.version)
    except NotFound as error:
        fault = Fault("/rule_set", error.message, error.hint)
        raise Invalid("Nothing was recorded.", hint="Correct every fault.", faults=(fault,)) from error
    pack = standing(tx, subject).pack(rule_set)
    refuse(pack, faults_of(catalogue, pack), "/rule_set")
    assessment_id = tx.new_id()
    made = replace(subject, assessment=assessment_id)
    assessments.add(tx, made, rule_set)
    facts.append(tx, made, [NewFact("assessment", assessments.KEY, 1, _state("draft", (), None))], at)
    audit.record(tx, "assessment.created", f"assessments/{assessment_id}", service=str(service_id))
    return assessments.get(tx, assessment_id)


def put_response(
    tx: Transaction, catalogue: Catalogue, assessment_id: UUID, response: Response, *, expected: str | None
) -> Recorded[Response]:
    """Record what the provider says of one requirement; its version is set here, whatever ``response`` has.

    Raises ``Forbidden``, ``NotFound`` (also of the requirement), ``PreconditionFailed``, ``Invalid``.
    """
    tx.require(*PROVIDER_ROLES)
    turn = Turn.at_assessment(tx, catalogue, assessment_id)
    _known(turn, response.requirement, "requirement")
    current = responses.find(tx, turn.subject, response.requirement)
    expect(current, expected)
    given = versioned(None if current is None else current.value, response)
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

    Raises ``Forbidden``, ``NotFound`` (also of the question), ``PreconditionFailed``, ``Invalid``.
    """
    tx.require(*PROVIDER_ROLES)
    turn = Turn.at_assessment(tx, catalogue, assessment_id)
    _known(turn, question, "question")
    current = answers.find(tx, turn.subject, question)
    expect(current, expected)
    now = Answer(question=question, value=value, answered_at=instant(turn.at))
    given = answered(None if current is None else current.value, now)
    turn.record(first(given, "answers"), "/answers/0")
    return _audited(tx, assessment_id, "answer", current, answers.get(tx, assessment_id, question))


def submit(
    tx: Transaction, assessment_id: UUID, *, share_with: tuple[UUID, ...], expected: str | None
) -> AssessmentRecord:
    """Hand the assessment in to commissioners, who see it from now on; once more, with others, adds these.

    Only a lead of the provider does it.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``, ``Invalid`` (``/share_with``, ``/share_with/0``, …).
    """
    tx.require("provider_lead")
    subject = of_assessment(tx, assessment_id)
    at = facts.lock(tx, subject.service)
    before = assessments.get(tx, assessment_id)
    expect_etag(before.etag, expected)
    _refuse_others_than_commissioners(tx, share_with)
    new = sorted(set(share_with) - set(before.shared_with))
    if not new:
        return before
    everybody = tuple(sorted({*before.shared_with, *new}))
    body = _state("submitted", everybody, before.submitted_at or at)
    facts.append(tx, subject, [NewFact("assessment", assessments.KEY, before.version + 1, body)], at)
    assessments.add_shares(tx, subject, new, at)
    shared_with = " ".join(map(str, new))
    audit.record(tx, "assessment.submitted", f"assessments/{assessment_id}", shared_with=shared_with)
    return assessments.get(tx, assessment_id)


def _refuse_others_than_commissioners(tx: Transaction, share_with: tuple[UUID, ...]) -> None:
    faults = []
    if not share_with:
        faults.append(Fault("/share_with", "nobody is named to hand it in to", "name at least one commissioner"))
    for index, commissioner in enumerate(share_with):
        found = organisations.find(tx, commissioner)
        if found is None or found.kind != "commissioner":
            hint = "GET /v1/commissioners lists them"
            faults.append(Fault(f"/share_with/{index}", f"there is no commissioner {commissioner}", hint))
    if faults:
        raise Invalid("Nothing was recorded.", hint="Correct every fault.", faults=tuple(faults))


def _known(turn: Turn, name: str, what: str) -> None:
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


def _state(state: State, shared_with: tuple[UUID, ...], submitted_at: datetime | None) -> dict[str, Any]:
    return {
        "state": state,
        "shared_with": [str(each) for each in shared_with],
        "submitted_at": None if submitted_at is None else instant(submitted_at),
    }
