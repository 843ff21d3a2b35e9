"""Commissioners have policies, in versions, and what each made of an assessment is kept for ever.

Revision 0013, of 2026-11-22. Both are seen and added by users in the role of commissioner, of their own organisation,
and by nobody else. What was checked stays theirs when it is not shared any more.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TABLES = ("policy", "policy_check")
OWN = "(SELECT safonau_role()) = 'commissioner' AND commissioner_id = (SELECT safonau_organisation())"
CALLER = "(SELECT safonau_user())"
ASSESSMENT = "assessment.id = policy_check.assessment_id AND assessment.service_id = policy_check.service_id"
SHARED = f"EXISTS (SELECT FROM assessment WHERE {ASSESSMENT})"
USED = "EXISTS (SELECT FROM policy WHERE policy.id = policy_check.policy_id)"
POLICIES = (
    ("policy", "own", "SELECT", OWN),
    ("policy", "own_add", "INSERT", f"{OWN} AND recorded_by = {CALLER}"),
    ("policy_check", "own", "SELECT", OWN),
    ("policy_check", "own_add", "INSERT", f"{OWN} AND checked_by = {CALLER} AND {SHARED} AND {USED}"),
)


def upgrade() -> None:
    _policy()
    _check()
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
    for table in reversed(TABLES):
        op.drop_table(table)


def _policy() -> None:
    op.create_table(
        "policy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("commissioner_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_policy_version")),
        sa.ForeignKeyConstraint(
            ["commissioner_id"], ["organisation.id"], name=op.f("fk_policy_commissioner_id_organisation")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["app_user.id"], name=op.f("fk_policy_recorded_by_app_user")),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_policy")),
    )


def _check() -> None:
    op.create_table(
        "policy_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("commissioner_id", sa.Uuid(), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("repeats", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("checked_by", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("determination", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commissioner_id"], ["organisation.id"], name=op.f("fk_policy_check_commissioner_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["policy_id", "policy_version"],
            ["policy.id", "policy.version"],
            name=op.f("fk_policy_check_policy_id_policy_version_policy"),
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_policy_check_assessment_id_assessment")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_policy_check_service_id_service")),
        sa.ForeignKeyConstraint(["repeats"], ["policy_check.id"], name=op.f("fk_policy_check_repeats_policy_check")),
        sa.ForeignKeyConstraint(["checked_by"], ["app_user.id"], name=op.f("fk_policy_check_checked_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_check")),
    )
    op.create_index(
        op.f("ix_policy_check_commissioner_id_created_at"), "policy_check", ["commissioner_id", "created_at"]
    )
