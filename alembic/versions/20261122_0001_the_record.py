"""The record: who there is, what they said, and who may see it.

Revision 0001, the first, of 2026-11-22.

The role ``safonau_app``, as which the service runs, may add and read, never change or delete. Row-level security
decides what it sees and adds, by settings of the transaction (app/db/session.py); without them it sees nothing.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)

# In the order in which they can be made; the other way round they can be dropped.
TABLES = ("organisation", "app_user", "service", "assessment", "share", "fact", "idempotency", "audit_event")
# A setting of an earlier transaction of the same connection reads as an empty text.
SETTINGS = {
    "safonau_user": ("uuid", "nullif(current_setting('safonau.user', true), '')::uuid"),
    "safonau_organisation": ("uuid", "nullif(current_setting('safonau.organisation', true), '')::uuid"),
    "safonau_role": ("text", "current_setting('safonau.role', true)"),
    "safonau_email": ("text", "nullif(current_setting('safonau.email', true), '')"),
}

PROVIDER = "(SELECT safonau_role()) = 'provider' AND provider_id = (SELECT safonau_organisation())"
ADMINISTRATOR = "(SELECT safonau_role()) = 'administrator'"
COMMISSIONING = "(SELECT safonau_role()) IN ('commissioner', 'reviewer')"
SHARED = f"{COMMISSIONING} AND EXISTS (SELECT FROM share WHERE commissioner_id = (SELECT safonau_organisation()) AND "
CHECKED = "kind IN ('verification', 'review')"
BY_CALLER = "recorded_by = (SELECT safonau_user())"
SHARED_FACT = SHARED + (
    "share.service_id = fact.service_id AND (fact.assessment_id IS NULL OR share.assessment_id = fact.assessment_id))"
)

# (table, name, command, condition). Several policies for one command add up.
POLICIES = (
    ("organisation", "administrators", "SELECT", ADMINISTRATOR),
    ("organisation", "own", "SELECT", "id = (SELECT safonau_organisation())"),
    # A provider chooses among the commissioners when it submits.
    (
        "organisation",
        "commissioners",
        "SELECT",
        "(SELECT safonau_role()) = 'provider' AND kind = 'commissioner'",
    ),
    ("organisation", "providers_who_share", "SELECT", SHARED + "share.provider_id = organisation.id)"),
    ("organisation", "administrators_add", "INSERT", ADMINISTRATOR),
    ("app_user", "administrators", "SELECT", ADMINISTRATOR),
    ("app_user", "colleagues", "SELECT", "organisation_id = (SELECT safonau_organisation())"),
    (
        "app_user",
        "signing_in",
        "SELECT",
        "(SELECT safonau_role()) = 'sign_in' AND email = (SELECT safonau_email())",
    ),
    ("app_user", "administrators_add", "INSERT", ADMINISTRATOR),
    ("service", "providers", "SELECT", PROVIDER),
    ("service", "shared", "SELECT", SHARED + "share.service_id = service.id)"),
    ("service", "providers_add", "INSERT", PROVIDER),
    ("assessment", "providers", "SELECT", PROVIDER),
    ("assessment", "shared", "SELECT", SHARED + "share.assessment_id = assessment.id)"),
    ("assessment", "providers_add", "INSERT", PROVIDER),
    ("share", "providers", "SELECT", PROVIDER),
    (
        "share",
        "commissioners",
        "SELECT",
        f"{COMMISSIONING} AND commissioner_id = (SELECT safonau_organisation())",
    ),
    ("share", "providers_add", "INSERT", PROVIDER),
    ("fact", "providers", "SELECT", PROVIDER),
    ("fact", "shared", "SELECT", SHARED_FACT),
    # What was verified or reviewed comes from a reviewer, everything else from the provider.
    ("fact", "providers_add", "INSERT", f"{PROVIDER} AND NOT {CHECKED} AND {BY_CALLER}"),
    (
        "fact",
        "reviewers_add",
        "INSERT",
        f"(SELECT safonau_role()) = 'reviewer' AND {CHECKED} AND {BY_CALLER} AND {SHARED_FACT}",
    ),
    ("idempotency", "own", "SELECT", "user_id = (SELECT safonau_user())"),
    ("idempotency", "own_add", "INSERT", "user_id = (SELECT safonau_user())"),
    ("audit_event", "administrators", "SELECT", ADMINISTRATOR),
    ("audit_event", "own_add", "INSERT", "actor = (SELECT safonau_user())"),
)


def upgrade() -> None:
    _people()
    _services()
    _facts()
    _around()
    for name, (kind, expression) in SETTINGS.items():
        op.execute(f"CREATE FUNCTION {name}() RETURNS {kind} LANGUAGE sql STABLE PARALLEL SAFE RETURN {expression}")
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO safonau_app")
    for table, name, command, condition in POLICIES:
        clause = "USING" if command == "SELECT" else "WITH CHECK"
        op.execute(f"CREATE POLICY {name} ON {table} FOR {command} TO safonau_app {clause} ({condition})")
    op.execute("GRANT SELECT ON alembic_version TO safonau_app")


def downgrade() -> None:
    op.execute("REVOKE SELECT ON alembic_version FROM safonau_app")
    for table, name, _, _ in POLICIES:
        op.execute(f"DROP POLICY {name} ON {table}")
    for table in reversed(TABLES):
        op.drop_table(table)
    for name in SETTINGS:
        op.execute(f"DROP FUNCTION {name}()")


def _people() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("kind IN ('provider', 'commissioner', 'operator')", name=op.f("ck_organisation_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("kind", "name", name=op.f("uq_organisation_kind_name")),
    )
    op.create_table(
        "app_user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "role IN ('provider', 'reviewer', 'commissioner', 'administrator')",
            name=op.f("ck_app_user_role"),
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_app_user_email_lower")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_app_user_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("email", name=op.f("uq_app_user_email")),
    )


def _services() -> None:
    op.create_table(
        "service",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_service_provider_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
        sa.UniqueConstraint("id", "provider_id", name=op.f("uq_service_id_provider_id")),
    )
    op.create_table(
        "assessment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("rule_set_id", sa.Text(), nullable=False),
        sa.Column("rule_set_version", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id", "provider_id"],
            ["service.id", "service.provider_id"],
            name=op.f("fk_assessment_service_id_provider_id_service"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("id", "service_id", "provider_id", name=op.f("uq_assessment_id_service_id_provider_id")),
    )
    op.create_index(op.f("ix_assessment_service_id"), "assessment", ["service_id"])
    op.create_table(
        "share",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("commissioner_id", sa.Uuid(), nullable=False),
        sa.Column("shared_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id", "service_id", "provider_id"],
            ["assessment.id", "assessment.service_id", "assessment.provider_id"],
            name=op.f("fk_share_assessment_id_service_id_provider_id_assessment"),
        ),
        sa.ForeignKeyConstraint(
            ["commissioner_id"], ["organisation.id"], name=op.f("fk_share_commissioner_id_organisation")
        ),
        sa.PrimaryKeyConstraint("assessment_id", "commissioner_id", name=op.f("pk_share")),
    )
    op.create_index(op.f("ix_share_commissioner_id_service_id"), "share", ["commissioner_id", "service_id"])


def _facts() -> None:
    op.create_table(
        "fact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_fact_version")),
        sa.CheckConstraint(
            "CASE WHEN assessment_id IS NULL"
            " THEN kind IN ('service', 'accreditation', 'verification', 'document')"
            " ELSE kind IN ('answer', 'response', 'review', 'assessment') END",
            name=op.f("ck_fact_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id", "provider_id"],
            ["service.id", "service.provider_id"],
            name=op.f("fk_fact_service_id_provider_id_service"),
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id", "service_id", "provider_id"],
            ["assessment.id", "assessment.service_id", "assessment.provider_id"],
            name=op.f("fk_fact_assessment_id_service_id_provider_id_assessment"),
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["app_user.id"], name=op.f("fk_fact_recorded_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact")),
        sa.UniqueConstraint(
            "service_id",
            "assessment_id",
            "kind",
            "key",
            "version",
            name=op.f("uq_fact_version"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_fact_service_id_recorded_at"), "fact", ["service_id", "recorded_at"])


def _around() -> None:
    op.create_table(
        "idempotency",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", JSONB(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_idempotency_user_id_app_user")),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    op.create_index(op.f("ix_audit_event_at"), "audit_event", ["at"])
