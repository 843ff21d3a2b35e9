"""What a version says of the requirements of the one it is based on (semantics.md 9)."""

import pytest

from app.engine.lineage import lineage_problems
from app.engine.rules import RuleSet
from tests.engine.editions import MERGED, OLDER, RETIRED, SPLIT, UNCHANGED, entry, following, plain
from tests.engine.small import Json, requirement, rule_set, says, shows, states, text

HEAVIER = following(rule_set(requirement("1.1", weight=2)), entry("1.1", "strengthened", "1.1"), retired=("1.2", "1.3"))

# What a version must say of every id (the table, and "every id of both versions is accounted for").


@pytest.mark.parametrize(
    "newer", [MERGED, SPLIT, RETIRED, HEAVIER, plain("clarified"), plain("strengthened"), plain("weakened")]
)
def test_a_sound_lineage_has_no_problems(newer: RuleSet) -> None:
    assert lineage_problems(OLDER, newer) == ()


def test_a_version_based_on_another_has_a_lineage() -> None:
    [found] = lineage_problems(OLDER, OLDER.replace(version="2"))
    assert (found.entry, found.message) == (None, "a version based on another has a lineage")
    assert found.hint


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
        (
            [*UNCHANGED[:2], entry("1.4", "unchanged", "1.3")],
            (),
            [(2, "this version has no requirement 1.4"), (None, "requirement 1.3 has no entry")],
        ),
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
        (entry("1.3", "merged", "1.3", "1.2", "1.3"), "merged follows from two or more, each once; here are 3"),
        (entry("1.3", "new", "1.3"), "new follows from none; here are 1"),
        (entry("1.3", "split", "1.3"), "only this entry comes from 1.3"),
    ],
)
def test_each_change_has_as_many_in_from_as_the_table_says(last: Json, message: str) -> None:
    found = lineage_problems(OLDER, following(OLDER, *UNCHANGED[:2], last))
    assert (2, message) in [item[:2] for item in found if item.hint]


def test_what_two_entries_follow_from_alone_is_split() -> None:
    two = [entry("1.1", "split", "1.1"), entry("1.2", "strengthened", "1.1"), entry("1.3", "merged", "1.2", "1.3")]
    [found] = lineage_problems(OLDER, following(OLDER, *two))
    assert found[:2] == (1, "1.1 has several heirs, so this is no strengthened")
    assert found.hint


def test_what_follows_from_none_or_several_hides_nothing_that_comes_after_it() -> None:
    """semantics.md 9: every entry is checked, whatever stands before it."""
    rules = rule_set(requirement("1.3"), requirement("1.1", weight=2), requirement("1.2"))
    entries = [
        entry("1.3", "new"),
        entry("1.1", "unchanged", "1.1"),
        entry("1.2", "split", "1.2"),
    ]
    found = lineage_problems(OLDER, following(rules, *entries, retired=("1.3",)))
    assert [item[:2] for item in found] == [
        (2, "only this entry comes from 1.2"),
        (1, "1.1 is called unchanged, but differs in weight"),
    ]
    unknown = [entry("1.3", "unchanged", "9.9"), *entries[1:]]
    found = lineage_problems(OLDER, following(rules, *unknown, retired=("1.3",)))
    assert [item.entry for item in found] == [0, 2, 1]


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
    assert found.hint


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


def test_the_words_of_asks_may_differ_wherever_they_stand_in_the_tree() -> None:
    def asking(words: str) -> RuleSet:
        leaf = shows() | {"ask": text(words)}
        return rule_set(requirement("1.1", {"all": [{"any": [leaf, says()]}, shows(leaf="b")]}))

    newer = following(asking("Other words"), entry("1.1", "unchanged", "1.1"))
    assert lineage_problems(asking("Words"), newer) == ()


def _asking() -> RuleSet:
    """One requirement that refers to a question, a document type and two profile fields."""
    condition = {"all": [states("choice", is_="a"), {"any": [{"not": states("integer", is_=1)}]}]}
    return rule_set(
        requirement("1.1", {"all": [says("choice", one_of=["a"]), shows("record")]}, applies_when=condition)
    )


@pytest.mark.parametrize(
    ("catalogue", "name", "fields", "differing"),
    [
        ("questions", "choice", {"type": "choices"}, "question choice"),
        ("questions", "choice", {"unit": text("hours")}, "question choice"),
        ("questions", "choice", {"text": text("Otherwise")}, "question choice"),
        ("questions", "choice", {"options": [{"id": "a", "text": text("a")}]}, "question choice"),
        ("document_types", "record", {"text": text("Otherwise")}, "document type record"),
        ("profile", "choice", {"text": text("Otherwise")}, "profile field choice"),
        ("profile", "integer", {"text": text("Otherwise")}, "profile field integer"),
        ("profile", "integer", None, "profile field integer"),
        ("profile", "date", {"text": text("Otherwise")}, None),
        ("questions", "date", None, None),
        ("document_types", "policy", None, None),
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
