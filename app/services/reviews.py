"""Reviews: what a reviewer decides about one requirement of an assessment that was handed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from app.db.repositories import assessments, audit, facts, reviews
from app.db.repositories.facts import NewFact
from app.db.session import Transaction
from app.db.values import Recorded, instant
from app.engine.pack import Pack, Review
from app.loader.catalogue import Catalogue
from app.services import life
from app.services.writing import WritersTurn, expect_etag


@dataclass(frozen=True, slots=True)
class Decision:
    """What the reviewer says; ``response_version`` is the version that was read, 0 where there is no response."""

    requirement: str
    response_version: int
    decision: Literal["accepted", "rejected", "more_information"]
    reason: str | None = None


def decide(
    tx: Transaction, catalogue: Catalogue, assessment_id: UUID, decision: Decision, *, expected: str
) -> Recorded[Review]:
    """Record a decision, with what the reviewer saw: the documents linked and the programmes judged.

    ``expected`` is the SHA-256 of the pack that the reviewer read: whatever of it has changed since, an answer or a
    programme as much as the response, the reviewer has not seen what would be verified.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed`` unless the pack still stands so and the response in the
    version that was read, ``Conflict`` unless the assessment is in review, and ``Invalid`` (``/requirement``,
    ``/response_version``).
    """
    [key] = _decided(tx, catalogue, assessment_id, (decision,), expected, "/reviews/0")
    place = f"assessments/{assessment_id}/reviews/{key}"
    audit.record(tx, "review.decided", place, requirement=decision.requirement, decision=decision.decision)
    return reviews.get(tx, assessment_id, key)


def decide_all(
    tx: Transaction, catalogue: Catalogue, assessment_id: UUID, decisions: Sequence[Decision], *, expected: str
) -> None:
    """Record the decisions of one sitting, on the pack as it was read, all of them or none.

    Raises what ``decide`` raises, of ``/0/requirement``, ``/0/response_version``, ….
    """
    made = _decided(tx, catalogue, assessment_id, decisions, expected, "/reviews")
    if made:
        audit.record(tx, "reviews.decided", f"assessments/{assessment_id}/reviews", decided=len(made))


def _decided(  # what was decided on what, and where its faults are
    tx: Transaction,
    catalogue: Catalogue,
    assessment_id: UUID,
    decisions: Sequence[Decision],
    expected: str,
    own: str,
) -> list[str]:
    tx.require("reviewer")
    turn = WritersTurn.at_assessment(tx, catalogue, assessment_id)
    pack = turn.case.pack
    expect_etag(pack.sha256, expected)
    life.require(tx, assessments.get(tx, assessment_id), "decide")
    for decision in decisions:
        if decision.response_version < turn.case.standing.version("response", decision.requirement):
            raise facts.stale()
    made = [_review(turn, decision) for decision in decisions]
    turn.check(lambda before: before.replace(reviews=(*made, *before.reviews)), own)
    keys = [str(tx.new_id()) for _ in made]
    turn.append(
        NewFact("review", key, 1, review.model_dump(mode="json")) for key, review in zip(keys, made, strict=True)
    )
    return keys


def _review(turn: WritersTurn, decision: Decision) -> Review:
    pack = turn.case.pack
    return Review(
        requirement=decision.requirement,
        response_version=decision.response_version,
        documents=linked(pack, decision.requirement),
        programmes=tuple(sorted(programme.id for programme in pack.service.programmes)),
        decision=decision.decision,
        reason=decision.reason,
        reviewer=str(turn.tx.actor.user),
        decided_at=instant(turn.at),
    )


def linked(pack: Pack, requirement: str) -> tuple[str, ...]:
    """The SHA-256 of every document that the response to the requirement links, sorted."""
    names = {name for response in pack.responses if response.requirement == requirement for name in response.documents}
    return tuple(sorted({document.sha256 for document in pack.documents if document.id in names}))
