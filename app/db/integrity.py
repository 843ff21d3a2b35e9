"""Whether the audit log and the record are as they were written: every link of the chain, every row that it proves.

This is read by the owner of the tables, who sees every row, in one snapshot.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from app.db.chain import BEGINNING, PROVEN, Entry, next_hash, row_hash
from app.errors import BadInput, Unavailable

# More would tell no more: whoever meddled with so many places meddled.
MOST_FINDINGS = 100
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry: its number, 0 where there is none, and its hash. Kept elsewhere it anchors the log."""

    seq: int
    hash: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``SEQ:HASH``; raises ``BadInput``."""
        seq, _, digits = text.partition(":")
        try:
            head = cls(int(seq), bytes.fromhex(digits))
        except ValueError:
            head = cls(-1, b"")
        if head.seq < 0 or len(head.hash) != len(BEGINNING):
            hint = "write it as it was printed: a number, a colon and 64 hexadecimal digits"
            raise BadInput(f"{text!r} is not the head of an audit log", hint=hint)
        return head

    def __str__(self) -> str:
        """Give the form that ``parse`` reads."""
        return f"{self.seq}:{self.hash.hex()}"


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found wrong, a sentence each and the oldest first, and the head as the entries themselves give it."""

    head: Head
    findings: tuple[str, ...]


def verify(connection: psycopg.Connection[Any], expected: Head | None = None) -> Verified:
    """Check every entry and every row that entries prove; ``expected`` is a head that was printed earlier.

    Without it, entries cut off the end together with all that they tell of cannot be missed. Call it in a transaction
    of the owner at the isolation level REPEATABLE READ. At most ``MOST_FINDINGS`` are given. Raises ``Unavailable``
    for a role that does not see every row.
    """
    _require_owner(connection)
    log = _Log(expected)
    for row in _rows(connection, sql.SQL("SELECT * FROM audit_event ORDER BY seq")):
        log.read(row)
    log.end(connection.execute("SELECT seq, hash FROM audit_head").fetchone())
    for table in PROVEN:
        log.findings += _of_rows(connection, table)
        log.findings += _gone(connection, table)
    return Verified(log.head, tuple(log.findings[:MOST_FINDINGS]))


class _Log:
    """The walk along the chain."""

    def __init__(self, expected: Head | None) -> None:
        self.head = Head(0, BEGINNING)
        self.findings: list[str] = []
        self._expected = expected if expected is None or expected.seq else None

    def read(self, row: dict[str, Any]) -> None:
        """Take the next entry, and go on from the hash that it has on record, so that each fault is found once."""
        seq, own = row["seq"], bytes(row["hash"])
        missing = range(self.head.seq + 1, seq)
        if missing:
            named = f"entry {missing[0]} is" if len(missing) == 1 else f"entries {missing[0]} to {missing[-1]} are"
            self._find(f"{named} missing")
        elif next_hash(self.head.hash, seq, _entry(row)) != own:
            self._find(f"entry {seq} was changed, or stands where another one stood")
        self.head = Head(seq, own)
        if self._expected is not None and seq == self._expected.seq:
            if own != self._expected.hash:
                self._find(f"entry {seq} has another hash than the one expected: the log was written anew")
            self._expected = None

    def end(self, kept: tuple[int, bytes] | None) -> None:
        """Compare the last entry with the head on record and with the one expected."""
        if self._expected is not None:
            self._find(f"the log ends at entry {self.head.seq}; entry {self._expected.seq} is expected and missing")
        recorded = Head(0, BEGINNING) if kept is None else Head(kept[0], bytes(kept[1]))
        if recorded != self.head:
            self._find(f"the head on record is entry {recorded.seq}, and the last entry is {self.head.seq}")

    def _find(self, sentence: str) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(sentence)


def _of_rows(connection: psycopg.Connection[Any], table: str) -> list[str]:
    """Rows that no entry tells of, and rows that are not as they were recorded."""
    query = sql.SQL(
        "SELECT {table}.*, proof.value AS proof FROM {table} LEFT JOIN"
        " (SELECT one.key, one.value FROM audit_event, jsonb_each_text(rows) AS one WHERE one.key LIKE {prefix})"
        " AS proof ON proof.key = {start} || {table}.id ORDER BY {table}.id"
    ).format(table=sql.Identifier(table), prefix=sql.Literal(f"{table}/%"), start=sql.Literal(f"{table}/"))
    found = []
    for row in _rows(connection, query):
        if row["proof"] is None:
            found.append(f"{table} {row['id']} is on record, and no entry tells of it")
        elif row_hash(table, row) != row["proof"]:
            found.append(f"{table} {row['id']} is not as it was recorded")
        if len(found) == MOST_FINDINGS:
            break
    return found


def _gone(connection: psycopg.Connection[Any], table: str) -> list[str]:
    query = sql.SQL(
        "SELECT audit_event.seq, one.key FROM audit_event, jsonb_each_text(rows) AS one"
        " LEFT JOIN {table} ON {start} || {table}.id = one.key"
        " WHERE one.key LIKE {prefix} AND {table}.id IS NULL ORDER BY audit_event.seq, one.key LIMIT {most}"
    ).format(
        table=sql.Identifier(table),
        start=sql.Literal(f"{table}/"),
        prefix=sql.Literal(f"{table}/%"),
        most=sql.Literal(MOST_FINDINGS),
    )
    return [
        f"{row['key'].replace('/', ' ')} is gone; entry {row['seq']} tells of it" for row in _rows(connection, query)
    ]


def _rows(connection: psycopg.Connection[Any], query: sql.SQL | sql.Composed) -> Iterator[dict[str, Any]]:
    with connection.cursor("verify", row_factory=dict_row) as cursor:
        cursor.itersize = _BATCH
        cursor.execute(query)
        yield from cursor


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(
        id=row["id"],
        at=row["at"],
        organisation=row["organisation_id"],
        actor=row["actor"],
        request_id=row["request_id"],
        action=row["action"],
        subject=row["subject"],
        detail=row["detail"],
        rows=row["rows"],
    )


def _require_owner(connection: psycopg.Connection[Any]) -> None:
    query = "SELECT bool_and(pg_has_role(tableowner, 'USAGE')) FROM pg_tables WHERE schemaname = 'public'"
    found = connection.execute(query).fetchone()
    if found is None or not found[0]:
        message = (
            f"The database role '{connection.info.user}' does not own the tables, so it cannot read the whole record."
        )
        raise Unavailable(message, hint="Put the owner's address in MIGRATION_DATABASE_URL (docs/settings.md).")
