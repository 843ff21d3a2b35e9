"""A determination in short, and what lapses by itself (semantics.md 8)."""

from datetime import date

from app.engine.digest import digest
from tests.engine.small import ACCEPTED, DAY, document, pack, requirement, rule_set


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
