"""Database addresses: what can be wrong with one, said in a sentence, before anything else is tried."""

import psycopg
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.errors import Unavailable

OLDEST_SERVER = 15
CONNECT_SECONDS = 5

_DRIVER = "postgresql+psycopg"
_EXAMPLE = "postgresql://user:password@host:5432/database"


def normalise(address: str, setting: str) -> str:
    """Give ``address`` with the driver that the service uses; ``setting`` names the variable it came from.

    Raises ``Unavailable`` for anything that is not the address of a PostgreSQL database. The text of the address is
    never repeated, as it may hold a password.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        message = f"{setting} is not a database address."
        raise Unavailable(message, hint=f"Write it like {_EXAMPLE}.") from None
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        message = f"{setting} names a {url.get_backend_name()} database; Safonau runs on PostgreSQL only."
        raise Unavailable(message, hint=f"Write it like {_EXAMPLE}.")
    if not url.database:
        message = f"{setting} names no database."
        raise Unavailable(message, hint=f"Write it like {_EXAMPLE}.")
    return url.set(drivername=_DRIVER).render_as_string(hide_password=False)


def conninfo(url: str, **changes: str) -> str:
    """Give a normalised address as the driver itself takes it, with ``changes`` such as ``dbname`` applied."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.conninfo.make_conninfo(plain, connect_timeout=CONNECT_SECONDS, **changes)


def check(url: str, setting: str) -> None:
    """Connect once to a normalised address; raises ``Unavailable`` when that fails or the server is too old."""
    try:
        with psycopg.connect(conninfo(url)) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.Error as error:
        message = f"{setting}: the database {_place(make_url(url))} cannot be used: {reason(error)}."
        raise Unavailable(message, hint=_hint(str(error), setting)) from None
    if version < OLDEST_SERVER:
        message = f"{setting}: the server runs PostgreSQL {version}; {OLDEST_SERVER} or newer is needed."
        raise Unavailable(message, hint="Upgrade the server, or use another one.")


def reason(error: psycopg.Error) -> str:
    """Give the driver's last word on why a connection failed, on one line and without its prefixes."""
    lines = [line.strip() for line in str(error).splitlines() if "failed: " in line or "FATAL:" in line]
    last = (lines or str(error).splitlines() or ["no reason was given"])[-1]
    return last.rsplit("FATAL:", 1)[-1].rsplit("failed: ", 1)[-1].strip().rstrip(".?")


def _place(url: URL) -> str:
    host = url.host or url.query.get("host") or "this machine"
    return f"{url.database!r} on {host}" + (f":{url.port}" if url.port else "")


def _hint(words: str, setting: str) -> str:
    if "password" in words or "authentication" in words:
        return f"Check the user name and the password in {setting}."
    if "does not exist" in words:
        return f"Create it on the server first, or correct its name in {setting}."
    return f"Check that the server runs, and the host and port in {setting}."
