"""Which documents are good and which answers satisfy, on both sides of every date (semantics.md 2)."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from datetime import date
from typing import Any

import pytest

from tests.engine.small import (
    DAY,
    DECLARED,
    EVIDENCED,
    TOMORROW,
    YESTERDAY,
    Json,
    answer,
    codes,
    document,
    gap,
    judged,
    programme,
    reached,
    requirement,
    response,
    says,
    shows,
)


def _holds(met_when: Json, *documents: Json, on: date = DAY, **parts: Any) -> bool:
    """Whether one requirement is evidenced by documents that are all linked."""
    linked = response(*(item["id"] for item in documents))
    return bool(
        judged(requirement(met_when=met_when), on=on, documents=documents, responses=[linked], **parts).evidenced
    )


def test_a_good_document_of_one_of_the_types_satisfies_the_leaf() -> None:
    assert _holds(shows("report", "policy"), document())
    assert not _holds(shows("report", "record"), document())


def test_only_linked_documents_count() -> None:
    """semantics.md: "among those **linked to the requirement's response**"."""
    parts: Json = {"documents": [document()], "responses": [response()]}
    assert reached(judged(**parts)) == DECLARED
    assert reached(judged(**parts | {"responses": [response("doc-1")]})) == EVIDENCED


@pytest.mark.parametrize(
    ("fields", "yesterday", "today", "tomorrow"),
    [
        ({"issued_on": DAY}, False, True, True),
        ({"valid_from": DAY}, False, True, True),
        ({"valid_from": YESTERDAY, "issued_on": DAY}, False, True, True),
        ({"valid_until": DAY}, True, True, False),
        ({"withdrawn_on": DAY}, True, False, False),
        ({"withdrawn_on": TOMORROW, "valid_until": "2026-12-31"}, True, True, False),
    ],
)
def test_issued_in_force_and_not_withdrawn(fields: Json, yesterday: object, today: object, tomorrow: object) -> None:
    """semantics.md: "issued on or before it, in force (`valid_from`..`valid_until`), not withdrawn on or before it"."""
    days = (YESTERDAY, DAY, TOMORROW)
    assert [_holds(shows(), document(**fields), on=day) for day in days] == [yesterday, today, tomorrow]


@pytest.mark.parametrize(
    ("issued", "months", "last"),
    [
        ("2025-04-01", 12, "2026-04-01"),
        ("2025-08-31", 6, "2026-02-28"),
        ("2024-02-29", 24, "2026-02-28"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-04-01", 0, "2026-04-01"),
    ],
)
def test_age(issued: str, months: int, last: str) -> None:
    """semantics.md: "`as_of <= issued_on + max_age_months`"."""
    rule, paper, day = shows(max_age_months=months), document(issued_on=issued), date.fromisoformat(last)
    assert _holds(rule, paper, on=day)
    assert not _holds(rule, paper, on=date.fromordinal(day.toordinal() + 1))


def test_distinct_files_are_counted() -> None:
    """semantics.md: "at least so many documents, counted by distinct SHA-256"."""
    rule = shows(at_least=2)
    assert not _holds(rule, document("a"))
    assert not _holds(rule, document("a", sha256="0" * 64), document("b", sha256="0" * 64))
    assert _holds(rule, document("a"), document("b"))
    assert not _holds(rule, document("a"), document("b", withdrawn_on=DAY))


class TestReplaced:
    """As semantics.md has it.

    "not replaced, itself or through documents that it was replaced by, by another linked document that is good in all
    else".
    """

    def _old_counts(self, *heirs: Json, linked: tuple[str, ...], **old: Any) -> bool:
        """Whether "old" is still good: two distinct good documents are wanted, and one other is there."""
        papers = [document("old", **old), document("other"), *heirs]
        rule = requirement(met_when=shows(at_least=2, max_age_months=12))
        return bool(judged(rule, documents=papers, responses=[response("old", "other", *linked)]).evidenced)

    def test_a_replaced_document_does_not_count(self) -> None:
        heir = document("new", replaces="old")
        papers, rule = [document("old"), heir], requirement(met_when=shows(at_least=2))
        assert not judged(rule, documents=papers, responses=[response("old", "new")]).evidenced

    def test_one_that_is_not_linked_replaces_nothing(self) -> None:
        assert self._old_counts(document("new", replaces="old"), linked=())

    @pytest.mark.parametrize(
        "fields",
        [{"issued_on": TOMORROW}, {"valid_until": YESTERDAY}, {"withdrawn_on": DAY}, {"issued_on": "2025-03-31"}],
        ids=["not yet issued", "expired", "withdrawn", "too old for the leaf"],
    )
    def test_one_that_is_not_good_replaces_nothing(self, fields: Json) -> None:
        assert self._old_counts(document("new", replaces="old", **fields), linked=("new",))

    @pytest.mark.parametrize("fields", [{"issued_on": DAY}, {"valid_until": DAY}, {"issued_on": "2025-04-01"}])
    def test_one_that_is_good_on_the_very_day_replaces(self, fields: Json) -> None:
        heir = document("new", replaces="old", **fields)
        rule = requirement(met_when=shows(at_least=2, max_age_months=12))
        assert not judged(rule, documents=[document("old"), heir], responses=[response("old", "new")]).evidenced

    def test_through_others_that_need_not_be_linked_or_good(self) -> None:
        between = document("between", replaces="old", withdrawn_on="2026-02-01")
        papers = [document("old"), between, document("new", replaces="between")]
        rule = requirement(met_when=shows(at_least=2))
        for linked in (("old", "new"), ("old", "between", "new")):
            assert not judged(rule, documents=papers, responses=[response(*linked)]).evidenced
        assert judged(documents=papers, responses=[response("old", "new")]).evidenced

    def test_the_replaced_counts_again_once_the_new_one_is_withdrawn(self) -> None:
        rule = requirement(met_when=shows(at_least=2))
        papers = [document("old"), document("other"), document("new", replaces="old", withdrawn_on=TOMORROW)]
        parts: Json = {"documents": papers, "responses": [response("old", "other", "new")]}
        three = requirement(met_when=shows(at_least=3))
        assert [judged(rule, on=day, **parts).evidenced for day in (DAY, TOMORROW)] == [True, True]
        assert codes(judged(three, on=DAY, **parts))[0] == "document_replaced"
        assert codes(judged(three, on=TOMORROW, **parts))[0] == "document_withdrawn"

    def test_two_branches_of_replacement(self) -> None:
        """One document may be replaced by several; any good one of them is enough."""
        heirs = [document("left", replaces="old", withdrawn_on=DAY), document("right", replaces="old")]
        assert gap(
            requirement(met_when=shows(at_least=3)),
            documents=[document("old"), *heirs],
            responses=[response("old", "left", "right")],
        ).reasons[1] == {"code": "document_replaced", "leaf": "doc", "document": "old", "replaced_by": "right"}


class TestProgrammes:
    """As semantics.md has it.

    "In a `programme` requirement a document that names programmes counts only for those; one that names none counts for
    all".
    """

    RULE = requirement(concerns="programme")

    @pytest.mark.parametrize(
        ("named", "evidenced"),
        [([], True), (["prog-a"], False), (["prog-a", "prog-b"], True), (["prog-a", "prog-b", "gone"], True)],
    )
    def test_every_programme_needs_a_document(self, named: list[str], evidenced: object) -> None:
        entry = judged(
            self.RULE,
            programmes=[programme("prog-b"), programme("prog-a")],
            documents=[document(programmes=named)],
            responses=[response("doc-1")],
        )
        assert entry.evidenced is evidenced

    def test_one_document_each(self) -> None:
        papers = [document("a", programmes=["prog-a"]), document("b", programmes=["prog-b"])]
        programmes = [programme("prog-a"), programme("prog-b")]
        assert judged(self.RULE, programmes=programmes, documents=papers, responses=[response("a", "b")]).evidenced
        assert not judged(self.RULE, programmes=programmes, documents=papers, responses=[response("a")]).evidenced

    def test_what_a_document_names_says_nothing_in_other_requirements(self) -> None:
        assert _holds(shows(), document(programmes=["prog-x"]), programmes=[programme("prog-a")])

    def test_a_document_for_a_programme_does_not_count_for_a_service_that_lists_none(self) -> None:
        parts: Json = {"documents": [document(programmes=["prog-a"])], "responses": [response("doc-1")]}
        assert not judged(self.RULE, **parts).evidenced
        assert judged(self.RULE, **parts | {"documents": [document()]}).evidenced


@pytest.mark.parametrize(
    ("question", "operator", "wanted", "given", "expected"),
    [
        ("choice", "is_", "a", "a", True),
        ("choice", "one_of", ["a", "b"], "c", False),
        ("boolean", "is_", True, False, False),
        ("integer", "at_least", 3, 3, True),
        ("integer", "at_most", 3, 4, False),
        ("decimal", "at_least", "1.5", "1.50", True),
        ("decimal", "at_most", "0.3", "0.30000000000000001", False),
        ("choices", "is_", ["w", "x"], ["x", "w"], True),
        ("choices", "includes_all", ["w", "x"], ["w", "x", "z"], True),
        ("choices", "includes_any", ["w", "x"], ["z"], False),
        ("date", "is_", "2026-04-01", "2026-04-01", True),
    ],
)
def test_answers(question: str, operator: str, wanted: object, given: object, expected: object) -> None:
    test: Json = {operator: wanted}
    rule = says(question, **test)
    assert _holds(rule, answers=[answer(given, question)]) is expected


def test_not_answered_is_not_satisfied() -> None:
    assert not _holds(says("integer", at_most=0))
    assert not _holds(says("integer", at_most=0), answers=[answer(None, "integer")])
    assert _holds(says("integer", at_most=0), answers=[answer(0, "integer")])


@pytest.mark.parametrize(
    ("given", "months", "first", "last"),
    [
        ("2026-04-01", 6, "2026-04-01", "2026-10-01"),
        ("2025-08-31", 6, "2025-08-31", "2026-02-28"),
        ("2028-02-29", 12, "2028-02-29", "2029-02-28"),
        ("2026-04-01", 0, "2026-04-01", "2026-04-01"),
    ],
)
def test_within_months(given: str, months: int, first: str, last: str) -> None:
    """semantics.md: "a date d with `d <= as_of <= d + m months`"."""
    rule, said = says("date", within_months=months), [answer(given, "date")]
    start, end = date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal()
    days = [date.fromordinal(day) for day in (start - 1, start, end, end + 1)]
    assert [_holds(rule, answers=said, on=day) for day in days] == [False, True, True, False]


def test_a_leaf_holds_through_its_last_day_though_another_has_ended_before() -> None:
    """semantics.md 1: "Every range of dates is inclusive at both ends"."""
    rule = requirement(met_when={"any": [shows(leaf="a"), shows("record", leaf="b")]})
    papers = [document("doc-1", valid_until=DAY), document("doc-2", "record", valid_until=YESTERDAY)]
    found = [judged(rule, documents=papers, responses=[response("doc-1", "doc-2")], on=day) for day in (DAY, TOMORROW)]
    assert [(entry.evidenced, entry.valid_through) for entry in found] == [(True, DAY), (False, None)]


@pytest.mark.parametrize("order", [1, -1])
def test_a_document_that_has_ended_takes_nothing_from_one_that_lasts(order: int) -> None:
    papers = [document("doc-1"), document("doc-2", valid_until=YESTERDAY)][::order]
    assert _holds(shows(), *papers)


def test_for_each_programme_what_names_it_counts_and_what_names_none() -> None:
    """semantics.md 2: "a document that names programmes counts only for those; one that names none counts for all"."""
    rule = requirement(met_when={"all": [shows(), shows("record", leaf="rec")]}, concerns="programme")
    papers = [document("a", programmes=["prog-a"]), document("b", programmes=["prog-b"]), document("c", "record")]
    both = [programme("prog-a"), programme("prog-b")]
    for linked, expected in ((papers, True), ([papers[0], papers[2]], False)):
        links = response(*(item["id"] for item in linked))
        assert judged(rule, programmes=both, documents=linked, responses=[links]).evidenced is expected
