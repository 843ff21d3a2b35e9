"""Assessments on the wire, with what the caller may do next to each; and the bodies that move them."""

from datetime import datetime
from typing import Annotated, Generic, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.api.wire import AnswerContent, Item, ResponseContent, Uuid
from app.db.repositories.partners import AnswersFor, Partner
from app.db.repositories.review_queue import Waiting
from app.db.session import Actor
from app.db.values import AssessmentRecord, Reopened
from app.engine.pack import Narrative
from app.engine.rules import RuleSetRef
from app.engine.values import CivilDate, Frozen, Int, Name, Str, Version
from app.services import life
from app.services.life import Action

LONGEST_REASON = 2000
MOST_AT_ONCE = 500
Reason = Annotated[Str, Field(min_length=1, max_length=LONGEST_REASON)]
State = Literal["draft", "submitted", "in_review", "returned", "completed", "withdrawn"]


class ReopenedOut(Frozen):
    """A requirement that a reviewer returned, and what for."""

    requirement: str
    reason: str


class AssessmentOut(Frozen):
    """An assessment's state, with whom it is shared, and what the caller may do next.

    `carried_from` is the assessment under an older version of the rule set that was carried forward to this one.
    """

    id: UUID
    service: UUID
    provider: UUID
    rule_set: RuleSetRef
    created_at: datetime
    state: State
    shared_with: tuple[UUID, ...]
    first_submitted_at: datetime | None
    submitted_at: datetime | None
    reopened: tuple[ReopenedOut, ...]
    reason: str | None
    carried_from: UUID | None
    version: int
    etag: str
    available_actions: tuple[Action, ...]

    @classmethod
    def of(cls, record: AssessmentRecord, actor: Actor) -> "AssessmentOut":
        """The wire form of a record, for whoever asks."""
        return cls(
            id=record.id,
            service=record.service,
            provider=record.provider,
            rule_set=record.rule_set,
            created_at=record.created_at,
            state=record.state,
            shared_with=record.shared_with,
            first_submitted_at=record.first_submitted_at,
            submitted_at=record.submitted_at,
            reopened=tuple(ReopenedOut(requirement=item.requirement, reason=item.reason) for item in record.reopened),
            reason=record.reason,
            carried_from=record.carried_from,
            version=record.version,
            etag=life.etag_for(actor, record),
            available_actions=life.available_actions(actor, record),
        )


class PartnerContent(Frozen):
    """What a partner of a service answers for, by versions of rule sets."""

    answers_for: tuple[AnswersFor, ...] = ()


class PartnerOut(Frozen):
    """An organisation that takes part in a service beside its provider, and what it answers for."""

    organisation: UUID
    answers_for: tuple[AnswersFor, ...]
    version: int
    etag: str
    recorded_at: datetime
    recorded_by: UUID

    @classmethod
    def of(cls, partner: Partner) -> "PartnerOut":
        """The wire form of a record."""
        return cls(
            organisation=partner.organisation,
            answers_for=partner.answers_for,
            version=partner.version,
            etag=partner.etag,
            recorded_at=partner.recorded_at,
            recorded_by=partner.recorded_by,
        )


class WaitingOut(Frozen):
    """An assessment that waits for reviewers.

    ``undecided``: responses with a rating on whose submitted version nobody decided yet; ``unconfirmed``: overrides
    that are proposed and not confirmed.
    """

    assessment: AssessmentOut
    undecided: int
    unconfirmed: int

    @classmethod
    def of(cls, waiting: Waiting, actor: Actor) -> "WaitingOut":
        """The wire form, for whoever asks."""
        shown = AssessmentOut.of(waiting.assessment, actor)
        return cls(assessment=shown, undecided=waiting.undecided, unconfirmed=waiting.unconfirmed)


class OneResponse(ResponseContent):
    """A response among many: to which requirement, and the ETag of the one that it changes."""

    requirement: Name
    etag: Name | None = None


class ManyResponses(Frozen):
    """Responses to record, all of them or none."""

    items: Annotated[tuple[OneResponse, ...], Field(min_length=1, max_length=MOST_AT_ONCE)]


class OneAnswer(AnswerContent):
    """An answer among many: to which question, and the ETag of the one that it changes."""

    question: Name
    etag: Name | None = None


class ManyAnswers(Frozen):
    """Answers to record, all of them or none."""

    items: Annotated[tuple[OneAnswer, ...], Field(min_length=1, max_length=MOST_AT_ONCE)]


class ManyOut(BaseModel, Generic[Item]):
    """What is now on record, in the order in which it was sent."""

    items: tuple[Item, ...]


class NewOverride(Frozen):
    """What a reviewer saw for themselves of a requirement, and the last day on which it holds (12 months at most)."""

    requirement: Name
    response_version: Annotated[Int, Field(ge=0)]
    until: CivilDate
    reason: Reason


class Submission(Frozen):
    """The commissioners who shall read the assessment, besides those it is shared with already."""

    share_with: tuple[Uuid, ...] = ()


class CarryForward(Frozen):
    """The version of the rule set to carry an assessment forward to; it is based on that of the assessment."""

    rule_set_version: Version


class Share(Frozen):
    """One more commissioner who shall read the assessment."""

    commissioner: Uuid


class Withdrawal(Frozen):
    """Why an assessment is taken back, for those who could see it."""

    reason: Narrative | None = None


class ReturnedRequirement(Frozen):
    """A requirement that the provider shall look at again, and why."""

    requirement: Name
    reason: Reason


class Return(Frozen):
    """What the provider may change, and shall, before it submits again."""

    requirements: tuple[ReturnedRequirement, ...]

    @property
    def reopened(self) -> tuple[Reopened, ...]:
        """As the services take it."""
        return tuple(Reopened(item.requirement, item.reason) for item in self.requirements)
