"""Backups: every table as it was at one instant, and every file of evidence, in one tar file with a manifest of hashes.

Rows travel as the text of PostgreSQL's COPY, so a backup can be restored by another PostgreSQL on another machine; no
program but this one is needed. It is the owner of the tables who reads and writes them (docs/record.md).
"""

import hashlib
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Literal
from uuid import UUID

import psycopg
from psycopg import IsolationLevel, sql

from app.db import migrate
from app.db.address import conninfo
from app.db.integrity import Head, verify
from app.db.tables import metadata
from app.engine.values import Frozen
from app.errors import BadInput, Conflict, NotFound

MANIFEST = "manifest.json"
_CHUNK = 1024 * 1024
_MOST_MANIFEST_BYTES = 256 * 1024 * 1024
# Those that were neither purged nor shredded since they were last stored.
_KEPT_FILES = """
SELECT provider_id, sha256 FROM upload WHERE coalesce((
    SELECT kind FROM upload_event AS later
    WHERE later.provider_id = upload.provider_id AND later.sha256 = upload.sha256
    AND kind IN ('stored', 'purged', 'shredded') ORDER BY number DESC LIMIT 1
), 'stored') = 'stored' ORDER BY provider_id, sha256
"""
_SOUND = "it is damaged, or no backup of Safonau; take another one"


class TableContent(Frozen):
    """One table of a backup: which columns its rows have, in which order, and how many rows there are."""

    name: str
    columns: tuple[str, ...]
    rows: int


class Manifest(Frozen):
    """What is in a backup: ``head`` is that of the audit log, ``tables`` are in the order to fill them in.

    ``lacking`` are files that should have been in the object store and were not, or not as they had been uploaded.
    """

    format: Literal["safonau/backup/1"]
    made_at: str
    revision: str
    head: str
    tables: tuple[TableContent, ...]
    sha256: dict[str, str]
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Archive:
    """A backup whose every byte was compared with its manifest."""

    tar: tarfile.TarFile
    manifest: Manifest

    def content(self, name: str) -> IO[bytes]:
        """What lies under a name of the manifest."""
        found = self.tar.extractfile(name)
        if found is None:
            raise BadInput("the backup cannot be read", hint=_SOUND)
        return found

    def files(self) -> Iterator[tuple[UUID, str, IO[bytes]]]:
        """The files of evidence: the provider, the SHA-256, and the content."""
        for name in self.manifest.sha256:
            folder, _, place = name.partition("/")
            if folder == "files":
                provider, _, sha256 = place.partition("/")
                yield UUID(provider), sha256, self.content(name)


def write(owner_url: str, out: IO[bytes], read: Callable[[UUID, str], Iterable[bytes]], made_at: datetime) -> Manifest:
    """Write a backup to ``out``; ``read`` gives a provider's file by its SHA-256, or raises ``NotFound``.

    The tables are read in one snapshot while the service goes on, the files after that: what a row of the snapshot
    names is there, unless it was shredded meanwhile. Raises ``Unavailable`` where the role does not see every row.
    """
    hashes: dict[str, str] = {}
    tables = []
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as tar:
        with psycopg.connect(conninfo(owner_url)) as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            head, revision = verify(connection).head, _revision(connection)
            for name in (table.name for table in metadata.sorted_tables):
                columns, rows = _columns(connection, name), 0
                with connection.cursor() as cursor:
                    with cursor.copy(_copy(name, columns, "TO STDOUT")) as copied:
                        member = f"tables/{name}"
                        hashes[member] = _add(tar, member, (bytes(piece) for piece in copied), made_at)
                    rows = cursor.rowcount
                tables.append(TableContent(name=name, columns=columns, rows=rows))
            kept = connection.execute(_KEPT_FILES).fetchall()
        lacking = []
        for provider, sha256 in kept:
            name = f"files/{provider}/{sha256}"
            try:
                hashes[name] = _add(tar, name, read(provider, sha256), made_at)
            except NotFound:
                lacking.append(name)
            else:
                lacking += [name] * (hashes[name] != sha256)
        manifest = Manifest(
            format="safonau/backup/1",
            made_at=made_at.isoformat(),
            revision=revision or "",
            head=str(head),
            tables=tuple(tables),
            sha256=hashes,
            lacking=tuple(lacking),
        )
        _add(tar, MANIFEST, (manifest.model_dump_json(indent=1).encode(),), made_at)
    return manifest


