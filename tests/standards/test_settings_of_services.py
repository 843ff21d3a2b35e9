"""What a service sets for itself is an answer, and its record is judged against it; nobody can set it out of sight."""

import pytest

from app.engine.rules import Requirement, RuleSet
from app.engine.tree import AnswerLeaf
from app.engine.values import decimal_of
from app.loader.catalogue import Catalogue

WELSH = ("wales-perpetrator-services", "2018.1")
HOME_OFFICE = ("home-office-perpetrator-interventions", "2023.1")

FELL_SHORT = {"none_late", "none_missed", "none_overdue", "none_untrained", "none_unchecked", "none_below"}
# Where the record is asked for by another requirement, and the leaf there that judges it.
JUDGED_ELSEWHERE = {"7.1": ("7.2", "none_overdue"), "18.1": ("18.3", "none_late")}
# What is set is what a form or a definition says, not something that a record could fall short of.
NOT_OF_A_RECORD = {"3.5": "length_set", "9.1": "threshold_set"}
# Written down by hand: what may be set at most, in the unit of the question, as an editorial ceiling.
CEILINGS = {
    "case_discussion_weeks": 26,
    "reassessment_weeks": 26,
    "progress_review_weeks": 26,
    "supervision_weeks": 26,
    "line_supervision_weeks": 26,
    "record_sampling_months": 12,
    "partner_notice_hours": 168,
    "new_abuse_reassessment_hours": 168,
    "de_selection_notice_hours": 168,
    "missed_session_follow_up_hours": 168,
    "drop_out_notice_hours": 168,
    "threat_hours": 168,
}
WITHOUT = {"first_contact_days", "check_renewal_months", "complaint_answer_days", "record_entry_hours"}


def _answers(requirement: Requirement) -> dict[str, AnswerLeaf]:
    return {leaf.id: leaf for leaf in requirement.tree.leaves if isinstance(leaf, AnswerLeaf)}


def _counts(leaf: AnswerLeaf) -> bool:
    """Whether the leaf counts what fell short of the setting, or says that nothing did."""
    return (leaf.id in FELL_SHORT and leaf.answer.test == ("is", 0)) or leaf.id == "rate_kept"


def test_no_number_below_nought_does_where_there_is_a_most(catalogue: Catalogue) -> None:
    """formats.md: numbers have no bounds, and it is for a rule to ask for one that makes sense."""
    bounded = 0
    for rule_set in catalogue.rule_sets.values():
        for requirement in rule_set.requirements.values():
            asked = [leaf.answer for leaf in _answers(requirement).values()]
            least = {answer.question: answer.at_least for answer in asked if answer.at_least is not None}
            for answer in asked:
                if answer.at_most is not None:
                    assert decimal_of(least[answer.question]) >= 0, requirement.id
                    bounded += 1
    assert bounded > 20


@pytest.mark.parametrize("version", [WELSH, HOME_OFFICE], ids=lambda version: version[1])
def test_the_record_is_judged_against_what_the_service_has_set(catalogue: Catalogue, version: tuple[str, str]) -> None:
    rule_set = catalogue.rule_sets[version]
    settings = 0
    for name, requirement in rule_set.requirements.items():
        answers = _answers(requirement)
        setting = [leaf for leaf in answers if leaf.endswith("_set")]
        if not setting or (version == WELSH and NOT_OF_A_RECORD.get(name) == setting[0]):
            continue
        settings += 1
        other, leaf = JUDGED_ELSEWHERE.get(name, ("", "")) if version == WELSH else ("", "")
        judging = [_answers(rule_set.requirements[other])[leaf]] if other else list(answers.values())
        assert any(map(_counts, judging)), f"{name}: {setting}"
    assert settings >= {WELSH: 20, HOME_OFFICE: 9}[version]


@pytest.mark.parametrize("version", [WELSH, HOME_OFFICE], ids=lambda version: version[1])
def test_what_a_service_sets_has_the_ceiling_written_here_or_says_that_none_is_meant(
    catalogue: Catalogue, version: tuple[str, str]
) -> None:
    found, without = {}, set()
    for requirement in catalogue.rule_sets[version].requirements.values():
        for name, leaf in _answers(requirement).items():
            if name.endswith("_ceiling"):
                found[leaf.answer.question] = leaf.answer.at_most
                assert "editorial" in requirement.basis, requirement.id
                assert requirement.guidance is not None
                assert "(editorial)" in requirement.guidance.en, requirement.id
            elif requirement.guidance is not None and "No longest time is meant" in requirement.guidance.en:
                without |= {leaf.answer.question} & WITHOUT
    asked = {question.id for question in catalogue.rule_sets[version].questions}
    assert found == {name: limit for name, limit in CEILINGS.items() if name in asked}
    assert without == WITHOUT & asked


def test_no_number_passes_for_being_below_nothing(catalogue: Catalogue) -> None:
    """A count of -1 says nothing: what should be none is asked to be 0; what has a ceiling has a floor beside it."""
    ceilings = 0
    for version in catalogue.rule_sets:
        for name, requirement in catalogue.rule_sets[version].requirements.items():
            answers = [leaf.answer for leaf in _answers(requirement).values()]
            capped = {answer.question for answer in answers if answer.at_most is not None}
            floored = {answer.question for answer in answers if answer.at_least is not None}
            assert capped <= floored, f"{version[1]} {name}"
            ceilings += len(capped)
    assert ceilings >= len(CEILINGS)


def test_one_profile_and_the_same_documents_and_answers_serve_both_rule_sets(catalogue: Catalogue) -> None:
    welsh, home_office = catalogue.rule_sets[WELSH], catalogue.rule_sets[HOME_OFFICE]
    assert home_office.profile == welsh.profile
    assert home_office.document_types == welsh.document_types
    shared = _questions(home_office).keys() & _questions(welsh).keys()
    assert len(shared) > len(_questions(home_office)) - 5
    assert [name for name in shared if _questions(home_office)[name] != _questions(welsh)[name]] == []


def _questions(rule_set: RuleSet) -> dict[str, object]:
    return {question.id: question for question in rule_set.questions}
