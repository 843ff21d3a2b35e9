"""The dates ahead on which status or a score changes by itself (semantics.md 8)."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from collections.abc import Iterable
from datetime import date
from typing import Any

from app.engine.forecast import Turn, forecast
from app.engine.rules import Crosswalk
from app.engine.values import day_after
from tests.engine.small import (
    ACCEPTED,
    DAY,
    SHOWN,
    TOMORROW,
    Json,
    answer,
    certificate,
    crosswalk,
    document,
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
)

FAR = date(2030, 1, 1)


def turns(*rules: Json, crosswalks: Iterable[Crosswalk] = (), until: date = FAR, **parts: Any) -> list[Turn]:
    return list(forecast(rule_set(*rules), crosswalks, pack(**parts), DAY, until))


def told(found: Iterable[Turn]) -> list[tuple[str, list[str]]]:
    """Each turn's day and causes."""
    return [(str(turn.on), [f"{cause.kind} {cause.subject}" for cause in turn.causes]) for turn in found]


def test_what_lasts_for_ever_never_turns() -> None:
    assert turns(**ACCEPTED) == []


def test_a_document_that_ends() -> None:
    [turn] = turns(**(ACCEPTED | {"documents": [document(valid_until="2026-06-30")]}))
    assert told([turn]) == [("2026-07-01", ["document_expired doc-1"])]
    assert (turn.before.status.verified, turn.after.status.verified) == ("meets", "working_towards")
    assert [change.words.en for change in turn.changes] == ["1.1 goes from verified to declared only."]


def test_turns_are_after_the_day_and_through_the_last() -> None:
    parts = ACCEPTED | {"documents": [document(valid_until=str(DAY))]}
    assert told(turns(until=TOMORROW, **parts)) == [(str(TOMORROW), ["document_expired doc-1"])]
    assert turns(until=DAY, **parts) == []


def test_documents_that_begin_are_withdrawn_are_replaced_or_grow_too_old() -> None:
    rule = requirement(met_when=shows(max_age_months=12))
    documents = [
        document("doc-1", issued_on="2025-06-15", withdrawn_on="2026-05-01"),
        document("doc-2", issued_on="2026-06-01"),
        document("doc-3", issued_on="2026-08-01", replaces="doc-2"),
    ]
    found = turns(rule, documents=documents, responses=[response("doc-1", "doc-2", "doc-3")])
    assert told(found) == [
        ("2026-05-01", ["document_withdrawn doc-1"]),
        ("2026-06-01", ["document_good doc-2"]),
        ("2027-08-02", ["document_too_old doc-3"]),
    ]
    two = requirement(met_when=shows(at_least=2))
    found = turns(two, documents=documents[1:], responses=[response("doc-2", "doc-3")])
    assert told(found) == []


def test_a_document_replaced_by_one_that_begins() -> None:
    rule = requirement(met_when=shows(at_least=2))
    documents = [
        document("doc-1"),
        document("doc-2"),
        document("doc-3", replaces="doc-2", issued_on="2026-06-01", sha256=document()["sha256"]),
    ]
    found = turns(rule, documents=documents, responses=[response("doc-1", "doc-2", "doc-3")])
    assert told(found) == [("2026-06-01", ["document_good doc-3", "document_replaced doc-2"])]


def test_an_answer_that_begins_to_hold_and_lapses() -> None:
    rule = requirement(met_when=says("date", within_months=6))
    found = turns(rule, answers=[answer("2026-05-01", "date")], responses=[response()])
    assert told(found) == [("2026-05-01", ["answer_holds date"]), ("2026-11-02", ["answer_lapsed date"])]


def test_an_override_that_ends() -> None:
    found = turns(**(SHOWN | {"reviews": [override("doc-1", until=date(2026, 9, 1))]}))
    assert told(found) == [("2026-09-02", ["override_lapsed 1.1"])]


def test_a_certificate_that_is_to_be_checked_declared_suspended_and_ends() -> None:
    held = certificate(
        unchanged_declared_on="2026-03-10",
        status_changes=[{"on": "2027-03-09", "status": "suspended"}, {"on": "2027-03-20", "status": "reinstated"}],
    )
    assert told(turns(crosswalks=[crosswalk()], accreditations=[held])) == [
        ("2027-03-02", ["accreditation_unverified acc-1"]),
        ("2027-03-09", ["accreditation_suspended acc-1"]),
    ]
    later = certificate(awarded_on="2026-05-01", unchanged_declared_on="2026-05-01", verified_on="2026-05-01")
    assert told(turns(crosswalks=[crosswalk()], accreditations=[later])) == [
        ("2026-05-01", ["accreditation_counts acc-1"]),
        ("2027-05-02", ["accreditation_not_redeclared acc-1"]),
    ]


def test_a_certificate_that_counts_again_without_being_verified() -> None:
    """It is unverified from then on, but what changed the score is that it counts."""
    held = certificate(
        status_changes=[{"on": "2026-03-01", "status": "suspended"}, {"on": "2026-06-01", "status": "reinstated"}],
        unchanged_declared_on="2026-06-01",
        verified_on=None,
        verified_by=None,
        register=None,
    )
    found = turns(crosswalks=[crosswalk()], accreditations=[held], until=date(2026, 12, 1))
    assert told(found) == [("2026-06-01", ["accreditation_counts acc-1"])]


