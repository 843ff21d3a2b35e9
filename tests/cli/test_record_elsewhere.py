"""A backup of what lies in an embedded database and in a bucket, restored into others of both."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.clients.objects import ObjectStore
from app.db import embedded, migrate
from app.db.repositories import services
from app.db.session import Database
from app.db.values import NewUpload
from app.services import uploads
from tests import bucket
from tests.command import Run
from tests.services.world import World, document, response

EVIDENCE = b"evidence\n" * 9
SHA256 = hashlib.sha256(EVIDENCE).hexdigest()
BUCKET = "safonau-backups"


@pytest.fixture
def _in_a_bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with bucket.serving() as address:
        bucket.use(address, BUCKET, monkeypatch)
        monkeypatch.setenv("SAFONAU_OBJECT_STORE_URL", f"s3://{BUCKET}/before")
        yield


def _filled(world: World) -> None:
    made = world.assessment()
    store = ObjectStore.in_bucket(f"s3://{BUCKET}/before")
    store.put(world.provider.organisation, SHA256, io.BytesIO(EVIDENCE))
    scan = {"antivirus": "not_configured", "text": "whole", "findings": [], "more": False}
    with world.tx(world.provider) as tx:
        uploads.record(tx, store, NewUpload(SHA256, len(EVIDENCE), "text/plain", scan))
    world.put_document(made.service, document(sha256=SHA256))
    world.put_response(made.id, response(documents=("doc-1",)))
    world.submit(made)


@pytest.mark.long
@pytest.mark.usefixtures("_in_a_bucket")
def test_a_bucket_and_an_embedded_database_come_back_from_a_backup(
    run: Run, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = data_dir / "before", data_dir / "after"
    with embedded.start(before, durable=False) as database:
        migrate.upgrade(database.owner_url)
        with closing(Database(database.app_url, pool_size=1)) as known:
            world = World(known)
            _filled(world)
        # While the service goes on: the database that runs is the one that is read.
        made = run("backup", "all.backup", "--data-dir", str(before))
    assert (made.code, made.err) == (0, "")
    head = made.out.decode().splitlines()[-1]

    monkeypatch.setenv("SAFONAU_OBJECT_STORE_URL", f"s3://{BUCKET}/after")
    back = run("restore", "all.backup", "--expect", head, "--data-dir", str(after))
    assert (back.code, back.err) == (0, "")
    assert ObjectStore.in_bucket(f"s3://{BUCKET}/after").intact(world.provider.organisation, SHA256)
    with embedded.start(after, durable=False) as database, closing(Database(database.app_url, pool_size=1)) as known:
        assert run("audit", "verify", "--expect", head, "--data-dir", str(after)).code == 0
        world.db = known
        with world.tx(world.provider) as tx:
            [service] = services.page(tx, after=None, limit=2).items
            assert uploads.content_of(tx, service.id, "doc-1")[1].state == "held"
