"""Improvement actions of an assessment: one more kind of fact, in no pack, on which no judgement rests.

Revision 0014, of 2026-11-22.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OF_ASSESSMENT = "'answer', 'response', 'review', 'assessment', 'override'"


def upgrade() -> None:
    _kinds(f"{OF_ASSESSMENT}, 'action'")


def downgrade() -> None:
    tables = ("handed_in", "fact")
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM handed_in USING fact WHERE fact.id = handed_in.fact_id AND fact.kind = 'action'")
    op.execute("DELETE FROM fact WHERE kind = 'action'")
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    _kinds(OF_ASSESSMENT)


def _kinds(of_assessment: str) -> None:
    op.drop_constraint(op.f("ck_fact_kind"), "fact")
    op.create_check_constraint(
        op.f("ck_fact_kind"),
        "fact",
        "CASE WHEN assessment_id IS NULL THEN kind IN ('service', 'accreditation', 'verification', 'document')"
        f" ELSE kind IN ({of_assessment}) END",
    )
