"""Policies tried on many services while the record goes on, and checks that cannot be repeated."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from app.db.session import Transaction
from app.engine.policy import Policy
from app.errors import Invalid
from app.services import checks, life, policies
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

    found = policies.attempt(begin, world.catalogue, POLICY, as_of=None, contract_end=None, demonstration=False)
    assert begun == 3
    assert [item.assessment.id for item in found.tried] == [kept.id]


def test_a_check_is_repeated_only_on_days_from_which_its_contract_can_be_looked_at(world: World) -> None:
    handed_in = world.submit(world.assessment())
    press, end = world.press, date(2026, 6, 30)
    with world.tx(world.commissioner) as tx:
        policy = policies.create(tx, world.catalogue, POLICY.replace(holds_to_contract_end=True))
        asked = checks.Question(handed_in.id, date(2026, 3, 1), end)
        first = checks.check(tx, world.catalogue, press, policy, asked).id
    for day in (date(2026, 7, 1), date(2016, 6, 29)):
        with world.tx(world.commissioner) as tx, pytest.raises(Invalid, match="cannot be repeated") as refused:
            checks.repeat(tx, world.catalogue, press, first, as_of=day, known_at=None)
        assert [fault.pointer for fault in refused.value.faults] == ["/as_of"], "a repetition has no contract_end"
    for day in (end, date(2016, 6, 30)):
        with world.tx(world.commissioner) as tx:
            assert checks.repeat(tx, world.catalogue, press, first, as_of=day, known_at=None).repeats == first
