"""What was done, by whom, in which request: written in the transaction that does it, and never changed."""

from sqlalchemy import insert

from app.db.session import Transaction
from app.db.tables import audit_event


def record(tx: Transaction, action: str, subject: str, **detail: str | int) -> None:
    """Note that the caller did ``action`` to ``subject`` (kind and id, as in an address); no evidence in ``detail``."""
    row = {
        "id": tx.new_id(),
        "at": tx.now,
        "actor": tx.actor.user,
        "request_id": tx.request_id,
        "action": action,
        "subject": subject,
        "detail": detail,
    }
    tx.connection.execute(insert(audit_event).values(row))
