"""What travels in bodies about people: signing in, sessions, passwords."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.api.wire import Password, Uuid
from app.db.session import Role
from app.db.values import Client, Invitation, InvitationState, SecondFactor, Session
from app.engine.values import Frozen, Name, Str

Secret = Annotated[Str, Field(min_length=1, max_length=1000, repr=False)]
MaybeSecret = Annotated[Str | None, Field(min_length=1, max_length=1000, repr=False)]


class TokenRequest(Frozen):
    """A request for tokens by one of the grants of OAuth 2.0; which fields go with it is in the operation."""

    grant_type: Literal[
        "password", "refresh_token", "client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"
    ]
    username: Annotated[Str, Field(min_length=1, max_length=254)] | None = None
    password: Annotated[Str | None, Field(max_length=1000, repr=False)] = None
    refresh_token: MaybeSecret = None
    assertion: Annotated[Str | None, Field(min_length=1, max_length=10_000, repr=False)] = None
    second_factor: Annotated[Str | None, Field(max_length=100, repr=False)] = None
    scope: Annotated[Str, Field(max_length=200)] | None = None
    client_id: Annotated[Str, Field(max_length=200)] | None = None
    client_secret: MaybeSecret = None


class Tokens(Frozen):
    """An access token, and the token that gets the next one, once; ``expires_in`` is in seconds.

    A client has no refresh token: it asks again with its secret.
    """

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


class SecondFactorOut(Frozen):
    """Whether signing in needs a second factor (``since`` when), or one waits to be confirmed."""

    state: Literal["off", "waiting", "on"]
    since: datetime | None
    recovery_codes_left: int

    @classmethod
    def of(cls, found: SecondFactor | None) -> "SecondFactorOut":
        """The wire form of what is kept, if anything is."""
        if found is None:
            return cls(state="off", since=None, recovery_codes_left=0)
        state: Literal["waiting", "on"] = "waiting" if found.confirmed_at is None else "on"
        return cls(state=state, since=found.confirmed_at, recovery_codes_left=found.recovery_codes)


class OwnPassword(Frozen):
    """The caller's own password."""

    password: Secret


class EnrolledSecret(Frozen):
    """A secret for an authenticator app, in base32 and as the ``otpauth:`` address that a QR code carries."""

    secret: str
    uri: str


class CodeOfApp(Frozen):
    """The code that an authenticator app shows now."""

    code: Annotated[Str, Field(min_length=1, max_length=100, repr=False)]


class RecoveryCodes(Frozen):
    """Codes that are good once each, where the app is not at hand."""

    recovery_codes: tuple[str, ...]


class PasswordAndCode(OwnPassword):
    """The caller's own password, with a code of the app or a recovery code."""

    code: Annotated[Str, Field(min_length=1, max_length=100, repr=False)]


class NewInvitation(Frozen):
    """Whom to invite, into which organisation, in which role."""

    email: Annotated[Str, Field(min_length=3, max_length=254)]
    organisation: Uuid
    role: Role


class InvitationOut(Frozen):
    """An invitation as it stands; its token is never shown again."""

    id: UUID
    email: str
    organisation: UUID
    role: Role
    invited_by: UUID
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    withdrawn_at: datetime | None
    state: InvitationState
    etag: str

    @classmethod
    def of(cls, found: Invitation, now: datetime) -> "InvitationOut":
        """The wire form of an invitation as it stands at an instant."""
        return cls(
            id=found.id,
            email=found.email,
            organisation=found.organisation,
            role=found.role,
            invited_by=found.invited_by,
            created_at=found.created_at,
            expires_at=found.expires_at,
            accepted_at=found.accepted_at,
            withdrawn_at=found.withdrawn_at,
            state=found.state(now),
            etag=found.etag,
        )


class NewClient(Frozen):
    """A program to enter: for which organisation and in which role it acts, and the most that it may ask for."""

    name: Name
    organisation: Uuid
    role: Role
    scope: Annotated[Str, Field(max_length=200)] = "read"


class ClientOut(Frozen):
    """A program that acts for an organisation; its secret is never shown again."""

    id: UUID
    name: str
    organisation: UUID
    role: Role
    scope: str
    active: bool
    created_by: UUID
    created_at: datetime
    secret_made_at: datetime | None
    etag: str

    @classmethod
    def of(cls, found: Client) -> "ClientOut":
        """The wire form of a client."""
        return cls(
            id=found.id,
            name=found.name,
            organisation=found.organisation,
            role=found.role,
            scope=found.scope,
            active=found.active,
            created_by=found.created_by,
            created_at=found.created_at,
            secret_made_at=found.secret_made_at,
            etag=found.etag,
        )


class ClientSecret(Frozen):
    """What a program signs in with, at the grant ``client_credentials``."""

    client_id: UUID
    client_secret: str


class InvitationToken(Frozen):
    """The token that accepts an invitation, once, until ``expires_at``."""

    token: str
    expires_at: datetime


class Acceptance(Frozen):
    """The token of an invitation, and the name and password that one wants."""

    token: Secret
    name: Name
    password: Password
