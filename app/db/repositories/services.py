"""Services of providers, each with the newest version of what it says of itself."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, insert, select, true

from app.db.repositories.facts import Subject
from app.db.repositories.pages import keyset_page
from app.db.session import Transaction
from app.db.tables import fact, service, service_clock
from app.db.values import Key, ServiceRecord, Slice, not_found
from app.engine.pack import Service

KEY = "service"  # the key of the one fact of kind "service" that a service has


def get(tx: Transaction, service_id: UUID) -> ServiceRecord:
    """The service; raises ``NotFound`` unless the caller may see it."""
    row = tx.connection.execute(_query().where(service.c.id == service_id)).one_or_none()
    if row is None:
        raise not_found()
    return _record(row)


def page(tx: Transaction, *, after: Key | None, limit: int) -> Slice[ServiceRecord, Key]:
    """The services that the caller may see, oldest first."""
    return keyset_page(tx, _query(), service, after, limit=limit, value=_record)


def add(tx: Transaction, subject: Subject) -> None:
    """Add a service, about which nothing is recorded yet."""
    row = {"id": subject.service, "provider_id": subject.provider, "created_at": tx.now}
    tx.noted.row("service", row)
    tx.connection.execute(insert(service).values(row))
    tx.connection.execute(insert(service_clock).values(service_id=subject.service, at=tx.now))


def _query() -> Select[Any]:
    newest = (
        select(fact.c.version, fact.c.recorded_at, fact.c.body)
        .where(
            fact.c.service_id == service.c.id,
            fact.c.assessment_id.is_(None),
            fact.c.kind == "service",
            fact.c.key == KEY,
        )
        .order_by(fact.c.version.desc())
        .limit(1)
        .lateral("newest")
    )
    columns = (service.c.id, service.c.provider_id, service.c.created_at)
    return select(*columns, newest.c.version, newest.c.recorded_at, newest.c.body).join_from(service, newest, true())


def _record(row: Row[Any]) -> ServiceRecord:
    return ServiceRecord(
        id=row.id,
        provider=row.provider_id,
        created_at=row.created_at,
        version=row.version,
        etag=str(row.version),
        recorded_at=row.recorded_at,
        service=Service.model_validate(row.body),
    )
