"""A determination in short, and what lapses by itself (semantics.md 8)."""

from datetime import date

from app.engine.determination import RUNGS, Scores
from app.engine.digest import Outline, digest
from tests.engine.small import ACCEPTED, DAY, document, pack, requirement, response, review, rule_set, shows


def test_what_applies_what_fails_and_what_lapses() -> None:
    rules = rule_set(
        requirement(),
        requirement(id="1.2"),
        requirement(id="1.3", obligation="should"),
        requirement(id="2.1", applies_when={"profile": {"field": "boolean", "is": True}}),
    )
    parts = ACCEPTED | {"documents": [document(valid_until="2026-06-30")]}
    found = digest(rules, (), pack(profile={"boolean": False}, **parts), DAY)
    assert found.tally == "f880"
    assert found.failing["verified"] == ("1.2", "1.3")
    assert found.failing_standards["verified"] == (1,)
    assert found.lapses == {"1.1": {"evidenced": date(2026, 7, 1), "verified": date(2026, 7, 1)}}
    assert found.first_lapse("verified") == date(2026, 7, 1)
    assert found.first_lapse("declared") is None


def test_a_lapse_is_the_first_of_a_must_on_a_rung_that_it_has_reached() -> None:
    """semantics.md 8: what changes by itself. The first loss counts; what is not there cannot lapse."""
    rules = rule_set(
        requirement("1.1"),
        requirement("1.2", shows("record")),
        requirement("1.3", shows("training")),
        requirement("2.1", obligation="should"),
        requirement("2.2", obligation="should"),
    )
    documents = [
        document("doc-1", valid_until="2026-06-30"),
        document("doc-2", valid_from="2026-08-01", valid_until="2026-09-30"),
        document("doc-3", "record", valid_until="2026-05-31"),
        document("doc-4", "training", valid_from="2026-07-01"),
    ]
    responses = [
        response("doc-1", "doc-2", name="1.1"),
        response("doc-3", name="1.2"),
        response("doc-4", name="1.3"),
        response("doc-1", name="2.1"),
    ]
    given = pack(documents=documents, responses=responses, reviews=[review("doc-1", "doc-2")])
    found = digest(rules, (), given, DAY)
    june, july = date(2026, 6, 1), date(2026, 7, 1)
    assert found.lapses == {"1.1": {"evidenced": july, "verified": july}, "1.2": {"evidenced": june}}
    assert [found.first_lapse(rung) for rung in RUNGS] == [None, june, july]
    assert found.tally == "f" + "e" + "c" + "e" + "8"
    assert found.failing == {
        "declared": ("2.2",),
        "evidenced": ("1.3", "2.2"),
        "verified": ("1.2", "1.3", "2.1", "2.2"),
    }
    assert found.failing_standards == {"declared": (), "evidenced": (1,), "verified": (1,)}


def test_an_outline_has_what_applies_and_what_fails_of_a_tally() -> None:
    rules = rule_set(*(requirement(f"1.{number}") for number in range(1, 6)))
    outline = Outline(rules, Scores(declared=None, evidenced=None, verified=None), "0fec8")
    assert [item.id for item in outline.applicable] == ["1.2", "1.3", "1.4", "1.5"]
    failing = {rung: [item.id for item in outline.failing(rung)] for rung in RUNGS}
    assert failing == {"declared": ["1.5"], "evidenced": ["1.4", "1.5"], "verified": ["1.3", "1.4", "1.5"]}
