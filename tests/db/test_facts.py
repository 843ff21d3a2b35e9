from datetime import datetime, timedelta

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app.db.address import conninfo
from app.db.repositories import audit, facts
from app.db.repositories.facts import NewFact, Subject
from app.db.repositories.subjects import of_service
from app.db.session import Transaction, transaction
from app.errors import PreconditionFailed, Unavailable
from tests.services.world import World


def _fact(key: str = "doc-1", version: int = 1, title: str = "one") -> NewFact:
    return NewFact("document", key, version, {"title": title})


def _subject(world: World) -> Subject:
    service = world.service()
    with world.tx(world.provider) as tx:
        return of_service(tx, service.id)


def _record(tx: Transaction, subject: Subject, *new: NewFact, at: datetime | None = None) -> None:
    facts.append(tx, subject, new, at or tx.now)
    audit.record(tx, "tested", f"services/{subject.service}")


def test_every_version_is_kept_and_the_newest_is_given(world: World) -> None:
    subject = _subject(world)
    for version in (1, 2, 3):
        with world.tx(world.provider) as tx:
            at = facts.lock(tx, subject.service)
            _record(tx, subject, _fact(version=version, title=str(version)), at=at)
    with world.tx(world.provider) as tx:
        newest = facts.newest(tx, subject, "document", "doc-1")
        assert newest is not None
        assert (newest.version, newest.body, newest.recorded_by) == (3, {"title": "3"}, world.provider.user)
        assert tx.connection.exec_driver_sql("SELECT count(*) FROM fact WHERE key = 'doc-1'").scalar() == 3


def test_two_writers_of_the_same_next_version_collide_even_without_a_turn(world: World) -> None:
    subject = _subject(world)
    with world.tx(world.provider) as tx:
        _record(tx, subject, _fact())
    with pytest.raises(PreconditionFailed), world.tx(world.provider) as tx:
        _record(tx, subject, _fact(title="another"))


def test_a_fault_of_the_database_that_is_no_collision_stays_one(world: World) -> None:
    subject = _subject(world)
    with pytest.raises(Exception, match="ck_fact_version"), world.tx(world.provider) as tx:
        _record(tx, subject, _fact(version=0))


def test_instants_of_a_service_rise_even_when_the_clock_goes_back(world: World) -> None:
    subject = _subject(world)
    with world.tx(world.provider) as tx:
        late = tx.now + timedelta(hours=1)
    with transaction(world.db, world.provider, now=late, new_id=uuid7, request_id="early") as tx:
        assert facts.lock(tx, subject.service) == late
    with world.tx(world.provider) as tx:
        assert tx.now < late
        assert facts.lock(tx, subject.service) == late + timedelta(microseconds=1)


def test_a_writer_whose_turn_does_not_come_gives_up(world: World, database_url: str) -> None:
    subject = _subject(world)
    with psycopg.connect(conninfo(database_url)) as other:
        other.execute("SELECT set_config('safonau.organisation', %s, true)", [str(subject.provider)])
        other.execute("SELECT set_config('safonau.role', 'provider_lead', true)")
        assert other.execute("SELECT at FROM service_clock FOR UPDATE").fetchone()
        with world.tx(world.provider) as tx:
            tx.connection.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
            with pytest.raises(Unavailable, match="just now"):
                facts.lock(tx, subject.service)


def test_pages_are_in_the_order_of_keys_and_of_the_newest_versions(world: World) -> None:
    subject = _subject(world)
    with world.tx(world.provider) as tx:
        _record(tx, subject, *[_fact(key) for key in ("b", "B", "ŵ", "a", "doc-10", "doc-2")])
        _record(tx, subject, _fact("b", 2, "newer"))
    found: list[tuple[str, int]] = []
    after: str | None = None
    with world.tx(world.provider) as tx:
        while True:
            page = facts.page(tx, subject, "document", after, 2)
            found += [(fact.key, fact.version) for fact in page.items]
            after = page.next
            if after is None:
                break
    assert found == [("B", 1), ("a", 1), ("b", 2), ("doc-10", 1), ("doc-2", 1), ("ŵ", 1)]


def test_a_page_that_ends_with_the_list_says_so(world: World) -> None:
    subject = _subject(world)
    with world.tx(world.provider) as tx:
        _record(tx, subject, _fact("a"), _fact("b"))
        assert facts.page(tx, subject, "document", None, 2).next is None
        assert facts.page(tx, subject, "document", "b", 2).items == ()


def test_a_key_that_no_text_can_hold_is_no_fact(world: World) -> None:
    subject = _subject(world)
    with world.tx(world.provider) as tx:
        assert facts.newest(tx, subject, "document", "doc\0-1") is None
