"""ID tokens of an outside provider that were used, each known by a digest until it runs out."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.db.session import Transaction
from app.db.tables import used_assertion


def use(tx: Transaction, digest: str, until: datetime) -> bool:
    """Keep that a token was used, which holds until then; whether it was the first time.

    In a transaction of ``SIGNING_IN``. Of many at once the first takes it, and the others wait for that. A few that
    have run out are forgotten.
    """
    tx.connection.execute(select(func.forget_assertions(tx.now)))
    # Nobody sees the rows, so none is given back; they are counted.
    add = insert(used_assertion).values(digest=digest, until=until).on_conflict_do_nothing()
    return tx.connection.execute(add.execution_options(preserve_rowcount=True)).rowcount == 1
