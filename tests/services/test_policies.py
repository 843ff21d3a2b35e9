"""Policies tried on many services, while the record goes on."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.db.session import Transaction
from app.engine.policy import Policy
from app.services import life, policies
from tests.services.world import World

POLICY = Policy(name="Grants", rule_set="tiny", rung="declared")


def test_what_is_no_longer_shared_when_its_turn_comes_is_left_out_of_a_trial(world: World) -> None:
    kept, ended = (world.submit(world.assessment()) for _ in range(2))
    begun = 0

    @contextmanager
    def begin() -> Iterator[Transaction]:
        nonlocal begun
        begun += 1
        with world.tx(world.commissioner) as tx:
            yield tx
        if begun == 1:
            with world.tx(world.provider) as tx:
                life.end_share(tx, ended.id, world.commissioner.organisation, expected=ended.etag)

    found = policies.attempt(begin, world.catalogue, POLICY, as_of=None, contract_end=None)
    assert begun == 3
    assert [item.assessment.id for item in found.tried] == [kept.id]
