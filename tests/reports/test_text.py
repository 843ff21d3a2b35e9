"""The report and the determination as plain text."""

import pytest

from app.reports.gap_report import gap_report
from app.reports.text import COLUMNS, determination_text, gap_report_text
from app.reports.words import Language
from tests.reports.example import catalogue, complete, demonstration, evaluated, nothing_applies, untouched, wales


def joined(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("language", ["en", "cy"])
def test_every_gap_reason_and_ask_is_there(language: Language) -> None:
    report = gap_report(evaluated(untouched()), wales(), language=language)
    text = joined(gap_report_text(report))
    for gap in report.gaps:
        wanted = [f"{gap.id} {gap.statement}", *gap.reasons, *(item.text for item in gap.hand_in), gap.basis]
        assert [sentence for sentence in wanted if sentence not in text] == []


def test_no_line_is_wider_than_80_columns_and_none_ends_in_blanks() -> None:
    pack = demonstration()
    pack["service"] |= {"name": "W" * 200, "provider": "x" * 200}
    determination = evaluated(pack)
    texts = [gap_report_text(gap_report(determination, wales())), determination_text(determination, wales(), "cy")]
    for text in texts:
        assert text.endswith("\n")
        assert [line for line in text.splitlines() if len(line) > COLUMNS or line != line.rstrip()] == []


def test_the_critical_gaps_come_before_the_scores() -> None:
    report = gap_report(evaluated(demonstration()), wales())
    text = gap_report_text(report)
    score = f"{report.scores[1].text}  [!] Critical gaps"
    assert 0 < text.index("!! SAFETY-CRITICAL GAPS ON THE VERIFIED RUNG: ") < text.index(score)


def test_what_each_programme_must_hand_in_is_said() -> None:
    pack = untouched()
    pack["service"]["programmes"] = [{"id": "prog-a"}, {"id": "prog-b"}]
    assert "Programme: prog-a, prog-b." in joined(gap_report_text(gap_report(evaluated(pack), wales())))


def test_a_determination_lists_its_gaps_without_their_detail() -> None:
    determination = evaluated(demonstration())
    text = determination_text(determination, wales(), "en")
    assert text.startswith("Determination\n")
    for gap in determination.gaps:
        assert f"\n{gap.requirement}  " in text
    assert "What to hand in" not in text
    assert determination.sha256 in text
    assert "acc-respect-1  respect" in text
    titled = determination_text(determination, wales(), "en", schemes=catalogue().schemes)
    assert "acc-respect-1  Respect Standard" in titled


def test_a_service_without_gaps_is_told_so() -> None:
    determination = evaluated(complete(wales(), {}))
    sentence = "There are no gaps: every applicable requirement is satisfied on the verified rung."
    assert sentence in joined(gap_report_text(gap_report(determination, wales())))
    assert sentence in joined(determination_text(determination, wales(), "en"))


def test_nothing_assessed_is_not_called_a_pass() -> None:
    rule_set, pack = nothing_applies()
    text = joined(determination_text(evaluated(pack, rule_set=rule_set), rule_set, "en"))
    assert "[ ] Not assessed against rule set" in text
    assert "That is not a pass: nothing was assessed." in text
