"""Conditions on the profile in three-valued logic, and the operators shared with answers (semantics.md 2).

``True`` and ``False`` are known; ``None`` is unknown, because a field is not stated. What an unknown result means is
the caller's business: a requirement applies, a crosswalk does not.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias

from app.engine.rules import (
    AllConditions,
    AnyCondition,
    CatalogueField,
    Condition,
    FieldType,
    NotCondition,
    ProfileTest,
)
from app.engine.values import Value, decimal_of

Typed: TypeAlias = bool | Decimal | str | date | frozenset[str]
# Only fields that are stated: neither absent, nor null, nor an empty list.
TypedProfile: TypeAlias = Mapping[str, Typed]
Truth: TypeAlias = Callable[[TypedProfile], bool | None]


@lru_cache(maxsize=4096, typed=True)
def typed(kind: FieldType, value: Value) -> Typed:
    """The value to compare: exact numbers, dates, sets of options. ``value`` fits ``kind`` (the loader saw to it)."""
    if isinstance(value, tuple):
        return frozenset(value)
    if kind in {"integer", "decimal"}:
        return decimal_of(value)
    if kind == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(value, bool | str):
        return value
    raise TypeError(f"{value!r} is no value of a {kind} field")


def stated(fields: Mapping[str, CatalogueField], *profiles: Mapping[str, Value]) -> TypedProfile:
    """The stated fields; a later profile overrides an earlier one, field by field, where it states something."""
    merged = {
        name: value for profile in profiles for name, value in profile.items() if value is not None and value != ()
    }
    return {name: typed(fields[name].type, value) for name, value in merged.items()}


# The types of both sides fit the operator (formats.md, "Operators by type"): the loader and the pack's check saw to it.
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "is": operator.eq,
    "at_least": operator.ge,
    "at_most": operator.le,
    "one_of": lambda given, wanted: given in wanted,
    "includes_all": operator.ge,
    "includes_any": lambda given, wanted: not given.isdisjoint(wanted),
    "within": operator.le,
}


def comparison(kind: FieldType, name: str, wanted: Value) -> Callable[[Typed], bool]:
    """The operator ``name`` with ``wanted`` on its right, ready to be asked of typed values."""
    compare, right = COMPARE[name], typed(kind, wanted)
    return lambda given: compare(given, right)


def ready(condition: Condition | None, fields: Mapping[str, CatalogueField]) -> Truth:
    """The condition made ready to be asked of profiles: Kleene's logic, where a field not stated is unknown."""
    if condition is None:
        return lambda _: True
    if isinstance(condition, AllConditions):
        children = [ready(child, fields) for child in condition.all]
        return lambda profile: _every([child(profile) for child in children])
    if isinstance(condition, AnyCondition):
        branches = [ready(child, fields) for child in condition.any]
        return lambda profile: _negated(_every([_negated(branch(profile)) for branch in branches]))
    if isinstance(condition, NotCondition):
        inner = ready(condition.not_, fields)
        return lambda profile: _negated(inner(profile))
    test = condition.profile
    return _ready_test(test.field, comparison(fields[test.field].type, *test.test))


def _ready_test(field: str, holds: Callable[[Typed], bool]) -> Truth:
    def truth(profile: TypedProfile) -> bool | None:
        given = profile.get(field)
        return None if given is None else holds(given)

    return truth


def unstated(condition: Condition | None, profile: TypedProfile) -> set[str]:
    """The fields that the condition names and the profile does not state."""
    return {test.field for test in _tests(condition) if test.field not in profile}


def _every(truths: list[bool | None]) -> bool | None:
    if False in truths:
        return False
    return None if None in truths else True


def _negated(value: bool | None) -> bool | None:  # noqa: FBT001  # a truth value is the whole argument
    return None if value is None else not value


def _tests(condition: Condition | None) -> Iterator[ProfileTest]:
    if isinstance(condition, AllConditions | AnyCondition):
        for child in condition.all if isinstance(condition, AllConditions) else condition.any:
            yield from _tests(child)
    elif isinstance(condition, NotCondition):
        yield from _tests(condition.not_)
    elif condition is not None:
        yield condition.profile
