"""Organisations, the people in them, and who somebody is who signs in."""

import re
from dataclasses import dataclass, replace
from typing import Final, Protocol
from uuid import UUID

from app.db.repositories import audit, facts, organisations, users
from app.db.session import PROVIDER_ROLES, Actor, Role, Transaction
from app.db.values import Member, Organisation, OrganisationKind, SignInUser, User
from app.engine.values import unkeepable
from app.errors import Conflict, Fault, NotSignedIn
from app.loader.places import Places
from app.security.weak_passwords import weakness
from app.services import sessions
from app.services.erasure import is_erased
from app.services.writing import expect_etag, refuse_faults

LONGEST_NAME = 200
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
ROLES: Final[dict[OrganisationKind, tuple[Role, ...]]] = {
    "provider": PROVIDER_ROLES,
    "commissioner": ("commissioner", "reviewer"),
    "scrutiny": ("scrutiny",),
    "operator": ("administrator",),
}

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)*")
_LONGEST_EMAIL = 254


class PasswordChecker(Protocol):
    """What checks passwords, such as ``app.security.passwords.Passwords``."""

    def verify(self, password: str, kept: str | None) -> bool:
        """Whether ``kept`` is a hash of the password; without one the answer is no, after as much work."""
        ...


@dataclass(frozen=True, slots=True)
class Remit:
    """The regions that a commissioner commissions for, and the bodies it is made of."""

    regions: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()


NO_REMIT: Final = Remit()
_LISTS: Final = {
    "local_authority": "/v1/local-authorities",
    "health_board": "/v1/health-boards",
    "police_force": "/v1/police-forces",
}


def remit_of(places: Places, regions: tuple[str, ...], members: tuple[Member, ...]) -> Remit:
    """The remit, once it names only regions and bodies that there are, each once.

    Raises ``Invalid`` with every fault (``/regions/0``, ``/members/0/body``, …).
    """
    faults = []
    for index, region in enumerate(regions):
        if region not in places.region_ids:
            faults.append(Fault(f"/regions/{index}", "there is no such region", "GET /v1/regions lists them"))
        elif region in regions[:index]:
            faults.append(Fault(f"/regions/{index}", "this region is named twice", "name it once"))
    for index, member in enumerate(members):
        known = places.bodies.get(member.kind)
        if known is not None and member.body not in known:
            what = member.kind.replace("_", " ")
            hint = f"GET {_LISTS[member.kind]} lists them; a body of another kind is other"
            faults.append(Fault(f"/members/{index}/body", f"there is no such {what}", hint))
        elif member in members[:index]:
            faults.append(Fault(f"/members/{index}", "this body is named twice", "name it once"))
    refuse_faults(faults)
    return Remit(regions, members)


def create_organisation(tx: Transaction, *, kind: OrganisationKind, name: str, remit: Remit = NO_REMIT) -> Organisation:
    """Make an organisation, as an administrator; only a commissioner has a remit.

    Raises ``Forbidden``, ``Invalid`` (``/name``), or ``Conflict`` where one of its kind has the name.
    """
    tx.require("administrator")
    refuse_faults(name_faults(name))
    made = Organisation(tx.new_id(), kind, name.strip(), tx.now, remit.regions, remit.members)
    organisations.add(tx, made)
    audit.record(tx, "organisation.created", f"organisations/{made.id}", kind=kind, **_audited(made))
    return made


def change_organisation(
    tx: Transaction, before: Organisation, *, name: str, remit: Remit = NO_REMIT, expected: str | None
) -> Organisation:
    """Record another name or remit of ``before``, as an administrator.

    Raises ``Forbidden``, ``PreconditionFailed`` unless ``expected`` is the ETag of what is on record, ``Invalid``
    (``/name``), or ``Conflict`` where another of its kind has the name.
    """
    tx.require("administrator")
    expect_etag(before.etag, expected)
    refuse_faults(name_faults(name))
    after = replace(before, name=name.strip(), regions=remit.regions, members=remit.members, version=before.version + 1)
    if not organisations.change(tx, after):
        raise facts.stale()
    audit.record(tx, "organisation.changed", f"organisations/{after.id}", version=after.version, **_audited(after))
    return after


def create_user(tx: Transaction, *, email: str, name: str, organisation: UUID, role: Role, password_hash: str) -> User:
    """Make somebody who can sign in, as an administrator; hash the password before the transaction begins.

    Raises ``Forbidden``, ``Invalid`` with everything that is wrong (``/email``, ``/name``, ``/organisation``, or
    ``/role``, of which ``ROLES`` says who has which), and ``Conflict`` where somebody has the e-mail address.
    """
    tx.require("administrator")
    address = email.strip().lower()
    refuse_faults(email_faults(address) + name_faults(name) + place_faults(tx, organisation, role))
    made = User(tx.new_id(), address, name.strip(), organisation, role, active=True, created_at=tx.now)
    users.add(tx, made, password_hash)
    audit.record(tx, "user.created", f"users/{made.id}", role=role, organisation=str(organisation))
    return made


