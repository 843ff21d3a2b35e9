"""The steps of the cheapest way up: which leaves each serves, and what is linked where."""

from app.engine.way_up import WayUp
from tests.engine.small import (
    answer,
    certificate,
    crosswalk,
    document,
    full,
    override,
    partial,
    requirement,
    response,
    says,
    shows,
)
from tests.engine.ways import MEETS, UNSEEN, way


def served(found: WayUp) -> dict[str, list[tuple[str, str]]]:
    """The leaves that each step serves, by what it is about."""
    return {step.subject: [(item.requirement, item.leaf) for item in step.serves] for step in found.steps}


def test_a_step_serves_the_leaves_that_it_satisfies_and_that_do_not_hold_without_it() -> None:
    several = requirement(
        "1.1", {"all": [shows(leaf="one"), shows(leaf="two", at_least=2), says("integer", at_least=1)]}
    )
    values = requirement("1.2", {"any": [says("integer", at_least=3), says("integer", leaf="few", at_most=1)]})
    same = requirement("1.3", {"all": [says("integer", at_least=3), says("choice", leaf="other", is_="a")]})
    shown = requirement("1.4", {"any": [shows(), says("integer", at_least=3)]})
    found = way(
        several,
        values,
        same,
        shown,
        documents=[document()],
        answers=[answer(2, "integer"), answer("a", "choice")],
        responses=[response("doc-1"), response("doc-1", name="1.4")],
    )
    assert served(found) == {"integer": [("1.2", "ans"), ("1.3", "ans")], "policy": [("1.1", "two")]}
    assert found.steps[0].wanted == ({"at_least": 3},)
    assert found.changes.link == {"1.1": ("new-policy-1",)}


def test_a_new_document_is_linked_only_where_none_on_file_will_do() -> None:
    found = way(
        requirement("1.1", shows(max_age_months=1)), requirement("1.2"), documents=[document(issued_on="2020-01-01")]
    )
    assert served(found) == {"doc-1": [("1.2", "doc")], "policy": [("1.1", "doc")]}


def test_an_answer_serves_what_another_answer_would_undo() -> None:
    found = way(
        requirement("1.1", {"any": [says(is_=False), says("integer", leaf="more", at_least=5)]}),
        requirement("1.2", says(is_=True)),
        answers=[answer(value=False)],
        responses=[response()],
    )
    assert served(found) == {"boolean": [("1.2", "ans")], "integer": [("1.1", "more")]}


def test_of_two_answers_that_would_each_do_both_serve() -> None:
    found = way(
        requirement("1.1", {"any": [says("integer", at_least=3), says("choice", leaf="other", is_="a")]}),
        requirement("1.2", says("integer", at_least=3)),
        requirement("1.3", says("choice", is_="a")),
    )
    assert served(found) == {
        "choice": [("1.1", "other"), ("1.3", "ans")],
        "integer": [("1.1", "ans"), ("1.2", "ans")],
    }


def test_a_leaf_that_is_covered_is_served_by_nothing() -> None:
    found = way(
        requirement("1.1", {"all": [says(), shows()]}),
        requirement("1.2", says()),
        crosswalks=[crosswalk(partial("ans"))],
        accreditations=[certificate()],
    )
    assert served(found) == {"boolean": [("1.2", "ans")], "policy": [("1.1", "doc")]}


def test_nothing_is_linked_to_what_stays_beyond_or_is_left_to_an_override() -> None:
    found = way(
        requirement("1.1", says()),
        requirement("1.2", {"all": [says(is_=False), shows()]}),
        documents=[document()],
    )
    assert (found.beyond, found.changes.link) == (("1.2",), {})
    kept = way(
        requirement("1.1", {"all": [shows("record"), says()]}),
        requirement("1.2", {"any": [says(is_=False), shows("record")]}),
        answers=[answer(value=True)],
        responses=[response()],
        reviews=[override()],
    )
    assert kept.changes.link == {"1.2": ("new-record-1",)}


def test_what_was_never_claimed_may_be_accepted_as_it_stands() -> None:
    """semantics.md 5.2: a review is made on version 0 where there is no response."""
    own = way(
        requirement("1.1", says()),
        crosswalks=[crosswalk()],
        accreditations=[certificate(**UNSEEN)],
        answers=[answer(value=True)],
    )
    assert (own.accept, own.verify, own.after_decisions.status) == (("1.1",), (), MEETS)


def test_no_more_accreditations_are_to_be_seen_than_needed() -> None:
    found = way(
        requirement("1.1"),
        requirement("1.2"),
        crosswalks=[crosswalk(), crosswalk(full("1.2"), scheme="beta")],
        accreditations=[certificate(**UNSEEN), certificate("acc-2", scheme="beta", **UNSEEN)],
        documents=[document()],
        responses=[response("doc-1", name="1.2")],
    )
    assert (found.verify, found.accept, found.after_decisions.status) == (("acc-1",), ("1.2",), MEETS)
