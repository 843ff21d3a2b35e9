"""Determinations as they were issued: added once and never changed, found by number, by hash, or in a list."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or

from app.db.repositories.pages import keyset_page
from app.db.session import Transaction
from app.db.tables import determination, determination_order, determination_pdf, determination_recipient
from app.db.values import Key, Slice, instant, not_found
from app.engine.rules import RuleSetRef


@dataclass(frozen=True, slots=True)
class IssuedRecord:
    """One issued determination without its content; ``superseded_by`` is what changes about it.

    ``sha256`` and ``signature`` are of the content, ``issued_sha256`` of the issued determination as a document.
    ``summary`` has what ``summary_of`` made of the content.
    """

    id: UUID
    number: str
    assessment: UUID
    service: UUID
    provider: UUID
    rule_set: RuleSetRef
    issued_to: tuple[UUID, ...]
    issued_by: UUID
    issued_at: datetime
    known_at: datetime
    supersedes: str | None
    superseded_by: str | None
    draft: bool
    sha256: str
    signature: str
    issued_sha256: str
    summary: dict[str, Any]

    @property
    def valid_through(self) -> date | None:
        """The last day through which it says what a determination of that day would say; ``None`` for ever."""
        last = self.summary["valid_through"]
        return None if last is None else date.fromisoformat(last)

    @property
    def about(self) -> dict[str, Any]:
        """What the issued determination, as a document, says of itself."""
        return {
            "number": self.number,
            "issued_at": instant(self.issued_at),
            "issued_by": str(self.issued_by),
            "known_at": instant(self.known_at),
            "supersedes": self.supersedes,
            "draft": self.draft,
            "sha256": self.sha256,
            "signature": self.signature,
        }


def summary_of(document: dict[str, Any]) -> dict[str, Any]:
    """What a list shows of a determination's document."""
    return {name: document[name] for name in ("service", "rule_set", "as_of", "valid_through", "status", "compliance")}


def add(tx: Transaction, new: IssuedRecord, content: bytes, place: int) -> None:
    """Add a determination as the one at ``place`` among those of its service and rule set, from 1."""
    row = {
        "id": new.id,
        "number": new.number,
        "assessment_id": new.assessment,
        "service_id": new.service,
        "provider_id": new.provider,
        "rule_set_id": new.rule_set.id,
        "rule_set_version": new.rule_set.version,
        "issued_to": list(new.issued_to),
        "issued_by": new.issued_by,
        "created_at": new.issued_at,
        "known_at": new.known_at,
        "supersedes": new.supersedes,
        "draft": new.draft,
        "sha256": new.sha256,
        "signature": new.signature,
        "issued_sha256": new.issued_sha256,
        "summary": new.summary,
        "content": content,
    }
    tx.connection.execute(insert(determination).values(row))
    tx.noted.row("determination", row)
    order = {"service_id": new.service, "rule_set_id": new.rule_set.id, "place": place, "number": new.number}
    tx.connection.execute(insert(determination_order).values(order))
    tx.noted.row("determination_order", order)


def issue_again(tx: Transaction, known: IssuedRecord, commissioners: Iterable[UUID]) -> tuple[UUID, ...]:
    """Keep that a determination that stands was issued to these too; gives those to whom it was not before."""
    added = []
    for commissioner in commissioners:
        row = {"number": known.number, "commissioner_id": commissioner}
        row |= {"added_at": tx.now, "added_by": tx.actor.user}
        add = insert_or(determination_recipient).values(row).on_conflict_do_nothing()
        # What is there of others cannot be seen, and so not be given back; it is counted.
        if tx.connection.execute(add.execution_options(preserve_rowcount=True)).rowcount:
            tx.noted.row("determination_recipient", row)
            added.append(commissioner)
    return tuple(added)


def last(tx: Transaction, service: UUID, rule_set: str) -> tuple[int, str | None]:
    """The place and number of the last one issued for a service under any version of a rule set; 0 for none."""
    order = determination_order.c
    row = tx.connection.execute(
        select(order.place, order.number)
        .where(order.service_id == service, order.rule_set_id == rule_set)
        .order_by(order.place.desc())
        .limit(1)
    ).one_or_none()
    return (0, None) if row is None else (row.place, row.number)


