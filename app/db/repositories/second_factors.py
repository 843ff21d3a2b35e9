"""Second factors: encrypted secrets of authenticator apps, and hashes of recovery codes."""

from typing import Any
from uuid import UUID

from sqlalchemy import Text, Update, cast, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.session import Transaction
from app.db.tables import second_factor as factor
from app.db.values import SecondFactor

_NOTHING: dict[str, Any] = {"secret": None, "confirmed_at": None, "last_step": None, "recovery_hashes": []}


def find(tx: Transaction, user: UUID) -> SecondFactor | None:
    """The second factor of a user, confirmed or not; ``None`` where there is none that the caller may see."""
    columns = (factor.c.secret, factor.c.confirmed_at, factor.c.last_step, factor.c.recovery_hashes)
    query = select(*columns).where(factor.c.user_id == user, factor.c.secret.is_not(None))
    row = tx.connection.execute(query).one_or_none()
    return None if row is None else SecondFactor(row.secret, row.confirmed_at, row.last_step, len(row.recovery_hashes))


def enrol(tx: Transaction, sealed: str) -> bool:
    """Keep a secret of the caller that waits for its first code; ``False`` where one is confirmed already."""
    row = _NOTHING | {"secret": sealed}
    kept = insert(factor).values(row | {"user_id": tx.actor.user})
    kept = kept.on_conflict_do_update(
        index_elements=[factor.c.user_id], set_=row, where=factor.c.confirmed_at.is_(None)
    )
    return tx.connection.execute(kept.returning(factor.c.user_id)).one_or_none() is not None


def confirm(tx: Transaction, step: int, recovery_hashes: list[str]) -> bool:
    """From now on the caller needs it; ``False`` where that was so already."""
    change = update(factor).where(factor.c.user_id == tx.actor.user, factor.c.confirmed_at.is_(None))
    return _done(tx, change.values(confirmed_at=tx.now, last_step=step, recovery_hashes=recovery_hashes))


def use_step(tx: Transaction, step: int) -> bool:
    """Note that the caller used the code of this time step; ``False`` where that one, or a later one, was used."""
    later = factor.c.last_step < step
    return _done(tx, update(factor).where(factor.c.user_id == tx.actor.user, later).values(last_step=step))


def use_recovery_code(tx: Transaction, code_hash: str) -> bool:
    """Strike off a recovery code of the caller; ``False`` where there is no such code any more."""
    held = factor.c.recovery_hashes.contains([code_hash])
    left = func.array_remove(factor.c.recovery_hashes, cast(code_hash, Text))
    return _done(tx, update(factor).where(factor.c.user_id == tx.actor.user, held).values(recovery_hashes=left))


def clear(tx: Transaction, user: UUID) -> bool:
    """Take away the second factor of a user, secret and codes; ``False`` where there was none."""
    return _done(tx, update(factor).where(factor.c.user_id == user, factor.c.secret.is_not(None)).values(_NOTHING))


def reseal(tx: Transaction, user: UUID, before: str, after: str) -> None:
    """Keep the same secret encrypted anew, unless it is another one by now."""
    tx.connection.execute(
        update(factor).where(factor.c.user_id == user, factor.c.secret == before).values(secret=after)
    )


def every_secret(tx: Transaction) -> list[tuple[UUID, str]]:
    """Every encrypted secret and whose it is, as an administrator."""
    query = select(factor.c.user_id, factor.c.secret).where(factor.c.secret.is_not(None))
    return [(row.user_id, row.secret) for row in tx.connection.execute(query)]


def _done(tx: Transaction, change: Update) -> bool:
    return tx.connection.execute(change).rowcount == 1
