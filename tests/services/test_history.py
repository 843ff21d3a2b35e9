from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from app.db.repositories import assessments
from app.db.repositories.subjects import of_assessment
from app.db.session import transaction
from app.engine.pack import Pack
from app.errors import Invalid, NotFound, Unavailable
from app.services import documents, packs
from tests.services.world import World, accreditation, document, response


def test_what_was_known_at_an_instant_is_given_for_ever(world: World) -> None:
    """Two questions have exact answers for ever: … and what was known at an instant (semantics.md 8)."""
    assessment = world.assessment()
    instants, known = [], []
    edits: list[Callable[[Pack], Pack]] = [
        lambda pack: pack.replace(documents=(document(),)),
        lambda pack: pack.replace(responses=(response(documents=("doc-1",)),)),
        lambda pack: pack.replace(responses=(response(narrative="changed"),)),
        lambda pack: pack.replace(documents=(document(withdrawn_on=date(2026, 2, 1)),)),
    ]
    for edit in edits:
        known.append(world.import_pack(assessment.id, edit(world.pack(assessment.id))))
        instants.append(world.now)
    assert len({pack.sha256 for pack in known}) == len(edits)
    assert [world.pack(assessment.id, known_at=at) for at in instants] == known


def test_before_anything_was_on_record_there_is_nothing(world: World) -> None:
    service = world.service()
    before = world.now
    assessment = world.assessment(service.id)
    with pytest.raises(NotFound):
        world.pack(assessment.id, known_at=before)
    with pytest.raises(NotFound):
        world.pack(uuid4())


def test_what_was_on_record_before_it_was_handed_in_is_the_providers(world: World) -> None:
    assessment = world.assessment()
    draft = world.import_pack(assessment.id, world.pack(assessment.id).replace(responses=(response(),)))
    before = world.now
    world.submit(assessment)
    assert world.pack(assessment.id, known_at=before) == draft
    for actor in (world.commissioner, world.reviewer):
        assert world.pack(assessment.id, actor) == draft
        with pytest.raises(NotFound):
            world.pack(assessment.id, actor, known_at=before)


def test_a_slow_writer_records_nothing_at_an_instant_that_was_answered_for(world: World) -> None:
    assessment = world.assessment()
    with world.tx(world.provider) as slow:
        instant = world.now + timedelta(seconds=30)
        told = world.pack(assessment.id, known_at=instant)
        made = documents.put_document(slow, world.catalogue, assessment.service, document(), expected=None)
    assert slow.now < instant < made.recorded_at
    assert world.pack(assessment.id, known_at=instant) == told
    assert world.pack(assessment.id, known_at=made.recorded_at).documents == (document(),)


def test_an_instant_that_a_writer_at_work_may_record_at_is_waited_for(world: World) -> None:
    assessment = world.assessment()
    settled = world.now
    told = world.pack(assessment.id, known_at=settled)
    with world.tx(world.provider) as slow:
        documents.put_document(slow, world.catalogue, assessment.service, document(), expected=None)
        assert world.pack(assessment.id, known_at=settled) == told
        with world.tx(world.provider) as tx:
            tx.connection.exec_driver_sql("SET LOCAL lock_timeout = '20ms'")
            with pytest.raises(Unavailable):
                packs.assembled(tx, assessment.id, known_at=slow.now)
        # Nor is it said whether a submission was known then, as long as one may be on its way.
        with world.tx(world.provider) as tx:
            tx.connection.exec_driver_sql("SET LOCAL lock_timeout = '20ms'")
            with pytest.raises(Unavailable):
                assessments.submitted_at(tx, of_assessment(tx, assessment.id), slow.now)
    assert world.pack(assessment.id, known_at=settled) == told
    assert world.pack(assessment.id, known_at=slow.now).documents == (document(),)


def test_a_reviewers_answer_binds_the_provider_and_clocks_that_differ_do_no_harm(world: World) -> None:
    assessment = world.assessment()
    world.put_accreditation(assessment.service, accreditation())
    handed_in = world.submit(assessment)
    ahead = world.now + timedelta(hours=1)
    with transaction(world.db, world.reviewer, now=ahead, new_id=uuid7, request_id="of another machine") as tx:
        told = packs.assembled(tx, handed_in.id, known_at=ahead)
    made = world.put_document(assessment.service, document())
    assert world.now < ahead < made.recorded_at
    assert world.pack(assessment.id, world.reviewer, known_at=ahead) == told
    assert world.pack(assessment.id, known_at=made.recorded_at).documents == (document(),)


def test_what_will_be_known_nobody_can_say(world: World) -> None:
    assessment = world.assessment()
    with pytest.raises(Invalid) as refusal:
        world.pack(assessment.id, known_at=world.now + timedelta(hours=1))
    assert [fault.pointer for fault in refusal.value.faults] == ["?known_at"]
