"""What no certificate may ever stand in for, written down by hand and not read from the crosswalks (semantics.md 4).

A leaf that goes out of date says how things are today; the law of Wales is looked at by no scheme; and who accredits
the design of a programme says nothing of the service that delivers it. Whoever adds such a leaf adds it here.
"""

from collections.abc import Iterator, Mapping

import pytest

from app.engine.rules import Crosswalk, RuleSet
from app.engine.tree import AnswerLeaf, DocumentLeaf
from app.loader.catalogue import Catalogue

RULES = "wales-perpetrator-services"

# Logs, samples, audits, minutes, registers, lists of contacts, records of training, reports and reviews.
PERISHABLE: Mapping[str, str] = {
    "1.1": "referral_procedure",
    "1.2": "referral_log",
    "1.3": "decision_log",
    "1.4": "contact_log",
    "1.5": "screening_log screening_audit",
    "2.3": "decision_sample decision_audit",
    "2.6": "child_as_client",
    "3.1": "agreement_check",
    "3.3": "explained_sample explained_audit",
    "4.1": "assessor_training interview_log",
    "4.2": "sample",
    "4.3": "sources_log sources_audit",
    "4.4": "sample",
    "4.5": "trauma_training trauma_audit",
    "4.6": "onward_log",
    "4.7": "result_sample high_risk_log",
    "5.2": "contact_log",
    "5.6": "notice_log",
    "5.7": "discussion_log",
    "5.8": "release_log",
    "6.1": "evidence_base",
    "6.2": "attendance_log",
    "6.3": "plan_sample plan_audit",
    "6.4": "material_check",
    "6.5": "trauma_aware_training",
    "6.6": "session_check",
    "6.7": "integrity_report observation_log",
    "6.8": "sexual_violence_training",
    "7.2": "reassessment_log overdue_minutes",
    "7.3": "fresh_information_log fresh_information_audit",
    "7.4": "change_sample change_audit",
    "7.6": "new_abuse_log",
    "8.2": "told_check",
    "8.3": "risk_log",
    "8.4": "notice_log",
    "9.2": "follow_up_log",
    "9.3": "notice_log",
    "9.4": "risk_log",
    "9.5": "pattern_report",
    "10.2": "review_log",
    "10.3": "sources_check",
    "10.6": "exit_sample exit_audit",
    "11.1": "service_plan",
    "11.3": "data_set",
    "11.4": "views_report",
    "11.5": "results_report actions_minutes",
    "11.6": "independent_report independent_plan",
    "11.7": "board_information board_told",
    "12.3": "checks_register",
    "12.6": "volunteer_supervision",
    "13.1": "core_record",
    "13.2": "programme_training_record",
    "13.3": "welsh_framework_record",
    "13.4": "welsh_safeguarding_record",
    "13.5": "topics_record",
    "13.6": "cpd_log",
    "14.1": "supervision_log overdue_reported",
    "14.3": "supervisor_record",
    "14.4": "date_log",
    "14.5": "overdue_minutes overdue_audit",
    "15.1": "line_log",
    "15.2": "debrief_log",
    "15.4": "wellbeing_support",
    "16.1": "safety_policy place_assessments",
    "16.3": "staffing_log",
    "16.4": "emergency_response",
    "16.5": "incident_log incident_review",
    "16.6": "remote_check",
    "17.1": "equality_policy",
    "17.2": "figures",
    "18.3": "complaints_log",
    "19.1": "premises_check",
    "19.4": "trauma_training trauma_review",
    "19.5": "governance_minutes",
    "20.2": "entries_check",
    "20.3": "access_review",
    "20.5": "sampling_report",
    "21.3": "threat_log",
    "21.4": "report_contacts report_log",
    "21.5": "decision_sample decision_audit",
    "21.7": "honour_procedure specialist_link honour_training",
    "22.1": "contacts",
    "22.2": "children_check",
    "22.3": "report_log",
    "22.5": "notice_log",
}

# The duty to report, the Welsh language, Welsh training groups and agreements, the safeguarding procedures and boards
# of Wales; with them the law of the whole UK: data protection, health and safety, equality and the checks of staff.
LAW: Mapping[str, str] = {
    "1.5": "welsh_duty",
    "2.5": "adjustment_procedure adjustment_form",
    "2.6": "child_as_client",
    "3.7": "welsh_safeguarding_text",
    "4.6": "welsh_duty",
    "11.7": "board_information board_told",
    "12.3": "checks_procedure renewal_set checks_register none_unchecked",
    "13.3": "welsh_framework_record none_below",
    "13.4": "welsh_safeguarding_record none_out_of_date",
    "16.1": "safety_policy place_assessments every_place",
    "17.1": "equality_policy policy_covers",
    "17.4": "welsh_offer welsh_offer_shown",
    "20.4": "retention_schedule disposed_on",
    "21.1": "waspi_agreement other_agreement agencies_covered reviewed_on",
    "21.2": "lawful_basis privacy_notice notice_given",
    "21.4": "safeguarding_policy report_contacts report_log",
    "21.5": "decision_form decision_sample decision_audit",
    "21.6": "named_link statutory_links panel_link link_confirmed_on",
    "22.1": "pathway contacts every_authority",
    "22.3": "welsh_reporting_procedure report_form report_log",
}

