"""Row-level security, asked in SQL: what the code forgets, the database refuses (architecture.md, decision 5)."""

from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Insert, insert, text
from sqlalchemy.exc import ProgrammingError

from app.db.address import conninfo
from app.db.repositories import users
from app.db.repositories.partners import AnswersFor
from app.db.session import NOBODY, SIGNING_IN, SYSTEM, Actor
from app.db.tables import metadata
from app.services import partners
from app.services.reviews import Decision
from tests.services.world import TINY, World, accreditation, document, response

TENANT_TABLES = ("service", "assessment", "share", "fact")
TABLES = tuple(metadata.tables)


def _filled(world: World) -> World:
    """A submitted assessment with one fact of every kind."""
    assessment = world.assessment()
    world.put_document(assessment.service, document())
    held = world.put_accreditation(assessment.service, accreditation())
    world.put_response(assessment.id, response(documents=("doc-1",)))
    world.in_review(assessment)
    world.verify(assessment.service, held.etag)
    world.decide(assessment.id, Decision("1.1", 1, "accepted"))
    return world


def _count(world: World, actor: Actor, table: str) -> int:
    with world.tx(actor) as tx:
        return int(tx.connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608  # names from above


@pytest.mark.parametrize("table", TABLES)
def test_a_session_without_settings_sees_nothing(world: World, database_url: str, table: str) -> None:
    _filled(world)
    with psycopg.connect(conninfo(database_url)) as connection:
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608  # names from above


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_another_tenant_sees_nothing_even_by_raw_sql(world: World, table: str) -> None:
    _filled(world)
    assert _count(world, world.provider, table) > 0
    assert _count(world, world.other_provider, table) == 0
    assert _count(world, world.other_commissioner, table) == 0
    assert _count(world, world.other_reviewer, table) == 0
    assert _count(world, world.scrutiny, table) == 0


def test_the_views_that_policies_read_show_what_is_about_the_caller_only(world: World, database_url: str) -> None:
    """They are read with the owner's rights, so each has to say by itself whom it is for."""
    _filled(world)
    partner = world.other_provider
    part = AnswersFor(rule_set=TINY, standards=(1,))
    own = world.assessment().service
    with world.tx(world.provider) as tx:
        partners.name(tx, world.catalogue, own, partner.organisation, (part,), expected=None)
    with psycopg.connect(conninfo(database_url)) as connection:
        views = [name for (name,) in connection.execute("SELECT viewname FROM pg_views WHERE schemaname = 'public'")]
        for name in views:
            assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,)  # noqa: S608  # the database's
    callers = (world.commissioner, partner, world.other_commissioner)
    seen = {name: [_count(world, by, name) > 0 for by in callers] for name in views}
    assert seen == {
        "share_in_force": [True, False, False],
        "share_in_region": [True, False, False],
        "handed_in_shared": [True, False, False],
        "partner_in_force": [False, True, False],
        "partner_assessment": [False, True, False],
    }


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_administrators_manage_people_and_read_no_evidence(world: World, table: str) -> None:
    _filled(world)
    assert _count(world, world.operator, table) == 0
    assert _count(world, SYSTEM, table) == 0


def test_a_draft_is_seen_by_its_provider_only(world: World) -> None:
    assessment = world.assessment()
    world.put_document(assessment.service, document())
    for table in TENANT_TABLES:
        assert _count(world, world.commissioner, table) == 0
    world.submit(assessment)
    for table in TENANT_TABLES:
        assert _count(world, world.commissioner, table) > 0


def test_another_draft_of_a_shared_service_stays_hidden(world: World) -> None:
    shared = world.assessment()
    draft = world.assessment(shared.service)
    world.put_response(draft.id, response(narrative="not yet"))
    world.submit(shared)
    assert _count(world, world.commissioner, "assessment") == 1
    with world.tx(world.commissioner) as tx:
        assert tx.connection.scalar(text("SELECT count(*) FROM fact WHERE kind = 'response'")) == 0


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("table", ["fact", "audit_event", "service", "organisation"])
def test_nothing_is_updated_or_deleted(world: World, statement: str, table: str) -> None:
    _filled(world)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        world.tx(world.provider) as tx,
    ):
        tx.connection.execute(text(statement.format(table)))


def test_a_provider_cannot_write_for_another(world: World) -> None:
    service = world.service()
    with pytest.raises(ProgrammingError, match="row-level security"), world.tx(world.other_provider) as tx:
        tx.connection.execute(_fact(tx.new_id(), service.id, world.provider, world.other_provider, "document"))


def test_a_provider_cannot_verify_itself(world: World) -> None:
    service = world.service()
    with pytest.raises(ProgrammingError, match="row-level security"), world.tx(world.provider) as tx:
        tx.connection.execute(_fact(tx.new_id(), service.id, world.provider, world.provider, "verification"))


