"""What the sector view is read from: for each quarter that has ended, what services showed together on its last day.

Revision 0021, of 2026-11-22.

It is no record: all of it can be counted again. Past quarters stay as they are whatever is recorded later, as a service
records nothing at or before an instant at which it was counted. But a service can be entered as of an earlier day, as
demonstrations are: then the quarters from that day on are counted again. The portfolio can be sorted by status.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

IDENTIFIER = sa.Text(collation="C")
PROJECTOR = "(SELECT safonau_role()) = 'projector'"
TABLES = {"sector_quarter": "catalogue, turn, after_service, counted", "sector_count": "services, figures"}
# Whoever counts holds this lock too (``app.db.session.alone``), so that no count misses the service.
ENTERED = """
BEGIN
    IF EXISTS (SELECT FROM sector_quarter WHERE last_day >= (NEW.created_at AT TIME ZONE 'UTC')::date)
        OR NEW.created_at < now() - interval '1 day'
    THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('sector', 0));
        UPDATE sector_quarter SET turn = turn + 1, after_service = NULL, counted = false
        WHERE last_day >= (NEW.created_at AT TIME ZONE 'UTC')::date;
    END IF;
    RETURN NULL;
END
"""


def upgrade() -> None:
    _tables()
    for table, columns in TABLES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ({columns}) ON {table} TO safonau_app")
        op.execute(f"CREATE POLICY projector ON {table} TO safonau_app USING ({PROJECTOR}) WITH CHECK ({PROJECTOR})")
        op.execute(f"CREATE POLICY owner_reads ON {table} FOR SELECT TO CURRENT_USER USING (true)")
    op.execute("CREATE POLICY owner_starts_again ON sector_quarter FOR UPDATE TO CURRENT_USER USING (true)")
    # Whoever asks what was known at an instant sees to it that nothing is recorded up to then any more.
    op.execute(f"CREATE POLICY projector ON service FOR SELECT TO safonau_app USING ({PROJECTOR})")
    op.execute(
        "CREATE FUNCTION sector_entered() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
        f" SET search_path = pg_catalog, public, pg_temp AS $$ {ENTERED} $$"
    )
    op.execute("REVOKE ALL ON FUNCTION sector_entered() FROM PUBLIC")
    op.execute("CREATE TRIGGER sector_entered AFTER INSERT ON service FOR EACH ROW EXECUTE FUNCTION sector_entered()")


def downgrade() -> None:
    op.execute("DROP TRIGGER sector_entered ON service")
    op.execute("DROP FUNCTION sector_entered()")
    op.execute("DROP POLICY projector ON service")
    op.drop_table("sector_count")
    op.drop_table("sector_quarter")


def _tables() -> None:
    op.create_table(
        "sector_quarter",
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("rule_set_id", sa.Text(), nullable=False),
        sa.Column("catalogue", IDENTIFIER, nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("after_service", sa.Uuid(), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("last_day", "rule_set_id", name=op.f("pk_sector_quarter")),
    )
    op.create_table(
        "sector_count",
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("rule_set_id", sa.Text(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("rule_set_version", sa.Text(), nullable=False),
        sa.Column("regions", ARRAY(IDENTIFIER), nullable=False),
        sa.Column("shared_with", sa.Uuid(), nullable=False),
        sa.Column("services", sa.Integer(), nullable=False),
        sa.Column("figures", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "last_day",
            "rule_set_id",
            "turn",
            "rule_set_version",
            "regions",
            "shared_with",
            name=op.f("pk_sector_count"),
        ),
        sa.ForeignKeyConstraint(
            ["last_day", "rule_set_id"],
            ["sector_quarter.last_day", "sector_quarter.rule_set_id"],
            name=op.f("fk_sector_count_last_day_rule_set_id_sector_quarter"),
        ),
        sa.CheckConstraint("services >= 1", name=op.f("ck_sector_count_services")),
    )
