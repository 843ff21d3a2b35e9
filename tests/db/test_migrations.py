from collections.abc import Callable

import psycopg
import pytest
from alembic import command

from app.db import migrate
from app.db.address import conninfo
from app.db.integrity import verify
from tests.conftest import DatabaseUrls

CHANGEABLE = {
    "calendar_feed": "secret_hash made_at",
    "organisation": "name regions members version",
    "app_user": "email name password_hash active version",
    "session": "last_used_at ended_at user_agent",
    "refresh_token": "used_at",
    "client": "secret_hash secret_made_at version",
    "invitation": "email expires_at secret_hash accepted_at withdrawn_at version",
    "second_factor": "secret confirmed_at last_step recovery_hashes",
    "sign_in_attempt": "tries tried_at blocked_until",
    "service_clock": "at",
    "audit_head": "seq hash",
    # What portfolios show is worked out anew; who sees it, and whether it is current, triggers say.
    "portfolio": "computed catalogue judged_on valid_through state submitted_at service_name sort_name provider_name"
    " local_authorities client_groups forms_of_abuse delivery schemes status_evidenced status_verified declared"
    " evidenced verified lapses_declared lapses_evidenced lapses_verified failing_declared failing_evidenced"
    " failing_verified standards_declared standards_evidenced standards_verified content tally",
    "sector_quarter": "catalogue turn after_service counted",
    "sector_count": "services figures",
}


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


def test_what_was_on_record_before_the_chain_is_proven_by_it(make_database: Callable[[], DatabaseUrls]) -> None:
    urls = make_database()
    command.upgrade(migrate.config(urls.owner_url), "0003")
    tables = ("organisation", "app_user", "service", "fact", "audit_event")
    fact = (
        "SELECT id, provider_id, id, NULL, 'service', 'service', 1, '{\"name\": \"Tŷ\", \"n\": [1, null]}'::jsonb,"
        " created_at, provider_id, 'r' FROM service"
    )
    event = "SELECT gen_random_uuid(), now(), id, 'r', 'service.created', 'services/x', '{\"n\": 1}' FROM app_user"
    enter = (
        *(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY" for table in tables),
        "INSERT INTO organisation VALUES (gen_random_uuid(), 'provider', 'P', now(), '{}', '[]', 1)",
        "INSERT INTO app_user SELECT id, 'a@b.c', 'A', id, 'provider_lead', 'x', true, now() FROM organisation",
        "INSERT INTO service SELECT id, id, now() FROM organisation",
        f"INSERT INTO fact {fact}",
        f"INSERT INTO audit_event {event}",
        f"INSERT INTO audit_event {event}",
        *(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY" for table in tables),
    )
    with psycopg.connect(conninfo(urls.owner_url)) as connection:
        for statement in enter:
            connection.execute(statement.encode())
    migrate.upgrade(urls.owner_url, "0021")
    with psycopg.connect(conninfo(urls.owner_url)) as connection:
        found = verify(connection, revision="0021")
        assert (found.head.seq, found.findings) == (3, ())
        later = [finding.partition(" ")[0] for finding in verify(connection, revision="0022").findings]
        assert later == ["app_user", "organisation", "service_area"]
    migrate.upgrade(urls.owner_url)
    with psycopg.connect(conninfo(urls.owner_url)) as connection:
        found = verify(connection)
        assert (found.head.seq, found.findings) == (4, ())
        assert connection.execute("SELECT (at = recorded_at) FROM service_clock, fact").fetchall() == [(True,)]
        connection.execute("ALTER TABLE fact NO FORCE ROW LEVEL SECURITY")
        connection.execute("UPDATE fact SET key = 'x'")
        assert len(verify(connection).findings) == 1
        connection.rollback()
    command.downgrade(migrate.config(urls.owner_url), "0003")
    migrate.upgrade(urls.owner_url)
    with psycopg.connect(conninfo(urls.owner_url)) as connection:
        assert verify(connection).findings == ()


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
    """Whatever a determination rests on is in none of them; what portfolios show is worked out anew, never recorded."""
    query = (
        "SELECT table_name, column_name FROM information_schema.column_privileges"
        " WHERE grantee = 'safonau_app' AND privilege_type = 'UPDATE'"
    )
    with psycopg.connect(conninfo(owner_url)) as connection:
        found = {f"{table}.{column}" for table, column in connection.execute(query)}
    assert found == {f"{table}.{column}" for table, columns in CHANGEABLE.items() for column in columns.split()}


def test_the_owner_may_read_every_row_so_that_backups_are_whole(owner_url: str) -> None:
    query = (
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        " AND tablename NOT IN (SELECT tablename FROM pg_policies WHERE cmd = 'SELECT' AND qual = 'true'"
        " AND roles = ARRAY['safonau_owner'::name])"
    )
    with psycopg.connect(conninfo(owner_url)) as connection:
        missing = connection.execute(query).fetchall()
    assert missing == [], "add: CREATE POLICY owner_reads ON … FOR SELECT TO CURRENT_USER USING (true)"


def test_what_was_shared_before_shares_could_end_is_seen_as_it_was(make_database: Callable[[], DatabaseUrls]) -> None:
    urls = make_database()
    command.upgrade(migrate.config(urls.owner_url), "0004")
    tables = ("organisation", "app_user", "service", "assessment", "share", "fact")
    facts = (
        "SELECT gen_random_uuid(), id, id, NULL::uuid, 'service', 'service', 1,"
        ' \'{"profile": {"regions": ["gwent"]}}\'::jsonb,'
        " now(), id, 'r' FROM service UNION ALL SELECT gen_random_uuid(), id, id, id, 'response', '1.1', version,"
        " '{}'::jsonb,"
        " now(), id, 'r' FROM service, generate_series(1, 2) AS version"
    )
    enter = (
        "INSERT INTO organisation SELECT gen_random_uuid(), 'commissioner', 'P', now(), '{gwent}', '[]', 1",
        "INSERT INTO app_user SELECT id, 'a@b.c', 'A', id, 'provider_lead', 'x', true, now() FROM organisation",
        "INSERT INTO service SELECT id, id, now() FROM organisation",
        "INSERT INTO assessment SELECT id, id, id, 'r', '1', now() FROM organisation",
        "INSERT INTO share SELECT id, id, id, id, now() FROM organisation",
        f"INSERT INTO fact {facts}",
    )
    with psycopg.connect(conninfo(urls.owner_url)) as connection:
        for table in tables:
            connection.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        for statement in enter:
            connection.execute(statement)
        for table in tables:
            connection.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    migrate.upgrade(urls.owner_url)
    with psycopg.connect(conninfo(urls.owner_url)) as connection:
        [(commissioner, regions)] = connection.execute("SELECT provider_id, regions FROM service_area").fetchall()
    assert regions == ["gwent"]
    with psycopg.connect(conninfo(urls.app_url)) as connection:
        settings = {"user": commissioner, "organisation": commissioner, "role": "commissioner"}
        for name, value in settings.items():
            connection.execute("SELECT set_config(%s, %s, false)", [f"safonau.{name}", str(value)])
        assert connection.execute("SELECT count(*) FROM fact").fetchone() == (3,)
    command.downgrade(migrate.config(urls.owner_url), "0004")
    with psycopg.connect(conninfo(urls.owner_url)) as connection:
        assert connection.execute("SELECT count(*) FROM share").fetchone() == (1,)
