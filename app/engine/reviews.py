"""What the newest review of a requirement is worth (semantics.md 5.2)."""

from collections.abc import Sequence
from datetime import date
from typing import Literal, TypeAlias

from app.engine.pack import Filed, Response, Review, Shelf
from app.engine.plan import Plan

# What an acceptance no longer fits: a new version of the response, a document it did not see, an answer given later,
# a programme that it does not name.
Change: TypeAlias = Literal["response", "document", "answer", "programme"]

# What the newest review is worth on a day: a stale acceptance and an override that has ended are worth nothing.
Worth: TypeAlias = Literal["nothing", "override", "accepted", "rejected", "more_information"]


class Standing:
    """The newest review, and what has changed since it accepted (which makes it ``stale``).

    A rejection or a request for more information stands until a later decision, whatever is edited meanwhile. An
    override is an acceptance like any other, but that it ends.
    """

    __slots__ = ("changed", "lasting", "override_until", "rejected", "review", "stale")

    def __init__(self, review: Review | None, changed: tuple[Change, ...] = ()) -> None:
        self.review = review
        self.changed = changed
        self.stale = bool(changed)
        self.override_until = review.until if review is not None and review.override else None
        # What it is worth while no override ends.
        self.lasting: Worth = "nothing"
        if review is not None and not self.stale:
            self.lasting = "override" if review.override else review.decision
        self.rejected = self.lasting == "rejected"

    def worth(self, day: date) -> Worth:
        """What the review is worth on ``day``."""
        return "nothing" if self.override_ended(day) else self.lasting

    def override_ended(self, day: date) -> bool:
        """An override whose last day has passed, stale or not."""
        return self.override_until is not None and day > self.override_until

    def through(self, day: date) -> date:
        """The last day through which what the review is worth stays the same."""
        return date.max if self.override_until is None or day > self.override_until else self.override_until


NO_REVIEW = Standing(None)


def standing_of(
    review: Review,
    plan: Plan,
    response: Response | None,
    linked: Sequence[Filed],
    programmes: Sequence[str | None],
    shelf: Shelf,
) -> Standing:
    """Judge whether an acceptance still fits the response, its linked documents, the answers and the programmes judged.

    In ``programmes`` neither the service (``None``) nor a programme without a name (``""``) has to be named.
    """
    changed: list[Change] = []
    if review.decision == "accepted":
        if review.response_version != (0 if response is None else response.version):
            changed.append("response")
        if not {item[3].sha256 for item in linked}.issubset(review.documents):
            changed.append("document")
        decided = review.moment
        answers = [shelf.answers.get(question) for question in plan.questions]
        if any([answer is not None and answer.moment > decided for answer in answers]):
            changed.append("answer")
        if any(name and name not in review.programmes for name in programmes):
            changed.append("programme")
    return Standing(review, tuple(changed))
