"""The tables of the record. Migrations make them; this is what queries are written against.

What a determination may rest on is in ``fact``, one row a version (semantics.md 8); the service may only add to it.
Of what it has to change (an organisation's name, say) its database role may update those columns and no others.
"""

from sqlalchemy import (
    BigInteger,
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
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from app.db.issued_tables import determination as determination  # noqa: PLC0414  # whoever wants a table finds it here
from app.db.issued_tables import determination_order as determination_order  # noqa: PLC0414  # the same
from app.db.issued_tables import determination_pdf as determination_pdf  # noqa: PLC0414  # the same
from app.db.issued_tables import determination_recipient as determination_recipient  # noqa: PLC0414  # the same
from app.db.people_tables import calendar_feed as calendar_feed  # noqa: PLC0414  # the same
from app.db.people_tables import client as client  # noqa: PLC0414  # whoever wants a table finds it here
from app.db.people_tables import invitation as invitation  # noqa: PLC0414  # the same
from app.db.people_tables import second_factor as second_factor  # noqa: PLC0414  # the same
from app.db.people_tables import used_assertion as used_assertion  # noqa: PLC0414  # the same
from app.db.policy_tables import policy as policy  # noqa: PLC0414  # the same
from app.db.policy_tables import policy_check as policy_check  # noqa: PLC0414  # the same
from app.db.portfolio_table import portfolio as portfolio  # noqa: PLC0414  # whoever wants a table finds it here
from app.db.portfolio_table import sector_count as sector_count  # noqa: PLC0414  # the same
from app.db.portfolio_table import sector_quarter as sector_quarter  # noqa: PLC0414  # the same
from app.db.schema import Identifier, Instant
from app.db.schema import metadata as metadata  # noqa: PLC0414  # the same

organisation = Table(
    "organisation",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    # The regions that a commissioner commissions for, and the bodies it is made of; others have none.
    Column("regions", ARRAY(Identifier), nullable=False),
    Column("members", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("kind = 'commissioner' OR (regions = '{}' AND members = '[]')", name="commissions"),
    CheckConstraint("kind IN ('provider', 'commissioner', 'scrutiny', 'operator')", name="kind"),
    UniqueConstraint("kind", "name"),
)

app_user = Table(
    "app_user",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("organisation_id", Uuid, ForeignKey("organisation.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint(
        "role IN ('provider_editor', 'provider_lead', 'reviewer', 'commissioner', 'scrutiny', 'administrator')",
        name="role",
    ),
    CheckConstraint("email = lower(email)", name="email_lower"),
)

session = Table(
    "session",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, ForeignKey("app_user.id"), nullable=False),
    Column("scope", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_used_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    UniqueConstraint("id", "user_id"),
    Index(None, "user_id"),
)

refresh_token = Table(
    "refresh_token",
    metadata,
    Column("secret_hash", Text, primary_key=True),
    Column("session_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    ForeignKeyConstraint(["session_id", "user_id"], ["session.id", "session.user_id"]),
)

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("tried_at", Instant, nullable=False),
    Column("blocked_until", Instant),
    CheckConstraint("kind IN ('account', 'address')", name="kind"),
    PrimaryKeyConstraint("kind", "key"),
)

service = Table(
    "service",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("provider_id", Uuid, ForeignKey("organisation.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    # What belongs to a service names its provider too, so that no policy has to look it up; this ties the two.
    UniqueConstraint("id", "provider_id"),
)

# The last instant that is settled for a service (``app.db.repositories.facts``); at its row writers take turns.
service_clock = Table(
    "service_clock",
    metadata,
    Column("service_id", Uuid, ForeignKey("service.id"), primary_key=True),
    Column("at", Instant, nullable=False),
)

# Where a service works, and with which kinds of programme; the newest version counts. It is not in packs.
service_area = Table(
    "service_area",
    metadata,
    Column("service_id", Uuid, nullable=False),
    Column("provider_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("regions", ARRAY(Identifier), nullable=False),
    Column("local_authorities", ARRAY(Identifier), nullable=False),
    Column("programme_types", ARRAY(Identifier), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Uuid, ForeignKey("app_user.id"), nullable=False),
    Column("request_id", Text, nullable=False),
    CheckConstraint("version >= 1", name="version"),
    PrimaryKeyConstraint("service_id", "version"),
    ForeignKeyConstraint(["service_id", "provider_id"], ["service.id", "service.provider_id"]),
)

assessment = Table(
    "assessment",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("service_id", Uuid, nullable=False),
    Column("provider_id", Uuid, nullable=False),
    Column("rule_set_id", Text, nullable=False),
    Column("rule_set_version", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    ForeignKeyConstraint(["service_id", "provider_id"], ["service.id", "service.provider_id"]),
    UniqueConstraint("id", "service_id", "provider_id"),
    Index(None, "service_id"),
)

# Who takes part in a service beside its provider, and which responses and answers that opens to them, by rule set
# version. The view partner_in_force, which the policies read, has the newest version of those that have not ended.
service_partner = Table(
    "service_partner",
    metadata,
    Column("service_id", Uuid, nullable=False),
    Column("provider_id", Uuid, nullable=False),
    Column("partner_id", Uuid, ForeignKey("organisation.id"), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("answers_for", JSONB, nullable=False),
    Column("opens", JSONB, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Uuid, ForeignKey("app_user.id"), nullable=False),
    Column("request_id", Text, nullable=False),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("partner_id <> provider_id", name="other"),
    PrimaryKeyConstraint("service_id", "partner_id", "version"),
    ForeignKeyConstraint(["service_id", "provider_id"], ["service.id", "service.provider_id"]),
)
# With whom a provider shares an assessment. The newest version says whether it still does; the view share_in_force,
# which the policies read, has the shares that hold.
share = Table(
    "share",
    metadata,
    Column("assessment_id", Uuid, nullable=False),
    Column("service_id", Uuid, nullable=False),
    Column("provider_id", Uuid, nullable=False),
    Column("commissioner_id", Uuid, ForeignKey("organisation.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("ended", Boolean, nullable=False),
    # When the assessment was first submitted: what came before is the provider's own.
    Column("submitted_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    CheckConstraint("version >= 1", name="version"),
    PrimaryKeyConstraint("assessment_id", "commissioner_id", "version"),
    ForeignKeyConstraint(
        ["assessment_id", "service_id", "provider_id"],
        ["assessment.id", "assessment.service_id", "assessment.provider_id"],
    ),
    Index(None, "commissioner_id", "service_id"),
)

fact = Table(
    "fact",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("provider_id", Uuid, nullable=False),
    Column("service_id", Uuid, nullable=False),
    Column("assessment_id", Uuid),
    Column("kind", Text, nullable=False),
    Column("key", Identifier, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Uuid, ForeignKey("app_user.id"), nullable=False),
    Column("request_id", Text, nullable=False),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint(
        "CASE WHEN assessment_id IS NULL"
        " THEN kind IN ('service', 'accreditation', 'verification', 'document')"
        " ELSE kind IN ('answer', 'response', 'review', 'assessment', 'override', 'action') END",
        name="kind",
    ),
    ForeignKeyConstraint(["service_id", "provider_id"], ["service.id", "service.provider_id"]),
    ForeignKeyConstraint(
        ["assessment_id", "service_id", "provider_id"],
        ["assessment.id", "assessment.service_id", "assessment.provider_id"],
    ),
    # Two writers of the same next version collide here, whatever the code above forgot.
    UniqueConstraint(
        "service_id",
        "assessment_id",
        "kind",
        "key",
        "version",
        name="uq_fact_version",
        postgresql_nulls_not_distinct=True,
    ),
    Index(None, "service_id", "recorded_at"),
)

# The versions that were submitted: of what the provider says, others see these and no drafts.
handed_in = Table(
    "handed_in",
    metadata,
    Column("assessment_id", Uuid, nullable=False),
    Column("service_id", Uuid, nullable=False),
    Column("provider_id", Uuid, nullable=False),
    Column("fact_id", Uuid, ForeignKey("fact.id"), nullable=False),
    Column("submitted_at", Instant, nullable=False),
    PrimaryKeyConstraint("assessment_id", "fact_id"),
    ForeignKeyConstraint(
        ["assessment_id", "service_id", "provider_id"],
        ["assessment.id", "assessment.service_id", "assessment.provider_id"],
    ),
)

# What was once uploaded for a provider, by its SHA-256; the content itself lies in the object store. No name of a file
# is kept: names of files often name people.
upload = Table(
    "upload",
    metadata,
    Column("provider_id", Uuid, ForeignKey("organisation.id"), nullable=False),
    Column("sha256", Identifier, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("scan", JSONB, nullable=False),
    Column("uploaded_at", Instant, nullable=False),
    Column("uploaded_by", Uuid, ForeignKey("app_user.id"), nullable=False),
    Column("request_id", Text, nullable=False),
    PrimaryKeyConstraint("provider_id", "sha256"),
    CheckConstraint("size > 0", name="size"),
    CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
)

# What became of it, one row an event, numbered from 1.
upload_event = Table(
    "upload_event",
    metadata,
    Column("provider_id", Uuid, nullable=False),
    Column("sha256", Identifier, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    # No foreign key: what the service finds in its checks was done by no user.
    Column("actor", Uuid, nullable=False),
    Column("request_id", Text, nullable=False),
    PrimaryKeyConstraint("provider_id", "sha256", "number"),
    ForeignKeyConstraint(["provider_id", "sha256"], ["upload.provider_id", "upload.sha256"]),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint(
        "kind IN ('stored', 'acknowledged', 'hold_set', 'hold_lifted', 'damaged', 'intact', 'purged', 'shredded')",
        name="kind",
    ),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("user_id", Uuid, ForeignKey("app_user.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False, index=True),
    PrimaryKeyConstraint("user_id", "key"),
)

audit_event = Table(
    "audit_event",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    Column("id", Uuid, nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    # No foreign keys: the first administrator is made by the command line, which is no user of any organisation.
    Column("actor", Uuid, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    Column("rows", JSONB, nullable=False),
    Index(None, "organisation_id", "seq"),
)

# One row: the newest entry's number and hash. Whoever adds entries holds it until the commit.
audit_head = Table(
    "audit_head",
    metadata,
    Column("one", Boolean, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("one", name="one"),
)
