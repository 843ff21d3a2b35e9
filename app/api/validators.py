"""Entity tags of what is worked out: made of what the answer rests on, so that "unchanged" costs no evaluation.

Such an answer rests on the record of one service as the caller sees it, on a day, on the standards that are loaded, on
the program that works it out and words it, and on the form that was asked for. Any change of one of these gives another
tag; a tag may change where the bytes do not, as when something else of the service was recorded.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Self
from uuid import UUID

from app.api.call import Call, SignedIn, hash_of
from app.api.negotiation import JSON
from app.db.repositories import facts
from app.db.session import Transaction
from app.engine.determination import ENGINE_VERSION
from app.engine.pack import Pack
from app.services import packs

_NO_MARK: Final = "nothing that the caller sees"


@dataclass(frozen=True, slots=True)
class OnRecord:
    """An assessment as the caller sees it, with what was known at an instant; ``mark`` changes whenever that does."""

    call: SignedIn
    tx: Transaction
    assessment_id: UUID
    known_at: datetime | None
    mark: datetime

    @classmethod
    def of(cls, call: SignedIn, tx: Transaction, assessment_id: UUID, known_at: datetime | None = None) -> Self:
        """Look at the mark, with one query, before anything else of it is read in the same transaction.

        What is recorded in between then shows under a mark that does not hold any more, and never the other way round.
        Raises ``NotFound`` where the caller may not see the assessment, ``Invalid`` for an instant to come
        (``?known_at``).
        """
        return cls(call, tx, assessment_id, known_at, facts.mark(tx, assessment_id, known_at))

    def etag(self, day: date) -> str:
        """The tag of an answer about it as judged on ``day``."""
        return _tag(self.call, day, self.mark.isoformat())

    def pack(self) -> Pack:
        """The pack, read anew only where it was not read at this mark by such a caller; raises ``NotFound``.

        To read and lay out the facts of a large assessment takes longer than to judge it. As known at an instant it is
        always read: that instant may have been settled in this transaction, which may yet fail.
        """
        actor, kept = self.call.actor, self.call.service.packs
        name = f"{self.assessment_id} {actor.organisation} {actor.role} {self.mark}"
        if self.known_at is not None:
            return packs.assembled(self.tx, self.assessment_id, known_at=self.known_at)
        found = kept.get(name)
        if found is None:
            found = packs.assembled(self.tx, self.assessment_id)
            kept.keep(name, found)
        return found


def resting_on_issued(call: SignedIn, tx: Transaction, assessment_id: UUID, day: date, *about: str | None) -> str:
    """The same of what was issued on an assessment, which others see too; ``about`` is what else changes of it."""
    mark = facts.find_mark(tx, assessment_id)
    return _tag(call, day, _NO_MARK if mark is None else mark.isoformat(), *map(str, about))


def of_standards(call: Call, language: str = "") -> str:
    """The tag of what shows the standards and nothing else, in ``language`` where it is a page."""
    service = call.service
    return hash_of("\n".join((*_question(call), language, service.release, service.catalogue.sha256)).encode())


def of_kept(call: SignedIn, sha256: str) -> str:
    """The tag of a form, in the caller's language, of what is kept for ever and has this SHA-256."""
    return hash_of(f"{sha256}\n{call.media_type}\n{call.language}\n{call.service.release}".encode())


def _tag(call: SignedIn, day: date, *rest: str) -> str:
    parts = (
        *_question(call),
        "" if call.media_type == JSON else call.language,
        str(call.actor.organisation),
        call.actor.role,
        day.isoformat(),
        ENGINE_VERSION,
        call.service.release,
        call.service.catalogue.sha256,
        *rest,
    )
    return hash_of("\n".join(parts).encode())


def _question(call: Call) -> tuple[str, ...]:
    """Address, parameters and form: no tag names answers to two questions."""
    given = (f"{name}={value}" for name, value in sorted(call.request.query_params.multi_items()))
    return (call.request.url.path, *given, call.media_type)
