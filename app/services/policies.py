"""Policies of commissioners: written as data, changed by new versions, tried on every service before they are used."""

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from app.db.portfolio import NO_SCORE, Kept
from app.db.repositories import assessments, audit, policies, portfolio
from app.db.repositories.policies import PolicyRecord
from app.db.repositories.subjects import of_assessment
from app.db.session import Transaction
from app.db.values import AssessmentRecord, not_found
from app.engine.determination import Scores, ServiceRef
from app.engine.digest import Outline
from app.engine.issued import not_in_force
from app.engine.pack import Pack
from app.engine.policy import Circumstances, Finding, Judged, Policy, check, judge
from app.engine.rules import RuleSet
from app.engine.values import add_months
from app.errors import Fault, Invalid, NotFound
from app.loader.catalogue import Catalogue
from app.services import packs
from app.services.determinations import judged_by
from app.services.portfolio import fingerprint
from app.services.supposing import MOST_AHEAD_MONTHS
from app.services.writing import expect_etag

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Tried:
    """What a policy would make of one assessment, and the scores that this rests on."""

    assessment: AssessmentRecord
    service: ServiceRef
    compliance: Scores
    finding: Finding


@dataclass(frozen=True, slots=True)
class Trial:
    """What a policy would make of every service that the caller sees, by name; nothing of it is stored."""

    as_of: date
    contract_end: date | None
    tried: tuple[Tried, ...]

    @property
    def outcomes(self) -> Counter[str]:
        """How many services have each outcome."""
        return Counter(item.finding.outcome for item in self.tried)

    @property
    def reasons(self) -> Counter[str]:
        """How many services have a reason of each code."""
        return Counter(code for item in self.tried for code in _codes(item.finding))


def _codes(finding: Finding) -> Iterable[str]:
    return {reason.code for reason in finding.reasons}


def create(tx: Transaction, catalogue: Catalogue, content: Policy) -> PolicyRecord:
    """Make a policy; raises ``Forbidden``, and ``Invalid`` for what the rule set does not have."""
    tx.require("commissioner")
    _refuse_unknown(catalogue, content, "")
    made = PolicyRecord(tx.new_id(), 1, tx.actor.organisation, tx.now, content, tx.now, tx.actor.user)
    return _recorded(tx, made)


def change(tx: Transaction, catalogue: Catalogue, policy_id: UUID, content: Policy, *, expected: str) -> PolicyRecord:
    """Make the next version of a policy, or give the one that says the same already.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``, and ``Invalid`` for what the rule set does not have.
    """
    tx.require("commissioner")
    before = policies.get(tx, policy_id)
    expect_etag(before.etag, expected)
    _refuse_unknown(catalogue, content, "")
    if content == before.content:
        return before
    made = replace(before, version=before.version + 1, content=content, recorded_at=tx.now, recorded_by=tx.actor.user)
    return _recorded(tx, made)


def attempt(
    begin: Callable[[], AbstractContextManager[Transaction]],
    catalogue: Catalogue,
    policy: Policy,
    *,
    as_of: date | None,
    contract_end: date | None,
    demonstration: bool,
) -> Trial:
    """Try a policy, stored or not, on the assessment that stands for each service that the caller sees.

    ``begin`` opens a transaction of the caller, which sees one instant: one for the list and for all that is kept for
    portfolios and says the same on every day asked about, and one for each other service, so that none is open while a
    service is judged. One that is no longer shared meanwhile is left out. Raises ``Forbidden``, ``Invalid``
    (``/policy…``, ``/contract_end``), and ``Conflict`` where a record no longer fits its rule set.
    """
    _refuse_unknown(catalogue, policy, "/policy")
    with begin() as tx:
        tx.require("commissioner")
        day = as_of or tx.now.date()
        refuse_contract_end(policy, day, contract_end)
        found = standing(tx, policy.rule_set)
        kept: dict[UUID, Kept] = {}
        if policy.accreditation_accepted:
            kept = portfolio.kept(tx, day, contract_end or day, fingerprint(catalogue))
    tried = []
    for record in found:
        if record.id in kept:
            tried.append(_outlined(catalogue, policy, record, kept[record.id], day, demonstration=demonstration))
            continue
        try:
            with begin() as tx:
                pack = packs.assembled(tx, record.id)
                about = circumstances(tx, record.id, None, demonstration=demonstration)
        except NotFound:
            continue
        one = judged(catalogue, policy, pack, about, as_of=day, contract_end=contract_end)
        tried.append(Tried(record, one.determination.service, one.determination.compliance, one.finding))
    tried.sort(key=lambda item: (item.service.name, item.service.id))
    return Trial(day, contract_end, tuple(tried))


def _outlined(
    catalogue: Catalogue, policy: Policy, record: AssessmentRecord, kept: Kept, day: date, *, demonstration: bool
) -> Tried:
    """The same from what is kept for portfolios, which holds to the end of the contract: nothing is missed ahead."""
    rule_set = catalogue.rule_set(record.rule_set.id, record.rule_set.version)
    service = ServiceRef(id=str(kept.service), name=kept.service_name, provider=kept.provider_name)
    scores = {rung: None if score == NO_SCORE else str(score) for rung, score in kept.scores.items()}
    compliance = Scores(declared=scores["declared"], evidenced=scores["evidenced"], verified=scores["verified"])
    known = Circumstances(
        as_of=day,
        contract_end=None,
        submitted_on=kept.submitted_at.date(),
        withdrawn=False,
        not_in_force=_not_in_force(catalogue, rule_set, day, demonstration=demonstration),
    )
    finding = check(policy, known, Outline(rule_set, compliance, kept.tally.decode()))
    return Tried(record, service, compliance, finding)


