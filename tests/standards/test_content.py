"""What must be true of the content of the standards tree, whatever it says."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine.evaluate import evaluate
from app.engine.rules import (
    AllConditions,
    AnyCondition,
    Condition,
    Crosswalk,
    NotCondition,
    Requirement,
    RuleSet,
    Scheme,
)
from app.engine.tree import AnswerLeaf, DocumentLeaf, Leaf
from app.engine.values import Frozen, Text
from app.loader.catalogue import Catalogue, load
from tests.packs import DAY, Filler

LOADED_WITHIN_SECONDS = 2


def _leaves(rule_set: RuleSet) -> Iterator[Leaf]:
    for requirement in rule_set.requirements.values():
        yield from requirement.tree.leaves


def _conditions(rule_set: RuleSet, crosswalks: tuple[Crosswalk, ...]) -> Iterator[Condition | None]:
    yield from (requirement.applies_when for requirement in rule_set.requirements.values())
    yield from (crosswalk.applies_when for crosswalk in crosswalks)


def _fields(condition: Condition | None) -> Iterator[str]:
    if isinstance(condition, AllConditions | AnyCondition):
        for child in condition.all if isinstance(condition, AllConditions) else condition.any:
            yield from _fields(child)
    elif isinstance(condition, NotCondition):
        yield from _fields(condition.not_)
    elif condition is not None:
        yield condition.profile.field


def _texts(value: object, place: str) -> Iterator[tuple[str, Text]]:
    if isinstance(value, Text):
        yield place, value
    elif isinstance(value, Frozen):
        for name in type(value).model_fields:
            yield from _texts(getattr(value, name), f"{place}.{name}")
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _texts(item, f"{place}[{getattr(item, 'id', index)}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, f"{place}.{name}")


def _verified_by_evidence(rule_set: RuleSet, requirement: Requirement) -> bool:
    filler = Filler(rule_set)
    filler.accept(requirement, filler.satisfy(requirement))
    # A service that states nothing of itself: every requirement applies to it.
    pack = filler.pack(service={"profile": {}})
    determination = evaluate(rule_set, (), pack, DAY)
    entries = (item for standard in determination.standards for item in standard.requirements)
    return any(item.id == requirement.id and item.verified and item.route == "evidence" for item in entries)


def test_every_requirement_can_be_reached_by_evidence_alone(catalogue: Catalogue) -> None:
    missed = [
        f"{rule_set.id} {requirement.id}"
        for rule_set in catalogue.rule_sets.values()
        for requirement in rule_set.requirements.values()
        if not _verified_by_evidence(rule_set, requirement)
    ]
    assert missed == []


def test_every_document_type_is_used(catalogue: Catalogue) -> None:
    for rule_set in catalogue.rule_sets.values():
        used = {kind for leaf in _leaves(rule_set) if isinstance(leaf, DocumentLeaf) for kind in leaf.document.types}
        assert {kind.id for kind in rule_set.document_types if not kind.retired} - used == set()


def test_every_question_is_used(catalogue: Catalogue) -> None:
    for rule_set in catalogue.rule_sets.values():
        used = {leaf.answer.question for leaf in _leaves(rule_set) if isinstance(leaf, AnswerLeaf)}
        assert {question.id for question in rule_set.questions if not question.retired} - used == set()


def test_every_profile_field_decides_something(catalogue: Catalogue) -> None:
    for rule_set in catalogue.rule_sets.values():
        conditions = _conditions(rule_set, catalogue.crosswalks_for(rule_set))
        used = {name for condition in conditions for name in _fields(condition)}
        assert {field.id for field in rule_set.profile if not field.retired} - used == set()


def test_every_text_has_welsh(catalogue: Catalogue) -> None:
    files: list[RuleSet | Scheme | Crosswalk] = [
        *catalogue.rule_sets.values(),
        *catalogue.schemes.values(),
        *catalogue.crosswalks,
    ]
    # The names of documents that a statement comes from are what they are.
    missing = [
        place
        for file in files
        for place, text in _texts(file, file.id)
        if text.cy is None and not place.endswith(".document")
    ]
    assert missing == []


def test_everything_safety_critical_says_why(catalogue: Catalogue) -> None:
    for rule_set in catalogue.rule_sets.values():
        every = rule_set.requirements.values()
        assert [item.id for item in every if item.safety_critical and item.safety_reason is None] == []


def test_nothing_is_passed_off_as_official(catalogue: Catalogue) -> None:
    """Nobody here holds the published document, so no statement can rest on it yet."""
    for rule_set in catalogue.rule_sets.values():
        every = rule_set.requirements.values()
        assert [item.id for item in every if "official" in item.basis or item.official_text is not None] == []


def test_the_whole_tree_loads_quickly(standards: Path) -> None:
    """Processor time, and the better of two: what else the machine does says nothing of the tree."""
    taken = []
    measuring = sys.gettrace()
    sys.settrace(None)  # measuring coverage takes longer than loading
    try:
        for _ in range(2):
            start = time.process_time()
            load(standards)
            taken.append(time.process_time() - start)
    finally:
        sys.settrace(measuring)
    assert min(taken) < LOADED_WITHIN_SECONDS


def test_a_text_without_welsh_would_be_found() -> None:
    rule = Text(en="x", cy="y").replace(cy=None)
    assert list(_texts({"a": (rule,)}, "file")) == [("file.a[0]", rule)]


@pytest.mark.parametrize("name", ["respect", "csaap"])
def test_the_schemes_are_there(catalogue: Catalogue, name: str) -> None:
    assert catalogue.schemes[name].id == name
