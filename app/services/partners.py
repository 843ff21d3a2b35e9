"""Consortium services: partners named, and who answers for what.

Only the provider of a service names its partners, submits, shares and moves it. A partner's people see the service, and
its assessments under the versions that they answer for; there they write the responses that they answer for, and
the answers that the trees of these use.
"""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from app.db.repositories import audit, facts, partners
from app.db.repositories.partners import AnswersFor, Opens, Partner
from app.db.repositories.subjects import of_service
from app.db.session import Transaction
from app.db.values import not_found
from app.errors import Conflict, Fault, NotFound
from app.loader.catalogue import Catalogue
from app.services.writing import expect_etag, refuse_faults, refuse_partners


def name(  # who is named for what, each by its name
    tx: Transaction,
    catalogue: Catalogue,
    service_id: UUID,
    organisation: UUID,
    answers_for: tuple[AnswersFor, ...],
    *,
    expected: str | None,
) -> Partner:
    """Record that an organisation is a partner of the service, and all that it answers for from now on.

    Raises ``Forbidden``, ``NotFound`` (also for an organisation that is neither provider nor commissioner),
    ``PreconditionFailed``, ``Conflict`` for the provider itself, ``Invalid`` (``/answers_for/0/standards/0``, …).
    """
    tx.require("provider_lead")
    subject = of_service(tx, service_id)
    refuse_partners(tx, subject)
    at = facts.lock(tx, service_id)
    last = partners.newest(tx, service_id, organisation)
    expect_etag(None if last is None or last.ended else last.etag, expected)
    if organisation == subject.provider:
        raise Conflict("It is the provider of this service.", hint="Name another organisation that takes part in it.")
    if not partners.may_be_one(tx, organisation):
        raise not_found()
    refuse_faults(_faults(catalogue, answers_for))
    if last is not None and not last.ended and last.answers_for == answers_for:
        return last
    version = 1 if last is None else last.version + 1
    named = Partner(
        service=service_id,
        organisation=organisation,
        version=version,
        ended=False,
        answers_for=answers_for,
        recorded_at=at,
        recorded_by=tx.actor.user,
    )
    partners.add(tx, subject, named, _opens(catalogue, answers_for))
    audit.record(tx, "partner.named", f"services/{service_id}/partners/{organisation}", version=version)
    return named


def end(tx: Transaction, service_id: UUID, organisation: UUID, *, expected: str | None) -> None:
    """Record that an organisation is a partner no more; what it wrote stays.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``.
    """
    tx.require("provider_lead")
    subject = of_service(tx, service_id)
    refuse_partners(tx, subject)
    at = facts.lock(tx, service_id)
    last = partners.get(tx, service_id, organisation)
    expect_etag(last.etag, expected)
    ended = replace(
        last, version=last.version + 1, ended=True, answers_for=(), recorded_at=at, recorded_by=tx.actor.user
    )
    partners.add(tx, subject, ended, {})
    audit.record(tx, "partner.ended", f"services/{service_id}/partners/{organisation}", version=ended.version)


def _faults(catalogue: Catalogue, answers_for: tuple[AnswersFor, ...]) -> Iterator[Fault]:
    for index, item in enumerate(answers_for):
        at = f"/answers_for/{index}"
        try:
            rule_set = catalogue.rule_set(item.rule_set.id, item.rule_set.version)
        except NotFound as error:
            yield Fault(f"{at}/rule_set", error.message, error.hint)
            continue
        if item.rule_set in [other.rule_set for other in answers_for[:index]]:
            yield Fault(f"{at}/rule_set", "this version is there twice", "put what is answered for under it together")
        if not item.standards and not item.requirements:
            yield Fault(at, "nothing is named", "name standards or requirements, or leave this version out")
        hint = f"GET /v1/rule-sets/{rule_set.id}/versions/{rule_set.version} lists them"
        numbers = {standard.number for standard in rule_set.standards}
        for place, number in enumerate(item.standards):
            if number not in numbers:
                yield Fault(f"{at}/standards/{place}", f"there is no standard {number}", hint)
        for place, requirement in enumerate(item.requirements):
            if requirement not in rule_set.requirements:
                yield Fault(f"{at}/requirements/{place}", f"there is no requirement {requirement}", hint)


def _opens(catalogue: Catalogue, answers_for: tuple[AnswersFor, ...]) -> Opens:
    opens = {}
    for item in answers_for:
        rule_set = catalogue.rule_set(item.rule_set.id, item.rule_set.version)
        whole = {
            requirement.id
            for standard in rule_set.standards
            if standard.number in item.standards
            for requirement in standard.requirements
        }
        requirements = whole | set(item.requirements)
        questions = {question for each in requirements for question in rule_set.requirements[each].tree.questions}
        opens[partners.place(item.rule_set)] = {"response": sorted(requirements), "answer": sorted(questions)}
    return opens
