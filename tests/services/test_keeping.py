"""What the service does by itself with the files of documents, where time has to pass."""

import hashlib
import io
from datetime import date

from uuid_utils.compat import uuid7

from app.clients.objects import ObjectStore
from app.db.repositories import uploads as records
from app.db.values import NewUpload
from app.services import uploads
from app.services.keeping import Keeper
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
    assert (keeper.purge(30), state()) == (1, "purged")
    send()
    assert (keeper.purge(30), state()) == (0, "held")
    world.days_pass(29)
    assert keeper.purge(30) == 0
    world.days_pass(2)
    assert (keeper.purge(30), state()) == (1, "purged")
