"""Two determinations side by side (semantics.md 8, 9)."""

from datetime import date

from app.engine.determination import Determination
from app.engine.difference import Change, difference, overview
from app.engine.evaluate import evaluate
from app.engine.rules import RuleSet
from tests.engine.editions import entry, following
from tests.engine.small import (
    ACCEPTED,
    DAY,
    SHOWN,
    Json,
    certificate,
    crosswalk,
    determine,
    document,
    pack,
    requirement,
    response,
    review,
    rule_set,
    says,
    shows,
    states,
)

TREE = {"all": [shows(), says()]}


def words(before: Determination, after: Determination) -> list[str]:
    return [change.words.en for change in difference(before, after).changes]


def test_the_overview_is_status_and_scores_overall_and_of_each_standard() -> None:
    found = determine(requirement("1.1"), requirement("2.1"), **ACCEPTED)
    short = overview(found)
    assert (short.status, short.compliance, short.progress) == (found.status, found.compliance, found.progress)
    assert short.good_practice == found.good_practice
    assert {number: item.compliance.verified for number, item in short.standards.items()} == {1: "100.0", 2: "0.0"}


def test_nothing_is_listed_where_nothing_stands_otherwise() -> None:
    found = determine(**ACCEPTED)
    assert difference(found, found).changes == ()
    assert difference(found, found).before == difference(found, found).after == overview(found)


def test_a_requirement_goes_from_one_place_to_another() -> None:
    nothing, shown, accepted = determine(), determine(**SHOWN), determine(**ACCEPTED)
    claimed = determine(responses=[response()])
    assert words(nothing, claimed) == ["1.1 goes from not met to declared only."]
    assert words(claimed, shown) == ["1.1 goes from declared only to evidenced but not verified."]
    assert words(shown, accepted) == ["1.1 goes from evidenced but not verified to verified."]
    [change] = difference(shown, accepted).changes
    assert (change.requirement, change.formerly) == ("1.1", "1.1")
    assert change.before is not None
    assert change.after is not None
    assert (change.before.verified, change.after.verified, change.after.route) == (False, True, "evidence")
    assert "counting" not in change.model_dump()["after"]
    assert change.words.cy == "Mae 1.1 yn mynd o wedi'i dystiolaethu ond heb ei ddilysu i wedi'i ddilysu."


def test_what_does_not_apply_or_is_excluded_has_its_own_place() -> None:
    rule = requirement(applies_when=states("boolean", is_=True), may_be_excluded=True)
    away = determine(rule, profile={"boolean": False})
    claim = response(rating="not_applicable", exclusion_reason="None come to us.")
    excluded = determine(rule, profile={"boolean": True}, responses=[claim], reviews=[review()])
    assert words(away, excluded) == ["1.1 goes from not applicable to excluded."]


def test_progress_and_the_reason_are_told_where_the_place_is_the_same() -> None:
    some = determine(requirement(met_when=TREE), responses=[response(rating="partly_met")])
    more = determine(
        requirement(met_when=TREE), documents=[document()], responses=[response("doc-1", rating="partly_met")]
    )
    assert words(some, more) == ["1.1 stays not met; its progress goes from 0.0 to 33.3."]
    covered = determine(crosswalks=[crosswalk()], accreditations=[certificate()])
    assert words(determine(**ACCEPTED), covered) == ["1.1 stays verified, for another reason."]


# Along a lineage.


