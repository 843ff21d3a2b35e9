"""A second factor for whoever wants one: codes that change with time, and recovery codes.

Revision 0018, of 2026-11-22.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
OWN = "user_id = (SELECT safonau_user())"
# An administrator takes them away; what they read is encrypted.
ADMINISTRATOR = "(SELECT safonau_role()) = 'administrator'"
POLICIES = (
    ("own", "SELECT", OWN),
    ("administrators", "SELECT", ADMINISTRATOR),
    ("own_add", "INSERT", OWN),
    ("own_change", "UPDATE", OWN),
    ("administrators_change", "UPDATE", ADMINISTRATOR),
)


def upgrade() -> None:
    op.create_table(
        "second_factor",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("recovery_hashes", ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_second_factor_user_id_app_user")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factor")),
    )
    op.execute("ALTER TABLE second_factor ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE second_factor FORCE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT, INSERT ON second_factor TO safonau_app")
    op.execute("GRANT UPDATE (secret, confirmed_at, last_step, recovery_hashes) ON second_factor TO safonau_app")
    op.execute("CREATE POLICY owner_reads ON second_factor FOR SELECT TO CURRENT_USER USING (true)")
    for name, command, condition in POLICIES:
        clause = {"SELECT": f"USING ({condition})", "INSERT": f"WITH CHECK ({condition})"}.get(
            command, f"USING ({condition}) WITH CHECK ({condition})"
        )
        op.execute(f"CREATE POLICY {name} ON second_factor FOR {command} TO safonau_app {clause}")


def downgrade() -> None:
    op.drop_table("second_factor")
