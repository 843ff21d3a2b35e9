"""Erasing who a user was. What they did stays on record and stays provable: the record knows them by an id only."""

from dataclasses import replace
from uuid import UUID

from app.db.repositories import audit, calendar_feeds, clients, idempotency, invitations, second_factors, users
from app.db.repositories import sessions as session_records
from app.db.session import Transaction
from app.db.values import User
from app.errors import Conflict
from app.services import sessions

NAME = "Erased user"
# A domain that can never exist (RFC 2606).
_DOMAIN = "erased.invalid"


def is_erased(user: User) -> bool:
    """Whether this is the pseudonym of somebody who was erased."""
    return user.email == _address(user.id)


def erase_user(tx: Transaction, user_id: UUID) -> User:
    """Take away who somebody is and how they sign in, as an administrator, and give the pseudonym that is left.

    Their sessions end, and they can sign in no more; replies stored for them, or with their address in them, and the
    address in invitations to it, are forgotten. Once more changes nothing. Raises ``Forbidden``, ``NotFound``, and
    ``Conflict`` for the caller's own account.
    """
    tx.require("administrator")
    known = users.get(tx, user_id)
    if user_id == tx.actor.user:
        raise Conflict("Nobody erases their own account.", hint="Ask another administrator.")
    pseudonym = replace(known, email=_address(user_id), name=NAME, active=False)
    if known == pseudonym:
        return known
    sessions.shut_out(tx, user_id)
    session_records.forget_programs(tx, user_id)
    second_factors.clear(tx, user_id)
    clients.forget_secret(tx, user_id)
    calendar_feeds.clear(tx, user_id)
    invitations.erase(tx, known.email, pseudonym.email)
    idempotency.erase(tx, user_id, known.email)
    if not users.replace(tx, pseudonym):
        raise Conflict("Somebody else is changing this user just now.", hint="Try again.")
    audit.record(tx, "user.erased", f"users/{user_id}")
    return users.get(tx, user_id)


def _address(user_id: UUID) -> str:
    return f"{user_id}@{_DOMAIN}"
