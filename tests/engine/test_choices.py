"""What the contract leaves open, and what the engine does there: the reading that a cautious commissioner would expect.

semantics.md: "Where this page is silent, choose what a cautious commissioner would expect, and write the choice down".
Each test is named after one choice.
"""

from datetime import date
from typing import Any

import pytest

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
    asked,
    certificate,
    codes,
    crosswalk,
    determine,
    document,
    entries,
    full,
    gap,
    judged,
    override,
    partial,
    programme,
    reached,
    reason,
    requirement,
    response,
    review,
    says,
    shows,
    states,
)

WHEN = requirement(concerns="programme", applies_when=states("choice", is_="a"))
BY_PROGRAMME = requirement(concerns="programme")
HELD: Json = {"crosswalks": [crosswalk()], "accreditations": [certificate()]}


def test_a_field_unstated_for_any_programme_is_a_reason_though_others_state_it() -> None:
    both = [programme("prog-a", choice="a"), programme("prog-b")]
    assert reason(gap(WHEN, programmes=both), "profile_unstated") == {"fields": ["choice"]}
    assert codes(gap(WHEN, programmes=both[:1]))[0] == "not_answered"


def test_fields_unstated_for_a_programme_that_is_judged_anyway_are_no_reason() -> None:
    rule = WHEN | {"applies_when": {"any": [states("choice", is_="a"), states("boolean", is_=True)]}}
    both = [programme("prog-a", choice="a"), programme("prog-b", boolean=True)]
    assert codes(gap(rule, programmes=both))[0] == "not_answered"


@pytest.mark.parametrize("empty", [None, []])
def test_an_empty_value_of_a_programme_overrides_nothing(empty: object) -> None:
    rule = BY_PROGRAMME | {"applies_when": states("choices", includes_any=["w"])}
    own = [programme("prog-a", choices=empty)]
    assert judged(rule, profile={"choices": ["x"]}, programmes=own).applicability == "not_applicable"


def test_an_override_goes_stale_like_any_acceptance() -> None:
    assert reached(judged(**SHOWN, reviews=[override("doc-1")])) == VERIFIED
    for stale in (override("doc-1", response_version=2), override()):
        assert reached(judged(**SHOWN, reviews=[stale])) == EVIDENCED


def test_an_override_that_has_ended_and_is_stale_is_told_as_ended() -> None:
    assert codes(judged(**SHOWN, reviews=[override(until=YESTERDAY)])) == ["override_lapsed"]


def test_an_override_made_before_the_claim_not_applicable_excludes_nothing() -> None:
    out = response(rating="not_applicable", exclusion_reason="no")
    entry = judged(requirement(may_be_excluded=True), responses=[out | {"version": 2}], reviews=[override()])
    assert (entry.applicability, reached(entry)) == ("applicable", NOTHING)


def test_a_verified_requirement_has_no_reasons_whatever_else_is_amiss() -> None:
    expired = certificate(expires_on=YESTERDAY)
    rule = requirement(applies_when=states("choice", is_="a"))
    assert judged(rule, **ACCEPTED, crosswalks=[crosswalk()], accreditations=[expired]).reasons == ()


def test_covered_leaves_come_in_the_order_of_the_rule_set() -> None:
    rule = requirement(met_when={"all": [shows(leaf="z"), shows(leaf="m"), shows(leaf="a")]})
    entry = judged(rule, crosswalks=[crosswalk(partial("a", "m", "z"))], accreditations=[certificate()])
    assert entry.covered_by[0].leaves == ("z", "m", "a")


def test_a_rejected_requirement_declared_by_its_certificate_has_the_route_of_the_certificate() -> None:
    rejected: Json = {"reviews": [review(response_version=0, decision="rejected")]}
    entry = judged(**HELD, **rejected)
    assert (reached(entry), entry.route) == (DECLARED, "accreditation")
    claimed = judged(**HELD, responses=[response()], reviews=[review(decision="rejected")])
    assert (reached(claimed), claimed.route) == (DECLARED, "declaration")


def test_the_route_explains_the_highest_rung() -> None:
    unverified: Json = {"crosswalks": [crosswalk()], "accreditations": [certificate(verified_on=None)]}
    assert judged(**SHOWN, **unverified).route == "accreditation"
    entry = judged(**ACCEPTED, **unverified)
    assert (reached(entry), entry.route) == (VERIFIED, "evidence")


def test_one_programme_by_certificate_and_one_by_evidence() -> None:
    given: Json = {
        "programmes": [programme("prog-a"), programme("prog-b")],
        "crosswalks": [crosswalk()],
        "accreditations": [certificate(scope={"kind": "programme", "programmes": [{"id": "prog-a"}]})],
        "responses": [response("doc-1")],
    }
    some = judged(BY_PROGRAMME, documents=[document(programmes=["prog-b"])], **given)
    assert (reached(some), some.route) == (EVIDENCED, "evidence_and_accreditation")
    every = judged(BY_PROGRAMME, documents=[document()], **given)
    assert (reached(every), every.route) == (EVIDENCED, "evidence")


