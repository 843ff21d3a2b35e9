"""The service runs as a role that row-level security binds, or not at all (architecture.md, decision 5)."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import errors

from app.db import embedded, roles
from app.db.address import conninfo
from app.db.embedded import EmbeddedDatabase
from app.errors import Unavailable
from tests.conftest import DatabaseUrls


@pytest.fixture
def superuser(server: EmbeddedDatabase) -> Iterator[psycopg.Connection]:
    with psycopg.connect(conninfo(server.superuser_url), autocommit=True) as connection:
        yield connection


def test_the_services_role_is_an_ordinary_one(database_url: str) -> None:
    roles.refuse_privileged(database_url)
    with psycopg.connect(conninfo(database_url)) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication FROM pg_roles"
            " WHERE rolname = current_user"
        ).fetchone()
        assert row == (False,) * 5
        owned = connection.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole").fetchone()
        assert owned == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.mine (id integer)",
        "CREATE TEMPORARY TABLE mine (id integer)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "SET ROLE safonau_owner",
        "UPDATE alembic_version SET version_num = ''",
        "COPY alembic_version TO PROGRAM 'true'",
    ],
)
def test_the_services_role_may_not(database_url: str, statement: str) -> None:
    with psycopg.connect(conninfo(database_url)) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_a_superuser_is_refused(server: EmbeddedDatabase) -> None:
    with pytest.raises(Unavailable, match="'postgres' is or can become a superuser") as refusal:
        roles.refuse_privileged(server.superuser_url)
    assert "docs/settings.md" in refusal.value.hint


def test_the_owner_of_the_tables_is_refused(owner_url: str) -> None:
    with pytest.raises(Unavailable, match="'safonau_owner' owns the tables"):
        roles.refuse_privileged(owner_url)


def test_a_role_that_passes_by_the_policies_is_refused(server: EmbeddedDatabase, superuser: psycopg.Connection) -> None:
    superuser.execute("CREATE ROLE passes_by LOGIN BYPASSRLS IN ROLE safonau_app")
    try:
        with pytest.raises(Unavailable, match="'passes_by' has or can have BYPASSRLS"):
            roles.refuse_privileged(server.url("passes_by"))
    finally:
        superuser.execute("DROP ROLE passes_by")


def test_an_ordinary_role_that_could_become_privileged_is_refused(
    server: EmbeddedDatabase, superuser: psycopg.Connection
) -> None:
    superuser.execute("CREATE ROLE climbs LOGIN IN ROLE postgres, safonau_app")
    try:
        with pytest.raises(Unavailable, match="'climbs' is or can become a superuser"):
            roles.refuse_privileged(server.url("climbs"))
    finally:
        superuser.execute("DROP ROLE climbs")


def test_no_other_role_may_enter_the_database(
    server: EmbeddedDatabase, superuser: psycopg.Connection, make_database: Callable[[], DatabaseUrls]
) -> None:
    make_database()
    superuser.execute("CREATE ROLE outsider LOGIN")
    try:
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(conninfo(server.url("outsider", embedded.DATABASE)))
    finally:
        superuser.execute("DROP ROLE outsider")
