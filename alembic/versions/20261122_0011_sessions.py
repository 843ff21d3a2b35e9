"""Sessions that can be ended, refresh tokens that are used once, attempts to sign in counted for all processes.

Revision 0011, of 2026-11-22.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TABLES = ("session", "refresh_token", "sign_in_attempt")
CHANGEABLE = {
    "session": "(last_used_at, ended_at)",
    "refresh_token": "(used_at)",
    "sign_in_attempt": "(tries, tried_at, blocked_until)",
    "app_user": "(version)",
}
ADMINISTRATOR = "(SELECT safonau_role()) = 'administrator'"
SIGNING_IN = "(SELECT safonau_role()) = 'sign_in'"
OWN = "user_id = (SELECT safonau_user())"
PRESENTED = "secret_hash = (SELECT safonau_secret())"
HELD = "SELECT user_id FROM refresh_token"
MYSELF = "id = (SELECT safonau_user())"

# (table, name, command, condition).
POLICIES = (
    ("session", "own", "SELECT", OWN),
    ("session", "administrators", "SELECT", ADMINISTRATOR),
    ("session", "own_add", "INSERT", OWN),
    ("session", "own_change", "UPDATE", OWN),
    ("session", "administrators_change", "UPDATE", ADMINISTRATOR),
    # Only who holds a refresh token finds its row.
    ("refresh_token", "presented", "SELECT", PRESENTED),
    ("refresh_token", "own_add", "INSERT", OWN),
    ("refresh_token", "presented_change", "UPDATE", PRESENTED),
    ("app_user", "refreshing", "SELECT", SIGNING_IN + f" AND id IN ({HELD})"),
    ("app_user", "own_change", "UPDATE", MYSELF),
    ("sign_in_attempt", "signing_in", "SELECT", SIGNING_IN),
    ("sign_in_attempt", "signing_in_add", "INSERT", SIGNING_IN),
    ("sign_in_attempt", "signing_in_change", "UPDATE", SIGNING_IN),
)

# One call at the beginning of a transaction: who asks from now on, and whether their session still holds. What it
# reads, it reads as the one who asks.
BEGIN = """
CREATE FUNCTION safonau_begin(who uuid, of_organisation uuid, as_role text, in_session uuid, at timestamptz)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('safonau.user', who::text, true),
        set_config('safonau.organisation', of_organisation::text, true),
        set_config('safonau.role', as_role, true);
    RETURN in_session IS NULL OR EXISTS (
        SELECT FROM session JOIN app_user ON app_user.id = session.user_id
        WHERE session.id = in_session AND session.user_id = who AND session.ended_at IS NULL
            AND session.expires_at > at AND app_user.active AND app_user.role = as_role
            AND app_user.organisation_id = of_organisation
    );
END $$
"""


def upgrade() -> None:
    op.add_column("app_user", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.alter_column("app_user", "version", server_default=None)
    _sessions()
    op.create_table(
        "sign_in_attempt",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", INSTANT, nullable=False),
        sa.Column("blocked_until", INSTANT, nullable=True),
        sa.CheckConstraint("kind IN ('account', 'address')", name=op.f("ck_sign_in_attempt_kind")),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_sign_in_attempt")),
    )
    op.execute(
        "CREATE FUNCTION safonau_secret() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE"
        " RETURN nullif(current_setting('safonau.secret', true), '')"
    )
    op.execute(BEGIN)
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO safonau_app")
        op.execute(f"CREATE POLICY owner_reads ON {table} FOR SELECT TO CURRENT_USER USING (true)")
    for table, columns in CHANGEABLE.items():
        op.execute(f"GRANT UPDATE {columns} ON {table} TO safonau_app")
    for table, name, command, condition in POLICIES:
        clause = {"SELECT": f"USING ({condition})", "INSERT": f"WITH CHECK ({condition})"}.get(
            command, f"USING ({condition}) WITH CHECK ({condition})"
        )
        op.execute(f"CREATE POLICY {name} ON {table} FOR {command} TO safonau_app {clause}")


def downgrade() -> None:
    for table, name, _, _ in POLICIES:
        op.execute(f"DROP POLICY {name} ON {table}")
    op.execute(f"REVOKE UPDATE {CHANGEABLE['app_user']} ON app_user FROM safonau_app")
    op.execute("DROP FUNCTION safonau_begin(uuid, uuid, text, uuid, timestamptz)")
    op.execute("DROP FUNCTION safonau_secret()")
    for table in ("sign_in_attempt", "refresh_token", "session"):
        op.drop_table(table)
    op.drop_column("app_user", "version")


def _sessions() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_session_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("id", "user_id", name=op.f("uq_session_id_user_id")),
    )
    op.create_index(op.f("ix_session_user_id"), "session", ["user_id"])
    op.create_table(
        "refresh_token",
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id", "user_id"],
            ["session.id", "session.user_id"],
            name=op.f("fk_refresh_token_session_id_user_id_session"),
        ),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_refresh_token")),
    )
