"""Nothing is acknowledged that was not committed, and many callers at once are all answered."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import Connection, event

from app.db.session import SYSTEM, transaction
from app.loader.catalogue import Catalogue
from app.main import Service, create_app
from app.settings import Settings
from tests.api.conftest import SERVICE, Begun, Clock, World, ok, problem


class CommitFailedError(Exception):
    """What the test's database says when it should have committed."""


def test_a_commit_that_fails_is_a_500_and_nothing_is_acknowledged(begun: Begun, world: World) -> None:
    provider, engine = begun.people.provider, world.database.engine

    def fail(_: Connection) -> None:
        raise CommitFailedError

    event.listen(engine, "commit", fail)
    try:
        created = provider.post("/v1/services", SERVICE, Idempotency_Key="key-of-the-failure")
        changed = provider.send("PUT", begun.service_place, {"name": "Other"}, If_Match="*")
    finally:
        event.remove(engine, "commit", fail)

    for answer in (created, changed):
        document = problem(answer, 500, "internal")
        assert "CommitFailed" not in answer.text
        assert document["hint"]
        assert "location" not in answer.headers
        assert "etag" not in answer.headers
    assert len(ok(provider.get("/v1/services"))["items"]) == 1
    assert ok(provider.get(begun.service_place))["name"] == SERVICE["name"]
    ok(provider.post("/v1/services", SERVICE, Idempotency_Key="key-of-the-failure"), 201)


def test_of_many_writers_on_one_version_exactly_one_succeeds(begun: Begun) -> None:
    provider, place = begun.people.provider, begun.service_place
    etag = provider.get(place).headers["etag"]

    def write(number: int) -> int:
        status: int = provider.put(place, {**SERVICE, "name": f"Written by {number}"}, If_Match=etag).status_code
        return status

    with ThreadPoolExecutor(8) as writers:
        statuses = sorted(writers.map(write, range(8)))
    assert statuses == [200] + [412] * 7
    assert ok(provider.get(place))["version"] == 2


@pytest.fixture
def small(database_url: str, key_dir: Path) -> Settings:
    return Settings(
        database_url=SecretStr(database_url), data_dir=key_dir, key_dir=key_dir, log_level="error", pool_size=2
    )


@pytest.fixture
def narrow(small: Settings, catalogue: Catalogue, clock: Clock, begun: Begun) -> Iterator[tuple[Service, TestClient]]:
    """The same service again, with two connections."""
    assert begun.service
    app = create_app(small, catalogue=catalogue, clock=clock)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield app, client


def test_64_callers_at_once_are_all_answered_over_two_connections(
    narrow: tuple[Service, TestClient], begun: Begun
) -> None:
    _, client = narrow
    headers = {"authorization": f"Bearer {begun.people.provider.token}"}
    with ThreadPoolExecutor(64) as callers:
        answers = list(callers.map(lambda _: client.get(f"{begun.place}/pack", headers=headers), range(128)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


def test_a_starved_pool_is_a_503_that_says_so_and_recovers(
    narrow: tuple[Service, TestClient], begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, client = narrow
    running = app.state.running
    monkeypatch.setattr(running.database.engine.pool, "_timeout", 0.2)
    headers = {"authorization": f"Bearer {begun.people.provider.token}"}
    arguments = {"now": running.clock(), "new_id": running.new_id, "request_id": "starving"}
    with transaction(running.database, SYSTEM, **arguments), transaction(running.database, SYSTEM, **arguments):
        with ThreadPoolExecutor(8) as callers:
            answers = list(callers.map(lambda _: client.get(begun.service_place, headers=headers), range(8)))
        assert client.get("/health/live").status_code == 200
        problem(client.get("/health/ready"), 503, "unavailable")
    for answer in answers:
        problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"]
    assert ok(client.get(begun.service_place, headers=headers))["id"] == begun.service
    assert ok(client.get("/health/ready")) == {"status": "ok"}
