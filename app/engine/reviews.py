"""What the newest review of a requirement is worth (semantics.md 5.2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.engine.evidence import Shelf
from app.engine.pack import Response, Review
from app.engine.rules import Requirement
from app.engine.values import moment


def newest(reviews: Iterable[Review]) -> dict[str, Review]:
    """The newest review of each requirement, by ``decided_at``; older ones never count."""
    found: dict[str, Review] = {}
    for review in reviews:
        known = found.get(review.requirement)
        if known is None or moment(known.decided_at) < moment(review.decided_at):
            found[review.requirement] = review
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest review, and whether what it accepted has changed since (``stale``)."""

    review: Review | None
    stale: bool

    @property
    def rejected(self) -> bool:
        """A rejection stands until a later decision, whatever is edited meanwhile."""
        return self.review is not None and self.review.decision == "rejected"

    @property
    def more_information(self) -> bool:
        """So does a request for more information."""
        return self.review is not None and self.review.decision == "more_information"

    def accepted(self, day: date) -> bool:
        """A current acceptance: not stale, and if an override, not ended."""
        return (
            self.review is not None
            and self.review.decision == "accepted"
            and not self.stale
            and not self.override_ended(day)
        )

    def override(self, day: date) -> bool:
        """An override that has neither gone stale (it is an acceptance like any other) nor ended."""
        return self.review is not None and self.review.override and self.accepted(day)

    def override_ended(self, day: date) -> bool:
        """An override whose last day has passed, stale or not."""
        review = self.review
        return review is not None and review.override and review.until is not None and day > review.until


def standing_of(
    review: Review | None,
    requirement: Requirement,
    response: Response | None,
    programmes: Sequence[str],
    shelf: Shelf,
) -> Standing:
    """Judge whether an acceptance still fits the response, its documents, the answers and the programmes judged."""
    if review is None or review.decision != "accepted":
        return Standing(review, stale=False)
    version = 0 if response is None else response.version
    linked = () if response is None else response.documents
    seen = set(review.documents)
    decided = moment(review.decided_at)
    answers = (shelf.answer(question) for question in requirement.tree.questions)
    stale = (
        review.response_version != version
        or any(document.sha256 not in seen for document in shelf.documents(linked))
        or any(answer is not None and moment(answer.answered_at) > decided for answer in answers)
        or not set(programmes) <= set(review.programmes)
    )
    return Standing(review, stale=stale)
