"""The lock files and what is installed from them: no address, no gap, nothing below a security floor."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

_ROOT = Path(__file__).resolve().parents[2]
_RUNTIME = "requirements.lock"
_DEVELOPMENT = "requirements-dev.lock"

# dependencies.md 3: the first release without the hole, and the last with it.
_FLOORS = [
    ("python-multipart", "0.0.27", "0.0.26"),
    ("starlette", "1.3.1", "1.3.0"),
    ("python-jose", "3.5.0", "3.3.0"),
    ("pyjwt", "2.13.0", "2.12.1"),
]


def _locked(name: str) -> dict[str, Version]:
    text = (_ROOT / name).read_text(encoding="utf-8")
    return {
        canonicalize_name(found): Version(number)
        for found, number in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", text, re.MULTILINE)
    }


def _declared(*groups: str) -> list[Requirement]:
    with (_ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    wanted = list(project["project"]["dependencies"])
    for group in groups:
        wanted += project["dependency-groups"][group]
    return [Requirement(line) for line in wanted]


@pytest.mark.parametrize("name", [_RUNTIME, _DEVELOPMENT])
def test_a_lock_file_records_no_address(name: str) -> None:
    text = (_ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert " @ " not in text
    options = {line.split()[0] for line in text.splitlines() if line.strip().startswith("-")}
    assert not {option for option in options if not option.startswith("--hash=sha256:")}


@pytest.mark.parametrize("name", [_RUNTIME, _DEVELOPMENT])
def test_every_locked_package_has_a_hash(name: str) -> None:
    entries = re.split(r"^(?=[A-Za-z0-9])", (_ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert len(entries) > 50
    assert not [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]


@pytest.mark.parametrize(("name", "groups"), [(_RUNTIME, ("build",)), (_DEVELOPMENT, ("build", "dev"))])
def test_a_lock_file_holds_what_the_project_declares(name: str, groups: tuple[str, ...]) -> None:
    locked = _locked(name)
    for wanted in _declared(*groups):
        found = locked.get(canonicalize_name(wanted.name))
        assert found is not None, f"{wanted.name} is not in {name}: run scripts/lock"
        assert found in wanted.specifier, f"{name} has {wanted.name} {found}: run scripts/lock"


def test_development_adds_to_the_runtime_and_changes_nothing() -> None:
    runtime = _locked(_RUNTIME)
    development = _locked(_DEVELOPMENT)
    assert {name: development.get(name) for name in runtime} == runtime


@pytest.mark.parametrize(("name", "floor", "bad"), _FLOORS)
def test_neither_what_is_installed_nor_what_is_declared_lies_below_a_security_floor(
    name: str, floor: str, bad: str
) -> None:
    assert Version(version(name)) >= Version(floor)
    [wanted] = [entry for entry in _declared("dev") if canonicalize_name(entry.name) == name]
    assert floor in wanted.specifier
    assert bad not in wanted.specifier


def test_the_service_does_not_load_ecdsa() -> None:
    """Its timing hole will not be mended (dependencies.md 3); python-jose installs it but has another backend."""
    look = "import sys, app.security.jose; sys.exit('ecdsa' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], cwd=_ROOT, check=False).returncode == 0
