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


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom an outside provider let in, by e-mail address.

    ``digest`` is the SHA-256 of what its token's signature is over, which is the same however that is written down,
    and ``until`` the instant from which on it is taken no longer.
    """

    email: str
    digest: str
    until: datetime
