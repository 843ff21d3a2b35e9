"""Programs that act for organisations: entered, given a secret, revoked, and let in by it.

A program acts in an account of its own, so that the record knows what it did; that account has no password. It takes no
decision that the rules want a person for: it hands nothing in, reviews nothing and administers nothing.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.db.repositories import audit, clients, facts, users
from app.db.session import Actor, Role, Transaction, acting_as
from app.db.values import Client, Session
from app.errors import Conflict, Fault, NotSignedIn
from app.services import accounts, sessions
from app.services.writing import expect_etag, refuse_faults

ROLES: Final[tuple[Role, ...]] = ("provider_editor", "commissioner", "scrutiny")


def create(tx: Transaction, *, name: str, organisation: UUID, role: Role, scope: str) -> Client:
    """Enter a program, for any organisation as an administrator, for one's own provider as its lead.

    Raises ``Forbidden``, and ``Invalid`` (``/name``, ``/organisation``, ``/role``, ``/scope``).
    """
    tx.require("administrator", "provider_lead")
    faults = accounts.name_faults(name)
    if tx.actor.role == "provider_lead" and organisation != tx.actor.organisation:
        faults.append(
            Fault("/organisation", "you enter programs of your own organisation only", "ask an administrator")
        )
    elif role not in ROLES:
        message = f"a {role.replace('_', ' ')} decides what only people decide"
        faults.append(Fault("/role", message, f"choose {' or '.join(ROLES)}"))
    else:
        faults += accounts.place_faults(tx, organisation, role)
    refuse_faults(faults)
    made = Client(
        id=tx.new_id(),
        name=name.strip(),
        organisation=organisation,
        role=role,
        scope=sessions.scope_of(scope),
        active=True,
        created_by=tx.actor.user,
        created_at=tx.now,
        secret_made_at=None,
    )
    clients.add(tx, made)
    audit.record(tx, "client.created", _subject(made), role=role, scope=made.scope, organisation=str(organisation))
    return made


def give_secret(tx: Transaction, client_id: UUID, secret_hash: str, *, expected: str | None) -> Client:
    """Keep the hash of a secret, in place of any before, which lets nobody in any more.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``, and ``Conflict`` for a client that was revoked.
    """
    before = _changed(tx, client_id, expected)
    if not before.active:
        raise Conflict("The client was revoked.", hint="Enter another one.")
    return _told(tx, clients.set_secret(tx, before, secret_hash, tx.now), "client.secret_made")


def revoke(tx: Transaction, client_id: UUID, *, expected: str | None) -> Client:
    """Shut a program out at once, whatever tokens it has; its secret is forgotten. Once more changes nothing.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``.
    """
    before = _changed(tx, client_id, expected)
    if not before.active:
        return before
    account = users.get(tx, client_id)
    if not users.change(tx, replace(account, active=False, version=account.version + 1)):
        raise facts.stale()
    _told(tx, clients.set_secret(tx, before, None, None), "client.revoked")
    return clients.get(tx, client_id)


def let_in(  # what a program shows, each by its name
    tx: Transaction, client_id: str, secret_hash: str, *, scope: str | None, user_agent: str, lasts: timedelta
) -> tuple[Actor, Session]:
    """Begin a session of a program by its secret, in a transaction of ``SIGNING_IN``; it ends after ``lasts``.

    Raises ``NotSignedIn``, in one sentence whatever is wrong, and ``Invalid`` (``/scope``) for more than its scope.
    """
    found = clients.by_secret(tx, secret_hash)
    if found is None or not found.active or str(found.id) != client_id.strip().lower():
        raise no_such_client()
    actor = Actor(found.id, found.organisation, found.role)
    own = acting_as(tx, actor, tx.now)
    words = sessions.scope_of(scope, found.scope)
    return actor, sessions.start(own, scope=words, user_agent=user_agent, secret_hash=None, lasts=lasts)


def no_such_client() -> NotSignedIn:
    """The one answer to every id and secret that do not belong to a program that may sign in."""
    return NotSignedIn("There is no client with this id and secret.", hint="Check both, or ask who entered it.")


def _changed(tx: Transaction, client_id: UUID, expected: str | None) -> Client:
    tx.require("administrator", "provider_lead")
    found = clients.get(tx, client_id)
    expect_etag(found.etag, expected)
    return found


def _told(tx: Transaction, after: Client | None, action: str) -> Client:
    if after is None:
        raise facts.stale()
    audit.record(tx, action, _subject(after))
    return after


def _subject(client: Client) -> str:
    return f"clients/{client.id}"
