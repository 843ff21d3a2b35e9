"""Writers at the same time, on the real database: exactly one of each pair wins, and nothing is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial
from threading import Barrier
from uuid import UUID

import pytest

from app.db.repositories import documents as document_records
from app.db.repositories import facts
from app.db.repositories.subjects import of_service
from app.db.session import SIGNING_IN
from app.errors import NotSignedIn, PreconditionFailed
from app.services import documents, packs, sessions
from tests.services.world import World, accreditation, document, response

WRITERS = 4


def _at_once(work: Callable[[int], object]) -> list[object]:
    """What every writer got, results or refusals, all of them having started together."""
    start = Barrier(WRITERS)

    def one(number: int) -> object:
        start.wait(10)
        try:
            return work(number)
        except PreconditionFailed as refusal:
            return refusal

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(one, range(WRITERS)))


def _refused(outcomes: list[object]) -> int:
    return sum(isinstance(outcome, PreconditionFailed) for outcome in outcomes)


def _narrate(world: World, assessment: UUID, etag: str, number: int) -> object:
    return world.put_response(assessment, response(narrative=f"by {number} on {etag}"), etag)


def test_of_writers_of_one_version_exactly_one_wins(world: World) -> None:
    assessment = world.assessment()
    world.put_response(assessment.id, response(narrative="as read by all"))
    for etag in map(str, range(1, 6)):
        outcomes = _at_once(partial(_narrate, world, assessment.id, etag))
        assert _refused(outcomes) == WRITERS - 1
    assert world.pack(assessment.id).responses[0].version == 6


def test_of_many_uses_of_one_refresh_token_exactly_one_goes_on_and_the_session_ends(world: World) -> None:
    with world.tx(world.provider) as tx:
        session = sessions.start(tx, scope="read", user_agent="", secret_hash="first")

    def refresh(number: int) -> object:
        with world.tx(SIGNING_IN) as tx:
            return sessions.refresh(tx, "first", f"by {number}")

    outcomes = _at_once(refresh)
    assert [outcome is None for outcome in outcomes].count(False) == 1
    winner = next(number for number, outcome in enumerate(outcomes) if outcome is not None)
    with pytest.raises(NotSignedIn), world.tx(SIGNING_IN) as tx:
        sessions.refresh(tx, f"by {winner}", "next")
    with pytest.raises(NotSignedIn), world.tx(replace(world.provider, session=session.id)):
        pass


def test_of_writers_of_something_new_exactly_one_wins(world: World) -> None:
    service = world.service()
    outcomes = _at_once(lambda number: world.put_accreditation(service.id, accreditation(certificate=f"R-{number}")))
    assert _refused(outcomes) == WRITERS - 1


def test_writers_of_different_things_lose_nothing_and_their_instants_rise(world: World) -> None:
    assessment = world.assessment()

    def work(number: int) -> None:
        for step in range(5):
            with world.tx(world.provider) as tx:
                item = document(f"doc-{number}-{step}", issued_on=date(2025, 1, 1))
                documents.put_document(tx, world.catalogue, assessment.service, item, expected=None)

    assert _at_once(work) == [None] * WRITERS
    with world.tx(world.provider) as tx:
        found = document_records.page(tx, assessment.service, after=None, limit=100).items
        every = facts.standing(tx, of_service(tx, assessment.service), None)
    assert len(found) == WRITERS * 5
    instants = [fact.recorded_at for fact in every]
    assert len(set(instants)) == len(instants)


def test_of_imports_over_one_state_exactly_one_wins(world: World) -> None:
    assessment = world.assessment()
    pack = world.pack(assessment.id)

    def work(number: int) -> object:
        from_here = pack.replace(responses=(response(narrative=f"by {number}"),))
        with world.tx(world.provider) as tx:
            return packs.import_pack(tx, world.catalogue, assessment.id, from_here, expected=pack.sha256)

    assert _refused(_at_once(work)) == WRITERS - 1
    assert world.pack(assessment.id).responses[0].version == 1
