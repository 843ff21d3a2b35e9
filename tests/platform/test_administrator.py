"""The first login of a service that runs without demonstration data."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from uuid_utils.compat import uuid7

from app.db.repositories import users
from app.db.session import SIGNING_IN, Database, transaction
from app.errors import Conflict, Invalid, NotSignedIn, Unavailable
from app.security.passwords import Passwords
from app.serve import add_administrator, refuse_demonstration
from app.services.accounts import signed_in
from app.settings import Settings
from tests.command import running
from tests.conftest import DatabaseUrls

PASSWORD = "a password that is long"


def _settings(database: DatabaseUrls) -> Settings:
    return Settings(database_url=SecretStr(database.app_url), migration_database_url=SecretStr(database.owner_url))


def _add(database: DatabaseUrls, email: str = "ann@council.example", password: str = PASSWORD) -> None:
    add_administrator(_settings(database), email=email, name="Ann", operator="Example Council", password=password)


def test_an_administrator_can_sign_in_and_a_second_joins_the_same_operator(database: DatabaseUrls) -> None:
    _add(database)
    _add(database, "bob@council.example")
    known = Database(database.app_url, pool_size=1)
    found = []
    for email in ("ann@council.example", "bob@council.example"):
        with transaction(known, SIGNING_IN, now=datetime.now(UTC), new_id=uuid7, request_id="test") as tx:
            found.append(users.for_sign_in(tx, email))
    known.close()
    actors = [signed_in(user, PASSWORD, Passwords()) for user in found]
    assert [actor.role for actor in actors] == ["administrator", "administrator"]
    assert actors[0].organisation == actors[1].organisation
    with pytest.raises(NotSignedIn):
        signed_in(found[0], "another password altogether", Passwords())


@pytest.mark.parametrize(
    ("password", "message"),
    [("short", "a password has 12 to 200 characters"), ("qwertyuiop123456", "easy to guess")],
)
def test_a_weak_password_is_refused_before_anything_is_done(password: str, message: str) -> None:
    with pytest.raises(Invalid) as caught:
        add_administrator(Settings(), email="a@b.example", name="A", operator="B", password=password)
    assert [fault.pointer for fault in caught.value.faults] == ["/password"]
    assert message in caught.value.faults[0].message


def test_a_mistyped_data_folder_is_not_made_a_database(data_dir: Path) -> None:
    settings = Settings().model_copy(update={"data_dir": data_dir / "typo"})
    with pytest.raises(Unavailable, match="There is no database in"):
        add_administrator(settings, email="a@b.example", name="A", operator="B", password=PASSWORD)
    assert not (data_dir / "typo").exists()


def test_the_command_says_which_fault_there_is(
    database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database.app_url)
    monkeypatch.setenv("MIGRATION_DATABASE_URL", database.owner_url)
    done = running(monkeypatch, capfdbinary)("administrator", "nobody", f"--password={PASSWORD}")
    assert done.code == 2
    assert "/email: this is not an e-mail address (write it like name@example.org)" in done.err


def test_nobody_is_made_twice(database: DatabaseUrls) -> None:
    _add(database)
    with pytest.raises(Conflict):
        _add(database)


def test_what_is_no_email_address_is_refused(database: DatabaseUrls) -> None:
    with pytest.raises(Invalid) as caught:
        _add(database, "nobody")
    assert [fault.pointer for fault in caught.value.faults] == ["/email"]


def test_a_database_with_known_logins_is_not_served_for_real(database: DatabaseUrls) -> None:
    settings = _settings(database)
    refuse_demonstration(settings)
    _add(database, "provider@demonstration.example")
    with pytest.raises(Unavailable, match="holds the demonstration logins, which everybody knows"):
        refuse_demonstration(settings)
