"""What lists keep of a determination is what it says, and what lapses does so on that day (semantics.md 8)."""

from datetime import date

from hypothesis import given, settings

from app.engine.determination import RUNGS
from app.engine.difference import overview
from app.engine.digest import Lapses, digest
from app.engine.values import day_after
from tests.engine.small import entries
from tests.properties.strategies import worlds
from tests.properties.world import World

FAR = date(2999, 12, 1)


@given(worlds())
@settings(max_examples=20)
def test_a_digest_says_what_the_determination_says_and_when_each_rung_is_lost(world: World) -> None:
    found, kept = world.determine(), digest(world.rule_set, world.crosswalks, world.read(), world.day)
    results = entries(found)
    assert kept.overview == overview(found)
    assert kept.valid_through == found.valid_through
    assert kept.schemes == tuple(sorted({item.scheme for item in found.rests_on}))
    assert len(kept.tally) == len(results)
    for index, rung in enumerate(RUNGS):
        failing = [name for name, item in results.items() if getattr(item, rung) is False]
        assert list(kept.failing[rung]) == failing
        musts = {int(name.partition(".")[0]) for name in failing if results[name].obligation == "must"}
        assert set(kept.failing_standards[rung]) == musts
        bit = 4 >> index
        reached = [bool(int(digit, 16) & bit) for digit in kept.tally]
        assert reached == [bool(getattr(item, rung)) for item in results.values()]
    assert [int(digit, 16) >= 8 for digit in kept.tally] == [
        item.applicability == "applicable" for item in results.values()
    ]
    lost = _lost(world)
    assert kept.lapses == lost
    for rung in RUNGS:
        assert kept.first_lapse(rung) == min((days[rung] for days in lost.values() if rung in days), default=None)


def _lost(world: World) -> dict[str, Lapses]:
    """The first day, one after the other on which anything changes, on which each rung is not reached any more."""
    found: dict[str, Lapses] = {}
    before = world.determine()
    held = {name: [r for r in RUNGS if getattr(item, r)] for name, item in entries(before).items()}
    while before.valid_through is not None and before.valid_through < FAR:
        day = day_after(before.valid_through)
        before = world.determine(day)
        for name, item in entries(before).items():
            for rung in held[name] if item.obligation == "must" else ():
                if not getattr(item, rung) and rung not in found.get(name, {}):
                    found.setdefault(name, {})[rung] = day
    return found
