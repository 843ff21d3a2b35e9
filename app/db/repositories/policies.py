"""Policies of commissioners in all their versions, and the checks that were made with them; added, never changed."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.exc import IntegrityError

from app.db.repositories.facts import stale
from app.db.repositories.pages import keyset_page
from app.db.session import Transaction
from app.db.tables import policy, policy_check
from app.db.values import Key, Slice, not_found
from app.engine.policy import Policy


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """One version of a policy; ``created_at`` is when its first version was made."""

    id: UUID
    version: int
    commissioner: UUID
    created_at: datetime
    content: Policy
    recorded_at: datetime
    recorded_by: UUID

    @property
    def etag(self) -> str:
        """Changes with every version."""
        return str(self.version)


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """One check as it was stored: ``content`` is what ``sha256`` and ``signature`` are of."""

    id: UUID
    commissioner: UUID
    policy: UUID
    policy_version: int
    assessment: UUID
    service: UUID
    repeats: UUID | None
    created_at: datetime
    checked_by: UUID
    sha256: str
    signature: str
    content: bytes

    @property
    def document(self) -> dict[str, Any]:
        """The document that the content is."""
        found: dict[str, Any] = json.loads(self.content)
        return found


def add(tx: Transaction, new: PolicyRecord) -> None:
    """Add a version of a policy; raises ``PreconditionFailed`` if there is one of that number already."""
    row = {
        "id": new.id,
        "version": new.version,
        "commissioner_id": new.commissioner,
        "created_at": new.created_at,
        "body": new.content.model_dump(mode="json"),
        "recorded_at": new.recorded_at,
        "recorded_by": new.recorded_by,
    }
    try:
        tx.connection.execute(insert(policy).values(row))
    except IntegrityError as error:
        if "pk_policy" in str(error.orig):
            raise stale() from error
        raise
    tx.noted.row("policy", row)


def get(tx: Transaction, policy_id: UUID, version: int | None = None) -> PolicyRecord:
    """The policy in a version, or in its newest; raises ``NotFound`` unless it is the caller's."""
    query = select(policy).where(policy.c.id == policy_id)
    if version is not None:
        query = query.where(policy.c.version == version)
    row = tx.connection.execute(query.order_by(policy.c.version.desc()).limit(1)).one_or_none()
    if row is None:
        raise not_found()
    return _policy(row)


def page(tx: Transaction, *, after: Key | None, limit: int) -> Slice[PolicyRecord, Key]:
    """The caller's policies in their newest versions, oldest first."""
    newest = select(policy).ext(distinct_on(policy.c.id)).order_by(policy.c.id, policy.c.version.desc()).subquery()
    return keyset_page(tx, select(newest), newest, after, limit=limit, value=_policy)


def versions(tx: Transaction, policy_id: UUID, *, after: str | None, limit: int) -> Slice[PolicyRecord, str]:
    """The versions of a policy, oldest first; raises ``NotFound``. ``after`` is the number of one, as text."""
    query = select(policy).where(policy.c.id == policy_id).order_by(policy.c.version).limit(limit + 1)
    if after is None:
        get(tx, policy_id)
    else:
        query = query.where(policy.c.version > int(after))
    rows = tx.connection.execute(query).all()
    found = tuple(_policy(row) for row in rows[:limit])
    return Slice(found, str(found[-1].version) if len(rows) > limit else None)


def add_check(tx: Transaction, new: CheckRecord, determination: bytes) -> None:
    """Add a check, with the canonical bytes of the determination that it used."""
    row = {
        "id": new.id,
        "commissioner_id": new.commissioner,
        "policy_id": new.policy,
        "policy_version": new.policy_version,
        "assessment_id": new.assessment,
        "service_id": new.service,
        "repeats": new.repeats,
        "created_at": new.created_at,
        "checked_by": new.checked_by,
        "sha256": new.sha256,
        "signature": new.signature,
        "content": new.content,
        "determination": determination,
    }
    tx.connection.execute(insert(policy_check).values(row))
    tx.noted.row("policy_check", row)


def get_check(tx: Transaction, check_id: UUID) -> CheckRecord:
    """The check; raises ``NotFound`` unless it is the caller's."""
    row = tx.connection.execute(_checks().where(policy_check.c.id == check_id)).one_or_none()
    if row is None:
        raise not_found()
    return _check(row)


def determination(tx: Transaction, check_id: UUID) -> bytes:
    """The canonical bytes of the determination that a check used; raises ``NotFound`` unless it is the caller's."""
    found = tx.connection.scalar(select(policy_check.c.determination).where(policy_check.c.id == check_id))
    if found is None:
        raise not_found()
    return bytes(found)


def page_of_checks(
    tx: Transaction,
    *,
    after: Key | None,
    limit: int,
    policy_id: UUID | None = None,
    service: UUID | None = None,
    assessment: UUID | None = None,
) -> Slice[CheckRecord, Key]:
    """The caller's checks, with one policy, of one service or assessment or all, oldest first."""
    query = _checks()
    if policy_id is not None:
        query = query.where(policy_check.c.policy_id == policy_id)
    if service is not None:
        query = query.where(policy_check.c.service_id == service)
    if assessment is not None:
        query = query.where(policy_check.c.assessment_id == assessment)
    return keyset_page(tx, query, policy_check, after, limit=limit, value=_check)


def _checks() -> Select[Any]:
    return select(*[column for column in policy_check.c if column.name != "determination"])


def _policy(row: Row[Any]) -> PolicyRecord:
    return PolicyRecord(
        id=row.id,
        version=row.version,
        commissioner=row.commissioner_id,
        created_at=row.created_at,
        content=Policy.model_validate(row.body),
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
    )


def _check(row: Row[Any]) -> CheckRecord:
    return CheckRecord(
        id=row.id,
        commissioner=row.commissioner_id,
        policy=row.policy_id,
        policy_version=row.policy_version,
        assessment=row.assessment_id,
        service=row.service_id,
        repeats=row.repeats,
        created_at=row.created_at,
        checked_by=row.checked_by,
        sha256=row.sha256,
        signature=row.signature,
        content=bytes(row.content),
    )
