"""What the newest review of a requirement is worth (semantics.md 5.2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.engine.evidence import Shelf
from app.engine.pack import Document, Response, Review
from app.engine.rules import Requirement


def newest(reviews: Iterable[Review]) -> dict[str, Review]:
    """The newest review of each requirement, by ``decided_at``; older ones never count."""
    found: dict[str, Review] = {}
    for review in reviews:
        known = found.get(review.requirement)
        if known is None or known.moment < review.moment:
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

    def through(self, day: date) -> date:
        """The last day through which what the review is worth stays the same."""
        review = self.review
        if review is None or not review.override or review.until is None or day > review.until:
            return date.max
        return review.until

    def override_ended(self, day: date) -> bool:
        """An override whose last day has passed, stale or not."""
        review = self.review
        return review is not None and review.override and review.until is not None and day > review.until


def standing_of(
    review: Review | None,
    requirement: Requirement,
    response: Response | None,
    linked: Sequence[Document],
    programmes: Sequence[str | None],
    shelf: Shelf,
) -> Standing:
    """Judge whether an acceptance still fits the response, its linked documents, the answers and the programmes judged.

    In ``programmes`` neither the service (``None``) nor a programme without a name (``""``) has to be named.
    """
    if review is None or review.decision != "accepted":
        return Standing(review, stale=False)
    version = 0 if response is None else response.version
    seen = set(review.documents)
    answers = (shelf.answer(question) for question in requirement.tree.questions)
    stale = (
        review.response_version != version
        or any(document.sha256 not in seen for document in linked)
        or any(answer is not None and answer.moment > review.moment for answer in answers)
        or any(name and name not in review.programmes for name in programmes)
    )
    return Standing(review, stale=stale)
