"""The portfolio over HTTP at 100 and at 10,000 services, beside a bare endpoint of the framework, in the same run.

One assessment of the demonstration is multiplied in SQL, with names, regions and scores of its own for each service.
"""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

from app.db import embedded
from app.db.address import conninfo
from tests.benchmarks import sector
from tests.benchmarks.timing import interleaved, table

PAGE = "/v1/commissioning/portfolio?limit=50"
# The commissioner of the demonstration, as the service itself prints it.
_LOGIN = "grant_type=password&username=commissioner@demonstration.example&password=demonstration-board-1"
YARDSTICK = "bare Starlette JSON endpoint"
WITH_FACTS = 1_000
MANY = 10_000
_TABLES = ("service", "service_clock", "service_area", "assessment", "share", "fact", "handed_in", "portfolio")
_REGIONS = "ARRAY['gwent', (ARRAY['cardiff_and_vale', 'north_wales', 'west_glamorgan'])[1 + mod(n, 3)]]"
_CHANGED = {
    "service_name": "service_name || ' ' || n",
    "sort_name": "md5(n::text)",
    "verified": "mod(n * 37, 1000) / 10.0",
    "evidenced": "mod(n * 37, 1000) / 10.0",
}


def portfolio() -> None:
    """The first page, the counts, the sector view, and the portfolio as of a past date, over HTTP, with one worker."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with embedded.start(Path(folder) / "postgres", durable=False) as server, contextlib.ExitStack() as started:
            settings = {"DATABASE_URL": server.app_url, "MIGRATION_DATABASE_URL": server.owner_url}
            settings |= {"SAFONAU_DATA_DIR": folder, "SAFONAU_LOG_LEVEL": "error"}
            service = _served(started, ["-c", "from app.cli import main; main()", "serve"], "/health/ready", settings)
            bare = _served(
                started,
                ["-m", "uvicorn", "tests.benchmarks.bare:app", "--log-level", "error", "--timeout-keep-alive", "60"],
                "/",
                {},
            )
            token = _token(service)
            _asking(service, token)(PAGE)
            with psycopg.connect(conninfo(server.superuser_url, dbname=embedded.DATABASE), autocommit=True) as owner:
                made = 0
                for services in (100, WITH_FACTS, MANY):
                    _multiply(owner, made + 1, services, facts=services <= WITH_FACTS)
                    made = services
                    ask = _asking(service, token)
                    path = sector.address(ask)
                    if services == MANY:
                        sector.enter(owner, ask, path, services)
                    _measure(services, _asking(bare, None), _asking(service, token), path)
                    if services == WITH_FACTS:
                        _stream(service, token)


def _measure(services: int, bare: Callable[[str], bytes], ask: Callable[[str], bytes], sector_path: str) -> None:
    print(f"\n{services} services")
    functions: dict[str, Callable[[], object]] = {
        YARDSTICK: lambda: bare("/"),
        "first page of 50, by name": lambda: ask(PAGE),
        "first page of 50, by score": lambda: ask(PAGE + "&sort=-score"),
        "the same in one region, with a status": lambda: ask(PAGE + "&region=north_wales&status=critical_gaps"),
        "counts": lambda: ask("/v1/commissioning/portfolio/facets"),
        "sector view, four quarters": lambda: ask(sector_path),
    }
    print(table(interleaved(functions, rounds=60), yardstick=YARDSTICK))


def _stream(port: int, token: str) -> None:
    path = "/v1/commissioning/portfolio?as_of=2026-01-31"
    took = []
    for _ in range(7):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        started = time.perf_counter()
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}", "Accept": "text/csv"})
        answer = connection.getresponse()
        answer.readline()
        answer.readline()
        took.append(1000 * (time.perf_counter() - started))
        # What the service works out at once is waited for, so that the next turn finds it idle.
        for _ in range(60):
            answer.readline()
        connection.close()
    took.sort()
    print(
        f"as of a past date: the first row of all {WITH_FACTS} after {took[0]:.0f} ms at best, median {took[3]:.0f} ms"
    )


def _multiply(owner: psycopg.Connection[tuple[object, ...]], first: int, last: int, *, facts: bool) -> None:
    """Copies of the first assessment, numbered ``first`` to ``last``; rows below it only with ``facts``."""
    owner.execute("SET session_replication_role = replica")
    [template] = owner.execute(
        "SELECT service_id, assessment_id FROM portfolio ORDER BY service_name LIMIT 1"
    ).fetchall()
    for name in _TABLES if facts else ("portfolio",):
        columns = [
            str(column)
            for (column,) in owner.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
                " AND NOT attisdropped AND attgenerated = ''",
                [name],
            )
        ]
        values = [_value(name, column) for column in columns]
        where = f"{'id' if name == 'service' else 'service_id'} = %s"
        if "assessment_id" in columns:
            where += " AND (assessment_id IS NULL OR assessment_id = %s)"
        elif name == "assessment":
            where += " AND id = %s"
        statement = (
            f"INSERT INTO {name} ({', '.join(columns)}) SELECT {', '.join(values)}"  # noqa: S608  # names of columns
            f" FROM {name}, generate_series({first}, {last}) AS n WHERE {where}"
        )
        owner.execute(statement.encode(), template if where.count("%s") == 2 else template[:1])
        owner.execute(f"ANALYZE {name}".encode())


def _value(table_name: str, column: str) -> str:
    if column in ("id", "service_id", "assessment_id", "fact_id"):
        return f"md5({column}::text || n)::uuid"
    if column == "regions":
        return _REGIONS
    return _CHANGED.get(column, column) if table_name == "portfolio" else column


def _served(started: contextlib.ExitStack, command: list[str], path: str, environment: dict[str, str]) -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    running = started.enter_context(_process([sys.executable, *command, "--port", str(port)], environment))
    begun = time.monotonic()
    while True:
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return port
        if running.poll() is not None or time.monotonic() - begun > 120:
            sys.exit(f"{' '.join(command)} did not start")
        time.sleep(0.05)


@contextlib.contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL) as running:
        try:
            yield running
        finally:
            running.terminate()


def _token(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/v1/token", _LOGIN, {"Content-Type": "application/x-www-form-urlencoded"})
    return str(json.load(connection.getresponse())["access_token"])


def _asking(port: int, token: str | None) -> Callable[[str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    def ask(path: str) -> bytes:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            sys.exit(content.decode())
        return content

    return ask
