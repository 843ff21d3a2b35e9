from uuid import uuid4

import pytest

from app.db.repositories import organisations, users
from app.db.session import SIGNING_IN, Actor
from app.db.values import OrganisationKind, SignInUser
from app.errors import Conflict, Forbidden, Invalid, NotSignedIn
from app.services import accounts
from tests.services.world import World


class _Passwords:
    """Takes a password for its own hash, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []

    def verify(self, password: str, kept: str | None) -> bool:
        self.asked.append((password, kept))
        return password == kept


def _found(*, active: bool = True) -> SignInUser:
    return SignInUser(uuid4(), uuid4(), "provider_lead", active, "right")


def test_an_administrator_makes_organisations(world: World) -> None:
    with world.tx(world.operator) as tx:
        made = accounts.create_organisation(tx, kind="provider", name="  New provider ")
        assert made.name == "New provider"
        assert organisations.get(tx, "provider", made.id) == made


def test_nobody_else_makes_organisations_or_users(world: World) -> None:
    for actor in (world.provider, world.commissioner, world.reviewer):
        with world.tx(actor) as tx:
            with pytest.raises(Forbidden):
                accounts.create_organisation(tx, kind="provider", name="New")
            with pytest.raises(Forbidden):
                accounts.create_user(
                    tx,
                    email="a@b.c",
                    name="A",
                    organisation=actor.organisation,
                    role="provider_editor",
                    password_hash="x",
                )


def test_an_organisation_is_made_once(world: World) -> None:
    with world.tx(world.operator) as tx, pytest.raises(Conflict, match="a provider with that name already"):
        accounts.create_organisation(tx, kind="provider", name="Provider")
    with world.tx(world.operator) as tx:
        accounts.create_organisation(tx, kind="commissioner", name="Provider")


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\0b", "half \ud800", "Gwent\u200b", "a\nb", "\u202e"])
def test_an_organisation_has_a_name_that_can_be_kept(world: World, name: str) -> None:
    with world.tx(world.operator) as tx, pytest.raises(Invalid) as caught:
        accounts.create_organisation(tx, kind="provider", name=name)
    assert [fault.pointer for fault in caught.value.faults] == ["/name"]


def test_a_user_is_found_by_e_mail_whatever_its_case(world: World) -> None:
    with world.tx(world.operator) as tx:
        made = accounts.create_user(
            tx,
            email="Nia.Rees@Example.org",
            name="Nia Rees",
            organisation=world.provider.organisation,
            role="provider_editor",
            password_hash="kept",
        )
        assert users.get(tx, made.id) == made
    with world.tx(SIGNING_IN) as tx:
        found = users.for_sign_in(tx, "nia.rees@EXAMPLE.org")
    assert found == SignInUser(made.id, made.organisation, "provider_editor", active=True, password_hash="kept")


def test_an_address_signs_in_one_person(world: World) -> None:
    def make() -> None:
        with world.tx(world.operator) as tx:
            accounts.create_user(
                tx,
                email="one@example.org",
                name="One",
                organisation=world.provider.organisation,
                role="provider_editor",
                password_hash="x",
            )

    make()
    with pytest.raises(Conflict, match="e-mail address already"):
        make()


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("provider", "reviewer"),
        ("provider", "administrator"),
        ("commissioner", "provider_lead"),
        ("commissioner", "scrutiny"),
        ("scrutiny", "reviewer"),
        ("operator", "reviewer"),
    ],
)
def test_each_kind_of_organisation_has_its_roles(world: World, kind: OrganisationKind, role: str) -> None:
    homes: dict[OrganisationKind, Actor] = {
        "provider": world.provider,
        "commissioner": world.commissioner,
        "scrutiny": world.scrutiny,
        "operator": world.operator,
    }
    with world.tx(world.operator) as tx, pytest.raises(Invalid) as caught:
        accounts.create_user(
            tx,
            email="a@example.org",
            name="A",
            organisation=homes[kind].organisation,
            role=role,  # type: ignore[arg-type]  # one of the roles, from the list above
            password_hash="x",
        )
    assert [fault.pointer for fault in caught.value.faults] == ["/role"]


def test_everything_wrong_with_a_user_is_said_at_once(world: World) -> None:
    with world.tx(world.operator) as tx, pytest.raises(Invalid) as caught:
        accounts.create_user(
            tx, email="no address", name="", organisation=uuid4(), role="provider_editor", password_hash="x"
        )
    assert [fault.pointer for fault in caught.value.faults] == ["/email", "/name", "/organisation"]


def test_the_right_password_signs_in() -> None:
    found = _found()
    signed_in = accounts.signed_in(found, "right", _Passwords())
    assert signed_in == Actor(found.id, found.organisation, "provider_lead")


@pytest.mark.parametrize(("found", "password"), [(None, "right"), (_found(), "wrong"), (_found(active=False), "right")])
def test_unknown_mistaken_and_inactive_are_refused_alike_after_the_same_work(
    found: SignInUser | None, password: str
) -> None:
    passwords = _Passwords()
    with pytest.raises(NotSignedIn, match="do not belong to anybody who may sign in"):
        accounts.signed_in(found, password, passwords)
    assert passwords.asked == [(password, None if found is None else "right")]
