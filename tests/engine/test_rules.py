"""Rule sets and crosswalks as values: their shapes, their hashes, their limits (semantics.md 2 and 4)."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from app.engine.rules import Condition, Crosswalk, Requirement, RuleSet, Source
from tests.engine.small import Json, crosswalk, full, partial, requirement, rule_set, says, shows, states


def test_a_plain_string_is_a_source_by_its_name() -> None:
    assert Source.model_validate("A report") == Source.model_validate({"document": {"en": "A report"}})
    assert Source.model_validate({"document": "A report", "page": "15-17"}).page == "15-17"


def test_requirements_are_found_by_id_in_file_order() -> None:
    rules = rule_set(requirement("2.2"), requirement("2.1"), requirement("1.1"))
    assert list(rules.requirements) == ["2.2", "2.1", "1.1"]


def test_the_hash_is_over_the_content_and_every_field() -> None:
    rules = rule_set()
    assert rules.sha256 == rule_set().sha256
    assert rules.sha256 != rules.replace(note={"en": "x"}).sha256
    assert rules.sha256 == RuleSet.model_validate(rules.model_dump(mode="json")).sha256
    walk = crosswalk()
    assert walk.sha256 != walk.replace(recheck_months=11).sha256
    assert walk.sha256 == Crosswalk.model_validate(walk.model_dump(mode="json")).sha256


def test_versions_that_are_equal_are_one_key() -> None:
    assert len({rule_set(), rule_set()}) == 1
    assert len({crosswalk(), crosswalk(), crosswalk(version="2")}) == 2


@pytest.mark.parametrize(
    "entry",
    [full() | {"leaves": ["doc"]}, {"requirement": "1.1", "coverage": "partial"}, partial() | {"leaves": []}],
)
def test_leaves_are_listed_where_coverage_is_partial_and_only_there(entry: Json) -> None:
    with pytest.raises(
        ValidationError, match=r"leaves are listed where coverage is partial, and only there .type=coverage_leaves,"
    ):
        crosswalk(entry)


def test_redeclaring_and_rechecking_are_yearly_unless_told() -> None:
    """semantics.md: "`redeclare_months` and `recheck_months` (default 12)"."""
    walk = crosswalk()
    assert (walk.declared_until(date(2024, 2, 29)), walk.verified_until(date(2025, 4, 1))) == (
        date(2025, 2, 28),
        date(2026, 4, 1),
    )
    assert crosswalk(recheck_months=1).verified_until(date(2026, 1, 31)) == date(2026, 2, 28)


def test_the_defaults_of_a_requirement() -> None:
    found = Requirement.model_validate(requirement())
    assert (found.weight, found.safety_critical, found.may_be_excluded, found.applies_when) == (1, False, False, None)


@pytest.mark.parametrize(
    "fields",
    [{"weight": 0}, {"id": "0.1"}, {"id": "14"}, {"basis": []}, {"obligation": "may"}, {"concerns": "worker"}],
)
def test_what_is_no_requirement_is_refused(fields: Json) -> None:
    with pytest.raises(ValidationError):
        Requirement.model_validate(requirement() | fields)


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ({"some": []}, "a condition has one of the keys"),
        ({"all": []}, "must not be empty"),
        ("x", "a condition has one of the keys"),
        ({"profile": {"field": "choice"}}, "exactly one operator"),
        (says(), "a condition has one of the keys"),
    ],
)
def test_what_is_no_condition_is_refused(node: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TypeAdapter[Condition](Condition).validate_python(node)


def test_a_condition_made_of_values_is_taken_as_well() -> None:
    adapter = TypeAdapter[Condition](Condition)
    node = adapter.validate_python(
        {"all": [{"not": states("choice", is_="a")}, {"any": [states("boolean", is_=True)]}]}
    )
    assert adapter.validate_python(node) == node


def test_a_tree_is_made_ready_once() -> None:
    found = Requirement.model_validate(requirement(met_when={"all": [shows(leaf="a"), says(leaf="b")]}))
    assert found.tree is found.tree
    assert [leaf.id for leaf in found.tree.leaves] == ["a", "b"]


def test_entries_of_a_crosswalk_are_found_by_requirement() -> None:
    entries = crosswalk(full("1.2"), partial("doc")).entry_for
    assert {name: entry.coverage for name, entry in entries.items()} == {"1.2": "full", "1.1": "partial"}


def test_versions_are_told_apart_by_their_content_and_from_everything_else() -> None:
    """semantics.md 2: a version is what it says; its hash names it."""
    assert rule_set() == rule_set()
    assert rule_set() != rule_set(requirement(weight=2))
    assert rule_set() != crosswalk()
    assert rule_set() != rule_set().model_dump()
