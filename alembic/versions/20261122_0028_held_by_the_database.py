"""Held by the database too: what of a user is changed by whom, whose policies versions are of, and what a PDF is.

Revision 0028, of 2026-11-22.

Which columns of a row may change, and what the rows of the same table say, row-level security cannot ask; triggers do.
The owner of the tables, who has no role, is not held to them.
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# Everybody changes their own password. An administrator, or a lead for a program, shuts others out and lets them in
# again; only an administrator takes away who somebody was. Nobody gives another one a password, or themselves a name.
USER = """
DECLARE
    caller text := coalesce(safonau_role(), '');
    own boolean := NEW.id = safonau_user();
    allowed boolean;
BEGIN
    IF caller = '' THEN
        RETURN NEW;
    END IF;
    allowed := CASE
        WHEN own THEN
            (NEW.email, NEW.name, NEW.active, NEW.version) = (OLD.email, OLD.name, OLD.active, OLD.version)
        WHEN NEW.version <> OLD.version + 1 OR NEW.password_hash NOT IN (OLD.password_hash, '') THEN false
        WHEN (NEW.email, NEW.name) = (OLD.email, OLD.name) THEN caller IN ('administrator', 'provider_lead')
        ELSE caller = 'administrator' AND NEW.email = NEW.id || '@erased.invalid' AND NOT NEW.active
    END;
    IF allowed IS NOT TRUE THEN
        RAISE insufficient_privilege USING MESSAGE = format('a %s does not change this of a user', caller);
    END IF;
    RETURN NEW;
END
"""
POLICY = """
BEGIN
    IF coalesce(safonau_role(), '') <> '' AND NEW.version > 1 AND NOT EXISTS (
        SELECT FROM policy AS before
        WHERE before.id = NEW.id AND before.version = NEW.version - 1
            AND before.commissioner_id = NEW.commissioner_id AND before.created_at = NEW.created_at
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'a version of a policy follows one of the same commissioner';
    END IF;
    RETURN NULL;
END
"""
SEEN = (
    "NOT (SELECT safonau_role()) = 'verification'"
    " AND EXISTS (SELECT FROM determination WHERE determination.number = determination_pdf.number)"
)
# It is found by its hash when somebody verifies it.
A_PDF = "sha256 = encode(sha256(content), 'hex') AND substring(content FROM 1 FOR 5) = '%PDF-'::bytea"


def upgrade() -> None:
    op.execute(f"CREATE FUNCTION safonau_user_change() RETURNS trigger LANGUAGE plpgsql AS $${USER}$$")
    op.execute("CREATE TRIGGER change BEFORE UPDATE ON app_user FOR EACH ROW EXECUTE FUNCTION safonau_user_change()")
    op.execute(
        "CREATE FUNCTION safonau_policy_version() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
        f" SET search_path = pg_catalog, public, pg_temp AS $${POLICY}$$"
    )
    op.execute("REVOKE ALL ON FUNCTION safonau_policy_version() FROM PUBLIC")
    op.execute("CREATE TRIGGER version AFTER INSERT ON policy FOR EACH ROW EXECUTE FUNCTION safonau_policy_version()")
    op.execute(f"ALTER POLICY seen_add ON determination_pdf WITH CHECK ({SEEN} AND {A_PDF})")


def downgrade() -> None:
    op.execute(f"ALTER POLICY seen_add ON determination_pdf WITH CHECK ({SEEN})")
    op.execute("DROP TRIGGER version ON policy")
    op.execute("DROP FUNCTION safonau_policy_version()")
    op.execute("DROP TRIGGER change ON app_user")
    op.execute("DROP FUNCTION safonau_user_change()")
