"""Condition trees of requirements: what one leaf asks for, and how leaves combine (semantics.md 2).

A tree is judged on a set of leaves that hold. Sets of leaves are bit masks (bit 0 is the first leaf in file order), so
that one reading of the documents and answers serves all the questions asked of a tree: with no coverage, with any
coverage, with verified coverage.
"""

import math
from collections.abc import Iterator
from typing import Annotated, NamedTuple, TypeAlias

from pydantic import Discriminator, Field, Tag

from app.engine.values import AnyValue, Frozen, Id, Int, Months, NotEmpty, OneOperator, Text

MOST_READINGS = 64


class DocumentRule(Frozen):
    """At least ``at_least`` distinct good documents of one of ``types``, none older than ``max_age_months``."""

    types: Annotated[tuple[Id, ...], NotEmpty]
    at_least: Annotated[Int, Field(ge=1, le=1000)] = 1
    max_age_months: Months | None = None


class AnswerRule(OneOperator):
    """One operator on the answer to one question; which operators fit depends on the question's type (formats.md)."""

    subject = "question"

    question: Id
    is_: AnyValue = Field(default=None, alias="is")
    at_least: AnyValue = None
    at_most: AnyValue = None
    one_of: AnyValue = None
    includes_all: AnyValue = None
    includes_any: AnyValue = None
    within_months: Months | None = None


class DocumentLeaf(Frozen):
    """A leaf that documents satisfy; ``ask`` is the sentence of a gap report while they do not."""

    id: Id
    ask: Text
    document: DocumentRule


class AnswerLeaf(Frozen):
    """A leaf that a structured answer satisfies."""

    id: Id
    ask: Text
    answer: AnswerRule


class AllOf(Frozen):
    """Holds when every child does."""

    all: Annotated[tuple["Node", ...], NotEmpty]


class AnyOf(Frozen):
    """Holds when at least one child does."""

    any: Annotated[tuple["Node", ...], NotEmpty]


def _shape(node: object) -> str | None:
    """Tell the four shapes apart by their own key, so that faults are reported for the shape that was meant."""
    keys: object = node if isinstance(node, dict) else getattr(type(node), "model_fields", {})
    for key in ("all", "any", "document", "answer"):
        if key in keys:  # type: ignore[operator]  # both branches above are containers of field names
            return f"({key})"
    return None


Leaf: TypeAlias = DocumentLeaf | AnswerLeaf
Node: TypeAlias = Annotated[
    Annotated[AllOf, Tag("(all)")]
    | Annotated[AnyOf, Tag("(any)")]
    | Annotated[DocumentLeaf, Tag("(document)")]
    | Annotated[AnswerLeaf, Tag("(answer)")],
    Discriminator(
        _shape,
        custom_error_type="node_shape",
        custom_error_message="a node has one of the keys all, any, document, answer",
    ),
]


def leaves_of(node: Node) -> Iterator[Leaf]:
    """The leaves under ``node``, in file order."""
    if isinstance(node, AllOf):
        for child in node.all:
            yield from leaves_of(child)
    elif isinstance(node, AnyOf):
        for child in node.any:
            yield from leaves_of(child)
    else:
        yield node