def test_progress_asks_and_leaf_reasons_of_an_unsatisfied_exclusion() -> None:
    rule = requirement(met_when={"all": [shows(leaf="a"), shows("report", leaf="b")]}, may_be_excluded=True)
    out = response("doc-1", rating="not_applicable", exclusion_reason="no")
    found = determine(rule, documents=[document()], responses=[out])
    entry, left = found.standards[0].requirements[0], found.gaps[0]
    assert (entry.progress, codes(entry), asked(left)) == ("33.3", ["exclusion_unreviewed", "document_missing"], ["b"])


def test_an_exclusion_whose_evidence_is_there_all_the_same_can_be_stale() -> None:
    out = response("doc-1", rating="not_applicable", exclusion_reason="no", version=2)
    entry = judged(
        requirement(may_be_excluded=True), documents=[document()], responses=[out], reviews=[review("doc-1")]
    )
    assert codes(entry) == ["exclusion_unreviewed", "review_stale"]


def test_what_covers_is_listed_also_under_an_override_and_a_refusal() -> None:
    for given in ({"reviews": [override(response_version=0)]}, {"reviews": [review(decision="rejected")]}):
        entry = judged(**HELD, **given)
        assert [item.accreditation for item in entry.covered_by] == ["acc-1"]
    found = determine(**HELD, reviews=[override(response_version=0)])
    assert found.rests_on[0].weight.model_dump() == {"declared": 0, "evidenced": 0, "verified": 0}


def test_nothing_is_listed_as_covering_where_the_provider_says_less_than_met_though_overridden() -> None:
    entry = judged(**HELD, responses=[response(rating="partly_met")], reviews=[override()])
    assert (entry.route, entry.covered_by) == ("override", ())


def test_a_document_is_told_only_under_programmes_for_which_it_counts() -> None:
    bad = document(programmes=["prog-a"], withdrawn_on=DAY)
    given: dict[str, Any] = {"documents": [bad], "responses": [response("doc-1")]}
    found = gap(BY_PROGRAMME, programmes=[programme("prog-a"), programme("prog-b")], **given)
    withdrawn = [item for item in found.reasons if item["code"] == "document_withdrawn"]
    assert [item["programme"] for item in withdrawn] == ["prog-a"]
    missing = [item for item in found.reasons if item["code"] == "document_missing"]
    assert [(item["programme"], item["have"]) for item in missing] == [("prog-b", 0)]
    nameless = gap(BY_PROGRAMME, **given)
    assert codes(nameless) == ["document_missing", "review_pending"]


def test_wanted_and_types_are_as_the_rule_set_writes_them() -> None:
    rule = requirement(met_when={"all": [says("choices", includes_any=["z", "w"]), shows("report", "policy")]})
    found = gap(rule, answers=[answer(["y", "x", "y"], "choices")])
    assert reason(found, "answer_insufficient")["wanted"] == {"includes_any": ["z", "w"]}
    assert reason(found, "answer_insufficient")["given"] == ["x", "y"]
    assert reason(found, "document_missing")["types"] == ["report", "policy"]


def test_an_empty_list_is_an_answer() -> None:
    found = gap(requirement(met_when=says("choices", includes_any=["w"])), answers=[answer([], "choices")])
    assert reason(found, "answer_insufficient")["given"] == []


def test_data_stay_as_written() -> None:
    found = gap(requirement(met_when=says("decimal", at_least="2.0")), answers=[answer("1.50", "decimal")])
    assert reason(found, "answer_insufficient") == {
        "leaf": "ans", "question": "decimal", "wanted": {"at_least": "2.0"}, "given": "1.50",
    }  # fmt: skip
    late = review("doc-1", decision="rejected", decided_at="2026-03-20T14:00:00.000+00:00")
    assert reason(gap(**SHOWN, reviews=[late]), "review_rejected")["decided_at"] == "2026-03-20T14:00:00.000+00:00"


def test_a_certificate_that_covers_is_no_obstacle_whatever_the_provider_says() -> None:
    found = gap(
        responses=[response(rating="not_met")], crosswalks=[crosswalk()], accreditations=[certificate(verified_on=None)]
    )
    assert codes(found) == ["self_rated_below_met", "document_missing", "accreditation_unverified"]


def test_a_certificate_both_withdrawn_and_expired_is_withdrawn() -> None:
    changes = [{"on": "2026-01-01", "status": "withdrawn"}]
    held = certificate(expires_on=YESTERDAY, status_changes=changes)
    assert codes(gap(crosswalks=[crosswalk()], accreditations=[held]))[-1] == "accreditation_withdrawn"


def test_a_scheme_already_held_would_still_cover() -> None:
    assert gap(crosswalks=[crosswalk()], accreditations=[certificate(verified_on=None)]).would_be_covered_by == (
        "alpha",
    )
    assert gap(BY_PROGRAMME, crosswalks=[crosswalk()]).would_be_covered_by == ("alpha",)


