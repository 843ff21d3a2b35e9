"""The portfolio as of another day, sorted and counted, however many services there are."""

from dataclasses import replace
from uuid import UUID

import pytest

from app.db.portfolio import Filter
from app.services.portfolio_past import Past
from tests.services.world import World


def test_any_number_of_services_is_sorted_and_counted_as_of_the_past(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.submit(world.assessment())
    past = Past(world.catalogue, lambda: world.tx(world.commissioner), world.now.date(), None)
    [one] = past.every(Filter())
    many = [
        replace(one, entry=replace(one.entry, assessment=UUID(int=number), service_name=str(number % 7)))
        for number in range(3000)
    ]
    monkeypatch.setattr(Past, "every", lambda *_: iter(many))
    assert past.counted(Filter(), {})[0] == 3000
    for down in (False, True):
        found = past.ordered(Filter(), "name", descending=down, after=("3", UUID(int=3)), limit=2)
        expected = [2998, 2991] if down else [10, 17]
        assert [item.assessment.int for item in found.items] == expected
        assert found.next == ("2" if down else "3", UUID(int=expected[-1]))
