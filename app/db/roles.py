"""The two roles: one owns the schema and migrates it, the other is all that the service itself ever uses.

Row-level security does not bind a superuser, a role with BYPASSRLS or, unless forced, the owner of a table, so the
service refuses to run as any of these (architecture.md, decision 5).
"""

import psycopg
from psycopg import sql

from app.db.address import conninfo
from app.errors import Unavailable

OWNER = "safonau_owner"
APP = "safonau_app"

# A role that may become another one with SET ROLE counts as that one too.
_PRIVILEGES = """
SELECT current_user, bool_or(role.rolsuper), bool_or(role.rolbypassrls), bool_or(EXISTS (
    SELECT FROM pg_class AS relation
    WHERE relation.relnamespace = to_regnamespace('public') AND relation.relowner = role.oid
))
FROM pg_roles AS role WHERE pg_has_role(role.oid, 'MEMBER')
"""


def create(superuser: psycopg.Connection) -> None:
    """Make the roles that are missing; ``superuser`` is in autocommit mode. Nothing that exists is changed."""
    for role in (OWNER, APP):
        if superuser.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
            statement = "CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION"
            superuser.execute(sql.SQL(statement).format(sql.Identifier(role)))


def create_database(superuser: psycopg.Connection, name: str) -> None:
    """Make the database ``name``, owned by the owner's role and open to the two roles only, if it is missing."""
    if superuser.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None:
        return
    names = {"database": sql.Identifier(name), "owner": sql.Identifier(OWNER), "app": sql.Identifier(APP)}
    for statement in (
        "CREATE DATABASE {database} OWNER {owner}",
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {app}",
    ):
        superuser.execute(sql.SQL(statement).format(**names))


def require_app(url: str) -> None:
    """Raise ``Unavailable`` unless the server has the role that migrations grant the service its rights by."""
    with psycopg.connect(conninfo(url)) as connection:
        found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP]).fetchone()
    if found is None:
        message = f"The database server has no role '{APP}', which the service's rights are granted to."
        raise Unavailable(message, hint="docs/settings.md has the statements that make the roles.")


def refuse_privileged(url: str) -> None:
    """Raise ``Unavailable`` when the role behind a normalised address is one that row-level security does not bind."""
    with psycopg.connect(conninfo(url)) as connection:
        row = connection.execute(_PRIVILEGES).fetchone()
    name, *privileges = row or ("", None, None, None)
    if not any(privileges):
        return
    superuser, bypasses, _ = privileges
    why = (
        "is or can become a superuser" if superuser else "has or can have BYPASSRLS" if bypasses else "owns the tables"
    )
    message = f"The database role '{name}' {why}, so row-level security would not bind the service."
    hint = "Put an ordinary role in DATABASE_URL and the owner's in MIGRATION_DATABASE_URL (docs/settings.md)."
    raise Unavailable(message, hint=hint)
