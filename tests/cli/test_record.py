"""Proving, backing up and restoring the record from the command line."""

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from app.clients.objects import ObjectStore
from app.db import migrate
from app.db.address import conninfo
from app.db.repositories import audit, uploads
from app.db.session import Database
from app.db.tables import metadata
from app.db.values import NewUpload
from tests.command import Run
from tests.conftest import DatabaseUrls, SetUps
from tests.services.world import World, accreditation, document, response
from tests.services.world import world as new_world

Content = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def world(database: DatabaseUrls, connected: Database, set_ups: SetUps) -> World:
    assert database.app_url
    return new_world(connected, set_ups)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[DatabaseUrls], None]:
    """Make a database that of the settings."""

    def use(urls: DatabaseUrls) -> None:
        monkeypatch.setenv("DATABASE_URL", urls.app_url)
        monkeypatch.setenv("MIGRATION_DATABASE_URL", urls.owner_url)

    return use


@pytest.fixture
def filled(world: World, database: DatabaseUrls, use: Callable[[DatabaseUrls], None]) -> DatabaseUrls:
    assessment = world.assessment()
    world.put_document(assessment.service, document(title="Polisi ŵ\t\\N"))
    world.put_accreditation(assessment.service, accreditation())
    world.put_response(assessment.id, response(documents=("doc-1",)))
    world.submit(assessment)
    use(database)
    return database


EVIDENCE = b"evidence\n" * 9


def _upload(world: World, content: bytes) -> str:
    """A file on record as uploaded; whether it is in the store is another matter."""
    found = hashlib.sha256(content).hexdigest()
    with world.tx(world.provider) as tx:
        uploads.add(tx, tx.actor.organisation, NewUpload(found, len(content), "text/plain", {}))
        audit.record(tx, "upload.stored", found)
    return found


def _content(urls: DatabaseUrls) -> Content:
    with psycopg.connect(conninfo(urls.owner_url)) as connection:
        tables = (sql.Identifier(name) for name in metadata.tables)
        every = sql.SQL("SELECT * FROM {} AS t ORDER BY t::text")
        return {table.as_string(): connection.execute(every.format(table)).fetchall() for table in tables}


def test_the_log_is_proven_and_its_head_printed(run: Run, filled: DatabaseUrls) -> None:
    ran = run("audit", "verify")
    assert (ran.code, ran.err) == (0, "")
    said, head = ran.out.decode().splitlines()
    assert said == "Every entry of the audit log and every row that it proves is as it was written."
    assert run("audit", "verify", "--expect", head).code == 0
    seq, _, digest = head.partition(":")
    cut = run("audit", "verify", "--expect", f"{int(seq) + 1}:{digest}")
    assert (cut.code, cut.out) == (3, b"")
    assert cut.err == f"safonau: the log ends at entry {seq}; entry {int(seq) + 1} is expected and missing\n"
    assert "'5' is not the head of an audit log" in run("audit", "verify", "--expect", "5").err
    with psycopg.connect(conninfo(filled.owner_url)) as owner:
        owner.execute("ALTER TABLE fact NO FORCE ROW LEVEL SECURITY")
        owner.execute("UPDATE fact SET body = '{}' WHERE kind = 'document'")
        owner.execute("ALTER TABLE fact FORCE ROW LEVEL SECURITY")
    meddled = run("audit", "verify")
    assert meddled.code == 3
    assert meddled.err.endswith(" is not as it was recorded\n")


