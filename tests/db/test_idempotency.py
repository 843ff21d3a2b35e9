from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.db.address import conninfo
from app.db.repositories import idempotency
from app.db.values import StoredReply
from app.errors import IdempotencyInFlight, IdempotencyMismatch
from tests.services.world import World

DAY = timedelta(days=1)
REPLY = StoredReply(201, {"location": "/v1/services/1"}, b'{"id":"1"}')


def _answered(world: World) -> None:
    with world.tx(world.provider) as tx:
        assert idempotency.claim(tx, "key", "print") is None
        idempotency.store(tx, "key", "print", REPLY, kept_for=DAY)


def test_the_same_request_gets_the_same_reply_again(world: World) -> None:
    _answered(world)
    with world.tx(world.provider) as tx:
        assert idempotency.claim(tx, "key", "print") == REPLY


def test_the_key_of_another_request_is_refused(world: World) -> None:
    _answered(world)
    with world.tx(world.provider) as tx, pytest.raises(IdempotencyMismatch):
        idempotency.claim(tx, "key", "another print")


def test_keys_belong_to_the_user_who_used_them(world: World) -> None:
    _answered(world)
    with world.tx(world.other_provider) as tx:
        assert idempotency.claim(tx, "key", "print") is None


def test_a_reply_is_forgotten_with_the_change_that_was_rolled_back(world: World) -> None:
    def fail() -> None:
        with world.tx(world.provider) as tx:
            idempotency.claim(tx, "key", "print")
            idempotency.store(tx, "key", "print", REPLY, kept_for=DAY)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with world.tx(world.provider) as tx:
        assert idempotency.claim(tx, "key", "print") is None


def test_a_request_that_is_still_being_worked_on_is_said_to_be(world: World, database_url: str) -> None:
    with psycopg.connect(conninfo(database_url)) as other:
        lock = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
        other.execute(lock, [f"{world.provider.user} key"])
        with world.tx(world.provider) as tx, pytest.raises(IdempotencyInFlight):
            idempotency.claim(tx, "key", "print")


def test_replies_are_forgotten_a_few_at_a_time_once_they_are_old(world: World, owner_url: str) -> None:
    with world.tx(world.provider) as tx:
        for number in range(25):
            idempotency.store(tx, f"old-{number}", "print", REPLY, kept_for=DAY)
    left = []
    for number in range(3):
        with world.tx(world.other_provider) as tx:
            idempotency.store(tx, f"new-{number}", "print", REPLY, kept_for=timedelta(seconds=30))
        with psycopg.connect(conninfo(owner_url)) as owner:
            left += owner.execute(
                "SELECT count(*), max(key) FILTER (WHERE key LIKE 'new-%') FROM idempotency"
            ).fetchall()
    # Each stored reply takes at most twenty old ones away, and soon those that were new with them.
    assert left == [(6, "new-0"), (1, "new-1"), (1, "new-2")]


@pytest.mark.parametrize("statement", ["DELETE FROM idempotency", "UPDATE idempotency SET status = 200"])
def test_the_service_takes_no_reply_away_itself(world: World, statement: str) -> None:
    _answered(world)
    with pytest.raises(ProgrammingError, match="permission denied"), world.tx(world.provider) as tx:
        tx.connection.execute(text(statement))


def test_only_administrators_erase_replies(world: World) -> None:
    _answered(world)
    for actor, kept in ((world.other_provider, REPLY), (world.operator, None)):
        with world.tx(actor) as tx:
            idempotency.erase(tx, world.provider.user, "nobody@example.org")
        with world.tx(world.provider) as tx:
            assert idempotency.claim(tx, "key", "print") == kept
