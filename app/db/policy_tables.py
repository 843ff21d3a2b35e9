"""The tables of what commissioners ask by, and what came of it: policies, and the checks made with them."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.db.schema import Instant, metadata

# A commissioner's own thresholds, one row a version; checks name the one that they used.
policy = Table(
    "policy",
    metadata,
    Column("id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("commissioner_id", Uuid, ForeignKey("organisation.id"), nullable=False),
    # When its first version was made.
    Column("created_at", Instant, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Uuid, ForeignKey("app_user.id"), nullable=False),
    PrimaryKeyConstraint("id", "version"),
    CheckConstraint("version >= 1", name="version"),
)

# What a policy made of an assessment: ``content`` is what ``sha256`` and ``signature`` are of, and names the
# ``determination`` by its hash.
policy_check = Table(
    "policy_check",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("commissioner_id", Uuid, ForeignKey("organisation.id"), nullable=False),
    Column("policy_id", Uuid, nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("assessment_id", Uuid, ForeignKey("assessment.id"), nullable=False),
    Column("service_id", Uuid, ForeignKey("service.id"), nullable=False),
    Column("repeats", Uuid, ForeignKey("policy_check.id")),
    Column("created_at", Instant, nullable=False),
    Column("checked_by", Uuid, ForeignKey("app_user.id"), nullable=False),
    Column("sha256", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("determination", LargeBinary, nullable=False),
    ForeignKeyConstraint(["policy_id", "policy_version"], ["policy.id", "policy.version"]),
    Index(None, "commissioner_id", "created_at"),
)
