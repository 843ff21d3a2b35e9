"""The content of a gap report, before it has any form."""

import pytest

from app.engine.determination import Scores, Statuses
from app.engine.evaluate import evaluate
from app.engine.rules import RuleSet
from app.reports.gap_report import gap_report
from app.reports.speech import Speech
from app.reports.standing import rung_scores
from app.reports.text import gap_report_text
from tests.packs import DAY, Filler
from tests.reports.example import (
    catalogue,
    complete,
    demonstration,
    evaluated,
    nothing_applies,
    review,
    untouched,
    wales,
)


def test_the_gaps_of_the_determination_are_said_in_its_own_order() -> None:
    determination = evaluated(demonstration())
    report = gap_report(determination, wales(), schemes=catalogue().schemes)
    assert [gap.id for gap in report.gaps] == [gap.requirement for gap in determination.gaps]
    for said, gap in zip(report.gaps, determination.gaps, strict=True):
        assert said.statement == wales().requirements[gap.requirement].statement.en
        assert len(said.reasons) == len(gap.reasons) > 0
        assert [item.text for item in said.hand_in] == list(dict.fromkeys(ask.ask.en for ask in gap.asks))
        assert (said.hand_in_nothing is None) == bool(gap.asks)
    assert "Respect Standard" in next(gap.would_cover for gap in report.gaps if gap.id == "19.3")


def test_a_score_stands_beside_its_rung_and_status() -> None:
    report = gap_report(evaluated(demonstration()), wales())
    assert [(score.name, score.status and score.status.words) for score in report.scores] == [
        ("Declared", None),
        ("Evidenced", "Critical gaps"),
        ("Verified", "Critical gaps"),
    ]
    assert report.verdicts[0].words == (
        "Does not meet rule set wales-perpetrator-services, version 2018.1, on the evidenced rung."
    )


def test_critical_gaps_come_first_and_are_all_named() -> None:
    report = gap_report(evaluated(untouched()), wales())
    assert report.critical is not None
    named = " ".join([*(line.label for line in report.critical.lines), report.critical.more or ""])
    critical = [gap.id for gap in report.gaps if gap.critical]
    assert all(name in named for name in critical)
    assert report.critical.title == f"Safety-critical gaps on the verified rung: {len(critical)}"


def test_without_gaps_the_report_says_that_the_rule_set_is_met() -> None:
    report = gap_report(evaluated(complete(wales(), {})), wales())
    assert report.critical is None
    assert report.gaps == ()
    assert "every applicable requirement is satisfied on the verified rung" in report.headings.gaps_none
    assert report.verdicts[1].words.startswith("Meets rule set wales-perpetrator-services, version 2018.1")


def test_without_gaps_on_a_lower_rung_it_does_not_speak_for_the_higher_one() -> None:
    pack = complete(wales(), {})
    pack["reviews"] = []
    report = gap_report(evaluated(pack, rung="evidenced"), wales())
    assert "on the evidenced rung" in report.headings.gaps_none
    assert report.verdicts[1].status != "meets"


def test_where_nothing_applies_it_is_not_called_a_pass() -> None:
    rule_set, pack = nothing_applies()
    report = gap_report(evaluated(pack, rule_set=rule_set), rule_set)
    assert "That is not a pass" in report.headings.gaps_none
    assert [score.text for score in report.scores] == ["nothing applies"] * 3
    assert {verdict.status for verdict in report.verdicts} == {"not_assessed"}
    assert len(report.uncounted.rows) == len(rule_set.requirements)


def test_what_the_result_rests_on_says_what_would_be_lost() -> None:
    determination = evaluated(demonstration())
    (row,) = gap_report(determination, wales(), schemes=catalogue().schemes).rests_on.rows
    (rest,) = determination.rests_on
    assert row[:2] == ("acc-respect-1", "Respect Standard")
    assert row[3:6] == (str(rest.weight.declared), str(rest.weight.evidenced), str(rest.weight.verified))


def test_a_scheme_without_a_title_is_called_by_its_id() -> None:
    report = gap_report(evaluated(demonstration()), wales())
    assert report.rests_on.rows[0][1] == "respect"


def test_an_override_says_until_when_and_why() -> None:
    pack = demonstration()
    review(pack, "14.2", override=True, until="2026-09-30", reason="Seen on a visit.")
    report = gap_report(evaluated(pack), wales())
    how = next(row[2] for row in report.satisfied.rows if row[0] == "14.2")
    assert how == "A reviewer saw for themselves, until 30 September 2026: Seen on a visit."


def test_every_programme_that_an_ask_is_for_is_named() -> None:
    pack = untouched()
    pack["service"]["programmes"] = [{"id": "prog-a"}, {"id": "prog-b"}]
    report = gap_report(evaluated(pack), wales())
    named = {item.programmes for gap in report.gaps for item in gap.hand_in}
    assert named == {None, "Programme: prog-a, prog-b."}


def test_text_without_welsh_is_marked_as_english() -> None:
    form = wales().model_dump(mode="json")
    form["standards"][0]["title"]["cy"] = None
    rule_set = RuleSet.model_validate(form)
    report = gap_report(evaluated(untouched(), rule_set=rule_set), rule_set, language="cy")
    assert report.standards[0].title == "Referrals (yn Saesneg yn unig)"


def test_official_text_is_given_and_counted_where_there_is_any() -> None:
    form = wales().model_dump(mode="json")
    form["standards"][0]["requirements"][0]["official_text"] = {"en": "As published.", "cy": None}
    rule_set = RuleSet.model_validate(form)
    report = gap_report(evaluated(untouched(), rule_set=rule_set), rule_set)
    assert next(gap.official_text for gap in report.gaps if gap.id == "1.1") == "Official text: As published."
    assert "Official text is given for 1 of " in report.terms[1].value


def test_another_rule_set_than_that_of_the_determination_is_refused() -> None:
    other, _ = nothing_applies()
    with pytest.raises(ValueError, match="the determination was made with rule set"):
        gap_report(evaluated(untouched()), other)


def test_scores_are_drawn_as_long_as_they_are_published() -> None:
    scores = Scores(declared="100.0", evidenced="0.1", verified=None)
    found = rung_scores(Speech("en"), scores, Statuses(evidenced="critical_gaps", verified="not_assessed"))
    assert [score.tenths for score in found] == [1000, 1, None]


def test_headings_are_called_official_only_where_they_come_from_the_published_document() -> None:
    for name, version, official in (
        ("wales-perpetrator-services", "2018.1", True),
        ("home-office-perpetrator-interventions", "2023.1", False),
    ):
        rule_set = catalogue().rule_set(name, version)
        text = gap_report_text(gap_report(evaluate(rule_set, (), Filler(rule_set).pack(), DAY), rule_set))
        assert "The requirement wording is the project's own." in text
        assert ("pages are official" in " ".join(text.split())) is official
