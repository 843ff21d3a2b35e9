"""Tables about how people, and the programs that act for an organisation, come to sign in."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from app.db.schema import Instant, metadata

# ``secret`` is encrypted, recovery codes are hashes; what was turned off has neither. A code is good for one
# ``last_step`` only.
second_factor = Table(
    "second_factor",
    metadata,
    Column("user_id", Uuid, ForeignKey("app_user.id"), primary_key=True),
    Column("secret", Text),
    Column("confirmed_at", Instant),
    Column("last_step", BigInteger),
    Column("recovery_hashes", ARRAY(Text), nullable=False),
)

# A program that acts for an organisation, in an account of its own that has no password; of its secret a hash is kept.
client = Table(
    "client",
    metadata,
    Column("id", Uuid, ForeignKey("app_user.id"), primary_key=True),
    Column("organisation_id", Uuid, ForeignKey("organisation.id"), nullable=False),
    Column("scope", Text, nullable=False),
    Column("created_by", Uuid, ForeignKey("app_user.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("secret_hash", Text, unique=True),
    Column("secret_made_at", Instant),
    Column("version", Integer, nullable=False),
)

# An address for calendar programs, by which its user's forecast is read. The secret in it is kept as a hash, until it
# is revoked.
calendar_feed = Table(
    "calendar_feed",
    metadata,
    Column("user_id", Uuid, ForeignKey("app_user.id"), primary_key=True),
    Column("secret_hash", Text, unique=True),
    Column("made_at", Instant, nullable=False),
)

# Somebody who was asked in. Who has the secret token, which is kept as a hash, becomes a user, once.
invitation = Table(
    "invitation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False),
    Column("organisation_id", Uuid, ForeignKey("organisation.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("invited_by", Uuid, ForeignKey("app_user.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("secret_hash", Text, unique=True),
    Column("accepted_at", Instant),
    Column("withdrawn_at", Instant),
    Column("version", Integer, nullable=False),
    CheckConstraint("email = lower(email)", name="email_lower"),
)

# ID tokens of an outside provider that let somebody in, each until it runs out.
used_assertion = Table(
    "used_assertion",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("until", Instant, nullable=False),
    Index(None, "until"),
)
