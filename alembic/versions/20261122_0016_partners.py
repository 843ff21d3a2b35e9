"""Partners of services: who takes part in one, what they answer for, and that they never judge it.

Revision 0016, of 2026-11-22.

A partner sees the service, and its assessments under the rule set versions that it answers for; there it adds responses
and answers, those that it answers for and no others. A reviewer of an organisation that provides a service or is a
partner in it adds nothing to its record.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
CALLER = "(SELECT safonau_organisation())"
PROVIDERS = "(SELECT safonau_role()) IN ('provider_editor', 'provider_lead')"
COMMISSIONING = "(SELECT safonau_role()) IN ('commissioner', 'reviewer')"
BY_CALLER = "recorded_by = (SELECT safonau_user())"

IN_FORCE = """
CREATE VIEW partner_in_force WITH (security_invoker = true) AS
SELECT service_id, provider_id, partner_id, opens FROM service_partner AS one
WHERE NOT ended AND NOT EXISTS (
    SELECT FROM service_partner AS later
    WHERE later.service_id = one.service_id AND later.partner_id = one.partner_id AND later.version > one.version
)
"""
# Who names partners sees only commissioners among the other organisations.
MAY_BE_PARTNER = """
CREATE FUNCTION safonau_may_be_partner(candidate uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$ SELECT EXISTS (SELECT FROM organisation WHERE id = candidate AND kind IN ('provider', 'commissioner')) $$
"""
HELD = f"EXISTS (SELECT FROM partner_in_force AS held WHERE held.partner_id = {CALLER} AND held.service_id = "
OPENS = "held.opens -> (ruled.rule_set_id || '@' || ruled.rule_set_version)"
RULED = f"EXISTS (SELECT FROM assessment AS ruled WHERE ruled.id = fact.assessment_id AND {OPENS}"
SAID = "kind IN ('response', 'answer')"
SHARED = (
    f"EXISTS (SELECT FROM share WHERE share.commissioner_id = {CALLER}"
    " AND share.service_id = service_partner.service_id)"
)
EITHER = (
    f"held.partner_id = {CALLER} AND held.provider_id = organisation.id"
    f" OR held.provider_id = {CALLER} AND held.partner_id = organisation.id"
)
IMPARTIAL = f"(SELECT safonau_role()) <> 'reviewer' OR provider_id <> {CALLER} AND NOT {HELD}{{table}}.service_id)"
# Table, name, command, condition. Several policies for one command add up; what is impartial is wanted besides.
POLICIES = (
    ("service_partner", "providers", "SELECT", f"{PROVIDERS} AND provider_id = {CALLER}"),
    ("service_partner", "own", "SELECT", f"partner_id = {CALLER}"),
    (
        "service_partner",
        "shared",
        "SELECT",
        f"{COMMISSIONING} AND {SHARED}",
    ),
    (
        "service_partner",
        "leads_add",
        "INSERT",
        f"(SELECT safonau_role()) = 'provider_lead' AND provider_id = {CALLER} AND {BY_CALLER}",
    ),
    ("service", "with_partners", "SELECT", f"{PROVIDERS} AND {HELD}service.id)"),
    ("service_area", "with_partners", "SELECT", f"{PROVIDERS} AND {HELD}service_area.service_id)"),
    (
        "assessment",
        "with_partners",
        "SELECT",
        f"{PROVIDERS} AND {HELD}assessment.service_id AND held.opens ? (rule_set_id || '@' || rule_set_version))",
    ),
    (
        "fact",
        "with_partners",
        "SELECT",
        f"{PROVIDERS} AND {HELD}fact.service_id AND (fact.assessment_id IS NULL OR {RULED} IS NOT NULL)))",
    ),
    (
        "fact",
        "with_partners_add",
        "INSERT",
        f"{PROVIDERS} AND {BY_CALLER} AND {SAID} AND {HELD}fact.service_id AND {RULED} -> fact.kind ? fact.key))",
    ),
    (
        "organisation",
        "with_partners",
        "SELECT",
        f"{PROVIDERS} AND EXISTS (SELECT FROM partner_in_force AS held WHERE {EITHER})",
    ),
)


def upgrade() -> None:
    op.create_table(
        "service_partner",
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("answers_for", JSONB(), nullable=False),
        sa.Column("opens", JSONB(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_service_partner_version")),
        sa.CheckConstraint("partner_id <> provider_id", name=op.f("ck_service_partner_other")),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["organisation.id"], name=op.f("fk_service_partner_partner_id_organisation")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["app_user.id"], name=op.f("fk_service_partner_recorded_by_app_user")),
        sa.ForeignKeyConstraint(
            ["service_id", "provider_id"],
            ["service.id", "service.provider_id"],
            name=op.f("fk_service_partner_service_id_provider_id_service"),
        ),
        sa.PrimaryKeyConstraint("service_id", "partner_id", "version", name=op.f("pk_service_partner")),
    )
    op.create_index(op.f("ix_service_partner_partner_id"), "service_partner", ["partner_id"])
    op.execute("ALTER TABLE service_partner ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE service_partner FORCE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT, INSERT ON service_partner TO safonau_app")
    op.execute("CREATE POLICY owner_reads ON service_partner FOR SELECT TO CURRENT_USER USING (true)")
    op.execute(IN_FORCE)
    op.execute("GRANT SELECT ON partner_in_force TO safonau_app")
    op.execute(MAY_BE_PARTNER)
    op.execute("REVOKE ALL ON FUNCTION safonau_may_be_partner(uuid) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION safonau_may_be_partner(uuid) TO safonau_app")
    for table, name, command, condition in POLICIES:
        clause = "USING" if command == "SELECT" else "WITH CHECK"
        op.execute(f"CREATE POLICY {name} ON {table} FOR {command} TO safonau_app {clause} ({condition})")
    for table in ("fact", "determination"):
        impartial = IMPARTIAL.format(table=table)
        op.execute(
            f"CREATE POLICY impartial ON {table} AS RESTRICTIVE FOR INSERT TO safonau_app WITH CHECK ({impartial})"
        )


def downgrade() -> None:
    for table in ("fact", "determination"):
        op.execute(f"DROP POLICY impartial ON {table}")
    for table, name, _, _ in POLICIES:
        op.execute(f"DROP POLICY {name} ON {table}")
    op.execute("DROP FUNCTION safonau_may_be_partner(uuid)")
    op.execute("DROP VIEW partner_in_force")
    op.drop_table("service_partner")
