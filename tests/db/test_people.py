"""Row-level security of what people sign in with, asked in SQL."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import TextClause, insert, text
from sqlalchemy.exc import ProgrammingError

from app.db.repositories import assertions, calendar_feeds, second_factors
from app.db.repositories import invitations as invitation_records
from app.db.session import SIGNING_IN, Actor, Transaction
from app.db.tables import metadata
from app.services import clients, invitations, sessions
from tests.services.world import World


def _count(world: World, actor: Actor, table: str) -> int:
    with world.tx(actor) as tx:
        return int(tx.connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608  # names from below


def _signed_in(world: World) -> None:
    """The provider has a session with a refresh token and a second factor, and an attempt was counted."""
    with world.tx(SIGNING_IN) as tx:
        sessions.attempt(tx, account="a", address="b")
    with world.tx(world.provider) as tx:
        sessions.start(tx, scope="read write", user_agent="a test", secret_hash="kept")
        second_factors.enrol(tx, "sealed")
        calendar_feeds.put(tx, "of a feed")


def test_each_sees_their_own_and_administrators_who_is_signed_in_and_with_what(world: World) -> None:
    _signed_in(world)
    for table in ("session", "second_factor", "calendar_feed"):
        seen = [_count(world, actor, table) for actor in (world.provider, world.operator)]
        assert seen == [1, 1], table
        for actor in (world.editor, world.other_provider, world.commissioner, world.scrutiny, SIGNING_IN):
            assert _count(world, actor, table) == 0, table


def test_a_refresh_token_is_found_by_who_holds_it_and_attempts_by_who_signs_in(world: World) -> None:
    _signed_in(world)
    for actor in (world.provider, world.operator, SIGNING_IN):
        assert _count(world, actor, "refresh_token") == 0
        assert _count(world, actor, "sign_in_attempt") == (2 if actor == SIGNING_IN else 0)
    with world.tx(SIGNING_IN) as tx:
        tx.connection.execute(text("SELECT set_config('safonau.secret', 'another', true)"))
        assert tx.connection.scalar(text("SELECT count(*) FROM refresh_token")) == 0
        tx.connection.execute(text("SELECT set_config('safonau.secret', 'kept', true)"))
        assert tx.connection.scalar(text("SELECT count(*) FROM refresh_token")) == 1
        assert calendar_feeds.reader(tx, "another") is None
        assert tx.connection.scalar(text("SELECT count(*) FROM app_user")) == 0
        assert calendar_feeds.reader(tx, "of a feed") == world.provider
        assert tx.connection.scalar(text("SELECT count(*) FROM app_user")) == 1


def test_attempts_of_the_day_before_are_forgotten(world: World) -> None:
    def attempt() -> bool:
        with world.tx(SIGNING_IN) as tx:
            return sessions.attempt(tx, account="a", address="b") is None

    # A minute passes with each: the waits of half a minute and a minute are over by then, that of two is not.
    assert [attempt() for _ in range(4)] == [True] * 4
    world.days_pass(1)
    assert [attempt() for _ in range(8)] == [True] * 7 + [False]


def test_nobody_begins_a_session_or_a_second_factor_for_somebody_else(world: World) -> None:
    session = {"id": world.provider.user, "user_id": world.provider.user, "scope": "", "user_agent": ""}
    session |= dict.fromkeys(("created_at", "last_used_at", "expires_at"), world.now)
    token = {"secret_hash": "x", "session_id": world.provider.user, "user_id": world.provider.user}
    rows = {
        "session": session,
        "refresh_token": token | {"created_at": world.now},
        "second_factor": {"user_id": world.provider.user, "recovery_hashes": []},
        "calendar_feed": {"user_id": world.provider.user, "made_at": world.now},
    }
    for table, row in rows.items():
        for actor in (world.editor, world.operator, SIGNING_IN):
            with pytest.raises(ProgrammingError, match="row-level security"), world.tx(actor) as tx:
                tx.connection.execute(insert(metadata.tables[table]).values(row))
    row = {"kind": "account", "key": "x", "tries": 0, "tried_at": world.now}
    with pytest.raises(ProgrammingError, match="row-level security"), world.tx(world.provider) as tx:
        tx.connection.execute(insert(metadata.tables["sign_in_attempt"]).values(row))


def test_nobody_ends_or_takes_away_what_is_not_theirs_but_administrators(world: World) -> None:
    _signed_in(world)
    changes = {
        "session": "UPDATE session SET ended_at = now()",
        "second_factor": "UPDATE second_factor SET secret = NULL",
        "sign_in_attempt": "UPDATE sign_in_attempt SET tries = 0",
        "refresh_token": "UPDATE refresh_token SET used_at = now()",
    }
    for actor in (world.editor, world.other_provider, world.commissioner):
        with world.tx(actor) as tx:
            for table, statement in changes.items():
                assert tx.connection.execute(text(statement)).rowcount == 0, table
    for table in changes:
        with pytest.raises(ProgrammingError, match="permission denied"), world.tx(world.operator) as tx:
            tx.connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608  # names from above
    with world.tx(world.operator) as tx:
        found = {table: tx.connection.execute(text(statement)).rowcount for table, statement in changes.items()}
    assert found == {"session": 1, "second_factor": 1, "sign_in_attempt": 0, "refresh_token": 0}


def test_one_changes_ones_own_password_and_nothing_else_of_ones_account(world: World) -> None:
    lead, operator = world.provider, world.operator
    with world.tx(lead) as tx:
        program = clients.create(tx, name="Ours", organisation=lead.organisation, role="provider_editor", scope="read")
    mine, other, ours = lead.user, world.other_provider.user, program.id
    refused = (
        (lead, mine, "email = 'another@example.org'"),
        (lead, mine, "name = 'Somebody else'"),
        (lead, mine, "active = false"),
        (lead, mine, "version = version + 1"),
        (lead, ours, "name = 'Another', version = version + 1"),
        (lead, ours, "active = false"),
        (operator, operator.user, "active = false"),
        (operator, other, "password_hash = 'known to the administrator', version = version + 1"),
        (operator, other, "email = 'another@example.org', version = version + 1"),
        (operator, other, "name = 'Somebody else', version = version + 1"),
        (operator, other, "active = false"),
    )
    for actor, user, change in refused:
        with pytest.raises(ProgrammingError, match="does not change this of a user"), world.tx(actor) as tx:
            tx.connection.execute(_update(user, change))
    for actor, user, column in ((lead, mine, "role = 'administrator'"), (operator, other, "organisation_id = id")):
        with pytest.raises(ProgrammingError, match="permission denied"), world.tx(actor) as tx:
            tx.connection.execute(_update(user, column))
    allowed = (
        (lead, mine, "password_hash = 'another'", 1),
        (lead, other, "password_hash = 'another'", 0),
        (lead, ours, "active = false, version = version + 1", 1),
        (operator, operator.user, "password_hash = 'another'", 1),
        (operator, other, "active = false, version = version + 1", 1),
        (operator, other, "email = id || '@erased.invalid', name = 'E', password_hash = '', version = version + 1", 1),
    )
    for actor, user, change, count in allowed:
        with world.tx(actor) as tx:
            assert tx.connection.execute(_update(user, change)).rowcount == count, change


def _update(user: UUID, change: str) -> TextClause:
    return text(f"UPDATE app_user SET {change} WHERE id = :user").bindparams(user=user)  # noqa: S608  # from above


def test_what_has_ended_stays_so(world: World) -> None:
    _signed_in(world)
    with world.tx(world.provider) as tx:
        email, organisation = "n@example.org", world.provider.organisation
        made = invitations.invite(tx, email=email, organisation=organisation, role="provider_editor")
        invitations.withdraw(tx, made.id, expected=made.etag)
    ends = (
        (world.provider, "session", "ended_at"),
        (SIGNING_IN, "refresh_token", "used_at"),
        (world.provider, "invitation", "withdrawn_at"),
    )
    for actor, table, column in ends:
        if table != "invitation":
            assert _ending(world, actor, table, column, "'2026-01-01Z'") == 1
        for value in ("'2027-01-01Z'", "NULL"):
            with pytest.raises(ProgrammingError, match="what has ended stays so"):
                _ending(world, actor, table, column, value)


def _ending(world: World, actor: Actor, table: str, column: str, value: str) -> int:
    """Change when something ended, as who holds the refresh token; gives of how many rows."""
    with world.tx(actor) as tx:
        tx.connection.execute(text("SELECT set_config('safonau.secret', 'kept', true)"))
        return tx.connection.execute(text(f"UPDATE {table} SET {column} = {value}")).rowcount  # noqa: S608  # from above


def test_an_invitation_is_seen_by_those_who_may_invite_and_by_who_holds_its_token(world: World) -> None:
    with world.tx(world.provider) as tx:
        made = invitations.invite(
            tx, email="n@example.org", organisation=world.provider.organisation, role="provider_editor"
        )
        invitations.give_token(tx, made.id, "kept", expected=made.etag)
    for actor in (world.provider, world.operator):
        assert _count(world, actor, "invitation") == 1
    for actor in (world.editor, world.other_provider, world.commissioner, world.scrutiny, SIGNING_IN):
        assert _count(world, actor, "invitation") == 0
    with world.tx(SIGNING_IN) as tx:
        assert invitation_records.by_token(tx, "another") is None
        assert tx.connection.scalar(text("SELECT count(*) FROM invitation")) == 0
        assert invitation_records.by_token(tx, "kept") is not None


def test_an_invitation_holds_as_long_as_whoever_made_it_may_invite(world: World) -> None:
    lead, operator = world.provider, world.operator
    for by, secret in ((lead, "of a lead"), (operator, "of an administrator")):
        with world.tx(by) as tx:
            made = invitations.invite(
                tx, email=f"{by.role}@example.org", organisation=lead.organisation, role="provider_editor"
            )
            invitations.give_token(tx, made.id, secret, expected=made.etag)
    with world.tx(operator) as tx:
        tx.connection.execute(_update(lead.user, "active = false, version = version + 1"))
    with world.tx(SIGNING_IN) as tx:
        assert invitation_records.by_token(tx, "of a lead") is None
        assert invitation_records.by_token(tx, "of an administrator") is not None
        asked = text("SELECT safonau_may_invite(:by, :organisation, 'provider_editor')")
        who = {"by": operator.user, "organisation": lead.organisation}
        assert tx.connection.scalar(asked, who)
        assert not tx.connection.scalar(asked, who | {"by": world.other_provider.user})
    with world.tx(world.commissioner) as tx:
        assert not tx.connection.scalar(asked, who), "nobody else is told who is active"


def test_that_a_token_was_used_is_kept_by_who_signs_in_and_read_by_nobody(world: World) -> None:
    later = world.now + timedelta(hours=1)
    with world.tx(SIGNING_IN) as tx:
        assert assertions.use(tx, "one", later)
        assert not assertions.use(tx, "one", later)
        assert tx.connection.scalar(text("SELECT count(*) FROM used_assertion")) == 0
    for actor in (world.provider, world.operator):
        with pytest.raises(ProgrammingError, match="row-level security"), world.tx(actor) as tx:
            assertions.use(tx, "two", later)
    with pytest.raises(ProgrammingError, match="permission denied"), world.tx(SIGNING_IN) as tx:
        tx.connection.execute(text("DELETE FROM used_assertion"))
    world.days_pass(1)
    with world.tx(SIGNING_IN) as tx:
        assert assertions.use(tx, "one", later), "it has run out, and was forgotten"


def test_nobody_makes_an_invitation_or_a_user_that_they_may_not(world: World) -> None:
    row = {"id": world.operator.user, "email": "n@example.org", "version": 1, "role": "provider_editor"}
    row |= {"organisation_id": world.provider.organisation, "created_at": world.now, "expires_at": world.now}
    lead, stranger = world.provider.user, world.other_provider.user
    refused = (
        (world.editor, {"invited_by": world.editor.user}),
        (world.other_provider, {"invited_by": stranger}),
        (world.provider, {"invited_by": stranger}),
        (world.provider, {"invited_by": lead, "role": "administrator"}),
        (world.provider, {"invited_by": lead, "organisation_id": world.other_provider.organisation}),
        (world.reviewer, {"invited_by": world.reviewer.user}),
        (SIGNING_IN, {"invited_by": lead}),
    )
    for actor, changes in refused:
        with pytest.raises(ProgrammingError, match="row-level security"), world.tx(actor) as tx:
            tx.connection.execute(insert(metadata.tables["invitation"]).values(row | changes))
    with world.tx(world.provider) as tx:
        tx.connection.execute(
            insert(metadata.tables["invitation"]).values(row | {"invited_by": lead, "secret_hash": "kept"})
        )
    user: dict[str, object] = {"id": uuid4(), "email": "n@example.org", "name": "N", "role": "provider_editor"}
    user |= {"organisation_id": world.provider.organisation, "password_hash": "x", "active": True, "version": 1}
    user |= {"created_at": world.now}
    for secret, wrong in (
        ("another", user),
        ("kept", user | {"role": "provider_lead"}),
        ("kept", user | {"email": "m@example.org"}),
    ):
        with pytest.raises(ProgrammingError, match="row-level security"), world.tx(SIGNING_IN) as tx:
            _adding(tx, secret, wrong)
    with world.tx(SIGNING_IN) as tx:
        _adding(tx, "kept", user)


def _adding(tx: Transaction, secret: str, user: dict[str, object]) -> None:
    invitation_records.by_token(tx, secret)
    tx.connection.execute(insert(metadata.tables["app_user"]).values(user))
