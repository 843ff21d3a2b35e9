"""``safonau serve`` as a person meets it: one sentence for what is in the way, and nothing left running."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path

import httpx2
import psutil
import psycopg
import pytest

from app import cli, serve
from app.db import migrate
from app.db.address import conninfo
from app.errors import Unavailable
from app.serve import columns, with_public_url
from app.settings import Settings
from tests.command import running
from tests.conftest import DatabaseUrls
from tests.docs.test_readme import first_steps_over_http_succeed

_COMMAND = Path(sys.executable).parent / "safonau"
_READY_SECONDS = 60


class _Service:
    """One ``safonau serve`` in a process of its own; its output is read as it comes."""

    def __init__(self, *options: str | Path, **environment: str) -> None:
        self.process = subprocess.Popen(
            [_COMMAND, "serve", "--port", "0", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"} | environment,
        )
        self.lines: list[str] = []

    def address(self) -> str:
        """Wait until it is ready, and give its address."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if line.startswith("Ctrl-C stops it."):
                [ready] = [line for line in self.lines if line.startswith("Safonau is ready: ")]
                return ready.removeprefix("Safonau is ready: ").strip().removesuffix("/docs")
        pytest.fail("it ended instead of getting ready:\n" + "".join(self.lines))

    def stop(self, number: signal.Signals) -> int:
        """Send the signal, and give the exit code; what it still says is added to ``lines``."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=_READY_SECONDS)
        self.lines += rest.splitlines(keepends=True)
        return self.process.returncode

    def children(self) -> dict[psutil.Process, str]:
        """Every process that it started, the database's among them, with its name; not those that end meanwhile."""
        named = {}
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                named[child] = child.name()
        return named


