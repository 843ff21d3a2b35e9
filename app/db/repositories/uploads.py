"""What was uploaded for a provider, and what became of it; the content itself lies in the object store.

Rows are only added: what an upload is now follows from its events, in their order.
"""

from collections.abc import Collection, Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Text, Uuid, cast, func, insert, literal, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, distinct_on

from app.db.repositories.facts import Subject
from app.db.session import Transaction, alone
from app.db.tables import fact, upload, upload_event
from app.db.values import STATE_AFTER, NewUpload, Slice, Upload, UploadEvent, UploadEventKind, not_found


def lock(tx: Transaction, provider: UUID, sha256: str) -> None:
    """Wait for whoever changes this upload now, so that events are numbered without gaps."""
    alone(tx, f"{provider} {sha256}")


def find(tx: Transaction, provider: UUID, sha256: str) -> Upload | None:
    """The upload, if the caller may see it."""
    if "\0" in sha256:
        return None
    row = tx.connection.execute(_query().where(upload.c.provider_id == provider, upload.c.sha256 == sha256)).first()
    return None if row is None else _upload(row)


def get(tx: Transaction, provider: UUID, sha256: str) -> Upload:
    """The upload; raises ``NotFound`` unless the caller may see it."""
    found = find(tx, provider, sha256)
    if found is None:
        raise not_found()
    return found


def among(tx: Transaction, wanted: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], Upload]:
    """The uploads of these providers with these hashes that the caller may see; what there is none of is left out."""
    # As two lists, so that it is one statement however many there are.
    providers, hashes = (
        literal([item[0] for item in wanted], ARRAY(Uuid)),
        literal([item[1] for item in wanted], ARRAY(Text)),
    )
    query = _query().where(
        tuple_(upload.c.provider_id, upload.c.sha256).in_(select(func.unnest(providers), func.unnest(hashes)))
    )
    return {(row.provider_id, row.sha256): _upload(row) for row in tx.connection.execute(query)}


def page(tx: Transaction, provider: UUID, *, after: str | None, limit: int) -> Slice[Upload, str]:
    """The uploads of a provider in the order of their hashes."""
    query = _query().where(upload.c.provider_id == provider)
    if after is not None:
        query = query.where(upload.c.sha256 > after)
    rows = tx.connection.execute(query.order_by(upload.c.sha256).limit(limit + 1)).all()
    found = tuple(_upload(row) for row in rows[:limit])
    return Slice(found, found[-1].sha256 if len(rows) > limit else None)


def after(tx: Transaction, last: tuple[UUID, str] | None, limit: int) -> list[Upload]:
    """The next uploads of all providers, for checks that go through them all."""
    query = _query()
    if last is not None:
        query = query.where(func.row(upload.c.provider_id, upload.c.sha256) > func.row(*last))
    rows = tx.connection.execute(query.order_by(upload.c.provider_id, upload.c.sha256).limit(limit))
    return [_upload(row) for row in rows]


def add(tx: Transaction, provider: UUID, new: NewUpload) -> None:
    """Add an upload that was never there, about which nothing is recorded yet."""
    row = {
        "provider_id": provider,
        "sha256": new.sha256,
        "size": new.size,
        "media_type": new.media_type,
        "scan": new.scan,
        "uploaded_at": tx.now,
        "uploaded_by": tx.actor.user,
        "request_id": tx.request_id,
    }
    tx.connection.execute(insert(upload).values(row))
    tx.noted.row("upload", row)


def note(tx: Transaction, provider: UUID, sha256: str, kind: UploadEventKind, reason: str = "") -> None:
    """Record what became of an upload; its lock is the caller's."""
    last = select(func.max(upload_event.c.number)).where(
        upload_event.c.provider_id == provider, upload_event.c.sha256 == sha256
    )
    row = {
        "provider_id": provider,
        "sha256": sha256,
        "number": (tx.connection.scalar(last) or 0) + 1,
        "kind": kind,
        "reason": reason,
        "at": tx.now,
        "actor": tx.actor.user,
        "request_id": tx.request_id,
    }
    tx.connection.execute(insert(upload_event).values(row))
    tx.noted.row("upload_event", row)


def linked(tx: Transaction, subject: Subject, documents: Sequence[str]) -> frozenset[str]:
    """Those of the documents that a response links which the caller may see; the rule is in the database."""
    if not documents:
        return frozenset()
    named = func.unnest(cast(list(documents), ARRAY(Text))).column_valued("document")
    found = select(named).where(func.safonau_linked(subject.service, named))
    return frozenset(tx.connection.scalars(found))


def last_wanted(tx: Transaction, found: Upload) -> date | None:
    """The last day on which somebody wanted this content; ``None`` while a document with it still stands.

    That is when the last document with it was withdrawn or, where that is later or there never was one, when it was
    last stored.
    """
    newest = (
        select(fact.c.service_id, fact.c.key, fact.c.body)
        .where(fact.c.kind == "document", fact.c.body["sha256"].astext == found.sha256)
        .ext(distinct_on(fact.c.service_id, fact.c.key))
        .order_by(fact.c.service_id, fact.c.key, fact.c.version.desc())
        .subquery()
    )
    held = func.safonau_holder(newest.c.service_id, newest.c.key) == found.provider
    withdrawn = tx.connection.scalars(select(newest.c.body["withdrawn_on"].astext).where(held)).all()
    if None in withdrawn:
        return None
    stored = max(event.at.date() for event in found.events if event.kind == "stored")
    return max([stored, *map(date.fromisoformat, withdrawn)])


def only_one(tx: Transaction, what: str) -> bool:
    """Whether this transaction is the only one, of any process, that does ``what`` until it ends."""
    query = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:what, 0))")
    return bool(tx.connection.scalar(query, {"what": what}))


@cache
def _query() -> Select[Any]:
    e = upload_event.c
    parts = func.jsonb_build_array(e.number, e.kind, e.reason, e.at, e.actor)
    events = (
        select(func.jsonb_agg(aggregate_order_by(parts, e.number)))
        .where(e.provider_id == upload.c.provider_id, e.sha256 == upload.c.sha256)
        .scalar_subquery()
        .label("events")
    )
    return select(upload, events)


def _upload(row: Row[Any]) -> Upload:
    events = tuple(UploadEvent.read(parts) for parts in row.events or ())
    return Upload(
        provider=row.provider_id,
        sha256=row.sha256,
        size=row.size,
        media_type=row.media_type,
        scan=row.scan,
        uploaded_at=row.uploaded_at,
        uploaded_by=row.uploaded_by,
        state=[STATE_AFTER[event.kind] for event in events if event.kind in STATE_AFTER][-1],
        legal_hold=([event.kind for event in events if event.kind.startswith("hold_")] or ["hold_lifted"])[-1]
        == "hold_set",
        acknowledged=any(event.kind == "acknowledged" for event in events),
        events=events,
        etag=str(len(events)),
    )
