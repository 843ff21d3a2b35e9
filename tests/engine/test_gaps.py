"""What is asked for, on which rung what is said, and the order of gaps (semantics.md 7)."""

import pytest

from tests.engine.small import (
    ACCEPTED,
    SHOWN,
    TOMORROW,
    YESTERDAY,
    Json,
    asked,
    codes,
    crosswalk,
    determine,
    document,
    gap,
    held,
    judged,
    override,
    partial,
    programme,
    reason,
    requirement,
    response,
    review,
    says,
    shows,
    states,
)

PROGRAMMES = [programme("prog-b"), programme("prog-a")]
BY_PROGRAMME = requirement(concerns="programme")


class TestAsks:
    def test_the_words_of_the_rule_set(self) -> None:
        [ask] = gap().asks
        assert ask.model_dump(mode="json") == {"leaf": "doc", "ask": {"en": "Show doc", "cy": "Show doc (cy)"}}

    def test_the_cheapest_branch_counting_what_is_there(self) -> None:
        rule = requirement(met_when={"any": [{"all": [shows(leaf="a"), says(leaf="b")]}, shows("report", leaf="c")]})
        assert asked(gap(rule)) == ["c"]
        tie = gap(rule, documents=[document()], responses=[response("doc-1")])
        assert asked(tie) == ["b"]

    def test_what_coverage_shows_is_not_asked_for(self) -> None:
        rule = requirement(met_when={"all": [shows(leaf="a"), shows("report", leaf="b")]})
        assert asked(gap(rule, **held(partial("a")))) == ["b"]
        assert asked(gap(rule, **held(partial("a"), expires_on=YESTERDAY))) == ["a", "b"]

    def test_none_where_a_decision_is_missing(self) -> None:
        """semantics.md: "No asks where T(e) holds and what is missing is a decision"."""
        assert gap(**SHOWN).asks == ()
        assert gap(**SHOWN, reviews=[review(decision="rejected")]).asks == ()
        assert gap(**SHOWN | {"responses": [response("doc-1", rating="not_met")]}).asks == ()

    def test_by_leaf_then_programme(self) -> None:
        rule = BY_PROGRAMME | {"met_when": {"all": [shows(leaf="z"), says(leaf="a")]}}
        found = gap(
            rule, programmes=PROGRAMMES, documents=[document(programmes=["prog-a"])], responses=[response("doc-1")]
        )
        assert asked(found) == [("z", "prog-b"), ("a", "prog-a"), ("a", "prog-b")]
        assert [ask.ask.en for ask in found.asks] == ["Show z", "Say a", "Say a"]
        assert [(item["code"], item.get("leaf"), item.get("programme")) for item in found.reasons] == [
            ("document_missing", "z", "prog-b"),
            ("answer_missing", "a", "prog-a"),
            ("answer_missing", "a", "prog-b"),
            ("review_pending", None, None),
        ]

    def test_only_of_programmes_judged(self) -> None:
        rule = BY_PROGRAMME | {"applies_when": states("choice", is_="a")}
        given = [programme("prog-a", choice="a"), programme("prog-b", choice="b")]
        assert asked(gap(rule, programmes=given)) == [("doc", "prog-a")]

    def test_no_programme_where_the_service_lists_none(self) -> None:
        found = gap(BY_PROGRAMME)
        assert asked(found) == ["doc"]
        assert "programme" not in reason(found, "document_missing")


