"""Killed without a word under load, server and database: whatever was acknowledged is there, and the chain is whole."""

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import psutil
from uuid_utils.compat import uuid7

from app.archives import verified
from app.db import embedded
from app.db.session import SYSTEM, Database, transaction
from app.security.passwords import Passwords
from app.services import accounts
from app.settings import Settings

WRITERS = 3
EMAIL, PASSWORD = "mair@example.org", "a long sentence to remember"


@contextmanager
def _serving(data_dir: Path) -> Iterator[tuple[str, list[psutil.Process]]]:
    """The service's address, and every process of it with its own first; killed at the end."""
    command: list[str | Path] = [
        Path(sys.executable).parent / "safonau",
        "serve",
        "--port",
        "0",
        "--no-demo",
        "--data-dir",
        data_dir,
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    ) as process:
        assert process.stdout is not None
        address = ""
        for line in process.stdout:
            if line.startswith("Safonau is ready: "):
                address = line.partition(": ")[2].strip().removesuffix("/docs")
            if line.startswith("Ctrl-C"):
                break
        processes = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        try:
            yield address, processes
        finally:
            _kill(processes)


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        if process.is_running():
            process.kill()
    psutil.wait_procs(processes, timeout=10)


def _enter_provider(data_dir: Path) -> None:
    running = embedded.running(data_dir)
    assert running is not None
    database = Database(running.app_url, pool_size=1)
    password_hash = Passwords().hash(PASSWORD)
    with transaction(database, SYSTEM, now=datetime.now(UTC), new_id=uuid7, request_id="test") as tx:
        provider = accounts.create_organisation(tx, kind="provider", name="Provider").id
        accounts.create_user(
            tx, email=EMAIL, name="M", organisation=provider, role="provider_lead", password_hash=password_hash
        )
    database.close()


def _headers(address: str) -> dict[str, str]:
    form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
    token = httpx2.post(f"{address}/v1/token", data=form).raise_for_status().json()["access_token"]
    return {"authorization": f"Bearer {token}"}


class _Load:
    """Writers who note what was acknowledged, until nobody answers any more."""

    def __init__(self, address: str, headers: dict[str, str], acknowledged: dict[str, dict[str, Any]]) -> None:
        self._client = httpx2.Client(base_url=address, headers=headers, timeout=10)
        self._acknowledged = acknowledged
        self._enough = threading.Semaphore(0)

    def write(self, number: int) -> None:
        """Enter services and change each once; an answer that never came acknowledges nothing."""
        try:
            for step in range(10_000):
                made = self._client.post("/v1/services", json={"name": f"{number} {step}"})
                self._note(made)
                changed = {"name": f"{number} {step} changed"}
                place = made.headers["location"]
                self._note(self._client.put(place, json=changed, headers={"if-match": made.headers["etag"]}))
        except httpx2.TransportError:
            return

    def _note(self, answer: httpx2.Response) -> None:
        record = answer.raise_for_status().json()
        self._acknowledged[record["id"]] = record
        self._enough.release()

    def wait_for(self, writes: int) -> None:
        """Wait until so many further writes were acknowledged."""
        for _ in range(writes):
            assert self._enough.acquire(timeout=60)


def test_every_acknowledged_write_survives_a_kill_of_server_and_database(data_dir: Path) -> None:
    chance = random.SystemRandom()
    acknowledged: dict[str, dict[str, Any]] = {}
    settings = Settings(data_dir=data_dir)
    head = None
    for round_number in range(3):
        with _serving(data_dir) as (address, processes):
            if round_number == 0:
                _enter_provider(data_dir)
            headers = _headers(address)
            for known in acknowledged.values():
                found = httpx2.get(f"{address}/v1/services/{known['id']}", headers=headers).raise_for_status().json()
                # A change that was under way may have been kept though nobody was told.
                assert found == known or (found["version"], known["version"]) == (2, 1)
            checked = verified(settings, head)
            assert checked.findings == ()
            head = checked.head
            if round_number == 2:
                break
            load = _Load(address, headers, acknowledged)
            with ThreadPoolExecutor(WRITERS) as pool:
                writers = [pool.submit(load.write, number) for number in range(WRITERS)]
                load.wait_for(chance.randint(8, 24))
                # Once the server alone, whose database is left behind; once both, the database first.
                _kill(processes[:1] if round_number == 0 else processes[::-1])
                assert [writer.result(30) for writer in writers] == [None] * WRITERS
    assert len(acknowledged) > 8