# Of a programme: what its panel sees is its design. Who does what with it here, with which people, forms and staff, it
# does not see, though the requirement concerns programmes.
PRACTICE: Mapping[str, str] = {
    "2.1": "criteria_cover",
    "4.2": "design_tool form domains sample",
    "6.1": "evidence_base",
    "6.2": "attendance_rule attendance_log",
    "6.4": "material_check",
    "6.5": "trauma_aware_guidance trauma_aware_training",
    "6.7": "rate_set rate_kept integrity_report observation_log",
    "6.8": "sexual_violence_method sexual_violence_training sexual_violence_route",
    "10.1": "goals_form",
    "10.4": "completion_rule",
    "11.1": "service_plan",
    "13.2": "programme_training_record",
    "17.5": "route_elsewhere",
    "17.6": "own_experience group_rule",
}
# Standards that are about the provider and its people from end to end.
NOT_OF_A_PROGRAMME = {1, 3, 5, 7, 8, 9, 12, 14, 15, 16, 18, 19, 20, 21, 22}

Place = tuple[str, str]


def _places(listed: Mapping[str, str]) -> set[Place]:
    return {(requirement, leaf) for requirement, leaves in listed.items() for leaf in leaves.split()}


def _covered(rule_set: RuleSet, crosswalk: Crosswalk) -> set[Place]:
    """Every leaf that a certificate spares, a full entry all of its requirement's."""
    found: set[Place] = set()
    for entry in crosswalk.entries:
        every = [leaf.id for leaf in rule_set.requirements[entry.requirement].tree.leaves]
        found |= {(entry.requirement, leaf) for leaf in (every if entry.coverage == "full" else entry.leaves)}
    return found


def _versions(catalogue: Catalogue) -> Iterator[tuple[RuleSet, Crosswalk]]:
    for crosswalk in catalogue.crosswalks:
        yield catalogue.rule_set(crosswalk.rule_set.id, crosswalk.rule_set.version), crosswalk


@pytest.mark.parametrize("listed", [PERISHABLE, LAW], ids=["perishable", "law"])
def test_no_certificate_stands_in_for_what_perishes_or_for_the_law(
    catalogue: Catalogue, listed: Mapping[str, str]
) -> None:
    seen = 0
    for rule_set, crosswalk in _versions(catalogue):
        assert _covered(rule_set, crosswalk) & _places(listed) == set(), f"{crosswalk.id} {crosswalk.version}"
        seen += 1
    assert seen >= len({"respect", "csaap"}) * len({"2018.1", "2018.2"})


def test_no_certificate_stands_in_for_an_answer(catalogue: Catalogue) -> None:
    """An answer says how the service works today, and what a time that it has set is judged by."""
    for rule_set, crosswalk in _versions(catalogue):
        answers = {
            (name, leaf.id)
            for name, requirement in rule_set.requirements.items()
            for leaf in requirement.tree.leaves
            if isinstance(leaf, AnswerLeaf)
        }
        assert _covered(rule_set, crosswalk) & answers == set(), f"{crosswalk.id} {crosswalk.version}"


def test_the_accreditation_of_a_programme_shows_nothing_of_the_service_that_delivers_it(catalogue: Catalogue) -> None:
    versions = [version for version in _versions(catalogue) if version[1].scheme == "csaap"]
    assert versions
    for rule_set, crosswalk in versions:
        covered = _covered(rule_set, crosswalk)
        assert covered & _places(PRACTICE) == set(), crosswalk.version
        assert {int(name.partition(".")[0]) for name, _ in covered} & NOT_OF_A_PROGRAMME == set(), crosswalk.version


def test_a_requirement_with_perishable_records_is_never_covered_whole(catalogue: Catalogue) -> None:
    for rule_set, crosswalk in _versions(catalogue):
        full = {entry.requirement for entry in crosswalk.entries if entry.coverage == "full"}
        assert full & (PERISHABLE.keys() | LAW.keys()) == set(), f"{rule_set.version} {crosswalk.id}"


def test_the_lists_name_what_there_is_and_forget_nothing_that_ages(catalogue: Catalogue) -> None:
    """A leaf that was renamed would slip through, and so would a new one: each has to be put into a list by hand."""
    newest = max(version for name, version in catalogue.rule_sets if name == RULES)
    rule_set = catalogue.rule_set(RULES, newest)
    leaves = {(name, leaf.id): leaf for name, item in rule_set.requirements.items() for leaf in item.tree.leaves}
    assert (_places(PERISHABLE) | _places(LAW) | _places(PRACTICE)) - leaves.keys() == set()
    ageing = {
        place
        for place, leaf in leaves.items()
        if isinstance(leaf, DocumentLeaf) and leaf.document.max_age_months is not None
    }
    assert ageing - _places(PERISHABLE) == set()
    lawful = {place for place in leaves if place[1].startswith("welsh_") or "waspi_agreement" in place[1]}
    assert lawful - _places(LAW) == set()