def test_everything_comes_back_from_a_backup(  # fixtures
    run: Run,
    world: World,
    filled: DatabaseUrls,
    make_database: Callable[[], DatabaseUrls],
    use: Callable[[DatabaseUrls], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SAFONAU_DATA_DIR", str(Path("before").absolute()))
    ObjectStore.in_folder(Path("before/documents")).put(
        world.provider.organisation, _upload(world, EVIDENCE), io.BytesIO(EVIDENCE)
    )
    gone = _upload(world, b"gone")
    assert run("portfolio", "refresh").code == 0
    before = _content(filled)
    made = run("backup", "all.backup")
    missing = f"safonau: files/{world.provider.organisation}/{gone} is missing in the object store, or damaged there\n"
    assert (made.code, made.err) == (0, missing)
    head = made.out.decode().splitlines()[-1]
    assert Path("all.backup").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in Path().glob("*.backup*")] == ["all.backup"]
    assert "a backup never replaces another" in run("backup", "all.backup").err

    refused = run("restore", "all.backup")
    assert (refused.code, refused.out) == (2, b"")
    assert "There is something in the database already" in refused.err
    assert _content(filled) == before

    fresh = make_database()
    use(fresh)
    later = f"{int(head.partition(':')[0]) + 1}:{head.partition(':')[2]}"
    assert "is expected and missing" in run("restore", "all.backup", "--expect", later).err
    monkeypatch.setenv("SAFONAU_DATA_DIR", str(Path("after").absolute()))
    ran = run("restore", "all.backup", "--expect", head)
    [restored] = [path for path in Path("after/documents").rglob("*") if path.is_file()]
    assert restored.read_bytes() == EVIDENCE
    assert restored.relative_to("after") in [path.relative_to("before") for path in Path("before").rglob("*")]
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.decode().splitlines()[-1] == head
    assert _content(fresh) == before
    assert sum(map(len, before.values())) > 30
    assert migrate.is_current(fresh.app_url)
    assert run("audit", "verify", "--expect", head).code == 0
    assert run("restore", "all.backup").code == 2


def test_portfolios_are_worked_out_anew_from_the_record(run: Run, filled: DatabaseUrls) -> None:
    for _ in range(2):
        ran = run("portfolio", "refresh")
        assert (ran.code, ran.err) == (0, "")
        said = ran.out.decode().splitlines()[-1]
        assert re.fullmatch("Assessments worked out anew: 1; quarters of the sector counted again: [1-9][0-9]*.", said)
        with psycopg.connect(conninfo(filled.owner_url)) as owner:
            query = "SELECT service_name, computed = mark FROM portfolio"
            assert owner.execute(query).fetchall() == [("Group work", True)]
            assert owner.execute("SELECT bool_and(counted) FROM sector_quarter").fetchone() == (True,)
            owner.execute("UPDATE portfolio SET service_name = 'Meddled with'")


def _rewritten(change: Callable[[str, bytes], bytes]) -> None:
    with tarfile.open("all.backup") as tar, tarfile.open("other.backup", "w:gz") as out:
        for member in tar:
            content = tar.extractfile(member)
            assert content is not None
            changed = change(member.name, content.read())
            member.size = len(changed)
            out.addfile(member, io.BytesIO(changed))


@pytest.mark.usefixtures("filled")
def test_a_backup_that_is_not_as_it_was_written_is_refused_and_nothing_restored(
    run: Run, make_database: Callable[[], DatabaseUrls], use: Callable[[DatabaseUrls], None]
) -> None:
    run("backup", "all.backup")
    fresh = make_database()
    use(fresh)
    whole = Path("all.backup").read_bytes()
    for damaged in (b"", b"no backup", whole[: len(whole) // 2], whole[:2000] + b"\0\0\0" + whole[2003:]):
        Path("other.backup").write_bytes(damaged)
        ran = run("restore", "other.backup")
        assert (ran.code, ran.out) == (2, b"")
    assert run("restore", "missing.backup").code == 2

    _rewritten(lambda name, content: content.replace(b"doc-1", b"doc-2") if name == "tables/fact" else content)
    assert "the backup is not as it was written: tables/fact" in run("restore", "other.backup").err
    assert not migrate.is_current(fresh.app_url)

    # Who writes the manifest anew as well meets the audit log.
    hashes: dict[str, str] = {}

    def forged(name: str, content: bytes) -> bytes:
        if name == "manifest.json":
            manifest = json.loads(content)
            manifest["sha256"] |= hashes
            return json.dumps(manifest).encode()
        changed = content.replace(b"doc-1", b"doc-2") if name == "tables/fact" else content
        hashes[name] = hashlib.sha256(changed).hexdigest()
        return changed

    _rewritten(forged)
    refused = run("restore", "other.backup")
    assert "the backup is not proven by its audit log: fact " in refused.err
    assert set(map(len, _content(fresh).values())) == {0}
    assert run("restore", "all.backup").code == 0


@pytest.mark.usefixtures("filled")
def test_only_the_owner_of_the_tables_can_prove_or_back_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIGRATION_DATABASE_URL")
    for command in (("audit", "verify"), ("backup", "all.backup")):
        ran = run(*command)
        assert ran.code == 1
        assert "does not own the tables, so it cannot read the whole record" in ran.err
    assert not list(Path().glob("*.backup*"))


def test_what_has_no_schema_or_no_database_is_said_to_have_none(
    run: Run, make_database: Callable[[], DatabaseUrls], use: Callable[[DatabaseUrls], None], tmp_path: Path
) -> None:
    ran = run("audit", "verify", "--data-dir", str(tmp_path / "typo"))
    assert (ran.code, "There is no database in" in ran.err) == (1, True)
    use(make_database())
    assert "Run: safonau migrate" in run("audit", "verify").err


def test_there_are_no_sequences_for_a_backup_to_forget(owner_url: str) -> None:
    with psycopg.connect(conninfo(owner_url)) as connection:
        assert connection.execute("SELECT sequencename FROM pg_sequences").fetchall() == []
