"""The tables of determinations as they were issued."""

from sqlalchemy import (
    Boolean,
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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from app.db.schema import Identifier, Instant, metadata

# Determinations as they were issued, whole: ``content`` is what ``sha256`` and ``signature`` are of.
determination = Table(
    "determination",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", Identifier, nullable=False, unique=True),
    Column("assessment_id", Uuid, nullable=False),
    Column("service_id", Uuid, nullable=False),
    Column("provider_id", Uuid, nullable=False),
    Column("rule_set_id", Text, nullable=False),
    Column("rule_set_version", Text, nullable=False),
    # With whom the assessment was shared then: what was issued to them stays theirs.
    Column("issued_to", ARRAY(Uuid), nullable=False),
    Column("issued_by", Uuid, ForeignKey("app_user.id"), nullable=False),
    # When it was issued; the name is that of every list's order.
    Column("created_at", Instant, nullable=False),
    Column("known_at", Instant, nullable=False),
    Column("supersedes", Identifier),
    Column("draft", Boolean, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("signature", Text, nullable=False),
    # Of the issued determination as one document, this one in it.
    Column("issued_sha256", Text, nullable=False),
    # What a list shows of it without reading it.
    Column("summary", JSONB, nullable=False),
    Column("content", LargeBinary, nullable=False),
    ForeignKeyConstraint(
        ["assessment_id", "service_id", "provider_id"],
        ["assessment.id", "assessment.service_id", "assessment.provider_id"],
    ),
    Index(None, "service_id"),
    Index(None, "sha256"),
    Index(None, "issued_sha256"),
)

# To whom one that stands was issued once more, of those who are not in its ``issued_to``.
determination_recipient = Table(
    "determination_recipient",
    metadata,
    Column("number", Identifier, ForeignKey("determination.number"), nullable=False),
    Column("commissioner_id", Uuid, ForeignKey("organisation.id"), nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("added_by", Uuid, ForeignKey("app_user.id"), nullable=False),
    PrimaryKeyConstraint("number", "commissioner_id"),
)

# Which one follows which, for a service and a rule set: numbers only, so that everybody may know what is current.
determination_order = Table(
    "determination_order",
    metadata,
    Column("service_id", Uuid, nullable=False),
    Column("rule_set_id", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Column("number", Identifier, ForeignKey("determination.number"), nullable=False, unique=True),
    PrimaryKeyConstraint("service_id", "rule_set_id", "place"),
    CheckConstraint("place >= 1", name="place"),
)

# The PDF of a determination, kept as it was first given out, so that it can be recognised for ever.
determination_pdf = Table(
    "determination_pdf",
    metadata,
    Column("number", Identifier, ForeignKey("determination.number"), nullable=False),
    Column("language", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("number", "language"),
    CheckConstraint("language IN ('en', 'cy')", name="language"),
    Index(None, "sha256"),
)