def test_what_counts_otherwise_is_told_though_it_stands_as_it_did() -> None:
    """semantics.md 9: the impact explains every change of status and scores, "requirement by requirement"."""
    older = rule_set(requirement("1.1"), requirement("1.2", obligation="should"), requirement("1.3", weight=3))
    newer = following(
        rule_set(requirement("1.1", safety_critical=True), requirement("1.2"), requirement("1.3", obligation="should")),
        *(entry(name, "clarified", name) for name in ("1.1", "1.2", "1.3")),
    )
    before, after = (evaluate(rules, (), pack(**GIVEN), DAY) for rules in (older, newer))
    assert (before.status.evidenced, after.status.evidenced) == ("working_towards", "meets")
    found = difference(before, after, newer.lineage).changes
    assert [change.words.en for change in found] == [
        "1.1 stays verified. It is safety critical now.",
        "1.2 stays evidenced but not verified. It is mandatory now.",
        "1.3 stays declared only. It is good practice now. Its weight goes from 3 to 1.",
    ]
    assert [change.words.cy for change in found] == [
        "Mae 1.1 yn dal wedi'i ddilysu. Mae'n gritigol i ddiogelwch bellach.",
        "Mae 1.2 yn dal wedi'i dystiolaethu ond heb ei ddilysu. Mae'n orfodol bellach.",
        "Mae 1.3 yn dal wedi'i ddatgan yn unig. Mae'n arfer da bellach. Mae ei bwysau'n mynd o 3 i 1.",
    ]
    form = found[0].model_dump(mode="json")
    assert form["before"]["counting"] == {"obligation": "must", "safety_critical": False, "weight": 1}
    assert form["after"]["counting"] == {"obligation": "must", "safety_critical": True, "weight": 1}
    [back, *_] = difference(after, before, newer.lineage).changes
    assert back.words.en == "1.1 stays verified. It is no longer safety critical."
    assert back.words.cy == "Mae 1.1 yn dal wedi'i ddilysu. Nid yw'n gritigol i ddiogelwch mwyach."


OLDER = rule_set(requirement("1.1"), requirement("1.2"), requirement("1.3"), requirement("1.4"))
GIVEN: Json = {
    "documents": [document()],
    "responses": [response("doc-1"), response("doc-1", name="1.2"), response(name="1.3")],
    "reviews": [review("doc-1")],
}


def changes(newer: RuleSet, on: date = DAY) -> list[Change]:
    before = evaluate(OLDER, (), pack(**GIVEN), on)
    after = evaluate(newer, (), pack(**GIVEN), on)
    return list(difference(before, after, newer.lineage).changes)


def test_a_requirement_is_compared_with_those_it_follows_from_whatever_they_were_called() -> None:
    newer = following(
        rule_set(requirement("1.1"), requirement("1.2"), requirement("1.3"), requirement("1.5")),
        entry("1.1", "merged", "1.2", "1.3"),
        entry("1.2", "unchanged", "1.1"),
        entry("1.3", "clarified", "1.4"),
        entry("1.5", "new"),
    )
    found = changes(newer)
    assert [(change.requirement, change.formerly) for change in found] == [
        ("1.1", "1.2"),
        ("1.1", "1.3"),
        ("1.2", "1.1"),
        ("1.3", "1.4"),
        ("1.5", None),
    ]
    assert [change.words.en for change in found] == [
        "1.1 (1.2) goes from evidenced but not verified to verified.",
        "1.1 (1.3) goes from declared only to verified.",
        "1.2 (1.1) goes from verified to evidenced but not verified.",
        "1.3 (1.4) goes from not met to declared only.",
        "1.5 is new: not met.",
    ]
    assert found[-1].before is None


def test_each_part_of_what_was_split_is_compared_with_it_and_what_is_gone_comes_last() -> None:
    newer = following(
        rule_set(requirement("1.3"), requirement("1.1"), requirement("1.2")),
        entry("1.1", "unchanged", "1.1"),
        entry("1.2", "split", "1.1"),
        entry("1.3", "split", "1.1"),
        retired=("1.4", "1.2", "1.3"),
    )
    found = changes(newer)
    assert [(change.requirement, change.formerly) for change in found] == [
        ("1.3", "1.1"),
        ("1.2", "1.1"),
        ("1.2", "1.2"),
        ("1.3", "1.3"),
        ("1.4", "1.4"),
    ]
    assert [change.after is None for change in found] == [False, False, True, True, True]
    assert found[2].words.en == "1.2 is gone; it was evidenced but not verified."
    assert found[2].words.cy == "Mae 1.2 wedi mynd; roedd wedi'i dystiolaethu ond heb ei ddilysu."
