"""What a rule set and its crosswalks say, compiled once: all about judging that no pack has a part in.

A ``Plan`` is one requirement made ready. Plans hold nothing of any pack, so that threads share them.
"""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any, TypeAlias

from app.engine.conditions import comparison, ready, typed
from app.engine.coverage import Crosswalks
from app.engine.determination import Ask, FileRef
from app.engine.rules import Crosswalk, FieldType, Requirement, RuleSet
from app.engine.tree import AnswerLeaf, DocumentLeaf
from app.engine.values import Value, add_months, trusted

# The first and the last day on which something holds.
Days: TypeAlias = tuple[date, date]

FOR_EVER = date.max
ALWAYS: Days = (date.min, FOR_EVER)


class DocumentTest:
    """A document leaf: at least ``wanted`` good documents of ``types``, none older than ``max_age`` months."""

    __slots__ = ("bit", "leaf", "max_age", "types", "wanted")

    def __init__(self, leaf: DocumentLeaf, bit: int) -> None:
        self.leaf = leaf
        self.bit = bit
        self.types = frozenset(leaf.document.types)
        self.max_age = leaf.document.max_age_months
        self.wanted = leaf.document.at_least


class AnswerTest:
    """An answer leaf: what is asked, and on which days a value satisfies it."""

    __slots__ = ("_days", "_kind", "bit", "leaf", "question")

    def __init__(self, leaf: AnswerLeaf, bit: int, kind: FieldType) -> None:
        self.leaf = leaf
        self.bit = bit
        self.question = leaf.answer.question
        self._kind = kind
        self._days = _days(kind, *leaf.answer.test)

    def days(self, value: Value) -> Days | None:
        """The first and last day on which ``value`` satisfies the leaf; ``None`` where there is none."""
        return None if value is None else self._days(typed(self._kind, value))


def _days(kind: FieldType, operator: str, wanted: Any) -> Callable[[Any], Days | None]:  # noqa: ANN401  # any JSON value
    if operator == "within_months":
        return lambda given: (given, add_months(given, wanted))
    holds = comparison(kind, operator, wanted)
    return lambda given: ALWAYS if holds(given) else None


class Plan:
    """One requirement: its tree, its leaves as tests, its condition, and what it asks for."""

    __slots__ = (
        "_asks",
        "answers",
        "applies",
        "basis",
        "by_programme",
        "by_type",
        "critical",
        "documents",
        "id",
        "may_be_excluded",
        "must",
        "obligation",
        "of",
        "questions",
        "requirement",
        "tree",
        "weight",
    )

    def __init__(self, requirement: Requirement, rule_set: RuleSet) -> None:
        self.requirement = requirement
        self.id = requirement.id
        self.tree = tree = requirement.tree
        self.by_programme = requirement.concerns == "programme"
        self.basis = tuple(sorted(set(requirement.basis)))
        self.obligation = requirement.obligation
        self.must = requirement.obligation == "must"
        self.critical = requirement.safety_critical
        self.weight = requirement.weight
        self.may_be_excluded = requirement.may_be_excluded
        # Most requirements apply whatever the profile says; there is nothing to ask then.
        condition = requirement.applies_when
        self.applies = None if condition is None else ready(condition, rule_set.profile_fields)
        self.documents = tuple(DocumentTest(leaf, tree.bit_of[leaf.id]) for leaf in tree.document_leaves)
        # The leaves that a document of each type may satisfy.
        self.by_type: dict[str, list[DocumentTest]] = {}
        for test in self.documents:
            for kind in test.types:
                self.by_type.setdefault(kind, []).append(test)
        self.answers = tuple(
            AnswerTest(leaf, tree.bit_of[leaf.id], rule_set.questions_by_id[leaf.answer.question].type)
            for leaf in tree.answer_leaves
        )
        self.questions = tree.questions
        tests: tuple[DocumentTest | AnswerTest, ...] = (*self.documents, *self.answers)
        self.of = {test.leaf.id: test for test in tests}
        self._asks = {leaf.id: _ask(leaf, None) for leaf in tree.leaves}

    def ask(self, leaf: str, programme: str | None) -> Ask:
        """What the leaf asks for, of one programme where programmes are judged."""
        return _ask(self.tree.of[leaf], programme) if programme else self._asks[leaf]


def _ask(leaf: DocumentLeaf | AnswerLeaf, programme: str | None) -> Ask:
    return trusted(Ask, leaf=leaf.id, ask=leaf.ask, programme=programme)


class Plans:
    """All requirements of a rule set, in file order, under the crosswalks there are for it."""

    def __init__(self, rule_set: RuleSet, crosswalks: tuple[Crosswalk, ...]) -> None:
        self.rule_set = rule_set
        self.ref = trusted(FileRef, id=rule_set.id, version=rule_set.version, sha256=rule_set.sha256)
        self.crosswalks = Crosswalks(rule_set, crosswalks)
        self.of = {name: Plan(requirement, rule_set) for name, requirement in rule_set.requirements.items()}
        self.standards = [(item, [requirement.id for requirement in item.requirements]) for item in rule_set.standards]
        # The `must` requirements of each standard, and the `should` requirements of all.
        self.musts = [[name for name in names if self.of[name].must] for _, names in self.standards]
        self.shoulds = [name for name, plan in self.of.items() if not plan.must]
        # `must` before `should`, safety critical first, heaviest first, else as in the rule set (semantics.md 7).
        self.gap_order = sorted(self.of.values(), key=lambda plan: (not plan.must, not plan.critical, -plan.weight))


@lru_cache(maxsize=64)
def plans(rule_set: RuleSet, crosswalks: tuple[Crosswalk, ...]) -> Plans:
    """The rule set made ready, once for as long as it is in use; shared by threads."""
    return Plans(rule_set, crosswalks)
