"""What reviews are worth: newest, stale, override (semantics.md 5.2)."""

from datetime import date
from typing import Any, ClassVar

import pytest

from app.engine.reviews import Standing
from tests.engine.small import (
    ACCEPTED,
    DAY,
    DECLARED,
    EVIDENCED,
    NOTHING,
    SHOWN,
    TOMORROW,
    VERIFIED,
    YESTERDAY,
    Json,
    answer,
    certificate,
    codes,
    crosswalk,
    document,
    judged,
    override,
    programme,
    reached,
    reason,
    requirement,
    response,
    review,
    says,
    shows,
)

SAYS = requirement(met_when=says())


def test_the_newest_decides_and_older_ones_never_count() -> None:
    older = review("doc-1", decided_at="2026-03-20T13:59:59.999Z")
    newer = review(decision="rejected", decided_at="2026-03-20T14:00:00Z", reason="no")
    for reviews in ([older, newer], [newer, older]):
        assert reached(judged(**SHOWN, reviews=reviews)) == DECLARED
    assert reached(judged(**SHOWN, reviews=[newer | {"decided_at": "2026-03-20T13:59:59Z"}, older])) == VERIFIED


class TestStale:
    """semantics.md: "An `accepted` is *stale* when …; a stale acceptance counts as no review"."""

    def test_not_stale(self) -> None:
        entry = judged(**ACCEPTED)
        assert (reached(entry), codes(entry)) == (VERIFIED, [])

    @pytest.mark.parametrize("version", [2, 7])
    def test_the_responses_version_is_now_another(self, version: int) -> None:
        entry = judged(**ACCEPTED | {"responses": [response("doc-1", version=version)]})
        assert (reached(entry), codes(entry)) == (EVIDENCED, ["review_stale"])

    def test_a_review_of_no_response_while_there_is_none(self) -> None:
        """semantics.md: "Made on response version n (0 where there is none)"."""
        early = override(response_version=0)
        assert reached(judged(reviews=[early])) == VERIFIED
        assert reached(judged(reviews=[early], responses=[response()])) == DECLARED

    def test_it_links_a_document_that_the_review_did_not_see(self) -> None:
        more: Json = {"documents": [document(), document("doc-2")], "responses": [response("doc-1", "doc-2")]}
        assert codes(judged(**ACCEPTED | more)) == ["review_stale"]
        assert reached(judged(**ACCEPTED | more | {"reviews": [review("doc-1", "doc-2")]})) == VERIFIED

    def test_documents_are_seen_by_content(self) -> None:
        same = {"documents": [document(), document("copy", sha256=document()["sha256"])]}
        assert reached(judged(**ACCEPTED | same | {"responses": [response("copy")]})) == VERIFIED

    def test_a_document_taken_away_makes_nothing_stale(self) -> None:
        assert reached(judged(**ACCEPTED | {"reviews": [review("doc-1", "doc-2")]})) == VERIFIED

    @pytest.mark.parametrize(
        ("at", "stale"),
        [("2026-03-20T13:59:59Z", False), ("2026-03-20T14:00:00Z", False), ("2026-03-20T14:00:00.000001Z", True)],
    )
    def test_an_answer_to_a_question_in_the_tree_was_given_afterwards(self, at: str, stale: object) -> None:
        entry = judged(SAYS, answers=[answer(value=True, at=at)], responses=[response()], reviews=[review()])
        assert codes(entry) == (["review_stale"] if stale else [])

    @pytest.mark.parametrize("late", ["boolean", "integer"])
    def test_one_of_several_answers_given_afterwards_is_enough(self, late: str) -> None:
        rule = requirement(met_when={"all": [says(), says("integer", leaf="more", at_least=1)]})
        given = {"boolean": answer(value=True), "integer": answer(2, "integer")}
        assert reached(judged(rule, answers=given.values(), responses=[response()], reviews=[review()])) == VERIFIED
        given[late]["answered_at"] = "2026-03-20T14:00:01Z"
        entry = judged(rule, answers=given.values(), responses=[response()], reviews=[review()])
        assert codes(entry) == ["review_stale"]

    def test_an_answer_taken_back_afterwards(self) -> None:
        """semantics.md: "an answer taken back stays with `value` null (not answered, but given at that instant)"."""
        rule = requirement(met_when={"any": [shows(), says()]})
        entry = judged(rule, **ACCEPTED, answers=[answer(None, at="2026-03-21T00:00:00Z")])
        assert codes(entry) == ["review_stale"]

    def test_an_answer_to_another_question_makes_nothing_stale(self) -> None:
        assert reached(judged(**ACCEPTED, answers=[answer(value=True, at="2026-03-21T00:00:00Z")])) == VERIFIED

    @pytest.mark.parametrize(
        ("seen", "stale"), [([], True), (["prog-a"], True), (["prog-b", "prog-a"], False), (["gone"], True)]
    )
    def test_a_programme_judged_that_the_review_does_not_name(self, seen: list[str], stale: object) -> None:
        entry = judged(
            requirement(concerns="programme"),
            **SHOWN,
            programmes=[programme("prog-a"), programme("prog-b")],
            reviews=[review("doc-1", programmes=seen)],
        )
        assert codes(entry) == (["review_stale"] if stale else [])

    def test_programmes_are_of_no_concern_elsewhere(self) -> None:
        assert reached(judged(**ACCEPTED, programmes=[programme()])) == VERIFIED
        assert reached(judged(requirement(concerns="organisation"), **ACCEPTED, programmes=[programme()])) == VERIFIED

    def test_a_stale_acceptance_of_an_exclusion(self) -> None:
        rule = requirement(may_be_excluded=True)
        out = response(rating="not_applicable", exclusion_reason="not ours")
        assert judged(rule, responses=[out], reviews=[review()]).applicability == "excluded"
        entry = judged(rule, responses=[out | {"version": 2}], reviews=[review()])
        assert (entry.applicability, codes(entry)[0]) == ("applicable", "exclusion_unreviewed")


