"""What is not of the record can be forgotten: stored replies after a while, and who a user was.

Revision 0008 of 2026-11-22.

The service still deletes nothing itself: two functions of the owner's take away stored replies, and nothing else.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ADMINISTRATOR = "(SELECT safonau_role()) = 'administrator'"
ERASABLE = "(email, name, password_hash, active)"
# A few at a time, so that nobody waits for it; what another one is at is left to them.
FORGET = """
CREATE FUNCTION forget_replies(before timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    DELETE FROM idempotency WHERE (user_id, key) IN (
        SELECT user_id, key FROM idempotency WHERE created_at < before ORDER BY created_at LIMIT 20
        FOR UPDATE SKIP LOCKED
    );
END
"""
# Theirs, and those that have their address in them: of whoever entered them.
ERASE = """
CREATE FUNCTION erase_replies(erased uuid, email text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    DELETE FROM idempotency WHERE safonau_role() = 'administrator' AND (
        user_id = erased OR position(convert_to(email, 'UTF8') IN body) > 0
    );
END
"""
FUNCTIONS = {"forget_replies(timestamptz)": FORGET, "erase_replies(uuid, text)": ERASE}


def upgrade() -> None:
    op.create_index(op.f("ix_idempotency_created_at"), "idempotency", ["created_at"])
    op.execute("CREATE POLICY owner_forgets ON idempotency FOR ALL TO CURRENT_USER USING (true)")
    for name, statement in FUNCTIONS.items():
        op.execute(statement)
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO safonau_app")
    op.execute(f"GRANT UPDATE {ERASABLE} ON app_user TO safonau_app")
    op.execute(
        "CREATE POLICY administrators_erase ON app_user FOR UPDATE TO safonau_app"
        f" USING ({ADMINISTRATOR}) WITH CHECK ({ADMINISTRATOR})"
    )


def downgrade() -> None:
    op.execute("DROP POLICY administrators_erase ON app_user")
    op.execute(f"REVOKE UPDATE {ERASABLE} ON app_user FROM safonau_app")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
    op.execute("DROP POLICY owner_forgets ON idempotency")
    op.drop_index(op.f("ix_idempotency_created_at"), "idempotency")
