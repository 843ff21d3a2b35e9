"""Signing in, going on and signing out: sessions, their refresh tokens, and how often one may try."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.db.repositories import attempts, audit, invitations, sessions, users
from app.db.repositories.attempts import BackOff
from app.db.session import Actor, Transaction, acting_as
from app.db.values import Session
from app.errors import Fault, Invalid, NotSignedIn

LONGEST_SESSION: Final = timedelta(days=14)
LONGEST_USER_AGENT: Final = 200
SCOPE: Final = "read write"
BY_ACCOUNT: Final = BackOff(free=5, first=timedelta(seconds=30), longest=timedelta(hours=1))
BY_ADDRESS: Final = BackOff(free=30, first=timedelta(seconds=30), longest=timedelta(hours=1))


def attempt(tx: Transaction, *, account: str, address: str) -> datetime | None:
    """Count an attempt to sign in before anything is looked at, in a transaction of ``SIGNING_IN``.

    ``account`` and ``address`` are keyed hashes of what was given, whether or not somebody has that name. Gives until
    when there may be none for either; the transaction must then be rolled back.
    """
    counted = (
        attempts.count(tx, "account", account, BY_ACCOUNT),
        attempts.count(tx, "address", address, BY_ADDRESS),
    )
    refused = [each.wait_until for each in counted if not each.allowed and each.wait_until is not None]
    if refused:
        return max(refused)
    for each in counted:
        if each.wait_until is not None:
            audit.record(tx, "sign_in.delayed", f"sign-in/{each.kind}")
    return None


def succeeded(tx: Transaction, *, account: str, address: str) -> None:
    """Forget the attempts on an account whose owner has come, and this one of the address."""
    attempts.forget(tx, "account", account, all_of_them=True)
    attempts.forget(tx, "address", address, all_of_them=False)


def password_right(tx: Transaction, *, address: str) -> None:
    """Take back this attempt of the address, which gave the right password and no second factor.

    The attempts on the account stay counted: the password alone shall not let anybody guess at codes for longer.
    """
    attempts.forget(tx, "address", address, all_of_them=False)


def scope_of(asked: str | None, allowed: str = SCOPE) -> str:
    """The words of ``asked``, or all that are ``allowed``, in the order of these; raises ``Invalid`` (``/scope``)."""
    words = allowed.split() if asked is None else asked.split()
    if not words or not set(words) <= set(allowed.split()):
        fault = Fault("/scope", "this scope is not to be had", f"ask for words of: {allowed}")
        raise Invalid("No token was given.", hint="See faults.", faults=(fault,))
    return " ".join(word for word in allowed.split() if word in words)


def start(
    tx: Transaction, *, scope: str, user_agent: str, secret_hash: str | None, lasts: timedelta = LONGEST_SESSION
) -> Session:
    """Begin a session of the caller, who has just shown who they are; keep the hash of its refresh token, if any."""
    made = Session(
        id=tx.new_id(),
        user=tx.actor.user,
        scope=scope,
        user_agent=user_agent[:LONGEST_USER_AGENT],
        created_at=tx.now,
        last_used_at=tx.now,
        expires_at=tx.now + lasts,
    )
    sessions.add(tx, made)
    if secret_hash is not None:
        sessions.add_token(tx, made, secret_hash)
    audit.record(tx, "session.begun", f"sessions/{made.id}", scope=scope)
    return made


def refresh(tx: Transaction, secret_hash: str, new_hash: str) -> tuple[Actor, Session] | None:
    """Go on with a session by its refresh token, which is replaced by the new one; in one of ``SIGNING_IN``.

    ``None`` where the token was used before: somebody else has it, and the session ends with this transaction, which
    must be committed. Raises ``NotSignedIn`` where there is no such token or the session has ended.
    """
    found = sessions.token(tx, secret_hash)
    if found is None:
        raise no_such_token()
    fresh = sessions.use_token(tx, secret_hash)
    actor = Actor(found.user, found.organisation, found.role, found.session if fresh else None)
    own = acting_as(tx, actor, tx.now)
    if not fresh:
        if sessions.end(own, found.user, only=found.session):
            audit.record(own, "session.ended", f"sessions/{found.session}", why="a refresh token was used again")
        return None
    session = sessions.get(own, found.user, found.session)
    sessions.add_token(own, session, new_hash)
    audit.record(own, "session.refreshed", f"sessions/{session.id}")
    return actor, session


def no_such_token() -> NotSignedIn:
    """The one answer to every refresh token that does not hold."""
    return NotSignedIn("The refresh token does not hold.", hint="Sign in again.")


def sign_out(tx: Transaction, secret_hash: str) -> bool:
    """End the session of a refresh token, used or not, in a transaction of ``SIGNING_IN``; whether there is one."""
    found = sessions.token(tx, secret_hash)
    if found is None:
        return False
    own = acting_as(tx, Actor(found.user, found.organisation, found.role), tx.now)
    _ended(own, sessions.end(own, found.user, only=found.session), f"sessions/{found.session}")
    return True


def end_own(tx: Transaction, session_id: UUID) -> None:
    """End a session of the caller, if it has not ended yet."""
    _ended(tx, sessions.end(tx, tx.actor.user, only=session_id), f"sessions/{session_id}")


def end_one(tx: Transaction, user: UUID, session_id: UUID) -> Session:
    """End one session of a user: one's own or, as an administrator, anybody's. Raises ``NotFound``."""
    found = sessions.get(tx, user, session_id)
    _ended(tx, sessions.end(tx, user, only=session_id), f"sessions/{session_id}")
    return found


def end_all(tx: Transaction, user: UUID, *, but: UUID | None = None) -> int:
    """End every session of a user, ``but`` one; gives how many. Raises ``NotFound`` for nobody whom one may see."""
    users.get(tx, user)
    count = sessions.end(tx, user, but=but)
    _ended(tx, count, f"users/{user}/sessions")
    return count


def shut_out(tx: Transaction, user: UUID) -> None:
    """End every session of a user, and take back the invitations that they made, as an administrator.

    Raises ``NotFound`` for nobody whom one may see.
    """
    end_all(tx, user)
    count = invitations.withdraw_all_by(tx, user)
    if count:
        audit.record(tx, "invitation.withdrawn", f"users/{user}/invitations", count=count)


def _ended(tx: Transaction, count: int, subject: str) -> None:
    if count:
        audit.record(tx, "session.ended", subject, count=count)
