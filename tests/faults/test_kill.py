"""Killed without a word under load, server and database: whatever was acknowledged is there, and the chain is whole."""

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import psutil
import psycopg
import pytest
from pydantic import SecretStr
from uuid_utils.compat import uuid7

from app.archives import verified
from app.db import embedded, migrate
from app.db.address import conninfo
from app.db.embedded import EmbeddedDatabase
from app.db.integrity import Head
from app.db.session import SYSTEM, Database, transaction
from app.security.passwords import Passwords
from app.services import accounts
from app.settings import Settings

WRITERS = 3
EMAIL, PASSWORD = "mair@example.org", "a long sentence to remember"
NEWEST = (
    "SELECT DISTINCT ON (service_id) service_id::text, version, body ->> 'name' FROM fact WHERE kind = 'service'"
    " ORDER BY service_id, version DESC"
)


def _kill(process: psutil.Process) -> None:
    """Kill a process and all that it started, itself first, so that nothing of it can put anything in order."""
    for each in (process, *process.children(recursive=True)):
        # What it started may end by itself as soon as it is gone.
        with suppress(psutil.NoSuchProcess):
            each.kill()
    psutil.wait_procs([process], timeout=60)


@contextmanager
def _serving(data_dir: Path, database: EmbeddedDatabase) -> Iterator[tuple[str, psutil.Process]]:
    """The address of a service over the database, and its process; killed at the end."""
    command: list[str | Path] = [Path(sys.executable).parent / "safonau", "serve", "--port", "0", "--no-demo"]
    environment = {"DATABASE_URL": database.app_url, "MIGRATION_DATABASE_URL": database.owner_url}
    environment |= {"SAFONAU_DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | environment) as process:
        assert process.stdout is not None
        address = ""
        for line in process.stdout:
            if line.startswith("Safonau is ready: "):
                address = line.partition(": ")[2].strip().removesuffix("/docs")
            if line.startswith("Ctrl-C"):
                break
        served = psutil.Process(process.pid)
        try:
            yield address, served
        finally:
            if process.poll() is None:
                _kill(served)


def _enter_provider(database: EmbeddedDatabase) -> None:
    known = Database(database.app_url, pool_size=1)
    password_hash = Passwords().hash(PASSWORD)
    with transaction(known, SYSTEM, now=datetime.now(UTC), new_id=uuid7, request_id="test") as tx:
        provider = accounts.create_organisation(tx, kind="provider", name="Provider").id
        accounts.create_user(
            tx, email=EMAIL, name="M", organisation=provider, role="provider_lead", password_hash=password_hash
        )
    known.close()


@dataclass
class _Load:
    """Writers who note what was acknowledged, until an answer does not come or says that the database is gone."""

    acknowledged: dict[str, tuple[int, str]] = field(default_factory=dict)
    refused: list[int] = field(default_factory=list)
    enough: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def write(self, address: str, headers: dict[str, str], number: int) -> None:
        """Enter services and change each once; an answer that never came acknowledges nothing."""
        with httpx2.Client(base_url=address, headers=headers, timeout=60) as client:
            try:
                for step in range(10_000):
                    made = self._note(client.post("/v1/services", json={"name": f"{number} {step}"}))
                    changed = {"name": f"{number} {step} changed"}
                    place, etag = made.headers["location"], made.headers["etag"]
                    self._note(client.put(place, json=changed, headers={"if-match": etag}))
            except httpx2.HTTPStatusError as error:
                self.refused.append(error.response.status_code)
            except httpx2.TransportError:
                return

    def _note(self, answer: httpx2.Response) -> httpx2.Response:
        record = answer.raise_for_status().json()
        self.acknowledged[record["id"]] = (record["version"], record["name"])
        self.enough.release()
        return answer

    def until_killed(self, address: str, *killed: psutil.Process) -> None:
        """Write from all sides, and kill the processes at a moment that nobody knows before."""
        form = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
        token = httpx2.post(f"{address}/v1/token", data=form).raise_for_status().json()["access_token"]
        headers = {"authorization": f"Bearer {token}"}
        with ThreadPoolExecutor(WRITERS) as pool:
            writers = [pool.submit(self.write, address, headers, number) for number in range(WRITERS)]
            for _ in range(random.SystemRandom().randint(8, 24)):
                assert self.enough.acquire(timeout=60)
            for process in killed:
                _kill(process)
            assert [writer.result(120) for writer in writers] == [None] * WRITERS


def _everything_is_there(load: _Load, database: EmbeddedDatabase, head: Head | None) -> Head:
    """Find every acknowledged write, and the chain whole from the head that was there before."""
    with psycopg.connect(conninfo(database.owner_url)) as owner:
        found: dict[str, Any] = {service: (version, name) for service, version, name in owner.execute(NEWEST)}
    for service, (version, name) in load.acknowledged.items():
        # A change that was under way may have been kept though nobody was told.
        assert found[service] == (version, name) or (found[service][0], version) == (2, 1)
    settings = Settings(database_url=SecretStr(database.app_url), migration_database_url=SecretStr(database.owner_url))
    checked = verified(settings, head)
    assert checked.findings == ()
    return checked.head


@pytest.mark.long
def test_every_acknowledged_write_survives_a_kill_of_server_and_database(data_dir: Path) -> None:
    load = _Load()
    with embedded.start(data_dir) as first:
        migrate.upgrade(first.owner_url)
        _enter_provider(first)
        with _serving(data_dir, first) as (address, server):
            # The database alone; it comes back, and the service goes on with it by itself.
            load.until_killed(address, psutil.Process(first.pid))
            assert set(load.refused) == {503}
            first.stop()
            with embedded.start(data_dir) as second:
                head = _everything_is_there(load, second, None)
                # The service alone.
                load.until_killed(address, server)
                head = _everything_is_there(load, second, head)
                # Both, the database first.
                with _serving(data_dir, second) as (again, other):
                    load.until_killed(again, psutil.Process(second.pid), other)
    with embedded.start(data_dir) as third:
        head = _everything_is_there(load, third, head)
    assert head.seq > len(load.acknowledged) > 12
