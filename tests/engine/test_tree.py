"""Condition trees: what holds, how far it has come, what is asked for (semantics.md 2, 5.6, 7)."""

from collections.abc import Iterable
from fractions import Fraction

import pytest
from pydantic import TypeAdapter, ValidationError

from app.engine.tree import MOST_READINGS, Branch, Node, Tree
from tests.engine.small import Json, says, shows

A, B, C, D = (shows(leaf=name) for name in "abcd")


def _tree(node: Json) -> Tree:
    return Tree(TypeAdapter[Node](Node).validate_python(node))


def _bits(tree: Tree, names: Iterable[str]) -> int:
    return sum(tree.bit_of[name] for name in names)


def _progress(node: Json, names: str, *, claimed: bool) -> Fraction:
    tree = _tree(node)
    return Fraction(tree.read(_bits(tree, names)).steps + tree.claim_steps * claimed, tree.steps)


@pytest.mark.parametrize(
    ("node", "holding", "expected"),
    [
        (A, "a", True),
        (A, "", False),
        ({"all": [A, B]}, "ab", True),
        ({"all": [A, B]}, "a", False),
        ({"any": [A, B]}, "b", True),
        ({"any": [A, B]}, "", False),
        ({"all": [A, {"any": [B, C]}]}, "ac", True),
        ({"all": [A, {"any": [B, C]}]}, "bc", False),
        ({"all": [A, {"any": [B, C]}]}, "a", False),
        ({"any": [A, {"all": [B, C]}]}, "bc", True),
        ({"any": [A, {"all": [B, C]}]}, "c", False),
        ({"any": [{"all": [A, B]}, {"all": [C, D]}]}, "bcd", True),
        ({"any": [{"all": [A, B]}, {"all": [C, D]}]}, "bd", False),
        ({"all": [{"any": [{"all": [A]}]}]}, "a", True),
        ({"all": [{"any": [A, B]}, {"any": [C, D]}]}, "ac", True),
        ({"all": [{"any": [A, B]}, {"any": [C, D]}]}, "ab", False),
    ],
)
def test_a_tree_holds(node: Json, holding: str, expected: object) -> None:
    tree = _tree(node)
    assert tree.root.holds(_bits(tree, holding)) is expected


@pytest.mark.parametrize(
    ("node", "holding", "claimed", "expected"),
    [
        # A single leaf: all [claim, leaf].
        (A, "", True, "1/2"),
        (A, "a", False, "1/2"),
        (A, "a", True, "1"),
        # A root `all`: the claim is one more of its children.
        ({"all": [A, B]}, "a", True, "2/3"),
        ({"all": [A, B, C]}, "a", False, "1/4"),
        # A root `any`: all [claim, any].
        ({"any": [A, B]}, "b", False, "1/2"),
        ({"any": [A, {"all": [B, C, D]}]}, "bc", False, "1/3"),
        ({"any": [A, {"all": [B, C, D]}]}, "bc", True, "5/6"),
        # Inside, `all` is the mean and `any` the best of its children.
        ({"all": [A, {"all": [B, C]}]}, "b", True, "1/2"),
        ({"all": [A, {"any": [B, {"all": [C, D]}]}]}, "c", False, "1/6"),
        ({"all": [{"all": [A, B, C]}, D]}, "ad", False, "4/9"),
        ({"any": [{"all": [A, B]}, {"all": [C, D]}]}, "a", False, "1/4"),
        ({"any": [{"all": [A, B]}, {"all": [C, D]}]}, "acd", False, "1/2"),
    ],
)
def test_progress(node: Json, holding: str, claimed: bool, expected: str) -> None:  # noqa: FBT001 -- a column of the table
    """semantics.md: "progress of `all: [claim, children of T(e)'s root `all`, or T(e)]`"."""
    assert _progress(node, holding, claimed=claimed) == Fraction(expected)


