"""What waits for reviewers: the assessments that were submitted and are not completed, the longest waiting first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Integer, Row, ScalarSelect, cast, func, select, true, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from app.db.repositories import partners
from app.db.repositories.assessments import newest_state, record_of
from app.db.session import Transaction
from app.db.tables import assessment, fact
from app.db.values import AssessmentRecord, Key, Slice

_WAITING = ("submitted", "in_review")


@dataclass(frozen=True, slots=True)
class Waiting:
    """An assessment, and what is open in it.

    ``undecided`` counts the responses with a rating on whose submitted version nobody decided yet, ``unconfirmed`` the
    overrides that are proposed and not confirmed.
    """

    assessment: AssessmentRecord
    undecided: int
    unconfirmed: int


def page(tx: Transaction, *, after: Key | None, limit: int) -> Slice[Waiting, Key]:
    """The assessments that wait for the caller's organisation, in the order in which they were last submitted."""
    newest = newest_state()
    submitted_at = cast(newest.c.body["submitted_at"].astext, DateTime(timezone=True))
    place = tuple_(submitted_at, assessment.c.id)
    query = (
        select(
            assessment,
            newest.c.version,
            newest.c.body,
            partners.of_each_assessment().label("partners"),
            _undecided().label("undecided"),
            _unconfirmed().label("unconfirmed"),
        )
        .join_from(assessment, newest, true())
        .where(newest.c.body["state"].astext.in_(_WAITING))
    )
    if after is not None:
        query = query.where(place > tuple_(*after))
    rows = tx.connection.execute(query.order_by(submitted_at, assessment.c.id).limit(limit + 1)).all()
    items = tuple(_waiting(row) for row in rows[:limit])
    return Slice(items, _key(items[-1].assessment) if len(rows) > limit else None)


def _undecided() -> ScalarSelect[int]:
    said = (
        select(fact.c.key, fact.c.version, fact.c.body)
        .where(
            fact.c.service_id == assessment.c.service_id,
            fact.c.assessment_id == assessment.c.id,
            fact.c.kind == "response",
        )
        .correlate(assessment)
        .ext(distinct_on(fact.c.key))
        .order_by(fact.c.key, fact.c.version.desc())
        .subquery("said")
    )
    review = fact.alias("review")
    decided = (
        select(review.c.id)
        .where(
            review.c.service_id == assessment.c.service_id,
            review.c.assessment_id == assessment.c.id,
            review.c.kind == "review",
            review.c.body["requirement"].astext == said.c.key,
            cast(review.c.body["response_version"].astext, Integer) == said.c.version,
        )
        .correlate(assessment, said)
        .exists()
    )
    rated = said.c.body["self_rating"].astext.is_not(None)
    return select(func.count()).select_from(said).where(rated, ~decided).correlate(assessment).scalar_subquery()


def _unconfirmed() -> ScalarSelect[int]:
    proposed, confirmed = fact.alias("proposed"), fact.alias("confirmed")
    later = (
        select(confirmed.c.id)
        .where(
            confirmed.c.service_id == proposed.c.service_id,
            confirmed.c.assessment_id == proposed.c.assessment_id,
            confirmed.c.kind == "override",
            confirmed.c.key == proposed.c.key,
            confirmed.c.version > proposed.c.version,
        )
        .correlate(proposed)
        .exists()
    )
    about = (
        proposed.c.service_id == assessment.c.service_id,
        proposed.c.assessment_id == assessment.c.id,
        proposed.c.kind == "override",
    )
    return select(func.count()).select_from(proposed).where(*about, ~later).correlate(assessment).scalar_subquery()


def _waiting(row: Row[Any]) -> Waiting:
    return Waiting(record_of(row), row.undecided, row.unconfirmed)


def _key(record: AssessmentRecord) -> Key:
    instant: datetime = record.submitted_at or record.created_at
    return instant, record.id