def test_a_change_in_the_gaps_of_the_asked_rung_counts_for_the_whole() -> None:
    """What changes on the asked rung changes the entry too, so the whole is never valid longer than its entries."""
    given: Json = {"documents": [document(valid_until=DAY)], "responses": [response("doc-1", rating="not_met")]}
    for rung in ("declared", "evidenced", "verified"):
        assert determine(rung=rung, **given).valid_through == DAY


def test_standards_of_good_practice_alone_are_not_assessed() -> None:
    found = determine(requirement("1.1", obligation="should"), requirement("2.1")).standards[0]
    assert (found.status.evidenced, found.progress, found.compliance.declared) == ("not_assessed", None, None)


def test_full_coverage_of_some_programmes_only_answers_nothing() -> None:
    given: Json = {"programmes": [programme("prog-a"), programme("prog-b")], "crosswalks": [crosswalk()]}
    held = [certificate(scope={"kind": "programme", "programmes": [{"id": "prog-a"}]})]
    assert codes(gap(BY_PROGRAMME, accreditations=held, **given)) == [
        "not_answered", "document_missing", "accreditation_out_of_scope",
    ]  # fmt: skip


def test_an_exclusion_under_more_information_is_unreviewed_as_well() -> None:
    out = response(rating="not_applicable", exclusion_reason="no")
    found = judged(requirement(may_be_excluded=True), responses=[out], reviews=[review(decision="more_information")])
    assert codes(found) == ["exclusion_unreviewed", "document_missing", "more_information_requested"]


def test_a_replacement_too_old_for_the_leaf_replaces_nothing_for_it() -> None:
    papers = [document("old", issued_on="2026-01-01"), document("new", replaces="old", issued_on="2025-01-01")]
    both: Json = {"documents": papers, "responses": [response("old", "new")]}
    assert judged(requirement(met_when=shows(max_age_months=12)), **both).evidenced
    young = judged(requirement(met_when=shows(max_age_months=24, at_least=2)), **both)
    assert reason(young, "document_replaced")["replaced_by"] == "new"


def test_staleness_looks_at_programmes_judged() -> None:
    both = [programme("prog-a", choice="a"), programme("prog-b", choice="b")]
    assert reached(judged(WHEN, programmes=both, **SHOWN, reviews=[review("doc-1", programmes=["prog-a"])])) == VERIFIED
    assert reached(judged(BY_PROGRAMME, **ACCEPTED)) == VERIFIED


def test_crosswalk_versions_compare_as_integers() -> None:
    walks = [crosswalk(version="10"), crosswalk(partial("doc"), version="9")]
    assert [item.version for item in determine(crosswalks=walks).crosswalks] == ["10"]


def test_programmes_covered_are_sorted_and_null_elsewhere() -> None:
    both = [programme("prog-b"), programme("prog-a")]
    assert judged(BY_PROGRAMME, programmes=both, **HELD).covered_by[0].programmes == ("prog-a", "prog-b")
    assert judged(BY_PROGRAMME, **HELD).covered_by[0].programmes == ()
    assert judged(programmes=both, **HELD).covered_by[0].programmes is None


def test_several_crosswalks_for_one_certificate_are_joined() -> None:
    """Refused by the loader; the engine joins what they list: full before partial, leaves and programmes united."""
    tree = {"all": [shows(leaf="a"), shows(leaf="b")]}
    walks = [crosswalk(partial("b")), crosswalk(partial("a"), id="alpha--z", recheck_months=0)]
    entry = judged(
        BY_PROGRAMME | {"met_when": tree}, programmes=[programme()], crosswalks=walks, accreditations=[certificate()]
    )
    [cover] = entry.covered_by
    assert (cover.coverage, cover.leaves, cover.programmes, cover.verified) == (
        "partial",
        ("a", "b"),
        ("prog-a",),
        False,
    )
    both = [crosswalk(full()), crosswalk(partial("a"), id="alpha--z")]
    entry = judged(requirement(met_when=tree), crosswalks=both, accreditations=[certificate()])
    assert [item.coverage for item in entry.covered_by] == ["full", "partial"]


def test_what_lasts_to_the_end_of_the_calendar_lasts_for_ever() -> None:
    given: Json = {"documents": [document(valid_until="2999-12-31")], "responses": [response("doc-1")]}
    assert judged(**given).valid_through == date(2999, 12, 31)
    assert judged(**given | {"documents": [document()]}).valid_through is None


def test_excluded_requirements_count_in_no_basis() -> None:
    out = response(rating="not_applicable", exclusion_reason="no")
    found = determine(requirement(may_be_excluded=True, basis=["law"]), responses=[out], reviews=[review()])
    assert found.counts.basis["law"] == 0
    assert entries(found)["1.1"].route == "exclusion"


def test_answers_and_reviews_of_a_later_day_count() -> None:
    said = [answer(value=True, at="2027-01-01T00:00:00Z")]
    later = [review(decided_at="2027-02-01T00:00:00Z")]
    rule = requirement(met_when=says())
    assert reached(judged(rule, on=TOMORROW, answers=said, responses=[response()], reviews=later)) == VERIFIED
