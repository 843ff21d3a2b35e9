"""A partner in a service reads the files of its documents too, as it reads all else that is on record of it.

Revision 0026, of 2026-11-22.
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

CALLER = "(SELECT safonau_organisation())"
PROVIDERS = "(SELECT safonau_role()) IN ('provider_editor', 'provider_lead')"
OF_SERVICE = (
    f"{PROVIDERS} AND EXISTS (SELECT FROM fact AS document JOIN partner_in_force AS held"
    " ON held.service_id = document.service_id"
    f" WHERE held.partner_id = {CALLER} AND document.kind = 'document' AND document.provider_id = {{table}}.provider_id"
    " AND document.body ->> 'sha256' = {table}.sha256)"
)
TABLES = ("upload", "upload_event")


def upgrade() -> None:
    for table in TABLES:
        condition = OF_SERVICE.format(table=table)
        op.execute(f"CREATE POLICY with_partners ON {table} FOR SELECT TO safonau_app USING ({condition})")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP POLICY with_partners ON {table}")
