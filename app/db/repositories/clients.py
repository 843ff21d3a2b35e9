"""Programs that act for organisations. The hash of a secret never leaves; a row is found by it or by its id."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, func, insert, select, update

from app.db.repositories import users
from app.db.repositories.pages import keyset_page
from app.db.session import Transaction
from app.db.tables import app_user, client
from app.db.values import Client, Key, Slice, User, not_found

# A domain that can never exist (RFC 2606): nobody has mail there, and nobody can be invited from there.
_DOMAIN: Final = "clients.invalid"
_QUERY: Select[Any] = select(
    client.c.id,
    app_user.c.name,
    client.c.organisation_id,
    app_user.c.role,
    client.c.scope,
    app_user.c.active,
    client.c.created_by,
    client.c.created_at,
    client.c.secret_made_at,
    client.c.version,
    app_user.c.version.label("account_version"),
).join_from(client, app_user, client.c.id == app_user.c.id)


def add(tx: Transaction, new: Client) -> None:
    """Add a client, which has no secret yet, with the account that it acts in."""
    account = User(
        new.id, f"{new.id}@{_DOMAIN}", new.name, new.organisation, new.role, active=True, created_at=new.created_at
    )
    users.add(tx, account, "")
    row = _row(new, None)
    tx.connection.execute(insert(client).values(row))
    tx.noted.row("client", row)


def find(tx: Transaction, client_id: UUID) -> Client | None:
    """The client; ``None`` unless the caller may see it."""
    row = tx.connection.execute(_QUERY.where(client.c.id == client_id)).one_or_none()
    return None if row is None else _client(row)


def get(tx: Transaction, client_id: UUID) -> Client:
    """The client; raises ``NotFound`` unless the caller may see it."""
    found = find(tx, client_id)
    if found is None:
        raise not_found()
    return found


def page(tx: Transaction, *, after: Key | None, limit: int) -> Slice[Client, Key]:
    """The clients that the caller may see, oldest first."""
    return keyset_page(tx, _QUERY, client, after, limit=limit, value=_client)


def by_secret(tx: Transaction, secret_hash: str) -> Client | None:
    """The client whose secret has this hash, active or not, or ``None``; in a transaction of ``SIGNING_IN``."""
    tx.connection.execute(select(func.set_config("safonau.secret", secret_hash, True)))  # noqa: FBT003  # SQL's own order
    row = tx.connection.execute(_QUERY.where(client.c.secret_hash == secret_hash)).one_or_none()
    return None if row is None else _client(row)


def set_secret(tx: Transaction, before: Client, secret_hash: str | None, at: datetime | None) -> Client | None:
    """Keep the hash of another secret, or none; ``None``, and nothing changed, where another version is on record."""
    after = replace(before, secret_made_at=at, version=before.version + 1)
    row = _row(after, secret_hash)
    values = {name: row[name] for name in ("secret_hash", "secret_made_at", "version")}
    change = update(client).where(client.c.id == before.id, client.c.version == before.version).values(values)
    if tx.connection.execute(change).rowcount != 1:
        return None
    tx.noted.row("client", row)
    return after


def forget_secret(tx: Transaction, client_id: UUID) -> None:
    """Take away the secret of a client, if there is one with this id."""
    found = find(tx, client_id)
    if found is not None:
        set_secret(tx, found, None, None)


def _row(each: Client, secret_hash: str | None) -> dict[str, Any]:
    return {
        "id": each.id,
        "organisation_id": each.organisation,
        "scope": each.scope,
        "created_by": each.created_by,
        "created_at": each.created_at,
        "secret_hash": secret_hash,
        "secret_made_at": each.secret_made_at,
        "version": each.version,
    }


def _client(row: Row[Any]) -> Client:
    return Client(*tuple(row))
