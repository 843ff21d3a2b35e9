"""Who is in the demonstration: made-up organisations and the people who sign in for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from app.db.session import SYSTEM, Actor, Role, Transaction, acting_as
from app.db.values import OrganisationKind
from app.services import accounts
from app.services.demo.packs import MARK

ADMINISTRATOR: Final = "administrator"
PROVIDER: Final = "provider"
SECOND_PROVIDER: Final = "second-provider"
COMMISSIONER: Final = "commissioner"
EDITOR: Final = "editor"
REVIEWER: Final = "reviewer"
SECOND_REVIEWER: Final = "second-reviewer"
SCRUTINY: Final = "scrutiny"

# Known to everybody, and so only ever of made-up people who see nothing but made-up data.
_PASSWORDS: Final[Mapping[Role, str]] = {
    "administrator": "demonstration-operator-1",
    "provider_lead": "demonstration-provider-1",
    "provider_editor": "demonstration-editor-1",
    "commissioner": "demonstration-board-1",
    "reviewer": "demonstration-review-1",
    "scrutiny": "demonstration-scrutiny-1",
}
_OWN_PASSWORDS: Final = {SECOND_PROVIDER: "demonstration-provider-2"}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody made up: the first part of the e-mail address, and whom they work for in which role.

    ``region`` is what a commissioner commissions for.
    """

    login: str
    kind: OrganisationKind
    organisation: str
    role: Role
    region: str = ""

    @property
    def email(self) -> str:
        """What they sign in with."""
        return f"{self.login}@demonstration.example"

    @property
    def password(self) -> str:
        """What they sign in with besides."""
        return _OWN_PASSWORDS.get(self.login, _PASSWORDS[self.role])

    @property
    def marked(self) -> str:
        """The organisation's name, marked as made up."""
        return f"{MARK}{self.organisation}"


def board(region: str) -> str:
    """What the made-up commissioner of a region is called."""
    return f"{region.replace('_', ' ').title().replace(' And ', ' and ')} commissioners, made up"


PEOPLE: Final = (
    Person(ADMINISTRATOR, "operator", "Operator", "administrator"),
    Person(PROVIDER, "provider", "Pont y Derwen Ffug", "provider_lead"),
    Person(EDITOR, "provider", "Pont y Derwen Ffug", "provider_editor"),
    Person(SECOND_PROVIDER, "provider", "Cymoedd Chwedl Partnership", "provider_lead"),
    Person(COMMISSIONER, "commissioner", board("gwent"), "commissioner", "gwent"),
    Person(REVIEWER, "commissioner", board("gwent"), "reviewer", "gwent"),
)


def enter_people(tx: Transaction, people: tuple[Person, ...], hash_password: Callable[[str], str]) -> dict[str, Actor]:
    """Make everybody and the organisations they work for, at the instant of ``tx``; gives them by their logins."""
    tx = acting_as(tx, SYSTEM, tx.now)
    organisations = {}
    hashes = {password: hash_password(password) for password in sorted({person.password for person in people})}
    actors = {}
    for person in people:
        if person.marked not in organisations:
            remit = accounts.Remit((person.region,)) if person.region else accounts.NO_REMIT
            made = accounts.create_organisation(tx, kind=person.kind, name=person.marked, remit=remit)
            organisations[person.marked] = made.id
        user = accounts.create_user(
            tx,
            email=person.email,
            name=f"{MARK}{person.role.replace('_', ' ')}",
            organisation=organisations[person.marked],
            role=person.role,
            password_hash=hashes[person.password],
        )
        actors[person.login] = Actor(user.id, user.organisation, person.role)
    return actors
