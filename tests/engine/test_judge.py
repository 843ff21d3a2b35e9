"""One requirement: whether it applies, which rungs it reaches, by which route (semantics.md 2, 5)."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from app.engine.coverage import Entries, Shown
from app.engine.judge import State
from app.engine.outcome import outcome
from app.engine.plan import plans
from app.engine.standing_in import NOTHING_HELD, Covering, Stretch
from tests.engine.small import (
    ACCEPTED,
    DAY,
    DECLARED,
    EVIDENCED,
    NOTHING,
    SHOWN,
    TOMORROW,
    VERIFIED,
    Json,
    certificate,
    codes,
    crosswalk,
    document,
    judged,
    partial,
    programme,
    reached,
    reason,
    requirement,
    response,
    review,
    rule_set,
    shows,
    states,
)

WHEN = requirement(applies_when=states("choice", is_="a"))
BY_PROGRAMME = WHEN | {"concerns": "programme"}
TWO_LEAVES = requirement(met_when={"all": [shows(leaf="doc"), shows("report", leaf="rep")]})
HELD: Json = {"crosswalks": [crosswalk()], "accreditations": [certificate()]}
IN_PART: Json = {"crosswalks": [crosswalk(partial("rep"))], "accreditations": [certificate()]}
UNVERIFIED: Json = {"accreditations": [certificate(verified_on=None)]}
NOT_APPLICABLE = response(rating="not_applicable", exclusion_reason="not ours")


class TestApplicability:
    @pytest.mark.parametrize(
        ("profile", "applicability"),
        [({"choice": "a"}, "applicable"), ({"choice": "b"}, "not_applicable"), ({}, "applicable")],
    )
    def test_a_condition_on_the_service(self, profile: Json, applicability: str) -> None:
        """semantics.md: "An unknown result **applies**"."""
        entry = judged(WHEN, profile=profile)
        assert entry.applicability == applicability

    def test_a_requirement_that_does_not_apply(self) -> None:
        """formats.md: "rungs and progress null, `covered_by` and `reasons` empty"."""
        entry = judged(WHEN, profile={"choice": "b"}, **ACCEPTED, **HELD)
        assert reached(entry) == (None, None, None)
        assert (entry.route, entry.progress, entry.valid_through) == ("not_applicable_by_rule", None, None)
        assert (entry.covered_by, entry.reasons, entry.override) == ((), (), None)

    def test_an_unknown_result_is_a_reason(self) -> None:
        rule = requirement(applies_when={"all": [states("choice", is_="a"), states("boolean", is_=True)]})
        assert reason(judged(rule), "profile_unstated") == {"fields": ["boolean", "choice"]}
        assert reason(judged(rule, profile={"boolean": True}), "profile_unstated") == {"fields": ["choice"]}
        assert codes(judged(rule, profile={"boolean": True, "choice": "a"}))[0] == "not_answered"

    def test_it_is_judged_for_the_programmes_whose_condition_is_not_false(self) -> None:
        both = [programme("prog-a", choice="a"), programme("prog-b", choice="b")]
        parts: Json = {"documents": [document(programmes=["prog-a"])], "responses": [response("doc-1")]}
        assert judged(BY_PROGRAMME, programmes=both, **parts).evidenced
        both[1] = programme("prog-b")
        assert not judged(BY_PROGRAMME, programmes=both, **parts).evidenced
        assert judged(BY_PROGRAMME, programmes=both, profile={"choice": "b"}, **parts).evidenced

    def test_it_does_not_apply_where_it_is_false_for_all(self) -> None:
        both = [programme("prog-a", choice="b"), programme("prog-b", choice="c")]
        assert judged(BY_PROGRAMME, programmes=both, profile={"choice": "a"}).applicability == "not_applicable"
        assert judged(WHEN, programmes=both, profile={"choice": "a"}).applicability == "applicable"

    def test_a_service_that_lists_no_programmes_reads_its_own_profile(self) -> None:
        assert judged(BY_PROGRAMME, profile={"choice": "b"}).applicability == "not_applicable"
        assert judged(BY_PROGRAMME, profile={"choice": "a"}).applicability == "applicable"


class TestExclusion:
    """As semantics.md 5.1 has it.

    "`excluded` on all rungs if the requirement `may_be_excluded`, a reason is given, and v is a current `accepted`;
    otherwise applicable and unsatisfied on every rung".
    """

    RULE = requirement(may_be_excluded=True)

    def test_excluded(self) -> None:
        entry = judged(self.RULE, responses=[NOT_APPLICABLE], reviews=[review()], **HELD)
        assert (entry.applicability, entry.route, reached(entry)) == ("excluded", "exclusion", (None, None, None))
        assert (entry.progress, entry.covered_by, entry.reasons) == (None, (), ())

    @pytest.mark.parametrize(
        ("rule", "claim", "reviews", "code"),
        [
            (requirement(), NOT_APPLICABLE, [review()], "exclusion_not_allowed"),
            (requirement(), NOT_APPLICABLE | {"exclusion_reason": None}, [], "exclusion_not_allowed"),
            (RULE, NOT_APPLICABLE | {"exclusion_reason": None}, [review()], "exclusion_unexplained"),
            (RULE, NOT_APPLICABLE | {"exclusion_reason": " \t\n"}, [review()], "exclusion_unexplained"),
            (RULE, NOT_APPLICABLE, [], "exclusion_unreviewed"),
            (RULE, NOT_APPLICABLE, [review(decision="more_information")], "exclusion_unreviewed"),
            (RULE, NOT_APPLICABLE, [review(response_version=2)], "exclusion_unreviewed"),
        ],
    )
    def test_otherwise_unsatisfied(self, rule: Json, claim: Json, reviews: list[Json], code: str) -> None:
        entry = judged(rule, responses=[claim], reviews=reviews, **HELD)
        assert (entry.applicability, reached(entry), entry.route) == ("applicable", NOTHING, "none")
        assert codes(entry)[0] == code
        assert sum(item.startswith("exclusion") for item in codes(entry)) == 1

    def test_a_refusal_speaks_for_itself(self) -> None:
        entry = judged(self.RULE, responses=[NOT_APPLICABLE], reviews=[review(decision="rejected")])
        assert codes(entry) == ["document_missing", "review_rejected"]

    def test_evidence_makes_no_difference(self) -> None:
        claim = NOT_APPLICABLE | {"documents": ["doc-1"]}
        entry = judged(self.RULE, documents=[document()], responses=[claim])
        assert (reached(entry), entry.progress) == (NOTHING, "50.0")


class TestStandingIn:
    """semantics.md 5.3: "coverage counts where r is absent, a draft (rating null), or says `met`"."""

    @pytest.mark.parametrize("responses", [[], [response(rating=None)], [response()]])
    def test_it_counts(self, responses: list[Json]) -> None:
        entry = judged(responses=responses, **HELD)
        assert (reached(entry), entry.route, len(entry.covered_by)) == (VERIFIED, "accreditation", 1)

    @pytest.mark.parametrize("rating", ["partly_met", "not_met", "not_applicable"])
    def test_a_providers_own_words_are_never_overruled(self, rating: str) -> None:
        entry = judged(responses=[response(rating=rating)], **HELD)
        assert (reached(entry), entry.route, entry.covered_by, entry.progress) == (NOTHING, "none", (), "0.0")

    def test_nor_does_it_help_with_leaves(self) -> None:
        parts: Json = {"documents": [document()], "responses": [response("doc-1", rating="partly_met")]}
        assert judged(TWO_LEAVES, **parts, **IN_PART).progress == "33.3"


class TestRungs:
    def test_declared(self) -> None:
        """semantics.md: "`declared`: r says `met`, or r is absent or a draft and `full`"."""
        assert reached(judged()) == NOTHING
        assert reached(judged(responses=[response(rating=None)])) == NOTHING
        assert reached(judged(responses=[response()])) == DECLARED
        assert judged(TWO_LEAVES, **IN_PART).declared is False
        assert judged(**HELD).declared is True

    def test_evidenced(self) -> None:
        """semantics.md: "`evidenced`: `declared`, and `full` or T(e); and v is not `rejected`"."""
        assert reached(judged(**SHOWN)) == EVIDENCED
        assert reached(judged(**SHOWN | {"responses": [response("doc-1", rating=None)]})) == NOTHING
        assert reached(judged(**SHOWN, reviews=[review(decision="rejected")])) == DECLARED

    def test_verified(self) -> None:
        """As semantics.md has it.

        "`verified`: `evidenced`, v is not `more_information`, and `full_v`, or T(v) and v is a current `accepted`".
        """
        assert reached(judged(**ACCEPTED)) == VERIFIED
        assert reached(judged(**HELD)) == VERIFIED
        assert reached(judged(**HELD | UNVERIFIED)) == EVIDENCED
        assert reached(judged(**HELD, reviews=[review(response_version=0, decision="more_information")])) == EVIDENCED

    def test_a_leaf_covered_by_an_unverified_certificate_shows_but_does_not_verify(self) -> None:
        """semantics.md: "T(v): the same, verified ones only"."""
        assert reached(judged(TWO_LEAVES, **ACCEPTED, **IN_PART)) == VERIFIED
        entry = judged(TWO_LEAVES, **ACCEPTED, **IN_PART | UNVERIFIED)
        assert (reached(entry), codes(entry)) == (EVIDENCED, ["accreditation_unverified"])

    def test_an_accepted_requirement_with_a_full_but_unverified_certificate(self) -> None:
        """The evidence that was accepted is enough, and a certificate beside it does no harm."""
        assert reached(judged(**ACCEPTED, **HELD | UNVERIFIED)) == VERIFIED

    def test_all_programmes_must_hold_each_in_its_own_way(self) -> None:
        rule = requirement(concerns="programme")
        scope = {"kind": "programme", "programmes": [{"id": "prog-a"}]}
        given: Json = {
            "programmes": [programme("prog-a"), programme("prog-b")],
            "crosswalks": [crosswalk()],
            "accreditations": [certificate(scope=scope)],
            "documents": [document(programmes=["prog-b"])],
            "responses": [response("doc-1")],
        }
        assert reached(judged(rule, **given)) == EVIDENCED
        entry = judged(rule, **given, reviews=[review("doc-1", programmes=["prog-a", "prog-b"])])
        assert (reached(entry), entry.route) == (VERIFIED, "evidence_and_accreditation")
        undeclared = judged(rule, **given | {"responses": [response("doc-1", rating=None)]})
        assert reached(undeclared) == NOTHING

    def test_a_programme_verified_by_its_certificate_alone_needs_no_acceptance(self) -> None:
        rule = requirement(concerns="programme")
        given: Json = {"programmes": [programme("prog-a"), programme("prog-b")], **HELD}
        entry = judged(rule, **given)
        assert (reached(entry), entry.covered_by[0].programmes) == (VERIFIED, ("prog-a", "prog-b"))


class TestRoute:
    """semantics.md 5.5: "Route of the highest rung reached, the first that explains it"."""

    @pytest.mark.parametrize(
        ("given", "rungs", "route"),
        [
            ({}, NOTHING, "none"),
            ({"responses": [response()]}, DECLARED, "declaration"),
            (SHOWN, EVIDENCED, "evidence"),
            (ACCEPTED, VERIFIED, "evidence"),
            (HELD, VERIFIED, "accreditation"),
            (SHOWN | HELD, VERIFIED, "accreditation"),
            (SHOWN | HELD | UNVERIFIED, EVIDENCED, "accreditation"),
        ],
    )
    def test_simple(self, given: Json, rungs: object, route: str) -> None:
        entry = judged(**given)
        assert (reached(entry), entry.route) == (rungs, route)

    def test_in_part(self) -> None:
        entry = judged(TWO_LEAVES, **SHOWN, **IN_PART)
        assert (reached(entry), entry.route) == (EVIDENCED, "evidence_and_accreditation")

    def test_evidence_where_the_tree_holds_with_no_leaf_covered(self) -> None:
        papers: Json = {"documents": [document(), document("rep", "report")], "responses": [response("doc-1", "rep")]}
        entry = judged(TWO_LEAVES, **papers, **IN_PART)
        assert (entry.route, len(entry.covered_by)) == ("evidence", 1)


class TestProgress:
    """semantics.md 5.6: "1 when `evidenced`; 0 when v is `rejected`; else the mean over programmes"."""

    def test_rejected_has_come_nowhere(self) -> None:
        assert judged(**SHOWN, reviews=[review(decision="rejected")]).progress == "0.0"

    def test_without_a_claim(self) -> None:
        assert judged(**SHOWN | {"responses": [response("doc-1", rating="not_met")]}).progress == "50.0"

    def test_a_draft_with_everything_shown_claims_nothing_yet(self) -> None:
        assert judged(**SHOWN | {"responses": [response("doc-1", rating=None)]}).progress == "50.0"

    def test_the_mean_over_programmes(self) -> None:
        three = [programme(name) for name in ("prog-a", "prog-b", "prog-c")]
        given: dict[str, Any] = {"documents": [document(programmes=["prog-b"])], "responses": [response("doc-1")]}
        assert judged(requirement(concerns="programme"), programmes=three, **given).progress == "66.7"


def test_a_reason_for_an_exclusion_that_is_no_longer_claimed_excludes_nothing() -> None:
    """semantics.md 5.1: it is where "r says `not_applicable`" that a requirement may be excluded."""
    entry = judged(
        requirement(may_be_excluded=True),
        **SHOWN | {"responses": [response("doc-1", exclusion_reason="None come to us.")]},
        reviews=[review("doc-1")],
    )
    assert (entry.applicability, reached(entry), entry.route) == ("applicable", VERIFIED, "evidence")


def test_outcomes_and_states_are_the_same_where_nothing_of_them_differs() -> None:
    plan = plans(rule_set(), ()).of["1.1"]
    first = outcome(plan, (0,), (), None, "nothing")
    assert first.same(replace(first))
    # semantics.md 5.7: the entry decides, which has progress with one digit.
    assert first.same(replace(first, progress=(1, 3)))
    changes: Json = {"declared": True, "evidenced": True, "verified": True, "route": "override", "progress": "33.3"}
    for name, value in changes.items():
        assert not first.same(replace(first, entry=first.entry | {name: value})), name
    nothing = Covering(Stretch((), (None,), [], date.max), Entries((), (), date.max))
    state = State(DAY, (0,), NOTHING_HELD, first)
    assert not state.differs(State(TOMORROW, (0,), nothing, first))
    assert state.differs(State(DAY, (1,), NOTHING_HELD, first))
    assert state.differs(State(DAY, (0,), NOTHING_HELD, replace(first)))
    certificates: Any = [(SimpleNamespace(id="acc-1"), 0)]
    other = Covering(
        Stretch(certificates, (None,), [[None]], date.max), Entries((), (Shown(full=True, leaves=1),), DAY)
    )
    assert state.differs(State(DAY, (0,), other, first))
