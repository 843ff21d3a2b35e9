"""Checks: whether a service passes a policy on a day, kept whole and signed, and repeated on other days."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from app.db.repositories import assessments, audit, facts, policies
from app.db.repositories.policies import CheckRecord, PolicyRecord
from app.db.repositories.subjects import of_assessment, of_service
from app.db.session import Transaction
from app.db.values import instant
from app.engine.canonical import canonical_bytes
from app.engine.determination import Determination
from app.engine.difference import difference
from app.engine.policy import Judged
from app.engine.policy_check import Check, PolicyUsed, Repeated, moved
from app.errors import Conflict, Fault, Invalid, NotFound
from app.loader.catalogue import Catalogue
from app.services import packs
from app.services.issuing import Press, sealed
from app.services.policies import circumstances, judged, refuse_contract_end, standing, within_reach
from app.services.supposing import MOST_AHEAD_MONTHS

KIND: Final = "safonau-policy-check"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: which assessment, on which day, with what record; ``known_at`` is ``None`` for all there is."""

    assessment: UUID
    as_of: date
    contract_end: date | None
    known_at: datetime | None = None


def assessment_of(tx: Transaction, policy: PolicyRecord, service: UUID) -> UUID:
    """The assessment that stands for a service; raises ``NotFound``, and ``Conflict`` where there is none."""
    of_service(tx, service)
    found = standing(tx, policy.content.rule_set, service)
    if not found:
        raise Conflict(
            f"No assessment of the service under {policy.content.rule_set} is shared with you.",
            hint="The provider has to submit one and share it; one that was withdrawn can be named itself.",
        )
    return found[0].id


def check(tx: Transaction, catalogue: Catalogue, press: Press, policy: PolicyRecord, asked: Question) -> CheckRecord:
    """Check an assessment by a policy, and keep the answer for ever.

    Raises ``Forbidden``, ``NotFound``, ``Invalid`` (``/contract_end``), and ``Conflict`` where the assessment is under
    another rule set, or its record no longer fits the one it is under.
    """
    return _stored(tx, catalogue, press, policy, asked, None)


def repeat(
    tx: Transaction,
    catalogue: Catalogue,
    press: Press,
    check_id: UUID,
    *,
    as_of: date | None,
    known_at: datetime | None,
) -> CheckRecord:
    """Ask a check again, with the version of the policy that it used, on another day or with what was known then.

    Without ``as_of`` it is the day of the first one, without ``known_at`` everything on record counts; the contract
    ends when it did. Raises what ``check`` does, but ``Invalid`` at ``/as_of`` for a day after that end or too long
    before it, and ``Conflict`` where the assessment is not shared any more, or nothing was submitted by then.
    """
    first = policies.get_check(tx, check_id)
    if known_at is not None:
        facts.refuse_to_come(tx, known_at, "/known_at")
    before = Check.model_validate(first.document)
    if as_of is not None and before.contract_end is not None and not within_reach(as_of, before.contract_end):
        message = f"the contract of this check ends on {before.contract_end}, which cannot be judged on {as_of}"
        hint = f"name a day through then, at most {MOST_AHEAD_MONTHS} months before, or make a check of its own"
        raise Invalid("This cannot be repeated.", hint="See faults.", faults=(Fault("/as_of", message, hint),))
    policy = policies.get(tx, first.policy, first.policy_version)
    asked = Question(first.assessment, as_of or before.as_of, before.contract_end, known_at)
    try:
        assessments.get(tx, first.assessment)
    except NotFound as error:
        raise Conflict(
            "The assessment of this check is not shared with you any more.",
            hint="What was checked stays; ask the provider to share it again to repeat it.",
        ) from error
    try:
        return _stored(tx, catalogue, press, policy, asked, first)
    except NotFound as error:
        raise Conflict(
            "Nothing of the assessment had been submitted at that instant.",
            hint="Name a later `known_at`, or leave it out.",
        ) from error


def _stored(
    tx: Transaction,
    catalogue: Catalogue,
    press: Press,
    policy: PolicyRecord,
    asked: Question,
    first: CheckRecord | None,
) -> CheckRecord:
    tx.require("commissioner")
    subject = of_assessment(tx, asked.assessment)
    record = assessments.get(tx, asked.assessment)
    if record.rule_set.id != policy.content.rule_set:
        raise Conflict(
            f"The assessment is under {record.rule_set.id}, and the policy is for {policy.content.rule_set}.",
            hint="Check it with a policy for its rule set.",
        )
    refuse_contract_end(policy.content, asked.as_of, asked.contract_end)
    known_at = asked.known_at or facts.lock(tx, subject.service)
    pack = packs.assembled(tx, asked.assessment, known_at=known_at)
    about = circumstances(tx, asked.assessment, known_at, demonstration=press.demonstration)
    found = judged(catalogue, policy.content, pack, about, as_of=asked.as_of, contract_end=asked.contract_end)
    rule_set = catalogue.rule_set(record.rule_set.id, record.rule_set.version)
    document = Check(
        id=str(tx.new_id()),
        commissioner=str(tx.actor.organisation),
        policy=PolicyUsed(
            id=str(policy.id), version=policy.version, sha256=policy.content.sha256, content=policy.content
        ),
        assessment=str(record.id),
        service=str(record.service),
        checked_at=instant(tx.now),
        checked_by=str(tx.actor.user),
        known_at=instant(known_at),
        submitted_at=instant(about.submitted_at),
        as_of=asked.as_of,
        contract_end=asked.contract_end,
        draft=press.demonstration and rule_set.status == "draft",
        outcome=found.finding.outcome,
        words=found.finding.words,
        reasons=found.finding.reasons,
        pack_sha256=pack.sha256,
        without_accreditations=found.without_accreditations,
        determination_sha256=found.determination.sha256,
        repeats=None if first is None else _repeated(tx, first, found),
    )
    return _kept(tx, press, document, found.determination)


def _kept(tx: Transaction, press: Press, document: Check, determination: Determination) -> CheckRecord:
    whole = sealed(press.seals, KIND, canonical_bytes(document.model_dump(mode="json")))
    made = CheckRecord(
        id=UUID(document.id),
        commissioner=tx.actor.organisation,
        policy=UUID(document.policy.id),
        policy_version=document.policy.version,
        assessment=UUID(document.assessment),
        service=UUID(document.service),
        repeats=None if document.repeats is None else UUID(document.repeats.check),
        created_at=tx.now,
        checked_by=tx.actor.user,
        sha256=whole.sha256,
        signature=whole.signature,
        content=whole.content,
    )
    policies.add_check(tx, made, determination.canonical)
    place = f"commissioning/checks/{made.id}"
    audit.record(tx, "policy.checked", place, outcome=document.outcome, sha256=made.sha256)
    return made


def _repeated(tx: Transaction, first: CheckRecord, again: Judged) -> Repeated:
    before = Check.model_validate(first.document)
    then = Determination.model_validate_json(policies.determination(tx, first.id))
    now = again.determination
    return Repeated(
        check=str(first.id),
        sha256=first.sha256,
        as_of=before.as_of,
        known_at=before.known_at,
        outcome=before.outcome,
        reasons=before.reasons,
        gone=moved(before.reasons, again.finding.reasons),
        new=moved(again.finding.reasons, before.reasons),
        difference=difference(then, now) if then.rule_set == now.rule_set else None,
    )
