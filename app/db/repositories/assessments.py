"""Assessments of services, their state, and with which commissioners they are shared."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, Uuid, bindparam, func, insert, literal, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.sql.selectable import LateralFromClause

from app.db.repositories import partners
from app.db.repositories.facts import Subject, settle
from app.db.repositories.pages import keyset_page
from app.db.session import Transaction
from app.db.tables import assessment, fact, handed_in
from app.db.tables import share as shares
from app.db.values import AssessmentRecord, Key, Reopened, Slice, State, instant, not_found
from app.engine.rules import RuleSetRef

KEY = "assessment"  # the key of the one fact of kind "assessment" that an assessment has

# The state of an assessment that has just begun.
DRAFT: Final[dict[str, Any]] = {
    "state": "draft",
    "shared_with": [],
    "first_submitted_at": None,
    "submitted_at": None,
    "reopened": [],
    "reason": None,
    "carried_from": None,
}


def get(tx: Transaction, assessment_id: UUID) -> AssessmentRecord:
    """The assessment; raises ``NotFound`` unless the caller may see it."""
    row = tx.connection.execute(_one(), {"wanted": assessment_id}).one_or_none()
    if row is None:
        raise not_found()
    return record_of(row)


def page(
    tx: Transaction, *, after: Key | None, limit: int, service: UUID | None = None
) -> Slice[AssessmentRecord, Key]:
    """The assessments that the caller may see, of one service or of all, oldest first."""
    query = _query()
    if service is not None:
        query = query.where(assessment.c.service_id == service)
    return keyset_page(tx, query, assessment, after, limit=limit, value=record_of)


def of_service(tx: Transaction, service_id: UUID) -> list[AssessmentRecord]:
    """Every assessment of the service that the caller may see, oldest first."""
    query = _query().where(assessment.c.service_id == service_id)
    return [record_of(row) for row in tx.connection.execute(query.order_by(assessment.c.created_at, assessment.c.id))]


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
    tx.connection.execute(insert(assessment), row)


def share(
    tx: Transaction, subject: Subject, commissioners: Sequence[UUID], at: datetime, submitted_at: datetime
) -> None:
    """Let commissioners see the assessment, and what is on record of its service, from now on.

    ``submitted_at`` is when it was first submitted; what was superseded before, they do not see.
    """
    _add_shares(tx, subject, commissioners, at, submitted_at, ended=False)


def end_share(tx: Transaction, subject: Subject, commissioner: UUID, at: datetime, submitted_at: datetime) -> None:
    """Let a commissioner with whom it is shared see nothing of it any more."""
    _add_shares(tx, subject, [commissioner], at, submitted_at, ended=True)


def submitted_at(tx: Transaction, subject: Subject, known_at: datetime | None) -> datetime | None:
    """When the assessment had last been submitted at ``known_at``; ``None`` where the caller knows of no submission."""
    said = _said(tx, subject, known_at)
    return None if said is None else _instant(said["submitted_at"])


def state_at(tx: Transaction, subject: Subject, known_at: datetime | None) -> State | None:
    """The state that the assessment was in at ``known_at`` (``None``: now); ``None`` where the caller knows of none."""
    said = _said(tx, subject, known_at)
    return None if said is None else said["state"]


def shared_at(tx: Transaction, subject: Subject, known_at: datetime) -> tuple[UUID, ...]:
    """With which commissioners the assessment was shared at ``known_at``, as far as the caller knows."""
    said = _said(tx, subject, known_at)
    return () if said is None else tuple(UUID(each) for each in said["shared_with"])


def _said(tx: Transaction, subject: Subject, known_at: datetime | None) -> dict[str, Any] | None:
    wanted = [
        fact.c.service_id == subject.service,
        fact.c.assessment_id == subject.assessment,
        fact.c.kind == "assessment",
    ]
    if known_at is not None:
        settle(tx, subject.service, known_at)
        wanted.append(fact.c.recorded_at <= known_at)
    return tx.connection.scalar(select(fact.c.body).where(*wanted).order_by(fact.c.version.desc()).limit(1))


def hand_in(tx: Transaction, subject: Subject, at: datetime) -> None:
    """Keep which versions of facts stand now: others see these of what the provider says, and no drafts."""
    about = (fact.c.service_id == subject.service) & (
        fact.c.assessment_id.is_(None) | (fact.c.assessment_id == subject.assessment)
    )
    newest = (
        select(fact.c.id)
        .where(about)
        .ext(distinct_on(fact.c.kind, fact.c.key))
        .order_by(fact.c.kind, fact.c.key, fact.c.version.desc())
        .subquery()
    )
    known = select(handed_in.c.fact_id).where(handed_in.c.assessment_id == subject.assessment)
    columns = ("assessment_id", "service_id", "provider_id", "fact_id", "submitted_at")
    about_it = (subject.assessment, subject.service, subject.provider)
    added = select(
        *(literal(each, Uuid) for each in about_it), newest.c.id, literal(at, handed_in.c.submitted_at.type)
    ).where(newest.c.id.not_in(known))
    handed = insert(handed_in).from_select(columns, added).returning(handed_in.c.fact_id)
    for fact_id in tx.connection.scalars(handed):
        row = dict(zip(columns, (*about_it, fact_id, at), strict=True))
        tx.noted.row("handed_in", row)


def _add_shares(  # a row, each column by its name
    tx: Transaction,
    subject: Subject,
    commissioners: Sequence[UUID],
    at: datetime,
    submitted_at: datetime,
    *,
    ended: bool,
) -> None:
    versions = select(shares.c.commissioner_id, func.max(shares.c.version)).where(
        shares.c.assessment_id == subject.assessment
    )
    known = {row[0]: row[1] for row in tx.connection.execute(versions.group_by(shares.c.commissioner_id))}
    rows = [
        {
            "assessment_id": subject.assessment,
            "service_id": subject.service,
            "provider_id": subject.provider,
            "commissioner_id": commissioner,
            "version": known.get(commissioner, 0) + 1,
            "ended": ended,
            "submitted_at": submitted_at,
            "recorded_at": at,
        }
        for commissioner in commissioners
    ]
    for row in rows:
        tx.noted.row("share", row)
    if rows:
        tx.connection.execute(insert(shares), rows)


def body(record: AssessmentRecord) -> dict[str, Any]:
    """The state of an assessment as its fact has it."""
    return {
        "state": record.state,
        "shared_with": [str(each) for each in record.shared_with],
        "first_submitted_at": None if record.first_submitted_at is None else instant(record.first_submitted_at),
        "submitted_at": None if record.submitted_at is None else instant(record.submitted_at),
        "reopened": [asdict(item) for item in record.reopened],
        "reason": record.reason,
        "carried_from": None if record.carried_from is None else str(record.carried_from),
    }


def newest_state() -> LateralFromClause:
    """The state of each assessment that a query selects from, as a table to join."""
    return (
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


@cache
def _query() -> Select[Any]:
    newest = newest_state()
    columns = (newest.c.version, newest.c.body, partners.of_each_assessment().label("partners"))
    return select(assessment, *columns).join_from(assessment, newest, true())


@cache
def _one() -> Select[Any]:
    return _query().where(assessment.c.id == bindparam("wanted"))


def record_of(row: Row[Any]) -> AssessmentRecord:
    """The record of a row with the columns of an assessment, of its newest state, and its ``partners``."""
    said = row.body
    return AssessmentRecord(
        id=row.id,
        service=row.service_id,
        provider=row.provider_id,
        rule_set=RuleSetRef(id=row.rule_set_id, version=row.rule_set_version),
        created_at=row.created_at,
        state=said["state"],
        shared_with=tuple(UUID(each) for each in said["shared_with"]),
        # Before revision 0005 of the database an assessment was submitted once.
        first_submitted_at=_instant(said.get("first_submitted_at", said["submitted_at"])),
        submitted_at=_instant(said["submitted_at"]),
        reopened=tuple(Reopened(**item) for item in said.get("reopened", ())),
        reason=said.get("reason"),
        version=row.version,
        carried_from=UUID(said["carried_from"]) if said.get("carried_from") else None,
        partners=tuple(row.partners or ()),
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
