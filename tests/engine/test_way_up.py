"""The cheapest way up: what to link, hand in, answer and claim, what reviewers decide, what certificates save."""

from app.engine.determination import Statuses
from app.engine.values import moment
from app.engine.way_up import Step
from tests.engine.small import (
    Json,
    answer,
    certificate,
    crosswalk,
    document,
    full,
    override,
    partial,
    programme,
    requirement,
    response,
    review,
    says,
    shows,
    states,
)
from tests.engine.ways import MEETS, UNSEEN, way


def short(step: Step) -> tuple[str, str, tuple[str, ...]]:
    return step.kind, step.subject, step.closes


def test_a_document_that_serves_most_requirements_comes_first() -> None:
    found = way(
        requirement("1.1", {"all": [shows("record"), shows("policy", leaf="also")]}),
        requirement("1.2"),
        requirement("1.3", says()),
    )
    assert [short(step) for step in found.steps] == [
        ("document", "policy", ("1.2",)),
        ("answer", "boolean", ("1.3",)),
        ("document", "record", ("1.1",)),
    ]
    assert (found.fewest, found.at_least, found.exact) == (3, 3, True)
    assert found.steps[1].value is True
    assert found.steps[1].wanted == ({"is": True},)
    assert [item.ask.en for item in found.steps[0].serves] == ["Show also", "Show doc"]
    assert [claim.requirement for claim in found.claims] == ["1.1", "1.2", "1.3"]
    assert found.accept == ("1.1", "1.2", "1.3")
    assert found.now.status.evidenced == "working_towards"
    assert found.after_steps.status == Statuses(evidenced="meets", verified="working_towards")
    assert found.after_decisions.status == MEETS


def test_nothing_is_asked_of_who_meets_it() -> None:
    found = way(documents=[document()], responses=[response("doc-1")], reviews=[review("doc-1")])
    assert (found.steps, found.claims, found.accept, found.verify) == ((), (), (), ())
    assert found.now.status == found.after_decisions.status == MEETS


def test_a_document_on_file_is_linked_before_a_new_one_is_asked_for() -> None:
    files = [
        document("old", valid_until="2026-03-31"),
        document("new", replaces="old"),
        document("other", withdrawn_on="2026-02-01"),
        document("same", sha256="ab" * 32),
        document("copy", sha256="ab" * 32),
    ]
    found = way(requirement("1.1", shows(at_least=2)), documents=files, responses=[response("old")])
    assert [(step.kind, step.subject) for step in found.steps] == [("link", "copy"), ("link", "new")]
    assert found.fewest == 0
    assert found.changes.link == {"1.1": ("copy", "new")}
    two = way(requirement("1.1", shows(at_least=2)), documents=files[:2], responses=[response("new")])
    assert [(step.kind, step.subject) for step in two.steps] == [("document", "policy")], "what was replaced is left"
    kept = way(
        requirement("1.1", shows(at_least=2)),
        documents=[document("old"), document("new", replaces="old")],
        responses=[response("old")],
    )
    assert [(step.kind, step.subject) for step in kept.steps] == [("document", "policy")], "one in the other's place"


def test_of_several_documents_on_file_no_more_are_linked_than_needed() -> None:
    found = way(documents=[document(), document("doc-2")])
    assert [short(step) for step in found.steps] == [("link", "doc-1", ("1.1",))]


def test_a_new_document_has_an_id_of_its_own_and_several_are_told_apart() -> None:
    found = way(requirement("1.1", shows(at_least=2)), documents=[document("new-policy-1", kind="record")])
    assert [step.document for step in found.steps] == ["new-new-policy-1", "new-policy-2"]
    assert found.steps[-1].closes == ("1.1",)


def test_for_each_programme_what_is_good_for_it_counts() -> None:
    files = [document("doc-a", programmes=["prog-a"]), document("doc-b", programmes=["prog-b"])]
    found = way(
        requirement("1.1", concerns="programme"),
        programmes=[programme(), programme("prog-b")],
        documents=files,
        responses=[response("doc-a")],
    )
    assert [short(step) for step in found.steps] == [("link", "doc-b", ("1.1",))]
    assert len(found.steps[0].serves) == 1


