from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.db.repositories import organisations
from app.db.session import PROVIDER_ROLES, SYSTEM, Actor, Database, Transaction, acting_as, alone, transaction
from app.db.values import Organisation
from app.errors import Forbidden, Unavailable
from app.services import accounts
from tests.services.world import World

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _names(world: World) -> list[str]:
    with world.tx(world.operator) as tx:
        return [item.name for item in organisations.page(tx, "provider", after=None, limit=100).items]


def _add(tx: Transaction, name: str) -> None:
    organisations.add(tx, Organisation(uuid4(), "provider", name, NOW))
    tx.noted.take_rows()  # what the audit log says is not what is asked here


def test_what_is_done_in_the_block_is_committed_at_its_end(world: World) -> None:
    with world.tx(SYSTEM) as tx:
        _add(tx, "Kept")
    assert "Kept" in _names(world)


def _add_and_raise(world: World) -> None:
    with world.tx(SYSTEM) as tx:
        _add(tx, "Gone")
        raise RuntimeError


def _add_and_lose_the_connection(world: World) -> None:
    with world.tx(SYSTEM) as tx:
        _add(tx, "Gone")
        _end(world, tx.connection.scalar(text("SELECT pg_backend_pid()")))


def _end(world: World, process: int | None) -> None:
    with world.tx(SYSTEM) as tx:
        assert tx.connection.scalar(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process})


def test_nothing_is_kept_of_a_block_that_raises(world: World) -> None:
    with pytest.raises(RuntimeError):
        _add_and_raise(world)
    assert "Gone" not in _names(world)


def test_a_commit_that_fails_is_seen_as_an_error_and_nothing_was_stored(world: World) -> None:
    with pytest.raises(Unavailable, match="whether it was kept is not known"):
        _add_and_lose_the_connection(world)
    assert "Gone" not in _names(world)


def _hurried(tx: Transaction) -> Transaction:
    tx.connection.execute(text("SET LOCAL lock_timeout = '20ms'"))
    return tx


def test_whoever_waits_too_long_for_another_is_told_to_come_again(world: World) -> None:
    with world.tx(SYSTEM) as tx:
        alone(tx, "one at a time")
        with pytest.raises(Unavailable, match="just now"), world.tx(SYSTEM) as other:
            alone(_hurried(other), "one at a time")


def test_so_is_whoever_waits_too_long_to_be_told_of_in_the_log(world: World) -> None:
    with world.tx(SYSTEM) as tx:
        tx.connection.execute(text("SELECT FROM audit_head FOR UPDATE"))
        with pytest.raises(Unavailable, match="just now"), world.tx(SYSTEM) as other:
            accounts.create_organisation(_hurried(other), kind="provider", name="Late")
    assert "Late" not in _names(world)


def test_of_two_who_wait_for_each_other_one_is_told_to_come_again(world: World) -> None:
    both = Barrier(2)

    def crosswise(first: str, second: str) -> bool:
        try:
            with world.tx(SYSTEM) as tx:
                alone(tx, first)
                both.wait(10)
                alone(tx, second)
        except Unavailable:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(crosswise, *names) for names in (("a", "b"), ("b", "a"))]
        assert sorted(each.result() for each in done) == [False, True]


def test_settings_of_one_transaction_are_gone_in_the_next(database_url: str) -> None:
    db = Database(database_url, pool_size=1)
    with transaction(db, SYSTEM, now=NOW, new_id=uuid4, request_id="one"):
        pass
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT safonau_user()")) is None
        assert not connection.scalar(text("SELECT safonau_role()"))
    db.close()


def test_a_transaction_reads_what_is_committed_whatever_the_server_begins_with(database_url: str) -> None:
    """The service says so itself ("client"): writers wait for each other, and none has to be told to try again."""
    db = Database(database_url, pool_size=1)
    for snapshot, level in ((True, "repeatable read"), (False, "read committed")):
        with transaction(db, SYSTEM, now=NOW, new_id=uuid4, request_id="one", snapshot=snapshot) as tx:
            assert tx.connection.scalar(text("SHOW transaction_isolation")) == level
            wanted = text("SELECT source FROM pg_settings WHERE name = 'default_transaction_isolation'")
            assert tx.connection.scalar(wanted) == "client"
    db.close()