@pytest.mark.parametrize(
    ("node", "holding", "expected"),
    [
        (A, "", ["a"]),
        ({"all": [A, B, C]}, "b", ["a", "c"]),
        ({"any": [A, B]}, "", ["a"]),
        ({"any": [A, B]}, "b", []),
        ({"any": [{"all": [A, B]}, C]}, "", ["c"]),
        ({"any": [{"all": [A, B]}, C]}, "a", ["b"]),
        ({"any": [{"all": [A, B]}, {"all": [C, D]}]}, "d", ["c"]),
        ({"any": [{"all": [A, B]}, {"all": [C, D]}]}, "acd", []),
        ({"all": [{"any": [{"all": [A, B]}, C]}, D]}, "", ["c", "d"]),
        ({"all": [{"any": [{"all": [A, B]}, C]}, D]}, "ab", ["d"]),
    ],
)
def test_what_is_asked_for(node: Json, holding: str, expected: list[str]) -> None:
    """semantics.md: "of an `any`, the branch that itself asks for fewest leaves, first on a tie"."""
    tree = _tree(node)
    assert tree.named(tree.root.asked(_bits(tree, holding))) == expected


def test_what_is_asked_for_is_what_makes_the_tree_hold() -> None:
    tree = _tree({"all": [{"any": [{"all": [A, B]}, C]}, D]})
    for leaves in range(16):
        assert tree.root.holds(leaves | tree.root.asked(leaves))
        assert (tree.root.asked(leaves) == 0) is tree.root.holds(leaves)


def test_a_set_of_leaves_is_read_once_and_only_so_many_are_kept() -> None:
    tree = _tree({"all": [shows(leaf=f"leaf-{number}") for number in range(8)]})
    readings = [tree.read(leaves) for leaves in range(256)]
    again = [tree.read(leaves) for leaves in range(256)]
    assert again == readings
    assert [leaves for leaves in range(256) if again[leaves] is readings[leaves]] == list(range(MOST_READINGS))
    assert [found.holds for found in readings].index(True) == 255
    assert readings[3] == (False, 2, 252)


def test_leaves_come_in_file_order_and_questions_are_known() -> None:
    tree = _tree({"all": [{"any": [says("date", leaf="z", within_months=1), A]}, says("integer", leaf="b", is_=1)]})
    assert [leaf.id for leaf in tree.leaves] == ["z", "a", "b"]
    assert tree.named(tree.every_leaf) == ["z", "a", "b"]
    assert tree.every_leaf == sum(tree.bit_of.values())
    assert tree.questions == {"date", "integer"}


def test_progress_stays_whole_however_trees_are_nested() -> None:
    branch = Branch(
        every=True, children=(Branch(every=True, children=(1, 2, 4)), Branch(every=False, children=(8, 16)))
    )
    assert branch.steps == 6
    assert [branch.progress(leaves) for leaves in (0, 1, 7, 8, 9, 31)] == [0, 1, 3, 3, 4, 6]


@pytest.mark.parametrize(
    ("node", "message"),
    [
        ({"all": []}, "must not be empty"),
        ({"any": []}, "must not be empty"),
        ({"none": [A]}, "a node has one of the keys"),
        ("a", "a node has one of the keys"),
        ({"all": [{"id": "a", "ask": "x", "document": {"types": []}}]}, "must not be empty"),
        ({"id": "a", "ask": "x", "document": {"types": ["policy"], "at_least": 0}}, "greater than or equal to 1"),
        (
            {"id": "a", "ask": "x", "answer": {"question": "q"}},
            "exactly one operator beside question; here is none .type=one_operator,",
        ),
        (
            {"id": "a", "ask": "x", "answer": {"question": "q", "is": 1, "at_least": 1}},
            "exactly one operator beside question; here is is, at_least .type=one_operator,",
        ),
    ],
)
def test_what_is_no_tree_is_refused(node: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TypeAdapter[Node](Node).validate_python(node)


def test_a_tree_made_of_values_is_taken_as_well() -> None:
    node = TypeAdapter[Node](Node).validate_python({"all": [A, {"any": [B]}]})
    assert TypeAdapter[Node](Node).validate_python(node) == node
