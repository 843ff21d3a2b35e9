"""The stores that documents can lie in: a folder, and a bucket of an S3 server on this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.clients.objects import ObjectStore
from tests import bucket

BUCKET = "safonau-tests"


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """The address of an S3 server; one for the run."""
    with bucket.serving() as address:
        yield address


@pytest.fixture(params=["folder", "bucket", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """An empty store of each kind, with credentials as an operator gives them."""
    if request.param == "folder":
        return ObjectStore.in_folder(tmp_path / "documents")
    if request.param == "memory":
        return ObjectStore.in_memory()
    bucket.use(request.getfixturevalue("s3_address"), BUCKET, monkeypatch)
    return ObjectStore.in_bucket(f"s3://{BUCKET}/evidence")
