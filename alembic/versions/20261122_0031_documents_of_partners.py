"""A partner in a service hands in the evidence for what it answers for: documents of its own, with its own files.

Revision 0031, of 2026-11-22.

A document is one of the service, like every other; its file is held by the organisation of whoever recorded it first.
A partner that answers for something adds documents, and withdraws those that it added; everything else stays the
provider's. Each reads the files of the other's documents in the service.
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

CALLER = "(SELECT safonau_organisation())"
PROVIDERS = "(SELECT safonau_role()) IN ('provider_editor', 'provider_lead')"
READERS = "(SELECT safonau_role()) IN ('commissioner', 'reviewer')"
# The first version of a document may be hidden from who sees a later one.
HOLDER = """
CREATE FUNCTION safonau_holder(service uuid, document text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT one.organisation_id FROM fact AS first JOIN app_user AS one ON one.id = first.recorded_by
    WHERE first.service_id = service AND first.assessment_id IS NULL AND first.kind = 'document'
        AND first.key = document AND first.version = 1;
END
"""
# What a partner adds has to fit assessments that it does not see, too; of these it is told the rules and no more.
RULE_SETS = """
CREATE FUNCTION safonau_rule_sets(service uuid) RETURNS TABLE (rule_set_id text, rule_set_version text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
BEGIN ATOMIC
    SELECT DISTINCT one.rule_set_id, one.rule_set_version FROM assessment AS one
    WHERE one.service_id = service AND EXISTS (
        SELECT FROM partner_in_force AS held
        WHERE held.service_id = service AND held.partner_id = safonau_organisation()
    );
END
"""
FUNCTIONS = {"safonau_holder(uuid, text)": HOLDER, "safonau_rule_sets(uuid)": RULE_SETS}
HAS_A_PART = (
    "EXISTS (SELECT FROM partner_in_force AS held WHERE held.service_id = fact.service_id"
    " AND held.partner_id = (SELECT safonau_organisation()) AND held.opens <> '{}')"
)
ADDING = (
    f"{PROVIDERS} AND recorded_by = (SELECT safonau_user()) AND kind = 'document' AND assessment_id IS NULL"
    f" AND {HAS_A_PART} AND (version = 1 OR safonau_holder(service_id, key) = {CALLER})"
)
# Whoever asks sees of documents and partners those that the policies of these show; partners of former days too.
OF_PROVIDER = (
    "EXISTS (SELECT FROM fact AS document WHERE document.kind = 'document'"
    " AND document.provider_id = {table}.provider_id AND document.body ->> 'sha256' = {table}.sha256"
    " AND safonau_linked(document.service_id, document.key){held})"
)
OF_CONSORTIUM = (
    "EXISTS (SELECT FROM service_partner AS part JOIN fact AS document ON document.service_id = part.service_id"
    " WHERE document.kind = 'document' AND document.body ->> 'sha256' = {table}.sha256{linked}{held})"
)
PARTNERS_BEFORE = (
    "EXISTS (SELECT FROM fact AS document JOIN partner_in_force AS held ON held.service_id = document.service_id"
    " WHERE held.partner_id = (SELECT safonau_organisation()) AND document.kind = 'document'"
    " AND document.provider_id = {table}.provider_id AND document.body ->> 'sha256' = {table}.sha256)"
)
LINKED = " AND safonau_linked(document.service_id, document.key)"
HELD = " AND safonau_holder(document.service_id, document.key) = {table}.provider_id"
TABLES = ("upload", "upload_event")


def upgrade() -> None:
    for name, statement in FUNCTIONS.items():
        op.execute(statement)
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO safonau_app")
    op.execute(f"CREATE POLICY partners_add_documents ON fact FOR INSERT TO safonau_app WITH CHECK ({ADDING})")
    for table in TABLES:
        held = HELD.format(table=table)
        of_provider = OF_PROVIDER.format(table=table, held=held)
        linked = OF_CONSORTIUM.format(table=table, linked=LINKED, held=held)
        shown = OF_CONSORTIUM.format(table=table, linked="", held=held)
        op.execute(f"ALTER POLICY linked ON {table} USING ({READERS} AND {of_provider})")
        op.execute(
            f"CREATE POLICY linked_of_partners ON {table} FOR SELECT TO safonau_app USING ({READERS} AND {linked})"
        )
        op.execute(f"ALTER POLICY with_partners ON {table} USING ({PROVIDERS} AND {shown})")


def downgrade() -> None:
    for table in TABLES:
        of_provider = OF_PROVIDER.format(table=table, held="")
        op.execute(f"ALTER POLICY linked ON {table} USING ({READERS} AND {of_provider})")
        op.execute(f"DROP POLICY linked_of_partners ON {table}")
        op.execute(
            f"ALTER POLICY with_partners ON {table} USING ({PROVIDERS} AND {PARTNERS_BEFORE.format(table=table)})"
        )
    op.execute("DROP POLICY partners_add_documents ON fact")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
