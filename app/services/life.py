"""The life of an assessment: draft, submitted, in review, returned and submitted again, completed, or withdrawn.

``RULES`` says who may do what in which state, and nothing else does: the moves ask it before they act, and each answer
of an assessment lists from it what the caller may do next. What a state freezes is in ``app.services.writing``.

* *draft*: the provider works on it, and nobody else knows of it.
* *submitted*: frozen as it was handed in, and seen by those it is shared with; waiting for a reviewer.
* *in_review*: frozen; reviewers decide.
* *returned*: the provider may change its responses to the requirements that are named, and the answers that these use.
  Everybody else goes on seeing what was submitted.
* *completed*: the review is over; frozen for good. Now a determination is issued on it.
* *withdrawn*: the provider takes no further part; frozen for good. Who could see it sees what was submitted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, TypeAlias, get_args
from uuid import UUID

from app.db.repositories import assessments, audit, facts, organisations, services
from app.db.repositories.facts import NewFact, Subject
from app.db.repositories.subjects import of_assessment
from app.db.session import PROVIDER_ROLES, Actor, Role, Transaction
from app.db.values import AssessmentRecord, Reopened, State, not_found
from app.engine.rules import RuleSet
from app.errors import Conflict, Fault, Forbidden
from app.loader.catalogue import Catalogue
from app.services.writing import expect_etag, refuse_faults, refuse_partners

Action: TypeAlias = Literal[
    "edit",
    "submit",
    "withdraw",
    "carry_forward",
    "share",
    "end_share",
    "start_review",
    "decide",
    "return",
    "complete",
    "issue",
]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may do something to an assessment, and in which states of it."""

    roles: tuple[Role, ...]
    states: tuple[State, ...]


RULES: Final[dict[Action, Rule]] = {
    "edit": Rule(PROVIDER_ROLES, ("draft", "returned")),
    "submit": Rule(("provider_lead",), ("draft", "returned")),
    "withdraw": Rule(("provider_lead",), ("draft", "submitted", "in_review", "returned")),
    # It stays as it is: what it says begins a draft under a version of the rule set that is based on its own.
    "carry_forward": Rule(PROVIDER_ROLES, ("draft", "submitted", "in_review", "returned", "completed")),
    "share": Rule(("provider_lead",), ("submitted", "in_review", "returned", "completed")),
    "end_share": Rule(("provider_lead",), ("submitted", "in_review", "returned", "completed", "withdrawn")),
    "start_review": Rule(("reviewer",), ("submitted",)),
    "decide": Rule(("reviewer",), ("in_review",)),
    "return": Rule(("reviewer",), ("in_review",)),
    "complete": Rule(("reviewer",), ("in_review",)),
    "issue": Rule(("reviewer",), ("completed",)),
}


def available_actions(actor: Actor, record: AssessmentRecord) -> tuple[Action, ...]:
    """What the caller may do next to an assessment that they see, in the order of ``RULES``."""
    return tuple(action for action in get_args(Action) if _allowed(actor, record, action))


def etag_for(actor: Actor, record: AssessmentRecord) -> str:
    """The tag of the record as the caller sees it, another one for who may judge nothing of it.

    Partners come and go without a new version of the assessment's state.
    """
    return f"{record.etag}-own" if _interested(actor, record.provider, record.partners) else record.etag


def require(tx: Transaction, record: AssessmentRecord, action: Action) -> None:
    """Raise ``Forbidden`` where the caller may never do this, and ``Conflict`` where not in this state."""
    rule = RULES[action]
    tx.require(*rule.roles)
    refuse_interested(tx, record.provider, record.partners)
    if action != "edit":
        refuse_partners(tx, Subject(record.service, record.provider))
    if not _allowed(tx.actor, record, action):
        may = ", ".join(available_actions(tx.actor, record)) or "nothing"
        raise Conflict(
            f"The assessment is {described(record.state)}, so this cannot be done to it: {action.replace('_', ' ')}.",
            hint=f"What you may do to it now: {may}.",
        )


def refuse_interested(tx: Transaction, provider: UUID, partners: Iterable[UUID]) -> None:
    """Raise ``Forbidden`` where a reviewer's own organisation provides the service or is a partner in it."""
    if _interested(tx.actor, provider, partners):
        raise Forbidden(
            "Your organisation takes part in this service, so that you may judge nothing of it.",
            hint="It is for a reviewer of another commissioner with whom it is shared.",
        )


