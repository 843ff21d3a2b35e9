"""Invitations. The hash of a token never leaves; a row is found by it or by its id."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, insert, select, update

from app.db.repositories.pages import keyset_page
from app.db.session import Transaction
from app.db.tables import invitation
from app.db.values import Invitation, Key, Slice, not_found

_QUERY: Select[Any] = select(
    invitation.c.id,
    invitation.c.email,
    invitation.c.organisation_id,
    invitation.c.role,
    invitation.c.invited_by,
    invitation.c.created_at,
    invitation.c.expires_at,
    invitation.c.accepted_at,
    invitation.c.withdrawn_at,
    invitation.c.version,
)


def add(tx: Transaction, new: Invitation) -> None:
    """Add an invitation, which has no token yet."""
    row = {field.name: getattr(new, field.name) for field in fields(new)}
    row["organisation_id"] = row.pop("organisation")
    tx.connection.execute(insert(invitation).values(row))


def get(tx: Transaction, invitation_id: UUID) -> Invitation:
    """The invitation; raises ``NotFound`` unless the caller may see it."""
    row = tx.connection.execute(_QUERY.where(invitation.c.id == invitation_id)).one_or_none()
    if row is None:
        raise not_found()
    return _invitation(row)


def is_open_to(tx: Transaction, email: str) -> bool:
    """Whether an invitation to this address, which the caller may see, can still be accepted."""
    still = (invitation.c.accepted_at.is_(None), invitation.c.withdrawn_at.is_(None), invitation.c.expires_at > tx.now)
    return bool(tx.connection.scalar(select(exists().where(invitation.c.email == email, *still))))


def page(tx: Transaction, *, after: Key | None, limit: int) -> Slice[Invitation, Key]:
    """The invitations that the caller may see, oldest first."""
    return keyset_page(tx, _QUERY, invitation, after, limit=limit, value=_invitation)


def by_token(tx: Transaction, secret_hash: str) -> Invitation | None:
    """The invitation whose token has this hash, open or not, or ``None``; in a transaction of ``SIGNING_IN``.

    ``None`` as well where whoever invited may do so no more (migration 0029).
    """
    tx.connection.execute(select(func.set_config("safonau.secret", secret_hash, True)))  # noqa: FBT003  # SQL's own order
    row = tx.connection.execute(_QUERY.where(invitation.c.secret_hash == secret_hash)).one_or_none()
    return None if row is None else _invitation(row)


def change(tx: Transaction, changed: Invitation, secret_hash: str | None = None) -> bool:
    """Keep what became of an invitation, and the hash of another token if there is one.

    Its version is one above the one that is replaced; ``False``, and nothing changed, where another is on record.
    """
    values: dict[str, Any] = {
        "expires_at": changed.expires_at,
        "accepted_at": changed.accepted_at,
        "withdrawn_at": changed.withdrawn_at,
        "version": changed.version,
    }
    if secret_hash is not None:
        values["secret_hash"] = secret_hash
    before = (invitation.c.id == changed.id, invitation.c.version == changed.version - 1)
    return tx.connection.execute(update(invitation).where(*before).values(values)).rowcount == 1


def withdraw_all_by(tx: Transaction, inviter: UUID) -> int:
    """Take back every open invitation that somebody made, as an administrator; gives how many."""
    still = (invitation.c.accepted_at.is_(None), invitation.c.withdrawn_at.is_(None))
    values = {"withdrawn_at": tx.now, "version": invitation.c.version + 1}
    change = update(invitation).where(invitation.c.invited_by == inviter, *still).values(values)
    return tx.connection.execute(change).rowcount


def erase(tx: Transaction, email: str, pseudonym: str) -> int:
    """Write over an address in every invitation to it, as an administrator; none of them holds any more."""
    ended = func.coalesce(invitation.c.withdrawn_at, tx.now)
    values = {"email": pseudonym, "secret_hash": None, "withdrawn_at": ended, "version": invitation.c.version + 1}
    return tx.connection.execute(update(invitation).where(invitation.c.email == email).values(values)).rowcount


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(*tuple(row))
