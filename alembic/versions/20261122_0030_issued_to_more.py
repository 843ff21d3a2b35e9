"""Commissioners to whom a determination that stands was issued once more.

Revision 0030, of 2026-11-22.

What was issued never changes, and so names those to whom it was issued at first. Who was shared with since, and asks
for the same again to the byte, is named here, and goes on seeing it whatever becomes of the share.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ROLE = "(SELECT safonau_role())"
OWN = "(SELECT safonau_organisation())"
SHARED = "EXISTS (SELECT FROM assessment WHERE assessment.id = determination.assessment_id)"
COMMISSIONING = f"{ROLE} IN ('commissioner', 'reviewer')"
BEFORE = f"{COMMISSIONING} AND ({OWN} = ANY (issued_to) OR {SHARED})"
NOW = f"{COMMISSIONING} AND ({OWN} = ANY (issued_to) OR {SHARED} OR safonau_issued_again(number))"
# The policy of the one table asks this of the other, whose own policy asks the first.
ISSUED_AGAIN = """
CREATE FUNCTION safonau_issued_again(of_number text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM determination_recipient AS one
        WHERE one.number = of_number AND one.commissioner_id = safonau_organisation()
    );
END
"""
SEEN = (
    "EXISTS (SELECT FROM determination JOIN assessment ON assessment.id = determination.assessment_id"
    " WHERE determination.number = determination_recipient.number)"
)
MAY_ADD = f"{ROLE} = 'reviewer' AND added_by = (SELECT safonau_user()) AND {SEEN}"


def upgrade() -> None:
    op.create_table(
        "determination_recipient",
        sa.Column("number", sa.Text(collation="C"), nullable=False),
        sa.Column("commissioner_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["determination.number"], name=op.f("fk_determination_recipient_number_determination")
        ),
        sa.ForeignKeyConstraint(
            ["commissioner_id"],
            ["organisation.id"],
            name=op.f("fk_determination_recipient_commissioner_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["added_by"], ["app_user.id"], name=op.f("fk_determination_recipient_added_by_app_user")
        ),
        sa.PrimaryKeyConstraint("number", "commissioner_id", name=op.f("pk_determination_recipient")),
    )
    op.execute("ALTER TABLE determination_recipient ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE determination_recipient FORCE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT, INSERT ON determination_recipient TO safonau_app")
    op.execute("CREATE POLICY owner_reads ON determination_recipient FOR SELECT TO CURRENT_USER USING (true)")
    op.execute(
        "CREATE POLICY own ON determination_recipient FOR SELECT TO safonau_app"
        f" USING ({COMMISSIONING} AND commissioner_id = {OWN})"
    )
    op.execute(ISSUED_AGAIN)
    op.execute("REVOKE ALL ON FUNCTION safonau_issued_again(text) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION safonau_issued_again(text) TO safonau_app")
    op.execute(f"ALTER POLICY issued_to ON determination USING ({NOW})")
    op.execute(
        f"CREATE POLICY reviewers_add ON determination_recipient FOR INSERT TO safonau_app WITH CHECK ({MAY_ADD})"
    )


def downgrade() -> None:
    op.execute("DROP POLICY reviewers_add ON determination_recipient")
    op.execute(f"ALTER POLICY issued_to ON determination USING ({BEFORE})")
    op.execute("DROP FUNCTION safonau_issued_again(text)")
    op.drop_table("determination_recipient")
