from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest

from app.db.address import conninfo
from app.db.integrity import verify
from app.db.repositories import calendar_feeds, idempotency, second_factors, users
from app.db.repositories import invitations as invitation_records
from app.db.repositories import sessions as session_records
from app.db.session import SIGNING_IN, Actor
from app.db.tables import metadata
from app.db.values import StoredReply, User
from app.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from app.security.passwords import Passwords
from app.services import accounts, assessments, invitations, sessions
from app.services.erasure import erase_user
from tests.services.world import World, response

EMAIL, NAME = "mererid@example.org", "Mererid Erasable"


def _mererid(world: World) -> Actor:
    """Somebody who has written a response, and whose entering was answered to an idempotent request."""
    with world.tx(world.operator) as tx:
        made = accounts.create_user(
            tx,
            email=EMAIL,
            name=NAME,
            organisation=world.provider.organisation,
            role="provider_editor",
            password_hash="a hash",
        )
        reply = StoredReply(201, {}, f'{{"email":"{EMAIL}","name":"{NAME}"}}'.encode())
        idempotency.store(tx, "her-own", "print", reply, kept_for=world.now - world.now)
    assessment = world.assessment()
    actor = Actor(made.id, made.organisation, "provider_editor")
    with world.tx(actor) as tx:
        assessments.put_response(tx, world.catalogue, assessment.id, response(), expected=None)
    return actor


def _erase(world: World, user: UUID, by: Actor | None = None) -> User:
    with world.tx(by or world.operator) as tx:
        return erase_user(tx, user)


def test_who_somebody_was_is_nowhere_and_what_they_did_is_proven(world: World, owner_url: str) -> None:
    mererid = _mererid(world)
    left = _erase(world, mererid.user)
    assert (left.email, left.name, left.active) == (f"{mererid.user}@erased.invalid", "Erased user", False)
    with psycopg.connect(conninfo(owner_url)) as owner:
        for table in metadata.tables:
            text = str(owner.execute(f"SELECT * FROM {table}".encode()).fetchall())  # noqa: S608  # names of ours
            assert EMAIL not in text, table
            assert NAME not in text, table
        assert owner.execute("SELECT count(*) FROM fact WHERE recorded_by = %s", [mererid.user]).fetchone() == (1,)
        log = owner.execute("SELECT action, subject FROM audit_event ORDER BY seq DESC LIMIT 2").fetchall()
        assert verify(owner).findings == ()
    assert log[0] == ("user.erased", f"users/{mererid.user}")
    assert log[1][0] == "response.recorded"
    assert _erase(world, mererid.user) == left
    with world.tx(world.operator) as tx, pytest.raises(Conflict, match="never comes back"):
        accounts.set_active(tx, mererid.user, active=True, expected=left.etag)
    with world.tx(SIGNING_IN) as tx:
        assert users.for_sign_in(tx, EMAIL) is None
        found = users.for_sign_in(tx, left.email)
    for password in ("", "a hash"):
        with pytest.raises(NotSignedIn):
            accounts.signed_in(found, password, Passwords())


def test_what_they_sign_in_with_goes_too(world: World, owner_url: str) -> None:
    asked = []
    for number, by in enumerate((world.provider, world.other_provider)):  # neither sees the other's
        with world.tx(by) as tx:
            invitation = invitations.invite(tx, email=EMAIL, organisation=by.organisation, role="provider_editor")
            invitations.give_token(tx, invitation.id, f"token {number}", expected=invitation.etag)
            asked.append(invitation)
    with world.tx(SIGNING_IN) as tx:
        user = invitations.accept(tx, "token 0", name=NAME, password_hash="a hash")
    mererid = Actor(user.id, user.organisation, user.role)
    with world.tx(mererid) as tx:
        session = sessions.start(tx, scope="read", user_agent="a browser", secret_hash="refresh")
        second_factors.enrol(tx, "sealed")
        second_factors.confirm(tx, 1, ["recovery"])
        calendar_feeds.put(tx, "of a feed")
    _erase(world, user.id)
    with world.tx(world.operator) as tx:
        assert session_records.page(tx, user.id, after=None, limit=9).items == ()
        assert second_factors.find(tx, user.id) is None
        left = [invitation_records.get(tx, each.id) for each in asked]
    assert [each.email for each in left] == [f"{user.id}@erased.invalid"] * 2
    assert [each.state(world.now) for each in left] == ["accepted", "withdrawn"]
    with pytest.raises(NotSignedIn), world.tx(replace(mererid, session=session.id)):
        pass
    with pytest.raises(NotSignedIn), world.tx(SIGNING_IN) as tx:
        sessions.refresh(tx, "refresh", "another")
    with pytest.raises(Invalid), world.tx(SIGNING_IN) as tx:
        invitations.accept(tx, "token 1", name=NAME, password_hash="a hash")
    with psycopg.connect(conninfo(owner_url)) as owner:
        tables = ("invitation", "second_factor", "session", "calendar_feed")
        rows = str([owner.execute(f"SELECT * FROM {table}").fetchall() for table in tables])  # noqa: S608  # names of ours
    for gone in (EMAIL, "token 1", "sealed", "recovery", "a browser", "of a feed"):
        assert gone not in rows


def test_an_address_that_was_erased_can_be_used_again(world: World) -> None:
    first = _mererid(world)
    _erase(world, first.user)
    assert _mererid(world).user != first.user


def test_only_administrators_erase_and_nobody_themselves(world: World) -> None:
    with pytest.raises(Forbidden):
        _erase(world, world.provider.user, by=world.provider)
    with pytest.raises(Conflict, match="their own account"):
        _erase(world, world.operator.user)
    with pytest.raises(NotFound):
        _erase(world, uuid4())
