"""Every code has words, in both languages, and both say the same things."""

from collections.abc import Mapping
from string import Formatter
from typing import Any, get_args

import pytest

from app.engine.coverage import Code
from app.engine.determination import ROUTES, RUNGS, Applicability, Status
from app.engine.rules import BASES, Obligation
from app.engine.tree import AnswerRule
from app.reports import words
from app.reports.reason_words import MAY_BE_NULL, REASONS
from app.reports.way_up_text import WAY_WORDS
from app.reports.words import Words

# The codes of the table of semantics.md 7, in its order.
CODES = (
    "profile_unstated",
    "exclusion_not_allowed",
    "exclusion_unexplained",
    "exclusion_unreviewed",
    "not_answered",
    "self_rated_below_met",
    "document_missing",
    "document_withdrawn",
    "document_not_yet_valid",
    "document_expired",
    "document_replaced",
    "document_too_old",
    "answer_missing",
    "answer_insufficient",
    "accreditation_edition_not_recognised",
    "accreditation_stage_not_recognised",
    "accreditation_crosswalk_not_applicable",
    "accreditation_out_of_scope",
    "accreditation_withdrawn",
    "accreditation_not_yet_awarded",
    "accreditation_expired",
    "accreditation_suspended",
    "accreditation_condition_open",
    "accreditation_not_redeclared",
    "accreditation_unverified",
    "review_rejected",
    "more_information_requested",
    "override_lapsed",
    "review_stale",
    "review_pending",
)

CATALOGUES: dict[str, Mapping[Any, Words]] = {
    "rungs": words.RUNG_NAMES,
    "meanings": words.RUNG_MEANINGS,
    "statuses": words.STATUSES,
    "verdicts": words.VERDICTS,
    "routes": words.ROUTES,
    "applicabilities": words.APPLICABILITIES,
    "obligations": words.OBLIGATIONS,
    "bases": words.BASES,
    "ratings": words.RATINGS,
    "rule set statuses": words.RULE_SET_STATUSES,
    "wanted": words.WANTED,
    "phrases": words.PHRASES,
    "reasons": REASONS,
    "way up": WAY_WORDS,
}
EVERY = [pytest.param(said, id=f"{name}-{key}") for name, found in CATALOGUES.items() for key, said in found.items()]


def test_every_reason_code_of_the_table_has_a_sentence() -> None:
    assert tuple(dict.fromkeys(key.split("/")[0] for key in REASONS)) == CODES
    assert {code.reason for code in Code} <= set(CODES)
    assert set(MAY_BE_NULL) == {key.removesuffix("/never") for key in REASONS if key.endswith("/never")}


def test_every_value_of_the_formats_has_words() -> None:
    assert tuple(words.RUNG_NAMES) == tuple(words.RUNG_MEANINGS) == RUNGS
    assert set(words.STATUSES) == set(words.VERDICTS) == set(get_args(Status))
    assert tuple(words.ROUTES) == ROUTES
    assert tuple(words.APPLICABILITIES) == get_args(Applicability)
    assert tuple(words.OBLIGATIONS) == get_args(Obligation)
    assert tuple(words.BASES) == BASES
    operators = {field.alias or name for name, field in AnswerRule.model_fields.items()} - {"question"}
    assert set(words.WANTED) == operators


@pytest.mark.parametrize("said", EVERY)
def test_both_languages_are_written_and_fill_in_the_same_data(said: Words) -> None:
    def placeholders(sentence: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}

    assert said.en.strip()
    assert said.cy.strip()
    assert placeholders(said.en) == placeholders(said.cy)


def test_no_sentence_says_compliant_with_the_standards() -> None:
    sentences = [sentence.lower() for found in CATALOGUES.values() for said in found.values() for sentence in said]
    assert not [sentence for sentence in sentences if "compliant" in sentence]
