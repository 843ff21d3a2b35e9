"""The stores that documents can lie in: a folder, and a bucket of an S3 server on this machine."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from moto.server import ThreadedMotoServer

from app.clients.objects import ObjectStore

BUCKET = "safonau-tests"
LOCATION = "<CreateBucketConfiguration><LocationConstraint>eu-west-2</LocationConstraint></CreateBucketConfiguration>"


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """The address of an S3 server that knows everybody; one for the run."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "bucket", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """An empty store of each kind, with credentials as an operator gives them."""
    if request.param == "folder":
        return ObjectStore.in_folder(tmp_path / "documents")
    if request.param == "memory":
        return ObjectStore.in_memory()
    address = request.getfixturevalue("s3_address")
    given = {"ENDPOINT_URL": address, "ALLOW_HTTP": "true", "REGION": "eu-west-2"}
    given |= {"ACCESS_KEY_ID": "made-up", "SECRET_ACCESS_KEY": "made-up"}
    for name, value in given.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    # Made by the server's own door for tests: a bucket made again in its region stays as it is.
    assert httpx2.put(f"{address}/{BUCKET}", content=LOCATION).is_success
    return ObjectStore.in_bucket(f"s3://{BUCKET}/evidence")
