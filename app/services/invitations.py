"""Invitations: who is asked in, by whom, and how they become a user."""

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.db.repositories import audit, facts, invitations, users
from app.db.session import PROVIDER_ROLES, Actor, Role, Transaction, acting_as
from app.db.values import Invitation, User
from app.errors import Conflict, Fault, Invalid
from app.services import accounts
from app.services.writing import expect_etag, refuse_faults

HOLDS_FOR: Final = timedelta(days=14)


def invite(tx: Transaction, *, email: str, organisation: UUID, role: Role) -> Invitation:
    """Ask somebody in: anybody as an administrator, editors and leads of one's own provider as a provider's lead.

    Raises ``Forbidden``, ``Invalid`` with everything that is wrong (``/email``, ``/organisation``, ``/role``), and
    ``Conflict`` where somebody whom the caller may see has the e-mail address, or is invited already: of two
    invitations to one address, one could never be accepted.
    """
    tx.require("administrator", "provider_lead")
    address = email.strip().lower()
    faults = accounts.email_faults(address)
    if tx.actor.role == "provider_lead" and organisation != tx.actor.organisation:
        faults.append(Fault("/organisation", "you invite into your own organisation only", "ask an administrator"))
    elif tx.actor.role == "provider_lead" and role not in PROVIDER_ROLES:
        faults.append(Fault("/role", "you invite editors and leads only", f"choose {' or '.join(PROVIDER_ROLES)}"))
    else:
        faults += accounts.place_faults(tx, organisation, role)
    refuse_faults(faults)
    if users.is_known(tx, address):
        raise Conflict("Somebody signs in with that e-mail address already.", hint="Use another address.")
    if invitations.is_open_to(tx, address):
        raise Conflict(
            "There is an open invitation to that e-mail address already.",
            hint="Make another token of it, or withdraw it first; GET /v1/invitations lists it.",
        )
    made = Invitation(
        id=tx.new_id(),
        email=address,
        organisation=organisation,
        role=role,
        invited_by=tx.actor.user,
        created_at=tx.now,
        expires_at=tx.now + HOLDS_FOR,
        accepted_at=None,
        withdrawn_at=None,
    )
    invitations.add(tx, made)
    audit.record(tx, "invitation.made", _subject(made), role=role, organisation=str(organisation))
    return made


def give_token(tx: Transaction, invitation_id: UUID, secret_hash: str, *, expected: str | None) -> Invitation:
    """Keep the hash of a token, in place of any before; the invitation holds for 14 days from now.

    Raises ``NotFound``, ``PreconditionFailed``, and ``Conflict`` for one that was accepted or withdrawn.
    """
    before = _open(tx, invitation_id, expected)
    after = replace(before, expires_at=tx.now + HOLDS_FOR, version=before.version + 1)
    if not invitations.change(tx, after, secret_hash):
        raise facts.stale()
    audit.record(tx, "invitation.token_made", _subject(after))
    return after


def withdraw(tx: Transaction, invitation_id: UUID, *, expected: str | None) -> Invitation:
    """Take an invitation back. Raises what ``give_token`` raises."""
    before = _open(tx, invitation_id, expected)
    after = replace(before, withdrawn_at=tx.now, version=before.version + 1)
    if not invitations.change(tx, after):
        raise facts.stale()
    audit.record(tx, "invitation.withdrawn", _subject(after))
    return after


def by_token(tx: Transaction, secret_hash: str) -> Invitation:
    """The invitation of a token that holds, in a transaction of ``SIGNING_IN``.

    Raises ``Invalid`` (``/token``), in one sentence for a token that is unknown, used, withdrawn or expired, or of
    somebody who may not invite any more.
    """
    found = invitations.by_token(tx, secret_hash)
    if found is None or found.state(tx.now) != "open":
        raise _no_such_token()
    return found


def accept(tx: Transaction, secret_hash: str, *, name: str, password_hash: str) -> User:
    """Make the user who was asked in, in a transaction of ``SIGNING_IN``; check the password before.

    Raises what ``by_token`` raises, ``Invalid`` (``/name``), and ``Conflict`` where somebody has the address by now.
    """
    found = by_token(tx, secret_hash)
    refuse_faults(accounts.name_faults(name))
    # Of many at once the first takes it; the others find it changed.
    if not invitations.change(tx, replace(found, accepted_at=tx.now, version=found.version + 1)):
        raise _no_such_token()
    made = User(tx.new_id(), found.email, name.strip(), found.organisation, found.role, active=True, created_at=tx.now)
    users.add(tx, made, password_hash)
    own = acting_as(tx, Actor(made.id, made.organisation, made.role), tx.now)
    audit.record(own, "invitation.accepted", _subject(found), role=made.role, organisation=str(made.organisation))
    return made


def _open(tx: Transaction, invitation_id: UUID, expected: str | None) -> Invitation:
    tx.require("administrator", "provider_lead")
    found = invitations.get(tx, invitation_id)
    expect_etag(found.etag, expected)
    if found.accepted_at is not None or found.withdrawn_at is not None:
        raise Conflict("The invitation was accepted or withdrawn.", hint="Make another one.")
    return found


def _no_such_token() -> Invalid:
    fault = Fault("/token", "this invitation does not hold", "ask whoever invited you for another one")
    return Invalid("There is no invitation that can be accepted.", hint="See faults.", faults=(fault,))


def _subject(invitation: Invitation) -> str:
    return f"invitations/{invitation.id}"
