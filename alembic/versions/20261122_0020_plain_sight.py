"""What policies look up to decide who sees a row, looked up plainly.

Revision 0020, of 2026-11-22.

The views that policies read held the policies of what they read in turn, several deep, and the database worked all of
that out again for every statement: 16 ms for one fact. They are now read with the rights of the schema's owner, so each
says itself that it is about the caller and nobody else.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

CALLER = "(SELECT safonau_organisation())"
COMMISSIONING = "(SELECT safonau_role()) IN ('commissioner', 'reviewer')"
PROVIDERS = "(SELECT safonau_role()) IN ('provider_editor', 'provider_lead')"
BY_CALLER = "recorded_by = (SELECT safonau_user())"
SAID = "kind IN ('response', 'answer')"

NEWEST_SHARE = """
NOT ended AND NOT EXISTS (
    SELECT FROM share AS later
    WHERE later.assessment_id = share.assessment_id AND later.commissioner_id = share.commissioner_id
        AND later.version > share.version
)
"""
SHARE_IN_FORCE = "SELECT assessment_id, service_id, provider_id, commissioner_id, submitted_at FROM share WHERE"
SHARE_IN_REGION = """
SELECT held.* FROM share_in_force AS held WHERE EXISTS (
    SELECT FROM service_area AS area
    WHERE area.service_id = held.service_id AND area.regions && {regions} AND NOT EXISTS (
        SELECT FROM service_area AS later WHERE later.service_id = area.service_id AND later.version > area.version
    )
)
"""
OWN_REGIONS = "(SELECT regions FROM organisation WHERE id = (SELECT safonau_organisation()))"
PARTNER_IN_FORCE = """
SELECT service_id, provider_id, partner_id, opens FROM service_partner AS one
WHERE {whose}NOT ended AND NOT EXISTS (
    SELECT FROM service_partner AS later
    WHERE later.service_id = one.service_id AND later.partner_id = one.partner_id AND later.version > one.version
)
"""
EITHER = f"{CALLER} IN (partner_id, provider_id) AND "
# What others read of the responses and answers of an assessment that is or was shared with them.
HANDED_IN_SHARED = """
CREATE VIEW handed_in_shared WITH (security_barrier = true) AS
SELECT assessment_id, fact_id FROM handed_in WHERE EXISTS (
    SELECT FROM share
    WHERE share.commissioner_id = (SELECT safonau_organisation()) AND share.assessment_id = handed_in.assessment_id
)
"""
# The assessments that a partner takes part in, with the keys of what is open to it by kind of fact.
PARTNER_ASSESSMENT = """
CREATE VIEW partner_assessment WITH (security_barrier = true) AS
SELECT assessment.id AS assessment_id,
    held.opens -> (assessment.rule_set_id || '@' || assessment.rule_set_version) AS open
FROM partner_in_force AS held JOIN assessment ON assessment.service_id = held.service_id
WHERE held.partner_id = (SELECT safonau_organisation())
    AND held.opens ? (assessment.rule_set_id || '@' || assessment.rule_set_version)
"""
VIEWS = ("share_in_force", "share_in_region", "partner_in_force")

WITH_PARTNER = f"EXISTS (SELECT FROM partner_in_force AS held WHERE held.partner_id = {CALLER} AND held.service_id = "
OPEN = "EXISTS (SELECT FROM partner_assessment AS held WHERE held.assessment_id = "
OF_SERVICE = f"fact.assessment_id IS NULL AND {WITH_PARTNER}fact.service_id)"
OF_ASSESSMENT = f"fact.assessment_id IS NOT NULL AND {OPEN}fact.assessment_id)"
OF_FACT, OF_ASSESSED = f"{WITH_PARTNER}fact.service_id", f"{WITH_PARTNER}assessment.service_id"
OPENS = "held.opens -> (ruled.rule_set_id || '@' || ruled.rule_set_version)"
RULED = f"EXISTS (SELECT FROM assessment AS ruled WHERE ruled.id = fact.assessment_id AND {OPENS}"
HELD_BY = f"EXISTS (SELECT FROM share_in_region AS held WHERE held.commissioner_id = {CALLER}"
SHARED = (
    f"{COMMISSIONING} AND {HELD_BY} AND held.service_id = fact.service_id"
    " AND (fact.assessment_id IS NULL OR held.assessment_id = fact.assessment_id)"
    " AND (kind NOT IN ('answer', 'response') AND fact.recorded_at >= held.submitted_at OR EXISTS (SELECT FROM {view}"
    " AS said WHERE said.assessment_id = held.assessment_id AND said.fact_id = fact.id)))"
)
# Table, policy, clause, condition now and before.
CHANGED = (
    ("fact", "shared", "USING", SHARED.format(view="handed_in_shared"), SHARED.format(view="handed_in")),
    (
        "fact",
        "with_partners",
        "USING",
        f"{PROVIDERS} AND ({OF_SERVICE} OR {OF_ASSESSMENT})",
        f"{PROVIDERS} AND {WITH_PARTNER}fact.service_id AND (fact.assessment_id IS NULL OR {RULED} IS NOT NULL)))",
    ),
    (
        "fact",
        "with_partners_add",
        "WITH CHECK",
        f"{PROVIDERS} AND {BY_CALLER} AND {SAID} AND {OPEN}fact.assessment_id AND held.open -> fact.kind ? fact.key)",
        f"{PROVIDERS} AND {BY_CALLER} AND {SAID} AND {OF_FACT} AND {RULED} -> fact.kind ? fact.key))",
    ),
    (
        "assessment",
        "with_partners",
        "USING",
        f"{PROVIDERS} AND {OPEN}assessment.id)",
        f"{PROVIDERS} AND {OF_ASSESSED} AND held.opens ? (rule_set_id || '@' || rule_set_version))",
    ),
)


def upgrade() -> None:
    _view("share_in_force", f"{SHARE_IN_FORCE} commissioner_id = {CALLER} AND {NEWEST_SHARE}")
    _view("share_in_region", SHARE_IN_REGION.format(regions=OWN_REGIONS))
    _view("partner_in_force", PARTNER_IN_FORCE.format(whose=EITHER))
    for name in VIEWS:
        op.execute(f"ALTER VIEW {name} SET (security_invoker = false, security_barrier = true)")
    for view in (HANDED_IN_SHARED, PARTNER_ASSESSMENT):
        op.execute(view)
    op.execute("GRANT SELECT ON handed_in_shared, partner_assessment TO safonau_app")
    for table, name, clause, condition, _ in CHANGED:
        op.execute(f"ALTER POLICY {name} ON {table} {clause} ({condition})")


def downgrade() -> None:
    for table, name, clause, _, condition in CHANGED:
        op.execute(f"ALTER POLICY {name} ON {table} {clause} ({condition})")
    op.execute("DROP VIEW partner_assessment, handed_in_shared")
    _view("partner_in_force", PARTNER_IN_FORCE.format(whose=""))
    _view("share_in_region", SHARE_IN_REGION.format(regions="(SELECT safonau_regions())"))
    _view("share_in_force", f"{SHARE_IN_FORCE} {NEWEST_SHARE}")
    for name in VIEWS:
        op.execute(f"ALTER VIEW {name} SET (security_invoker = true)")
        op.execute(f"ALTER VIEW {name} RESET (security_barrier)")


def _view(name: str, query: str) -> None:
    op.execute(f"CREATE OR REPLACE VIEW {name} AS {query}")
