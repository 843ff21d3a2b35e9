"""Row-level security of uploads, asked in SQL: what the code forgets, the database refuses."""

from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from app.db.repositories import audit, services, uploads
from app.db.session import KEEPER, Actor
from app.db.tables import upload_event
from app.db.values import NewUpload
from app.services import partners
from app.services import uploads as custody
from tests.services.world import HASH, World, document, response

SCAN = {"antivirus": "clean", "text": "whole", "findings": [], "more": False}
ALONE = "2" * 64


def filled(world: World) -> World:
    """Two files, of which the first is that of a document which a submitted assessment links."""
    assessment = world.assessment()
    for sha256 in (HASH, ALONE):
        with world.tx(world.provider) as tx:
            uploads.add(tx, world.provider.organisation, NewUpload(sha256, 8, "text/plain", SCAN))
            uploads.note(tx, world.provider.organisation, sha256, "stored")
            audit.record(tx, "upload.stored", sha256)
    world.put_document(assessment.service, document())
    world.put_response(assessment.id, response(documents=("doc-1",)))
    world.submit(assessment)
    return world


def seen(world: World, actor: Actor) -> list[list[str]]:
    """The hashes in each of the two tables that somebody sees."""
    with world.tx(actor) as tx:
        return [
            [row.sha256 for row in tx.connection.execute(text(f"SELECT sha256 FROM {table} ORDER BY sha256"))]  # noqa: S608  # names from here
            for table in ("upload", "upload_event")
        ]


def test_files_are_seen_by_their_provider_those_who_run_the_service_and_readers_of_what_links_them(
    world: World,
) -> None:
    filled(world)
    for everything in (world.provider, world.operator, KEEPER):
        assert seen(world, everything) == [[HASH, ALONE]] * 2
    for reader in (world.commissioner, world.reviewer):
        assert seen(world, reader) == [[HASH]] * 2
    for nobody in (world.other_provider, world.other_commissioner, world.other_reviewer):
        assert seen(world, nobody) == [[]] * 2
    with world.tx(KEEPER) as tx:
        kinds = tx.connection.execute(text("SELECT DISTINCT kind FROM fact")).scalars().all()
    assert kinds == ["document"]


def test_a_partner_sees_the_files_of_the_service_as_long_as_it_is_one(world: World) -> None:
    filled(world)
    with world.tx(world.provider) as tx:
        [service] = services.page(tx, after=None, limit=2).items
        organisation = world.other_provider.organisation
        named = partners.name(tx, world.catalogue, service.id, organisation, (), expected=None)
    assert seen(world, world.other_provider) == [[HASH]] * 2
    with world.tx(world.other_provider) as tx:
        assert custody.content_of(tx, service.id, "doc-1")[1].provider == world.provider.organisation
    with world.tx(world.provider) as tx:
        partners.end(tx, service.id, organisation, expected=named.etag)
    assert seen(world, world.other_provider) == [[]] * 2


def event(world: World, by: Actor, kind: str, **others: Any) -> None:  # noqa: ANN401 - columns of any type
    with world.tx(by) as tx:
        row = {"provider_id": world.provider.organisation, "sha256": HASH, "number": 2, "kind": kind, "reason": ""}
        row |= {"at": tx.now, "actor": by.user, "request_id": "test"} | others
        tx.connection.execute(insert(upload_event).values(row))


def test_nobody_adds_what_is_not_theirs_to_say(world: World) -> None:
    filled(world)
    everybody = (world.provider, world.other_provider, world.reviewer, world.commissioner, world.operator, KEEPER)
    may = {
        "acknowledged": (world.provider,),
        "stored": (world.provider,),
        "hold_set": (world.operator,),
        "hold_lifted": (world.operator,),
        "shredded": (world.operator,),
        "damaged": (KEEPER,),
        "intact": (KEEPER,),
        "purged": (KEEPER,),
    }
    for number, (kind, actors) in enumerate(may.items(), start=2):
        for actor in everybody:
            if actor in actors:
                event(world, actor, kind, number=number)
            else:
                with pytest.raises(ProgrammingError, match="row-level security"):
                    event(world, actor, kind, number=number)
    with pytest.raises(ProgrammingError, match="row-level security"):
        event(world, world.provider, "acknowledged", number=20, actor=world.operator.user)
    with pytest.raises(IntegrityError, match="pk_upload_event"):
        event(world, world.provider, "acknowledged", number=2)
    new = NewUpload("3" * 64, 8, "text/plain", SCAN)
    for actor in (world.other_provider, world.operator):
        with world.tx(actor) as tx, pytest.raises(ProgrammingError, match="row-level security"):
            uploads.add(tx, world.provider.organisation, new)