def test_one_answer_that_suits_every_question_asked_of_it() -> None:
    found = way(
        requirement("1.1", says("integer", at_least=2)),
        requirement("1.2", says("integer", at_least=3)),
        requirement("1.3", says("integer", at_most=5)),
        requirement("2.1", says("choices", includes_any=["x", "y"])),
        requirement("2.2", says("choices", includes_all=["w", "y"])),
        requirement("2.3", says("choices", includes_any=["z"])),
        requirement("3.1", says("date", within_months=6)),
        requirement("3.2", says("choice", one_of=["b", "c"])),
        answers=[answer(1, "integer"), answer(["w"], "choices")],
    )
    given = {step.subject: step.value for step in found.steps}
    assert given == {"integer": 3, "choices": ("w", "y", "z"), "date": "2026-04-01", "choice": "b"}
    assert found.fewest == 4


def test_requirements_that_contradict_each_other_are_told() -> None:
    found = way(requirement("1.1", says()), requirement("1.2", says(is_=False)), requirement("1.3"))
    assert found.beyond == ("1.2",)
    assert found.after_decisions.status.evidenced == "working_towards"
    held = way(
        requirement("1.1", says()),
        requirement("1.2", says(is_=False)),
        answers=[answer(value=True)],
        responses=[response()],
    )
    assert (held.beyond, held.steps) == (("1.2",), ())


def test_an_answer_that_would_undo_something_else_is_made_up_for() -> None:
    found = way(
        requirement("1.1", {"any": [says(is_=False), says("integer", leaf="more", at_least=1), shows()]}),
        requirement("1.2", says(is_=True)),
        requirement("1.3", {"any": [shows(), says("choice", is_="a")]}),
        answers=[answer(value=False)],
        responses=[response(), response(name="1.2")],
    )
    assert sorted((step.kind, step.subject) for step in found.steps) == [("answer", "boolean"), ("document", "policy")]
    assert found.changes.link == {"1.1": ("new-policy-1",), "1.3": ("new-policy-1",)}


def test_an_override_is_not_disturbed_by_a_new_answer() -> None:
    rules = (
        requirement("1.1", {"all": [shows(), says()]}),
        requirement("1.2", {"any": [says(is_=False), shows("record")]}),
    )
    kept = way(*rules, responses=[response()], answers=[answer(value=True)], reviews=[override()])
    assert [(step.kind, step.subject) for step in kept.steps] == [("document", "record")]
    other = requirement("1.2", says(is_=True)), requirement("1.1", {"any": [says(is_=True), says(is_=False, leaf="b")]})
    paid = way(*other, responses=[response()], reviews=[override()])
    assert [(step.kind, step.subject) for step in paid.steps] == [("answer", "boolean")]
    assert paid.after_steps.status.evidenced == "meets"
    silent = way(*other, responses=[response(rating="partly_met")], reviews=[override()])
    assert silent.beyond == ("1.2",), "its own words say less than the override"


def test_rejections_and_exclusions_are_for_reviewers() -> None:
    found = way(
        requirement("1.1"),
        requirement("1.2", may_be_excluded=True),
        requirement("1.3", may_be_excluded=True),
        documents=[document()],
        responses=[
            response("doc-1"),
            response(name="1.2", rating="not_applicable", exclusion_reason="not ours"),
            response("doc-1", name="1.3", rating="not_applicable", exclusion_reason="not ours"),
        ],
        reviews=[review("doc-1", decision="rejected"), review("doc-1", name="1.3", decision="rejected")],
    )
    assert [(claim.requirement, claim.self_rating) for claim in found.claims] == [("1.3", "not_applicable")]
    assert "exclusion_reason" in found.changes.responses[0].model_fields_set, "it is taken back, not left as it was"
    assert found.changes.responses[0].exclusion_reason is None
    assert found.steps == ()
    assert found.accept == ("1.1", "1.2", "1.3")
    assert (found.after_steps.status.evidenced, found.after_decisions.status) == ("working_towards", MEETS)


def test_what_applies_only_because_the_profile_is_silent_is_told() -> None:
    found = way(requirement("1.1", applies_when=states("boolean", is_=True)))
    assert found.unstated == {"1.1": ("boolean",)}


def test_what_a_certificate_saves_and_what_another_would() -> None:
    rules = (
        requirement("1.1", {"all": [shows(), says()]}, weight=3),
        requirement("1.2", shows("record")),
        requirement("1.3", shows("report")),
        requirement("1.4", shows("training")),
        requirement("2.1", shows("training"), obligation="should"),
    )
    walks = [crosswalk(full(), full("2.1")), crosswalk(full("1.3"), scheme="beta")]
    shown: Json = {
        "documents": [document(kind="training")],
        "responses": [response("doc-1", name="1.4")],
        "reviews": [review("doc-1", name="1.4")],
    }
    found = way(*rules, crosswalks=walks, accreditations=[certificate()], **shown)
    [relies] = found.accreditations
    assert (relies.accreditation, relies.scheme, relies.weight.evidenced) == ("acc-1", "alpha", 3)
    assert (relies.evidenced, relies.verified, relies.saves) == (("1.1",), ("1.1",), 2)
    assert relies.without.compliance.evidenced == "16.7"
    [gain] = found.schemes
    assert (gain.scheme, gain.covers, gain.saves) == ("beta", ("1.3",), 1)


