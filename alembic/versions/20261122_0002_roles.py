"""Roles of providers kept apart: who edits and who hands in; and bodies that scrutinise the sector.

Revision 0002, of 2026-11-22. Who had the one role of a provider could hand in, and so becomes a lead.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PROVIDERS = "(SELECT safonau_role()) IN ('provider_editor', 'provider_lead')"
LEAD = "(SELECT safonau_role()) = 'provider_lead'"
BEFORE = "(SELECT safonau_role()) = 'provider'"
OWN = "provider_id = (SELECT safonau_organisation())"
NOT_CHECKED = "NOT kind IN ('verification', 'review') AND recorded_by = (SELECT safonau_user())"

# (table, policy, clause, what it asks besides the role). Only a lead hands an assessment in, which makes shares.
POLICIES = (
    ("organisation", "commissioners", "USING", "kind = 'commissioner'"),
    ("service", "providers", "USING", OWN),
    ("service", "providers_add", "WITH CHECK", OWN),
    ("assessment", "providers", "USING", OWN),
    ("assessment", "providers_add", "WITH CHECK", OWN),
    ("share", "providers", "USING", OWN),
    ("share", "providers_add", "WITH CHECK", OWN),
    ("fact", "providers", "USING", OWN),
    ("fact", "providers_add", "WITH CHECK", f"{OWN} AND {NOT_CHECKED}"),
)


def upgrade() -> None:
    _roles(
        "provider_editor provider_lead reviewer commissioner scrutiny administrator",
        "provider commissioner scrutiny operator",
        "UPDATE app_user SET role = 'provider_lead' WHERE role = 'provider'",
    )
    for table, name, clause, condition in POLICIES:
        who = LEAD if (table, name) == ("share", "providers_add") else PROVIDERS
        op.execute(f"ALTER POLICY {name} ON {table} {clause} ({who} AND {condition})")


def downgrade() -> None:
    _roles(
        "provider reviewer commissioner administrator",
        "provider commissioner operator",
        "UPDATE app_user SET role = 'provider' WHERE role IN ('provider_editor', 'provider_lead')",
    )
    for table, name, clause, condition in POLICIES:
        op.execute(f"ALTER POLICY {name} ON {table} {clause} ({BEFORE} AND {condition})")


def _roles(roles: str, kinds: str, change: str) -> None:
    """Change which roles and kinds of organisations there are, and the users who have one that is no more."""
    op.drop_constraint(op.f("ck_app_user_role"), "app_user")
    op.drop_constraint(op.f("ck_organisation_kind"), "organisation")
    # The policies bind the owner of the table too, and none lets it change a row.
    op.execute("ALTER TABLE app_user NO FORCE ROW LEVEL SECURITY")
    op.execute(change)
    op.execute("ALTER TABLE app_user FORCE ROW LEVEL SECURITY")
    op.create_check_constraint(op.f("ck_app_user_role"), "app_user", f"role IN ({_listed(roles)})")
    op.create_check_constraint(op.f("ck_organisation_kind"), "organisation", f"kind IN ({_listed(kinds)})")


def _listed(names: str) -> str:
    return ", ".join(f"'{name}'" for name in names.split())
