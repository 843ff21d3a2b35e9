"""What has ended stays ended, in the database too: sessions, refresh tokens that were used, invitations.

Revision 0032, of 2026-11-22.

Who ends a session of their own, or uses a refresh token, may change its row; not so that it holds again. Row-level
security cannot compare a row with what it was before. The owner of the tables, who has no role, is not held to it.
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

FOR_GOOD = """
BEGIN
    IF coalesce(safonau_role(), '') <> '' THEN
        RAISE insufficient_privilege USING MESSAGE = format('what has ended stays so: %s', TG_TABLE_NAME);
    END IF;
    RETURN NEW;
END
"""
ENDS = (
    ("session", "ended_at"),
    ("refresh_token", "used_at"),
    ("invitation", "accepted_at"),
    ("invitation", "withdrawn_at"),
)


def upgrade() -> None:
    op.execute(f"CREATE FUNCTION safonau_for_good() RETURNS trigger LANGUAGE plpgsql AS $${FOR_GOOD}$$")
    for table, column in ENDS:
        op.execute(
            f"CREATE TRIGGER {column} BEFORE UPDATE ON {table} FOR EACH ROW"
            f" WHEN (OLD.{column} IS NOT NULL AND NEW.{column} IS DISTINCT FROM OLD.{column})"
            " EXECUTE FUNCTION safonau_for_good()"
        )


def downgrade() -> None:
    for table, column in ENDS:
        op.execute(f"DROP TRIGGER {column} ON {table}")
    op.execute("DROP FUNCTION safonau_for_good()")
