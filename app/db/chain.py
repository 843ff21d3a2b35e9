"""The audit log's chain: every entry is bound to the one before it and to the rows that were recorded with it.

An entry's hash is the SHA-256 of the hash before it (of nothing: 32 zero bytes) followed by the entry's canonical
bytes (RFC 8785) with its number. In it are the hashes of the rows of the record that it tells of, so that neither an
entry nor a row can be changed, taken out, put in or moved without breaking what follows. These forms never change:
what was recorded has to be provable for ever (docs/record.md).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, text, update

from app.db.proven import plain, row_hash, row_key
from app.db.tables import audit_event, audit_head
from app.engine.canonical import canonical_bytes

BEGINNING: Final = bytes(32)
_TAKE_HEAD = text(
    "INSERT INTO audit_head (one, seq, hash) VALUES (true, 0, :beginning)"
    " ON CONFLICT (one) DO UPDATE SET seq = audit_head.seq RETURNING seq, hash"
)
_MOVE_HEAD: Final = update(audit_head).values(seq=bindparam("last_seq"), hash=bindparam("last_hash"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the audit log before it has its number; ``rows`` are the hashes of rows, by table and id."""

    id: UUID
    at: datetime
    organisation: UUID
    actor: UUID
    request_id: str
    action: str
    subject: str
    detail: Mapping[str, str | int]
    rows: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Noted:
    """What a transaction has done so far: entries, and hashes of rows that no entry tells of yet."""

    entries: list[Entry] = field(default_factory=list)
    rows: dict[str, str] = field(default_factory=dict)

    def row(self, table: str, row: Mapping[str, Any]) -> None:
        """Note a row that is being recorded; the next entry tells of it."""
        self.rows[row_key(table, row)] = row_hash(table, row)

    def take_rows(self) -> dict[str, str]:
        """The rows noted since the last entry, which are from now on that of the caller."""
        taken = dict(self.rows)
        self.rows.clear()
        return taken


def next_hash(before: bytes, seq: int, entry: Entry) -> bytes:
    """The hash of the entry with this number, which follows an entry with the hash ``before``."""
    content = {
        "seq": seq,
        "id": str(entry.id),
        "at": plain(entry.at),
        "organisation": str(entry.organisation),
        "actor": str(entry.actor),
        "request_id": entry.request_id,
        "action": entry.action,
        "subject": entry.subject,
        "detail": dict(entry.detail),
        "rows": dict(entry.rows),
    }
    return hashlib.sha256(before + canonical_bytes(content)).digest()


def seal(connection: Connection, noted: Noted) -> None:
    """Add what was noted to the log; do it last, as other writers wait from here until the commit.

    Raises ``RuntimeError`` for a change of the record that no entry tells of, which must not be kept.
    """
    if noted.rows:
        raise RuntimeError(f"recorded without an entry in the audit log: {', '.join(noted.rows)}")
    add_entries(connection, noted)


def add_entries(connection: Connection, noted: Noted) -> None:
    """Add the entries noted so far to the log; rows that none of them tells of are left to the next one."""
    if not noted.entries:
        return
    seq, last = connection.execute(_TAKE_HEAD, {"beginning": BEGINNING}).one()
    rows = []
    for entry in noted.entries:
        seq, last = seq + 1, next_hash(last, seq + 1, entry)
        rows.append(_row(seq, last, entry))
    connection.execute(insert(audit_event), rows)
    connection.execute(_MOVE_HEAD, {"last_seq": seq, "last_hash": last})
    noted.entries.clear()


def _row(seq: int, own: bytes, entry: Entry) -> dict[str, object]:
    return {
        "seq": seq,
        "hash": own,
        "id": entry.id,
        "at": entry.at,
        "organisation_id": entry.organisation,
        "actor": entry.actor,
        "request_id": entry.request_id,
        "action": entry.action,
        "subject": entry.subject,
        "detail": dict(entry.detail),
        "rows": dict(entry.rows),
    }
