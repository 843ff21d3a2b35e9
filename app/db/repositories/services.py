"""Services of providers, each with the newest version of what it says of itself."""

from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, insert, select, true

from app.db.repositories.facts import Subject
from app.db.repositories.pages import keyset_page
from app.db.session import Transaction
from app.db.tables import fact, service, service_area, service_clock
from app.db.values import Area, Key, ServiceRecord, Slice, not_found
from app.engine.pack import Service

KEY = "service"  # the key of the one fact of kind "service" that a service has
NOWHERE: Final = Area()


def get(tx: Transaction, service_id: UUID) -> ServiceRecord:
    """The service; raises ``NotFound`` unless the caller may see it."""
    row = tx.connection.execute(_one(), {"wanted": service_id}).one_or_none()
    if row is None:
        raise not_found()
    return _record(row)


def page(tx: Transaction, *, after: Key | None, limit: int, within: Area = NOWHERE) -> Slice[ServiceRecord, Key]:
    """The services that the caller may see, oldest first: those that have everything that ``within`` names."""
    query = _query()
    for name in ("regions", "local_authorities", "programme_types"):
        wanted = getattr(within, name)
        if wanted:
            query = query.where(_newest_area.c[name].contains(list(wanted)))
    return keyset_page(tx, query, service, after, limit=limit, value=_record)


def add(tx: Transaction, subject: Subject) -> None:
    """Add a service, about which nothing is recorded yet."""
    row = {"id": subject.service, "provider_id": subject.provider, "created_at": tx.now}
    tx.noted.row("service", row)
    tx.connection.execute(insert(service).values(row))
    tx.connection.execute(insert(service_clock).values(service_id=subject.service, at=tx.now))


def add_area(tx: Transaction, subject: Subject, area: Area, version: int, at: datetime) -> None:
    """Record where a service works; ``version`` is one above the newest."""
    row = {
        "service_id": subject.service,
        "provider_id": subject.provider,
        "version": version,
        "regions": list(area.regions),
        "local_authorities": list(area.local_authorities),
        "programme_types": list(area.programme_types),
        "recorded_at": at,
        "recorded_by": tx.actor.user,
        "request_id": tx.request_id,
    }
    tx.connection.execute(insert(service_area).values(row))
    tx.noted.row("service_area", row)


def area_at(tx: Transaction, service_id: UUID, known_at: datetime | None) -> Area:
    """Where the service worked as known at an instant (``None``: now), as far as the caller may know."""
    columns = (service_area.c.regions, service_area.c.local_authorities, service_area.c.programme_types)
    query = select(*columns).where(service_area.c.service_id == service_id)
    if known_at is not None:
        query = query.where(service_area.c.recorded_at <= known_at)
    row = tx.connection.execute(query.order_by(service_area.c.version.desc()).limit(1)).one_or_none()
    return NOWHERE if row is None else Area(*map(tuple, row))


_newest = (
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
_newest_area = (
    select(
        service_area.c.version.label("area_version"),
        service_area.c.regions,
        service_area.c.local_authorities,
        service_area.c.programme_types,
    )
    .where(service_area.c.service_id == service.c.id)
    .order_by(service_area.c.version.desc())
    .limit(1)
    .lateral("newest_area")
)


@cache
def _query() -> Select[Any]:
    columns = (service.c.id, service.c.provider_id, service.c.created_at)
    newest = (_newest.c.version, _newest.c.recorded_at, _newest.c.body)
    joined = select(*columns, *newest, *_newest_area.c).join_from(service, _newest, true())
    return joined.join(_newest_area, true())


@cache
def _one() -> Select[Any]:
    return _query().where(service.c.id == bindparam("wanted"))


def _record(row: Row[Any]) -> ServiceRecord:
    return ServiceRecord(
        id=row.id,
        provider=row.provider_id,
        created_at=row.created_at,
        version=row.version,
        etag=f"{row.version}-{row.area_version}",
        recorded_at=row.recorded_at,
        service=Service.model_validate(row.body),
        area=Area(tuple(row.regions), tuple(row.local_authorities), tuple(row.programme_types)),
        area_version=row.area_version,
    )
