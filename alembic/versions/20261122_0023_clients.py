"""Programs that act for organisations, in accounts of their own that have no password.

Revision 0023, of 2026-11-22. With an erasure goes what sessions say of the programs that somebody came with.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ME = "created_by = (SELECT safonau_user())"
ADMINISTRATOR = "(SELECT safonau_role()) = 'administrator'"
SIGNING_IN = "(SELECT safonau_role()) = 'sign_in'"
LEAD = "(SELECT safonau_role()) = 'provider_lead' AND organisation_id = (SELECT safonau_organisation())"
# Only who holds the secret finds its row.
PRESENTED = f"{SIGNING_IN} AND secret_hash = (SELECT safonau_secret())"
ACCOUNT = f"{LEAD} AND role = 'provider_editor' AND password_hash = '' AND email = id || '@clients.invalid'"
# Whoever asks sees of the clients those that the policies below show.
SEEN = "id IN (SELECT client.id FROM client)"
POLICIES = (
    ("client", "administrators", "SELECT", ADMINISTRATOR),
    ("client", "leads", "SELECT", LEAD),
    ("client", "presented", "SELECT", PRESENTED),
    ("client", "administrators_add", "INSERT", f"{ADMINISTRATOR} AND {ME}"),
    ("client", "leads_add", "INSERT", f"{LEAD} AND {ME}"),
    ("client", "administrators_change", "UPDATE", ADMINISTRATOR),
    ("client", "leads_change", "UPDATE", LEAD),
    ("app_user", "client_presented", "SELECT", f"{SIGNING_IN} AND {SEEN}"),
    ("app_user", "leads_add_clients", "INSERT", ACCOUNT),
    ("app_user", "leads_change_clients", "UPDATE", f"{ACCOUNT} AND {SEEN}"),
)


def upgrade() -> None:
    op.create_table(
        "client",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=True),
        sa.Column("secret_made_at", INSTANT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["app_user.id"], name=op.f("fk_client_id_app_user")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_client_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["app_user.id"], name=op.f("fk_client_created_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_client_secret_hash")),
    )
    op.execute("ALTER TABLE client ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE client FORCE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT, INSERT ON client TO safonau_app")
    op.execute("GRANT UPDATE (secret_hash, secret_made_at, version) ON client TO safonau_app")
    op.execute("CREATE POLICY owner_reads ON client FOR SELECT TO CURRENT_USER USING (true)")
    op.execute("GRANT UPDATE (user_agent) ON session TO safonau_app")
    for table, name, command, condition in POLICIES:
        clause = {"SELECT": f"USING ({condition})", "INSERT": f"WITH CHECK ({condition})"}.get(
            command, f"USING ({condition}) WITH CHECK ({condition})"
        )
        op.execute(f"CREATE POLICY {name} ON {table} FOR {command} TO safonau_app {clause}")


def downgrade() -> None:
    op.execute("REVOKE UPDATE (user_agent) ON session FROM safonau_app")
    for table, name, _, _ in POLICIES:
        if table != "client":
            op.execute(f"DROP POLICY {name} ON {table}")
    op.drop_table("client")
