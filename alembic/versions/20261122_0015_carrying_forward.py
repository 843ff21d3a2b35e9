"""Reviews that an assessment takes along when it is carried forward to a later version of its rule set.

Revision 0015, of 2026-11-22.

A provider may add no reviews. This function copies one for it: a review of the caller's own assessment, to another one
of the same service that was begun from it in this very transaction, with nothing else in it changed but which
requirement it is about and which version of the response. An acceptance keeps the version that was accepted. Which
requirements follow from which, only the rule sets say; that is for the service.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SIGNATURE = (
    "safonau_carry_review(source uuid, from_key text, made uuid, target uuid, made_key text, about text, seen integer)"
)
BODY = """
BEGIN
    INSERT INTO fact (id, provider_id, service_id, assessment_id, kind, key, version, body, recorded_at, recorded_by,
        request_id)
    SELECT made, begun.provider_id, begun.service_id, begun.assessment_id, 'review', made_key, 1,
        review.body || jsonb_build_object('requirement', about, 'response_version', seen),
        begun.recorded_at, begun.recorded_by, begun.request_id
    FROM fact AS begun JOIN fact AS review ON review.service_id = begun.service_id
        AND review.provider_id = begun.provider_id
        AND review.assessment_id::text = begun.body ->> 'carried_from'
    WHERE safonau_role() IN ('provider_editor', 'provider_lead')
        AND begun.assessment_id = target AND begun.provider_id = safonau_organisation()
        AND begun.recorded_by = safonau_user() AND begun.kind = 'assessment' AND begun.version = 1
        AND begun.body ->> 'state' = 'draft' AND begun.xmin = pg_current_xact_id()::xid
        AND review.assessment_id = source AND review.kind = 'review' AND review.key = from_key
        AND (review.body ->> 'decision' <> 'accepted' OR (review.body ->> 'response_version')::integer = seen)
    ORDER BY review.version DESC LIMIT 1;
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'this review cannot be carried forward to that assessment';
    END IF;
END
"""


def upgrade() -> None:
    op.execute("CREATE POLICY owner_carries ON fact FOR INSERT TO CURRENT_USER WITH CHECK (kind = 'review')")
    op.execute(
        f"CREATE FUNCTION {SIGNATURE} RETURNS void LANGUAGE plpgsql SECURITY DEFINER"
        f" SET search_path = pg_catalog, public, pg_temp AS $${BODY}$$"
    )
    op.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO safonau_app")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    op.execute("DROP POLICY owner_carries ON fact")
