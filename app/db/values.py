"""What the repositories give back: frozen values, never rows."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar
from uuid import UUID

from app.db.session import Role
from app.engine.pack import Service
from app.engine.rules import RuleSetRef
from app.errors import NotFound

OrganisationKind: TypeAlias = Literal["provider", "commissioner", "scrutiny", "operator"]
MemberKind: TypeAlias = Literal["local_authority", "health_board", "police_force", "other"]
FactKind: TypeAlias = Literal[
    "service",
    "accreditation",
    "verification",
    "document",
    "answer",
    "response",
    "review",
    "assessment",
    "override",
    "action",
]
State: TypeAlias = Literal["draft", "submitted", "in_review", "returned", "completed", "withdrawn"]
UploadEventKind: TypeAlias = Literal[
    "stored", "acknowledged", "hold_set", "hold_lifted", "damaged", "intact", "purged", "shredded"
]
InvitationState: TypeAlias = Literal["open", "accepted", "withdrawn", "expired"]
UploadState: TypeAlias = Literal["held", "damaged", "purged", "shredded"]
# The state that an upload is in after an event of that kind; the other kinds leave it as it was.
STATE_AFTER: Final[dict[str, UploadState]] = {
    "stored": "held",
    "intact": "held",
    "damaged": "damaged",
    "purged": "purged",
    "shredded": "shredded",
}

# PostgreSQL's integer, as which versions and the numbers of standards are kept: no row has a larger one.
LARGEST_IN_ROW: Final = 2**31 - 1

# The place of a row in the order (created_at, id): what a page's cursor carries.
Key: TypeAlias = tuple[datetime, UUID]

T_co = TypeVar("T_co", covariant=True)
K_co = TypeVar("K_co", covariant=True)


def not_found() -> NotFound:
    """The one answer for what does not exist and for what the caller may not know to exist."""
    return NotFound("There is nothing here that you may see.", hint="Check the address; it may be somebody else's.")


def instant(at: datetime) -> str:
    """An instant as packs write it: RFC 3339, in UTC, with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


@dataclass(frozen=True, slots=True)
class Slice(Generic[T_co, K_co]):
    """Some items of a list in its order; ``next`` is the ``after`` of the following slice, ``None`` at the end."""

    items: tuple[T_co, ...]
    next: K_co | None


@dataclass(frozen=True, slots=True)
class Member:
    """One of the bodies that a commissioner is made of: an id of the reference data, or the name of another body."""

    kind: MemberKind
    body: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """A provider, a commissioner, a body that scrutinises the sector, or the operator of the service.

    Only a commissioner has ``regions``, which it commissions for, and ``members``, which it is made of.
    """

    id: UUID
    kind: OrganisationKind
    name: str
    created_at: datetime
    regions: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    version: int = 1

    @property
    def etag(self) -> str:
        """Changes with every change of the organisation."""
        return str(self.version)


@dataclass(frozen=True, slots=True)
class User:
    """A person who signs in."""

    id: UUID
    email: str
    name: str
    organisation: UUID
    role: Role
    active: bool
    created_at: datetime
    version: int = 1

    @property
    def etag(self) -> str:
        """Changes with every change of the user that others can see."""
        return str(self.version)


@dataclass(frozen=True, slots=True)
class SignInUser:
    """What signing in needs of a user, active or not."""

    id: UUID
    organisation: UUID
    role: Role
    active: bool
    password_hash: str


@dataclass(frozen=True, slots=True)
class Session:
    """From signing in until it ends or ``expires_at``; ``scope`` has the words ``read`` and ``write``."""

    id: UUID
    user: UUID
    scope: str
    user_agent: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """The session that a refresh token belongs to, and whose that is."""

    session: UUID
    user: UUID
    organisation: UUID
    role: Role


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody who was asked to become a user, until ``expires_at``."""

    id: UUID
    email: str
    organisation: UUID
    role: Role
    invited_by: UUID
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    withdrawn_at: datetime | None
    version: int = 1

    @property
    def etag(self) -> str:
        """Changes with everything that becomes of the invitation but its running out."""
        return str(self.version)

    def state(self, now: datetime) -> InvitationState:
        """What became of it by ``now``."""
        if self.accepted_at is not None:
            return "accepted"
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "open" if now < self.expires_at else "expired"


@dataclass(frozen=True, slots=True)
class Client:
    """A program that acts for an organisation in a role; its id is that of its account.

    ``scope`` is the most that it may ask for. ``active`` is false once it is revoked, ``secret_made_at`` is ``None``
    where it has no secret.
    """

    id: UUID
    name: str
    organisation: UUID
    role: Role
    scope: str
    active: bool
    created_by: UUID
    created_at: datetime
    secret_made_at: datetime | None
    version: int = 1
    account_version: int = 1

    @property
    def etag(self) -> str:
        """Changes with its secret, and with whether it is active."""
        return f"{self.version}-{self.account_version}"


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What is kept of a second factor: its encrypted secret; since when it is asked for, ``None`` until confirmed.

    ``last_step`` is the time step of the last code that was used, ``recovery_codes`` how many are left.
    """

    secret: str
    confirmed_at: datetime | None
    last_step: int | None
    recovery_codes: int


