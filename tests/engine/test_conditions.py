"""Conditions on the profile: operators, three-valued logic, what is not stated (semantics.md 2)."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter

from app.engine.conditions import ready, stated, typed, unstated
from app.engine.rules import Condition, FieldType
from tests.engine.small import Json, pack, rule_set, states

FIELDS = rule_set().profile_fields
YES, NO, UNKNOWN = states("boolean", is_=True), states("boolean", is_=False), states("choice", is_="a")
KNOWN: Json = {"boolean": True}


def _condition(node: Json) -> Condition:
    return TypeAdapter[Condition](Condition).validate_python(node)


def _truth(node: Json, **profile: Any) -> bool | None:
    return ready(_condition(node), FIELDS)(stated(FIELDS, pack(profile=profile).service.profile))


@pytest.mark.parametrize(
    ("field", "operator", "wanted", "given", "expected"),
    [
        ("choice", "is_", "a", "a", True),
        ("choice", "is_", "a", "b", False),
        ("choice", "one_of", ["a", "b"], "b", True),
        ("choice", "one_of", ["a", "b"], "c", False),
        ("boolean", "is_", False, False, True),
        ("boolean", "is_", False, True, False),
        ("date", "is_", "2026-04-01", "2026-04-01", True),
        ("date", "is_", "2026-04-01", "2026-04-02", False),
        ("integer", "at_least", 3, 3, True),
        ("integer", "at_least", 3, 2, False),
        ("integer", "at_most", 3, 3, True),
        ("integer", "at_most", 3, 4, False),
        ("decimal", "is_", "1.5", "1.50", True),
        ("decimal", "is_", 2, "2.0", True),
        ("decimal", "at_least", "0.30", "0.3", True),
        ("decimal", "at_least", "10", "9", False),
        ("decimal", "at_most", "0.1", "0.10000000000000001", False),
        ("choices", "is_", ["w", "x"], ["x", "w", "x"], True),
        ("choices", "is_", ["w", "x"], ["w"], False),
        ("choices", "includes_all", ["w", "x"], ["x", "y", "w"], True),
        ("choices", "includes_all", ["w", "x"], ["x", "y"], False),
        ("choices", "includes_any", ["w", "x"], ["x", "y"], True),
        ("choices", "includes_any", ["w", "x"], ["y", "z"], False),
        ("choices", "within", ["w", "x"], ["x"], True),
        ("choices", "within", ["w", "x"], ["w", "x"], True),
        ("choices", "within", ["w", "x"], ["x", "y"], False),
    ],
)
def test_operators(field: str, operator: str, wanted: object, given: object, expected: object) -> None:
    """formats.md, "Operators by type"; `within`: every value of a list is among these."""
    assert _truth(states(field, **{operator: wanted}), **{field: given}) is expected


@pytest.mark.parametrize("profile", [{}, {"choices": None}, {"choices": []}])
@pytest.mark.parametrize("operator", ["is_", "includes_any", "includes_all", "within"])
def test_what_is_not_stated_is_unknown(profile: Json, operator: str) -> None:
    """semantics.md: "A field that is absent, null or an empty list is not stated"; "it is *unknown*"."""
    assert _truth(states("choices", **{operator: ["w"]}), **profile) is None


@pytest.mark.parametrize("field", ["boolean", "integer", "decimal"])
def test_false_and_nought_are_stated(field: str) -> None:
    assert _truth(states(field, is_=False if field == "boolean" else 0), **{field: False if field == "boolean" else 0})


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ({"not": YES}, False),
        ({"not": NO}, True),
        ({"not": UNKNOWN}, None),
        ({"all": [YES, YES]}, True),
        ({"all": [YES, NO]}, False),
        ({"all": [YES, UNKNOWN]}, None),
        ({"all": [UNKNOWN, NO]}, False),
        ({"any": [NO, NO]}, False),
        ({"any": [NO, YES]}, True),
        ({"any": [NO, UNKNOWN]}, None),
        ({"any": [UNKNOWN, YES]}, True),
        ({"not": {"any": [NO, {"not": UNKNOWN}]}}, None),
        ({"not": {"all": [UNKNOWN, NO]}}, True),
    ],
)
def test_logic_is_three_valued(node: Json, expected: object) -> None:
    """semantics.md: "logic is three-valued (Kleene)"."""
    assert _truth(node, **KNOWN) is expected


def test_no_condition_is_always_true() -> None:
    assert ready(None, FIELDS)({}) is True
    assert unstated(None, {}) == set()


def test_a_later_profile_overrides_an_earlier_one_where_it_states_something() -> None:
    """semantics.md: "A programme has a profile of its own, which overrides the service's for it"."""
    service: Json = {"choice": "a", "choices": ("w",), "boolean": True, "integer": 3}
    own: Json = {"choice": "b", "choices": (), "boolean": None}
    merged = stated(FIELDS, service, own)
    assert (merged["choice"], merged["choices"], merged["boolean"]) == ("b", frozenset({"w"}), True)


def test_all_unstated_fields_that_a_condition_names() -> None:
    node = {
        "all": [{"any": [YES, states("date", is_="2026-04-01")]}, {"not": UNKNOWN}, states("choices", within=["w"])]
    }
    assert unstated(_condition(node), stated(FIELDS, KNOWN)) == {"date", "choice", "choices"}


@pytest.mark.parametrize(("kind", "value"), [("date", 5), ("choice", 1), ("boolean", None)])
def test_a_value_of_another_type_is_never_compared(kind: FieldType, value: Any) -> None:
    with pytest.raises(TypeError, match="is no value of a"):
        typed(kind, value)


def test_true_is_not_one() -> None:
    """Equal values of different types must not meet in the cache of typed values."""
    assert typed("boolean", True) is True  # noqa: FBT003 -- the value is what is tested
    assert str(typed("integer", 1)) == "1"
    assert typed("date", "2026-04-01") == date(2026, 4, 1)
