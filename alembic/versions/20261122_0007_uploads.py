"""What was uploaded, and what became of it; the content itself lies in the object store.

Revision 0007, of 2026-11-22.

Providers see and add their own; commissioners and reviewers see what is linked in an assessment that was shared with
them (``safonau_linked``, the one place that says so); administrators see everything, which names neither file nor
person, and decide on holds and shredding. ``keeper`` is the service itself when it checks and purges: it also sees the
particulars of documents, to know which are withdrawn.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TABLES = ("upload", "upload_event")

OWN = (
    "(SELECT safonau_role()) IN ('provider_editor', 'provider_lead') AND provider_id = (SELECT safonau_organisation())"
)
ADMINISTRATOR = "(SELECT safonau_role()) = 'administrator'"
KEEPER = "(SELECT safonau_role()) = 'keeper'"
READERS = "(SELECT safonau_role()) IN ('commissioner', 'reviewer')"
BY_CALLER = "actor = (SELECT safonau_user())"

# Row-level security decides for whoever asks which responses are seen here: those of assessments shared with them.
LINKED = """
CREATE FUNCTION safonau_linked(service uuid, document text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (
    SELECT FROM fact AS response
    WHERE response.service_id = service AND response.kind = 'response' AND response.body -> 'documents' ? document
    AND NOT EXISTS (
        SELECT FROM fact AS later
        WHERE later.assessment_id = response.assessment_id AND later.kind = 'response'
        AND later.key = response.key AND later.version > response.version
    )
)
"""
OF_LINKED = (
    f"{READERS} AND EXISTS (SELECT FROM fact AS document WHERE document.kind = 'document'"
    " AND document.provider_id = {table}.provider_id AND document.body ->> 'sha256' = {table}.sha256"
    " AND safonau_linked(document.service_id, document.key))"
)

# (table, name, command, condition). Several policies for one command add up.
POLICIES = (
    *(
        (table, name, "SELECT", condition.format(table=table))
        for table in TABLES
        for name, condition in (
            ("providers", OWN),
            ("linked", OF_LINKED),
            ("administrators", ADMINISTRATOR),
            ("keeper", KEEPER),
        )
    ),
    ("upload", "providers_add", "INSERT", f"{OWN} AND uploaded_by = (SELECT safonau_user())"),
    ("upload_event", "providers_add", "INSERT", f"{OWN} AND kind IN ('stored', 'acknowledged') AND {BY_CALLER}"),
    (
        "upload_event",
        "administrators_add",
        "INSERT",
        f"{ADMINISTRATOR} AND kind IN ('hold_set', 'hold_lifted', 'shredded') AND {BY_CALLER}",
    ),
    (
        "upload_event",
        "keeper_adds",
        "INSERT",
        f"{KEEPER} AND kind IN ('damaged', 'intact', 'purged') AND {BY_CALLER}",
    ),
    ("fact", "keeper", "SELECT", f"{KEEPER} AND kind = 'document'"),
)


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(collation="C"), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("scan", JSONB(), nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_upload_size")),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_upload_sha256")),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_upload_provider_id_organisation")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["app_user.id"], name=op.f("fk_upload_uploaded_by_app_user")),
        sa.PrimaryKeyConstraint("provider_id", "sha256", name=op.f("pk_upload")),
    )
    op.create_table(
        "upload_event",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_upload_event_number")),
        sa.CheckConstraint(
            "kind IN ('stored', 'acknowledged', 'hold_set', 'hold_lifted', 'damaged', 'intact', 'purged', 'shredded')",
            name=op.f("ck_upload_event_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id", "sha256"],
            ["upload.provider_id", "upload.sha256"],
            name=op.f("fk_upload_event_provider_id_sha256_upload"),
        ),
        sa.PrimaryKeyConstraint("provider_id", "sha256", "number", name=op.f("pk_upload_event")),
    )
    op.execute(LINKED)
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO safonau_app")
    for table, name, command, condition in POLICIES:
        clause = "USING" if command == "SELECT" else "WITH CHECK"
        op.execute(f"CREATE POLICY {name} ON {table} FOR {command} TO safonau_app {clause} ({condition})")
    for table in TABLES:
        op.execute(f"CREATE POLICY owner_reads ON {table} FOR SELECT TO CURRENT_USER USING (true)")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP POLICY owner_reads ON {table}")
    for table, name, _, _ in POLICIES:
        op.execute(f"DROP POLICY {name} ON {table}")
    op.execute("DROP FUNCTION safonau_linked(uuid, text)")
    for table in reversed(TABLES):
        op.drop_table(table)