def find(tx: Transaction, number: str) -> IssuedRecord | None:
    """The determination of this number; ``None`` unless the caller may see it."""
    if "\0" in number:  # no text of PostgreSQL can hold it
        return None
    row = tx.connection.execute(_query().where(determination.c.number == number)).one_or_none()
    return None if row is None else _record(row)


def get(tx: Transaction, number: str) -> IssuedRecord:
    """The determination of this number; raises ``NotFound`` unless the caller may see it."""
    found = find(tx, number)
    if found is None:
        raise not_found()
    return found


def content(tx: Transaction, number: str) -> bytes:
    """The canonical bytes of a determination that the caller sees."""
    return bytes(tx.connection.scalars(select(determination.c.content).where(determination.c.number == number)).one())


def page(
    tx: Transaction,
    *,
    after: Key | None,
    limit: int,
    service: UUID | None = None,
    assessment: UUID | None = None,
) -> Slice[IssuedRecord, Key]:
    """The determinations that the caller may see, of one service or assessment or of all, in the order of issue."""
    query = _query()
    if service is not None:
        query = query.where(determination.c.service_id == service)
    if assessment is not None:
        query = query.where(determination.c.assessment_id == assessment)
    return keyset_page(tx, query, determination, after, limit=limit, value=_record)


def by_number(tx: Transaction, number: str) -> IssuedRecord | None:
    """The determination of this number, in a transaction of ``VERIFYING``."""
    tx.connection.execute(select(func.set_config("safonau.number", number, True)))  # noqa: FBT003  # SQL's own order
    return find(tx, number)


def by_hash(tx: Transaction, sha256: str) -> IssuedRecord | None:
    """The last determination that has this SHA-256, by its bytes, its document or a PDF of it; as ``by_number``."""
    tx.connection.execute(select(func.set_config("safonau.sha256", sha256, True)))  # noqa: FBT003  # SQL's own order
    same = (determination.c.sha256 == sha256) | (determination.c.issued_sha256 == sha256)
    query = select(determination.c.number).where(same).order_by(determination.c.created_at.desc()).limit(1)
    number = tx.connection.scalar(query)
    if number is None:
        number = tx.connection.scalar(select(determination_pdf.c.number).where(determination_pdf.c.sha256 == sha256))
    return None if number is None else by_number(tx, number)


def pdf(tx: Transaction, number: str, language: str) -> bytes | None:
    """The PDF of a determination that the caller sees, as it was first given out; ``None`` before that."""
    mine = (determination_pdf.c.number == number) & (determination_pdf.c.language == language)
    found = tx.connection.scalar(select(determination_pdf.c.content).where(mine))
    return None if found is None else bytes(found)


def keep_pdf(tx: Transaction, number: str, language: str, made: bytes, sha256: str) -> bool:
    """Keep a PDF unless there is one by now; whether this one is kept."""
    row = {"number": number, "language": language, "made_at": tx.now, "sha256": sha256, "content": made}
    added = insert_or(determination_pdf).values(row).on_conflict_do_nothing().returning(determination_pdf.c.number)
    kept = tx.connection.scalar(added) is not None
    if kept:
        tx.noted.row("determination_pdf", row)
    return kept


def document(content: bytes) -> dict[str, Any]:
    """The document that canonical bytes are."""
    found: dict[str, Any] = json.loads(content)
    return found


@cache
def _query() -> Select[Any]:
    mine, later = determination_order.alias("mine"), determination_order.alias("later")
    successor = (
        select(later.c.number)
        .join_from(mine, later, (later.c.service_id == mine.c.service_id) & (later.c.rule_set_id == mine.c.rule_set_id))
        .where(mine.c.number == determination.c.number, later.c.place == mine.c.place + 1)
        .scalar_subquery()
    )
    columns = [column for column in determination.c if column.name != "content"]
    return select(*columns, successor.label("superseded_by"))


def _record(row: Row[Any]) -> IssuedRecord:
    return IssuedRecord(
        id=row.id,
        number=row.number,
        assessment=row.assessment_id,
        service=row.service_id,
        provider=row.provider_id,
        rule_set=RuleSetRef(id=row.rule_set_id, version=row.rule_set_version),
        issued_to=tuple(row.issued_to),
        issued_by=row.issued_by,
        issued_at=row.created_at,
        known_at=row.known_at,
        supersedes=row.supersedes,
        superseded_by=row.superseded_by,
        draft=row.draft,
        sha256=row.sha256,
        signature=row.signature,
        issued_sha256=row.issued_sha256,
        summary=row.summary,
    )