def standing(tx: Transaction, rule_set: str, service: UUID | None = None) -> list[AssessmentRecord]:
    """The assessment that stands for each service that the caller sees, under any version of a rule set.

    That is the one submitted last of those that are not withdrawn.
    """
    newest: dict[UUID, AssessmentRecord] = {}
    after, more = None, True
    while more:
        found = assessments.page(tx, after=after, limit=_AT_ONCE, service=service)
        for record in found.items:
            if record.rule_set.id == rule_set and record.state != "withdrawn":
                other = newest.get(record.service)
                if other is None or _submitted(other) < _submitted(record):
                    newest[record.service] = record
        after, more = found.next, found.next is not None
    return list(newest.values())


def _submitted(record: AssessmentRecord) -> tuple[datetime, UUID]:
    return record.submitted_at or record.created_at, record.id


@dataclass(frozen=True, slots=True)
class About:
    """When an assessment was last submitted, and whether it was withdrawn, as known at an instant.

    In a ``demonstration`` a draft of a rule set counts as published: nothing may be decided by what is found.
    """

    submitted_at: datetime
    withdrawn: bool
    demonstration: bool


def circumstances(tx: Transaction, assessment_id: UUID, known_at: datetime | None, *, demonstration: bool) -> About:
    """What was known of an assessment at an instant (``None``: now).

    Raises ``NotFound`` where it had not been submitted by then.
    """
    subject = of_assessment(tx, assessment_id)
    submitted_at = assessments.submitted_at(tx, subject, known_at)
    if submitted_at is None:
        raise not_found()
    return About(submitted_at, assessments.state_at(tx, subject, known_at) == "withdrawn", demonstration)


def judged(
    catalogue: Catalogue, policy: Policy, pack: Pack, about: About, *, as_of: date, contract_end: date | None
) -> Judged:
    """What a policy makes of a pack from the record; needs no transaction.

    Raises ``Conflict`` where the record no longer fits its rule set.
    """
    rule_set = judged_by(catalogue, pack)
    known = Circumstances(
        as_of=as_of,
        contract_end=contract_end,
        submitted_on=about.submitted_at.date(),
        withdrawn=about.withdrawn,
        not_in_force=_not_in_force(catalogue, rule_set, as_of, demonstration=about.demonstration),
    )
    return judge(policy, rule_set, catalogue.crosswalks_for(rule_set), pack, known)


def refuse_contract_end(policy: Policy, as_of: date, contract_end: date | None) -> None:
    """Raise ``Invalid`` (``/contract_end``) unless there is one exactly where the policy asks, and within reach."""
    if policy.holds_to_contract_end == (contract_end is not None):
        if contract_end is None or within_reach(as_of, contract_end):
            return
        message = f"a contract judged on {as_of} ends then at the earliest, {MOST_AHEAD_MONTHS} months on at the latest"
        hint = "name a day between them"
    elif contract_end is None:
        message = "the policy asks what holds to the end of the contract, and no end is named"
        hint = "name the last day of the contract"
    else:
        message = "the policy does not look ahead, so the end of the contract would be passed over"
        hint = "leave it out, or make `holds_to_contract_end` true in the policy"
    raise Invalid("This cannot be checked.", hint="See faults.", faults=(Fault("/contract_end", message, hint),))


def within_reach(as_of: date, contract_end: date) -> bool:
    """Whether a contract that is judged on a day can end on the other: then at the earliest, and not too far ahead."""
    return as_of <= contract_end <= add_months(as_of, MOST_AHEAD_MONTHS)


def _not_in_force(
    catalogue: Catalogue, rule_set: RuleSet, day: date, *, demonstration: bool
) -> dict[str, str | None] | None:
    """The particulars of a rule set that is not published and in force on a day; ``None`` for one that is.

    A draft counts as published in a ``demonstration``, as for what is issued there; here its days count, too.
    """
    taken = catalogue.is_published(rule_set) or (demonstration and rule_set.status == "draft")
    if taken and not_in_force(rule_set, day) is None:
        return None
    return {
        "rule_set": rule_set.id,
        "version": rule_set.version,
        "status": rule_set.status,
        "effective_from": None if rule_set.effective_from is None else rule_set.effective_from.isoformat(),
        "effective_until": None if rule_set.effective_until is None else rule_set.effective_until.isoformat(),
    }


def _refuse_unknown(catalogue: Catalogue, content: Policy, place: str) -> None:
    """Raise ``Invalid`` for a rule set that is not loaded, and what no version of it has."""
    known = [rule_set for (name, _), rule_set in catalogue.rule_sets.items() if name == content.rule_set]
    faults = []
    if not known:
        names = ", ".join(sorted({name for name, _ in catalogue.rule_sets}))
        faults.append(Fault(f"{place}/rule_set", f"there is no rule set {content.rule_set}", f"there are: {names}"))
    else:
        numbers = {standard.number for rule_set in known for standard in rule_set.standards}
        for index, number in enumerate(content.required_standards):
            if number not in numbers:
                message = f"no version of {content.rule_set} has standard {number}"
                faults.append(Fault(f"{place}/required_standards/{index}", message, "name one that it has"))
        requirements = {name for rule_set in known for name in rule_set.requirements}
        for index, name in enumerate(content.required_requirements):
            if name not in requirements:
                message = f"no version of {content.rule_set} has requirement {name}"
                faults.append(Fault(f"{place}/required_requirements/{index}", message, "name one that it has"))
    if faults:
        raise Invalid("The policy has faults.", hint="Correct every fault.", faults=tuple(faults))


def _recorded(tx: Transaction, made: PolicyRecord) -> PolicyRecord:
    policies.add(tx, made)
    subject = f"commissioning/policies/{made.id}"
    audit.record(tx, "policy.recorded", subject, version=made.version, sha256=made.content.sha256)
    return made
