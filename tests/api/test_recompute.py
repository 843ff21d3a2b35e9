"""`safonau recompute`, on the real rule set and the record of the service."""

from dataclasses import replace

import psycopg
import pytest
from typer.testing import CliRunner

from app.cli import app as command
from app.db import embedded
from app.db.address import conninfo
from app.db.embedded import EmbeddedDatabase
from app.errors import NotFound, Unavailable
from app.main import Service
from tests.api.conftest import Begun, ok
from tests.conftest import DatabaseUrls


def tamper(server: EmbeddedDatabase, statement: str) -> None:
    """Change the record behind everybody's back."""
    with psycopg.connect(conninfo(server.superuser_url, dbname=embedded.DATABASE)) as connection:
        connection.execute("SET session_replication_role = replica")
        assert connection.execute(statement).rowcount == 1


def test_the_command_says_identical_or_what_differs(
    begun: Begun, app: Service, database: DatabaseUrls, server: EmbeddedDatabase
) -> None:
    people, running = begun.people, app.state.running
    begun.submit(people.commissioner)
    begun.start_review()
    begun.complete()
    app.state.running = replace(running, press=replace(running.press, demonstration=True))
    etag = people.reviewer.get(f"{begun.place}/pack").headers["etag"]
    made = people.reviewer.send("POST", f"{begun.place}/determinations", If_Match=etag)
    app.state.running = running
    number = ok(made, 201)["number"]

    def run(typed: str, url: str = database.app_url) -> tuple[int, str, BaseException | None]:
        done = CliRunner().invoke(command, ["recompute", typed, "--database-url", url])
        return done.exit_code, done.output, done.exception

    assert run(number)[:2] == (0, f"{number}: identical, to the last byte\n")
    tamper(server, "UPDATE fact SET body = jsonb_set(body, '{name}', '\"Another\"') WHERE kind = 'service'")
    code, told, _ = run(number.lower())
    assert code == 3
    assert '/service/name: issued "Community behaviour change", recomputed "Another"' in told
    with pytest.raises(NotFound, match="No determination SAF-2026-00000-00000-0 was issued here"):
        raise run("SAF-2026-00000-00000-0")[2] or AssertionError
    with pytest.raises(Unavailable, match="--database-url"):
        raise run(number, "nonsense")[2] or AssertionError
