"""The portfolio can be sorted by status, the worst first.

Revision 0024, of 2026-11-22.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

RANK = (
    "CASE status_{rung} WHEN 'critical_gaps' THEN 0 WHEN 'working_towards' THEN 1 WHEN 'meets' THEN 2"
    " WHEN 'not_assessed' THEN 3 ELSE 4 END"
)
RUNGS = ("evidenced", "verified")


def upgrade() -> None:
    for rung in RUNGS:
        name = f"rank_{rung}"
        rank = sa.Computed(RANK.format(rung=rung), persisted=True)
        op.add_column("portfolio", sa.Column(name, sa.Integer(), rank, nullable=False))
        columns = ["commissioner_id", name, "assessment_id"]
        op.create_index(op.f(f"ix_portfolio_{'_'.join(columns)}"), "portfolio", columns)


def downgrade() -> None:
    for rung in RUNGS:
        op.drop_column("portfolio", f"rank_{rung}")
