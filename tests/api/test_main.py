"""The application is put together without opening anything, and refuses to start where it could not work."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from app.db import migrate
from app.errors import AppError, StandardsInvalid, Unavailable
from app.loader.catalogue import Catalogue
from app.main import create_app
from app.settings import Settings
from tests.conftest import DatabaseUrls

NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"


def start(settings: Settings, catalogue: Catalogue | None = None) -> None:
    """Run the lifespan once; whatever it raises is raised here."""
    with TestClient(create_app(settings, catalogue=catalogue)):
        pass


def settings_for(url: str | None, key_dir: Path, standards_dir: Path = Path("standards")) -> Settings:
    database_url = None if url is None else SecretStr(url)
    return Settings(database_url=database_url, data_dir=key_dir, key_dir=key_dir, standards_dir=standards_dir)


def test_nothing_is_opened_or_read_before_the_service_starts(tmp_path: Path) -> None:
    settings = settings_for(NOWHERE, tmp_path / "keys", standards_dir=tmp_path / "nothing")
    assert create_app(settings).openapi()["openapi"]
    assert not (tmp_path / "keys").exists()


def test_importing_the_application_imports_nothing_that_it_must_not() -> None:
    script = "import app.main, sys; print([m for m in ('ecdsa', 'jose.jwe', 'pytest') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def refusal(settings: Settings, catalogue: Catalogue | None = None) -> AppError:
    with pytest.raises(AppError) as caught:
        start(settings, catalogue)
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value


def test_without_a_database_it_does_not_start(tmp_path: Path, catalogue: Catalogue) -> None:
    assert "DATABASE_URL" in refusal(settings_for(None, tmp_path), catalogue).hint


def test_a_database_that_is_not_at_the_newest_schema_is_refused(
    make_database: Callable[[], DatabaseUrls], tmp_path: Path, catalogue: Catalogue
) -> None:
    urls = make_database()
    found = refusal(settings_for(urls.app_url, tmp_path), catalogue)
    assert isinstance(found, Unavailable)
    assert "safonau migrate" in found.hint

    migrate.upgrade(urls.owner_url)
    start(settings_for(urls.app_url, tmp_path), catalogue)


def test_standards_that_cannot_be_loaded_are_refused(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "rule-sets").mkdir()
    assert isinstance(refusal(settings_for(database_url, tmp_path, standards_dir=tmp_path)), StandardsInvalid)


def test_a_key_that_others_can_read_is_refused(database_url: str, tmp_path: Path, catalogue: Catalogue) -> None:
    start(settings_for(database_url, tmp_path), catalogue)
    (key,) = tmp_path.glob("*.pem")
    key.chmod(0o644)
    assert "chmod 600" in refusal(settings_for(database_url, tmp_path), catalogue).hint


def test_a_role_that_row_level_security_does_not_bind_is_refused(
    database: DatabaseUrls, tmp_path: Path, catalogue: Catalogue
) -> None:
    assert isinstance(refusal(settings_for(database.owner_url, tmp_path), catalogue), Unavailable)


def test_a_database_out_of_reach_is_refused_with_a_sentence(tmp_path: Path, catalogue: Catalogue) -> None:
    assert isinstance(refusal(settings_for(NOWHERE, tmp_path), catalogue), Unavailable)
