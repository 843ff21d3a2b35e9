"""How a version follows from another, and a pack follows it (semantics.md 9)."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from typing import Any

import pytest

from app.engine.check import pack_faults
from app.engine.lineage import carry_forward, lineage_problems
from app.engine.pack import LONGEST_NARRATIVE, Pack
from app.engine.rules import RuleSet
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
    says,
    shows,
    states,
    text,
)
from tests.properties.strategies import SCHEMES

OLDER = rule_set(requirement("1.1"), requirement("1.2"), requirement("1.3"))


def entry(name: str, change: str, *parents: str) -> Json:
    return {"requirement": name, "change": change, "from": list(parents)}


def following(rules: RuleSet, *entries: Json, retired: tuple[str, ...] = (), **fields: Any) -> RuleSet:
    """The rules as the next version, which follows from "1" by these entries."""
    changed = rules.replace(version="2", **fields)
    lineage = {"entries": list(entries), "retired": list(retired)}
    return RuleSet.model_validate(
        changed.model_dump(by_alias=True) | {"based_on": {"id": "small", "version": "1"}, "lineage": lineage}
    )


def plain(change: str, name: str = "1.1") -> RuleSet:
    """A next version in which one requirement changed so, and the others not."""
    rest = [entry(other, "unchanged", other) for other in ("1.1", "1.2", "1.3") if other != name]
    return following(OLDER, entry(name, change, name), *rest)


def carried(newer: RuleSet, older: RuleSet = OLDER, **parts: Any) -> Pack:
    """What a valid pack of these parts becomes, valid again."""
    given = pack(**parts)
    assert pack_faults(older, SCHEMES, given) == ()
    found = carry_forward(given, older, newer)
    assert pack_faults(newer, SCHEMES, found) == ()
    return found


MERGED = following(rule_set(requirement("1.1")), entry("1.1", "merged", "1.2", "1.1", "1.3"))
SPLIT = following(
    rule_set(requirement("1.1"), requirement("1.2"), requirement("1.3")),
    entry("1.1", "split", "1.1"),
    entry("1.2", "split", "1.1"),
    entry("1.3", "new"),
    retired=("1.2", "1.3"),
)
RETIRED = following(rule_set(requirement("1.1")), entry("1.1", "unchanged", "1.1"), retired=("1.2", "1.3"))


# What a version must say of every id (the table, and "every id of both versions is accounted for").


@pytest.mark.parametrize(
    "newer", [MERGED, SPLIT, RETIRED, plain("clarified"), plain("strengthened"), plain("weakened")]
)
def test_a_sound_lineage_has_no_problems(newer: RuleSet) -> None:
    assert lineage_problems(OLDER, newer) == ()


def test_a_version_based_on_another_has_a_lineage() -> None:
    [found] = lineage_problems(OLDER, OLDER.replace(version="2"))
    assert (found.entry, found.message) == (None, "a version based on another has a lineage")


UNCHANGED = [entry(name, "unchanged", name) for name in ("1.1", "1.2", "1.3")]


@pytest.mark.parametrize(
    ("entries", "retired", "wanted"),
    [
        (UNCHANGED[:2], ("1.3",), [(None, "requirement 1.3 has no entry")]),
        (
            [*UNCHANGED[:2], entry("1.3", "new")],
            (),
            [(None, "requirement 1.3 of version 1 goes nowhere")],
        ),
        ([*UNCHANGED, entry("1.4", "new")], (), [(3, "this version has no requirement 1.4")]),
        ([*UNCHANGED, entry("1.3", "new")], (), [(3, "requirement 1.3 has a second entry")]),
        (
            [*UNCHANGED[:2], entry("1.3", "clarified", "1.4")],
            ("1.3",),
            [(2, "version 1 has no requirement 1.4")],
        ),
        ([*UNCHANGED[:2], entry("1.3", "unchanged", "1.4")], ("1.3",), [(2, "version 1 has no requirement 1.4")]),
        (UNCHANGED, ("1.4",), [(None, "1.4 is retired but not in version 1")]),
        (UNCHANGED, ("1.3",), [(None, "1.3 is retired and lives on")]),
    ],
)
def test_every_id_of_both_versions_is_accounted_for(
    entries: list[Json], retired: tuple[str, ...], wanted: list[tuple[int | None, str]]
) -> None:
    found = lineage_problems(OLDER, following(OLDER, *entries, retired=retired))
    assert [item[:2] for item in found] == wanted
    assert all(item.hint for item in found)


@pytest.mark.parametrize(
    ("last", "message"),
    [
        (entry("1.3", "unchanged"), "unchanged follows from exactly one; here are 0"),
        (entry("1.3", "clarified", "1.3", "1.2"), "clarified follows from exactly one; here are 2"),
        (entry("1.3", "split", "1.3", "1.2"), "split follows from exactly one; here are 2"),
        (entry("1.3", "merged", "1.3"), "merged follows from two or more, each once; here are 1"),
        (entry("1.3", "merged", "1.3", "1.3"), "merged follows from two or more, each once; here are 2"),
        (entry("1.3", "new", "1.3"), "new follows from none; here are 1"),
        (entry("1.3", "split", "1.3"), "only this entry comes from 1.3"),
    ],
)
def test_each_change_has_as_many_in_from_as_the_table_says(last: Json, message: str) -> None:
    found = lineage_problems(OLDER, following(OLDER, *UNCHANGED[:2], last))
    assert (2, message) in [item[:2] for item in found]


def test_what_two_entries_follow_from_alone_is_split() -> None:
    two = [entry("1.1", "split", "1.1"), entry("1.2", "strengthened", "1.1"), entry("1.3", "merged", "1.2", "1.3")]
    [found] = lineage_problems(OLDER, following(OLDER, *two))
    assert found[:2] == (1, "1.1 has several heirs, so this is no strengthened")


def test_a_part_may_be_merged_with_another() -> None:
    """semantics.md 9: "one, which two or more entries share": a merged entry shares it too."""
    two = [entry("1.1", "split", "1.1"), entry("1.2", "merged", "1.1", "1.2"), entry("1.3", "unchanged", "1.3")]
    assert lineage_problems(OLDER, following(OLDER, *two)) == ()


# "`unchanged` is checked".


@pytest.mark.parametrize(
    ("fields", "differing"),
    [
        ({"weight": 2}, "weight"),
        ({"safety_critical": True}, "safety_critical"),
        ({"obligation": "should"}, "obligation"),
        ({"concerns": "programme"}, "concerns"),
        ({"may_be_excluded": True}, "may_be_excluded"),
        ({"applies_when": states("boolean", is_=True)}, "applies_when"),
        ({"met_when": shows("record")}, "met_when"),
        ({"met_when": {"all": [shows()]}}, "met_when"),
    ],
)
def test_unchanged_means_that_all_but_text_basis_and_sources_is_equal(fields: Json, differing: str) -> None:
    newer = following(rule_set(requirement("1.1", **fields)), entry("1.1", "unchanged", "1.1"), retired=("1.2", "1.3"))
    [found] = lineage_problems(OLDER, newer)
    assert found[:2] == (0, f"1.1 is called unchanged, but differs in {differing}")


def test_text_basis_sources_and_the_id_may_differ_in_what_is_unchanged() -> None:
    again = requirement(
        "2.1",
        shows() | {"ask": text("Other words")},
        statement=text("Other words"),
        official_text=text("The published words"),
        basis=["official"],
        sources=["A book"],
        guidance=text("Other words"),
        note=text("Other words"),
    )
    newer = following(rule_set(again), entry("2.1", "unchanged", "1.1"), retired=("1.2", "1.3"))
    assert lineage_problems(OLDER, newer) == ()


def _asking() -> RuleSet:
    """One requirement that refers to a question, a document type and two profile fields."""
    condition = {"all": [states("choice", is_="a"), {"any": [{"not": states("integer", is_=1)}]}]}
    return rule_set(requirement("1.1", {"all": [says("choice", one_of=["a"]), shows()]}, applies_when=condition))


@pytest.mark.parametrize(
    ("catalogue", "name", "fields", "differing"),
    [
        ("questions", "choice", {"type": "choices"}, "question choice"),
        ("questions", "choice", {"unit": text("hours")}, "question choice"),
        ("questions", "choice", {"text": text("Otherwise")}, "question choice"),
        ("questions", "choice", {"options": [{"id": "a", "text": text("a")}]}, "question choice"),
        ("document_types", "policy", {"text": text("Otherwise")}, "document type policy"),
        ("profile", "choice", {"text": text("Otherwise")}, "profile field choice"),
        ("profile", "integer", {"text": text("Otherwise")}, "profile field integer"),
        ("profile", "integer", None, "profile field integer"),
        ("profile", "date", {"text": text("Otherwise")}, None),
        ("questions", "date", None, None),
        ("document_types", "record", None, None),
    ],
)
def test_unchanged_means_that_what_is_referred_to_is_equal_too(
    catalogue: str, name: str, fields: Json | None, differing: str | None
) -> None:
    """semantics.md 9: "and so are the questions, document types and profile fields referred to"."""
    older = _asking()
    items = [item.model_dump(by_alias=True) for item in getattr(older, catalogue)]
    kept = [item | (fields or {} if item["id"] == name else {}) for item in items]
    kept = [item for item in kept if fields is not None or item["id"] != name]
    parts: Json = {catalogue: kept}
    newer = following(older, entry("1.1", "unchanged", "1.1"), **parts)
    found = [item.message for item in lineage_problems(older, newer)]
    assert found == ([] if differing is None else [f"1.1 is called unchanged, but differs in {differing}"])


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
    for newer in (OLDER.replace(version="2"), RETIRED.replace(based_on={"id": "small", "version": "0"})):
        with pytest.raises(ValueError, match="small 2 is not based on small 1"):
            carry_forward(pack(), OLDER, newer)
