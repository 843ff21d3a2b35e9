"""What a requirement still lacks, as needs to weigh: leaves, values worth giving, documents on file."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from typing import Any

from app.engine.fewest import AnswerAmong, Every, MoreDocuments
from app.engine.ground import LeafGround, Options, on_file
from app.engine.values import Text
from tests.engine.small import (
    DAY,
    TOMORROW,
    YESTERDAY,
    Json,
    answer,
    document,
    pack,
    requirement,
    rule_set,
    says,
    shows,
)

ASK = Text(en="Show it")


def test_a_leaf_that_is_covered_holds_and_needs_nothing() -> None:
    for leaf in (
        LeafGround("a", ASK, covered=True, types=("policy",), wanted=1),
        LeafGround("a", ASK, covered=True, question="boolean", options=frozenset({1})),
    ):
        assert leaf.holds({}, {}) is True
        assert leaf.need({}) == Every()


def test_a_leaf_needs_what_is_missing_of_it() -> None:
    leaf = LeafGround("a", ASK, covered=False, types=("policy",), wanted=2, good={"doc-1": "1" * 64, "copy": "1" * 64})
    assert leaf.need({}) == MoreDocuments(("policy",), 2)
    assert leaf.need({"doc-1": None, "copy": None}) == MoreDocuments(("policy",), 1)
    enough = {"doc-1": None, "new": "policy", "other": "record"}
    assert (leaf.need(enough), leaf.holds(enough, {}), leaf.holds({"doc-1": None}, {})) == (Every(), True, False)
    asked = LeafGround("a", ASK, covered=False, question="boolean", options=frozenset({1}))
    assert asked.need({}) == AnswerAmong("boolean", frozenset({1}))
    assert (asked.holds({}, {}), asked.holds({}, {"boolean": 1})) == (False, True)


def values(*leaves: Json, **given: Any) -> Any:
    """What is worth answering, of the only question asked, and which numbers satisfy each leaf."""
    rules = rule_set(*(requirement(f"1.{number}", leaf) for number, leaf in enumerate(leaves, 1)))
    requirements = list(rules.requirements.values())
    options = Options.of(rules, requirements, pack(**given), DAY)
    [found] = options.values.values()
    asked = [leaf for item in requirements for leaf in item.tree.answer_leaves]
    return found, [set(options.satisfying(leaf, as_it_stands=False)) for leaf in asked]


def test_values_worth_giving_are_those_at_which_an_operator_begins_to_hold() -> None:
    """semantics.md 2, the operators of an answer; what was answered already is not worth answering again."""
    assert values(says("integer", at_least=2), says("integer", at_most=3)) == ((2, 3), [{1, 2}, {1, 2}])
    assert values(says("integer", at_least=2), answers=[answer(2, "integer")]) == ((), [set()])
    assert values(says("choice", one_of=["b", "c"]), answers=[answer("b", "choice")]) == (("c",), [{1}])
    assert values(says("choices", is_=["x", "w"])) == ((("x", "w"),), [{1}])
    some = says("choices", includes_all=["w"]), says("choices", includes_any=["x", "y"])
    assert values(*some) == ((("w", "x"),), [{1}, {1}])
    assert values(*some, answers=[answer(["y", "z"], "choices")]) == ((("w", "y", "z"),), [{1}, {1}])
    assert values(says("date", within_months=0)) == ((DAY.isoformat(),), [{1}])
    assert values(says("date", is_="2026-01-01")) == (("2026-01-01",), [{1}])


def test_documents_on_file_that_may_help_are_in_force_of_the_types_and_each_there_once() -> None:
    rules = rule_set(requirement("1.1", shows(at_least=2)))
    papers = [
        document("begins", valid_from=DAY),
        document("ends", valid_until=DAY),
        document("later", valid_from=TOMORROW),
        document("over", valid_until=YESTERDAY),
        document("other", "record"),
        document("linked"),
        document("copy", sha256=document("linked")["sha256"]),
        document("twin", sha256=document("begins")["sha256"]),
    ]
    counts = LeafGround("a", ASK, covered=False, types=("policy",), wanted=2, good={"linked": papers[5]["sha256"]})
    found = on_file(pack(documents=papers), rules.requirements["1.1"], ["linked"], [counts], DAY)
    assert found == ("begins", "ends")


def test_a_copy_in_force_may_help_where_the_one_that_is_linked_does_not_count() -> None:
    rules = rule_set(requirement("1.1", shows()))
    linked = document("linked", withdrawn_on=DAY)
    papers = [linked, document("copy", sha256=linked["sha256"])]
    assert on_file(pack(documents=papers), rules.requirements["1.1"], ["linked"], [], DAY) == ("copy",)


def test_the_same_content_issued_later_is_offered_too_as_the_older_one_may_be_too_old() -> None:
    rules = rule_set(requirement("1.1", shows()))
    older = document("older", issued_on="2020-01-01")
    papers = [older, document("newer", sha256=older["sha256"])]
    assert on_file(pack(documents=papers), rules.requirements["1.1"], [], [], DAY) == ("newer", "older")
