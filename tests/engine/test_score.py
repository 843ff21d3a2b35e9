"""Scores, status, counts and what a result rests on (semantics.md 6)."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from typing import Any, ClassVar

import pytest

from app.engine.determination import ROUTES, published
from app.engine.rules import BASES
from tests.engine.small import (
    Json,
    certificate,
    crosswalk,
    determine,
    document,
    override,
    partial,
    requirement,
    response,
    review,
    shows,
    states,
)


class TestRounding:
    """As semantics.md has it.

    "a decimal with one digit, rounded half up"; "100.0" only when everything is satisfied, "0.0" only when nothing is.
    """

    @pytest.mark.parametrize(
        ("done", "steps", "expected"),
        [
            (1, 2, "50.0"),
            (1, 3, "33.3"),
            (2, 3, "66.7"),
            (1, 8, "12.5"),
            (1, 16, "6.3"),
            (1, 2000, "0.1"),
            (249, 2000, "12.5"),
            (2449, 20000, "12.2"),
            (245, 2000, "12.3"),
            (4899, 40000, "12.2"),
            (1, 2001, "0.1"),
            (1, 10**9, "0.1"),
            (1999, 2000, "99.9"),
            (10**9 - 1, 10**9, "99.9"),
            (9994, 10000, "99.9"),
            (99949, 100000, "99.9"),
            (9985, 10000, "99.9"),
            (99849, 100000, "99.8"),
            (0, 7, "0.0"),
        ],
    )
    def test_half_up_but_for_the_ends(self, done: int, steps: int, expected: str) -> None:
        assert published(done, steps, complete=False) == expected

    def test_complete(self) -> None:
        assert published(7, 7, complete=True) == "100.0"
        assert published(7, 7, complete=False) == "99.9"


class TestCompliance:
    """As semantics.md has it.

    "100 × weights satisfied / weights applicable; for each standard and overall (over requirements, not a mean of
    standards)".
    """

    RULES = (
        requirement("1.1", weight=2),
        requirement("1.2"),
        requirement("1.3", weight=5),
        requirement("2.1", weight=4),
        requirement("2.2", obligation="should", weight=3),
        requirement("2.3", obligation="should"),
    )
    GIVEN: ClassVar[Json] = {
        "documents": [document()],
        "responses": [
            response("doc-1", name="1.1"),
            response("doc-1", name="1.2"),
            response(name="1.3"),
            response("doc-1", name="2.2"),
        ],
        "reviews": [review("doc-1", name="1.2")],
    }

    def test_each_rung(self) -> None:
        found = determine(*self.RULES, **self.GIVEN)
        # of 12: declared 2 + 1 + 5, evidenced 2 + 1, verified 1
        assert found.compliance.model_dump() == {"declared": "66.7", "evidenced": "25.0", "verified": "8.3"}
        first, second = found.standards
        # of 8: declared all, evidenced 3, verified 1
        assert first.compliance.model_dump() == {"declared": "100.0", "evidenced": "37.5", "verified": "12.5"}
        assert second.compliance.model_dump() == {"declared": "0.0", "evidenced": "0.0", "verified": "0.0"}

    def test_progress_likewise_as_a_weighted_mean(self) -> None:
        found = determine(*self.RULES, **self.GIVEN)
        # 2 and 1 whole, 5 half: 5.5 of 12, of 8
        assert (found.progress, found.standards[0].progress, found.standards[1].progress) == ("45.8", "68.8", "0.0")

    def test_progress_of_what_is_not_even_declared_has_its_weight_too(self) -> None:
        """semantics.md 5.6: a leaf is 1 or 0, whatever the provider rates itself; 3 of 5 are half there."""
        rules = requirement("1.1", weight=3), requirement("1.2", weight=2)
        found = determine(*rules, documents=[document()], responses=[response("doc-1", rating="partly_met")])
        assert (found.compliance.declared, found.progress) == ("0.0", "30.0")

    def test_what_an_override_satisfies_has_come_all_the_way(self) -> None:
        """semantics.md 5.6: progress is "1 when `evidenced`", whatever of the tree is there."""
        rules = requirement("1.1"), requirement("1.2")
        found = determine(*rules, responses=[response(rating=None)], reviews=[override()])
        assert found.progress == "50.0"

    def test_good_practice_is_the_same_over_should(self) -> None:
        assert determine(*self.RULES, **self.GIVEN).good_practice.model_dump() == {
            "declared": "75.0", "evidenced": "75.0", "verified": "0.0",
        }  # fmt: skip

    def test_progress_of_different_trees_adds_exactly(self) -> None:
        """1/3 + 1/6 + 1/2 of 3 is a third, whatever the order; a sum of rounded parts would say 33.4."""
        trees = [
            {"all": [shows(leaf="a"), shows("record", leaf="b")]},
            {"all": [shows(leaf=name) for name in "abcde"]},
            shows("record"),
        ]
        rules = [requirement(f"1.{index}", tree) for index, tree in enumerate(trees)]
        rated = [response(name="1.0"), response(name="1.1"), response(name="1.2")]
        assert determine(*rules, responses=rated).progress == "33.3"

    def test_what_is_not_applicable_or_excluded_does_not_count(self) -> None:
        out = response(rating="not_applicable", exclusion_reason="no", name="1.2")
        found = determine(
            requirement("1.1", weight=9, applies_when=states("choice", is_="a")),
            requirement("1.2", weight=9, may_be_excluded=True),
            requirement("1.3"),
            profile={"choice": "b"},
            responses=[out, response(name="1.3")],
            reviews=[review(name="1.2")],
        )
        assert found.compliance.declared == "100.0"

    def test_the_ends_are_kept_for_all_and_nothing(self) -> None:
        """Compliance is "100.0" only when everything is satisfied and "0.0" only when nothing is."""
        rules = requirement("1.1", weight=1_000_000), requirement("1.2")
        assert determine(*rules, responses=[response(name="1.1")]).compliance.declared == "99.9"
        assert determine(*rules, responses=[response(name="1.2")]).compliance.declared == "0.1"
        assert determine(*rules, responses=[response(name="1.2")]).progress == "0.1"


class TestNothingApplies:
    """semantics.md: "Nothing applicable gives `null`."; "`not_assessed` when nothing applies"."""

    def test_null_and_not_assessed(self) -> None:
        found = determine(requirement("1.1", obligation="should"))
        nothing = {"declared": None, "evidenced": None, "verified": None}
        for part in (found, found.standards[0]):
            assert part.status.model_dump() == {"evidenced": "not_assessed", "verified": "not_assessed"}
            assert part.compliance.model_dump() == nothing
            assert part.progress is None
        assert found.good_practice.declared == "0.0"
        assert determine().good_practice.model_dump() == nothing


class TestStatus:
    """As semantics.md has it.

    "`meets` (every applicable `must` satisfied), else `critical_gaps` (some safety-critical one is not), else
    `working_towards`".
    """

    RULES = (
        requirement("1.1", safety_critical=True),
        requirement("1.2", weight=999),
        requirement("1.3", obligation="should"),
    )

    def _statuses(self, *evidenced: str, accepted: tuple[str, ...] = ()) -> tuple[str, str]:
        found = determine(
            *self.RULES,
            documents=[document()],
            responses=[response("doc-1", name=name) for name in evidenced],
            reviews=[review("doc-1", name=name) for name in accepted],
        )
        assert found.standards[0].status == found.status
        return found.status.evidenced, found.status.verified

    def test_each(self) -> None:
        assert self._statuses() == ("critical_gaps", "critical_gaps")
        assert self._statuses("1.2") == ("critical_gaps", "critical_gaps")
        assert self._statuses("1.1") == ("working_towards", "critical_gaps")
        assert self._statuses("1.1", "1.2") == ("meets", "critical_gaps")
        assert self._statuses("1.1", "1.2", accepted=("1.1",)) == ("meets", "working_towards")

    def test_one_critical_gap_is_enough_wherever_it_stands(self) -> None:
        both = [requirement("1.1", safety_critical=True), requirement("1.2", safety_critical=True)]
        for name in ("1.1", "1.2"):
            shown: dict[str, Any] = {"documents": [document()], "responses": [response("doc-1", name=name)]}
            assert determine(*both, **shown).status.evidenced == "critical_gaps"
            shown["responses"] = [response("doc-1", name=item) for item in ("1.1", "1.2")]
            found = determine(*both, **shown, reviews=[review("doc-1", name=name)]).status
            assert (found.evidenced, found.verified) == ("meets", "critical_gaps")
        assert self._statuses("1.1", "1.2", accepted=("1.1", "1.2")) == ("meets", "meets")


class TestCounts:
    def test_by_obligation_applicability_and_route(self) -> None:
        """formats.md: "`by_route` has all eight keys, zeros too, and adds up"."""
        found = determine(
            requirement("1.1"),
            requirement("1.2"),
            requirement("1.3", may_be_excluded=True),
            requirement("1.4", applies_when=states("choice", is_="a")),
            requirement("1.5", obligation="should"),
            profile={"choice": "b"},
            responses=[response(name="1.1"), response(name="1.3", rating="not_applicable", exclusion_reason="no")],
            reviews=[review(name="1.3")],
        ).counts
        none: Json = dict.fromkeys(ROUTES, 0)
        assert found.must.model_dump() == {
            "applicable": 2, "excluded": 1, "not_applicable": 1,
            "by_route": none | {"declaration": 1, "none": 1, "exclusion": 1, "not_applicable_by_rule": 1},
        }  # fmt: skip
        assert found.should.model_dump() == {
            "applicable": 1, "excluded": 0, "not_applicable": 0, "by_route": none | {"none": 1},
        }  # fmt: skip

    def test_by_basis_over_applicable_requirements_one_in_each_basis_it_has(self) -> None:
        found = determine(
            requirement("1.1", basis=["law", "comparable", "law"]),
            requirement("1.2", basis=["law"], obligation="should"),
            requirement("1.3", basis=["official"], applies_when=states("choice", is_="a")),
            profile={"choice": "b"},
        ).counts.basis
        assert found == dict.fromkeys(BASES, 0) | {"law": 2, "comparable": 1}


class TestRestsOn:
    """As semantics.md has it.

    "for each accreditation in some `covered_by`, the `must` weight that would be lost on each rung were it alone to
    lapse today (zeros too)".
    """

    RULES = (
        requirement("1.1", weight=2),
        requirement("1.2", {"all": [shows(leaf="a"), shows("report", leaf="b")]}, weight=4),
        requirement("1.3", obligation="should", weight=8),
    )
    WALK = crosswalk(
        {"requirement": "1.1", "coverage": "full"}, partial("b", name="1.2"), {"requirement": "1.3", "coverage": "full"}
    )
    SHOWN: ClassVar[Json] = {"documents": [document()], "responses": [response("doc-1", name="1.2")]}

    def _weights(self, *held: Json, **given: Any) -> list[tuple[str, int, int, int]]:
        found = determine(*self.RULES, crosswalks=[self.WALK], accreditations=held, **{**self.SHOWN, **given})
        return [
            (item.accreditation, item.weight.declared, item.weight.evidenced, item.weight.verified)
            for item in found.rests_on
        ]

    def test_what_rests_on_one_certificate(self) -> None:
        assert self._weights(certificate()) == [("acc-1", 2, 6, 2)]
        assert self._weights(certificate(), reviews=[review("doc-1", name="1.2")]) == [("acc-1", 2, 6, 6)]
        assert self._weights(certificate(verified_on=None)) == [("acc-1", 2, 6, 0)]

    @pytest.mark.parametrize(
        ("rating", "accepted", "weights"),
        [
            (None, True, (1, 1, 1)),
            (None, False, (1, 1, 1)),
            ("met", True, (0, 0, 0)),
            ("met", False, (0, 0, 1)),
        ],
    )
    def test_evidence_beside_it_bears_only_what_is_claimed_and_accepted(
        self, rating: str | None, accepted: object, weights: tuple[int, ...]
    ) -> None:
        [found] = determine(
            crosswalks=[crosswalk()],
            accreditations=[certificate()],
            documents=[document()],
            responses=[response("doc-1", rating=rating)],
            reviews=[review("doc-1")] if accepted else [],
        ).rests_on
        assert tuple(found.weight.model_dump().values()) == weights

    def test_what_a_reviewer_rejected_rests_on_it_only_as_a_claim(self) -> None:
        assert self._weights(certificate(), reviews=[review(response_version=0, decision="rejected")]) == [
            ("acc-1", 2, 4, 0)
        ]

    def test_two_certificates_bear_each_other_out(self) -> None:
        assert self._weights(certificate("b"), certificate("a")) == [("a", 0, 0, 0), ("b", 0, 0, 0)]
        assert self._weights(certificate("b"), certificate("a", verified_on=None)) == [("a", 0, 0, 0), ("b", 0, 0, 2)]

    def test_one_that_covers_nothing_is_not_named(self) -> None:
        assert self._weights(certificate(expires_on="2026-03-31")) == []
        assert self._weights(certificate(scheme="beta")) == []

    def test_the_scheme_is_named(self) -> None:
        [found] = determine(crosswalks=[crosswalk()], accreditations=[certificate()]).rests_on
        assert (found.scheme, found.weight.declared) == ("alpha", 1)
