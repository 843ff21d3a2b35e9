"""What a policy makes of a determination: every reason, in a fixed order, from exact numbers."""

# ruff: noqa: ANN401 -- parts of packs and policies are JSON, and JSON is anything

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from app.engine.policy import Circumstances, Finding, Judged, Policy, judge
from app.engine.policy_check import moved
from app.engine.policy_words import reason_in_words
from app.engine.values import Text
from app.engine.what_if import Changes, what_if
from tests.engine import small
from tests.engine.small import DAY, Json

AT = Circumstances(as_of=DAY, contract_end=None, submitted_on=DAY, withdrawn=False, not_in_force=None)
# 1.1 is shown and accepted, and 1.2 and 2.1 are not.
THREE = (
    small.requirement("1.1"),
    small.requirement("1.2", weight=2, safety_critical=True),
    small.requirement("2.1", obligation="should"),
)


def policy(**fields: Any) -> Policy:
    return Policy(name="Ours", rule_set="small", **({"no_critical_gaps": False} | fields))


def judged(asked: Policy, *requirements: Json, at: Circumstances = AT, **parts: Any) -> Judged:
    rules = small.rule_set(*requirements)
    return judge(asked, rules, [small.crosswalk()], small.pack(**(parts or small.ACCEPTED)), at)


def found(asked: Policy, *requirements: Json, at: Circumstances = AT, **parts: Any) -> Finding:
    return judged(asked, *requirements, at=at, **parts).finding


def codes(finding: Finding) -> list[str]:
    return [reason.code for reason in finding.reasons]


def test_who_asks_nothing_more_passes_what_was_assessed() -> None:
    finding = found(policy(), *THREE)
    assert (finding.outcome, finding.reasons) == ("pass", ())
    assert policy().sha256 == policy().sha256 != policy(rung="declared").sha256
    assert finding.words.en == "Pass: it meets every threshold of the policy, read on the verified rung."


def test_compliance_is_compared_exactly_and_not_as_published() -> None:
    three = [small.requirement(name) for name in ("1.1", "1.2", "1.3")]
    assert codes(found(policy(minimum_compliance="33.3"), *three)) == []
    finding = found(policy(minimum_compliance="33.34"), *three)
    [reason] = finding.reasons
    assert (finding.outcome, reason.severity) == ("fail", "failure")
    assert reason.data == {"minimum": "33.34", "compliance": "33.3", "satisfied": 1, "applicable": 3}
    assert reason.words.en == "Compliance is 33.3% (weight 1 of 3); the policy asks for 33.34%."
    assert codes(found(policy(minimum_compliance="100"), small.requirement())) == []
    assert codes(found(policy(minimum_compliance="100", rung="declared"), *three)) == ["compliance_below"]


def test_every_reason_is_given_in_order_and_says_what_it_is() -> None:
    asked = policy(
        minimum_compliance="80",
        required_standards=(7, 2, 1),
        required_requirements=("2.1", "1.2", "9.9"),
        no_critical_gaps=True,
        maximum_age_months=1,
        conditions=("compliance_below", "assessment_too_old", "rule_set_not_in_force"),
    )
    particulars = {"rule_set": "small", "version": "1", "status": "draft"}
    at = replace(AT, submitted_on=date(2020, 1, 31), withdrawn=True, not_in_force=particulars)
    finding = found(asked, *THREE, at=at)
    told = [(reason.code, reason.severity, reason.words.en) for reason in finding.reasons]
    assert told == [
        ("assessment_withdrawn", "failure", "The provider has withdrawn the assessment."),
        (
            "not_in_rule_set",
            "failure",
            "The policy requires standard 7, which this version of the rule set does not have.",
        ),
        ("not_in_rule_set", "failure", "The policy requires 9.9, which this version of the rule set does not have."),
        (
            "rule_set_not_in_force",
            "condition",
            "Rule set small, version 1, is not published and in force on that day.",
        ),
        (
            "assessment_too_old",
            "condition",
            "The assessment was last submitted on 31 January 2020; the policy takes it until 29 February 2020.",
        ),
        ("critical_gap", "failure", "1.2 (Standard 1), which is safety critical, is not verified."),
        ("compliance_below", "condition", "Compliance is 33.3% (weight 1 of 3); the policy asks for 80%."),
        ("standard_not_met", "failure", "Standard 1 (Standard 1) is required, and these of it are not verified: 1.2."),
        ("requirement_not_met", "failure", "1.2 (Standard 1) is required, and is not verified."),
        ("requirement_not_met", "failure", "2.1 (Standard 2) is required, and is not verified."),
    ]
    for said in (finding.words, *(reason.words for reason in finding.reasons)):
        assert said.cy, said
        assert said.cy != said.en
        assert "{" not in said.cy
    assert finding.outcome == "fail"
    first = small.rule_set(*THREE).standards[0].title
    headed = {reason.code: reason.headings for reason in finding.reasons[:8]}
    assert headed["standard_not_met"] == {"1": first, "1.2": first}
    assert headed["critical_gap"] == {"1.2": first}
    assert headed["not_in_rule_set"] == headed["compliance_below"] == {}, "what is not there has no heading"
    assert (finding.reasons[5].words.cy or "").startswith("Nid yw 1.2 (Standard 1 (cy)), sy'n gritigol i ddiogelwch")


