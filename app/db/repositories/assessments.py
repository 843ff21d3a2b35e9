"""Assessments of services, their state, and with which commissioners they are shared."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, insert, select, true

from app.db.repositories.facts import Subject
from app.db.repositories.pages import keyset_page
from app.db.session import Transaction
from app.db.tables import assessment, fact, share
from app.db.values import AssessmentRecord, Key, Slice, not_found
from app.engine.rules import RuleSetRef

KEY = "assessment"  # the key of the one fact of kind "assessment" that an assessment has


def get(tx: Transaction, assessment_id: UUID) -> AssessmentRecord:
    """The assessment; raises ``NotFound`` unless the caller may see it."""
    row = tx.connection.execute(_query().where(assessment.c.id == assessment_id)).one_or_none()
    if row is None:
        raise not_found()
    return _record(row)


def page(
    tx: Transaction, *, after: Key | None, limit: int, service: UUID | None = None
) -> Slice[AssessmentRecord, Key]:
    """The assessments that the caller may see, of one service or of all, oldest first."""
    query = _query()
    if service is not None:
        query = query.where(assessment.c.service_id == service)
    return keyset_page(tx, query, assessment, after, limit=limit, value=_record)


def of_service(tx: Transaction, service_id: UUID) -> list[AssessmentRecord]:
    """Every assessment of the service that the caller may see, oldest first."""
    query = _query().where(assessment.c.service_id == service_id)
    return [_record(row) for row in tx.connection.execute(query.order_by(assessment.c.created_at, assessment.c.id))]


def add(tx: Transaction, subject: Subject, rule_set: RuleSetRef) -> None:
    """Add an assessment of a service, about which nothing is recorded yet."""
    row = {
        "id": subject.assessment,
        "service_id": subject.service,
        "provider_id": subject.provider,
        "rule_set_id": rule_set.id,
        "rule_set_version": rule_set.version,
        "created_at": tx.now,
    }
    tx.noted.row("assessment", row)
    tx.connection.execute(insert(assessment).values(row))


def add_shares(tx: Transaction, subject: Subject, commissioners: Sequence[UUID], at: datetime) -> None:
    """Let commissioners see the assessment, and what is on record of its service, from now on."""
    rows = [
        {
            "assessment_id": subject.assessment,
            "service_id": subject.service,
            "provider_id": subject.provider,
            "commissioner_id": commissioner,
            "shared_at": at,
        }
        for commissioner in commissioners
    ]
    tx.connection.execute(insert(share), rows)


def _query() -> Select[Any]:
    newest = (
        select(fact.c.version, fact.c.body)
        .where(
            fact.c.service_id == assessment.c.service_id,
            fact.c.assessment_id == assessment.c.id,
            fact.c.kind == "assessment",
            fact.c.key == KEY,
        )
        .order_by(fact.c.version.desc())
        .limit(1)
        .lateral("newest")
    )
    return select(assessment, newest.c.version, newest.c.body).join_from(assessment, newest, true())


def _record(row: Row[Any]) -> AssessmentRecord:
    submitted_at = row.body["submitted_at"]
    return AssessmentRecord(
        id=row.id,
        service=row.service_id,
        provider=row.provider_id,
        rule_set=RuleSetRef(id=row.rule_set_id, version=row.rule_set_version),
        created_at=row.created_at,
        state=row.body["state"],
        shared_with=tuple(UUID(each) for each in row.body["shared_with"]),
        submitted_at=None if submitted_at is None else datetime.fromisoformat(submitted_at),
        version=row.version,
        etag=str(row.version),
    )
