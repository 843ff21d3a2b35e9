from collections.abc import Callable

import psycopg
import pytest
from alembic import command

from app.db import migrate
from app.db.address import conninfo
from tests.conftest import DatabaseUrls


def _names(owner_url: str) -> set[str]:
    query = (
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        " UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
    )
    with psycopg.connect(conninfo(owner_url)) as connection:
        return {name for (name,) in connection.execute(query)}


def test_the_tables_are_those_that_queries_are_written_against(owner_url: str) -> None:
    command.check(migrate.config(owner_url))


def test_every_migration_can_be_taken_back_and_made_again(make_database: Callable[[], DatabaseUrls]) -> None:
    urls = make_database()
    migrate.upgrade(urls.owner_url)
    before = _names(urls.owner_url)
    command.downgrade(migrate.config(urls.owner_url), "base")
    assert _names(urls.owner_url) == {migrate.VERSION_TABLE}
    migrate.upgrade(urls.owner_url)
    assert _names(urls.owner_url) == before


@pytest.mark.parametrize("flag", ["relrowsecurity", "relforcerowsecurity"])
def test_every_table_has_row_level_security_that_binds_its_owner_too(owner_url: str, flag: str) -> None:
    query = (
        f"SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"  # noqa: S608  # a name from the list above
        f" AND NOT {flag} AND relname <> 'alembic_version'"
    )
    with psycopg.connect(conninfo(owner_url)) as connection:
        assert connection.execute(query).fetchall() == []


def test_the_service_may_add_and_read_and_nothing_else(owner_url: str) -> None:
    query = "SELECT DISTINCT privilege_type FROM information_schema.role_table_grants WHERE grantee = 'safonau_app'"
    with psycopg.connect(conninfo(owner_url)) as connection:
        assert {name for (name,) in connection.execute(query)} == {"SELECT", "INSERT"}
