"""People who sign in. Their password hashes leave only for signing in."""

import dataclasses
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.db.repositories.pages import keyset_page
from app.db.session import Transaction
from app.db.tables import app_user
from app.db.values import Key, SignInUser, Slice, User, not_found
from app.errors import Conflict

_COLUMNS = (
    app_user.c.id,
    app_user.c.email,
    app_user.c.name,
    app_user.c.organisation_id,
    app_user.c.role,
    app_user.c.active,
    app_user.c.created_at,
    app_user.c.version,
)


def find(tx: Transaction, user_id: UUID) -> User | None:
    """The user; ``None`` unless the caller may see them."""
    row = tx.connection.execute(select(*_COLUMNS).where(app_user.c.id == user_id)).one_or_none()
    return None if row is None else _user(row)


def get(tx: Transaction, user_id: UUID) -> User:
    """The user; raises ``NotFound`` unless the caller may see them."""
    found = find(tx, user_id)
    if found is None:
        raise not_found()
    return found


def page(tx: Transaction, *, after: Key | None, limit: int) -> Slice[User, Key]:
    """The users whom the caller may see, oldest first: an administrator all, everybody else their colleagues."""
    return keyset_page(tx, select(*_COLUMNS), app_user, after, limit=limit, value=_user)


def is_known(tx: Transaction, email: str) -> bool:
    """Whether the caller may see a user with this e-mail address, which is in lower case."""
    query = select(app_user.c.id).where(app_user.c.email == email)
    return tx.connection.execute(query).one_or_none() is not None


def for_sign_in(tx: Transaction, email: str) -> SignInUser | None:
    """The user with this e-mail address, active or not, or ``None``; in a transaction of ``SIGNING_IN``."""
    wanted = email.strip().lower()
    if not wanted.isprintable():  # nobody has such an address, and PostgreSQL cannot even hold some of them
        return None
    tx.connection.execute(select(func.set_config("safonau.email", wanted, True)))  # noqa: FBT003  # SQL's own order
    columns = (app_user.c.id, app_user.c.organisation_id, app_user.c.role, app_user.c.active, app_user.c.password_hash)
    row = tx.connection.execute(select(*columns).where(app_user.c.email == wanted)).one_or_none()
    return None if row is None else SignInUser(*row)


def add(tx: Transaction, new: User, password_hash: str) -> None:
    """Add a user, whose e-mail address is in lower case; raises ``Conflict`` where somebody has it."""
    row = _proven(new) | {"email": new.email, "name": new.name, "password_hash": password_hash}
    try:
        tx.connection.execute(insert(app_user).values(row))
    except IntegrityError as error:
        if "uq_app_user_email" not in str(error.orig):
            raise
        raise Conflict("Somebody signs in with that e-mail address already.", hint="Use another address.") from error
    tx.noted.row("app_user", row)


def replace(tx: Transaction, known: User) -> bool:
    """Write over what identifies a user, as an administrator; nobody can sign in as them any more.

    Gives ``False``, and changes nothing, where another version is on record by now.
    """
    erased = dataclasses.replace(known, version=known.version + 1)
    values = {"email": erased.email, "name": erased.name, "active": erased.active, "password_hash": ""}
    return _change(tx, erased, values)


def change(tx: Transaction, changed: User) -> bool:
    """Keep whether a user is active; its version is one above the one that is replaced.

    Gives ``False``, and changes nothing, where another version is on record by now.
    """
    return _change(tx, changed, {"active": changed.active})


def own_password_hash(tx: Transaction) -> str:
    """The hash of the caller's own password."""
    query = select(app_user.c.password_hash).where(app_user.c.id == tx.actor.user)
    found: str = tx.connection.execute(query).scalar_one()
    return found


def change_own_password(tx: Transaction, password_hash: str) -> None:
    """Keep another password of the caller."""
    change = update(app_user).where(app_user.c.id == tx.actor.user).values(password_hash=password_hash)
    tx.connection.execute(change)


def _change(tx: Transaction, changed: User, values: dict[str, object]) -> bool:
    before = (app_user.c.id == changed.id, app_user.c.version == changed.version - 1)
    change = update(app_user).where(*before).values(**values, version=changed.version)
    done = tx.connection.execute(change).rowcount == 1
    if done:
        tx.noted.row("app_user", _proven(changed))
    return done


def _proven(each: User) -> dict[str, object]:
    """What the audit log proves of a user: all that says what they may do, and nothing that says who they are."""
    return {
        "id": each.id,
        "organisation_id": each.organisation,
        "role": each.role,
        "active": each.active,
        "created_at": each.created_at,
        "version": each.version,
    }


def _user(row: Sequence[Any]) -> User:
    return User(*row)