def described(state: State) -> str:
    """A state in words."""
    return state.replace("_", " ")


def submit(
    tx: Transaction, assessment_id: UUID, *, share_with: tuple[UUID, ...], expected: str | None
) -> AssessmentRecord:
    """Hand the assessment in as it stands, to those it is shared with already and to the commissioners named here.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``, ``Conflict`` by its state, and ``Invalid``
    (``/share_with``, ``/share_with/0``, …).
    """
    move = _Move.made(tx, assessment_id, "submit", expected)
    before = move.before
    if not share_with and not before.shared_with:
        refuse_faults([Fault("/share_with", "nobody is named to hand it in to", "name at least one commissioner")])
    _refuse_others_than_its_commissioners(move, share_with)
    first = before.first_submitted_at or move.at
    new = sorted(set(share_with) - set(before.shared_with))
    after = replace(
        before,
        state="submitted",
        shared_with=tuple(sorted({*before.shared_with, *new})),
        first_submitted_at=first,
        submitted_at=move.at,
        reopened=(),
    )
    move.append(after)
    assessments.share(tx, move.subject, new, move.at, first)
    assessments.hand_in(tx, move.subject, move.at)
    return move.told(after, "assessment.submitted", shared_with=_listed(after.shared_with))


def share(tx: Transaction, assessment_id: UUID, commissioner: UUID, *, expected: str | None) -> AssessmentRecord:
    """Let one more commissioner see what was submitted; nothing happens where they see it already.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``, ``Conflict`` by its state, ``Invalid``
    (``/commissioner``).
    """
    move = _Move.made(tx, assessment_id, "share", expected)
    before = move.before
    if commissioner in before.shared_with or before.first_submitted_at is None:
        return before
    _refuse_others_than_its_commissioners(move, (commissioner,), "/commissioner")
    assessments.share(tx, move.subject, [commissioner], move.at, before.first_submitted_at)
    after = replace(before, shared_with=tuple(sorted((*before.shared_with, commissioner))))
    return move.record(after, "assessment.shared", commissioner=str(commissioner))


def end_share(tx: Transaction, assessment_id: UUID, commissioner: UUID, *, expected: str | None) -> AssessmentRecord:
    """Let a commissioner see nothing of it any more; what was issued to them stays theirs.

    Raises ``Forbidden``, ``NotFound`` (also where it is not shared with them), ``PreconditionFailed``, ``Conflict``.
    """
    move = _Move.made(tx, assessment_id, "end_share", expected)
    before = move.before
    if commissioner not in before.shared_with or before.first_submitted_at is None:
        raise not_found()
    assessments.end_share(tx, move.subject, commissioner, move.at, before.first_submitted_at)
    after = replace(before, shared_with=tuple(each for each in before.shared_with if each != commissioner))
    return move.record(after, "assessment.share_ended", commissioner=str(commissioner))


def withdraw(tx: Transaction, assessment_id: UUID, *, reason: str | None, expected: str | None) -> AssessmentRecord:
    """Take the assessment back for good; it stays on record.

    A draft that is withdrawn was never seen by anybody else. Of one that was submitted, those it is shared with go on
    seeing what was submitted, that it was withdrawn, and why.
    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``, ``Conflict``.
    """
    move = _Move.made(tx, assessment_id, "withdraw", expected)
    after = replace(move.before, state="withdrawn", reopened=(), reason=reason)
    return move.record(after, "assessment.withdrawn")


def start_review(tx: Transaction, assessment_id: UUID, *, expected: str | None) -> AssessmentRecord:
    """Take an assessment that was submitted into review.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``, ``Conflict``.
    """
    move = _Move.made(tx, assessment_id, "start_review", expected)
    return move.record(replace(move.before, state="in_review"), "assessment.review_started")


def return_(
    tx: Transaction,
    catalogue: Catalogue,
    assessment_id: UUID,
    reopened: tuple[Reopened, ...],
    *,
    expected: str | None,
) -> AssessmentRecord:
    """Give the assessment back to the provider, to change what it says of the requirements named and submit again.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``, ``Conflict``, and ``Invalid`` (``/requirements``,
    ``/requirements/0/requirement``, …).
    """
    move = _Move.made(tx, assessment_id, "return", expected)
    ref = move.before.rule_set
    refuse_faults(_reopening_faults(catalogue.rule_set(ref.id, ref.version), reopened))
    named = " ".join(item.requirement for item in reopened)
    return move.record(
        replace(move.before, state="returned", reopened=reopened), "assessment.returned", requirements=named
    )


