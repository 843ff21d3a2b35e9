"""Where services work: a commissioner sees what is shared with it of services that work in its regions.

Revision 0006, of 2026-11-22. Services on record work where their newest profile says, as far as it does.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
PROVIDERS = "(SELECT safonau_role()) IN ('provider_editor', 'provider_lead')"
OWN = "provider_id = (SELECT safonau_organisation())"
BY_CALLER = "recorded_by = (SELECT safonau_user())"
COMMISSIONING = "(SELECT safonau_role()) IN ('commissioner', 'reviewer')"
CALLER = "commissioner_id = (SELECT safonau_organisation())"
# It reads the shares themselves: share_in_region reads this table.
SHARED_WITH = f"EXISTS (SELECT FROM share WHERE {CALLER} AND share.service_id = service_area.service_id)"
POLICIES = (
    ("providers", "SELECT", f"{PROVIDERS} AND {OWN}"),
    ("commissioners", "SELECT", f"{COMMISSIONING} AND {SHARED_WITH}"),
    ("providers_add", "INSERT", f"{PROVIDERS} AND {OWN} AND {BY_CALLER}"),
)

IN_REGION = """
CREATE VIEW share_in_region WITH (security_invoker = true) AS
SELECT held.* FROM share_in_force AS held WHERE EXISTS (
    SELECT FROM service_area AS area
    WHERE area.service_id = held.service_id AND area.regions && (SELECT safonau_regions()) AND NOT EXISTS (
        SELECT FROM service_area AS later WHERE later.service_id = area.service_id AND later.version > area.version
    )
)
"""
CHANGED = (("service", "shared"), ("assessment", "shared"), ("fact", "shared"), ("fact", "reviewers_add"))
FROM_PROFILES = """
INSERT INTO service_area (service_id, provider_id, version, regions, local_authorities, programme_types,
    recorded_at, recorded_by, request_id)
SELECT DISTINCT ON (service_id) service_id, provider_id, 1,
    ARRAY(SELECT jsonb_array_elements_text(coalesce(nullif(body #> '{profile,regions}', 'null'), '[]')) ORDER BY 1),
    '{}', '{}', recorded_at, recorded_by, request_id
FROM fact WHERE kind = 'service' ORDER BY service_id, version DESC
"""


def upgrade() -> None:
    op.create_table(
        "service_area",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("regions", ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("local_authorities", ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("programme_types", ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_service_area_version")),
        sa.ForeignKeyConstraint(["recorded_by"], ["app_user.id"], name=op.f("fk_service_area_recorded_by_app_user")),
        sa.ForeignKeyConstraint(
            ["service_id", "provider_id"],
            ["service.id", "service.provider_id"],
            name=op.f("fk_service_area_service_id_provider_id_service"),
        ),
        sa.PrimaryKeyConstraint("service_id", "version", name=op.f("pk_service_area")),
    )
    op.execute("ALTER TABLE fact NO FORCE ROW LEVEL SECURITY")
    op.execute(FROM_PROFILES)
    op.execute("ALTER TABLE fact FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE service_area ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE service_area FORCE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT, INSERT ON service_area TO safonau_app")
    for name, command, condition in POLICIES:
        clause = "USING" if command == "SELECT" else "WITH CHECK"
        op.execute(f"CREATE POLICY {name} ON service_area FOR {command} TO safonau_app {clause} ({condition})")
    op.execute("CREATE POLICY owner_reads ON service_area FOR SELECT TO CURRENT_USER USING (true)")
    op.execute(IN_REGION)
    op.execute("GRANT SELECT ON share_in_region TO safonau_app")
    _ask("share_in_force", "share_in_region")


def downgrade() -> None:
    _ask("share_in_region", "share_in_force")
    op.execute("DROP VIEW share_in_region")
    op.drop_table("service_area")


def _ask(before: str, after: str) -> None:
    """Let policies ask another view."""
    database = op.get_bind()
    query = "SELECT qual, with_check FROM pg_policies WHERE schemaname = 'public' AND tablename = :table"
    for table, name in CHANGED:
        row = database.execute(
            sa.text(f"{query} AND policyname = :name"),  # all of it from above
            {"table": table, "name": name},
        ).one()
        clause, condition = ("USING", row.qual) if row.qual is not None else ("WITH CHECK", row.with_check)
        op.execute(sa.text(f"ALTER POLICY {name} ON {table} {clause} ({condition.replace(before, after)})"))
