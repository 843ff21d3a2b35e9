"""How Alembic reaches the database: one connection, one transaction, one migration at a time.

The address comes from ``app.db.migrate.config``; run by the ``alembic`` command itself it is that of
MIGRATION_DATABASE_URL or DATABASE_URL.
"""

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.db.migrate import VERSION_TABLE
from app.db.roles import APP
from app.db.tables import metadata
from app.settings import read_settings

# Any number will do as long as nothing else in the database uses it.
_ONE_AT_A_TIME = 5_206_204_418_033


def _address() -> str:
    given = context.config.attributes.get("url")
    if isinstance(given, str):
        return given
    found = read_settings().owner_url
    if found is None:
        raise SystemExit("alembic: set MIGRATION_DATABASE_URL to the database to work on.")
    return found


def _migrate() -> None:
    engine = create_engine(_address(), poolclass=NullPool)
    with engine.connect() as connection, connection.begin():
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
        # A migration that cannot have its lock gives up rather than stop every request behind it.
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        context.configure(
            connection=connection,
            target_metadata=metadata,
            version_table=VERSION_TABLE,
            compare_server_default=True,
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        # The service compares the revision when it starts, and may do no more with it.
        connection.execute(text(f"GRANT SELECT ON {VERSION_TABLE} TO {APP}"))


_migrate()
