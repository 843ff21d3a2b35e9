"""The life of an assessment in the database too: who moves it from which state, and what is frozen when.

Revision 0017, of 2026-11-22.

A trigger holds every fact about an assessment against its state. Row-level security cannot: a policy of the table
that has the states would have to read that table. What a restore puts back was held against it when it was recorded;
the owner of the table, who has no role, is not held to it.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# A lead also records the state as it is: sharing, and ending a share, are versions of the same fact.
BODY = """
DECLARE
    caller text := coalesce(safonau_role(), '');
    state text;
    reopened jsonb;
    allowed boolean;
BEGIN
    IF caller = '' THEN
        RETURN NULL;
    END IF;
    SELECT said.body ->> 'state', said.body -> 'reopened' INTO state, reopened FROM fact AS said
    WHERE said.service_id = NEW.service_id AND said.assessment_id = NEW.assessment_id AND said.kind = 'assessment'
        AND (NEW.kind <> 'assessment' OR said.version < NEW.version)
    ORDER BY said.version DESC LIMIT 1;
    allowed := CASE
        WHEN NEW.kind = 'assessment' AND state IS NULL THEN NEW.body ->> 'state' = 'draft'
        WHEN NEW.kind = 'assessment' AND caller = 'provider_lead' THEN
            state <> 'draft' AND NEW.body ->> 'state' = state
            OR state IN ('draft', 'returned') AND NEW.body ->> 'state' = 'submitted'
            OR state <> 'completed' AND NEW.body ->> 'state' = 'withdrawn'
        WHEN NEW.kind = 'assessment' AND caller = 'reviewer' THEN
            state = 'submitted' AND NEW.body ->> 'state' = 'in_review'
            OR state = 'in_review' AND NEW.body ->> 'state' IN ('returned', 'completed')
        WHEN NEW.kind = 'assessment' THEN false
        WHEN NEW.kind = 'response' THEN
            state = 'draft'
            OR state = 'returned' AND reopened @> jsonb_build_array(jsonb_build_object('requirement', NEW.key))
        WHEN NEW.kind = 'answer' THEN state IN ('draft', 'returned')
        WHEN NEW.kind NOT IN ('review', 'override') THEN true
        WHEN caller = 'reviewer' THEN state = 'in_review'
        ELSE state = 'draft'
    END;
    IF allowed IS NOT TRUE THEN
        RAISE insufficient_privilege USING MESSAGE =
            format('no %s is added by a %s while the assessment is %s', NEW.kind, caller, coalesce(state, 'nothing'));
    END IF;
    RETURN NULL;
END
"""


def upgrade() -> None:
    op.execute(
        "CREATE FUNCTION safonau_life() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
        f" SET search_path = pg_catalog, public, pg_temp AS $${BODY}$$"
    )
    op.execute("REVOKE ALL ON FUNCTION safonau_life() FROM PUBLIC")
    op.execute(
        "CREATE TRIGGER life AFTER INSERT ON fact FOR EACH ROW WHEN (NEW.assessment_id IS NOT NULL)"
        " EXECUTE FUNCTION safonau_life()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER life ON fact")
    op.execute("DROP FUNCTION safonau_life()")
