"""What a commissioner sees of an assessment: what was submitted, for as long as it is shared.

Revision 0005, of 2026-11-22. A share can be ended, so it has versions. Of what the provider says (responses, answers),
commissioners see the versions that were submitted, and no drafts before or between; of everything else, what was on
record when it was first submitted and what came after. What was shared before this revision stays seen as it was.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
LEAD = "(SELECT safonau_role()) = 'provider_lead'"
PROVIDERS = "(SELECT safonau_role()) IN ('provider_editor', 'provider_lead')"
OWN = "provider_id = (SELECT safonau_organisation())"
COMMISSIONING = "(SELECT safonau_role()) IN ('commissioner', 'reviewer')"
CALLER = "commissioner_id = (SELECT safonau_organisation())"
CHECKED = "kind IN ('verification', 'review')"
BY_CALLER = "recorded_by = (SELECT safonau_user())"
REVIEWED = "kind = 'assessment' AND body ->> 'state' IN ('in_review', 'returned', 'completed')"
REVIEWING = f"(SELECT safonau_role()) = 'reviewer' AND ({CHECKED} OR {REVIEWED}) AND {BY_CALLER}"
SAYING = f"{PROVIDERS} AND {OWN} AND NOT {CHECKED} AND {BY_CALLER}"
# Only a lead moves an assessment on from a draft.
MOVING = f"(kind <> 'assessment' OR {LEAD} OR body ->> 'state' = 'draft')"

IN_FORCE = """
CREATE VIEW share_in_force WITH (security_invoker = true) AS
SELECT assessment_id, service_id, provider_id, commissioner_id, submitted_at FROM share
WHERE NOT ended AND NOT EXISTS (
    SELECT FROM share AS later
    WHERE later.assessment_id = share.assessment_id AND later.commissioner_id = share.commissioner_id
        AND later.version > share.version
)
"""
SHARED = f"{COMMISSIONING} AND EXISTS (SELECT FROM share_in_force AS held WHERE {CALLER} AND "
OF_THE_FACT = (
    "held.service_id = fact.service_id AND (fact.assessment_id IS NULL OR held.assessment_id = fact.assessment_id)"
)
SEEN = (
    "(kind NOT IN ('answer', 'response') AND fact.recorded_at >= held.submitted_at OR EXISTS (SELECT FROM handed_in"
    " WHERE handed_in.assessment_id = held.assessment_id AND handed_in.fact_id = fact.id))"
)
# Table, policy, clause and condition of each.
POLICIES = (
    ("organisation", "providers_who_share", "USING", f"{SHARED}held.provider_id = organisation.id)"),
    ("service", "shared", "USING", f"{SHARED}held.service_id = service.id)"),
    ("assessment", "shared", "USING", f"{SHARED}held.assessment_id = assessment.id)"),
    ("fact", "shared", "USING", f"{SHARED}{OF_THE_FACT} AND {SEEN})"),
    ("fact", "reviewers_add", "WITH CHECK", f"{REVIEWING} AND {SHARED}{OF_THE_FACT})"),
    ("fact", "providers_add", "WITH CHECK", f"{SAYING} AND {MOVING}"),
)
KNOWN = f"EXISTS (SELECT FROM share WHERE {CALLER} AND share.assessment_id = handed_in.assessment_id"
HANDED_IN = (
    ("providers", "SELECT", f"{PROVIDERS} AND {OWN}"),
    (
        "commissioners",
        "SELECT",
        f"{COMMISSIONING} AND {KNOWN})",
    ),
    ("leads_add", "INSERT", f"{LEAD} AND {OWN}"),
)

REVIEWING_BEFORE = f"(SELECT safonau_role()) = 'reviewer' AND {CHECKED} AND {BY_CALLER}"
BEFORE = f"{COMMISSIONING} AND EXISTS (SELECT FROM share WHERE {CALLER} AND "
BEFORE_FACT = (
    "share.service_id = fact.service_id AND (fact.assessment_id IS NULL OR share.assessment_id = fact.assessment_id))"
)
POLICIES_BEFORE = (
    ("organisation", "providers_who_share", "USING", f"{BEFORE}share.provider_id = organisation.id)"),
    ("service", "shared", "USING", f"{BEFORE}share.service_id = service.id)"),
    ("assessment", "shared", "USING", f"{BEFORE}share.assessment_id = assessment.id)"),
    ("fact", "shared", "USING", BEFORE + BEFORE_FACT),
    ("fact", "reviewers_add", "WITH CHECK", f"{REVIEWING_BEFORE} AND {BEFORE}{BEFORE_FACT}"),
    ("fact", "providers_add", "WITH CHECK", SAYING),
)


def upgrade() -> None:
    op.add_column("share", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("share", sa.Column("ended", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("share", sa.Column("submitted_at", INSTANT))
    op.alter_column("share", "shared_at", new_column_name="recorded_at")
    _unbound(
        "share",
        "UPDATE share SET submitted_at = (SELECT min(recorded_at) FROM share AS first"
        " WHERE first.assessment_id = share.assessment_id)",
    )
    op.alter_column("share", "submitted_at", nullable=False)
    op.alter_column("share", "version", server_default=None)
    op.alter_column("share", "ended", server_default=None)
    op.create_check_constraint(op.f("ck_share_version"), "share", "version >= 1")
    _key_of_shares(["assessment_id", "commissioner_id", "version"])
    _handed_in()
    op.execute(IN_FORCE)
    op.execute("GRANT SELECT ON share_in_force TO safonau_app")
    _policies(POLICIES)


def downgrade() -> None:
    _policies(POLICIES_BEFORE)
    op.execute("DROP VIEW share_in_force")
    op.drop_table("handed_in")
    # A share that was ended has no place in the table as it was.
    _unbound(
        "share",
        "DELETE FROM share AS one WHERE ended OR EXISTS (SELECT FROM share AS later WHERE later.assessment_id ="
        " one.assessment_id AND later.commissioner_id = one.commissioner_id AND later.version > one.version)",
    )
    _key_of_shares(["assessment_id", "commissioner_id"])
    op.drop_constraint(op.f("ck_share_version"), "share")
    op.alter_column("share", "recorded_at", new_column_name="shared_at")
    for column in ("submitted_at", "ended", "version"):
        op.drop_column("share", column)


def _handed_in() -> None:
    op.create_table(
        "handed_in",
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("assessment_id", "fact_id", name=op.f("pk_handed_in")),
        sa.ForeignKeyConstraint(["fact_id"], ["fact.id"], name=op.f("fk_handed_in_fact_id_fact")),
        sa.ForeignKeyConstraint(
            ["assessment_id", "service_id", "provider_id"],
            ["assessment.id", "assessment.service_id", "assessment.provider_id"],
            name=op.f("fk_handed_in_assessment_id_service_id_provider_id_assessment"),
        ),
    )
    # Whatever was on record of a shared assessment could be seen until now.
    op.execute("ALTER TABLE fact NO FORCE ROW LEVEL SECURITY")
    _unbound(
        "share",
        "INSERT INTO handed_in SELECT DISTINCT share.assessment_id, share.service_id, share.provider_id, fact.id,"
        " share.submitted_at FROM share JOIN fact ON fact.service_id = share.service_id"
        " AND (fact.assessment_id IS NULL OR fact.assessment_id = share.assessment_id)",
    )
    op.execute("ALTER TABLE fact FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE handed_in ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE handed_in FORCE ROW LEVEL SECURITY")
    op.execute("GRANT SELECT, INSERT ON handed_in TO safonau_app")
    for name, command, condition in HANDED_IN:
        clause = "USING" if command == "SELECT" else "WITH CHECK"
        op.execute(f"CREATE POLICY {name} ON handed_in FOR {command} TO safonau_app {clause} ({condition})")
    op.execute("CREATE POLICY owner_reads ON handed_in FOR SELECT TO CURRENT_USER USING (true)")


def _key_of_shares(columns: list[str]) -> None:
    op.drop_constraint(op.f("pk_share"), "share")
    op.create_primary_key(op.f("pk_share"), "share", columns)


def _policies(policies: tuple[tuple[str, str, str, str], ...]) -> None:
    for table, name, clause, condition in policies:
        op.execute(f"ALTER POLICY {name} ON {table} {clause} ({condition})")


def _unbound(table: str, statement: str) -> None:
    """Change rows of a table, whose policies bind its owner too."""
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(statement)
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