def opened(tar: tarfile.TarFile) -> Archive:
    """Compare everything in a backup with its manifest; raises ``BadInput`` for one that is damaged or none at all."""
    found: dict[str, str] = {}
    written = b""
    try:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() else None
            if content is None or member.name in found or (member.name == MANIFEST and written):
                raise BadInput(f"the backup cannot be read: {member.name} is not expected", hint=_SOUND)
            if member.name == MANIFEST:
                written = content.read(_MOST_MANIFEST_BYTES)
            else:
                found[member.name] = _hash(content)
        manifest = Manifest.model_validate_json(written)
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as error:
        raise BadInput("the backup cannot be read", hint=_SOUND) from error
    if found != manifest.sha256 or any(f"tables/{table.name}" not in found for table in manifest.tables):
        names = sorted(name for name in found | manifest.sha256 if found.get(name) != manifest.sha256.get(name))
        raise BadInput(f"the backup is not as it was written: {', '.join(names[:5])}", hint=_SOUND)
    return Archive(tar, manifest)


def refuse_used(owner_url: str, manifest: Manifest) -> None:
    """Raise ``Conflict`` unless the database is new, or has the backup's schema and not one row."""
    with psycopg.connect(conninfo(owner_url)) as connection:
        tables = {
            name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        } - {migrate.VERSION_TABLE}
        used = bool(tables) and _revision(connection) != manifest.revision
        for name in tables if not used else ():
            query = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(name))
            used = used or connection.execute(query).fetchone() != (False,)
    if used:
        raise Conflict(
            "There is something in the database already; nothing was restored.",
            hint="Restore into a new database or into a data folder of its own.",
        )


def load(owner_url: str, archive: Archive, expected: Head | None) -> None:
    """Bring the backup's schema and rows into a database that ``refuse_used`` let pass, then the newest schema.

    No row is kept unless the audit log proves them all, ends as the manifest says, and goes on from ``expected``:
    ``BadInput`` says what was found.
    """
    migrate.upgrade(owner_url, archive.manifest.revision)
    with psycopg.connect(conninfo(owner_url)) as connection:
        for table in archive.manifest.tables:
            _fill(connection, table, archive.content(f"tables/{table.name}"))
        found = verify(connection, expected, revision=archive.manifest.revision)
        findings = found.findings
        if str(found.head) != archive.manifest.head:
            findings = (*findings, f"the head is {found.head}, and the manifest says {archive.manifest.head}")
        if findings:
            raise BadInput(f"the backup is not proven by its audit log: {'; '.join(findings)}", hint=_SOUND)
    migrate.upgrade(owner_url)


def _fill(connection: psycopg.Connection[Any], table: TableContent, content: IO[bytes]) -> None:
    name = sql.Identifier(table.name)
    # COPY cannot work under policies, and only the owner is here. What triggers would add is in the backup itself.
    connection.execute(sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(name))
    connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(name))
    with connection.cursor() as cursor, cursor.copy(_copy(table.name, table.columns, "FROM STDIN")) as copied:
        while piece := content.read(_CHUNK):
            copied.write(piece)
    connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(name))
    connection.execute(sql.SQL("ALTER TABLE {} FORCE ROW LEVEL SECURITY").format(name))


def _copy(table: str, columns: tuple[str, ...], direction: Literal["TO STDOUT", "FROM STDIN"]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) {}").format(sql.Identifier(table), names, sql.SQL(direction))


def _revision(connection: psycopg.Connection[Any]) -> str | None:
    there = connection.execute("SELECT to_regclass(%s)", [f"public.{migrate.VERSION_TABLE}"]).fetchone()
    if there is None or there[0] is None:
        return None
    found = connection.execute("SELECT version_num FROM public.alembic_version").fetchone()
    return None if found is None else str(found[0])


def _columns(connection: psycopg.Connection[Any], table: str) -> tuple[str, ...]:
    query = (
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' ORDER BY attnum"
    )
    return tuple(name for (name,) in connection.execute(query, [f"public.{table}"]))


def _hash(content: IO[bytes]) -> str:
    found = hashlib.sha256()
    while piece := content.read(_CHUNK):
        found.update(piece)
    return found.hexdigest()


def _add(tar: tarfile.TarFile, name: str, content: Iterable[bytes], made_at: datetime) -> str:
    """Add a file, through a temporary one as its length stands before it, and give its hash."""
    found = hashlib.sha256()
    with tempfile.TemporaryFile() as held:
        for piece in content:
            found.update(piece)
            held.write(piece)
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime, entry.mode = held.tell(), int(made_at.timestamp()), 0o600
        held.seek(0)
        tar.addfile(entry, held)
    return found.hexdigest()