def complete(tx: Transaction, assessment_id: UUID, *, expected: str | None) -> AssessmentRecord:
    """End the review. What nobody decided on stays undecided: it is not verified.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``, ``Conflict``.
    """
    move = _Move.made(tx, assessment_id, "complete", expected)
    return move.record(replace(move.before, state="completed"), "assessment.completed")


def _allowed(actor: Actor, record: AssessmentRecord, action: Action) -> bool:
    rule = RULES[action]
    if actor.role not in rule.roles or record.state not in rule.states:
        return False
    if _interested(actor, record.provider, record.partners):
        return False
    if actor.role in PROVIDER_ROLES and actor.organisation != record.provider:  # a partner in the service
        return action == "edit"
    return action != "end_share" or bool(record.shared_with)


def _interested(actor: Actor, provider: UUID, partners: Iterable[UUID]) -> bool:
    """Whatever roles an organisation may come to have: nobody reviews what it has a part in."""
    return actor.role == "reviewer" and actor.organisation in (provider, *partners)


@dataclass(frozen=True, slots=True)
class _Move:
    """One change of state, made in turn with every other change of the service."""

    tx: Transaction
    subject: Subject
    before: AssessmentRecord
    at: datetime

    @classmethod
    def made(cls, tx: Transaction, assessment_id: UUID, action: Action, expected: str | None) -> "_Move":
        tx.require(*RULES[action].roles)
        subject = of_assessment(tx, assessment_id)
        refuse_partners(tx, subject)
        at = facts.lock(tx, subject.service)
        before = assessments.get(tx, assessment_id)
        refuse_interested(tx, before.provider, before.partners)  # their tag is no version, see ``etag_for``
        expect_etag(before.etag, expected)
        require(tx, before, action)
        return cls(tx, subject, before, at)

    def record(self, after: AssessmentRecord, action: str, **detail: str) -> AssessmentRecord:
        self.append(after)
        return self.told(after, action, **detail)

    def append(self, after: AssessmentRecord) -> None:
        new = NewFact("assessment", assessments.KEY, self.before.version + 1, assessments.body(after))
        facts.append(self.tx, self.subject, [new], self.at)

    def told(self, after: AssessmentRecord, action: str, **detail: str) -> AssessmentRecord:
        """What the assessment is now; the entry in the log also tells of every row recorded since the last one."""
        audit.record(self.tx, action, f"assessments/{self.before.id}", **detail)
        return replace(after, version=self.before.version + 1)


def _reopening_faults(rule_set: RuleSet, reopened: tuple[Reopened, ...]) -> Iterable[Fault]:
    if not reopened:
        yield Fault("/requirements", "no requirement is named", "name what the provider shall change, and why")
    for index, item in enumerate(reopened):
        if item.requirement not in rule_set.requirements:
            hint = f"GET /v1/rule-sets/{rule_set.id}/versions/{rule_set.version} lists them"
            yield Fault(f"/requirements/{index}/requirement", f"there is no requirement {item.requirement}", hint)
        elif item.requirement in [other.requirement for other in reopened[:index]]:
            yield Fault(f"/requirements/{index}/requirement", f"{item.requirement} is named twice", "name it once")
        if not item.reason.strip():
            yield Fault(f"/requirements/{index}/reason", "there is no reason", "say what is missing")


def _refuse_others_than_its_commissioners(
    move: _Move, share_with: tuple[UUID, ...], pointer: str | None = None
) -> None:
    """Others than commissioners for a region where the service works would see nothing of what is shared with them."""
    regions = services.get(move.tx, move.subject.service).area.regions
    works = " and ".join(regions) or "no region that it names"
    faults = []
    for index, commissioner in enumerate(share_with):
        at = pointer or f"/share_with/{index}"
        found = organisations.find(move.tx, commissioner)
        if found is None or found.kind != "commissioner":
            hint = "GET /v1/commissioners lists them"
            faults.append(Fault(at, f"there is no commissioner {commissioner}", hint))
        elif not set(regions) & set(found.regions):
            message = f"{found.name} does not commission where the service works, which is in {works}"
            faults.append(Fault(at, message, "change where the service works (PUT /v1/services), or name another"))
    refuse_faults(faults)


def _listed(ids: Iterable[UUID]) -> str:
    return " ".join(map(str, ids))
