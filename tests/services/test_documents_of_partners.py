"""What a partner in a service hands in as evidence: its own documents, with files that its own organisation holds."""

import hashlib
import io
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import ProgrammingError
from uuid_utils.compat import uuid7

from app.clients.objects import ObjectStore
from app.db.repositories import services
from app.db.repositories import uploads as records
from app.db.repositories.partners import AnswersFor
from app.db.session import KEEPER, Actor
from app.db.tables import fact
from app.db.values import AssessmentRecord, NewUpload
from app.engine.pack import Document
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.services import accounts, assessments, documents, partners, uploads
from app.services.keeping import Keeper, Purged
from tests.services.world import HASH, TINY, World, document, response

CONTENT = b"How we train facilitators."
SHA256 = hashlib.sha256(CONTENT).hexdigest()
FOUND = {"antivirus": "clean", "text": "whole", "findings": [{"kind": "email", "place": "page 1"}], "more": False}
PART = AnswersFor(rule_set=TINY, requirements=("1.1",))


def consortium(world: World, *said: AnswersFor) -> AssessmentRecord:
    """An assessment of a service in which the other provider is a partner that answers for what is said."""
    made = world.assessment()
    with world.tx(world.provider) as tx:
        partners.name(tx, world.catalogue, made.service, world.other_provider.organisation, said, expected=None)
    return made


def consortium_lead(world: World, made: AssessmentRecord) -> Actor:
    """A lead of one more partner in the service, which answers for nothing."""
    with world.tx(world.operator) as tx:
        organisation = accounts.create_organisation(tx, kind="provider", name="Third").id
        lead = accounts.create_user(
            tx, email="third@example.org", name="T", organisation=organisation, role="provider_lead", password_hash="x"
        )
    with world.tx(world.provider) as tx:
        partners.name(tx, world.catalogue, made.service, organisation, (), expected=None)
    return Actor(lead.id, organisation, "provider_lead")


def put(world: World, by: Actor, service: UUID, given: Document, expected: str | None = None) -> None:
    with world.tx(by) as tx:
        documents.put_document(tx, world.catalogue, service, given, expected=expected)


def send(world: World, by: Actor, store: ObjectStore) -> None:
    """Upload the file, in which the scan finds something."""
    store.put(by.organisation, SHA256, io.BytesIO(CONTENT))
    with world.tx(by) as tx:
        uploads.record(tx, store, NewUpload(SHA256, len(CONTENT), "text/plain", FOUND))


def holder(world: World, by: Actor, service: UUID) -> UUID | None:
    """Whose upload somebody reads as the file of the document."""
    with world.tx(by) as tx:
        return uploads.content_of(tx, service, "doc-1")[1].provider


def test_a_partner_hands_in_the_evidence_for_what_it_answers_for(world: World) -> None:
    made, partner, store = consortium(world, PART), world.other_provider, ObjectStore.in_memory()
    send(world, partner, store)
    evidence = document(sha256=SHA256)
    with pytest.raises(Invalid) as refused:
        put(world, partner, made.service, evidence)
    assert [fault.pointer for fault in refused.value.faults] == ["/sha256"], "somebody has to look first"
    with world.tx(partner) as tx:
        uploads.acknowledge(tx, SHA256, expected="1")
    put(world, partner, made.service, evidence)
    with world.tx(partner) as tx:
        said = response(documents=("doc-1",))
        assessments.put_response(tx, world.catalogue, made.id, said, expected=None)
    third = consortium_lead(world, made)
    for reader in (partner, world.provider, world.editor, third):
        assert holder(world, reader, made.service) == partner.organisation
        with world.tx(reader) as tx:
            assert uploads.custodies(tx, made.service, [evidence]) == {"doc-1": "held"}
    with world.tx(world.reviewer) as tx, pytest.raises(NotFound):
        uploads.content_of(tx, made.service, "doc-1")
    world.submit(made)
    for reader in (world.commissioner, world.reviewer):
        assert holder(world, reader, made.service) == partner.organisation
    for stranger in (world.other_commissioner, world.other_reviewer):
        with world.tx(stranger) as tx, pytest.raises(NotFound):
            uploads.content_of(tx, made.service, "doc-1")
    with world.tx(world.provider) as tx:
        partners.end(tx, made.service, partner.organisation, expected="1")
    for reader in (world.provider, world.commissioner):
        assert holder(world, reader, made.service) == partner.organisation, "what was handed in stays"
    with world.tx(partner) as tx, pytest.raises(NotFound):
        services.get(tx, made.service)

    # It is kept as long as the document stands, whoever withdraws it.
    keeper = Keeper(world.db, store, lambda: world.now, uuid7, "check")
    world.days_pass(40)
    assert keeper.purge(30) == Purged(0)
    put(world, world.provider, made.service, evidence.replace(withdrawn_on=date(2026, 3, 1)), "1")
    assert keeper.purge(30) == Purged(1)