def test_what_is_refused_costs_the_next_transaction_no_plans(database_url: str) -> None:
    db = Database(database_url, pool_size=1)
    with suppress(Forbidden), transaction(db, SYSTEM, now=NOW, new_id=uuid4, request_id="refused") as tx:
        tx.connection.execute(text("SELECT set_config('safonau.role', 'commissioner', true)"))
        tx.require("reviewer")
    with db.engine.connect() as connection:
        assert not connection.scalar(text("SELECT safonau_role()"))
        prepared = connection.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert [each for each in prepared if "safonau_begin" in each]
    db.close()


def test_a_connection_whose_plans_are_gone_fails_once_and_leaves_nothing_half_made(database_url: str) -> None:
    """As after a pooler that discards everything, or a column whose type the owner changed."""
    db = Database(database_url, pool_size=1)

    def asked(statement: str) -> int:
        with transaction(db, SYSTEM, now=NOW, new_id=uuid4, request_id="one") as tx:
            return int(tx.connection.scalar(text(statement)))

    assert asked("SELECT 1 + 1") == 2
    with db.engine.connect() as connection:
        behind_the_driver: Any = connection.connection.dbapi_connection
        behind_the_driver.pgconn.exec_(b"DEALLOCATE ALL")
    with pytest.raises(DBAPIError, match="does not exist"):
        asked("SELECT 1 + 1")
    assert asked("SELECT 1 + 1") == 2
    for _ in range(3):
        with pytest.raises(DBAPIError, match="division by zero"):
            asked("SELECT 1 / 0 AS never")
    with db.engine.connect() as connection:
        prepared = connection.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert not [each for each in prepared if "never" in each]
    db.close()


def _refused(db: Database, meanwhile: Callable[[int | None], None]) -> None:
    with transaction(db, SYSTEM, now=NOW, new_id=uuid4, request_id="refused") as tx:
        meanwhile(tx.connection.scalar(text("SELECT pg_backend_pid()")))
        tx.require("reviewer")


def test_a_connection_that_is_lost_under_way_is_not_used_again(world: World, database_url: str) -> None:
    db = Database(database_url, pool_size=1)
    with pytest.raises(Unavailable, match="The database went away"):
        _refused(db, lambda process: _end(world, process))
    db.ping()
    db.close()


def test_a_starved_pool_says_so_instead_of_hanging(database_url: str) -> None:
    db = Database(database_url, pool_size=2, pool_timeout=0.2)
    inside, waited = Barrier(3), Barrier(3)

    def hold() -> None:
        with transaction(db, SYSTEM, now=NOW, new_id=uuid4, request_id="held"):
            inside.wait(60)
            waited.wait(60)

    with ThreadPoolExecutor(2) as pool:
        held = [pool.submit(hold) for _ in range(2)]
        inside.wait(60)
        with (
            pytest.raises(Unavailable, match="in use"),
            transaction(db, SYSTEM, now=NOW, new_id=uuid4, request_id=""),
        ):
            pytest.fail("there was no connection left to give")
        waited.wait(60)
        assert [each.result() for each in held] == [None, None]
    db.ping()
    db.close()


def test_a_database_that_does_not_answer_is_unavailable() -> None:
    db = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(Unavailable, match="cannot be reached"):
        db.ping()


def test_a_lost_connection_is_replaced(world: World, database_url: str) -> None:
    db = Database(database_url, pool_size=1)
    with transaction(db, SYSTEM, now=NOW, new_id=uuid4, request_id="one") as tx:
        process = tx.connection.scalar(text("SELECT pg_backend_pid()"))
    _end(world, process)
    with transaction(db, SYSTEM, now=NOW, new_id=uuid4, request_id="two") as tx:
        assert tx.connection.scalar(text("SELECT pg_backend_pid()")) != process
    db.close()


def test_require_names_the_role_that_is_needed(world: World) -> None:
    with world.tx(world.commissioner) as tx:
        tx.require("commissioner", "reviewer")
        with pytest.raises(
            Forbidden, match="for the role provider_editor or provider_lead; you are signed in as commissioner"
        ):
            tx.require(*PROVIDER_ROLES)


def test_acting_as_somebody_else_sees_what_they_see(world: World) -> None:
    world.service()
    with world.tx(world.provider) as tx:
        assert tx.connection.scalar(text("SELECT count(*) FROM service")) == 1
        other = acting_as(tx, Actor(UUID(int=1), UUID(int=2), "provider_lead"), world.now)
        assert other.connection.scalar(text("SELECT count(*) FROM service")) == 0