class Branch:
    """An ``all`` or ``any`` over leaves (as bits) and further branches, ready to be judged often."""

    __slots__ = ("branches", "children", "every", "mask", "steps")

    steps: int

    def __init__(self, *, every: bool, children: tuple["int | Branch", ...]) -> None:
        self.every = every
        self.children = children
        self.branches = tuple(child for child in children if isinstance(child, Branch))
        self.mask = sum(child for child in children if isinstance(child, int))
        shared = math.lcm(*(branch.steps for branch in self.branches))
        # Progress is counted in whole steps, so many that every share of every child is a whole number of them.
        self.steps = shared * len(children) if every else shared

    def holds(self, leaves: int) -> bool:
        """Whether the branch holds when exactly the leaves with a bit in ``leaves`` do."""
        if self.every:
            if leaves & self.mask != self.mask:
                return False
            return all(branch.holds(leaves) for branch in self.branches)
        return leaves & self.mask != 0 or any(branch.holds(leaves) for branch in self.branches)

    def progress(self, leaves: int) -> int:
        """How many of its ``steps`` the branch has come: the mean of an ``all``, the best of an ``any`` (5.6)."""
        if self.every:
            shared = self.steps // len(self.children)
            done = (leaves & self.mask).bit_count() * shared
            return done + sum(branch.progress(leaves) * (shared // branch.steps) for branch in self.branches)
        if leaves & self.mask:
            return self.steps
        return max((branch.progress(leaves) * (self.steps // branch.steps) for branch in self.branches), default=0)

    def asked(self, leaves: int) -> int:
        """The leaves to satisfy for the branch to hold; of an ``any`` the branch asking for fewest (semantics.md 7)."""
        if self.every:
            wanted = self.mask & ~leaves
            for branch in self.branches:
                wanted |= branch.asked(leaves)
            return wanted
        # One that holds asks for no leaf, which is the fewest.
        return min((_asked(child, leaves) for child in self.children), key=int.bit_count)


def _asked(child: int | Branch, leaves: int) -> int:
    return child & ~leaves if isinstance(child, int) else child.asked(leaves)


class Reading(NamedTuple):
    """What a tree says of a set of leaves: whether it holds, how many of its steps it has come, what it asks for."""

    holds: bool
    steps: int
    asked: int


class Tree:
    """A condition tree made ready: its leaves in file order, and its root."""

    __slots__ = (
        "_readings",
        "answer_leaves",
        "bit_of",
        "claim_steps",
        "document_leaves",
        "every_leaf",
        "leaves",
        "of",
        "questions",
        "root",
        "steps",
    )

    def __init__(self, node: Node) -> None:
        self.leaves: tuple[Leaf, ...] = tuple(leaves_of(node))
        self.document_leaves = tuple(leaf for leaf in self.leaves if isinstance(leaf, DocumentLeaf))
        self.answer_leaves = tuple(leaf for leaf in self.leaves if isinstance(leaf, AnswerLeaf))
        self.of = {leaf.id: leaf for leaf in self.leaves}
        self.bit_of = {leaf.id: 1 << index for index, leaf in enumerate(self.leaves)}
        self.every_leaf = (1 << len(self.leaves)) - 1
        self.questions = frozenset(leaf.answer.question for leaf in self.answer_leaves)
        root = self._ready(node)
        self.root = root if isinstance(root, Branch) else Branch(every=True, children=(root,))
        # The provider's claim is one more child beside those of a root `all`, or beside the root itself.
        self.claim_steps = self.root.steps // len(self.root.children) if self.root.every else self.root.steps
        self.steps = self.root.steps + self.claim_steps
        self._readings: dict[int, Reading] = {}

    def _ready(self, node: Node) -> int | Branch:
        if isinstance(node, AllOf):
            return Branch(every=True, children=tuple(self._ready(child) for child in node.all))
        if isinstance(node, AnyOf):
            return Branch(every=False, children=tuple(self._ready(child) for child in node.any))
        return self.bit_of[node.id]

    def read(self, leaves: int) -> Reading:
        """What the tree says when exactly these leaves hold.

        It depends on the rule set alone, so each set of leaves is worked out once (threads may both do it, with one
        result), and no more of them are kept than a tree of six leaves has.
        """
        found = self._readings.get(leaves)
        if found is None:
            root = self.root
            found = Reading(root.holds(leaves), root.progress(leaves), root.asked(leaves))
            if len(self._readings) < MOST_READINGS:
                self._readings[leaves] = found
        return found

    def named(self, leaves: int) -> list[str]:
        """The ids of the leaves with a bit in ``leaves``, in file order."""
        return [leaf for leaf, bit in self.bit_of.items() if leaves & bit]