def test_each_withdraws_their_own_and_the_provider_everything(world: World) -> None:
    made, partner = consortium(world, PART), world.other_provider
    gone = date(2026, 3, 1)
    put(world, world.provider, made.service, document())
    for key in ("mine", "mine-too"):
        put(world, partner, made.service, document(key))
    put(world, partner, made.service, document(), "1")
    with pytest.raises(Forbidden, match="was recorded by another organisation"):
        put(world, partner, made.service, document(withdrawn_on=gone), "1")
    with pytest.raises(Conflict, match="is on record, and documents never change"):
        put(world, partner, made.service, document("mine", sha256=SHA256), "1")
    put(world, partner, made.service, document("mine", withdrawn_on=gone), "1")
    put(world, world.provider, made.service, document("mine-too", withdrawn_on=gone), "1")


def test_who_answers_for_nothing_hands_in_nothing(world: World) -> None:
    made, partner = consortium(world), world.other_provider
    with pytest.raises(Forbidden, match="is a partner in this service; this is for"):
        put(world, partner, made.service, document())


def test_what_a_partner_hands_in_fits_what_it_does_not_see(world: World) -> None:
    made, partner = consortium(world, PART), world.other_provider
    put(world, partner, made.service, document("a-log", type="log"))
    hidden = consortium(world, PART)
    world.assessment(hidden.service, TINY.replace(version="2"))  # which knows no such type
    with pytest.raises(Invalid) as refused:
        put(world, partner, hidden.service, document("a-log", type="log"))
    assert [fault.pointer for fault in refused.value.faults] == ["/type"]
    fresh = world.service()
    with world.tx(world.provider) as tx:
        partners.name(tx, world.catalogue, fresh.id, partner.organisation, (PART,), expected=None)
    put(world, partner, fresh.id, document("a-log", type="log"))
    with world.tx(world.commissioner) as tx:
        assert tx.connection.execute(text("SELECT * FROM safonau_rule_sets(:s)"), {"s": made.service}).all() == []


def test_the_database_keeps_a_partner_to_its_documents(world: World) -> None:
    made, partner = consortium(world, PART), world.other_provider
    put(world, world.provider, made.service, document())
    put(world, partner, made.service, document("mine"))

    def add(by: Actor, key: str, version: int, **changes: object) -> None:
        row = {"id": uuid7(), "provider_id": made.provider, "service_id": made.service, "kind": "document"}
        row |= {"key": key, "version": version, "body": {"sha256": HASH}, "recorded_at": world.now}
        row |= {"recorded_by": by.user, "request_id": "raw"} | changes
        with world.tx(by) as tx:
            tx.connection.execute(insert(fact).values(row))

    attempts: tuple[tuple[Actor, str, int, dict[str, object]], ...] = (
        (partner, "doc-1", 2, {}),
        (partner, "new", 2, {}),
        (partner, "new", 1, {"recorded_by": world.provider.user}),
        (partner, "new", 1, {"kind": "accreditation"}),
        (world.commissioner, "new", 1, {}),
        (world.reviewer, "new", 1, {}),
    )
    for by, key, version, changes in attempts:
        with pytest.raises(ProgrammingError, match="row-level security"):
            add(by, key, version, **changes)
    add(partner, "mine", 2)
    with world.tx(world.provider) as tx:
        partners.name(tx, world.catalogue, made.service, partner.organisation, (), expected="1")
    with pytest.raises(ProgrammingError, match="row-level security"):
        add(partner, "another", 1)
    # A file is of whoever holds it: the same bytes with somebody else are another upload, that nobody else is shown.
    for owner in (world.provider, partner):
        with world.tx(owner) as tx:
            records.add(tx, owner.organisation, NewUpload(HASH, 8, "text/plain", FOUND | {"findings": []}))
            uploads.note(tx, owner.organisation, HASH, "stored")
    seen = {by: _uploads_seen(world, by) for by in (world.provider, partner, world.commissioner, KEEPER)}
    assert [len(rows) for rows in seen.values()] == [2, 2, 0, 2]
    other = consortium(world)
    put(world, world.provider, other.service, document())
    assert _uploads_seen(world, world.other_commissioner) == []


def _uploads_seen(world: World, by: Actor) -> list[UUID]:
    with world.tx(by) as tx:
        return list(tx.connection.scalars(text("SELECT provider_id FROM upload")))
