"""Each reason code becomes a sentence with its data in words."""

from typing import Any

import pytest

from app.reports.reason_words import REASONS
from app.reports.reasons import Explainer
from app.reports.speech import Speech, clean, shortened
from app.reports.words import Language
from tests.reports.example import wales

DECIDED = "2026-02-20T14:00:00Z"
# One reason for each sentence: the reason's data, and what must be read in English and in Welsh.
SAMPLES: dict[str, tuple[dict[str, Any], str, str]] = {
    "profile_unstated": (
        {"fields": ["client_groups", "delivery"]},
        "Groups of people worked with; How the work is delivered",
        "Grwpiau o bobl y gweithir gyda nhw; Sut y cyflwynir y gwaith",
    ),
    "exclusion_not_allowed": ({}, "cannot be excluded", "ni ellir eithrio"),
    "exclusion_unexplained": ({}, "gives no reason", "nid yw'n rhoi rheswm"),
    "exclusion_unreviewed": ({}, "no reviewer has accepted", "nid oes adolygydd"),
    "not_answered": ({}, "has not answered", "wedi ateb"),
    "self_rated_below_met": ({"rating": "partly_met"}, "“partly met”", "“wedi'i fodloni'n rhannol”"),
    "document_missing": (
        {
            "leaf": "policy",
            "types": ["policy", "procedure", "agreement"],
            "wanted": 2,
            "have": 1,
            "programme": "prog-a",
        },
        "1 of 2. Type: Policy, Procedure or Agreement. Programme: prog-a. See item 1.",
        "1 o 2. Math: Polisi, Gweithdrefn neu Cytundeb. Rhaglen: prog-a. Gweler eitem 1.",
    ),
    "document_withdrawn": (
        {"leaf": "policy", "document": "doc-7", "withdrawn_on": "2026-03-01"},
        "Document doc-7 was withdrawn on 1 March 2026. See item 1.",
        "1 Mawrth 2026",
    ),
    "document_not_yet_valid/issued_on": (
        {"leaf": "policy", "document": "doc-7", "issued_on": "2026-05-01"},
        "not issued until 1 May 2026",
        "1 Mai 2026",
    ),
    "document_not_yet_valid/valid_from": (
        {"leaf": "policy", "document": "doc-7", "valid_from": "2026-06-01"},
        "not in force until 1 June 2026",
        "1 Mehefin 2026",
    ),
    "document_expired": (
        {"leaf": "policy", "document": "doc-7", "valid_until": "2026-02-01"},
        "until 1 February 2026",
        "1 Chwefror 2026",
    ),
    "document_replaced": (
        {"leaf": "policy", "document": "doc-7", "replaced_by": "doc-8"},
        "doc-7 has been replaced by document doc-8",
        "doc-7 gan ddogfen doc-8",
    ),
    "document_too_old": (
        {"leaf": "policy", "document": "doc-7", "accepted_until": "2026-01-31"},
        "accepted until 31 January 2026",
        "31 Ionawr 2026",
    ),
    "answer_missing": (
        {"leaf": "policy", "question": "partner_contact_timing", "wanted": {"one_of": ["before_start"]}},
        "Needed: one of: ",
        "Angen: un o'r rhain: ",
    ),
    "answer_insufficient": (
        {
            "leaf": "policy",
            "question": "agreements_reviewed_on",
            "wanted": {"within_months": 12},
            "given": "2024-12-31",
        },
        "31 December 2024. Needed: a date within the last 12 months",
        "31 Rhagfyr 2024. Angen: dyddiad o fewn y 12 mis",
    ),
    "accreditation_edition_not_recognised": ({"accreditation": "acc-1"}, "acc-1", "argraffiad"),
    "accreditation_stage_not_recognised": ({"accreditation": "acc-1"}, "stage", "acc-1"),
    "accreditation_crosswalk_not_applicable": ({"accreditation": "acc-1"}, "profile", "proffil"),
    "accreditation_out_of_scope": (
        {"accreditation": "acc-1", "programmes": ["prog-a", "prog-b"]},
        "Programme: prog-a, prog-b.",
        "Rhaglen: prog-a, prog-b.",
    ),
    "accreditation_withdrawn": ({"accreditation": "acc-1", "withdrawn_on": "2026-03-01"}, "1 March", "1 Mawrth"),
    "accreditation_not_yet_awarded": ({"accreditation": "acc-1", "awarded_on": "2026-07-01"}, "1 July", "1 Gorffennaf"),
    "accreditation_expired": (
        {"accreditation": "acc-1", "expires_on": "2026-03-31", "programmes": []},
        "31 March 2026.",
        "31 Mawrth 2026",
    ),
    "accreditation_suspended": ({"accreditation": "acc-1", "suspended_on": "2026-03-02"}, "2 March", "2 Mawrth"),
    "accreditation_condition_open": ({"accreditation": "acc-1", "opened_on": "2026-03-03"}, "3 March", "3 Mawrth"),
    "accreditation_not_redeclared": (
        {"accreditation": "acc-1", "declared_until": "2026-03-04"},
        "until 4 March 2026",
        "4 Mawrth 2026",
    ),
    "accreditation_not_redeclared/never": (
        {"accreditation": "acc-1", "declared_until": None},
        "has not declared",
        "nid yw'r darparwr wedi datgan",
    ),
    "accreditation_unverified": (
        {"accreditation": "acc-1", "verified_until": "2026-03-05"},
        "until 5 March 2026",
        "5 Mawrth 2026",
    ),
    "accreditation_unverified/never": (
        {"accreditation": "acc-1", "verified_until": None},
        "nobody has checked it",
        "nid oes neb wedi'i wirio",
    ),
    "review_rejected": (
        {"reason": "Out\nof date", "decided_at": DECIDED},
        "20 February 2026, 14:00 UTC: “Out of date”",
        "20 Chwefror 2026, 14:00 UTC: “Out of date”",
    ),
    "review_rejected/never": ({"reason": None, "decided_at": DECIDED}, "without a reason", "heb reswm"),
    "more_information_requested": ({"reason": "Which?", "decided_at": DECIDED}, "“Which?”", "“Which?”"),
    "more_information_requested/never": ({"reason": " ", "decided_at": DECIDED}, "without a reason", "heb reswm"),
    "override_lapsed": ({"until": "2026-03-31"}, "counted until 31 March 2026", "31 Mawrth 2026"),
    "review_stale": ({}, "has changed since", "wedi newid ers hynny"),
    "review_pending": ({}, "No reviewer has decided", "Nid oes adolygydd"),
}


