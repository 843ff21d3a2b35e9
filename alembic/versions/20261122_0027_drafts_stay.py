"""Held by the database too: nobody shares a draft.

Revision 0027, of 2026-11-22.
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

SUBMITTED = (
    "ended OR EXISTS (SELECT FROM fact AS said WHERE said.service_id = share.service_id"
    " AND said.assessment_id = share.assessment_id AND said.kind = 'assessment'"
    " AND said.body ->> 'state' = 'submitted')"
)


def upgrade() -> None:
    op.execute(
        f"CREATE POLICY what_was_submitted ON share AS RESTRICTIVE FOR INSERT TO safonau_app WITH CHECK ({SUBMITTED})"
    )


def downgrade() -> None:
    op.execute("DROP POLICY what_was_submitted ON share")
