"""The schema goes up and down, and what is declared is what is there."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from alembic import command

from app.db import migrate
from app.db.address import conninfo
from app.errors import Unavailable
from tests.conftest import DatabaseUrls

MakeDatabase = Callable[[], DatabaseUrls]

_LEFT = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind <> 'i'
UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT typname FROM pg_type
WHERE typnamespace = 'public'::regnamespace AND typrelid = 0 AND typelem = 0
"""


def test_up_down_and_up_again(make_database: MakeDatabase) -> None:
    urls = make_database()
    assert not migrate.is_current(urls.app_url)
    migrate.upgrade(urls.owner_url)
    assert migrate.is_current(urls.app_url)
    command.downgrade(migrate.config(urls.owner_url), "base")
    assert not migrate.is_current(urls.app_url)
    with psycopg.connect(conninfo(urls.owner_url)) as connection:
        assert [row[0] for row in connection.execute(_LEFT)] == [migrate.VERSION_TABLE]
    migrate.upgrade(urls.owner_url)
    assert migrate.is_current(urls.app_url)


def test_the_declared_tables_are_those_of_the_migrations(owner_url: str) -> None:
    command.check(migrate.config(owner_url))


def test_processes_that_migrate_at_once_wait_for_one_another(make_database: MakeDatabase) -> None:
    urls = make_database()
    with psycopg.connect(conninfo(urls.owner_url)) as first, ThreadPoolExecutor(1) as pool:
        first.execute("SELECT pg_advisory_xact_lock(5206204418033)")
        second = pool.submit(migrate.upgrade, urls.owner_url)
        with pytest.raises(TimeoutError):
            second.result(timeout=0.5)
        first.rollback()
        second.result(timeout=60)
    assert migrate.is_current(urls.app_url)


def test_a_database_newer_than_the_code_is_refused(make_database: MakeDatabase) -> None:
    urls = make_database()
    migrate.upgrade(urls.owner_url)
    with psycopg.connect(conninfo(urls.owner_url)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'f00d'")
    assert not migrate.is_current(urls.app_url)
    with pytest.raises(Unavailable, match=r"cannot be brought to the newest schema: .*f00d") as refusal:
        migrate.upgrade(urls.owner_url)
    assert "at least as new" in refusal.value.hint


def test_the_services_role_cannot_migrate(make_database: MakeDatabase) -> None:
    with pytest.raises(Unavailable, match="permission denied for schema public") as refusal:
        migrate.upgrade(make_database().app_url)
    assert "MIGRATION_DATABASE_URL" in refusal.value.hint


def test_a_role_without_the_services_rights_is_told_so(make_database: MakeDatabase) -> None:
    urls = make_database()
    migrate.upgrade(urls.owner_url)
    with psycopg.connect(conninfo(urls.owner_url)) as connection:
        connection.execute("REVOKE ALL ON alembic_version FROM safonau_app")
    with pytest.raises(Unavailable, match="'safonau_app' has none of the service's rights"):
        migrate.is_current(urls.app_url)
