"""Whether the audit log and the record are as they were written: every link of the chain, every row that it proves.

This is read by the owner of the tables, who sees every row, in one snapshot.
"""

import contextlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Self

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from app.db.chain import BEGINNING, Entry, next_hash
from app.db.proven import PROVEN, proven_at, row_hash, row_key
from app.errors import BadInput, Unavailable

# More would tell no more: whoever meddled with so many places meddled.
MOST_FINDINGS = 100
_BATCH = 100
# What comes after every key.
_NO_ROW = ("\U0010ffff", "")
_NO_PROOF = (*_NO_ROW, 0)
# The newest hash of each row that an entry tells of.
_PROOFS = sql.SQL(
    'SELECT DISTINCT ON (key) one.key COLLATE "C" AS key, one.value, seq'
    " FROM audit_event, jsonb_each_text(rows) AS one ORDER BY key, seq DESC"
)


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


def verify(
    connection: psycopg.Connection[Any], expected: Head | None = None, *, revision: str | None = None
) -> Verified:
    """Check every entry and every row that entries prove; ``expected`` is a head that was printed earlier.

    Without it, entries cut off the end together with all that they tell of cannot be missed. Call it in a transaction
    of the owner at the isolation level REPEATABLE READ; ``revision`` is that of the database, where it is an older one.
    At most ``MOST_FINDINGS`` are given. Raises ``Unavailable`` for a role that does not see every row.
    """
    _require_owner(connection)
    log = _Log(expected)
    for row in _rows(connection, "log", sql.SQL("SELECT * FROM audit_event ORDER BY seq")):
        log.read(row)
    log.end(connection.execute("SELECT seq, hash FROM audit_head").fetchone())
    with contextlib.closing(_of_rows(connection, proven_at(revision))) as found:
        log.findings += islice(found, MOST_FINDINGS)
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


def _of_rows(connection: psycopg.Connection[Any], tables: tuple[str, ...]) -> Generator[str]:
    """Rows that no entry tells of, that are not as they were recorded, or that are gone, in the order of their keys.

    Rows and proofs come in one order, so that each is read once however many there are.
    """
    rows = (each for table in tables for each in _hashes(connection, table))
    proofs = ((each["key"], each["value"], each["seq"]) for each in _rows(connection, "proofs", _PROOFS))
    with contextlib.closing(rows), contextlib.closing(proofs):
        row, proof = next(rows, _NO_ROW), next(proofs, _NO_PROOF)
        while (row, proof) != (_NO_ROW, _NO_PROOF):
            if row[0] < proof[0]:
                yield f"{_named(row[0])} is on record, and no entry tells of it"
                row = next(rows, _NO_ROW)
            elif proof[0] < row[0]:
                yield f"{_named(proof[0])} is gone; entry {proof[2]} tells of it"
                proof = next(proofs, _NO_PROOF)
            else:
                if row[1] != proof[1]:
                    yield f"{_named(row[0])} is not as it was recorded"
                row, proof = next(rows, _NO_ROW), next(proofs, _NO_PROOF)


def _hashes(connection: psycopg.Connection[Any], table: str) -> Iterator[tuple[str, str]]:
    """The key and the hash of each row of a table, in the order of the keys."""
    proof = PROVEN[table]
    key = sql.SQL(" || '/' || ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in proof.key)
    columns = [sql.Identifier(name) for name in proof.columns]
    query = sql.SQL('SELECT {columns} FROM {table} ORDER BY ({key}) COLLATE "C"').format(
        columns=sql.SQL(", ").join(columns), table=sql.Identifier(table), key=key
    )
    return ((row_key(table, row), row_hash(table, row)) for row in _rows(connection, "rows", query))


def _named(key: str) -> str:
    return key.replace("/", " ", 1)


def _rows(connection: psycopg.Connection[Any], name: str, query: sql.SQL | sql.Composed) -> Iterator[dict[str, Any]]:
    with connection.cursor(name, row_factory=dict_row) as cursor:
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
