"""What was done, by whom, in which request: written in the transaction that does it, and never changed.

Entries form one chain, in the order of their numbers (``app.db.chain``).
"""

from sqlalchemy import select

from app.db.chain import Entry
from app.db.session import Transaction
from app.db.tables import audit_event
from app.db.values import AuditEvent, Slice

_COLUMNS = (
    audit_event.c.seq,
    audit_event.c.hash,
    audit_event.c.id,
    audit_event.c.at,
    audit_event.c.organisation_id,
    audit_event.c.actor,
    audit_event.c.request_id,
    audit_event.c.action,
    audit_event.c.subject,
    audit_event.c.detail,
)


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


def page(tx: Transaction, *, after: str | None, limit: int) -> Slice[AuditEvent, str]:
    """The entries that the caller may see, oldest first: an administrator all, others those of their organisation.

    ``after`` is the number of an entry, as text.
    """
    query = select(*_COLUMNS).order_by(audit_event.c.seq).limit(limit + 1)
    if after is not None:
        query = query.where(audit_event.c.seq > int(after))
    rows = tx.connection.execute(query).all()
    found = tuple(AuditEvent(seq, own.hex(), *rest) for seq, own, *rest in rows[:limit])
    return Slice(found, str(found[-1].seq) if len(rows) > limit else None)
