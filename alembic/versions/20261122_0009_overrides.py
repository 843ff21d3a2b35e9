"""Overrides that one reviewer proposes, and that do not count until another one confirms them.

Revision 0009, of 2026-11-22.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

CHECKED = "kind = ANY (ARRAY['verification'::text, 'review'::text])"
CHECKED_AFTER = "kind = ANY (ARRAY['verification'::text, 'review'::text, 'override'::text])"
OF_ASSESSMENT = "'answer', 'response', 'review', 'assessment'"


def upgrade() -> None:
    _kinds(f"{OF_ASSESSMENT}, 'override'")
    _policies(CHECKED, CHECKED_AFTER)


def downgrade() -> None:
    _policies(CHECKED_AFTER, CHECKED)
    # Without confirmation an override counts for nothing; with it, it is a review, which stays.
    for statement in ("NO FORCE ROW LEVEL SECURITY", "FORCE ROW LEVEL SECURITY"):
        op.execute(f"ALTER TABLE fact {statement}")
        if statement.startswith("NO"):
            op.execute("DELETE FROM fact WHERE kind = 'override'")
    _kinds(OF_ASSESSMENT)


def _kinds(of_assessment: str) -> None:
    op.drop_constraint(op.f("ck_fact_kind"), "fact")
    op.create_check_constraint(
        op.f("ck_fact_kind"),
        "fact",
        "CASE WHEN assessment_id IS NULL THEN kind IN ('service', 'accreditation', 'verification', 'document')"
        f" ELSE kind IN ({of_assessment}) END",
    )


def _policies(before: str, after: str) -> None:
    """Let the policies that say what comes from reviewers count overrides among it, or no more."""
    database = op.get_bind()
    query = (
        "SELECT policyname, with_check FROM pg_policies WHERE schemaname = 'public' AND tablename = 'fact'"
        " AND policyname IN ('reviewers_add', 'providers_add')"
    )
    for name, condition in database.exec_driver_sql(query).all():
        if before not in condition:
            raise RuntimeError(f"the policy {name} of fact is not what this revision changes: {condition}")
        database.exec_driver_sql(f"ALTER POLICY {name} ON fact WITH CHECK ({condition.replace(before, after)})")
