"""Overrides: a reviewer saw for themselves that a requirement is met, and another reviewer confirms it.

Until then an override counts for nothing, and is not in the pack. semantics.md 5.2 wants a second reviewer for what is
safety critical; here every override has one, as what a single person waves through can be neither checked nor undone.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.db.repositories import assessments, audit, facts, overrides, reviews
from app.db.repositories.facts import NewFact
from app.db.repositories.overrides import ProposedOverride
from app.db.session import Transaction
from app.db.values import Recorded, instant, not_found
from app.engine.pack import Review
from app.errors import Conflict
from app.loader.catalogue import Catalogue
from app.services import life
from app.services.reviews import linked
from app.services.writing import WritersTurn, expect_etag

# Stands for whoever will confirm, while a proposal is checked as the review that it would become.
_SOMEBODY = "another reviewer"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the reviewer saw for themselves, of the response in the version that was read, and until when it holds."""

    requirement: str
    response_version: int
    until: date
    reason: str


def propose(
    tx: Transaction, catalogue: Catalogue, assessment_id: UUID, proposal: Proposal, *, expected: str
) -> Recorded[ProposedOverride]:
    """Propose an override, which counts for nothing until another reviewer confirms it.

    ``expected`` is the SHA-256 of the pack that the reviewer read. Raises what ``reviews.decide`` raises.
    """
    tx.require("reviewer")
    turn = WritersTurn.at_assessment(tx, catalogue, assessment_id)
    pack = turn.case.pack
    expect_etag(pack.sha256, expected)
    record = assessments.get(tx, assessment_id)
    life.require(tx, record, "decide")
    if proposal.response_version < turn.case.standing.version("response", proposal.requirement):
        raise facts.stale()
    review = Review(
        requirement=proposal.requirement,
        response_version=proposal.response_version,
        documents=linked(pack, proposal.requirement),
        programmes=tuple(sorted(programme.id for programme in pack.service.programmes)),
        decision="accepted",
        override=True,
        until=proposal.until,
        second_reviewer=_SOMEBODY,
        reason=proposal.reason,
        reviewer=str(tx.actor.user),
        decided_at=instant(turn.at),
    )
    turn.check(lambda before: before.replace(reviews=(review, *before.reviews)), "/reviews/0")
    key = str(tx.new_id())
    proposed = ProposedOverride(
        review=review.replace(second_reviewer=None), submitted_at=instant(record.submitted_at or turn.at)
    )
    turn.append([NewFact("override", key, 1, proposed.model_dump(mode="json"))])
    place = f"assessments/{assessment_id}/overrides/{key}"
    audit.record(tx, "override.proposed", place, requirement=review.requirement)
    return overrides.get(tx, assessment_id, key)


def confirm(tx: Transaction, catalogue: Catalogue, assessment_id: UUID, key: str, *, expected: str) -> Recorded[Review]:
    """Confirm what another reviewer proposed; it becomes a review, and counts from now.

    ``expected`` is the SHA-256 of the pack that the caller read. Raises ``Forbidden``, ``NotFound``,
    ``PreconditionFailed``, ``Invalid`` where it no longer holds, such as after its last day, and ``Conflict`` by the
    state of the assessment, where the caller proposed it, or it was confirmed, or the assessment was submitted anew.
    """
    tx.require("reviewer")
    turn = WritersTurn.at_assessment(tx, catalogue, assessment_id)
    found = overrides.find(tx, turn.subject, key)
    if found is None:
        raise not_found()
    expect_etag(turn.case.pack.sha256, expected)
    record = assessments.get(tx, assessment_id)
    life.require(tx, record, "decide")
    proposed = found.value
    _refuse(tx, proposed, None if record.submitted_at is None else instant(record.submitted_at))
    review = proposed.review.replace(second_reviewer=str(tx.actor.user), decided_at=instant(turn.at))
    turn.check(lambda before: before.replace(reviews=(review, *before.reviews)), "/reviews/0")
    made = str(tx.new_id())
    confirmed = proposed.replace(confirmed_as=made)
    turn.append(
        [
            NewFact("review", made, 1, review.model_dump(mode="json")),
            NewFact("override", key, found.version + 1, confirmed.model_dump(mode="json")),
        ]
    )
    place = f"assessments/{assessment_id}/overrides/{key}"
    audit.record(tx, "override.confirmed", place, requirement=review.requirement, review=made)
    return reviews.get(tx, assessment_id, made)


def _refuse(tx: Transaction, proposed: ProposedOverride, submitted_at: str | None) -> None:
    if proposed.review.reviewer == str(tx.actor.user):
        raise Conflict("You proposed this override.", hint="Ask another reviewer to confirm it.")
    if proposed.confirmed_as is not None:
        raise Conflict("This override is confirmed.", hint=f"It is the review {proposed.confirmed_as}.")
    if proposed.submitted_at != submitted_at:
        raise Conflict(
            "The assessment was submitted anew since this override was proposed.", hint="Look again, and propose anew."
        )
