"""Calendar feeds: made and revoked by whose they are, and read by whoever holds the address."""

from typing import Final

from app.db.repositories import audit, calendar_feeds
from app.db.session import Actor, Role, Transaction
from app.db.values import not_found

# Who has a portfolio to look ahead over.
ROLES: Final[tuple[Role, ...]] = ("commissioner", "reviewer")


def make(tx: Transaction, secret_hash: str) -> None:
    """Give the caller a feed; the address of the one before leads nowhere any more."""
    tx.require(*ROLES)
    calendar_feeds.put(tx, secret_hash)
    audit.record(tx, "calendar_feed.made", f"users/{tx.actor.user}")


def revoke(tx: Transaction) -> None:
    """Take the caller's feed back. Raises ``NotFound`` where there is none."""
    tx.require(*ROLES)
    if not calendar_feeds.clear(tx, tx.actor.user):
        raise not_found()
    audit.record(tx, "calendar_feed.revoked", f"users/{tx.actor.user}")


def reader(tx: Transaction, secret_hash: str) -> Actor:
    """Whom a feed is read as, in a transaction of ``SIGNING_IN``.

    Raises ``NotFound``, in one sentence for a secret that is unknown, revoked, or of somebody who was shut out or has
    no portfolio any more.
    """
    found = calendar_feeds.reader(tx, secret_hash)
    if found is None or found.role not in ROLES:
        raise not_found()
    return found
