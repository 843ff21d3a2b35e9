"""Commissioners: the regions they commission for, the bodies they are made of; organisations can be changed.

Revision 0003, of 2026-11-22.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ADMINISTRATOR = "(SELECT safonau_role()) = 'administrator'"
CHANGEABLE = "(name, regions, members, version)"
# For policies of other tables: they would otherwise each look up the caller's own organisation.
REGIONS = "(SELECT regions FROM organisation WHERE id = safonau_organisation())"


def upgrade() -> None:
    for column in (
        sa.Column("regions", ARRAY(sa.Text(collation="C")), nullable=False, server_default="{}"),
        sa.Column("members", JSONB(), nullable=False, server_default="[]"),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
    ):
        op.add_column("organisation", column)
        op.alter_column("organisation", column.name, server_default=None)
    op.create_check_constraint(
        op.f("ck_organisation_commissions"),
        "organisation",
        "kind = 'commissioner' OR (regions = '{}' AND members = '[]')",
    )
    op.execute(f"GRANT UPDATE {CHANGEABLE} ON organisation TO safonau_app")
    op.execute(
        "CREATE POLICY administrators_change ON organisation FOR UPDATE TO safonau_app"
        f" USING ({ADMINISTRATOR}) WITH CHECK ({ADMINISTRATOR})"
    )
    op.execute(f"CREATE FUNCTION safonau_regions() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE RETURN {REGIONS}")


def downgrade() -> None:
    op.execute("DROP FUNCTION safonau_regions()")
    op.execute("DROP POLICY administrators_change ON organisation")
    op.execute(f"REVOKE UPDATE {CHANGEABLE} ON organisation FROM safonau_app")
    op.drop_constraint(op.f("ck_organisation_commissions"), "organisation")
    for column in ("version", "members", "regions"):
        op.drop_column("organisation", column)
