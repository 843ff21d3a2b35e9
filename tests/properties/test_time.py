"""Through `valid_through` nothing changes by itself, and on the day after something does (semantics.md 5.7, 8, 10)."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings

from app.engine.determination import Determination
from tests.engine.small import Json, entries
from tests.properties.strategies import worlds
from tests.properties.world import World

DAYS = 40
FAR = date(2999, 12, 31)


def _days(first: date, last: date | None) -> Iterator[date]:
    """Every day for a while, then some, through ``last``."""
    end = min(last or FAR, first + timedelta(days=2000))
    day = first
    while day < end:
        day += timedelta(days=1 if day < first + timedelta(days=DAYS) else 97)
        yield min(day, end)


def _undated(value: Any) -> Any:
    """Without `as_of` and every `valid_through`."""
    if isinstance(value, dict):
        return {name: _undated(item) for name, item in value.items() if name not in {"as_of", "valid_through"}}
    return [_undated(item) for item in value] if isinstance(value, list) else value


def _judgements(found: Determination) -> dict[str, Json]:
    return {name: entry.model_dump(exclude={"valid_through"}) for name, entry in entries(found).items()}


@given(worlds())
@settings(max_examples=20)
def test_a_determination_is_constant_through_its_last_day_and_not_the_day_after(world: World) -> None:
    """semantics.md 10: "Through `valid_through` the judgement is constant, and the day after it is not"."""
    found = world.determine()
    form = _undated(found.json_form)
    for day in _days(world.day, found.valid_through):
        later = world.determine(day)
        assert _undated(later.json_form) == form, day
        assert later.valid_through == found.valid_through
    if found.valid_through is not None:
        assert _undated(world.determine(found.valid_through + timedelta(days=1)).json_form) != form


@given(worlds())
@settings(max_examples=20)
def test_each_judgement_is_constant_through_its_last_day_and_not_the_day_after(world: World) -> None:
    """semantics.md 5.7: "the last date d such that this judgement … is the same on every date from `as_of` to d"."""
    found = world.determine()
    ends = {name: entry.valid_through for name, entry in entries(found).items()}
    first, last = _judgements(found), max(end or FAR for end in ends.values())
    days = {*_days(world.day, last), *(end + timedelta(days=1) for end in ends.values() if end is not None)}
    for day in sorted(days):
        later = _judgements(world.determine(day))
        for name, end in ends.items():
            if end is None or day <= end:
                assert later[name] == first[name], (name, day)
            elif day == end + timedelta(days=1):
                assert later[name] != first[name], (name, day)


@given(worlds())
@settings(max_examples=25)
def test_a_determination_never_outlasts_a_judgement_in_it(world: World) -> None:
    """semantics.md 8: "the last date through which everything in it … stays the same"."""
    found = world.determine()
    ends = [entry.valid_through for entry in entries(found).values() if entry.valid_through is not None]
    assert (found.valid_through or FAR) <= min(ends, default=FAR)
    assert (found.valid_through or FAR) >= world.day
