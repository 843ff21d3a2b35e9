"""Explanations, forecasts and differences in words, in both languages."""

# ruff: noqa: ANN401 -- parts of packs are JSON, and JSON is anything

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from app.engine.coverage import Code
from app.engine.difference import difference
from app.engine.evaluate import evaluate
from app.engine.explain import explain
from app.engine.forecast import forecast
from app.engine.rules import Crosswalk
from app.reports.explain_text import CAUSES, SAID, difference_text, explanation_text, forecast_text
from app.reports.words import LANGUAGES
from tests.engine.editions import entry, following
from tests.engine.small import (
    ACCEPTED,
    DAY,
    SHOWN,
    Json,
    answer,
    certificate,
    crosswalk,
    determine,
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
    states,
)

ALL = requirement(met_when={"all": [shows(), {"any": [says(), shows("record", leaf="rec")]}]})


def explained(*rules: Json, crosswalks: Iterable[Crosswalk] = (), language: Any = "en", **parts: Any) -> list[str]:
    rule = rule_set(*rules)
    found = explanation_text(explain(rule, crosswalks, pack(**parts), DAY, "1.1"), rule, language)
    assert found.endswith("\n")
    lines = found.splitlines()
    assert max(map(len, lines)) <= 80
    return lines


@pytest.mark.parametrize("name", [*SAID, *CAUSES])
def test_both_languages_fill_in_the_same_data(name: str) -> None:
    words = (SAID | CAUSES)[name]
    english, welsh = (re.findall(r"\{(\w+)\}", getattr(words, language)) for language in LANGUAGES)
    assert sorted(english) == sorted(welsh)


def test_every_cause_that_a_day_can_bring_has_words() -> None:
    """A scope reaches no less in time, and what is not yet awarded never counted before."""
    ends = {code.reason for code in Code} - {Code.OUT_OF_SCOPE.reason, Code.NOT_YET_AWARDED.reason}
    assert ends <= set(CAUSES)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"editions": ["2"]}, "The edition of accreditation acc-1 is no longer recognised."),
        ({"stages": ["half"]}, "The stage of accreditation acc-1 is no longer recognised."),
        (
            {"applies_when": states("boolean", is_=True)},
            "The crosswalk of accreditation acc-1 no longer applies to this profile.",
        ),
    ],
)
def test_what_a_new_version_of_a_crosswalk_ends_is_told(fields: Json, sentence: str) -> None:
    """semantics.md 4, 8: of two versions the one in effect decides, so a certificate may stop counting by it."""
    known = [crosswalk(), crosswalk(version="2", effective_from="2026-06-01", **fields)]
    until = date(2026, 12, 31)
    found = forecast(rule_set(), known, pack(accreditations=[certificate()]), DAY, until)
    lines = forecast_text(found, DAY, until, "en").splitlines()
    start = lines.index("From 1 June 2026") + 2
    assert lines[start : start + 2] == [sentence, "Another version of the crosswalk alpha--small is in use."]


def test_a_requirement_that_is_verified() -> None:
    assert explained(**ACCEPTED) == [
        "Requirement 1.1 as of 1 April 2026",
        "==================================",
        "Statement 1.1",
        "",
        "Result: Verified. How: Evidence.",
        "Progress: 100.0%.",
        "No date ahead changes it.",
        "The provider says: met.",
        "A reviewer accepted it on 20 March 2026, 14:00 UTC.",
        "That counts on this day.",
        "",
        "What was judged",
        "---------------",
        "[+] 1. Show doc",
        "      - Documents wanted: 1.",
        "      - Document doc-1 is good, with no end.",
    ]


def test_every_condition_with_what_decided_it() -> None:
    found = explained(
        ALL,
        documents=[document(valid_until="2026-06-30"), document("doc-2", valid_until="2026-02-01")],
        answers=[answer(value=False)],
        responses=[response("doc-1", "doc-2")],
    )
    tree = found[found.index("What was judged") + 2 :]
    assert tree == [
        "[-] all of:",
        "    [+] 1. Show doc",
        "          - Documents wanted: 1.",
        "          - Document doc-1 is good through 30 June 2026.",
        "          - Document doc-2 was valid only until 1 February 2026.",
        "    [-] any of:",
        "        [-] 2. Say ans",
        "              - Answer to “boolean”: no. Needed: yes.",
        "        [-] 3. Show rec",
        "              - Documents wanted: 1.",
    ]
    assert "Result: Declared. How: Declaration only." in found
    assert "There is no review." in found
    assert "- Answer to “boolean”: no. Needed: yes. See item 2." in found


def test_what_nobody_said_and_what_does_not_apply() -> None:
    found = explained(ALL)
    assert "Result: No rung reached. How: None." in found
    assert "The provider says: nothing, or a draft." in found
    assert "              - Not answered: “boolean”. Needed: yes." in found
    away = explained(requirement(applies_when=states("boolean", is_=True)), profile={"boolean": False})
    assert away[4] == "Result: Not applicable. How: Does not apply to this profile."
    assert "What was judged" not in away