def test_an_editor_writes_and_only_a_lead_shares_what_was_submitted(world: World) -> None:
    assessment = world.assessment()
    row = {"assessment_id": assessment.id, "service_id": assessment.service, "recorded_at": world.now}
    row |= {"version": 1, "ended": False, "submitted_at": world.now}
    row |= {"provider_id": world.provider.organisation, "commissioner_id": world.other_commissioner.organisation}
    share = insert(metadata.tables["share"]).values(row)
    with world.tx(world.editor) as tx:
        tx.connection.execute(_fact(tx.new_id(), assessment.service, world.provider, world.editor, "document"))
    with pytest.raises(ProgrammingError, match="row-level security"), world.tx(world.provider) as tx:
        tx.connection.execute(share)
    world.submit(assessment)
    with pytest.raises(ProgrammingError, match="row-level security"), world.tx(world.editor) as tx:
        tx.connection.execute(share)
    with world.tx(world.provider) as tx:
        tx.connection.execute(share)


def test_nobody_writes_in_the_name_of_somebody_else(world: World) -> None:
    service = world.service()
    with pytest.raises(ProgrammingError, match="row-level security"), world.tx(world.provider) as tx:
        tx.connection.execute(_fact(tx.new_id(), service.id, world.provider, world.reviewer, "document"))


def test_a_reviewer_verifies_only_what_was_shared(world: World) -> None:
    assessment = world.assessment()
    world.submit(assessment)
    with world.tx(world.reviewer) as tx:
        tx.connection.execute(_fact(tx.new_id(), assessment.service, world.provider, world.reviewer, "verification"))
    with pytest.raises(ProgrammingError, match="row-level security"), world.tx(world.other_reviewer) as tx:
        tx.connection.execute(
            _fact(tx.new_id(), assessment.service, world.provider, world.other_reviewer, "verification", 2)
        )


def test_a_reviewer_cannot_write_what_the_provider_says(world: World) -> None:
    assessment = world.assessment()
    world.submit(assessment)
    with pytest.raises(ProgrammingError, match="row-level security"), world.tx(world.reviewer) as tx:
        tx.connection.execute(_fact(tx.new_id(), assessment.service, world.provider, world.reviewer, "document"))


def test_signing_in_sees_the_one_user_whose_address_is_asked_for(world: World) -> None:
    with world.tx(world.operator) as tx:
        everybody = users.page(tx, after=None, limit=100).items
    with world.tx(SIGNING_IN) as tx:
        assert tx.connection.scalar(text("SELECT count(*) FROM app_user")) == 0
        found = users.for_sign_in(tx, f" {everybody[3].email.upper()} ")
        assert found is not None
        assert found.id == everybody[3].id
        assert tx.connection.scalar(text("SELECT count(*) FROM app_user")) == 1
        assert users.for_sign_in(tx, "nobody@example.org") is None
        assert users.for_sign_in(tx, "\0@example.org") is None
    assert _count(world, SIGNING_IN, "organisation") == 0


def test_colleagues_see_one_another_and_nobody_else(world: World) -> None:
    assert _count(world, world.provider, "app_user") == 2
    assert _count(world, world.commissioner, "app_user") == 3
    assert _count(world, world.scrutiny, "app_user") == 1
    assert _count(world, world.operator, "app_user") == 10


def test_organisations_are_seen_by_those_who_deal_with_them(world: World) -> None:
    assert _count(world, world.operator, "organisation") == 6
    assert _count(world, world.provider, "organisation") == 3  # itself and both commissioners
    assert _count(world, world.commissioner, "organisation") == 1
    _filled(world)
    assert _count(world, world.commissioner, "organisation") == 2
    assert _count(world, world.other_commissioner, "organisation") == 1
    assert _count(world, world.scrutiny, "organisation") == 1


def test_administrators_see_the_whole_audit_trail_and_others_their_own_organisations(world: World) -> None:
    _filled(world)
    assert _count(world, world.provider, "audit_event") == 6
    assert _count(world, world.reviewer, "audit_event") == _count(world, world.commissioner, "audit_event") == 3
    assert _count(world, world.other_provider, "audit_event") == 0
    assert _count(world, world.operator, "audit_event") > 10


def test_nobody_leaves_an_audit_event_in_another_name(world: World) -> None:
    row = {"id": NOBODY, "at": world.now, "request_id": "", "action": "", "subject": "", "detail": {}, "rows": {}}
    own, other = world.provider, world.operator
    for actor, organisation in ((other.user, own.organisation), (own.user, other.organisation)):
        named = {"seq": 10_000, "hash": b"", "actor": actor, "organisation_id": organisation}
        with pytest.raises(ProgrammingError, match="row-level security"), world.tx(own) as tx:
            tx.connection.execute(insert(metadata.tables["audit_event"]).values(row | named))


def _fact(new_id: UUID, service: UUID, provider: Actor, by: Actor, kind: str, version: int = 1) -> Insert:
    return insert(metadata.tables["fact"]).values(
        id=new_id,
        provider_id=provider.organisation,
        service_id=service,
        kind=kind,
        key="x",
        version=version,
        body={},
        recorded_at=text("now()"),
        recorded_by=by.user,
        request_id="raw",
    )