def test_what_only_makes_conditions_does_not_fail() -> None:
    finding = found(policy(minimum_compliance="80", conditions=("compliance_below",)), *THREE)
    assert finding.outcome == "pass_with_conditions"
    assert finding.words.en.startswith("Pass with conditions")


def test_nothing_passes_where_nothing_applies() -> None:
    finding = found(policy(minimum_compliance="100"), small.requirement(obligation="should"))
    assert (finding.outcome, codes(finding)) == ("fail", ["nothing_applies"])


def test_what_does_not_apply_is_not_required() -> None:
    never = small.requirement("1.2", applies_when=small.states("boolean", **{"is": True}))
    asked = policy(required_requirements=("1.2",), required_standards=(1,), minimum_compliance="100")
    told: Json = {"profile": {"boolean": False}} | small.ACCEPTED
    assert codes(found(asked, small.requirement("1.1"), never, **told)) == []


def test_an_assessment_counts_through_the_last_day_of_its_age() -> None:
    at = replace(AT, submitted_on=date(2025, DAY.month, DAY.day))
    assert codes(found(policy(maximum_age_months=12), *THREE, at=at)) == []
    assert codes(found(policy(maximum_age_months=11), *THREE, at=at)) == ["assessment_too_old"]


def test_without_accreditations_it_is_what_what_if_supposes() -> None:
    parts: Json = {"accreditations": [small.certificate("acc-2"), small.certificate("acc-1")]}
    asked = policy(minimum_compliance="100")
    taken = judged(asked, **parts)
    assert (codes(taken.finding), taken.without_accreditations) == ([], ())
    refused = judged(asked.replace(accreditation_accepted=False), **parts)
    assert (codes(refused.finding), refused.without_accreditations) == (["compliance_below"], ("acc-1", "acc-2"))
    supposed = what_if(
        small.rule_set(),
        [small.crosswalk()],
        small.pack(**parts),
        DAY,
        Changes(without_accreditations=("acc-1", "acc-2")),
    )
    assert refused.determination == supposed.determination


def test_what_will_be_missed_has_its_first_day_and_what_causes_it() -> None:
    asked = policy(
        minimum_compliance="100",
        required_standards=(1,),
        required_requirements=("1.1",),
        no_critical_gaps=True,
        holds_to_contract_end=True,
        conditions=("requirement_not_met_ahead",),
    )
    parts: Json = {
        "documents": [small.document(valid_until="2026-12-31")],
        "responses": [small.response("doc-1"), small.response("doc-1", name="1.2")],
        "reviews": [small.review("doc-1"), small.review("doc-1", name="1.2")],
    }
    critical = (small.requirement("1.1", safety_critical=True), small.requirement("1.2"))
    near = found(asked, *critical, at=replace(AT, contract_end=date(2026, 12, 31)), **parts)
    assert (near.outcome, near.reasons) == ("pass", ())
    far = found(asked, *critical, at=replace(AT, contract_end=date(2027, 12, 31)), **parts)
    assert codes(far) == [
        "critical_gap_ahead",
        "compliance_below_ahead",
        "standard_not_met_ahead",
        "requirement_not_met_ahead",
    ]
    assert {reason.data["on"] for reason in far.reasons} == {"2027-01-01"}
    assert far.reasons[0].data["causes"] == [{"kind": "document_expired", "subject": "doc-1"}]
    assert far.reasons[2].words.en == (
        "From 1 January 2027, if nobody does anything, these of standard 1 (Standard 1), which is required, are not "
        "verified: 1.1, 1.2."
    )
    assert [reason.severity for reason in far.reasons] == ["failure"] * 3 + ["condition"]


