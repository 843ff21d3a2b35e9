"""An S3 server on this machine, for tests of what lies in a bucket; nothing else imports it, as it takes a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import httpx2
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

_LOCATION = "<CreateBucketConfiguration><LocationConstraint>eu-west-2</LocationConstraint></CreateBucketConfiguration>"


@contextmanager
def serving() -> Iterator[str]:
    """The address of an S3 server that knows everybody."""
    # Made here and not in its thread, as moto's own way has it: what fails there leaves everybody waiting for ever.
    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def use(address: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a bucket, and give credentials for it as an operator does."""
    given = {"ENDPOINT_URL": address, "ALLOW_HTTP": "true", "REGION": "eu-west-2"}
    given |= {"ACCESS_KEY_ID": "made-up", "SECRET_ACCESS_KEY": "made-up"}
    for name, value in given.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    # Made by the server's own door for tests: a bucket made again in its region stays as it is.
    assert httpx2.put(f"{address}/{bucket}", content=_LOCATION).is_success