@dataclass(frozen=True, slots=True)
class Recorded(Generic[T_co]):
    """The newest version of one fact, with who recorded it and when; ``etag`` changes whenever ``value`` does."""

    key: str
    value: T_co
    version: int
    etag: str
    recorded_at: datetime
    recorded_by: UUID


@dataclass(frozen=True, slots=True)
class Area:
    """Where a service works (regions and local authorities of Wales) and with which kinds of programme; all sorted."""

    regions: tuple[str, ...] = ()
    local_authorities: tuple[str, ...] = ()
    programme_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """A service as it stands; the id of ``service`` is the text of ``id``.

    ``version`` and ``recorded_at`` are those of ``service``; ``etag`` changes with ``area`` too.
    """

    id: UUID
    provider: UUID
    created_at: datetime
    version: int
    etag: str
    recorded_at: datetime
    service: Service
    area: Area
    area_version: int


@dataclass(frozen=True, slots=True)
class Reopened:
    """A requirement that a reviewer returned to the provider, and what for."""

    requirement: str
    reason: str


@dataclass(frozen=True, slots=True)
class AssessmentRecord:
    """One assessment of a service under one exact rule set version, and with whom it is shared (ids sorted).

    ``submitted_at`` is when it was last submitted, ``first_submitted_at`` when first; ``reopened`` is what may be
    changed while it is returned, and empty otherwise; ``reason`` is why it was withdrawn, where that was said;
    ``carried_from`` is the assessment under an older version that it began as, where it was carried forward;
    ``partners`` are the organisations that take part in its service now, as far as the caller may know.
    """

    id: UUID
    service: UUID
    provider: UUID
    rule_set: RuleSetRef
    created_at: datetime
    state: State
    shared_with: tuple[UUID, ...]
    first_submitted_at: datetime | None
    submitted_at: datetime | None
    reopened: tuple[Reopened, ...]
    reason: str | None
    version: int
    carried_from: UUID | None = None
    partners: tuple[UUID, ...] = ()

    @property
    def etag(self) -> str:
        """Names the version of its state, which every move is made on."""
        return str(self.version)


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One entry of the audit log: what ``actor`` did to ``subject``; ``hash`` links it to the one before.

    Entries are numbered without gaps; a caller who sees some of them only sees gaps.
    """

    seq: int
    hash: str
    id: UUID
    at: datetime
    organisation: UUID
    actor: UUID
    request_id: str
    action: str
    subject: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredReply:
    """The reply to a request that carried an idempotency key."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class NewUpload:
    """What a file is whose content was just taken in; ``scan`` is what was looked for in it, and found."""

    sha256: str
    size: int
    media_type: str
    scan: dict[str, Any]


@dataclass(frozen=True, slots=True)
class UploadEvent:
    """Something that became of an upload; ``reason`` is empty where none was asked for."""

    number: int
    kind: UploadEventKind
    reason: str
    at: datetime
    actor: UUID

    @classmethod
    def read(cls, parts: list[Any]) -> "UploadEvent":
        """An event from its five columns as JSON has them."""
        number, kind, reason, at, actor = parts
        return cls(number, kind, reason, datetime.fromisoformat(at).astimezone(UTC), UUID(actor))


@dataclass(frozen=True, slots=True)
class Upload:
    """The content of a file as it stands: whether it is held, and what became of it so far."""

    provider: UUID
    sha256: str
    size: int
    media_type: str
    scan: dict[str, Any]
    uploaded_at: datetime
    uploaded_by: UUID
    state: UploadState
    legal_hold: bool
    acknowledged: bool
    events: tuple[UploadEvent, ...]
    etag: str

    @property
    def since(self) -> datetime:
        """When it came into the state that it is in."""
        return [event.at for event in self.events if event.kind in STATE_AFTER][-1]

    @property
    def unacknowledged(self) -> int:
        """How many findings of the scan nobody has said yet that they looked at."""
        return 0 if self.acknowledged else len(self.scan["findings"])
