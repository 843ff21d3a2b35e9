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


def truth(condition: Condition | None, profile: TypedProfile, fields: Mapping[str, CatalogueField]) -> bool | None:
    """What the condition says of the profile: Kleene's logic, where a field that is not stated is unknown."""
    if condition is None:
        return True
    if isinstance(condition, AllConditions):
        return _every([truth(child, profile, fields) for child in condition.all])
    if isinstance(condition, AnyCondition):
        opposite = _every([_negated(truth(child, profile, fields)) for child in condition.any])
        return _negated(opposite)
    if isinstance(condition, NotCondition):
        return _negated(truth(condition.not_, profile, fields))
    test = condition.profile
    given = profile.get(test.field)
    if given is None:
        return None
    name, wanted = test.test
    return COMPARE[name](given, typed(fields[test.field].type, wanted))


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
