"""`safonau documents check` and `purge`, against a database and a folder of files."""

import hashlib
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner
from uuid_utils.compat import uuid7

from app import cli
from app.clients.objects import ObjectStore
from app.db.session import SYSTEM, Actor, Database, transaction
from app.db.values import NewUpload
from app.errors import Unavailable
from app.serve import check_documents, purge_documents
from app.services import accounts, uploads
from app.services.keeping import Keeper
from app.settings import Settings
from tests.conftest import DatabaseUrls

CONTENT = b"a policy"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
SCAN = {"antivirus": "clean", "text": "whole", "findings": [], "more": False}


def held(database: DatabaseUrls, store: ObjectStore, at: datetime) -> UUID:
    """A provider with one file, uploaded at that instant."""
    known = Database(database.app_url, pool_size=1)
    with transaction(known, SYSTEM, now=at, new_id=uuid7, request_id="test") as tx:
        provider = accounts.create_organisation(tx, kind="provider", name="Provider").id
        user = accounts.create_user(
            tx, email="a@b.example", name="A", organisation=provider, role="provider_editor", password_hash="none"
        )
    store.put(provider, SHA256, io.BytesIO(CONTENT))
    actor = Actor(user.id, provider, "provider_editor")
    with transaction(known, actor, now=at, new_id=uuid7, request_id="test") as tx:
        uploads.record(tx, store, NewUpload(SHA256, len(CONTENT), "text/plain", SCAN))
    known.close()
    return provider


def test_files_are_checked_and_purged_from_the_command_line(
    database: DatabaseUrls, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(
        database_url=SecretStr(database.app_url),
        migration_database_url=SecretStr(database.owner_url),
        data_dir=tmp_path,
        retention_days=30,
    )
    store = ObjectStore.in_folder(settings.document_folder)
    provider = held(database, store, datetime.now(UTC) - timedelta(days=40))
    assert check_documents(settings)
    assert "Files read: 1; damaged or missing: 0." in capsys.readouterr().out
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Keeper, "check", lambda _: None)
        with pytest.raises(Unavailable, match="Another process is checking the files"):
            check_documents(settings)
    store.remove(provider, SHA256)
    assert not check_documents(settings)
    assert f"Damaged or missing: {SHA256} of provider {provider}" in capsys.readouterr().out
    monkeypatch.setenv("DATABASE_URL", database.app_url)
    monkeypatch.setenv("SAFONAU_DATA_DIR", str(tmp_path))
    assert CliRunner().invoke(cli.app, ["documents", "check"]).exit_code == 3
    refused = CliRunner().invoke(cli.app, ["documents", "purge"])
    assert isinstance(refused.exception, Unavailable)
    assert refused.exception.hint == "Set SAFONAU_RETENTION_DAYS first."
    monkeypatch.setenv("SAFONAU_RETENTION_DAYS", "30")
    found = CliRunner().invoke(cli.app, ["documents", "purge"])
    assert (found.exit_code, "Files taken away: 1." in found.output) == (0, True)
    purge_documents(settings)
    assert "Files taken away: 0." in capsys.readouterr().out


def test_a_mistyped_data_folder_is_not_made_one(tmp_path: Path) -> None:
    settings = Settings().model_copy(update={"data_dir": tmp_path / "typo"})
    with pytest.raises(Unavailable, match="There is no database in"):
        check_documents(settings)
    assert not (tmp_path / "typo").exists()
