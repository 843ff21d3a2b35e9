from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest

from app.engine.pack import Pack
from app.errors import NotFound
from tests.services.world import World, document, response


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
