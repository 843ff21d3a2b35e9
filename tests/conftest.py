"""What every test may use. The database is one made for the run, in a folder of its own, and removed after it."""

import gc
import os
import tempfile
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast
from uuid import uuid4

import hypothesis
import psycopg
import pytest
from psycopg import sql

from app.db import embedded, migrate, roles
from app.db.address import conninfo
from app.db.embedded import EmbeddedDatabase
from app.db.session import Database

T = TypeVar("T")

# How long an example takes, or takes to make, says nothing on a busy machine; in CI a failure must come again.
hypothesis.settings.register_profile(
    "safonau",
    deadline=None,
    derandomize="CI" in os.environ,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)

# Nearly all that is imported and collected stays to the end; to look through it for garbage takes a third of the time.
gc.disable()


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """The addresses of one database, as the service and as the owner of the schema."""

    app_url: str
    owner_url: str


def pytest_configure() -> None:
    """Keep every database and setting of the person who runs the tests out of them."""
    hypothesis.settings.load_profile("safonau")
    for name in list(os.environ):
        if name in {"DATABASE_URL", "MIGRATION_DATABASE_URL"} or name.startswith(("SAFONAU_", "PG")):
            del os.environ[name]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long ones, after everything has been put into a random order."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """From here on look for what can be thrown away, but not among what was there before the first test."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@contextmanager
def reachable_folder(prefix: str) -> Iterator[Path]:
    """A folder that other accounts can enter: as root the server runs as another one, and pytest's are closed."""
    with tempfile.TemporaryDirectory(prefix=prefix) as made:
        folder = Path(made)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedDatabase]:
    """The PostgreSQL server of this run, or with several workers of this worker."""
    with reachable_folder("safonau-tests-") as folder, embedded.start(folder, durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def migrated(server: EmbeddedDatabase) -> DatabaseUrls:
    """A database at the newest schema; use ``database_url`` and ``owner_url``, which also leave it empty."""
    migrate.upgrade(server.owner_url)
    with psycopg.connect(conninfo(server.superuser_url), autocommit=True) as superuser:
        # A plan is kept that was made for tables with hardly anything in them: one test fills them for all after it.
        superuser.execute("ALTER ROLE safonau_app SET enable_seqscan = off")
    return DatabaseUrls(server.app_url, server.owner_url)


@pytest.fixture(scope="session")
def superuser(server: EmbeddedDatabase, migrated: DatabaseUrls) -> Iterator[psycopg.Connection]:
    """Whom no trigger and no policy of that database keeps from anything."""
    assert migrated.app_url
    with psycopg.connect(conninfo(server.superuser_url, dbname=embedded.DATABASE), autocommit=True) as superuser:
        yield superuser


@pytest.fixture(scope="session")
def connected(migrated: DatabaseUrls) -> Iterator[Database]:
    """The service's connections to that database: each new one would have to plan every statement again."""
    connected = Database(migrated.app_url, pool_size=4, pool_timeout=10)
    yield connected
    connected.close()


class SetUps:
    """What set-ups put into the empty database, so that the next test that begins with one has it at once."""

    def __init__(self, superuser: psycopg.Connection) -> None:
        self._superuser = superuser
        self._made: dict[Hashable, tuple[int, object, sql.Composed]] = {}

    def done(self, name: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` gives, after what it does: the first time by doing it, later by putting all its rows back.

        What it begins with has to be the same for a name each time, and what it gives must not be changed by a test.
        """
        [noted] = self._superuser.execute("SELECT coalesce(max(seq), 0) FROM audit_head").fetchone() or ()
        if name not in self._made:
            self._made[name] = noted, make(), self._copied(len(self._made))
        before, found, put_back = cast("tuple[int, T, sql.Composed]", self._made[name])
        assert noted == before, f"a fixture that adds records goes before {name}: ask for {name} first"
        self._superuser.execute(_EMPTY)
        self._superuser.execute(put_back)
        return found

    def _copied(self, number: int) -> sql.Composed:
        """Copy all rows into tables that only this connection sees, and give the statements that put them back."""
        putting: list[sql.Composable] = [sql.SQL("BEGIN; SET LOCAL session_replication_role = replica")]
        for (table,) in self._superuser.execute(_TABLES).fetchall():
            there, copy = sql.Identifier("public", table), sql.Identifier("pg_temp", f"{table}_{number}")
            self._superuser.execute(sql.SQL("CREATE TEMPORARY TABLE {} AS TABLE {}").format(copy, there))
            if self._superuser.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(copy)).rowcount:
                putting.append(sql.SQL("INSERT INTO {} TABLE {}").format(there, copy))
        return sql.SQL("; ").join([*putting, sql.SQL("COMMIT")])


@pytest.fixture(scope="session")
def set_ups(superuser: psycopg.Connection) -> SetUps:
    """The set-ups that this run has done so far."""
    return SetUps(superuser)


@pytest.fixture
def database(migrated: DatabaseUrls, superuser: psycopg.Connection) -> Iterator[DatabaseUrls]:
    """A database at the newest schema with no rows in it, emptied again after the test."""
    yield migrated
    superuser.execute(_EMPTY)


@pytest.fixture
def database_url(database: DatabaseUrls) -> str:
    """Where the service works: an empty database, through the service's own role."""
    return database.app_url


@pytest.fixture
def owner_url(database: DatabaseUrls) -> str:
    """The database of ``database_url``, through the role that owns the schema."""
    return database.owner_url


@pytest.fixture
def make_database(server: EmbeddedDatabase) -> Iterator[Callable[[], DatabaseUrls]]:
    """A function that makes one more database, without a schema; all of them are dropped after the test."""
    made: list[str] = []
    with psycopg.connect(conninfo(server.superuser_url), autocommit=True) as superuser:

        def make() -> DatabaseUrls:
            name = f"test_{uuid4().hex}"
            roles.create_database(superuser, name)
            made.append(name)
            return DatabaseUrls(server.url(roles.APP, name), server.url(roles.OWNER, name))

        yield make
        for name in made:
            superuser.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """An empty folder for an embedded database."""
    with reachable_folder("safonau-data-") as folder:
        yield folder


_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
"""

# To cut off thirty tables takes a hundred times as long as to delete the few rows of a test from those that have any;
# what is deleted stays in the files, so that now and then they are cut off after all.
_EMPTY = """
DO $$
DECLARE
    used regclass[] := ARRAY(
        SELECT oid FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
            AND pg_relation_size(oid) > 0
    );
    one regclass;
BEGIN
    SET LOCAL lock_timeout = '5s';
    SET LOCAL session_replication_role = replica;
    FOREACH one IN ARRAY used LOOP
        EXECUTE format('DELETE FROM %s', one);
    END LOOP;
    IF (SELECT max(pg_relation_size(name)) FROM unnest(used) AS name) > 4000000 THEN
        EXECUTE 'TRUNCATE ' || (
            SELECT string_agg(oid::regclass::text, ', ') FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
        );
    END IF;
END $$
"""
