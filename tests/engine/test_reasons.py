"""Every reason with its data, in the order of the table (semantics.md 7)."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from typing import Any, ClassVar

import pytest

from tests.engine.small import (
    DAY,
    SHOWN,
    TOMORROW,
    YESTERDAY,
    Json,
    answer,
    certificate,
    codes,
    crosswalk,
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


class TestClaims:
    def test_not_answered(self) -> None:
        """semantics.md: "no response (or a draft), and not declared by coverage"."""
        assert codes(gap()) == ["not_answered", "document_missing"]
        assert codes(gap(responses=[response(rating=None)]))[0] == "not_answered"
        assert "not_answered" not in codes(gap(responses=[response()]))
        assert codes(gap(**held(verified_on=None))) == ["accreditation_unverified", "review_pending"]
        assert codes(gap(**held(partial("doc")))) == ["not_answered", "review_pending"]

    @pytest.mark.parametrize("rating", ["partly_met", "not_met"])
    def test_self_rated_below_met(self, rating: str) -> None:
        assert reason(gap(responses=[response(rating=rating)]), "self_rated_below_met") == {"rating": rating}
        assert "not_answered" not in codes(gap(responses=[response(rating=rating)]))


class TestDocuments:
    RULE = requirement(met_when=shows("record", "policy", at_least=3, max_age_months=12))

    def _reasons(self, rule: Json, *papers: Json, **given: Any) -> list[Json]:
        linked = response(*(item["id"] for item in papers))
        return list(gap(rule, documents=papers, responses=[linked], **given).reasons)[:-1]

    def test_missing(self) -> None:
        """As semantics.md has it.

        "fewer distinct documents of its types linked … than wanted, good or not"; types as the rule set writes them.
        """
        missing = {"code": "document_missing", "leaf": "doc", "types": ["record", "policy"], "wanted": 3}
        assert self._reasons(self.RULE, document("x", "report")) == [missing | {"have": 0}]
        twice = document("b", sha256=document("a")["sha256"])
        assert self._reasons(self.RULE, document("a"), twice) == [missing | {"have": 1}]
        bad = document("b", "record", withdrawn_on=DAY)
        assert self._reasons(self.RULE, document("a"), bad)[0] == missing | {"have": 2}
        enough = self._reasons(self.RULE, document("a"), document("c"), bad)
        assert [item["code"] for item in enough] == ["document_withdrawn"]

    @pytest.mark.parametrize(
        ("fields", "code", "datum"),
        [
            ({"withdrawn_on": DAY}, "document_withdrawn", {"withdrawn_on": "2026-04-01"}),
            ({"issued_on": TOMORROW}, "document_not_yet_valid", {"issued_on": "2026-04-02"}),
            ({"valid_from": TOMORROW}, "document_not_yet_valid", {"valid_from": "2026-04-02"}),
            ({"issued_on": TOMORROW, "valid_from": TOMORROW}, "document_not_yet_valid", {"issued_on": "2026-04-02"}),
            ({"issued_on": TOMORROW, "valid_from": DAY}, "document_not_yet_valid", {"issued_on": "2026-04-02"}),
            ({"issued_on": DAY, "valid_from": TOMORROW}, "document_not_yet_valid", {"valid_from": "2026-04-02"}),
            ({"valid_until": YESTERDAY}, "document_expired", {"valid_until": "2026-03-31"}),
            ({"issued_on": "2025-03-31"}, "document_too_old", {"accepted_until": "2026-03-31"}),
        ],
    )
    def test_why_a_document_is_not_good(self, fields: Json, code: str, datum: Json) -> None:
        rule = requirement(met_when=shows(max_age_months=12))
        assert self._reasons(rule, document(**fields)) == [{"code": code, "leaf": "doc", "document": "doc-1"} | datum]

    def test_the_first_that_holds(self) -> None:
        rule = requirement(met_when=shows(at_least=9, max_age_months=12))
        bad: Json = {"withdrawn_on": DAY, "valid_until": YESTERDAY, "issued_on": "2025-03-01"}
        heir = document("z", replaces="old")
        found = [
            self._reasons(rule, document("old", **fields), heir)[1]["code"]
            for fields in (bad, bad | {"withdrawn_on": None}, {"issued_on": "2025-03-01"})
        ]
        assert found == ["document_withdrawn", "document_expired", "document_replaced"]
        last_day = self._reasons(rule, document("old", valid_until=DAY), heir)
        assert [item["code"] for item in last_day] == ["document_missing", "document_replaced"]
        later: Json = {"withdrawn_on": TOMORROW, "issued_on": TOMORROW}
        assert self._reasons(rule, document(**later))[1]["code"] == "document_not_yet_valid"

    def test_replaced_by_the_first_of_those_that_are_not_replaced_themselves(self) -> None:
        """semantics.md: "`replaced_by`, the first by id of those not replaced themselves"."""
        rule = requirement(met_when=shows(at_least=9))
        papers = [
            document("old"),
            document("a", replaces="old"),
            document("d", replaces="a"),
            document("c", replaces="old"),
            document("b", replaces="old", withdrawn_on=DAY),
        ]
        replaced = {
            item["document"]: item["replaced_by"]
            for item in self._reasons(rule, *papers)
            if item["code"] == "document_replaced"
        }
        assert replaced == {"old": "c", "a": "d"}

    def test_order_by_code_then_leaf_then_document(self) -> None:
        rule = requirement(met_when={"all": [shows("report", leaf="z"), shows(leaf="a", at_least=3)]})
        papers = [
            document("d2", withdrawn_on=DAY),
            document("d1", withdrawn_on=DAY),
            document("r", "report", withdrawn_on=DAY),
            document("d0", valid_until=YESTERDAY),
        ]
        found = [(item["code"], item["leaf"], item["document"]) for item in self._reasons(rule, *papers)]
        assert found == [
            ("document_withdrawn", "z", "r"),
            ("document_withdrawn", "a", "d1"),
            ("document_withdrawn", "a", "d2"),
            ("document_expired", "a", "d0"),
        ]

    def test_only_asked_leaves_have_reasons(self) -> None:
        rule = requirement(
            met_when={"any": [{"all": [shows(leaf="a"), shows(leaf="b", at_least=2)]}, shows("report", leaf="c")]}
        )
        found = self._reasons(rule, document("r", "report", withdrawn_on=DAY))
        assert [item["leaf"] for item in found] == ["c"]
        assert self._reasons(rule, document("p"))[0] == {
            "code": "document_missing", "leaf": "b", "types": ["policy"], "wanted": 2, "have": 1,
        }  # fmt: skip


class TestAnswers:
    @pytest.mark.parametrize("answers", [[], [answer(None, "integer")]])
    def test_missing(self, answers: list[Json]) -> None:
        found = gap(requirement(met_when=says("integer", at_least=2)), answers=answers)
        assert reason(found, "answer_missing") == {"leaf": "ans", "question": "integer", "wanted": {"at_least": 2}}

    def test_insufficient(self) -> None:
        """semantics.md: "and for the second `given` (lists sorted)"."""
        rule = requirement(met_when=says("choices", includes_all=["z", "w"]))
        assert reason(gap(rule, answers=[answer(["y", "x", "y"], "choices")]), "answer_insufficient") == {
            "leaf": "ans", "question": "choices", "wanted": {"includes_all": ["z", "w"]}, "given": ["x", "y"],
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("leaf", "given", "wanted"),
        [
            (says("decimal", at_least="2"), "1.50", {"at_least": "2"}),
            (says("boolean", is_=True), False, {"is": True}),
            (says("date", within_months=12), "2026-04-02", {"within_months": 12}),
            (says("choice", one_of=["b", "a"]), "c", {"one_of": ["b", "a"]}),
        ],
    )
    def test_as_written(self, leaf: Json, given: object, wanted: Json) -> None:
        said = [answer(given, leaf["answer"]["question"])]
        found = reason(gap(requirement(met_when=leaf), answers=said), "answer_insufficient")
        assert (found["given"], found["wanted"]) == (given, wanted)


class TestAccreditations:
    """semantics.md: "the first that holds" of eleven, in the order of the table."""

    WORST: ClassVar[Json] = {
        "edition": "2",
        "stage": "half",
        "scope": {"kind": "service", "services": ["svc-2"]},
        "status_changes": [{"on": "2026-02-01", "status": "withdrawn"}],
        "awarded_on": TOMORROW,
        "conditions": [
            {"requirements": ["1.1"], "opened_on": "2026-01-05"},
            {"requirements": ["1.1"], "opened_on": "2026-01-04"},
            {"requirements": ["1.1"], "opened_on": "2026-01-03", "closed_on": YESTERDAY},
            {"requirements": ["1.2"], "opened_on": "2026-01-02"},
        ],
        "unchanged_declared_on": "2025-03-31",
        "verified_on": "2025-03-31",
    }
    # Each step takes away what the step before was told for.
    STEPS: tuple[tuple[Json, str, Json], ...] = (
        ({}, "edition_not_recognised", {}),
        ({"edition": "1"}, "stage_not_recognised", {}),
        ({"stage": "whole"}, "crosswalk_not_applicable", {}),
        ({}, "out_of_scope", {}),
        ({"scope": {"kind": "organisation"}}, "withdrawn", {"withdrawn_on": "2026-02-01"}),
        ({"status_changes": []}, "not_yet_awarded", {"awarded_on": "2026-04-02"}),
        (
            {
                "awarded_on": "2024-01-01",
                "expires_on": YESTERDAY,
                "status_changes": [
                    {"on": "2026-01-15", "status": "suspended"},
                    {"on": "2026-01-10", "status": "reinstated"},
                ],
            },
            "expired",
            {"expires_on": "2026-03-31"},
        ),
        ({"expires_on": DAY}, "suspended", {"suspended_on": "2026-01-15"}),
        ({"status_changes": []}, "condition_open", {"opened_on": "2026-01-04"}),
        ({"conditions": []}, "not_redeclared", {"declared_until": "2026-03-31"}),
        ({"unchanged_declared_on": None}, "not_redeclared", {"declared_until": None}),
        ({"unchanged_declared_on": DAY}, "unverified", {"verified_until": "2026-03-31"}),
        ({"verified_on": None}, "unverified", {"verified_until": None}),
    )

    def test_every_code_in_its_turn(self) -> None:
        fields = dict(self.WORST)
        for step, (change, code, datum) in enumerate(self.STEPS):
            fields |= change
            # The condition of the crosswalk holds from the fourth step on.
            walk = crosswalk(applies_when=states("boolean", is_=True))
            found = judged(crosswalks=[walk], accreditations=[certificate(**fields)], profile={"boolean": step >= 3})
            assert [item for item in found.reasons if item["code"].startswith("accreditation")] == [
                {"code": f"accreditation_{code}", "accreditation": "acc-1"} | datum
            ]

    @pytest.mark.parametrize(("field", "datum", "code"), [
        ("unchanged_declared_on", "declared_until", "accreditation_not_redeclared"),
        ("verified_on", "verified_until", "accreditation_unverified"),
    ])  # fmt: skip
    def test_null_where_never_or_not_since_the_last_reinstatement(self, field: str, datum: str, code: str) -> None:
        changes = [{"on": "2026-03-02", "status": "reinstated"}]
        fields = {"unchanged_declared_on": "2026-03-02", "verified_on": "2026-03-02"} | {field: "2026-03-01"}
        assert reason(gap(**held(status_changes=changes, **fields)), code) == {"accreditation": "acc-1", datum: None}

    def test_nothing_where_it_covers_or_has_no_entry(self) -> None:
        assert codes(judged(**held())) == []
        rule = requirement(met_when={"all": [shows(), shows("report", leaf="rep")]})
        assert codes(gap(rule, **held(partial("rep")))) == [
            "not_answered", "document_missing",
        ]  # fmt: skip
        assert codes(gap(crosswalks=[crosswalk()], accreditations=[certificate(scheme="beta")])) == [
            "not_answered", "document_missing",
        ]  # fmt: skip

    def test_a_claim_below_met_takes_no_coverage_and_gives_the_certificate_no_blame(self) -> None:
        assert codes(gap(responses=[response(rating="not_met")], **held())) == [
            "self_rated_below_met",
            "document_missing",
        ]

    def test_one_item_for_each_accreditation_and_code_with_its_programmes(self) -> None:
        scope = {"kind": "programme", "programmes": [{"id": "prog-a"}]}
        expired: Json = {"scope": scope, "expires_on": YESTERDAY}
        held = [certificate("acc-2", **expired), certificate("acc-10", **expired)]
        found = gap(BY_PROGRAMME, programmes=PROGRAMMES, crosswalks=[crosswalk()], accreditations=held)
        assert [item for item in found.reasons if "accreditation" in item] == [
            {"code": "accreditation_out_of_scope", "accreditation": "acc-10", "programmes": ["prog-b"]},
            {"code": "accreditation_out_of_scope", "accreditation": "acc-2", "programmes": ["prog-b"]},
            {
                "code": "accreditation_expired",
                "accreditation": "acc-10",
                "programmes": ["prog-a"],
                "expires_on": "2026-03-31",
            },
            {
                "code": "accreditation_expired",
                "accreditation": "acc-2",
                "programmes": ["prog-a"],
                "expires_on": "2026-03-31",
            },
        ]

    def test_programmes_is_empty_where_the_service_lists_none_and_absent_elsewhere(self) -> None:
        expired = held(expires_on=YESTERDAY)
        assert reason(gap(BY_PROGRAMME, **expired), "accreditation_expired")["programmes"] == []
        assert "programmes" not in reason(gap(**expired), "accreditation_expired")

    def test_of_several_crosswalks_the_code_furthest_down(self) -> None:
        """Two crosswalk ids for one scheme are refused by the loader; the engine decides all the same."""
        lenient = crosswalk(id="alpha--b", redeclare_months=24)
        strict = crosswalk(id="alpha--a", editions=["9"])
        held = [certificate(unchanged_declared_on="2024-04-01", verified_on=None)]
        found = gap(crosswalks=[lenient, strict], accreditations=held)
        assert codes(found) == ["accreditation_unverified", "review_pending"]
        covered = judged(crosswalks=[lenient, strict], accreditations=[certificate()])
        assert codes(covered) == []


class TestReviews:
    def test_rejected_and_more_information(self) -> None:
        for decision, code in (("rejected", "review_rejected"), ("more_information", "more_information_requested")):
            found = gap(**SHOWN, reviews=[review(decision=decision, reason="why")])
            assert found.reasons == ({"code": code, "reason": "why", "decided_at": "2026-03-20T14:00:00Z"},)
            silent = gap(**SHOWN, reviews=[review(decision=decision)])
            assert reason(silent, code)["reason"] is None

    def test_pending_where_something_is_shown_or_claimed(self) -> None:
        """semantics.md: "T(e) holds or r says `met`, and … there is no review"."""
        assert codes(gap(**SHOWN)) == ["review_pending"]
        assert codes(gap(responses=[response()])) == ["document_missing", "review_pending"]
        assert codes(gap(**SHOWN | {"responses": [response("doc-1", rating="not_met")]})) == [
            "self_rated_below_met", "review_pending",
        ]  # fmt: skip
        assert codes(gap(responses=[response(rating="not_met")])) == ["self_rated_below_met", "document_missing"]

    def test_stale(self) -> None:
        assert codes(gap(**SHOWN, reviews=[review("doc-1", response_version=2)])) == ["review_stale"]
        assert codes(gap(reviews=[review()])) == ["not_answered", "document_missing"]

    def test_the_end_of_an_override_comes_before_its_being_stale(self) -> None:
        """semantics.md: "the first of: an override has ended; the acceptance is stale; there is no review"."""
        ended = override("doc-1", until=YESTERDAY, response_version=2)
        assert gap(**SHOWN, reviews=[ended]).reasons == ({"code": "override_lapsed", "until": "2026-03-31"},)
        current = override("doc-1", until=DAY, response_version=2)
        assert codes(gap(**SHOWN, reviews=[current])) == ["review_stale"]


def test_codes_come_in_the_order_of_the_table() -> None:
    rule = requirement(
        met_when={"all": [says("integer", leaf="n", is_=1), says(leaf="b"), shows(at_least=3)]},
        applies_when=states("choice", is_="a"),
    )
    found = judged(
        rule,
        documents=[document("a", valid_until=YESTERDAY), document("b", withdrawn_on=DAY)],
        answers=[answer(2, "integer")],
        responses=[response("a", "b", rating="partly_met")],
        reviews=[review(decision="rejected")],
        **held(expires_on=YESTERDAY),
    )
    assert codes(found) == [
        "profile_unstated",
        "self_rated_below_met",
        "document_missing",
        "document_withdrawn",
        "document_expired",
        "answer_missing",
        "answer_insufficient",
        "accreditation_expired",
        "review_rejected",
    ]


def test_certificates_are_told_by_code_and_then_by_id_whatever_their_dates() -> None:
    """semantics.md 7: "Items within a code: … id order for the rest"."""
    held = [
        certificate("acc-2", expires_on="2026-02-01"),
        certificate("acc-1", expires_on="2026-03-01"),
        certificate("acc-0", unchanged_declared_on=None),
    ]
    found = judged(crosswalks=[crosswalk()], accreditations=held).reasons
    told = [item["accreditation"] for item in found if item["code"].startswith("accreditation")]
    assert told == ["acc-1", "acc-2", "acc-0"]


def test_a_document_replaced_on_the_day_on_which_it_would_begin_is_replaced() -> None:
    """semantics.md 7: "not yet valid" is what begins later; this one begins, and another takes its place."""
    papers = [document("doc-1", valid_from=DAY), document("doc-2", replaces="doc-1"), document("doc-3", "record")]
    two = requirement(met_when=shows(at_least=3))
    found = judged(two, documents=papers, responses=[response("doc-1", "doc-2")])
    told = [(item["code"], item["document"]) for item in found.reasons if "document" in item]
    assert told == [("document_replaced", "doc-1")]


def test_two_reasons_of_two_leaves_come_by_code_before_they_come_by_leaf() -> None:
    """semantics.md 7: "Reasons, in this order"; "Items within a code: rule set order for leaves"."""
    rule = requirement(met_when={"all": [shows(leaf="a"), shows("record", leaf="b")]})
    found = judged(rule, documents=[document(valid_until=YESTERDAY)], responses=[response("doc-1")])
    assert codes(found) == ["document_missing", "document_expired", "review_pending"]
