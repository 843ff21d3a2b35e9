"""What each requirement still lacks on the evidenced rung, as needs that a search can weigh (semantics.md 5.4, 7).

Read from ``explain``, so that what is lacking is what the judgement itself found lacking. Nothing here decides: what is
planned on this ground is judged by ``evaluate`` afterwards.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from app.engine.conditions import COMPARE, typed
from app.engine.explain import BranchFact, Explanation, LeafFact, NodeFact
from app.engine.fewest import AnswerAmong, Either, Every, MoreDocuments, Need
from app.engine.pack import Answer, Document, Pack
from app.engine.rules import CatalogueField, FieldType, Requirement, RuleSet
from app.engine.tree import AnswerLeaf, DocumentLeaf
from app.engine.values import Text, Value, add_months

# Documents linked to a requirement, by id: with their type where they are proposed, ``None`` where they are on file.
Linked: TypeAlias = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class LeafGround:
    """A leaf: settled by coverage, or by what is on file and what may be added.

    ``good`` has the documents on file that count, with their SHA-256. ``options`` are those that satisfy it, by number.
    """

    id: str
    ask: Text
    covered: bool
    types: tuple[str, ...] = ()
    wanted: int = 0
    good: Mapping[str, str] = field(default_factory=dict)
    question: str | None = None
    options: frozenset[int] = frozenset()

    def holds(self, linked: Linked, options: Mapping[str, int]) -> bool:
        """Whether it holds with these documents linked and the questions answered by these options."""
        if self.covered:
            return True
        if self.question is not None:
            return options.get(self.question, 0) in self.options
        return self._missing(linked) <= 0

    def need(self, linked: Linked) -> Need:
        """What it needs beside the linked documents."""
        if self.covered:
            return Every()
        if self.question is not None:
            return AnswerAmong(self.question, self.options)
        missing = self._missing(linked)
        return MoreDocuments(self.types, missing) if missing > 0 else Every()

    def _missing(self, linked: Linked) -> int:
        have = {self.good[name] for name in linked if name in self.good}
        return self.wanted - len(have) - sum(kind in self.types for kind in linked.values())


@dataclass(frozen=True, slots=True)
class Fork:
    """An ``all`` or ``any``."""

    every: bool
    parts: tuple["Ground", ...]

    def holds(self, linked: Linked, options: Mapping[str, int]) -> bool:
        """Whether it holds with these documents linked and these options chosen."""
        parts = (part.holds(linked, options) for part in self.parts)
        return all(parts) if self.every else any(parts)

    def need(self, linked: Linked) -> Need:
        """What it needs beside the linked documents."""
        parts = tuple(part.need(linked) for part in self.parts)
        return Every(parts) if self.every else Either(parts)


Ground: TypeAlias = LeafGround | Fork


@dataclass(frozen=True, slots=True)
class Options:
    """For each question the values worth giving; the first, numbered 1, after the answer as it stands (0)."""

    rule_set: RuleSet
    day: date
    values: Mapping[str, tuple[Value, ...]]

    @classmethod
    def of(cls, rule_set: RuleSet, requirements: Iterable[Requirement], pack: Pack, day: date) -> "Options":
        """The values that could satisfy what these requirements ask; any other satisfies no more than one of them."""
        given = {answer.question: answer for answer in pack.answers}
        asked: dict[str, list[tuple[str, Value]]] = {}
        for requirement in requirements:
            for leaf in requirement.tree.answer_leaves:
                asked.setdefault(leaf.answer.question, []).append(leaf.answer.test)
        fields = rule_set.questions_by_id
        return cls(
            rule_set,
            day,
            {name: tuple(_values(fields[name], tests, given.get(name), day)) for name, tests in asked.items()},
        )

    def satisfying(self, leaf: AnswerLeaf, *, as_it_stands: bool) -> frozenset[int]:
        """The numbers of the values that satisfy the leaf, 0 where the answer as it stands does."""
        kind = self.rule_set.questions_by_id[leaf.answer.question].type
        values = self.values[leaf.answer.question]
        found = {number for number, value in enumerate(values, 1) if _meets(kind, leaf, value, self.day)}
        return frozenset({0, *found} if as_it_stands else found)


def grounds(found: Explanation, requirement: Requirement, options: Options, pack: Pack) -> tuple[Ground, ...]:
    """The tree of the requirement for everything that it is judged for."""
    digests = {document.id: document.sha256 for document in pack.documents}
    return tuple(_ground(item.tree, requirement, options, digests) for item in found.judged)


def leaves(ground: Ground) -> Iterator[LeafGround]:
    """The leaves, in file order."""
    if isinstance(ground, LeafGround):
        yield ground
    else:
        for part in ground.parts:
            yield from leaves(part)


def on_file(
    pack: Pack, requirement: Requirement, linked: Iterable[str], grounds: Iterable[Ground], day: date
) -> tuple[str, ...]:
    """Documents on file that are not linked to the requirement, of its types and in force, so that they may help.

    Never one that was replaced by one in force, one that would stand in the place of a linked one that is good, nor the
    same content as such a one a second time.
    """
    by_id = {document.id: document for document in pack.documents}
    in_force = {name for name, item in by_id.items() if item.in_force[0] <= day <= item.in_force[1]}
    types = {kind for leaf in requirement.tree.document_leaves for kind in leaf.document.types}
    good = {name for ground in grounds for leaf in leaves(ground) for name in leaf.good}
    superseded = {older for name in in_force for older in _replaced_by(by_id, name)}
    offered = {_worth(by_id[name]) for name in good}
    found = []
    for name in sorted(in_force - superseded - set(linked)):
        document = by_id[name]
        worth = _worth(document)
        if document.type in types and worth not in offered and good.isdisjoint(_replaced_by(by_id, name)):
            offered.add(worth)
            found.append(name)
    return tuple(found)


def _worth(document: Document) -> tuple[str, str, date, frozenset[str]]:
    """What one document in force does for a leaf rests on: age and programmes count beside content and type."""
    return document.sha256, document.type, document.issued_on, frozenset(document.programmes)


def _replaced_by(documents: Mapping[str, Document], name: str) -> set[str]:
    """The documents that one replaces, itself and through others."""
    found: set[str] = set()
    older = documents[name].replaces
    while older is not None:
        found.add(older)
        older = documents[older].replaces
    return found


def _ground(node: NodeFact, requirement: Requirement, options: Options, digests: Mapping[str, str]) -> Ground:
    if isinstance(node, BranchFact):
        parts = tuple(_ground(part, requirement, options, digests) for part in node.parts)
        return Fork(node.kind == "all", parts)
    return _leaf(node, requirement, options, digests)


def _leaf(fact: LeafFact, requirement: Requirement, options: Options, digests: Mapping[str, str]) -> LeafGround:
    leaf = requirement.tree.of[fact.leaf]
    covered = bool(fact.covered_by)
    if isinstance(leaf, DocumentLeaf):
        good = {item.document: digests[item.document] for item in fact.documents if item.good}
        return LeafGround(leaf.id, leaf.ask, covered, leaf.document.types, leaf.document.at_least, good)
    satisfying = options.satisfying(leaf, as_it_stands=fact.by_evidence)
    return LeafGround(leaf.id, leaf.ask, covered, question=leaf.answer.question, options=satisfying)


def _values(
    field: CatalogueField, tests: Iterable[tuple[str, Value]], given: Answer | None, day: date
) -> Iterator[Value]:
    """The values at which tests begin to hold: bounds are closed, so that no value between two satisfies more."""
    said = None if given is None else given.value
    found: list[Value] = []
    union = set(said) if isinstance(said, tuple) else set()
    any_of: list[tuple[str, ...]] = []
    for operator, wanted in tests:
        if operator == "within_months":
            found.append(day.isoformat())
        elif operator == "one_of" and isinstance(wanted, tuple):
            found.extend(wanted)
        elif operator == "includes_all" and isinstance(wanted, tuple):
            union.update(wanted)
        elif operator == "includes_any" and isinstance(wanted, tuple):
            any_of.append(wanted)
        else:
            found.append(wanted)
    for wanted in any_of:
        if union.isdisjoint(wanted):
            union.add(wanted[0])
    if field.type == "choices" and union:
        found.append(tuple(sorted(union)))
    yield from (value for value in dict.fromkeys(found) if value != said)


def _meets(kind: FieldType, leaf: AnswerLeaf, value: Value, day: date) -> bool:
    operator, wanted = leaf.answer.test
    given = typed(kind, value)
    if isinstance(given, date) and isinstance(wanted, int):
        return given <= day <= add_months(given, wanted)
    return COMPARE[operator](given, typed(kind, wanted))
