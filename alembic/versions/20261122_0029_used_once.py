"""What lets somebody in holds once, and no longer than who gave it: ID tokens from outside, and invitations.

Revision 0029, of 2026-11-22.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
SIGNING_IN = "(SELECT safonau_role()) = 'sign_in'"
# A few at a time, so that nobody waits for it; what another one is at is left to them.
FORGET = """
CREATE FUNCTION forget_assertions(before timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    DELETE FROM used_assertion WHERE digest IN (
        SELECT digest FROM used_assertion WHERE until < before ORDER BY until LIMIT 20 FOR UPDATE SKIP LOCKED
    );
END
"""
# Whoever accepts an invitation sees nobody else, so the owner looks who invited.
MAY_INVITE = """
CREATE FUNCTION safonau_may_invite(inviter uuid, organisation uuid, role text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT safonau_role() = 'sign_in' AND EXISTS (
        SELECT FROM app_user AS one WHERE one.id = inviter AND one.active AND (
            one.role = 'administrator'
            OR one.role = 'provider_lead' AND one.organisation_id = organisation
                AND safonau_may_invite.role IN ('provider_editor', 'provider_lead')
        )
    );
END
"""
FUNCTIONS = {"forget_assertions(timestamptz)": FORGET, "safonau_may_invite(uuid, uuid, text)": MAY_INVITE}
PRESENTED = f"{SIGNING_IN} AND secret_hash = (SELECT safonau_secret())"
HOLDS = f"{PRESENTED} AND safonau_may_invite(invited_by, organisation_id, role)"


def upgrade() -> None:
    op.create_table(
        "used_assertion",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_used_assertion")),
    )
    op.create_index(op.f("ix_used_assertion_until"), "used_assertion", ["until"])
    op.execute("ALTER TABLE used_assertion ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE used_assertion FORCE ROW LEVEL SECURITY")
    # Nobody reads which were used: to add the same again does nothing, and says so.
    op.execute("GRANT SELECT, INSERT ON used_assertion TO safonau_app")
    op.execute("CREATE POLICY owner_reads ON used_assertion FOR SELECT TO CURRENT_USER USING (true)")
    op.execute("CREATE POLICY owner_forgets ON used_assertion FOR ALL TO CURRENT_USER USING (true)")
    op.execute(f"CREATE POLICY signing_in_add ON used_assertion FOR INSERT TO safonau_app WITH CHECK ({SIGNING_IN})")
    for name, statement in FUNCTIONS.items():
        op.execute(statement)
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO safonau_app")
    op.execute(f"ALTER POLICY presented ON invitation USING ({HOLDS})")
    op.execute(f"ALTER POLICY presented_change ON invitation USING ({HOLDS}) WITH CHECK ({HOLDS})")


def downgrade() -> None:
    op.execute(f"ALTER POLICY presented ON invitation USING ({PRESENTED})")
    op.execute(f"ALTER POLICY presented_change ON invitation USING ({PRESENTED}) WITH CHECK ({PRESENTED})")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
    op.drop_table("used_assertion")