def test_an_accreditation_that_nobody_saw_is_to_be_verified_where_an_acceptance_does_not_do() -> None:
    unseen = certificate(**UNSEEN)
    rules = requirement("1.1", {"all": [shows(), says()]})
    found = way(rules, crosswalks=[crosswalk(partial("doc"))], accreditations=[unseen], answers=[answer(value=True)])
    assert (found.steps, found.verify, found.accept) == ((), ("acc-1",), ("1.1",))
    assert found.after_decisions.status == MEETS
    own = way(crosswalks=[crosswalk()], accreditations=[unseen], documents=[document()], responses=[response("doc-1")])
    assert (own.verify, own.accept) == ((), ("1.1",))


def test_only_what_must_hold_and_is_not_evidenced_is_planned() -> None:
    shown: Json = {"documents": [document()], "responses": [response("doc-1")]}
    found = way(requirement("1.1"), requirement("1.2", says(), obligation="should"), **shown, crosswalks=[crosswalk()])
    assert (found.steps, found.claims, found.schemes) == ((), (), ())
    rules = requirement("1.1", says(), obligation="should"), requirement("1.2", says(is_=False))
    given: Json = {"answers": [answer(value=True)], "responses": [response(), response(name="1.2")]}
    assert [short(step) for step in way(*rules, **given).steps] == [("answer", "boolean", ("1.2",))]


def test_what_a_certificate_covers_is_not_undone_by_another_answer() -> None:
    """semantics.md 4: "full covers every leaf", whatever is answered."""
    rules = requirement("1.1", says()), requirement("1.2", says(is_=False))
    found = way(*rules, crosswalks=[crosswalk()], accreditations=[certificate()], answers=[answer(value=True)])
    assert (found.beyond, [short(step) for step in found.steps]) == ((), [("answer", "boolean", ("1.2",))])


def test_an_answer_that_would_undo_something_through_others_is_not_given() -> None:
    found = way(
        requirement("1.1", {"any": [says(is_=False), says("integer", leaf="more", at_least=5)]}),
        requirement("1.2", says(is_=True)),
        requirement("1.3", says("integer", at_most=3)),
        answers=[answer(value=False), answer(1, "integer")],
        responses=[response(), response(name="1.3")],
    )
    assert (found.beyond, found.steps) == (("1.2",), ())


def test_what_a_scheme_would_save_is_what_its_requirements_alone_ask_for() -> None:
    rules = requirement("1.1"), requirement("1.2", shows("record")), requirement("1.3", shows("report"))
    [gain] = way(*rules, crosswalks=[crosswalk(full("1.3"))]).schemes
    assert (gain.covers, gain.saves) == (("1.3",), 1)


def test_only_what_must_hold_is_for_reviewers_to_decide_and_what_waits_for_them_is_closed_by_no_step() -> None:
    found = way(
        requirement("1.1"),
        requirement("1.2", shows("record")),
        requirement("1.3", shows("report")),
        requirement("2.1", shows("training"), obligation="should"),
        crosswalks=[crosswalk(full("1.3")), crosswalk(full("2.1"), scheme="beta")],
        accreditations=[certificate(**UNSEEN), certificate("acc-2", scheme="beta", **UNSEEN)],
        documents=[document()],
        responses=[response("doc-1")],
        reviews=[review("doc-1", decision="rejected", decided_at="2026-05-01T00:00:00Z")],
    )
    assert [short(step) for step in found.steps] == [("document", "record", ("1.2",))]
    assert (found.accept, found.verify) == (("1.1", "1.2"), ("acc-1",))
    assert (len(found.changes.documents), found.changes.answers) == (1, ())


def test_what_is_answered_anew_comes_after_everything_that_was_said_and_decided() -> None:
    found = way(
        requirement("1.1", says(is_=True)),
        answers=[answer(value=False, at="2026-06-01T00:00:00Z")],
        responses=[response()],
        reviews=[review(decided_at="2026-07-01T00:00:00Z")],
    )
    [said] = found.changes.answers
    assert moment(said.answered_at) > moment("2026-07-01T00:00:00Z")
    assert (said.value, found.changes.documents) == (True, ())
    assert found.after_decisions.status == MEETS