def test_every_sentence_has_a_sample() -> None:
    assert list(SAMPLES) == list(REASONS)


@pytest.mark.parametrize("key", SAMPLES)
def test_a_reason_is_said_with_its_data_in_both_languages(key: str) -> None:
    data, english, welsh = SAMPLES[key]
    reason = {"code": key.split("/", maxsplit=1)[0], **data}
    languages: tuple[tuple[Language, str], ...] = (("en", english), ("cy", welsh))
    for language, expected in languages:
        said = Explainer(wales(), Speech(language)).sentence(reason, {"policy": 1})
        assert expected in said
        assert not set("{}_") & set(said)


@pytest.mark.parametrize(
    ("question", "wanted", "given", "expected"),
    [
        ("partner_workers_separate", {"is": True}, False, "no. Needed: yes."),
        ("core_training_hours", {"at_least": "7.5"}, "3", "3 hours. Needed: at least 7.5 hours."),
        ("partners_without_offer", {"is": 0}, 2, "Needed: 0"),
        ("partner_contact_timing", {"is": "before_start"}, "on_day_of_start", "Needed: "),
        ("abuse_asked_about", {"includes_all": ["physical"]}, [], ": none. Needed: all of: "),
    ],
)
def test_answers_are_said_by_their_words_and_units(
    question: str, wanted: dict[str, Any], given: object, expected: str
) -> None:
    reason = {"code": "answer_insufficient", "leaf": "a", "question": question, "wanted": wanted, "given": given}
    assert expected in Explainer(wales(), Speech("en")).sentence(reason, {"a": 1})


def test_a_number_agrees_with_its_noun_in_both_languages() -> None:
    said = [(Explainer(wales(), Speech(language)), wales().questions_by_id) for language in ("en", "cy")]

    def wanted(question: str, test: dict[str, Any]) -> list[str]:
        return [explainer.wanted(test, questions[question]) for explainer, questions in said]

    assert wanted("core_training_hours", {"at_least": "1"}) == ["at least 1 hour", "o leiaf 1 awr"]
    assert wanted("core_training_hours", {"at_least": "1.0"})[0] == "at least 1.0 hour"
    assert wanted("core_training_hours", {"at_least": "1.5"}) == ["at least 1.5 hours", "o leiaf 1.5 o oriau"]
    assert wanted("core_training_hours", {"is": "0"})[0] == "0 hours"
    assert "within the last 1 month, " in wanted("partner_workers_separate", {"within_months": 1})[0]
    per_cent = wales().questions_by_id["core_training_hours"].replace(unit_of_one=None)
    assert said[0][0].wanted({"is": "1"}, per_cent) == "1 hours", "what the rule set does not say is not made up"


def test_an_unknown_code_is_an_error_and_not_silence() -> None:
    with pytest.raises(ValueError, match="no sentence for the reason code 'surprise'; add it to"):
        Explainer(wales(), Speech("en")).sentence({"code": "surprise"}, {})


def test_what_people_typed_cannot_change_the_page_or_the_terminal() -> None:
    assert clean("a\x1b[31mb\r\nc\u202ed\u2028e") == "a [31mb cd e"


def test_long_text_is_cut_between_words() -> None:
    assert shortened("one two three", 9) == "one two…"
    assert shortened("x" * 20, 5) == "xxxx…"
    assert shortened("short", 5) == "short"
