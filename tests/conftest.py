"""What every test may use. The database is one made for the run, in a folder of its own, and removed after it."""

import gc
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import hypothesis
import psycopg
import pytest
from psycopg import sql

from app.db import embedded, migrate, roles
from app.db.address import conninfo
from app.db.embedded import EmbeddedDatabase

# The time that one example takes says nothing on a machine with two cores; in CI a failure must come again.
hypothesis.settings.register_profile("safonau", deadline=None, derandomize="CI" in os.environ, print_blob=True)

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


def pytest_collection_finish() -> None:
    """From here on look for what can be thrown away, but not among what was there before the first test."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@contextmanager
def _reachable_folder(prefix: str) -> Iterator[Path]:
    """A folder that other accounts can enter: as root the server runs as another one, and pytest's are closed."""
    with tempfile.TemporaryDirectory(prefix=prefix) as made:
        folder = Path(made)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedDatabase]:
    """The PostgreSQL server of this run, or with several workers of this worker."""
    with _reachable_folder("safonau-tests-") as folder, embedded.start(folder, durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def migrated(server: EmbeddedDatabase) -> DatabaseUrls:
    """A database at the newest schema; use ``database_url`` and ``owner_url``, which also leave it empty."""
    migrate.upgrade(server.owner_url)
    return DatabaseUrls(server.app_url, server.owner_url)


@pytest.fixture(scope="session")
def empty(server: EmbeddedDatabase, migrated: DatabaseUrls) -> Iterator[Callable[[], None]]:
    """A function that empties every table, whatever its triggers and policies say against that."""
    assert migrated.app_url
    with psycopg.connect(conninfo(server.superuser_url, dbname=embedded.DATABASE), autocommit=True) as superuser:

        def empty() -> None:
            superuser.execute(_EMPTY)

        yield empty


@pytest.fixture
def database(migrated: DatabaseUrls, empty: Callable[[], None]) -> Iterator[DatabaseUrls]:
    """A database at the newest schema with no rows in it, emptied again after the test."""
    yield migrated
    empty()


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
    with _reachable_folder("safonau-data-") as folder:
        yield folder


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
