"""What travels in bodies about policies and checks."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.api.wire import Uuid
from app.db.repositories.policies import CheckRecord, PolicyRecord
from app.db.values import LARGEST_IN_ROW
from app.engine.determination import Score, ServiceRef
from app.engine.policy import CheckReason, Outcome, Policy
from app.engine.policy_check import Check
from app.engine.rules import RuleSetRef
from app.engine.values import CivilDate, Frozen, Instant, Int, Sha256, Text
from app.services.policies import Trial, Tried

PolicyVersion = Annotated[
    Int, Field(ge=1, le=LARGEST_IN_ROW, description="The version of the policy; the newest where it is left out.")
]
AsOf = Annotated[CivilDate | None, Field(description="The date it is judged on; today (UTC) where it is left out.")]
ContractEnd = Annotated[
    CivilDate | None, Field(description="The last day of the contract: needed exactly where the policy looks ahead.")
]


class PolicyOut(Frozen):
    """One version of a policy, by whom and when it was recorded, and its SHA-256."""

    id: UUID
    version: int
    policy: Policy
    sha256: Sha256
    created_at: datetime
    recorded_at: datetime
    recorded_by: UUID

    @classmethod
    def of(cls, record: PolicyRecord) -> "PolicyOut":
        """The wire form of a record."""
        return cls(
            id=record.id,
            version=record.version,
            policy=record.content,
            sha256=record.content.sha256,
            created_at=record.created_at,
            recorded_at=record.recorded_at,
            recorded_by=record.recorded_by,
        )


class PolicyTrial(Frozen):
    """How a policy that is stored is tried."""

    version: PolicyVersion | None = None
    as_of: AsOf = None
    contract_end: ContractEnd = None


class DraftTrial(Frozen):
    """A policy that is not stored, and how it is tried."""

    policy: Policy
    as_of: AsOf = None
    contract_end: ContractEnd = None


class TriedOut(Frozen):
    """What a policy would make of one service."""

    service: ServiceRef
    assessment: UUID
    rule_set: RuleSetRef
    outcome: Outcome
    words: Text
    compliance: Annotated[Score | None, Field(description="On the policy's rung.")]
    reasons: tuple[CheckReason, ...]

    @classmethod
    def of(cls, tried: Tried, policy: Policy) -> "TriedOut":
        """The wire form of one service's trial."""
        finding = tried.finding
        return cls(
            service=tried.service,
            assessment=tried.assessment.id,
            rule_set=tried.assessment.rule_set,
            outcome=finding.outcome,
            words=finding.words,
            compliance=getattr(tried.compliance, policy.rung),
            reasons=finding.reasons,
        )


class TrialOut(Frozen):
    """What a policy would make of each service that the caller sees, by name; nothing of it is stored."""

    policy: Policy
    as_of: CivilDate
    contract_end: CivilDate | None
    outcomes: Annotated[Mapping[Outcome, int], Field(description="How many services have each outcome.")]
    reasons: Annotated[Mapping[str, int], Field(description="How many services have a reason of each code.")]
    services: tuple[TriedOut, ...]

    @classmethod
    def of(cls, trial: Trial, policy: Policy) -> "TrialOut":
        """The wire form of a trial."""
        return cls(
            policy=policy,
            as_of=trial.as_of,
            contract_end=trial.contract_end,
            outcomes={
                "pass": trial.outcomes["pass"],
                "pass_with_conditions": trial.outcomes["pass_with_conditions"],
                "fail": trial.outcomes["fail"],
            },
            reasons=dict(sorted(trial.reasons.items())),
            services=tuple(TriedOut.of(item, policy) for item in trial.tried),
        )


class NewCheck(Frozen):
    """A question: does this assessment, or the one that stands for this service, pass the policy? One is named."""

    policy: Uuid
    version: PolicyVersion | None = None
    assessment: Uuid | None = None
    service: Uuid | None = None
    as_of: AsOf = None
    contract_end: ContractEnd = None


class Repetition(Frozen):
    """On which day, and with what was known when, a check is asked again."""

    as_of: Annotated[CivilDate | None, Field(description="The day of the first check where it is left out.")] = None
    known_at: Annotated[
        Instant | None, Field(description="Only what was on record at this instant; all that is where it is left out.")
    ] = None


class CheckOut(Frozen):
    """A check as it was stored: its document, the SHA-256 of its canonical bytes, and a signature of them."""

    sha256: Sha256
    signature: str
    check: Check

    @classmethod
    def form(cls, record: CheckRecord) -> dict[str, Any]:
        """The wire form of a record: the document as it is kept, read into no model and back."""
        return {"sha256": record.sha256, "signature": record.signature, "check": record.document}


class CheckItem(Frozen):
    """A check in a list."""

    id: UUID
    policy: UUID
    policy_version: int
    assessment: UUID
    service: UUID
    as_of: date
    known_at: Instant
    contract_end: date | None
    checked_at: Instant
    checked_by: UUID
    outcome: Outcome
    repeats: UUID | None
    sha256: Sha256

    @classmethod
    def of(cls, record: CheckRecord) -> "CheckItem":
        """The wire form of a record in short."""
        said = record.document
        return cls(
            id=record.id,
            policy=record.policy,
            policy_version=record.policy_version,
            assessment=record.assessment,
            service=record.service,
            as_of=date.fromisoformat(said["as_of"]),
            known_at=said["known_at"],
            contract_end=None if said["contract_end"] is None else date.fromisoformat(said["contract_end"]),
            checked_at=said["checked_at"],
            checked_by=record.checked_by,
            outcome=said["outcome"],
            repeats=record.repeats,
            sha256=record.sha256,
        )
