"""What makes a determination a document (formats.md), and when one may be issued (semantics.md 2, 8)."""

from datetime import date

import pytest

from app.engine.canonical import canonical_bytes, sha256_of
from app.engine.issued import IssuedDetermination, as_issued, envelope, envelope_bytes, not_in_force
from app.engine.rules import RuleSet
from tests.engine.small import DAY, TOMORROW, YESTERDAY, Json, determine, rule_set

ABOUT: Json = {
    "number": "2026-1",
    "issued_at": "2026-04-01T09:00:00Z",
    "issued_by": "usr-9",
    "known_at": "2026-04-01T08:00:00Z",
    "supersedes": None,
    "draft": False,
    "sha256": "0" * 64,
    "signature": "e30..e30",
}


def in_force(start: date | None, end: date | None) -> RuleSet:
    return rule_set().replace(status="published", effective_from=start, effective_until=end)


def test_the_document_has_its_format_what_is_known_of_it_and_the_determination() -> None:
    determination = determine()
    form = determination.model_dump(mode="json")
    made = envelope(ABOUT, form)
    assert made == {"format": "safonau/issued-determination/1", "determination": form} | ABOUT
    assert IssuedDetermination.model_validate(made).determination == determination
    assert envelope_bytes(ABOUT, form) == canonical_bytes(made)
    assert determination.sha256 == sha256_of(form)


@pytest.mark.parametrize(
    ("end", "valid_through", "issued"),
    [
        (None, None, None),
        (None, DAY, DAY),
        (DAY, None, DAY),
        (DAY, TOMORROW, DAY),
        (DAY, DAY, DAY),
        (TOMORROW, DAY, DAY),
    ],
)
def test_it_is_valid_no_longer_than_its_rule_set(end: date, valid_through: date, issued: date) -> None:
    """semantics.md 8: "when issued, no later than the rule set's `effective_until`"."""
    found = determine().replace(valid_through=valid_through)
    made = as_issued(found, in_force(None, end))
    assert made == found.replace(valid_through=issued)
    assert (made is found) == (issued == valid_through), "what need not change is not copied"


@pytest.mark.parametrize(
    ("start", "end", "why"),
    [
        (DAY, DAY, None),
        (YESTERDAY, None, None),
        (None, TOMORROW, "small 1 does not say from when it is in force"),
        (TOMORROW, None, "small 1 is not in force before 2026-04-02"),
        (date(2026, 1, 1), YESTERDAY, "small 1 was in force until 2026-03-31"),
    ],
)
def test_only_under_a_rule_set_in_force(start: date | None, end: date | None, why: str | None) -> None:
    """semantics.md 2: "*issuing* needs a published rule set in force"."""
    assert not_in_force(in_force(start, end), DAY) == why
