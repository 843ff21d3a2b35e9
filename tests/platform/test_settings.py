"""Every setting is documented, and a wrong or misspelt one is refused by name."""

import re
from pathlib import Path

import pytest
from uvicorn import Config

from app.errors import Unavailable
from app.settings import Settings, read_settings

_ROOT = Path(__file__).resolve().parents[2]
_OUTSIDE_PREFIX = {"DATABASE_URL", "MIGRATION_DATABASE_URL"}


def _variables() -> set[str]:
    names = {name.upper() for name in Settings.model_fields}
    return {name if name in _OUTSIDE_PREFIX else f"SAFONAU_{name}" for name in names}


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    text = (_ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \| (.+) \|$", text, re.MULTILINE)
    assert {name for name, _, _ in rows} == _variables()
    for name, default, meaning in rows:
        field = Settings.model_fields[name.lower().removeprefix("safonau_")]
        assert field.description
        assert field.description.split(",")[0].split(";")[0].split(".")[0].split(" (")[0] in meaning, name
        if isinstance(field.default, int | str):
            assert default.strip("`") == str(field.default), name


def test_nothing_set_means_the_embedded_database() -> None:
    settings = read_settings()
    assert settings.app_url is None
    assert settings.owner_url is None
    assert settings.key_folder == settings.data_dir / "keys"


def test_the_address_of_a_caller_is_believed_of_the_proxies_that_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """What docs/settings.md says of FORWARDED_ALLOW_IPS: the service leaves it to uvicorn."""
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    assert Config("app").proxy_headers
    assert Config("app").forwarded_allow_ips == "127.0.0.1,::1"
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "10.0.0.7")
    assert Config("app").forwarded_allow_ips == "10.0.0.7"


def test_addresses_are_normalised_and_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://app:hunter2@host/base")
    settings = read_settings()
    assert settings.app_url == "postgresql+psycopg://app:hunter2@host/base"
    assert settings.owner_url == settings.app_url
    assert "hunter2" not in repr(settings)
    monkeypatch.setenv("MIGRATION_DATABASE_URL", "postgresql://owner:hunter3@host/base")
    assert read_settings().owner_url == "postgresql+psycopg://owner:hunter3@host/base"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SAFONAU_DATADIR", "/srv", "There is no setting called SAFONAU_DATADIR."),
        ("SAFONAU_DATABASE_URL", "x", "There is no setting called SAFONAU_DATABASE_URL."),
        (
            "SAFONAU_POOL_SIZE",
            "many",
            "cannot be used: SAFONAU_POOL_SIZE: Input should be a valid integer",
        ),
        ("SAFONAU_LOG_LEVEL", "loud", "cannot be used: SAFONAU_LOG_LEVEL: Input should be 'debug'"),
        ("SAFONAU_PUBLIC_URL", "safonau.example/", "cannot be used: SAFONAU_PUBLIC_URL: String should"),
        ("SAFONAU_OBJECT_STORE_URL", "https://host/", "cannot be used: SAFONAU_OBJECT_STORE_URL: String should"),
        ("SAFONAU_CLAMD_ADDRESS", "clamav", "cannot be used: SAFONAU_CLAMD_ADDRESS: String should"),
        ("DATABASE_URL", "mysql://app:hunter2@host/base", "DATABASE_URL names a mysql database"),
        (
            "MIGRATION_DATABASE_URL",
            "postgresql://o:hunter2@h/b",
            "MIGRATION_DATABASE_URL is set but DATABASE_URL is not",
        ),
    ],
)
def test_what_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Unavailable) as refusal:
        read_settings()
    assert sentence in refusal.value.message
    assert "Value error" not in refusal.value.message
    assert "hunter2" not in refusal.value.message + refusal.value.hint
    assert refusal.value.hint


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    assert read_settings().app_url is None
