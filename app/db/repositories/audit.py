"""What was done, by whom, in which request: written in the transaction that does it, and never changed.

Entries form one chain, in the order of their numbers (``app.db.chain``).
"""

from app.db.chain import Entry
from app.db.session import Transaction


def record(tx: Transaction, action: str, subject: str, **detail: str | int) -> None:
    """Note that the caller did ``action`` to ``subject`` (kind and id, as in an address).

    The entry also proves whatever was recorded in this transaction since the last one. Nothing in ``detail`` is
    evidence, or a person's name or e-mail address: entries stay for ever, and many may read them.
    """
    entry = Entry(
        id=tx.new_id(),
        at=tx.now,
        organisation=tx.actor.organisation,
        actor=tx.actor.user,
        request_id=tx.request_id,
        action=action,
        subject=subject,
        detail=detail,
        rows=tx.noted.take_rows(),
    )
    tx.noted.entries.append(entry)
