import psycopg
import pytest

from app.db.address import conninfo
from app.db.repositories import idempotency
from app.db.values import StoredReply
from app.errors import IdempotencyInFlight, IdempotencyMismatch
from tests.services.world import World

REPLY = StoredReply(201, {"location": "/v1/services/1"}, b'{"id":"1"}')


def _answered(world: World) -> None:
    with world.tx(world.provider) as tx:
        assert idempotency.claim(tx, "key", "print") is None
        idempotency.store(tx, "key", "print", REPLY)


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
            idempotency.store(tx, "key", "print", REPLY)
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