def set_active(tx: Transaction, user_id: UUID, *, active: bool, expected: str | None) -> User:
    """Shut a user out, which ends their sessions and the invitations that they made, or let them in again.

    As an administrator.
    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed`` unless ``expected`` is the user's ETag, and ``Conflict``
    for oneself, as nobody could be left to undo it, and for somebody who was erased.
    """
    tx.require("administrator")
    before = users.get(tx, user_id)
    expect_etag(before.etag, expected)
    if user_id == tx.actor.user:
        raise Conflict("You cannot shut yourself out.", hint="Ask another administrator.")
    if is_erased(before):
        raise Conflict("This user was erased, and never comes back.", hint="Make, or invite, a new user.")
    if before.active == active:
        return before
    after = replace(before, active=active, version=before.version + 1)
    if not users.change(tx, after):
        raise facts.stale()
    audit.record(tx, "user.reactivated" if active else "user.deactivated", f"users/{user_id}")
    if not active:
        sessions.shut_out(tx, user_id)
    return after


def change_own_password(tx: Transaction, password_hash: str) -> User:
    """Record another password of the caller and end their other sessions; check the old one before."""
    users.change_own_password(tx, password_hash)
    audit.record(tx, "user.password_changed", f"users/{tx.actor.user}")
    sessions.end_all(tx, tx.actor.user, but=tx.actor.session)
    return users.get(tx, tx.actor.user)


def refuse_weak(password: str, *, email: str, name: str, pointer: str = "/password") -> None:
    """Raise ``Invalid`` (``pointer``) for a password that is too short, common, breached, or about its owner."""
    problem = (
        weakness(password, email=email, name=name)
        if SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD
        else f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
    )
    if problem is not None:
        refuse_faults([Fault(pointer, problem, "choose another, such as a sentence of your own")])


def create_administrator(tx: Transaction, *, email: str, name: str, operator: str, password_hash: str) -> User:
    """Make an administrator, in the operator there is; where there is none it is made and called ``operator``.

    Raises what ``create_organisation`` and ``create_user`` raise.
    """
    operators = organisations.page(tx, "operator", after=None, limit=1).items
    organisation = operators[0] if operators else create_organisation(tx, kind="operator", name=operator)
    return create_user(
        tx,
        email=email,
        name=name,
        organisation=organisation.id,
        role="administrator",
        password_hash=password_hash,
    )


def signed_in(found: SignInUser | None, password: str, passwords: PasswordChecker) -> Actor:
    """Who signs in with ``password``; call it when no transaction is open, as hashing takes long.

    Raises ``NotSignedIn``, in one sentence and after the same work for whoever is unknown, inactive or mistaken.
    """
    right = passwords.verify(password, None if found is None else found.password_hash)
    if found is None or not right or not found.active:
        raise NotSignedIn(
            "E-mail address and password do not belong to anybody who may sign in.",
            hint="Check both, or ask your administrator.",
        )
    return Actor(found.id, found.organisation, found.role)


def place_faults(tx: Transaction, organisation: UUID, role: Role) -> list[Fault]:
    """What is wrong with giving somebody in the organisation this role (``/organisation``, ``/role``)."""
    found = organisations.find(tx, organisation)
    if found is None:
        return [Fault("/organisation", "there is no such organisation", "make it first")]
    if role not in ROLES[found.kind]:
        allowed = " or ".join(ROLES[found.kind])
        return [Fault("/role", f"a {found.kind} has nobody with the role {role}", f"choose {allowed}")]
    return []


def email_faults(address: str) -> list[Fault]:
    """What is wrong with an e-mail address (``/email``)."""
    if len(address) > _LONGEST_EMAIL or not _EMAIL.fullmatch(address) or not address.isprintable():
        return [Fault("/email", "this is not an e-mail address", "write it like name@example.org")]
    return []


def name_faults(name: str) -> list[Fault]:
    """What is wrong with a name (``/name``)."""
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        return [Fault("/name", f"a name has 1 to {LONGEST_NAME} characters", "shorten it, or fill it in")]
    problem = unkeepable(name)
    if problem is None and not name.strip().isprintable():
        problem = "the name holds something that does not show, so that it may look like another"
    return [] if problem is None else [Fault("/name", problem, "take it out")]


def _audited(organisation: Organisation) -> dict[str, str]:
    """Name and remit as the audit trail keeps them; they are nobody's personal data."""
    members = "; ".join(f"{member.kind} {member.body}" for member in organisation.members)
    remit = {"regions": " ".join(organisation.regions), "members": members}
    return {"name": organisation.name} | (remit if organisation.kind == "commissioner" else {})