def test_certificates_with_what_hinders_them() -> None:
    held = [
        certificate("acc-1"),
        certificate("acc-2", verified_on=None, verified_by=None, register=None),
        certificate("acc-3", expires_on="2026-03-31"),
    ]
    found = " ".join(" ".join(explained(ALL, crosswalks=[crosswalk(partial("ans"))], accreditations=held)).split())
    assert "- Covered by accreditation acc-1, acc-2." in found
    assert "[+] Accreditation acc-1 covers: 2 (crosswalk alpha--small 1). [+]" in found
    assert "[+] Accreditation acc-2 covers: 2 (crosswalk alpha--small 1). Accreditation acc-2: nobody has" in found
    assert found.endswith("[-] Accreditation acc-3 ran only until 31 March 2026.")
    whole = explained(ALL, crosswalks=[crosswalk()], accreditations=[certificate()])
    assert whole[-1] == "[+] Accreditation acc-1 covers all of it (crosswalk alpha--small 1)."


def test_the_providers_own_words_and_each_programme() -> None:
    rule = requirement(concerns="programme")
    given: Json = {"programmes": [programme(), programme("prog-b")], "responses": [response(rating="partly_met")]}
    found = explained(rule, **given)
    assert "The provider says: partly met. No accreditation counts against these words." in found
    assert [line for line in found if line.startswith("Judged")] == [
        "Judged for programme prog-a",
        "Judged for programme prog-b",
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            override("doc-1", until=date(2026, 3, 31)),
            ["It is an override through 31 March 2026.", "That does not count on this day."],
        ),
        (
            review(response_version=0),
            ["That does not count on this day.", "Changed since: the response, the documents."],
        ),
        (review(decision="rejected", reason="no"), ["A reviewer rejected it on 20 March 2026, 14:00 UTC."]),
        (review(decision="more_information"), ["A reviewer asked for more information on 20 March 2026, 14:00 UTC."]),
    ],
)
def test_the_review_and_whether_it_counts(given: Json, told: list[str]) -> None:
    found = explained(**(SHOWN | {"reviews": [given]}))
    assert set(told) <= set(found)


def test_an_explanation_in_welsh() -> None:
    found = explained(language="cy", **(ACCEPTED | {"documents": [document(valid_until="2026-06-30")]}))
    assert found[0] == "Gofyniad 1.1 ar 1 Ebrill 2026"
    assert "Mae'n aros felly hyd at 30 Mehefin 2026." in found


def test_a_forecast() -> None:
    rules = rule_set(requirement(), requirement("2.1", obligation="should"))
    given = pack(
        documents=[document(valid_until="2026-06-30")],
        responses=[response("doc-1"), response("doc-1", name="2.1")],
        reviews=[review("doc-1")],
    )
    until = date(2028, 4, 1)
    turns = forecast(rules, (), given, DAY, until)
    assert forecast_text(turns, DAY, until, "en").splitlines() == [
        "What changes by itself after 1 April 2026, through 1 April 2028",
        "===============================================================",
        "",
        "From 1 July 2026",
        "----------------",
        "Document doc-1 has ended.",
        "Evidenced: 100.0% (Meets) to 0.0% (Working towards).",
        "Verified: 100.0% (Meets) to 0.0% (Working towards).",
        "Progress: 100.0% to 50.0%.",
        "Good practice, Evidenced: 100.0% to 0.0%.",
        "  Standard 1, Evidenced: 100.0% (Meets) to 0.0% (Working towards). Verified:",
        "  100.0% (Meets) to 0.0% (Working towards). Progress: 100.0% to 50.0%.",
        "- 1.1 goes from verified to declared only.",
        "- 2.1 goes from evidenced but not verified to declared only.",
    ]
    assert forecast_text((), DAY, until, "cy").endswith("\nNid yw'r statws na'r sgorau'n newid.\n")


def test_a_difference() -> None:
    before, after = determine(**SHOWN), determine(**ACCEPTED)
    assert difference_text(difference(before, after), "en").splitlines() == [
        "What stands otherwise",
        "=====================",
        "Verified: 0.0% (Working towards) to 100.0% (Meets).",
        "  Standard 1, Verified: 0.0% (Working towards) to 100.0% (Meets).",
        "",
        "- 1.1 goes from evidenced but not verified to verified.",
    ]
    assert difference_text(difference(after, after), "en").splitlines()[2:] == [
        "Status and scores stay the same.",
        "",
        "No requirement stands otherwise.",
    ]


def test_a_standard_that_is_new_and_scores_where_nothing_applied() -> None:
    rule = requirement(applies_when=states("boolean", is_=True))
    before = determine(rule, profile={"boolean": False})
    newer = following(rule_set(requirement("2.1")), entry("2.1", "new"), retired=("1.1",))
    after = evaluate(newer, (), pack(), DAY)
    found = difference_text(difference(before, after, newer.lineage), "cy")
    assert "Safon 2" not in found
    assert "- Mae 2.1 yn newydd: heb ei fodloni." in found
    scores = difference_text(difference(before, determine(rule, **SHOWN)), "en")
    assert "Evidenced: nothing applies (Not assessed) to 100.0% (Meets)." in scores
