"""What commissioners choose by: one row for each assessment that is shared with them, worked out from the record.

Revision 0012, of 2026-11-22.

It is no record: every row can be worked out again. Triggers keep who sees a row, and raise its ``mark`` in the very
transaction that records something which it may rest on; ``computed`` is the mark that its content was worked out at.
``projector`` is the service itself when it works rows out: it reads the record and changes the content of rows, and
nothing else.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
IDENTIFIER = sa.Text(collation="C")
COMMISSIONING = "(SELECT safonau_role()) IN ('commissioner', 'reviewer')"
PROJECTOR = "(SELECT safonau_role()) = 'projector'"
OWN = (
    f"{COMMISSIONING} AND commissioner_id = (SELECT safonau_organisation()) AND shared"
    " AND regions && (SELECT safonau_regions())"
)
READ = ("assessment", "service_area", "fact")
CONTENT = (
    "computed, catalogue, judged_on, valid_through, state, submitted_at, service_name, sort_name, provider_name,"
    " local_authorities, client_groups, forms_of_abuse, delivery, schemes, status_evidenced, status_verified, declared,"
    " evidenced, verified, lapses_declared, lapses_evidenced, lapses_verified, failing_declared, failing_evidenced,"
    " failing_verified, standards_declared, standards_evidenced, standards_verified, content, tally"
)
RUNGS = ("declared", "evidenced", "verified")
ARRAYS = (
    "local_authorities",
    "client_groups",
    "forms_of_abuse",
    "delivery",
    "schemes",
    *(f"failing_{rung}" for rung in RUNGS),
    *(f"standards_{rung}" for rung in RUNGS),
)
SORTED = ("sort_name", "submitted_at", *RUNGS, *(f"lapses_{rung}" for rung in RUNGS))

FUNCTIONS = {
    "portfolio_shared": """
    INSERT INTO portfolio (commissioner_id, assessment_id, service_id, provider_id, rule_set_id, rule_set_version,
        shared, regions, mark)
    SELECT NEW.commissioner_id, assessment.id, assessment.service_id, assessment.provider_id, assessment.rule_set_id,
        assessment.rule_set_version, NOT NEW.ended, portfolio_regions(assessment.service_id), 1
    FROM assessment WHERE assessment.id = NEW.assessment_id
    ON CONFLICT (commissioner_id, assessment_id)
    DO UPDATE SET shared = excluded.shared, regions = excluded.regions, mark = portfolio.mark + 1;
    """,
    "portfolio_moved": """
    UPDATE portfolio SET regions = NEW.regions, mark = mark + 1 WHERE service_id = NEW.service_id;
    """,
    "portfolio_recorded": """
    UPDATE portfolio SET mark = mark + 1
    WHERE service_id IN (SELECT service_id FROM added WHERE assessment_id IS NULL)
        OR assessment_id IN (SELECT assessment_id FROM added);
    """,
}
TRIGGERS = (
    ("portfolio_shared", "share", "FOR EACH ROW"),
    ("portfolio_moved", "service_area", "FOR EACH ROW"),
    ("portfolio_recorded", "fact", "REFERENCING NEW TABLE AS added FOR EACH STATEMENT"),
)
REGIONS = """
CREATE FUNCTION portfolio_regions(service uuid) RETURNS text[] LANGUAGE sql STABLE
RETURN coalesce(
    (SELECT area.regions FROM service_area AS area WHERE area.service_id = service ORDER BY area.version DESC LIMIT 1),
    '{}'
)
"""
FROM_SHARES = """
INSERT INTO portfolio (commissioner_id, assessment_id, service_id, provider_id, rule_set_id, rule_set_version,
    shared, regions, mark)
SELECT DISTINCT ON (share.commissioner_id, share.assessment_id) share.commissioner_id, assessment.id,
    assessment.service_id, assessment.provider_id, assessment.rule_set_id, assessment.rule_set_version,
    NOT share.ended, portfolio_regions(assessment.service_id), 1