class TestRungs:
    """As semantics.md has it.

    "Reasons and asks are the same on every rung, but that `review_rejected` is for `evidenced` and `verified`, and
    `accreditation_unverified` and the other review codes are for `verified`".
    """

    RULE = requirement(met_when={"all": [shows(), shows("report", leaf="rep")]})

    @pytest.mark.parametrize(
        ("reviews", "kept", "verified"),
        [
            ([review(decision="rejected")], ["review_rejected"], ["accreditation_unverified", "review_rejected"]),
            ([review(decision="more_information")], [], ["accreditation_unverified", "more_information_requested"]),
            ([], [], ["accreditation_unverified"]),
        ],
    )
    def test_codes_of_each_rung(self, reviews: list[Json], kept: list[str], verified: list[str]) -> None:
        given: Json = {
            "responses": [response(rating=None)],
            "reviews": reviews,
            **held(partial("rep"), verified_on=None),
        }
        common = ["not_answered", "document_missing"]
        assert codes(gap(self.RULE, rung="declared", **given)) == common
        assert codes(gap(self.RULE, rung="evidenced", **given)) == common + kept
        assert codes(gap(self.RULE, rung="verified", **given)) == common + verified
        assert (
            len({tuple(asked(gap(self.RULE, rung=rung, **given))) for rung in ("declared", "evidenced", "verified")})
            == 1
        )

    def test_a_review_that_is_missing_or_worth_nothing(self) -> None:
        claim: Json = {"responses": [response("doc-1", rating="not_met")], "documents": [document()]}
        for reviews in ([], [review()], [override(until=YESTERDAY)]):
            assert codes(gap(rung="evidenced", **claim, reviews=reviews)) == ["self_rated_below_met"]
            assert len(codes(gap(rung="verified", **claim, reviews=reviews))) == 2

    def test_only_what_is_not_satisfied_on_the_rung_is_a_gap(self) -> None:
        assert determine(rung="declared", **SHOWN).gaps == ()
        assert determine(rung="evidenced", **SHOWN).gaps == ()
        assert [item.rung for item in determine(rung="verified", **SHOWN).gaps] == ["verified"]

    def test_reasons_of_a_requirement_are_those_for_verified(self) -> None:
        found = determine(
            rung="declared", responses=[response(rating="not_met")], reviews=[review(decision="rejected")]
        )
        assert codes(found.standards[0].requirements[0])[-1] == "review_rejected"
        assert "review_rejected" not in codes(found.gaps[0])


class TestWouldBeCoveredBy:
    """As semantics.md has it.

    "schemes whose crosswalk in use lists it as full and whose condition holds, for every programme judged, sorted".
    """

    def test_full_and_in_use(self) -> None:
        walks = [
            crosswalk(scheme="gamma"),
            crosswalk(scheme="beta"),
            crosswalk(partial("doc")),
            crosswalk(scheme="delta", effective_from=TOMORROW),
        ]
        assert gap(crosswalks=walks).would_be_covered_by == ("beta", "gamma")

    def test_a_newer_version_that_lists_less(self) -> None:
        assert gap(crosswalks=[crosswalk(), crosswalk(partial("doc"), version="2")]).would_be_covered_by == ()

    @pytest.mark.parametrize(("profile", "schemes"), [({"choice": "a"}, ("alpha",)), ({"choice": "b"}, ()), ({}, ())])
    def test_its_condition(self, profile: Json, schemes: tuple[str, ...]) -> None:
        walk = crosswalk(applies_when=states("choice", is_="a"))
        assert gap(crosswalks=[walk], profile=profile).would_be_covered_by == schemes

    def test_for_every_programme_judged(self) -> None:
        walk = crosswalk(applies_when=states("choice", is_="a"))
        both = [programme("prog-a", choice="a"), programme("prog-b", choice="b")]
        assert gap(BY_PROGRAMME, crosswalks=[walk], programmes=both).would_be_covered_by == ()
        only = BY_PROGRAMME | {"applies_when": states("choice", is_="a")}
        assert gap(only, crosswalks=[walk], programmes=both).would_be_covered_by == ("alpha",)

    def test_what_is_held_already_is_named_too(self) -> None:
        assert gap(**held(verified_on=None)).would_be_covered_by == ("alpha",)


def test_order_of_gaps() -> None:
    """semantics.md: "`must` before `should`, safety critical first, weight descending, rule set order"."""
    rules = [
        requirement("2.9", obligation="should", weight=9),
        requirement("2.1"),
        requirement("1.5", weight=3),
        requirement("1.4", safety_critical=True),
        requirement("1.3", weight=3),
        requirement("1.2", safety_critical=True, weight=2),
        requirement("1.1"),
        requirement("1.0", obligation="should", weight=10),
    ]
    found = determine(*rules).gaps
    assert [item.requirement for item in found] == ["1.2", "1.4", "1.5", "1.3", "2.1", "1.1", "1.0", "2.9"]
    assert (found[0].obligation, found[0].safety_critical, found[0].weight) == ("must", True, 2)


def test_what_does_not_apply_or_is_excluded_is_no_gap() -> None:
    out = response(rating="not_applicable", exclusion_reason="no", name="1.2")
    found = determine(
        requirement("1.1", applies_when=states("choice", is_="a")),
        requirement("1.2", may_be_excluded=True),
        profile={"choice": "b"},
        responses=[out],
        reviews=[review(name="1.2")],
    )
    assert found.gaps == ()


def test_a_verified_requirement_has_no_reasons_though_its_profile_is_not_stated() -> None:
    assert judged(requirement(applies_when=states("choice", is_="a")), **ACCEPTED).reasons == ()
