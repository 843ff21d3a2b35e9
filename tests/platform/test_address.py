"""What can be wrong with a database address is said in one sentence that never holds the password."""

import socket
from collections.abc import Iterator

import psycopg
import pytest

from app.db import address
from app.db.embedded import EmbeddedDatabase
from app.errors import Unavailable


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_every_spelling_gets_the_services_driver(scheme: str) -> None:
    found = address.normalise(f"{scheme}://user:p%40ss@host:5433/base?sslmode=require", "DATABASE_URL")
    assert found == "postgresql+psycopg://user:p%40ss@host:5433/base?sslmode=require"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("hunter2", "DATABASE_URL is not a database address."),
        ("postgresql://u:hunter2@host:port/base", "DATABASE_URL is not a database address."),
        ("mysql://u:hunter2@host/base", "DATABASE_URL names a mysql database; Safonau runs on PostgreSQL only."),
        ("sqlite:///hunter2", "DATABASE_URL names a sqlite database; Safonau runs on PostgreSQL only."),
        ("nothing://u:hunter2@host/base", "DATABASE_URL names a nothing database; Safonau runs on PostgreSQL only."),
        ("postgresql://u:hunter2@host", "DATABASE_URL names no database."),
    ],
)
def test_what_is_no_address_of_a_postgresql_database_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(Unavailable) as refusal:
        address.normalise(text, "DATABASE_URL")
    assert refusal.value.message == sentence
    assert refusal.value.hint == "Write it like postgresql://user:password@host:5432/database."


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that is taken but that nobody listens on: connections are refused."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_server_that_is_not_there(silent_port: int) -> None:
    with pytest.raises(Unavailable) as refusal:
        address.check(f"postgresql+psycopg://u:hunter2@127.0.0.1:{silent_port}/base", "DATABASE_URL")
    assert refusal.value.message == (
        f"DATABASE_URL: the database 'base' on 127.0.0.1:{silent_port} cannot be used: Connection refused."
    )
    assert refusal.value.hint == "Check that the server runs, and the host and port in DATABASE_URL."


def test_a_host_that_nobody_knows() -> None:
    with pytest.raises(Unavailable, match=r"'base' on nowhere\.invalid cannot be used: "):
        address.check("postgresql+psycopg://u:hunter2@nowhere.invalid/base", "DATABASE_URL")


def test_a_database_that_does_not_exist(server: EmbeddedDatabase) -> None:
    with pytest.raises(Unavailable, match='cannot be used: database "no_such" does not exist') as refusal:
        address.check(server.url("safonau_app", "no_such"), "DATABASE_URL")
    assert refusal.value.hint == "Create it on the server first, or correct its name in DATABASE_URL."


def test_a_wrong_password_is_a_matter_of_the_address() -> None:
    error = psycopg.OperationalError(
        'connection failed: connection to server at "10.0.0.1", port 5432 failed: FATAL:  password authentication '
        'failed for user "u"\nconnection to server failed: FATAL:  password authentication failed for user "u"'
    )
    assert address.reason(error) == 'password authentication failed for user "u"'


def test_a_database_that_answers_is_taken(server: EmbeddedDatabase) -> None:
    address.check(server.app_url, "DATABASE_URL")


def test_a_server_that_is_too_old_is_refused(server: EmbeddedDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "OLDEST_SERVER", 99)
    with pytest.raises(Unavailable, match="the server runs PostgreSQL 18; 99 or newer is needed"):
        address.check(server.app_url, "DATABASE_URL")
