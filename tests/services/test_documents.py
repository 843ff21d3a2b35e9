from datetime import date

import pytest

from app.db.repositories import documents as records
from app.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from app.services import documents
from tests.services.world import OTHER, TINY, World, document


def test_a_document_is_recorded_once(world: World) -> None:
    service = world.service()
    made = world.put_document(service.id, document())
    assert (made.value, made.etag) == (document(), "1")
    with pytest.raises(PreconditionFailed):
        world.put_document(service.id, document())
    assert world.put_document(service.id, document(), "1") == made


def test_a_document_is_withdrawn_and_stays_so(world: World) -> None:
    service = world.service()
    world.put_document(service.id, document())
    gone = world.put_document(service.id, document(withdrawn_on=date(2026, 2, 1)), "1")
    assert (gone.value.withdrawn_on, gone.etag) == (date(2026, 2, 1), "2")
    for again in (document(), document(withdrawn_on=date(2026, 2, 2))):
        with pytest.raises(Conflict, match="documents never change but for being withdrawn, once"):
            world.put_document(service.id, again, "2")
    with world.tx(world.provider) as tx:
        assert records.get(tx, service.id, "doc-1") == gone


@pytest.mark.parametrize("changes", [{"title": "new"}, {"sha256": "1" * 64}, {"valid_until": date(2027, 1, 1)}])
def test_nothing_else_of_a_document_changes(world: World, changes: dict[str, object]) -> None:
    service = world.service()
    world.put_document(service.id, document())
    with pytest.raises(Conflict):
        world.put_document(service.id, document().replace(**changes), "1")


def test_faults_of_a_document_are_located_in_it(world: World) -> None:
    service = world.service()
    with pytest.raises(Invalid) as caught:
        world.put_document(service.id, document(type="unheard_of", replaces="doc-0"))
    assert [fault.pointer for fault in caught.value.faults] == ["/type", "/replaces"]
    assert world.count("fact") == 1


def test_before_the_first_assessment_any_rule_set_will_do_and_after_it_has_to_fit(world: World) -> None:
    service = world.service()
    world.put_document(service.id, document("doc-1", type="log"))
    world.assessment(service.id, TINY)
    with pytest.raises(Conflict, match="documents doc-1 type: unknown document type `log`"):
        world.assessment(service.id, OTHER)


def test_a_document_has_to_fit_every_assessment_of_the_service(world: World) -> None:
    service = world.service()
    for rule_set in (TINY, OTHER):
        world.assessment(service.id, rule_set)
    with pytest.raises(Invalid) as caught:
        world.put_document(service.id, document(type="log"))
    assert [fault.pointer for fault in caught.value.faults] == ["/type"]


def test_a_document_that_was_never_recorded_is_not_there(world: World) -> None:
    service = world.service()
    with world.tx(world.provider) as tx, pytest.raises(NotFound):
        records.get(tx, service.id, "doc-1")


def test_only_providers_record_documents(world: World) -> None:
    service = world.service()
    with world.tx(world.reviewer) as tx, pytest.raises(Forbidden):
        documents.put_document(tx, world.catalogue, service.id, document(), expected=None)
