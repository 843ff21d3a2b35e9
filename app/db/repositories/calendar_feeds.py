"""Calendar feeds: one for each user who wants one, found by the hash of its secret, which never leaves."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.session import Actor, Transaction
from app.db.tables import app_user, calendar_feed


def put(tx: Transaction, secret_hash: str) -> None:
    """Keep the hash of the caller's secret, in place of any before."""
    row = {"secret_hash": secret_hash, "made_at": tx.now}
    kept = insert(calendar_feed).values(row | {"user_id": tx.actor.user})
    tx.connection.execute(kept.on_conflict_do_update(index_elements=[calendar_feed.c.user_id], set_=row))


def made_at(tx: Transaction, user: UUID) -> datetime | None:
    """When the feed of a user was made; ``None`` where there is none that the caller may see."""
    wanted = (calendar_feed.c.user_id == user, calendar_feed.c.secret_hash.is_not(None))
    return tx.connection.scalar(select(calendar_feed.c.made_at).where(*wanted))


def clear(tx: Transaction, user: UUID) -> bool:
    """Forget the secret of a user; ``False`` where there was none."""
    wanted = (calendar_feed.c.user_id == user, calendar_feed.c.secret_hash.is_not(None))
    return tx.connection.execute(update(calendar_feed).where(*wanted).values(secret_hash=None)).rowcount == 1


def reader(tx: Transaction, secret_hash: str) -> Actor | None:
    """The active user whose secret this is, in the role that they have now; in a transaction of ``SIGNING_IN``."""
    tx.connection.execute(select(func.set_config("safonau.secret", secret_hash, True)))  # noqa: FBT003  # SQL's own order
    query = (
        select(app_user.c.id, app_user.c.organisation_id, app_user.c.role)
        .join_from(calendar_feed, app_user, calendar_feed.c.user_id == app_user.c.id)
        .where(calendar_feed.c.secret_hash == secret_hash, app_user.c.active)
    )
    row = tx.connection.execute(query).one_or_none()
    return None if row is None else Actor(*row)