FROM share JOIN assessment ON assessment.id = share.assessment_id
ORDER BY share.commissioner_id, share.assessment_id, share.version DESC
"""


def upgrade() -> None:
    _table()
    op.execute("ALTER TABLE portfolio ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE portfolio FORCE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, UPDATE ({CONTENT}) ON portfolio TO safonau_app")
    op.execute(f"CREATE POLICY commissioners ON portfolio FOR SELECT TO safonau_app USING ({OWN})")
    op.execute(f"CREATE POLICY projector ON portfolio FOR SELECT TO safonau_app USING ({PROJECTOR})")
    op.execute(f"CREATE POLICY projector_changes ON portfolio FOR UPDATE TO safonau_app USING ({PROJECTOR})")
    for table in READ:
        op.execute(f"CREATE POLICY projector ON {table} FOR SELECT TO safonau_app USING ({PROJECTOR})")
    op.execute("CREATE POLICY owner_reads ON portfolio FOR SELECT TO CURRENT_USER USING (true)")
    op.execute("CREATE POLICY owner_adds ON portfolio FOR INSERT TO CURRENT_USER WITH CHECK (true)")
    op.execute("CREATE POLICY owner_marks ON portfolio FOR UPDATE TO CURRENT_USER USING (true)")
    op.execute(REGIONS)
    op.execute("REVOKE ALL ON FUNCTION portfolio_regions(uuid) FROM PUBLIC")
    op.execute(FROM_SHARES)
    for name, body in FUNCTIONS.items():
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
            f" SET search_path = pg_catalog, public, pg_temp AS $$ BEGIN {body} RETURN NULL; END $$"
        )
        op.execute(f"REVOKE ALL ON FUNCTION {name}() FROM PUBLIC")
    for name, table, each in TRIGGERS:
        op.execute(f"CREATE TRIGGER {name} AFTER INSERT ON {table} {each} EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    for name, table, _ in TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute(f"DROP FUNCTION {name}()")
    for table in READ:
        op.execute(f"DROP POLICY projector ON {table}")
    op.execute("DROP FUNCTION portfolio_regions(uuid)")
    op.drop_table("portfolio")


def _table() -> None:
    op.create_table(
        "portfolio",
        sa.Column("commissioner_id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("rule_set_id", sa.Text(), nullable=False),
        sa.Column("rule_set_version", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("regions", ARRAY(IDENTIFIER), nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("computed", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("catalogue", IDENTIFIER, nullable=False, server_default=""),
        sa.Column("judged_on", sa.Date(), nullable=False, server_default="0001-01-01"),
        sa.Column("valid_through", sa.Date(), nullable=False, server_default="0001-01-01"),
        sa.Column("state", sa.Text(), nullable=False, server_default=""),
        sa.Column("submitted_at", INSTANT),
        sa.Column("service_name", sa.Text(), nullable=False, server_default=""),
        sa.Column("sort_name", IDENTIFIER, nullable=False, server_default=""),
        sa.Column("provider_name", sa.Text(), nullable=False, server_default=""),
        sa.Column("status_evidenced", sa.Text()),
        sa.Column("status_verified", sa.Text()),
        *(sa.Column(name, sa.Numeric(4, 1), nullable=False, server_default="-1") for name in RUNGS),
        *(sa.Column(f"lapses_{name}", sa.Date(), nullable=False, server_default="9999-12-31") for name in RUNGS),
        *(
            sa.Column(
                name,
                ARRAY(sa.Integer() if name.startswith("standards") else IDENTIFIER),
                nullable=False,
                server_default="{}",
            )
            for name in ARRAYS
        ),
        sa.Column("content", JSONB(), nullable=False, server_default="{}"),
        sa.Column("tally", sa.LargeBinary(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("commissioner_id", "assessment_id", name=op.f("pk_portfolio")),
        sa.ForeignKeyConstraint(
            ["assessment_id", "service_id", "provider_id"],
            ["assessment.id", "assessment.service_id", "assessment.provider_id"],
            name=op.f("fk_portfolio_assessment_id_service_id_provider_id_assessment"),
        ),
    )
    op.create_index("ix_portfolio_marked", "portfolio", ["assessment_id"], postgresql_where=sa.text("computed <> mark"))
    for columns in (
        ["assessment_id"],
        ["service_id"],
        ["commissioner_id", "service_id", "rule_set_id"],
        ["catalogue"],
        ["judged_on"],
        ["valid_through"],
        *(["commissioner_id", name, "assessment_id"] for name in SORTED),
    ):
        op.create_index(op.f(f"ix_portfolio_{'_'.join(columns)}"), "portfolio", columns)
