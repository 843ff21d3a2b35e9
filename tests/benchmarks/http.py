"""Times operations of a running service over one connection, beside the bare framework's JSON endpoint."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import httpx2

from app.services.demo.people import PEOPLE, PROVIDER
from tests.benchmarks.timing import interleaved, table

ROUNDS, IN_A_ROW = 20, 10
BARE = "bare Starlette JSON endpoint"
_BARE_APP = "tests.benchmarks.bare:app"


def http() -> None:
    """Operations of one service over HTTP, one worker, embedded PostgreSQL, ten calls of each in turn."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        port, other = _free_port(), _free_port()
        safonau = Path(sys.executable).parent / "safonau"
        served = [str(safonau), "serve", "--port", str(port), "--data-dir", f"{folder}/data"]
        with (
            _running(served, port, "/health/ready") as client,
            _running(
                [sys.executable, "-m", "uvicorn", _BARE_APP, "--port", str(other), "--log-level", "error"], other, "/"
            ) as bare,
        ):
            timings = interleaved(_operations(client, bare), rounds=ROUNDS, in_a_row=IN_A_ROW)
            print(table(timings, yardstick=BARE))


def _operations(client: httpx2.Client, bare: httpx2.Client) -> dict[str, Callable[[], object]]:
    person = next(item for item in PEOPLE if item.login == PROVIDER)
    form = {"grant_type": "password", "username": person.email, "password": person.password}
    token = client.post("/v1/token", data=form).raise_for_status().json()["access_token"]
    client.headers["authorization"] = f"Bearer {token}"
    record = client.get("/v1/assessments").raise_for_status().json()["items"][0]
    one = f"/v1/assessments/{record['id']}"
    now = datetime.now(UTC)
    instants = (f"{now - timedelta(milliseconds=number):%Y-%m-%dT%H:%M:%S.%fZ}" for number in count())
    # On a service of its own: whatever is recorded of a service, the answers about it are others.
    other = client.post("/v1/services", json={"name": "Demonstration: another", "profile": {}, "programmes": []})
    new = {"service": other.raise_for_status().json()["id"], "rule_set": record["rule_set"]}

    def read(address: str, **headers: str) -> Callable[[], object]:
        return lambda: _answered(client.get(address, headers=headers))

    def anew() -> bytes:
        """As known at another instant each time, whose pack nobody has read yet."""
        return _answered(client.get(f"{one}/compliance", params={"known_at": next(instants)}))

    anew()  # From now on what was known then is settled, and nobody is told of a change.

    def known(address: str) -> Callable[[], object]:
        headers = {"if-none-match": client.get(address).headers["etag"]}

        def ask() -> None:
            answer = client.get(address, headers=headers)
            if answer.status_code != httpx2.codes.NOT_MODIFIED:
                sys.exit(f"{address} was sent again: {answer.status_code}")

        return ask

    return {
        BARE: lambda: _answered(bare.get("/")),
        "live determination": read(f"{one}/compliance"),
        "determination of a pack just read": anew,
        "live determination, If-None-Match": known(f"{one}/compliance"),
        "summary": read(f"{one}/summary"),
        "summary, If-None-Match": known(f"{one}/summary"),
        "unchanged assessment, If-None-Match": known(one),
        "unchanged service, If-None-Match": known(f"/v1/services/{record['service']}"),
        "creating an assessment": lambda: _answered(client.post("/v1/assessments", json=new)),
    }


def _answered(answer: httpx2.Response) -> bytes:
    return answer.raise_for_status().content


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int, ready: str) -> Iterator[httpx2.Client]:
    """A client of a server that is started and answers; both are ended with the block."""
    quiet = os.environ | {"SAFONAU_LOG_LEVEL": "warning"}
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=quiet)
    with server, httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        try:
            _wait(client, ready, server)
            yield client
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)


def _wait(client: httpx2.Client, ready: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while server.poll() is None and time.monotonic() < until:
        try:
            client.get(ready).raise_for_status()
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
    sys.exit("the server did not start")
