"""Bringing a database to the newest schema, and telling whether it is there."""

import sys
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.db import roles
from app.db.address import conninfo

VERSION_TABLE = "alembic_version"


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Migrate to ``revision`` as the role that owns the schema; several processes at once wait for one another.

    Raises ``Unavailable`` when the server lacks the role that the service runs as.
    """
    roles.require_app(owner_url)
    command.upgrade(config(owner_url), revision)


def is_current(url: str) -> bool:
    """Tell whether the database behind a normalised address is at the newest revision."""
    with psycopg.connect(conninfo(url)) as connection:
        there = connection.execute("SELECT to_regclass(%s)", [f"public.{VERSION_TABLE}"]).fetchone()
        if there is None or there[0] is None:
            return False
        found = {row[0] for row in connection.execute("SELECT version_num FROM public.alembic_version")}
    return found == set(ScriptDirectory.from_config(config(url)).get_heads())


def config(url: str) -> Config:
    """Give Alembic's configuration for one database; the address travels beside the options, not in them."""
    made = Config(attributes={"url": url})
    made.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    return made


def migrations() -> Path:
    """Give the folder of the migrations: in the project's folder, or where a built package puts it."""
    beside = Path(__file__).resolve().parents[2] / "alembic"
    return beside if beside.is_dir() else Path(sys.prefix) / "share" / "safonau" / "alembic"
