"""Determinations are issued: kept whole, in an order that says which is current, and known by number or by hash.

Revision 0010, of 2026-11-22. Whoever may see one, a provider its own, a commissioner what was issued to it or is shared
with it, scrutiny all of them, may have its PDF made. Verification sees the one that is asked for, and nothing else.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
IDENTIFIER = sa.Text(collation="C")
TABLES = ("determination", "determination_order", "determination_pdf")
SETTINGS = {"safonau_number": "safonau.number", "safonau_sha256": "safonau.sha256"}

ROLE = "(SELECT safonau_role())"
OWN_ORGANISATION = "(SELECT safonau_organisation())"
ANYBODY = f"nullif({ROLE}, '') IS NOT NULL"
VERIFYING = f"{ROLE} = 'verification'"
BY_HASH = "sha256 = (SELECT safonau_sha256())"
BY_OWN_HASH = "issued_sha256 = (SELECT safonau_sha256())"
BY_CALLER = "issued_by = (SELECT safonau_user())"
SHARED = "EXISTS (SELECT FROM assessment WHERE assessment.id = determination.assessment_id)"
SEEN = "EXISTS (SELECT FROM determination WHERE determination.number = {table}.number{more})"
POLICIES = (
    (
        "determination",
        "providers",
        "SELECT",
        f"{ROLE} IN ('provider_editor', 'provider_lead') AND provider_id = {OWN_ORGANISATION}",
    ),
    (
        "determination",
        "issued_to",
        "SELECT",
        f"{ROLE} IN ('commissioner', 'reviewer') AND ({OWN_ORGANISATION} = ANY (issued_to) OR {SHARED})",
    ),
    ("determination", "scrutiny", "SELECT", f"{ROLE} = 'scrutiny'"),
    (
        "determination",
        "verification",
        "SELECT",
        f"{VERIFYING} AND (number = (SELECT safonau_number()) OR {BY_HASH} OR {BY_OWN_HASH})",
    ),
    (
        "determination",
        "reviewers_add",
        "INSERT",
        f"{ROLE} = 'reviewer' AND {BY_CALLER} AND {OWN_ORGANISATION} = ANY (issued_to) AND {SHARED}",
    ),
    ("determination_order", "anybody", "SELECT", ANYBODY),
    (
        "determination_order",
        "reviewers_add",
        "INSERT",
        f"{ROLE} = 'reviewer' AND "
        + SEEN.format(
            table="determination_order",
            more=" AND determination.issued_by = (SELECT safonau_user())"
            " AND determination.service_id = determination_order.service_id",
        ),
    ),
    (
        "determination_pdf",
        "seen",
        "SELECT",
        f"{VERIFYING} AND {BY_HASH} OR NOT {VERIFYING} AND " + SEEN.format(table="determination_pdf", more=""),
    ),
    (
        "determination_pdf",
        "seen_add",
        "INSERT",
        f"NOT {VERIFYING} AND " + SEEN.format(table="determination_pdf", more=""),
    ),
)


def upgrade() -> None:
    for name, setting in SETTINGS.items():
        expression = f"nullif(current_setting('{setting}', true), '')"
        op.execute(f"CREATE FUNCTION {name}() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE RETURN {expression}")
    _determination()
    _order()
    _pdf()
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO safonau_app")
    for table, name, command, condition in POLICIES:
        clause = "USING" if command == "SELECT" else "WITH CHECK"
        op.execute(f"CREATE POLICY {name} ON {table} FOR {command} TO safonau_app {clause} ({condition})")
    for table in TABLES:
        op.execute(f"CREATE POLICY owner_reads ON {table} FOR SELECT TO CURRENT_USER USING (true)")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP POLICY owner_reads ON {table}")
    for table, name, _, _ in POLICIES:
        op.execute(f"DROP POLICY {name} ON {table}")
    for table in reversed(TABLES):
        op.drop_table(table)
    for name in SETTINGS:
        op.execute(f"DROP FUNCTION {name}()")


def _determination() -> None:
    op.create_table(
        "determination",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", IDENTIFIER, nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("rule_set_id", sa.Text(), nullable=False),
        sa.Column("rule_set_version", sa.Text(), nullable=False),
        sa.Column("issued_to", ARRAY(sa.Uuid()), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("known_at", INSTANT, nullable=False),
        sa.Column("supersedes", IDENTIFIER, nullable=True),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("issued_sha256", sa.Text(), nullable=False),
        sa.Column("summary", JSONB(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id", "service_id", "provider_id"],
            ["assessment.id", "assessment.service_id", "assessment.provider_id"],
            name=op.f("fk_determination_assessment_id_service_id_provider_id_assessment"),
        ),
        sa.ForeignKeyConstraint(["issued_by"], ["app_user.id"], name=op.f("fk_determination_issued_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_determination")),
        sa.UniqueConstraint("number", name=op.f("uq_determination_number")),
    )
    for column in ("service_id", "sha256", "issued_sha256"):
        op.create_index(op.f(f"ix_determination_{column}"), "determination", [column])


def _order() -> None:
    op.create_table(
        "determination_order",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("rule_set_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("number", IDENTIFIER, nullable=False),
        sa.CheckConstraint("place >= 1", name=op.f("ck_determination_order_place")),
        sa.ForeignKeyConstraint(
            ["number"], ["determination.number"], name=op.f("fk_determination_order_number_determination")
        ),
        sa.PrimaryKeyConstraint("service_id", "rule_set_id", "place", name=op.f("pk_determination_order")),
        sa.UniqueConstraint("number", name=op.f("uq_determination_order_number")),
    )


def _pdf() -> None:
    op.create_table(
        "determination_pdf",
        sa.Column("number", IDENTIFIER, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("language IN ('en', 'cy')", name=op.f("ck_determination_pdf_language")),
        sa.ForeignKeyConstraint(
            ["number"], ["determination.number"], name=op.f("fk_determination_pdf_number_determination")
        ),
        sa.PrimaryKeyConstraint("number", "language", name=op.f("pk_determination_pdf")),
    )
    op.create_index(op.f("ix_determination_pdf_sha256"), "determination_pdf", ["sha256"])
