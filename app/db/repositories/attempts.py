"""Attempts to sign in, counted in the database so that all processes count together."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from sqlalchemy import case, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.session import Transaction
from app.db.tables import sign_in_attempt as attempt

AttemptKind: TypeAlias = Literal["account", "address"]
FORGOTTEN_AFTER: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BackOff:
    """So many attempts are free; then the wait is ``first``, and doubles with each further one up to ``longest``."""

    free: int
    first: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Counted:
    """Whether an attempt is ``allowed``, and until when there may be no further one, if one has to wait."""

    kind: AttemptKind
    allowed: bool
    wait_until: datetime | None


def count(tx: Transaction, kind: AttemptKind, key: str, back_off: BackOff) -> Counted:
    """Count one attempt, unless one has to wait now.

    The row is locked until the transaction ends: of many attempts at once, each counts.
    """
    tries = case((attempt.c.tried_at < tx.now - FORGOTTEN_AFTER, 1), else_=attempt.c.tries + 1)
    # At most 2 to the 20th: what is longer is cut anyway, and no number overflows.
    doublings = func.least(tries - back_off.free, 20)
    wait = func.least(
        literal(back_off.longest.total_seconds()), back_off.first.total_seconds() * func.power(2, doublings)
    )
    until = tx.now + func.make_interval(0, 0, 0, 0, 0, 0, wait)
    first = {"kind": kind, "key": key, "tries": 1, "tried_at": tx.now}
    upsert = insert(attempt).values(first)
    counted = upsert.on_conflict_do_update(
        index_elements=[attempt.c.kind, attempt.c.key],
        set_={
            "tries": tries,
            "tried_at": tx.now,
            "blocked_until": case((tries >= back_off.free, until)),
        },
        where=or_(attempt.c.blocked_until.is_(None), attempt.c.blocked_until <= tx.now),
    ).returning(attempt.c.blocked_until)
    row = tx.connection.execute(counted).one_or_none()
    if row is not None:
        return Counted(kind, allowed=True, wait_until=row.blocked_until)
    here = (attempt.c.kind == kind, attempt.c.key == key)
    there = tx.connection.execute(select(attempt.c.blocked_until).where(*here)).scalar_one()
    return Counted(kind, allowed=False, wait_until=there)


def forget(tx: Transaction, kind: AttemptKind, key: str, *, all_of_them: bool) -> None:
    """Take back the attempt that succeeded, or ``all_of_them``; nobody has to wait any more."""
    left = 0 if all_of_them else func.greatest(attempt.c.tries - 1, 0)
    here = (attempt.c.kind == kind, attempt.c.key == key)
    tx.connection.execute(update(attempt).where(*here).values(tries=left, blocked_until=None))
