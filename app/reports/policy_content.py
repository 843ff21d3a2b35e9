"""What a policy asks, in words of one language: every threshold, so that a page shows by what a service was checked."""

from collections.abc import Iterator
from typing import Final

from app.engine.policy import Lenient, Policy
from app.reports.content import Fact
from app.reports.speech import Speech
from app.reports.words import Words

_LABELS: Final = {
    "minimum": Words("Compliance", "Cydymffurfiaeth"),
    "standards": Words("Standards", "Safonau"),
    "requirements": Words("Requirements", "Gofynion"),
    "critical": Words("Safety-critical gaps", "Bylchau diogelwch critigol"),
    "accreditation": Words("Accreditation", "Achrediad"),
    "ahead": Words("Through the contract", "Drwy gydol y contract"),
    "age": Words("Age of the assessment", "Oedran yr asesiad"),
    "conditions": Words("Only conditions for", "Dim ond amodau am"),
}
_VALUES: Final = {
    "minimum": Words("at least {score}", "o leiaf {score}"),
    "satisfied": Words("these satisfied: {names}", "y rhain wedi'u bodloni: {names}"),
    "no_gaps": Words("none", "dim"),
    "gaps": Words("not asked about", "ni ofynnir amdanynt"),
    "accepted": Words("counts", "yn cyfrif"),
    "not_accepted": Words("does not count", "nid yw'n cyfrif"),
    "to_the_end": Words("all of it holds to the end", "y cyfan yn parhau hyd y diwedd"),
    "age": Words("at most {months} since it was submitted", "{months} ar y mwyaf ers ei gyflwyno"),
}
_CONDITIONS: Final[dict[Lenient, Words]] = {
    "rule_set_not_in_force": Words("a rule set not in force", "set reolau nad yw mewn grym"),
    "assessment_too_old": Words("an assessment too old", "asesiad rhy hen"),
    "critical_gap": Words("safety-critical gaps", "bylchau diogelwch critigol"),
    "compliance_below": Words("compliance too low", "cydymffurfiaeth rhy isel"),
    "standard_not_met": Words("standards not met", "safonau heb eu bodloni"),
    "requirement_not_met": Words("requirements not met", "gofynion heb eu bodloni"),
    "critical_gap_ahead": Words("safety-critical gaps ahead", "bylchau diogelwch critigol i ddod"),
    "compliance_below_ahead": Words("compliance too low ahead", "cydymffurfiaeth rhy isel i ddod"),
    "standard_not_met_ahead": Words("standards not met ahead", "safonau heb eu bodloni i ddod"),
    "requirement_not_met_ahead": Words("requirements not met ahead", "gofynion heb eu bodloni i ddod"),
}


def policy_facts(policy: Policy, speech: Speech) -> tuple[Fact, ...]:
    """Every threshold of a policy but its rung, in the order of ``docs/policies.md``; what is not asked is left out."""
    return tuple(Fact(speech.words(_LABELS[name]), value) for name, value in _asked(policy, speech))


def _asked(policy: Policy, speech: Speech) -> Iterator[tuple[str, str]]:
    words = speech.words
    if policy.minimum_compliance is not None:
        yield "minimum", words(_VALUES["minimum"], score=speech.say("percent", score=policy.minimum_compliance))
    if policy.required_standards:
        yield "standards", words(_VALUES["satisfied"], names=speech.listed(map(str, policy.required_standards)))
    if policy.required_requirements:
        yield "requirements", words(_VALUES["satisfied"], names=speech.listed(policy.required_requirements))
    yield "critical", words(_VALUES["no_gaps" if policy.no_critical_gaps else "gaps"])
    yield "accreditation", words(_VALUES["accepted" if policy.accreditation_accepted else "not_accepted"])
    if policy.holds_to_contract_end:
        yield "ahead", words(_VALUES["to_the_end"])
    if policy.maximum_age_months is not None:
        yield "age", words(_VALUES["age"], months=speech.months(policy.maximum_age_months))
    if policy.conditions:
        yield "conditions", speech.listed(words(_CONDITIONS[code]) for code in policy.conditions)
