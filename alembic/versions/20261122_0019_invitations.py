"""Invitations: who accepts one becomes a user, with a password that nobody else ever knew.

Revision 0019, of 2026-11-22.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ME = "invited_by = (SELECT safonau_user())"
ADMINISTRATOR = "(SELECT safonau_role()) = 'administrator'"
SIGNING_IN = "(SELECT safonau_role()) = 'sign_in'"
OF_A_LEAD = (
    "(SELECT safonau_role()) = 'provider_lead' AND organisation_id = (SELECT safonau_organisation())"
    " AND role IN ('provider_editor', 'provider_lead')"
)
# Only who holds the token finds its row.
PRESENTED = f"{SIGNING_IN} AND secret_hash = (SELECT safonau_secret())"
ASKED_IN = (
    f"{SIGNING_IN} AND EXISTS (SELECT FROM invitation WHERE invitation.email = app_user.email"
    " AND invitation.organisation_id = app_user.organisation_id AND invitation.role = app_user.role)"
)
POLICIES = (
    ("invitation", "administrators", "SELECT", ADMINISTRATOR),
    ("invitation", "leads", "SELECT", OF_A_LEAD),
    ("invitation", "presented", "SELECT", PRESENTED),
    ("invitation", "administrators_add", "INSERT", f"{ADMINISTRATOR} AND {ME}"),
    ("invitation", "leads_add", "INSERT", f"{OF_A_LEAD} AND {ME}"),
    ("invitation", "administrators_change", "UPDATE", ADMINISTRATOR),
    ("invitation", "leads_change", "UPDATE", OF_A_LEAD),
    ("invitation", "presented_change", "UPDATE", PRESENTED),
    ("app_user", "invited_add", "INSERT", ASKED_IN),
)


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=True),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_invitation_email_lower")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_invitation_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["invited_by"], ["app_user.id"], name=op.f("fk_invitation_invited_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_invitation_secret_hash")),
    )
    op.execute("ALTER TABLE invitation ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE invitation FORCE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT, INSERT ON invitation TO safonau_app")
    op.execute(
        "GRANT UPDATE (email, expires_at, secret_hash, accepted_at, withdrawn_at, version) ON invitation TO safonau_app"
    )
    op.execute("CREATE POLICY owner_reads ON invitation FOR SELECT TO CURRENT_USER USING (true)")
    for table, name, command, condition in POLICIES:
        clause = {"SELECT": f"USING ({condition})", "INSERT": f"WITH CHECK ({condition})"}.get(
            command, f"USING ({condition}) WITH CHECK ({condition})"
        )
        op.execute(f"CREATE POLICY {name} ON {table} FOR {command} TO safonau_app {clause}")


def downgrade() -> None:
    op.execute("DROP POLICY invited_add ON app_user")
    op.drop_table("invitation")
