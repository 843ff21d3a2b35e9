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

# Of each answer leaf, so many values are remembered with the days on which they satisfy it.
MOST_VALUES = 256


class _Test:
    """One leaf made ready: its place in the tree, as a bit, and what is asked while it does not hold."""

    __slots__ = ("ask", "bit", "id")

    def __init__(self, leaf: DocumentLeaf | AnswerLeaf, bit: int) -> None:
        self.id = leaf.id
        self.bit = bit
        self.ask = trusted(Ask, {"ask": leaf.ask, "leaf": leaf.id, "programme": None})

    def ask_of(self, programme: str) -> Ask:
        """What is asked of one programme, where programmes are judged."""
        return trusted(Ask, {"ask": self.ask.ask, "leaf": self.id, "programme": programme})


class DocumentTest(_Test):
    """A document leaf: at least ``wanted`` good documents of ``types``, none older than ``max_age`` months."""

    __slots__ = ("leaf", "max_age", "types", "wanted")

    def __init__(self, leaf: DocumentLeaf, bit: int) -> None:
        super().__init__(leaf, bit)
        self.leaf = leaf
        self.types = frozenset(leaf.document.types)
        self.max_age = leaf.document.max_age_months
        self.wanted = leaf.document.at_least


class AnswerTest(_Test):
    """An answer leaf: what is asked, and on which days a value satisfies it.

    ``days`` gives the first and last day on which a value satisfies the leaf; ``None`` where there is none.
    """

    __slots__ = ("days", "leaf", "question")

    def __init__(self, leaf: AnswerLeaf, bit: int, kind: FieldType) -> None:
        super().__init__(leaf, bit)
        self.leaf = leaf
        self.question = leaf.answer.question
        self.days = lru_cache(MOST_VALUES)(_days(kind, *leaf.answer.test))


def _days(kind: FieldType, operator: str, wanted: Any) -> Callable[[Value], Days | None]:  # noqa: ANN401  # any value
    if operator == "within_months":

        def within(value: Value) -> Days | None:
            given: Any = typed(kind, value)
            return given, add_months(given, wanted)

        return within
    holds = comparison(kind, operator, wanted)
    return lambda value: ALWAYS if holds(typed(kind, value)) else None


class Plan:
    """One requirement: its tree, its leaves as tests (in file order), its condition, and what it asks for."""

    __slots__ = (
        "answers",
        "applies",
        "basis",
        "by_programme",
        "critical",
        "documents",
        "id",
        "may_be_excluded",
        "must",
        "obligation",
        "of",
        "questions",
        "requirement",
        "tests",
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
        self.answers = tuple(
            AnswerTest(leaf, tree.bit_of[leaf.id], rule_set.questions_by_id[leaf.answer.question].type)
            for leaf in tree.answer_leaves
        )
        self.questions = tree.questions
        tests: tuple[DocumentTest | AnswerTest, ...] = (*self.documents, *self.answers)
        self.of = {test.id: test for test in tests}
        self.tests = tuple(self.of[leaf.id] for leaf in tree.leaves)


class Plans:
    """All requirements of a rule set, in file order, under the crosswalks there are for it."""

    def __init__(self, rule_set: RuleSet, crosswalks: tuple[Crosswalk, ...]) -> None:
        self.rule_set = rule_set
        self.ref = FileRef(id=rule_set.id, version=rule_set.version, sha256=rule_set.sha256)
        self.crosswalks = Crosswalks(rule_set, crosswalks)
        self.of = {name: Plan(requirement, rule_set) for name, requirement in rule_set.requirements.items()}
        self.standards = [(item, [requirement.id for requirement in item.requirements]) for item in rule_set.standards]
        # The `must` requirements of each standard, and the `should` requirements of all.
        self.musts = [[name for name in names if self.of[name].must] for _, names in self.standards]
        self.shoulds = [name for name, plan in self.of.items() if not plan.must]
        # `must` before `should`, safety critical first, heaviest first, else as in the rule set (semantics.md 7).
        in_order = sorted(self.of.values(), key=lambda plan: (not plan.must, not plan.critical, -plan.weight))
        self.gap_order = [plan.id for plan in in_order]


@lru_cache(maxsize=64)
def plans(rule_set: RuleSet, crosswalks: tuple[Crosswalk, ...]) -> Plans:
    """The rule set made ready, once for as long as it is in use; shared by threads."""
    return Plans(rule_set, crosswalks)
