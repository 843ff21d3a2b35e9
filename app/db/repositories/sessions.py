"""Sessions of those who are signed in, and the refresh tokens by which they go on."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, insert, select, update

from app.db.repositories.pages import keyset_page
from app.db.session import Transaction
from app.db.tables import app_user, refresh_token, session
from app.db.values import Key, RefreshToken, Session, Slice, not_found

_QUERY: Select[Any] = select(
    session.c.id,
    session.c.user_id,
    session.c.scope,
    session.c.user_agent,
    session.c.created_at,
    session.c.last_used_at,
    session.c.expires_at,
)


def add(tx: Transaction, new: Session) -> None:
    """Begin a session of the caller."""
    row = {
        "id": new.id,
        "user_id": new.user,
        "scope": new.scope,
        "user_agent": new.user_agent,
        "created_at": new.created_at,
        "last_used_at": new.last_used_at,
        "expires_at": new.expires_at,
    }
    tx.connection.execute(insert(session).values(row))


def get(tx: Transaction, user: UUID, session_id: UUID) -> Session:
    """The session of this user that has not ended; raises ``NotFound`` unless there is one that the caller may see."""
    query = _of(tx, user).where(session.c.id == session_id)
    row = tx.connection.execute(query).one_or_none()
    if row is None:
        raise not_found()
    return _session(row)


def page(tx: Transaction, user: UUID, *, after: Key | None, limit: int) -> Slice[Session, Key]:
    """The sessions of this user that have not ended, oldest first, as far as the caller may see them."""
    return keyset_page(tx, _of(tx, user), session, after, limit=limit, value=_session)


def end(tx: Transaction, user: UUID, *, only: UUID | None = None, but: UUID | None = None) -> int:
    """End the sessions of a user: all, ``only`` one, or all ``but`` one. Gives how many there were."""
    change = update(session).where(session.c.user_id == user, session.c.ended_at.is_(None)).values(ended_at=tx.now)
    if only is not None:
        change = change.where(session.c.id == only)
    if but is not None:
        change = change.where(session.c.id != but)
    return tx.connection.execute(change).rowcount


def forget_programs(tx: Transaction, user: UUID) -> None:
    """Write over what the sessions of a user say of the programs that they came with, as an administrator."""
    tx.connection.execute(update(session).where(session.c.user_id == user).values(user_agent=""))


def add_token(tx: Transaction, new: Session, secret_hash: str) -> None:
    """Keep the hash of a refresh token of a session of the caller; the session counts as used now."""
    row = {"secret_hash": secret_hash, "session_id": new.id, "user_id": new.user, "created_at": tx.now}
    tx.connection.execute(insert(refresh_token).values(row))
    tx.connection.execute(update(session).where(session.c.id == new.id).values(last_used_at=tx.now))


def token(tx: Transaction, secret_hash: str) -> RefreshToken | None:
    """Whose refresh token has this hash, used or not, or ``None``; in a transaction of ``SIGNING_IN``."""
    tx.connection.execute(select(func.set_config("safonau.secret", secret_hash, True)))  # noqa: FBT003  # SQL's own order
    columns = (refresh_token.c.session_id, app_user.c.id, app_user.c.organisation_id, app_user.c.role)
    query = select(*columns).join_from(refresh_token, app_user, refresh_token.c.user_id == app_user.c.id)
    row = tx.connection.execute(query.where(refresh_token.c.secret_hash == secret_hash)).one_or_none()
    return None if row is None else RefreshToken(*row)


def use_token(tx: Transaction, secret_hash: str) -> bool:
    """Note that the refresh token is used now; ``False`` where it was used before. After ``token`` in a transaction."""
    unused = (refresh_token.c.secret_hash == secret_hash, refresh_token.c.used_at.is_(None))
    return tx.connection.execute(update(refresh_token).where(*unused).values(used_at=tx.now)).rowcount == 1


def _of(tx: Transaction, user: UUID) -> Select[Any]:
    return _QUERY.where(session.c.user_id == user, session.c.ended_at.is_(None), session.c.expires_at > tx.now)


def _session(row: Row[Any]) -> Session:
    return Session(
        id=row.id,
        user=row.user_id,
        scope=row.scope,
        user_agent=row.user_agent,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
    )
