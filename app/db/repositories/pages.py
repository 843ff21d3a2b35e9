"""Pages of rows in the order (created_at, id), which never changes for a row and has no ties."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import FromClause, Row, Select, tuple_

from app.db.session import Transaction
from app.db.values import Key, Slice

T = TypeVar("T")


def keyset_page(
    tx: Transaction,
    query: Select[Any],
    table: FromClause,
    after: Key | None,
    *,
    limit: int,
    value: Callable[[Row[Any]], T],
) -> Slice[T, Key]:
    """At most ``limit`` rows of ``query`` after the place ``after``; ``table`` has the columns that give the order.

    ``query`` selects ``created_at`` and ``id`` of that table under these names.
    """
    place = tuple_(table.c.created_at, table.c.id)
    if after is not None:
        query = query.where(place > tuple_(*after))
    rows = tx.connection.execute(query.order_by(table.c.created_at, table.c.id).limit(limit + 1)).all()
    items = tuple(value(row) for row in rows[:limit])
    last = rows[limit - 1] if len(rows) > limit else None
    return Slice(items, None if last is None else (last.created_at, last.id))
