"""Why a requirement was judged as it was, to the leaf (semantics.md 2, 4, 5)."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from app.engine.evaluate import evaluate
from app.engine.explain import BranchFact, Explanation, LeafFact, NodeFact, explain
from app.engine.rules import Crosswalk
from tests.engine.small import (
    ACCEPTED,
    DAY,
    Json,
    answer,
    certificate,
    crosswalk,
    document,
    entries,
    override,
    pack,
    partial,
    programme,
    requirement,
    response,
    review,
    rule_set,
    says,
    shows,
    states,
)


def explained(*rules: Json, crosswalks: Iterable[Crosswalk] = (), on: date = DAY, **parts: Any) -> Explanation:
    """The explanation of 1.1, which agrees with the determination."""
    rule, given = rule_set(*rules), pack(**parts)
    found = explain(rule, crosswalks, given, on, "1.1")
    assert found.result == entries(evaluate(rule, crosswalks, given, on))["1.1"]
    return found


def leaf(node: NodeFact) -> LeafFact:
    assert isinstance(node, LeafFact)
    return node


def test_a_requirement_that_is_not_there_has_no_explanation() -> None:
    with pytest.raises(KeyError):
        explain(rule_set(), (), pack(), DAY, "9.9")


def test_the_tree_says_what_holds_node_by_node() -> None:
    tree = {"all": [shows(), {"any": [says(), shows("record", leaf="rec")]}]}
    found = explained(requirement(met_when=tree), documents=[document()], responses=[response("doc-1")])
    [subject] = found.judged
    assert subject.programme is None
    root = subject.tree
    assert isinstance(root, BranchFact)
    assert (root.kind, root.holds, [part.holds for part in root.parts]) == ("all", False, [True, False])
    inner = root.parts[1]
    assert isinstance(inner, BranchFact)
    assert (inner.kind, [leaf(part).leaf for part in inner.parts]) == ("any", ["ans", "rec"])
    assert leaf(root.parts[0]).by_evidence
    answered = explained(requirement(met_when=tree), answers=[answer(value=True)]).judged[0].tree
    assert isinstance(answered, BranchFact)
    assert (answered.holds, [part.holds for part in answered.parts]) == (False, [False, True])
    assert leaf(root.parts[0]).ask.en == "Show doc"
    assert (found.self_rating, found.statement.en, found.as_of) == ("met", "Statement 1.1", DAY)


def test_each_document_says_until_when_it_is_good_or_the_first_thing_against_it() -> None:
    documents = [
        document("doc-1"),
        document("doc-2", valid_until="2026-06-30"),
        document("doc-3", valid_until="2026-03-01"),
        document("doc-4", "record"),
        document("doc-5", replaces="doc-1", issued_on="2026-05-01"),
        document("doc-6", replaces="doc-5", issued_on="2026-04-15", valid_until="2026-04-15"),
    ]
    links = response(*(item["id"] for item in documents))
    found = leaf(explained(documents=documents, responses=[links]).judged[0].tree)
    assert (found.holds, found.wanted_documents, found.answer) == (True, 1, None)
    assert [(item.document, item.good, str(item.good_through)) for item in found.documents] == [
        ("doc-1", True, "2026-04-14"),
        ("doc-2", True, "2026-06-30"),
        ("doc-3", False, "None"),
        ("doc-5", False, "None"),
        ("doc-6", False, "None"),
    ]
    assert found.documents[2].why_not == {"code": "document_expired", "valid_until": "2026-03-01"}
    assert found.documents[3].why_not == {"code": "document_not_yet_valid", "issued_on": "2026-05-01"}


def test_a_document_without_an_end_is_good_for_ever() -> None:
    documents = [
        document("doc-1"),
        document("doc-2", replaces="doc-1", issued_on="2026-05-01", withdrawn_on="2026-05-01"),
    ]
    found = leaf(explained(documents=documents, responses=[response("doc-1", "doc-2")]).judged[0].tree)
    assert [(item.good, item.good_through) for item in found.documents] == [(True, None), (False, None)]


def test_an_answer_stands_beside_what_was_wanted() -> None:
    rule = requirement(met_when=says("choices", includes_all=["x"]))
    given = answer(["z", "y"], "choices", at="2026-03-01T09:00:00Z")
    found = leaf(explained(rule, answers=[given]).judged[0].tree).answer
    assert found is not None
    assert (found.question, found.wanted, found.given) == ("choices", {"includes_all": ["x"]}, ["y", "z"])
    assert found.answered_at == "2026-03-01T09:00:00Z"
    found = leaf(explained(rule).judged[0].tree).answer
    assert found is not None
    assert (found.given, found.answered_at) == (None, None)


TREE = requirement(met_when={"all": [shows(), says()]})


def test_a_certificate_says_what_it_covers_and_what_hinders_it() -> None:
    walk = crosswalk(partial("ans"))
    held = [
        certificate("acc-1"),
        certificate("acc-2", verified_on=None, verified_by=None, register=None),
        certificate("acc-3", expires_on="2026-03-31"),
    ]
    found = explained(TREE, crosswalks=[walk], accreditations=held)
    [subject] = found.judged
    shown = [(item.accreditation, item.counts, item.verified) for item in subject.certificates]
    assert shown == [("acc-1", True, True), ("acc-2", True, False), ("acc-3", False, False)]
    first = subject.certificates[0]
    assert (first.crosswalk, first.crosswalk_version, first.coverage, first.leaves) == (
        "alpha--small",
        "1",
        "partial",
        ("ans",),
    )
    assert first.hindrance is None
    assert subject.certificates[2].hindrance == {
        "code": "accreditation_expired",
        "accreditation": "acc-3",
        "expires_on": "2026-03-31",
    }
    assert isinstance(subject.tree, BranchFact)
    not_shown, covered = map(leaf, subject.tree.parts)
    assert (not_shown.holds, not_shown.covered_by) == (False, ())
    assert (covered.holds, covered.by_evidence, covered.covered_by) == (True, False, ("acc-1", "acc-2"))


def test_full_coverage_covers_every_leaf() -> None:
    """semantics.md 4: "full covers every leaf"."""
    found = explained(TREE, crosswalks=[crosswalk()], accreditations=[certificate()])
    [subject] = found.judged
    assert subject.certificates[0].coverage == "full"
    assert isinstance(subject.tree, BranchFact)
    assert [leaf(part).covered_by for part in subject.tree.parts] == [("acc-1",), ("acc-1",)]


def test_no_coverage_counts_against_the_providers_own_words() -> None:
    """semantics.md 5.3: "A provider's own words are never overruled by its certificate"."""
    given: Json = {"accreditations": [certificate()], "responses": [response(rating="not_met")]}
    found = explained(TREE, crosswalks=[crosswalk()], **given)
    assert not found.coverage_may_stand_in
    assert found.judged[0].certificates[0].counts
    assert isinstance(found.judged[0].tree, BranchFact)
    assert [(part.holds, leaf(part).covered_by) for part in found.judged[0].tree.parts] == [(False, ()), (False, ())]


def test_each_programme_has_its_own_facts() -> None:
    rule = requirement(concerns="programme", applies_when=states("boolean", is_=True))
    scope = {"kind": "programme", "programmes": [{"id": "prog-b"}]}
    found = explained(
        rule,
        crosswalks=[crosswalk(scheme="beta")],
        accreditations=[certificate(scheme="beta", scope=scope)],
        programmes=[programme("prog-b"), programme(boolean=True), programme("prog-c", boolean=False)],
        documents=[document(programmes=["prog-a"])],
        responses=[response("doc-1")],
    )
    assert found.unstated_fields == ("boolean",)
    assert [(item.programme, item.tree.holds) for item in found.judged] == [("prog-a", True), ("prog-b", True)]
    hindrances = [item.certificates[0].hindrance for item in found.judged]
    assert hindrances == [
        {"code": "accreditation_out_of_scope", "accreditation": "acc-1", "programmes": ["prog-a"]},
        None,
    ]


def test_a_service_that_lists_no_programmes_is_judged_as_one_without_a_name() -> None:
    scope = {"kind": "programme", "programmes": [{"id": "prog-b"}]}
    found = explained(
        requirement(concerns="programme"),
        crosswalks=[crosswalk(scheme="beta")],
        accreditations=[certificate(scheme="beta", scope=scope)],
    )
    [subject] = found.judged
    assert subject.programme == ""
    assert subject.certificates[0].hindrance == {
        "code": "accreditation_out_of_scope",
        "accreditation": "acc-1",
        "programmes": [],
    }


def test_what_does_not_apply_has_nothing_judged() -> None:
    found = explained(requirement(applies_when=states("boolean", is_=True)), profile={"boolean": False})
    assert (found.judged, found.result.applicability, found.review) == ((), "not_applicable", None)


@pytest.mark.parametrize(
    ("given", "decision", "counts", "changed"),
    [
        (review("doc-1"), "accepted", True, ()),
        (review(), "accepted", False, ("document",)),
        (review("doc-1", response_version=0), "accepted", False, ("response",)),
        (review(decision="rejected", reason="no"), "rejected", True, ()),
        (review(decision="more_information", reason="how"), "more_information", True, ()),
        (override("doc-1"), "accepted", True, ()),
        (override("doc-1", until=date(2026, 3, 31)), "accepted", False, ()),
    ],
)
def test_the_newest_review_and_whether_it_counts(
    given: Json,
    decision: str,
    counts: bool,  # noqa: FBT001 -- a parameter of cases
    changed: tuple[str, ...],
) -> None:
    found = explained(**(ACCEPTED | {"reviews": [review(decided_at="2026-01-01T00:00:00Z"), given]})).review
    assert found is not None
    assert (found.decision, found.counts, found.changed_since) == (decision, counts, changed)
    assert found.override_until == given.get("until")


def test_an_override_counts_only_where_it_satisfies() -> None:
    """semantics.md 5.2: it satisfies all rungs "unless r says `not_met`"; where nothing is judged, it has no say."""
    given: Json = {"documents": [document()], "reviews": [override("doc-1")]}
    rule = requirement(applies_when=states("boolean", is_=True))
    for rating, stated, counts in (("not_met", True, False), ("partly_met", True, True), ("met", False, False)):
        claim = response("doc-1", rating=rating)
        found = explained(rule, profile={"boolean": stated}, responses=[claim], **given)
        assert found.review is not None
        assert found.review.counts is counts
        assert (found.result.route == "override") is counts


def test_what_has_changed_since_an_acceptance_is_told() -> None:
    """semantics.md 5.2: why "An `accepted` is *stale*": all that it no longer fits."""
    rule = requirement(met_when={"any": [shows(), says()]}, concerns="programme")
    found = explained(
        rule,
        programmes=[programme()],
        documents=[document()],
        answers=[answer(value=True, at="2026-03-21T00:00:00Z")],
        responses=[response("doc-1", version=2)],
        reviews=[review()],
    ).review
    assert found is not None
    assert found.changed_since == ("response", "document", "answer", "programme")


def test_an_explanation_is_data() -> None:
    form = explained(TREE, crosswalks=[crosswalk(partial("ans"))], accreditations=[certificate()]).model_dump(
        mode="json"
    )
    assert form["judged"][0]["tree"]["parts"][1]["covered_by"] == ["acc-1"]
    assert form["result"]["id"] == form["requirement"] == "1.1"