@pytest.fixture
def service() -> Iterator[Callable[..., _Service]]:
    started: list[_Service] = []

    def start(*options: str | Path, **environment: str) -> _Service:
        started.append(_Service(*options, **environment))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.stop(signal.SIGTERM)
        elif one.process.stdout is not None:
            one.process.stdout.close()


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Start a service that must not start, in this process, and give the one line that it says."""

    def start(*options: str | Path, **environment: str) -> str:
        with monkeypatch.context() as here:
            here.setattr("sys.argv", ["safonau", "serve", *map(str, options)])
            for name, value in environment.items():
                here.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                cli.main()
        said = capfd.readouterr().err
        assert ended.value.code == 1, said
        assert said.count("\n") == 1, said
        return said

    return start


def _curl(running: _Service) -> str:
    [line] = [line for line in running.lines if line.startswith("  curl ")]
    return line


def _assessment(running: _Service) -> str:
    return _curl(running).partition("/assessments/")[2].partition("/")[0]


@pytest.mark.long
def test_it_serves_and_stops_everything_it_started_and_the_second_start_adds_nothing_again(
    service: Callable[..., _Service], refused: Callable[..., str], data_dir: Path, tmp_path: Path
) -> None:
    first = service("--data-dir", data_dir)
    address = first.address()
    assert httpx2.get(f"{address}/health/ready").status_code == 200
    first_steps_over_http_succeed(address, tmp_path)
    children = first.children()
    assert "postgres" in children.values()
    in_use = refused("--port", "0", "--data-dir", data_dir)
    assert in_use.startswith(f"safonau: The data folder {data_dir} is in use by another safonau")
    assert first.stop(signal.SIGTERM) == 0
    assert first.lines[-1] == "==> Stopped.\n"
    assert not psutil.wait_procs(children, timeout=_READY_SECONDS)[1]

    second = service("--data-dir", data_dir)
    httpx2.get(f"{second.address()}/health/ready").raise_for_status()
    children = second.children()
    assert not [line for line in second.lines if "newest schema" in line]
    assert _assessment(second) == _assessment(first)
    # The line it prints returns a gap report.
    done = subprocess.run(["sh", "-c", _curl(second)], check=True, capture_output=True, text=True)
    report = json.loads(done.stdout)
    assert report["service"]["name"].startswith("Demonstration: ")
    assert report["gaps"]
    addresses = [line.split()[0] for line in second.lines if "@demonstration.example  " in line]
    assert len(addresses) == 5
    assert second.stop(signal.SIGINT) == 0
    assert second.lines[-1] == "==> Stopped.\n"
    assert not psutil.wait_procs(children, timeout=_READY_SECONDS)[1]


def test_links_lead_to_the_port_that_is_served_unless_an_address_is_set() -> None:
    assert with_public_url(Settings(), "127.0.0.1", 8123).public_url == "http://127.0.0.1:8123"
    assert with_public_url(Settings(), "::1", 8123).public_url == "http://[::1]:8123"
    stated = Settings(public_url="https://standards.example")
    for host in ("127.0.0.1", "10.0.0.7"):
        assert with_public_url(stated, host, 8123) is stated
    with pytest.raises(Unavailable, match="the address that they use is not set") as caught:
        with_public_url(Settings(), "10.0.0.7", 8123)
    assert caught.value.hint.startswith("Set SAFONAU_PUBLIC_URL")


def test_known_logins_are_not_offered_to_other_machines(refused: Callable[..., str], data_dir: Path) -> None:
    said = refused("--port", "0", "--host", "0.0.0.0", "--data-dir", data_dir)  # noqa: S104 -- it is refused
    assert said.startswith("safonau: The demonstration logins are known to everybody")
    assert not list(data_dir.iterdir())


@pytest.mark.long
def test_a_start_that_is_interrupted_leaves_nothing_behind(service: Callable[..., _Service], data_dir: Path) -> None:
    running = service("--data-dir", data_dir)
    children: dict[psutil.Process, str] = {}
    while "postgres" not in children.values() and running.process.poll() is None:
        time.sleep(0.01)
        children = running.children()
    assert running.stop(signal.SIGINT) == 0
    assert running.lines[-1] == "==> Stopped.\n"
    assert "postgres" in children.values()
    assert not psutil.wait_procs(children, timeout=_READY_SECONDS)[1]


def test_a_port_in_use(refused: Callable[..., str], data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused("--port", str(port), "--data-dir", data_dir)
    assert said == (
        f"safonau: Port {port} on 127.0.0.1 is in use by another program."
        " (Stop that one, or choose another with --port.)\n"
    )
    assert not list(data_dir.iterdir())


def test_a_data_folder_that_cannot_be_written(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = refused("--port", "0", "--data-dir", tmp_path / "file")
    assert said.startswith(f"safonau: The data folder {tmp_path / 'file'} cannot be written: ")


def test_a_database_address_that_leads_nowhere(refused: Callable[..., str]) -> None:
    said = refused("--port", "0", DATABASE_URL="postgresql://u:hunter2@127.0.0.1:1/base")
    assert said.startswith("safonau: DATABASE_URL: the database 'base' on 127.0.0.1:1 cannot be used: ")
    assert "hunter2" not in said


def test_a_database_that_is_not_postgresql(refused: Callable[..., str]) -> None:
    assert "Safonau runs on PostgreSQL only" in refused("--port", "0", DATABASE_URL="mysql://u:hunter2@h/base")


def test_a_privileged_role_in_the_address(
    refused: Callable[..., str], make_database: Callable[[], DatabaseUrls]
) -> None:
    urls = make_database()
    migrate.upgrade(urls.owner_url)
    assert "'safonau_owner' owns the tables" in refused("--port", "0", DATABASE_URL=urls.owner_url)
    superuser = urls.owner_url.replace("safonau_owner", "postgres")
    assert "'postgres' is or can become a superuser" in refused("--port", "0", DATABASE_URL=superuser)


@pytest.mark.long
def test_a_database_of_ones_own_is_migrated_by_its_owner_and_served_by_the_other_role(
    service: Callable[..., _Service],
    refused: Callable[..., str],
    make_database: Callable[[], DatabaseUrls],
    data_dir: Path,
) -> None:
    urls = make_database()
    said = refused("--port", "0", "--data-dir", data_dir, DATABASE_URL=urls.app_url)
    assert "permission denied for schema public" in said
    running = service(
        "--data-dir", data_dir, "--no-demo", DATABASE_URL=urls.app_url, MIGRATION_DATABASE_URL=urls.owner_url
    )
    httpx2.get(f"{running.address()}/health/ready").raise_for_status()
    assert any(line.endswith(f"safonau administrator EMAIL --data-dir {data_dir}\n") for line in running.lines)
    assert "postgres" not in running.children().values()
    assert not (data_dir / "postgres").exists()
    with psycopg.connect(conninfo(urls.owner_url)) as owner:
        users = owner.execute(
            "SELECT DISTINCT usename FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert {name for (name,) in users} == {"safonau_app"}


def test_migrate_brings_the_database_of_the_settings_to_the_newest_schema(
    make_database: Callable[[], DatabaseUrls],
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    urls = make_database()
    monkeypatch.setenv("DATABASE_URL", urls.app_url)
    monkeypatch.setenv("MIGRATION_DATABASE_URL", urls.owner_url)
    done = running(monkeypatch, capfdbinary)("migrate")
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(b"==> The database has the newest schema.\n")
    assert migrate.is_current(urls.app_url)


def test_migrate_says_which_embedded_database_it_made_or_used(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(serve, "_database", nullcontext)
    settings = Settings().model_copy(update={"data_dir": tmp_path})
    for said in ("was made", "is used"):
        serve.migrated(settings)
        assert f"an embedded one, which {said} in {tmp_path}, as no DATABASE_URL is set." in capfd.readouterr().out
        (tmp_path / "postgres").mkdir(exist_ok=True)


def test_the_way_to_the_first_login_names_the_data_folder() -> None:
    assert serve.first_login(None).endswith("with: .venv/bin/safonau administrator EMAIL")
    assert serve.first_login(Path("my data")).endswith("safonau administrator EMAIL --data-dir 'my data'")


def test_logins_stand_in_columns_however_long_an_address_is() -> None:
    [long, short] = columns(
        [("somebody-in-a-long-named-region@example.org", "secret", "One"), ("b@c.d", "longer", "Two")]
    )
    assert long.split() == ["somebody-in-a-long-named-region@example.org", "secret", "One"]
    assert long.index("secret") == short.index("longer")
    assert long.index("One") == short.index("Two")
