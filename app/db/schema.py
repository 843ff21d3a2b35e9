"""What all tables have in common: the names of their constraints, and the types of columns."""

from typing import Final

from sqlalchemy import DateTime, MetaData, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Identifiers sort by code point whatever the locale of the server, so that pages have one order everywhere.
Identifier: Final = Text(collation="C")
Instant: Final = DateTime(timezone=True)