def test_a_certificate_that_a_new_crosswalk_takes_as_verified_for_longer() -> None:
    known = [crosswalk(recheck_months=0), crosswalk(version="2", effective_from="2026-06-01")]
    found = turns(crosswalks=known, accreditations=[certificate()], until=date(2026, 12, 1))
    assert told(found) == [("2026-06-01", ["accreditation_counts acc-1", "crosswalk_in_use alpha--small"])]


def test_a_certificate_is_told_apart_by_crosswalk_and_by_programme() -> None:
    """Two crosswalks of one scheme list the requirement, of which only one recognises the certificate."""
    other = crosswalk(stages=["half"], id="other--small")
    held = certificate(expires_on="2026-06-30")
    assert told(turns(crosswalks=[crosswalk(), other], accreditations=[held])) == [
        ("2026-07-01", ["accreditation_expired acc-1"])
    ]
    rule = requirement(concerns="programme")
    scope = {"kind": "programme", "programmes": [{"id": "prog-b"}]}
    beta = certificate("acc-2", scheme="beta", scope=scope, expires_on="2026-05-31")
    found = turns(
        rule,
        crosswalks=[crosswalk(scheme="beta")],
        accreditations=[beta],
        programmes=[programme(), programme("prog-b")],
        documents=[document(programmes=["prog-a"])],
        responses=[response("doc-1")],
    )
    assert told(found) == [("2026-06-01", ["accreditation_expired acc-2"])]


def test_a_crosswalk_that_comes_into_use() -> None:
    coming = crosswalk(partial("doc"), version="2", effective_from="2026-07-01")
    found = turns(crosswalks=[crosswalk(), coming], accreditations=[certificate()], until=date(2026, 12, 1))
    assert told(found) == [("2026-07-01", ["crosswalk_in_use alpha--small"])]
    first = crosswalk(effective_from="2026-07-01")
    found = turns(crosswalks=[first], accreditations=[certificate()], until=date(2026, 12, 1))
    assert told(found) == [("2026-07-01", ["crosswalk_in_use alpha--small"])]


def test_a_day_on_which_only_reasons_change_is_no_turn() -> None:
    """semantics.md 8: the dates on which "the status or a score" will change."""
    expired = document(valid_until="2026-03-01", withdrawn_on="2026-05-01")
    assert turns(documents=[expired], responses=[response("doc-1")]) == []


def test_what_ended_before_or_never_counted_is_not_told_as_what_counts() -> None:
    """semantics.md 8: why it changes on that day; an override that had ended before is no cause of it."""
    ended = override("doc-1", until=date(2026, 3, 25))
    expires: Json = {"documents": [document(valid_until="2026-06-30")], "responses": [response("doc-1")]}
    assert told(turns(**expires, reviews=[ended])) == [("2026-07-01", ["document_expired doc-1"])]
    rule = requirement(met_when={"all": [shows(), says()]})
    given: Json = {"crosswalks": [crosswalk(partial("ans"))], "until": date(2026, 7, 1)} | expires
    # A suspended certificate that expires, and an unverified one that is reinstated, show as much as before.
    suspended = certificate(expires_on="2026-06-30", status_changes=[{"on": "2026-03-01", "status": "suspended"}])
    unverified = certificate(
        "acc-2",
        verified_on="2025-02-01",
        unchanged_declared_on="2026-12-01",
        status_changes=[{"on": "2026-07-01", "status": "reinstated"}],
    )
    only_the_document = [("2026-07-01", ["document_expired doc-1"])]
    assert told(turns(rule, **given, accreditations=[suspended, unverified])) == only_the_document


def test_what_ends_without_having_counted_is_no_cause() -> None:
    """semantics.md 5.2, 5.3: a stale override counts as no review, and no coverage counts beside `partly_met`."""
    ends: Json = {"documents": [document(valid_until="2026-06-30")], "until": date(2026, 7, 1)}
    rule = requirement(met_when={"all": [shows(), says()]})
    override_ends = override("doc-1", until=date(2026, 6, 30))
    edited = response("doc-1", version=2)
    only_the_document = [("2026-07-01", ["document_expired doc-1"])]
    assert told(turns(rule, **ends, responses=[edited], reviews=[override_ends])) == only_the_document
    refused = response("doc-1", rating="not_met")
    assert told(turns(rule, **ends, responses=[refused], reviews=[override_ends])) == only_the_document
    partly: Json = {"responses": [response("doc-1", rating="partly_met")], "crosswalks": [crosswalk(partial("ans"))]}
    held = certificate(expires_on="2026-06-30")
    assert told(turns(rule, **ends, **partly, accreditations=[held])) == only_the_document


def test_causes_are_told_once_and_in_order() -> None:
    rules = [requirement(), requirement("1.2"), requirement("1.3", {"all": [shows(), says()]})]
    ends = {"valid_until": "2026-06-30"}
    found = turns(
        *rules,
        answers=[answer(value=True)],
        documents=[document("doc-2", **ends), document("doc-1", **ends)],
        responses=[response("doc-1"), response("doc-1", name="1.2"), response("doc-2", name="1.3")],
        reviews=[review("doc-1"), override("doc-1", name="1.2", until=date(2026, 6, 30))],
    )
    causes = ["document_expired doc-1", "document_expired doc-2", "override_lapsed 1.2"]
    assert told(found) == [(str(day_after(date(2026, 6, 30))), causes)]
