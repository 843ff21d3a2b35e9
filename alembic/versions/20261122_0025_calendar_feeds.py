"""Calendar feeds: an address with a secret in it, as calendar programs can send no token.

Revision 0025, of 2026-11-22. Whoever holds the secret reads as its user, and only what the feed gives.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
OWN = "user_id = (SELECT safonau_user())"
ADMINISTRATOR = "(SELECT safonau_role()) = 'administrator'"
SIGNING_IN = "(SELECT safonau_role()) = 'sign_in'"
# Only who holds the secret finds its row, and the user whose it is.
PRESENTED = f"{SIGNING_IN} AND secret_hash = (SELECT safonau_secret())"
WHOSE = f"{SIGNING_IN} AND EXISTS (SELECT FROM calendar_feed WHERE calendar_feed.user_id = app_user.id)"
POLICIES = (
    ("calendar_feed", "own", "SELECT", OWN),
    ("calendar_feed", "administrators", "SELECT", ADMINISTRATOR),
    ("calendar_feed", "presented", "SELECT", PRESENTED),
    ("calendar_feed", "own_add", "INSERT", OWN),
    ("calendar_feed", "own_change", "UPDATE", OWN),
    ("calendar_feed", "administrators_change", "UPDATE", ADMINISTRATOR),
    ("app_user", "calendar_feed_presented", "SELECT", WHOSE),
)


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_calendar_feed_user_id_app_user")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_calendar_feed_secret_hash")),
    )
    op.execute("ALTER TABLE calendar_feed ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE calendar_feed FORCE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT, INSERT ON calendar_feed TO safonau_app")
    op.execute("GRANT UPDATE (secret_hash, made_at) ON calendar_feed TO safonau_app")
    op.execute("CREATE POLICY owner_reads ON calendar_feed FOR SELECT TO CURRENT_USER USING (true)")
    for table, name, command, condition in POLICIES:
        clause = {"SELECT": f"USING ({condition})", "INSERT": f"WITH CHECK ({condition})"}.get(
            command, f"USING ({condition}) WITH CHECK ({condition})"
        )
        op.execute(f"CREATE POLICY {name} ON {table} FOR {command} TO safonau_app {clause}")


def downgrade() -> None:
    op.execute("DROP POLICY calendar_feed_presented ON app_user")
    op.drop_table("calendar_feed")
