"""How a pack follows a rule set to its next version (semantics.md 9)."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from typing import Any

import pytest

from app.engine.check import pack_faults
from app.engine.lineage import carry_forward, lineage_problems
from app.engine.pack import LONGEST_NARRATIVE, Pack
from app.engine.rules import RuleSet
from tests.engine.editions import MERGED, OLDER, RETIRED, SPLIT, UNCHANGED, entry, following, plain
from tests.engine.small import (
    Json,
    answer,
    certificate,
    document,
    pack,
    programme,
    requirement,
    response,
    review,
    rule_set,
)
from tests.properties.world import SCHEMES


def carried(newer: RuleSet, older: RuleSet = OLDER, **parts: Any) -> Pack:
    """What a valid pack of these parts becomes, valid again."""
    given = pack(**parts)
    assert pack_faults(older, SCHEMES, given) == ()
    found = carry_forward(given, older, newer)
    assert pack_faults(newer, SCHEMES, found) == ()
    return found


# Carrying a pack forward: responses.

WHOLE = response(
    "doc-1", rating="not_applicable", version=3, narrative="We say so.", exclusion_reason="None come to us."
)


@pytest.mark.parametrize("change", ["unchanged", "clarified", "weakened"])
def test_unchanged_clarified_and_weakened_keep_the_response(change: str) -> None:
    found = carried(plain(change), documents=[document()], responses=[WHOLE])
    assert found.responses == pack(documents=[document()], responses=[WHOLE]).responses
    assert found.rule_set.version == "2"


def test_strengthened_keeps_a_draft() -> None:
    """semantics.md 9: "rating and exclusion reason null … the version one above the highest"."""
    [found] = carried(plain("strengthened"), documents=[document()], responses=[WHOLE]).responses
    assert (
        found
        == pack(
            responses=[response("doc-1", rating=None, version=4, narrative="We say so.", exclusion_reason=None)]
        ).responses[0]
    )


def test_split_gives_each_successor_the_draft() -> None:
    found = carried(SPLIT, documents=[document()], responses=[WHOLE]).responses
    assert [(item.requirement, item.version, item.documents) for item in found] == [
        ("1.1", 4, ("doc-1",)),
        ("1.2", 4, ("doc-1",)),
    ]


def test_merged_unites_documents_and_joins_narratives_in_the_order_of_from() -> None:
    [found] = carried(
        MERGED,
        documents=[document("doc-1"), document("doc-2")],
        responses=[
            response("doc-1", version=2, narrative="First."),
            response("doc-2", "doc-1", name="1.2", version=7, narrative="Second.", rating="not_met"),
            response(name="1.3", narrative=None),
        ],
    ).responses
    assert (found.requirement, found.version, found.self_rating) == ("1.1", 8, None)
    assert (found.documents, found.narrative) == (("doc-1", "doc-2"), "Second.\n\nFirst.")


def test_a_draft_without_narratives_has_none() -> None:
    [found] = carried(MERGED, responses=[response()]).responses
    assert found.narrative is None


def test_narratives_too_long_together_are_cut_with_a_mark() -> None:
    """A reading of our own (docs/evaluation.md): a valid pack stays valid, and the record keeps all of it."""
    long = "x" * LONGEST_NARRATIVE
    both = [response(narrative="end"), response(name="1.2", narrative=long)]
    [found] = carried(MERGED, responses=both).responses
    assert found.narrative == long[:-1] + "…"
    [whole] = carried(plain("strengthened"), responses=[response(narrative=long)]).responses
    assert whole.narrative == long


@pytest.mark.parametrize("newer", [plain("unchanged"), plain("strengthened"), MERGED, SPLIT])
def test_no_response_where_no_source_has_one(newer: RuleSet) -> None:
    assert carried(newer).responses == ()


# Reviews.


def test_unchanged_keeps_every_review() -> None:
    reviews = [
        review("doc-1", decided_at="2026-03-01T00:00:00Z"),
        review("doc-1", override=True, reason="seen", until="2026-09-01"),
    ]
    newer = following(rule_set(requirement("2.1")), entry("2.1", "unchanged", "1.1"), retired=("1.2", "1.3"))
    found = carried(newer, documents=[document()], responses=[response("doc-1")], reviews=reviews)
    assert found.reviews == pack(reviews=[item | {"requirement": "2.1"} for item in reviews]).reviews


@pytest.mark.parametrize("change", ["clarified", "weakened", "strengthened"])
@pytest.mark.parametrize("fields", [{}, {"override": True, "reason": "seen", "until": "2026-09-01"}])
def test_acceptances_lapse_where_the_requirement_changed(change: str, fields: Json) -> None:
    older = review(decision="rejected", reason="no", decided_at="2026-03-01T00:00:00Z")
    found = carried(plain(change), responses=[response()], reviews=[older, review(**fields)])
    assert found.reviews == ()


@pytest.mark.parametrize("decision", ["rejected", "more_information"])
@pytest.mark.parametrize(("change", "version"), [("clarified", 3), ("weakened", 3), ("strengthened", 4)])
def test_a_newest_refusal_is_carried_to_the_version_of_the_response(decision: str, change: str, version: int) -> None:
    decided = review("doc-1", decision=decision, reason="look again")
    found = carried(plain(change), documents=[document()], responses=[WHOLE], reviews=[decided])
    assert found.reviews == pack(reviews=[decided | {"response_version": version}]).reviews


def test_a_refusal_of_one_is_carried_beside_what_stays_unchanged() -> None:
    refusal = review(name="1.2", decision="rejected", response_version=0, reason="no")
    newer = following(OLDER, UNCHANGED[0], entry("1.2", "clarified", "1.2"), UNCHANGED[2])
    found = carried(newer, responses=[response()], reviews=[review(), refusal]).reviews
    assert sorted((item.requirement, item.decision) for item in found) == [("1.1", "accepted"), ("1.2", "rejected")]


def test_a_refusal_goes_to_every_successor_with_version_0_where_there_is_no_response() -> None:
    refusal = review(decision="rejected", response_version=0, reason="no")
    found = carried(SPLIT, reviews=[refusal]).reviews
    assert [(item.requirement, item.response_version) for item in found] == [("1.1", 0), ("1.2", 0)]


@pytest.mark.parametrize(
    ("reviews", "wanted"),
    [
        (
            [
                ("1.1", "rejected", "2026-03-01T00:00:00Z"),
                ("1.2", "more_information", "2026-03-09T00:00:00Z"),
            ],
            "1.1",
        ),
        (
            [
                ("1.1", "rejected", "2026-03-01T00:00:00.000002Z"),
                ("1.3", "rejected", "2026-03-01T00:00:00.000001Z"),
            ],
            "1.1",
        ),
        ([("1.1", "rejected", "2026-03-01T00:00:00Z"), ("1.2", "rejected", "2026-03-01T00:00:00.000Z")], "1.2"),
        ([("1.1", "accepted", "2026-03-09T00:00:00Z"), ("1.3", "more_information", "2026-03-01T00:00:00Z")], "1.3"),
        ([("1.1", "accepted", "2026-03-09T00:00:00Z")], None),
    ],
)
def test_of_several_refusals_that_meet_one_stays(reviews: list[tuple[str, str, str]], wanted: str | None) -> None:
    """semantics.md 9: "a `rejected` before a `more_information`, then the one decided last" and so on."""
    given = [
        review(name=name, decision=decision, decided_at=at, reason=name, response_version=0)
        for name, decision, at in reviews
    ]
    found = carried(MERGED, reviews=given).reviews
    assert [(item.requirement, item.reason) for item in found] == ([] if wanted is None else [("1.1", wanted)])


# Conditions, and what leaves.


def _opened(*names: str) -> Json:
    return {"requirements": list(names), "opened_on": "2026-01-01"}


def test_a_condition_follows_its_requirements_to_every_entry_that_has_them() -> None:
    [split] = carried(SPLIT, accreditations=[certificate(conditions=[_opened("1.1", "1.3")])]).accreditations
    assert [item.requirements for item in split.conditions] == [("1.1", "1.2")]
    [merged] = carried(
        MERGED, accreditations=[certificate(conditions=[_opened("1.3"), _opened("1.2", "1.1")])]
    ).accreditations
    assert [item.requirements for item in merged.conditions] == [("1.1",), ("1.1",)]


def test_what_belongs_to_retired_ids_leaves_the_pack() -> None:
    found = carried(
        RETIRED,
        responses=[response(), response(name="1.2")],
        reviews=[review(), review(name="1.3", response_version=0, decision="rejected", reason="no")],
        accreditations=[certificate(conditions=[_opened("1.2"), _opened("1.3", "1.1")])],
    )
    assert [item.requirement for item in found.responses] == ["1.1"]
    assert [item.requirement for item in found.reviews] == ["1.1"]
    assert [item.requirements for item in found.accreditations[0].conditions] == [("1.1",)]


def test_what_belongs_to_dropped_catalogue_entries_leaves_the_pack() -> None:
    """Documents of types that are gone and the links to them, answers, values of fields, those of programmes too."""
    newer = following(
        OLDER,
        *UNCHANGED,
        document_types=[item for item in OLDER.document_types if item.id != "record"],
        questions=[item for item in OLDER.questions if item.id != "boolean"],
        profile=[item for item in OLDER.profile if item.id != "integer"],
    )
    stated: Json = {"integer": 1, "boolean": True}
    found = carried(
        newer,
        profile=stated,
        programmes=[programme(**stated)],
        documents=[
            document("doc-1"),
            document("doc-2", replaces="doc-1"),
            document("doc-3", "record"),
            document("doc-4", "record", replaces="doc-3"),
        ],
        answers=[answer(value=True), answer("a", "choice")],
        responses=[response("doc-4", "doc-2", "doc-3")],
    )
    assert [item.id for item in found.documents] == ["doc-1", "doc-2"]
    assert [item.question for item in found.answers] == ["choice"]
    assert found.service.profile == found.service.programmes[0].profile == {"boolean": True}
    assert found.responses[0].documents == ("doc-2",)
    assert found.responses[0].version == 1


def test_a_value_that_the_new_version_cannot_take_leaves_whole() -> None:
    """A reading of our own (docs/evaluation.md): half of a choice is not what was said."""
    changed: list[Json] = []
    for item in OLDER.questions:
        value = item.model_dump(by_alias=True)
        value["options"] = [option for option in value["options"] if option["id"] not in {"a", "w"}]
        changed.append(value | ({"type": "integer"} if item.id == "decimal" else {}))
    newer = following(OLDER, *UNCHANGED, questions=changed, profile=changed)
    stated = {"choice": "a", "choices": ["x", "w"], "decimal": "1.5", "integer": None}
    said = [answer(value, name) for name, value in stated.items()]
    found = carried(newer, profile=stated, programmes=[programme(choices=["x"])], answers=said)
    assert [item.question for item in found.answers] == ["integer"]
    assert found.service.profile == {"integer": None}
    assert found.service.programmes[0].profile == {"choices": ("x",)}


def test_retired_entries_of_a_catalogue_keep_what_belongs_to_them() -> None:
    """semantics.md 9: "an entry of a catalogue is marked `retired: true` and never removed"."""
    retired = [item.replace(retired=True) for item in OLDER.questions]
    newer = following(OLDER, *UNCHANGED, questions=retired)
    assert lineage_problems(OLDER, newer) == ()
    assert [item.question for item in carried(newer, answers=[answer(value=True)]).answers] == ["boolean"]


def test_a_pack_of_another_version_is_not_carried() -> None:
    with pytest.raises(ValueError, match="the pack is of small 1, not small 2"):
        carry_forward(pack(), RETIRED, RETIRED)


def test_a_version_based_on_another_or_none_is_not_carried_to() -> None:
    without = OLDER.replace(version="2")
    for newer in (
        without,
        without.replace(based_on={"id": "small", "version": "1"}),
        RETIRED.replace(based_on={"id": "small", "version": "0"}),
    ):
        with pytest.raises(ValueError, match="small 2 is not based on small 1"):
            carry_forward(pack(), OLDER, newer)