def test_what_is_missed_now_is_not_told_again_for_later_and_each_later_day_once() -> None:
    parts: Json = {
        "documents": [small.document(valid_until="2026-12-31"), small.document("doc-2", valid_until="2027-03-31")],
        "responses": [small.response("doc-1"), small.response("doc-2", name="1.2")],
        "reviews": [small.review("doc-1"), small.review("doc-2", name="1.2")],
    }
    three = [small.requirement(name) for name in ("1.1", "1.2", "1.3")]
    asked = policy(required_requirements=("1.3", "1.2", "1.1"), required_standards=(1,), holds_to_contract_end=True)
    finding = found(asked, *three, at=replace(AT, contract_end=date(2028, 1, 1)), **parts)
    told = [(reason.code, reason.data.get("requirement"), reason.data.get("on")) for reason in finding.reasons]
    assert told == [
        ("standard_not_met", None, None),
        ("requirement_not_met", "1.3", None),
        ("requirement_not_met_ahead", "1.1", "2027-01-01"),
        ("requirement_not_met_ahead", "1.2", "2027-04-01"),
    ]
    one = policy(required_requirements=("1.2",), holds_to_contract_end=True)
    later = found(one, *three, at=replace(AT, contract_end=date(2028, 1, 1)), **parts)
    assert [reason.data.get("on") for reason in later.reasons] == ["2027-04-01"], (
        "a day that misses nothing is not told"
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"minimum_compliance": "100.1"}, "type=percentage,"),
        ({"minimum_compliance": "-1"}, "between 0 and 100"),
        ({"minimum_compliance": 80}, "string"),
        ({"minimum_compliance": 0.8}, "string"),
        ({"required_standards": [1, 1]}, "type=listed_twice,"),
        ({"required_requirements": ["1.1", "1.1"]}, "listed twice"),
        ({"conditions": ["nothing_applies"]}, "rule_set_not_in_force"),
        ({"conditions": ["critical_gap", "critical_gap"]}, "listed twice"),
        ({"rung": "certified"}, "declared"),
        ({"surprise": 1}, "Extra"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(fields: Json, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        policy(**fields)


def test_any_minimum_from_nothing_to_all_is_a_policy() -> None:
    for minimum in ("0", "0.5", "100"):
        assert policy(minimum_compliance=minimum).minimum_compliance == minimum
    assert codes(found(policy(minimum_compliance="0"), documents=[], responses=[small.response()])) == []


def test_who_does_not_look_ahead_reads_no_end_of_a_contract_and_who_does_needs_one() -> None:
    parts = small.ACCEPTED | {"documents": [small.document(valid_until="2026-12-31")]}
    at = replace(AT, contract_end=date(2028, 1, 1))
    asked = policy(required_requirements=("1.1",))
    assert codes(found(asked, at=at, **parts)) == []
    looks = asked.replace(holds_to_contract_end=True)
    assert codes(found(looks, at=at, **parts)) == ["requirement_not_met_ahead"]
    with pytest.raises(ValueError, match="the end of the contract"):
        found(looks, **parts)


def test_what_will_be_missed_comes_in_rule_set_order_whichever_is_first() -> None:
    parts: Json = {
        "documents": [small.document(valid_until="2026-12-31"), small.document("doc-2", valid_until="2026-06-30")],
        "responses": [small.response("doc-1"), small.response("doc-2", name="2.1")],
        "reviews": [small.review("doc-1"), small.review("doc-2", name="2.1")],
    }
    asked = policy(required_standards=(1, 2), holds_to_contract_end=True)
    at = replace(AT, contract_end=date(2028, 1, 1))
    finding = found(asked, small.requirement("1.1"), small.requirement("2.1"), at=at, **parts)
    told = [(reason.data["standard"], reason.data["on"]) for reason in finding.reasons]
    assert told == [(1, "2027-01-01"), (2, "2026-07-01")]


def test_a_heading_without_welsh_is_given_in_english() -> None:
    said = reason_in_words("critical_gap", {"requirement": "1.1"}, "verified", {"1.1": Text(en="One")})
    assert (said.cy or "").startswith("Nid yw 1.1 (One), ")


def test_reasons_are_compared_by_all_but_their_sentences() -> None:
    reasons = found(policy(no_critical_gaps=True, minimum_compliance="80"), *THREE).reasons
    assert moved(reasons, reasons[1:]) == reasons[:1]
    assert moved(reasons, tuple(item.replace(words="Otherwise.") for item in reasons)) == ()
