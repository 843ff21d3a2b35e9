"""The append-only table of facts: one row for each version of each thing that was said or decided (semantics.md 8).

A fact belongs to a service, or to one assessment of it, and is known by its kind and key there. Writers of one
service take turns (``lock``), so that the versions of a fact and the instants of a service only ever rise.

Each service has a clock of its own: the last instant at which something was recorded of it, or up to which somebody was
told what was known. Nothing is ever recorded at or before that instant, whatever the clocks of machines say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.sql.dml import ReturningUpdate

from app.db.session import Transaction
from app.db.tables import assessment, fact, service_clock
from app.db.values import FactKind, Slice, instant, not_found
from app.errors import Fault, Invalid, PreconditionFailed, Unavailable

# Built once: to build a statement takes about as long as to run it.
_CLOCK: Final = (
    select(service_clock.c.at, service_clock.c.service_id)
    .join_from(assessment, service_clock, assessment.c.service_id == service_clock.c.service_id)
    .where(assessment.c.id == bindparam("wanted"))
)
_ADVANCE: Final = update(service_clock).where(service_clock.c.service_id == bindparam("wanted"))
_GIVEN: Final = bindparam("instant", type_=service_clock.c.at.type)
_LATER: Final = _ADVANCE.values(
    at=func.greatest(service_clock.c.at + text("interval '1 microsecond'"), _GIVEN)
).returning(service_clock.c.at)
_AT_LEAST: Final = _ADVANCE.values(at=func.greatest(service_clock.c.at, _GIVEN)).returning(service_clock.c.at)
_COLUMNS = (fact.c.kind, fact.c.key, fact.c.version, fact.c.body, fact.c.recorded_at, fact.c.recorded_by)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a fact is about: a service of a provider or, with ``assessment``, one assessment of it."""

    service: UUID
    provider: UUID
    assessment: UUID | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One version of one fact, as it was recorded."""

    kind: FactKind
    key: str
    version: int
    body: dict[str, Any]
    recorded_at: datetime
    recorded_by: UUID


@dataclass(frozen=True, slots=True)
class NewFact:
    """A version to add; ``version`` is one above the newest."""

    kind: FactKind
    key: str
    version: int
    body: dict[str, Any]


def lock(tx: Transaction, service: UUID) -> datetime:
    """Wait for the writers before this one, and give the instant that its facts are recorded at.

    The instant is that of the transaction, or a microsecond after the service's clock where that is ahead. Raises
    ``NotFound`` unless the caller may see the service, ``Unavailable`` when the turn does not come in time.
    """
    return _advance(tx, _LATER, service, tx.now)


def settle(tx: Transaction, service: UUID, known_at: datetime) -> None:
    """Make sure that what was known of the service at an instant can never change any more.

    From here on everything is recorded after ``known_at``, by whatever process and clock; writers at work are waited
    for. Raises ``Invalid`` for an instant to come (``?known_at``), ``NotFound`` and ``Unavailable`` as ``lock`` does.
    """
    clock = tx.connection.scalar(select(service_clock.c.at).where(service_clock.c.service_id == service))
    if clock is not None and known_at <= clock:  # who is at work just now records after the clock that they found
        return
    refuse_to_come(tx, known_at)
    _advance(tx, _AT_LEAST, service, known_at)


def refuse_to_come(tx: Transaction, known_at: datetime, place: str = "?known_at") -> None:
    """Raise ``Invalid`` (``place``) for an instant to come."""
    if known_at > tx.now:
        fault = Fault(place, f"{instant(known_at)} is still to come", "leave it out for what is known now")
        raise Invalid("What will be known then, nobody can say.", hint="See faults.", faults=(fault,))


def mark(tx: Transaction, assessment_id: UUID, known_at: datetime | None = None) -> datetime:
    """What changes whenever anything is recorded of the assessment or its service: the service's clock.

    As long as it is the same, what the caller sees of both is the same. With ``known_at`` that instant is settled
    before. Raises ``NotFound`` unless the caller may see the assessment, and what ``settle`` raises.
    """
    row = tx.connection.execute(_CLOCK, {"wanted": assessment_id}).one_or_none()
    if row is None:
        raise not_found()
    if known_at is not None and known_at > row.at:
        settle(tx, row.service_id, known_at)
        row = tx.connection.execute(_CLOCK, {"wanted": assessment_id}).one()
    at: datetime = row.at
    return at


def find_mark(tx: Transaction, assessment_id: UUID) -> datetime | None:
    """The same; ``None`` where the caller may not see the assessment."""
    row = tx.connection.execute(_CLOCK, {"wanted": assessment_id}).one_or_none()
    return None if row is None else row.at


def _advance(tx: Transaction, statement: ReturningUpdate[datetime], service: UUID, at: datetime) -> datetime:
    try:
        clock: datetime | None = tx.connection.scalar(statement, {"wanted": service, "instant": at})
    except OperationalError as error:
        raise Unavailable(
            "Somebody else is changing this service just now.", hint="Try again in a few seconds."
        ) from error
    if clock is None:
        raise not_found()
    return clock


def newest(tx: Transaction, subject: Subject, kind: FactKind, key: str) -> Fact | None:
    """The newest version of one fact, if it was ever recorded."""
    if "\0" in key:  # no text of PostgreSQL can hold it, so nothing is on record under such a key
        return None
    row = tx.connection.execute(
        select(*_COLUMNS)
        .where(_about(subject), fact.c.kind == kind, fact.c.key == key)
        .order_by(fact.c.version.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Fact(*row)


def page(tx: Transaction, subject: Subject, kind: FactKind, after: str | None, limit: int) -> Slice[Fact, str]:
    """The newest versions of the facts of one kind, in the order of their keys, at most ``limit`` of them."""
    wanted = [_about(subject), fact.c.kind == kind]
    if after is not None:
        wanted.append(fact.c.key > after)
    rows = tx.connection.execute(
        select(*_COLUMNS)
        .where(*wanted)
        .ext(distinct_on(fact.c.key))
        .order_by(fact.c.key, fact.c.version.desc())
        .limit(limit + 1)
    ).all()
    found = tuple(Fact(*row) for row in rows[:limit])
    return Slice(found, found[-1].key if len(rows) > limit else None)


def versions(tx: Transaction, subject: Subject, kind: FactKind, key: str) -> tuple[Fact, ...]:
    """Every version of one fact that the caller may see, the oldest first; none where it was never recorded."""
    if "\0" in key:
        return ()
    rows = tx.connection.execute(
        select(*_COLUMNS).where(_about(subject), fact.c.kind == kind, fact.c.key == key).order_by(fact.c.version)
    )
    return tuple(Fact(*row) for row in rows)


def among(tx: Transaction, subject: Subject, kind: FactKind, keys: Sequence[str]) -> dict[str, Fact]:
    """The newest versions of the facts of one kind with these keys; keys without a fact are left out."""
    rows = tx.connection.execute(
        select(*_COLUMNS)
        .where(_about(subject), fact.c.kind == kind, fact.c.key == func.any(list(keys)))
        .ext(distinct_on(fact.c.key))
        .order_by(fact.c.key, fact.c.version.desc())
    )
    return {row.key: Fact(*row) for row in rows}


def standing(
    tx: Transaction, subject: Subject, known_at: datetime | None, submitted_at: datetime | None = None
) -> list[Fact]:
    """Every fact of a service, and of the assessment if the subject is one, as known at an instant (``None``: now).

    What is given for an instant is given for ever (``settle``, which says what is raised). With ``submitted_at``, what
    the provider says in the assessment is as it was then.
    """
    service = fact.c.assessment_id.is_(None)
    wanted = [
        fact.c.service_id == subject.service,
        service if subject.assessment is None else service | (fact.c.assessment_id == subject.assessment),
    ]
    if known_at is not None:
        settle(tx, subject.service, known_at)
        wanted.append(fact.c.recorded_at <= known_at)
    if submitted_at is not None:
        wanted.append(fact.c.kind.not_in(("answer", "response")) | (fact.c.recorded_at <= submitted_at))
    rows = tx.connection.execute(
        select(*_COLUMNS)
        .where(*wanted)
        .ext(distinct_on(fact.c.kind, fact.c.key))
        .order_by(fact.c.kind, fact.c.key, fact.c.version.desc())
    ).all()
    return [Fact(*row) for row in rows]


def append(tx: Transaction, subject: Subject, added: Sequence[NewFact], at: datetime) -> None:
    """Record new versions, all at the instant ``at`` that ``lock`` gave; after that ``audit.record`` tells of them.

    Raises ``PreconditionFailed`` if one of them exists already.
    """
    rows = [noted_row(tx, subject, new, at) for new in added]
    if not rows:
        return
    try:
        tx.connection.execute(insert(fact), rows)
    except IntegrityError as error:
        if "uq_fact_version" in str(error.orig):
            raise stale() from error
        raise


def noted_row(tx: Transaction, subject: Subject, new: NewFact, at: datetime) -> dict[str, Any]:
    """The row that a new version becomes, which the next entry of the audit log tells of."""
    row = {
        "id": tx.new_id(),
        "provider_id": subject.provider,
        "service_id": subject.service,
        "assessment_id": subject.assessment,
        "kind": new.kind,
        "key": new.key,
        "version": new.version,
        "body": new.body,
        "recorded_at": at,
        "recorded_by": tx.actor.user,
        "request_id": tx.request_id,
    }
    tx.noted.row("fact", row)
    return row


def stale() -> PreconditionFailed:
    """The refusal of a change that was made to another version than the newest."""
    return PreconditionFailed(
        "What you are changing is not, or no longer, in the version that you named.",
        hint="Read it again, and make your change to what it says now.",
    )


def _about(subject: Subject) -> ColumnElement[bool]:
    assessment = fact.c.assessment_id
    return (fact.c.service_id == subject.service) & (
        assessment.is_(None) if subject.assessment is None else assessment == subject.assessment
    )