class TestStandingDecisions:
    """semantics.md: "… stands until a later decision, whatever is edited meanwhile"."""

    EDITED: ClassVar[Json] = {
        "documents": [document(), document("doc-2")],
        "responses": [response("doc-1", "doc-2", version=5)],
    }

    def test_rejected(self) -> None:
        entry = judged(**self.EDITED, reviews=[review(decision="rejected", reason="no")])
        assert (reached(entry), codes(entry), entry.progress) == (DECLARED, ["review_rejected"], "0.0")

    def test_more_information(self) -> None:
        entry = judged(**self.EDITED, reviews=[review(decision="more_information", reason="what?")])
        assert (reached(entry), codes(entry), entry.progress) == (EVIDENCED, ["more_information_requested"], "100.0")

    def test_rejected_stands_against_full_coverage_as_well(self) -> None:
        parts: Json = {"crosswalks": [crosswalk()], "accreditations": [certificate()]}
        assert reached(judged(**parts)) == VERIFIED
        assert reached(judged(**parts, reviews=[review(response_version=0, decision="rejected")])) == DECLARED
        more = [review(response_version=0, decision="more_information")]
        assert reached(judged(**parts, reviews=more)) == EVIDENCED


class TestOverride:
    """As semantics.md has it.

    "`accepted` with `override: true` … satisfies all rungs up to `until`, unless r says `not_met`; after `until` it
    counts as no review".
    """

    @pytest.mark.parametrize("rating", ["met", "partly_met", None])
    def test_it_satisfies_all_rungs_through_its_last_day(self, rating: str | None) -> None:
        parts: Json = {"responses": [response(rating=rating)], "reviews": [override()]}
        entry = judged(**parts)
        assert (reached(entry), entry.route, entry.progress, codes(entry)) == (VERIFIED, "override", "100.0", [])
        assert entry.valid_through == DAY
        assert reached(judged(on=TOMORROW, **parts)) == (DECLARED if rating == "met" else NOTHING)

    def test_it_is_named_while_it_counts(self) -> None:
        parts: Json = {"responses": [response()], "reviews": [override(second_reviewer="usr-8")]}
        entry = judged(**parts)
        assert entry.override is not None
        assert entry.override.model_dump(mode="json") == {
            "reviewer": "usr-9",
            "second_reviewer": "usr-8",
            "reason": "seen",
            "decided_at": "2026-03-20T14:00:00Z",
            "until": "2026-04-01",
        }
        assert judged(on=TOMORROW, **parts).override is None

    @pytest.mark.parametrize("rating", ["not_met", "not_applicable"])
    def test_it_never_speaks_against_the_provider(self, rating: str) -> None:
        entry = judged(responses=[response(rating=rating)], reviews=[override()])
        assert (reached(entry), entry.override, entry.route) == (NOTHING, None, "none")

    def test_after_its_last_day_the_evidence_beside_it_is_not_accepted(self) -> None:
        parts: Json = SHOWN | {"reviews": [override("doc-1")]}
        entry = judged(on=TOMORROW, **parts)
        assert (reached(entry), codes(entry)) == (EVIDENCED, ["override_lapsed"])
        assert reason(entry, "override_lapsed") == {"until": "2026-04-01"}

    def test_there_is_nothing_to_say_of_its_end_where_nothing_is_shown_or_claimed(self) -> None:
        entry = judged(on=TOMORROW, reviews=[override(response_version=0)])
        assert codes(entry) == ["not_answered", "document_missing"]

    def test_it_does_not_count_before_the_day_that_is_asked_about_either(self) -> None:
        """semantics.md: "What was said and decided (answers, reviews) counts whatever `as_of` is"."""
        assert reached(judged(on=YESTERDAY.replace(year=2020), reviews=[override(response_version=0)])) == VERIFIED


def test_only_an_override_ends() -> None:
    """semantics.md 5.2: it is "`accepted` with `override: true`" that counts up to `until`."""
    entry = judged(**ACCEPTED | {"reviews": [review("doc-1", until=YESTERDAY)]})
    assert (reached(entry), entry.valid_through, entry.override) == (VERIFIED, None, None)


def test_no_review_is_worth_nothing_for_ever() -> None:
    none = Standing(None)
    assert (none.worth(DAY), none.override_ended(DAY), none.through(DAY)) == ("nothing", False, date.max)


def test_accepting_a_requirement_never_verifies_a_certificate() -> None:
    """semantics.md 1: "Accepting a requirement never verifies a certificate"."""
    unchecked: Json = {"crosswalks": [crosswalk()], "accreditations": [certificate(verified_on=None)]}
    entry = judged(**unchecked, reviews=[review(response_version=0)])
    assert (reached(entry), codes(entry)) == (EVIDENCED, ["accreditation_unverified"])


def test_an_acceptance_of_nothing_declared_verifies_nothing() -> None:
    draft: dict[str, Any] = {"responses": [response("doc-1", rating=None)]}
    entry = judged(**ACCEPTED | draft)
    assert (reached(entry), codes(entry)) == (NOTHING, ["not_answered"])
