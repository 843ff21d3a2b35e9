"""How long a judgement stands: `valid_through` of a requirement, exact to the day (semantics.md 5.7)."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from datetime import date
from typing import Any

import pytest

from tests.engine.small import (
    ACCEPTED,
    DAY,
    SHOWN,
    TOMORROW,
    Json,
    answer,
    certificate,
    codes,
    crosswalk,
    document,
    full,
    judged,
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


def _through(*rules: Json, **given: Any) -> str | None:
    found = judged(*rules, **given).valid_through
    return None if found is None else found.isoformat()


@pytest.mark.parametrize(
    ("fields", "through"),
    [
        ({}, None),
        ({"valid_until": "2026-05-31"}, "2026-05-31"),
        ({"valid_until": DAY}, "2026-04-01"),
        ({"withdrawn_on": "2026-05-31"}, "2026-05-30"),
        ({"issued_on": "2026-05-31"}, "2026-05-30"),
        ({"valid_from": "2026-05-31"}, "2026-05-30"),
        ({"valid_until": "2026-03-31"}, None),
        ({"withdrawn_on": DAY}, None),
        ({"valid_from": "2026-05-31", "valid_until": "2026-06-30"}, "2026-05-30"),
    ],
)
def test_documents(fields: Json, through: str | None) -> None:
    """As semantics.md has it.

    "the last date d such that this judgement … is the same on every date from `as_of` to d; null if for ever".
    """
    assert _through(**SHOWN | {"documents": [document(**fields)]}) == through


def test_a_reason_changes_before_the_rung_does() -> None:
    """An expired document is withdrawn later: the reason is another from that day on."""
    papers = [document(valid_until="2026-03-31", withdrawn_on="2026-05-01")]
    assert _through(**SHOWN | {"documents": papers}) == "2026-04-30"


def test_what_changes_unseen_ends_nothing() -> None:
    """One of two good documents expires, and one is still enough."""
    papers: Json = {"documents": [document(valid_until=DAY), document("doc-2", valid_until="2026-08-01")]}
    assert _through(**papers, responses=[response("doc-1", "doc-2")]) == "2026-08-01"


def test_a_document_that_takes_over_the_next_day() -> None:
    heir = document("doc-2", replaces="doc-1", issued_on=TOMORROW, valid_until="2026-08-01")
    assert _through(documents=[document(valid_until=DAY), heir], responses=[response("doc-1", "doc-2")]) == "2026-08-01"


def test_of_several_wanted_the_first_to_grow_too_old_ends_it() -> None:
    rule = requirement(met_when=shows(at_least=2, max_age_months=6))
    papers = [document("doc-1"), document("doc-2", issued_on="2026-02-15")]
    assert _through(rule, documents=papers, responses=[response("doc-1", "doc-2")]) == "2026-07-15"


def test_age_and_answers() -> None:
    rule = requirement(met_when={"all": [shows(max_age_months=6), says("date", within_months=3)]})
    assert _through(rule, **SHOWN, answers=[answer("2026-02-28", "date")]) == "2026-05-28"
    assert _through(rule, **SHOWN, answers=[answer("2026-05-01", "date")]) == "2026-04-30"
    assert _through(rule, **SHOWN, answers=[answer("2025-05-01", "date")]) == "2026-07-15"


@pytest.mark.parametrize(
    ("fields", "through"),
    [
        ({}, "2027-03-01"),
        ({"expires_on": "2026-08-01"}, "2026-08-01"),
        ({"verified_on": "2025-05-01"}, "2026-05-01"),
        ({"unchanged_declared_on": "2025-05-01"}, "2026-05-01"),
        ({"awarded_on": "2026-05-01"}, "2026-04-30"),
        ({"expires_on": "2026-03-01"}, None),
        ({"status_changes": [{"on": "2026-05-01", "status": "suspended"}]}, "2026-04-30"),
        ({"status_changes": [{"on": "2026-05-01", "status": "withdrawn"}], "expires_on": "2026-03-01"}, "2026-04-30"),
        ({"conditions": [{"requirements": ["1.1"], "opened_on": "2026-05-01"}]}, "2026-04-30"),
        (
            {"conditions": [{"requirements": ["1.1"], "opened_on": "2026-01-01", "closed_on": "2026-05-01"}]},
            "2026-05-01",
        ),
        ({"conditions": [{"requirements": ["1.2"], "opened_on": "2026-05-01"}]}, "2027-03-01"),
        ({"edition": "2", "expires_on": "2026-05-01"}, None),
    ],
)
def test_accreditations(fields: Json, through: str | None) -> None:
    assert _through(crosswalks=[crosswalk()], accreditations=[certificate(**fields)]) == through


def test_a_second_open_condition_changes_nothing() -> None:
    conditions = [
        {"requirements": ["1.1"], "opened_on": "2026-01-01"},
        {"requirements": ["1.1"], "opened_on": "2026-05-01"},
    ]
    given = {"crosswalks": [crosswalk()], "accreditations": [certificate(conditions=conditions)]}
    # The day on which the certificate's date of declaration runs out is hidden too; its expiry is not.
    assert _through(**given) == "2027-12-31"


def test_the_end_of_a_certificate_that_nobody_needs() -> None:
    """What is verified by evidence still names the certificate that covers it, until it lapses."""
    given = {"crosswalks": [crosswalk()], "accreditations": [certificate(expires_on="2026-08-01", verified_on=None)]}
    assert _through(**ACCEPTED, **given) == "2026-08-01"


def test_a_crosswalk_that_comes_into_use() -> None:
    walks = [crosswalk(), crosswalk(partial("doc"), version="2", effective_from="2026-06-01")]
    assert _through(crosswalks=walks, accreditations=[certificate()]) == "2026-05-31"
    same = [crosswalk(), crosswalk(full(), version="2", effective_from="2026-06-01")]
    assert _through(crosswalks=same, accreditations=[certificate()]) == "2027-03-01"


def test_an_override_and_its_end() -> None:
    assert _through(reviews=[override(response_version=0, until=date(2026, 9, 30))]) == "2026-09-30"
    assert _through(on=TOMORROW, reviews=[override(response_version=0)]) is None
    hidden = [override("doc-1", until=date(2026, 9, 30))]
    assert _through(**SHOWN | {"responses": [response("doc-1", rating="not_met")]}, reviews=hidden) == "2026-09-30"


def test_an_override_that_speaks_for_itself_stands_whatever_becomes_of_a_certificate() -> None:
    """semantics.md 5.3: beside "partly met" no coverage counts, "not in `covered_by`", so its end changes nothing."""
    entry = judged(
        crosswalks=[crosswalk()],
        accreditations=[certificate(expires_on="2026-05-31")],
        responses=[response(rating="partly_met")],
        reviews=[override(until=date(2026, 9, 30))],
    )
    assert (entry.route, entry.covered_by, str(entry.valid_through)) == ("override", (), "2026-09-30")


def test_another_route_ends_it_though_every_rung_stays() -> None:
    """semantics.md 5.7: "all of the requirement's entry", its route too."""
    given: Json = ACCEPTED | {"documents": [document(valid_until="2026-06-30")]}
    held: Json = {"crosswalks": [crosswalk(partial("doc"))], "accreditations": [certificate()]}
    entry = judged(**given, **held)
    later = judged(**given, **held, on=date(2026, 7, 1))
    assert [(item.route, item.verified, item.reasons) for item in (entry, later)] == [
        ("evidence", True, ()),
        ("evidence_and_accreditation", True, ()),
    ]
    assert entry.covered_by == later.covered_by
    assert str(entry.valid_through) == "2026-06-30"


def test_what_does_not_apply_stands_for_ever() -> None:
    rule = requirement(applies_when=states("choice", is_="a"))
    assert (
        _through(rule, profile={"choice": "b"}, documents=[document(valid_until=DAY)], responses=[response("doc-1")])
        is None
    )
    out = response("doc-1", rating="not_applicable", exclusion_reason="no")
    excluded = requirement(may_be_excluded=True)
    assert _through(excluded, documents=[document(valid_until=DAY)], responses=[out], reviews=[review("doc-1")]) is None


def test_the_earliest_of_all_programmes() -> None:
    papers = [
        document("a", programmes=["prog-a"], valid_until="2026-08-01"),
        document("b", programmes=["prog-b"], valid_until="2026-06-01"),
    ]
    rule = requirement(concerns="programme")
    both = [programme("prog-a"), programme("prog-b")]
    assert _through(rule, programmes=both, documents=papers, responses=[response("a", "b")]) == "2026-06-01"


def test_judged_again_on_the_day_after_it_is_another() -> None:
    papers: Json = {"documents": [document(valid_until=DAY)]}
    assert codes(judged(**SHOWN | papers)) == ["review_pending"]
    assert codes(judged(on=TOMORROW, **SHOWN | papers)) == ["document_expired", "review_pending"]


def test_dates_far_away_are_no_obstacle() -> None:
    """The latest date that a pack may have, and months after it."""
    rule = requirement(met_when=shows(max_age_months=1200))
    papers: Json = {"documents": [document(issued_on="2999-12-31", valid_until="2999-12-31")]}
    assert _through(rule, **SHOWN | papers) == "2999-12-30"
    assert judged(rule, on=date(2999, 12, 31), **SHOWN | papers).evidenced
