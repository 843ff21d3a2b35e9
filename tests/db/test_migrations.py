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


def test_who_could_hand_in_still_can_after_roles_were_kept_apart(make_database: Callable[[], DatabaseUrls]) -> None:
    urls = make_database()
    command.upgrade(migrate.config(urls.owner_url), "0001")
    enter = (
        "ALTER TABLE organisation NO FORCE ROW LEVEL SECURITY; ALTER TABLE app_user NO FORCE ROW LEVEL SECURITY;"
        "INSERT INTO organisation VALUES (gen_random_uuid(), 'provider', 'P', now());"
        "INSERT INTO app_user SELECT id, 'a@b.c', 'A', id, 'provider', 'x', true, now() FROM organisation;"
        "ALTER TABLE organisation FORCE ROW LEVEL SECURITY; ALTER TABLE app_user FORCE ROW LEVEL SECURITY"
    )
    with psycopg.connect(conninfo(urls.owner_url)) as connection:
        connection.execute(enter)
    for there, role in (("0002", "provider_lead"), ("0001", "provider")):
        (command.upgrade if role == "provider_lead" else command.downgrade)(migrate.config(urls.owner_url), there)
        with psycopg.connect(conninfo(urls.owner_url)) as connection:
            connection.execute("ALTER TABLE app_user NO FORCE ROW LEVEL SECURITY")
            assert connection.execute("SELECT role FROM app_user").fetchall() == [(role,)]
            connection.rollback()


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


def test_the_service_may_change_these_columns_and_no_others(owner_url: str) -> None:
    """Whatever a determination rests on is in none of them."""
    query = (
        "SELECT table_name, column_name FROM information_schema.column_privileges"
        " WHERE grantee = 'safonau_app' AND privilege_type = 'UPDATE'"
    )
    with psycopg.connect(conninfo(owner_url)) as connection:
        found = {f"{table}.{column}" for table, column in connection.execute(query)}
    assert found == {f"organisation.{column}" for column in ("name", "regions", "members", "version")}
