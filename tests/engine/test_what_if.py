"""What would be if some facts were otherwise (semantics.md 8, 9)."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from typing import Any

import pytest
from pydantic import ValidationError

from app.engine.evaluate import evaluate
from app.engine.lineage import carry_forward
from app.engine.pack import Pack, Response
from app.engine.what_if import Changes, changes_faults, impact, supposed_pack, what_if
from tests.engine.editions import entry, following
from tests.engine.small import (
    ACCEPTED,
    DAY,
    SHOWN,
    TOMORROW,
    answer,
    certificate,
    crosswalk,
    document,
    override,
    pack,
    requirement,
    response,
    review,
    rule_set,
    says,
)


def supposed(given: Pack, **changes: Any) -> Pack:
    return supposed_pack(given, Changes.model_validate(changes))


def said(given: Pack, **changes: Any) -> Response:
    [found] = supposed(given, **changes).responses
    return found


GIVEN = pack(
    documents=[document(), document("doc-2")],
    answers=[answer(value=True)],
    responses=[response("doc-2", "doc-1", narrative="So it is.")],
    accreditations=[certificate()],
)


def test_nothing_supposed_changes_nothing() -> None:
    assert supposed(GIVEN) == GIVEN
    found = what_if(rule_set(), (), GIVEN, DAY, Changes())
    assert found.determination == evaluate(rule_set(), (), GIVEN, DAY)
    assert found.difference.changes == ()


def test_what_has_the_same_id_takes_its_place_and_what_has_not_is_added() -> None:
    found = supposed(
        GIVEN,
        documents=[document(valid_until="2026-06-30"), document("doc-3")],
        answers=[answer(value=False), answer(3, "integer")],
        accreditations=[certificate(stage="half"), certificate("acc-2")],
    )
    assert [(item.id, str(item.valid_until)) for item in found.documents] == [
        ("doc-1", "2026-06-30"),
        ("doc-2", "None"),
        ("doc-3", "None"),
    ]
    assert [(item.question, item.value) for item in found.answers] == [("boolean", False), ("integer", 3)]
    assert [(item.id, item.stage) for item in found.accreditations] == [("acc-1", "half"), ("acc-2", "whole")]


def test_what_is_without_is_taken_out_and_unlinked() -> None:
    found = supposed(GIVEN, without_documents=["doc-1"], without_accreditations=["acc-1"])
    assert [item.id for item in found.documents] == ["doc-2"]
    assert found.accreditations == ()
    assert (found.responses[0].documents, found.responses[0].version) == (("doc-2",), 2)


def test_a_response_says_otherwise_only_what_is_given() -> None:
    """semantics.md 3: a response has a `version`, "raised" where its content changes."""
    found = said(GIVEN, responses=[{"requirement": "1.1", "self_rating": "not_met"}])
    assert found == GIVEN.responses[0].replace(self_rating="not_met", version=2)
    found = said(GIVEN, responses=[{"requirement": "1.1", "narrative": None, "documents": []}])
    assert (found.self_rating, found.narrative, found.documents, found.version) == ("met", None, (), 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"responses": [{"requirement": "1.1"}]},
        {"responses": [{"requirement": "1.1", "self_rating": "met"}]},
        {"responses": [{"requirement": "1.1", "documents": ["doc-1", "doc-2", "doc-1"]}]},
        {"link": {"1.1": ["doc-1"]}},
        {"without_documents": ["doc-9"]},
    ],
)
def test_what_says_the_same_keeps_its_version(changes: dict[str, Any]) -> None:
    assert said(GIVEN, **changes) == GIVEN.responses[0]


def test_documents_are_linked_to_responses_there_are_and_to_new_ones() -> None:
    linked = supposed(GIVEN, documents=[document("doc-3")], link={"1.1": ["doc-3"], "1.2": ["doc-3"]})
    assert [(item.requirement, item.version, item.self_rating, item.documents) for item in linked.responses] == [
        ("1.1", 2, "met", ("doc-1", "doc-2", "doc-3")),
        ("1.2", 1, None, ("doc-3",)),
    ]


def test_a_response_that_was_not_there_has_version_1() -> None:
    assert said(pack(), responses=[{"requirement": "1.1", "self_rating": "met"}]).version == 1


def test_a_document_replaced_by_a_better_one() -> None:
    """The story of a certificate about to end: a newer one in its place, and the acceptance goes stale by it."""
    ends = ACCEPTED | {"documents": [document(valid_until=str(DAY))]}
    changes = {"documents": [document("doc-2", replaces="doc-1")], "link": {"1.1": ["doc-2"]}, "as_of": TOMORROW}
    found = what_if(rule_set(), (), pack(**ends), DAY, Changes.model_validate(changes))
    assert found.determination.as_of == TOMORROW
    [change] = found.difference.changes
    assert change.words.en == "1.1 goes from verified to evidenced but not verified."


def test_another_day_alone() -> None:
    given = pack(**(SHOWN | {"reviews": [override("doc-1")]}))
    found = what_if(rule_set(), (), given, DAY, Changes(as_of=TOMORROW))
    assert found.difference.before.status.verified == "meets"
    assert found.difference.after.status.verified == "working_towards"


def test_an_accreditation_and_an_answer() -> None:
    rules = rule_set(requirement(), requirement("1.2", says()))
    given = pack(responses=[response(name="1.2")], reviews=[review(name="1.2")])
    changes = {"accreditations": [certificate()], "answers": [answer(value=True)]}
    found = what_if(rules, [crosswalk()], given, DAY, Changes.model_validate(changes))
    assert [change.words.en for change in found.difference.changes] == [
        "1.1 goes from not met to verified.",
        "1.2 goes from declared only to verified.",
    ]


@pytest.mark.parametrize(
    "changes",
    [{"reviews": []}, {"responses": [{"requirement": "1.1", "version": 2}]}, {"link": {"1.1": "doc-1"}}],
)
def test_reviews_versions_and_what_is_unknown_cannot_be_supposed(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Changes.model_validate(changes)


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"documents": [document(), document("doc-3"), document()]}, ["/documents/2/id"]),
        ({"answers": [answer(1, "integer"), answer(2, "integer")]}, ["/answers/1/question"]),
        ({"responses": [{"requirement": "1.1"}, {"requirement": "1.1"}]}, ["/responses/1/requirement"]),
        ({"accreditations": [certificate("acc-2"), certificate("acc-2")]}, ["/accreditations/1/id"]),
        ({"without_documents": ["doc-3", "doc-1"]}, ["/without_documents/0"]),
        ({"without_documents": ["doc-3"], "documents": [document("doc-3")]}, []),
        ({"without_accreditations": ["acc-1", "acc-2"]}, ["/without_accreditations/1"]),
        ({"without_accreditations": ["acc-2"], "accreditations": [certificate("acc-2")]}, []),
    ],
)
def test_what_is_said_twice_or_taken_out_though_not_there_is_a_fault(
    changes: dict[str, Any], pointers: list[str]
) -> None:
    found = changes_faults(GIVEN, Changes.model_validate(changes))
    assert [fault.pointer for fault in found] == pointers
    assert all(fault.hint for fault in found)


def test_the_impact_of_a_version_is_the_difference_of_two_determinations() -> None:
    """semantics.md 9: "the difference between two determinations, requirement by requirement"."""
    older = rule_set(requirement("1.1"), requirement("1.2"))
    newer = following(
        rule_set(requirement("1.1", weight=2), requirement("2.1"), requirement("2.2")),
        entry("1.1", "strengthened", "1.1"),
        entry("2.1", "unchanged", "1.2"),
        entry("2.2", "new"),
    )
    given = pack(
        documents=[document()],
        responses=[response("doc-1"), response("doc-1", name="1.2")],
        reviews=[review("doc-1"), review("doc-1", name="1.2")],
    )
    found = impact(older, newer, (), given, DAY)
    assert found.determination == evaluate(newer, (), carry_forward(given, older, newer), DAY)
    assert found.difference.before.compliance.verified == "100.0"
    assert found.difference.after.compliance.verified == "25.0"
    assert [change.words.en for change in found.difference.changes] == [
        "1.1 goes from verified to not met. Its weight goes from 1 to 2.",
        "2.2 is new: not met.",
    ]


def test_the_impact_of_a_version_that_is_not_based_on_this_one_is_refused() -> None:
    with pytest.raises(ValueError, match="not based on"):
        impact(rule_set(), rule_set().replace(version="2"), (), pack(), DAY)
