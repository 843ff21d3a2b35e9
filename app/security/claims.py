"""What tokens say, as values."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Claims:
    """What a checked token says: who, in which session, with a scope of the words ``read`` and ``write``."""

    subject: UUID
    organisation: UUID
    role: str
    session: UUID
    scope: str
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a token is issued to, and for which session."""

    user: UUID
    organisation: UUID
    role: str
    session: UUID
    scope: str
