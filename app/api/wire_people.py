"""What travels in bodies about people: signing in, sessions, passwords."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.db.values import Session
from app.engine.values import Frozen, Str

Secret = Annotated[Str, Field(min_length=1, max_length=1000, repr=False)]
MaybeSecret = Annotated[Str | None, Field(min_length=1, max_length=1000, repr=False)]


class TokenRequest(Frozen):
    """A request for tokens by one of the grants of OAuth 2.0; which fields go with it is in the operation."""

    grant_type: Literal["password", "refresh_token"]
    username: Annotated[Str, Field(min_length=1, max_length=254)] | None = None
    password: Annotated[Str | None, Field(max_length=1000, repr=False)] = None
    refresh_token: MaybeSecret = None
    scope: Annotated[Str, Field(max_length=200)] | None = None
    client_id: Annotated[Str, Field(max_length=200)] | None = None
    client_secret: MaybeSecret = None


class Tokens(Frozen):
    """An access token, and the token that gets the next one, once; ``expires_in`` is in seconds."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the kind of token, not one
    expires_in: int
    refresh_token: str | None
    scope: str


class TokenToRevoke(Frozen):
    """A token that shall hold no longer (RFC 7009)."""

    token: Secret
    token_type_hint: Annotated[Str, Field(max_length=100)] | None = None
    client_id: Annotated[Str, Field(max_length=200)] | None = None
    client_secret: MaybeSecret = None


class SessionOut(Frozen):
    """A session that has not ended; ``current`` says that this very request belongs to it."""

    id: UUID
    user: UUID
    scope: str
    user_agent: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    current: bool

    @classmethod
    def of(cls, session: Session, current: UUID | None) -> "SessionOut":
        """The wire form of a session."""
        return cls(
            id=session.id,
            user=session.user,
            scope=session.scope,
            user_agent=session.user_agent,
            created_at=session.created_at,
            last_used_at=session.last_used_at,
            expires_at=session.expires_at,
            current=session.id == current,
        )


class EndedSessions(Frozen):
    """How many sessions were ended."""

    count: int


class PasswordChange(Frozen):
    """The password that one has, and the one that one wants."""

    current: Secret
    new: Secret
