"""What the service does by itself with the files of documents, where time has to pass."""

import hashlib
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event
from uuid_utils.compat import uuid7

from app.clients.objects import ObjectStore
from app.db.repositories import uploads as records
from app.db.session import Database
from app.db.values import NewUpload
from app.services import keeping, uploads
from app.services.keeping import Checked, Keeper, Purged
from tests.services.world import World, document

CONTENT = b"A policy."
SHA256 = hashlib.sha256(CONTENT).hexdigest()
SCAN = {"antivirus": "clean", "text": "whole", "findings": [], "more": False}


def test_what_is_stored_again_is_kept_for_as_long_as_what_is_stored_first(world: World) -> None:
    """A provider has time to record the document that it stored a purged file again for."""
    store, provider = ObjectStore.in_memory(), world.provider.organisation
    keeper = Keeper(world.db, store, lambda: world.now, uuid7, "check")
    service = world.service()

    def send() -> None:
        store.put(provider, SHA256, io.BytesIO(CONTENT))
        with world.tx(world.provider) as tx:
            uploads.record(tx, store, NewUpload(SHA256, len(CONTENT), "text/plain", SCAN))

    def state() -> str:
        with world.tx(world.provider) as tx:
            return records.get(tx, provider, SHA256).state

    send()
    world.put_document(service.id, document(sha256=SHA256))
    world.put_document(service.id, document(sha256=SHA256, withdrawn_on=date(2026, 3, 1)), "1")
    world.days_pass(40)
    assert (keeper.purge(30).files, state()) == (1, "purged")
    send()
    assert (keeper.purge(30).files, state()) == (0, "held")
    world.days_pass(29)
    assert keeper.purge(30).files == 0
    world.days_pass(2)
    assert (keeper.purge(30).files, state()) == (1, "purged")


def impatient(world: World) -> Iterator[Database]:
    """The database, of which one gives up waiting for somebody else at once."""
    made = Database(world.db.engine.url.render_as_string(hide_password=False), pool_size=2)

    @event.listens_for(made.engine, "connect")
    def _(connection: Any, _: object) -> None:  # noqa: ANN401  # the driver's own
        connection.execute("SET lock_timeout = '10ms'")
        connection.commit()

    yield made
    made.close()


def test_one_that_somebody_is_at_work_on_holds_up_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_BATCH", 2)  # so that there are several pieces
    store, provider = ObjectStore.in_memory(), world.provider.organisation
    contents = [f"A policy, {number}.".encode() for number in range(4)]
    names = sorted(hashlib.sha256(content).hexdigest() for content in contents)
    for content in contents:
        sha256 = hashlib.sha256(content).hexdigest()
        store.put(provider, sha256, io.BytesIO(content))
        with world.tx(world.provider) as tx:
            uploads.record(tx, store, NewUpload(sha256, len(content), "text/plain", SCAN))
    for sha256 in names[:2]:
        store.remove(provider, sha256)
    world.days_pass(40)
    for database in impatient(world):
        keeper = Keeper(database, store, lambda: world.now, uuid7, "check")
        locked = (provider, names[0])
        with world.tx(world.provider) as tx:
            records.lock(tx, *locked)
            damaged = tuple((provider, sha256) for sha256 in names[:2])
            assert keeper.check() == Checked(4, damaged, (locked,))
            with world.tx(world.provider) as other:
                states = [records.get(other, provider, sha256).state for sha256 in names]
            assert states == ["held", "damaged", "held", "held"], "the second is on record, the first not yet"
            assert keeper.purge(30) == Purged(3, (locked,))
        assert keeper.check() == Checked(1, (locked,))
        assert keeper.purge(30) == Purged(1)
