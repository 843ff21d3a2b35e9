"""Replies to requests that carry an idempotency key, kept in the transaction of the change that they report.

So a reply is on record exactly when its change is, and a request sent again gets the same reply instead of a second
change. A key belongs to the user who used it. Replies are no part of the record: they are forgotten after a while, a
few each time that one is stored.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, insert, select

from app.db.session import Transaction
from app.db.tables import idempotency
from app.db.values import StoredReply
from app.errors import IdempotencyInFlight, IdempotencyMismatch


def claim(tx: Transaction, key: str, fingerprint: str) -> StoredReply | None:
    """Take the key for this request; gives the stored reply if the same request was answered before.

    ``fingerprint`` is a hash of method, path and body. Raises ``IdempotencyInFlight`` while another request with the
    key is being worked on, ``IdempotencyMismatch`` where the key was used for another request.
    """
    number = func.hashtextextended(f"{tx.actor.user} {key}", 0)
    if not tx.connection.scalar(select(func.pg_try_advisory_xact_lock(number))):
        raise IdempotencyInFlight(
            "A request with this idempotency key is still being worked on.", hint="Send it again in a few seconds."
        )
    row = tx.connection.execute(
        select(idempotency.c.fingerprint, idempotency.c.status, idempotency.c.headers, idempotency.c.body).where(
            idempotency.c.user_id == tx.actor.user, idempotency.c.key == key
        )
    ).one_or_none()
    if row is None:
        return None
    if row.fingerprint != fingerprint:
        raise IdempotencyMismatch(
            "This idempotency key was used for another request.", hint="Use a new key for each new request."
        )
    return StoredReply(row.status, row.headers, row.body)


def store(tx: Transaction, key: str, fingerprint: str, reply: StoredReply, *, kept_for: timedelta) -> None:
    """Keep the reply to the request that claimed the key in this transaction.

    Some of the replies, of anybody, that are older than ``kept_for`` go.
    """
    tx.connection.execute(select(func.forget_replies(tx.now - kept_for)))
    row = {
        "user_id": tx.actor.user,
        "key": key,
        "fingerprint": fingerprint,
        "status": reply.status,
        "headers": reply.headers,
        "body": reply.body,
        "created_at": tx.now,
    }
    tx.connection.execute(insert(idempotency).values(row))


def erase(tx: Transaction, user: UUID, email: str) -> None:
    """Forget, as an administrator, every reply to the user and every reply that their e-mail address stands in."""
    tx.connection.execute(select(func.erase_replies(user, email)))
