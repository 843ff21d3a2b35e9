"""Bringing a database to the newest schema, and telling whether it is there."""

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from psycopg import errors
from sqlalchemy.exc import DBAPIError

from app.db import roles
from app.db.address import conninfo
from app.errors import Unavailable
from app.shipped import shipped

VERSION_TABLE = "alembic_version"


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Migrate to ``revision`` as the role that owns the schema; several processes at once wait for one another.

    Raises ``Unavailable`` when the server lacks the role that the service runs as, when the role may not change the
    schema, when a table stays locked, or when the database is newer than this code.
    """
    roles.require_app(owner_url)
    try:
        command.upgrade(config(owner_url), revision)
    except CommandError as error:
        message = f"The database cannot be brought to the newest schema: {error}."
        raise Unavailable(message, hint="Run a Safonau that is at least as new as the one that made it.") from None
    except DBAPIError as error:
        if not isinstance(error.orig, errors.InsufficientPrivilege | errors.LockNotAvailable):
            raise
        message = f"The database cannot be brought to the newest schema: {error.orig.diag.message_primary}."
        hint = "Put the owner's address in MIGRATION_DATABASE_URL (docs/settings.md), or try again when it is idle."
        raise Unavailable(message, hint=hint) from None


def is_current(url: str) -> bool:
    """Tell whether the database behind a normalised address is at the newest revision.

    Raises ``Unavailable`` when the role may not even read the revision.
    """
    with psycopg.connect(conninfo(url)) as connection:
        there = connection.execute("SELECT to_regclass(%s)", [f"public.{VERSION_TABLE}"]).fetchone()
        if there is None or there[0] is None:
            return False
        try:
            found = {row[0] for row in connection.execute("SELECT version_num FROM public.alembic_version")}
        except errors.InsufficientPrivilege:
            message = f"The database role '{connection.info.user}' has none of the service's rights."
            raise Unavailable(message, hint=f"Make it a member: GRANT {roles.APP} TO that role.") from None
    return found == set(ScriptDirectory.from_config(config(url)).get_heads())


def config(url: str) -> Config:
    """Give Alembic's configuration for one database; the address travels beside the options, not in them."""
    made = Config(attributes={"url": url})
    made.set_main_option("script_location", str(shipped("alembic")).replace("%", "%%"))
    return made
