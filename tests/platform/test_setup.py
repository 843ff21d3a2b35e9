"""scripts/setup: what it refuses, in one sentence, and what it leaves alone (README, "two commands")."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_TOOLS = ["cat", "cksum", "dirname", "grep", "rm", "sed", "touch"]
_NAMES = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"]
_SHELLS = [name for name in ("dash", "bash", "sh") if shutil.which(name)]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what scripts/setup reads, in a folder with a space in its name, without an environment."""
    project = tmp_path / "a clone"
    (project / "scripts").mkdir(parents=True)
    shutil.copy(_ROOT / "scripts" / "setup", project / "scripts")
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        shutil.copy(_ROOT / name, project)
    return project


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A folder to search for programs, with the tools of every machine but no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in _TOOLS:
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


def _python(folder: Path, name: str, *, old: bool = False) -> None:
    """Put a Python there that is too old or that lacks a module that is asked for."""
    answer = "exit 1" if old else 'case "$2" in *ensurepip*) exit 1 ;; *) exit 0 ;; esac'
    (folder / name).write_text(f"#!/bin/sh\n{answer}\n", encoding="ascii")
    (folder / name).chmod(0o755)


def _setup(project: Path, path: Path, *arguments: str, shell: str = "sh") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(shutil.which(shell)), str(project / "scripts" / "setup"), *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env={"PATH": str(path)},
    )


@pytest.mark.parametrize("shell", _SHELLS)
def test_without_a_python_it_says_what_it_looked_for(project: Path, path: Path, shell: str) -> None:
    done = _setup(project, path, shell=shell)
    assert done.returncode == 1
    assert done.stderr == (
        "scripts/setup: no Python 3.11 or newer was found (tried python3, and python3.14 down to python3.11);"
        " install one and run this again.\n"
    )
    assert not (project / ".venv").exists()


@pytest.mark.parametrize("shell", _SHELLS)
def test_with_old_pythons_only_it_says_the_same(project: Path, path: Path, shell: str) -> None:
    for name in _NAMES:
        _python(path, name, old=True)
    assert "no Python 3.11 or newer" in _setup(project, path, shell=shell).stderr


def test_a_python_without_venv_is_named(project: Path, path: Path) -> None:
    _python(path, "python3", old=True)
    _python(path, "python3.12")
    done = _setup(project, path)
    assert done.returncode == 1
    assert done.stderr == (
        "scripts/setup: python3.12 has no venv and ensurepip modules; install them"
        " (Debian and Ubuntu: apt-get install python3-venv) and run this again.\n"
    )


def test_an_unknown_option_is_refused(project: Path, path: Path) -> None:
    done = _setup(project, path, "--development")
    assert done.returncode == 1
    assert "unknown option '--development'" in done.stderr


@pytest.mark.long
def test_an_incomplete_environment_is_made_afresh_and_a_failed_installation_told(project: Path, path: Path) -> None:
    """The lock file names a hash that nothing has, so pip refuses; nothing is fetched for it."""
    (path / "python3").symlink_to(sys.executable)
    wheel = project / "pip.whl"
    wheel.write_bytes(b"not a wheel")
    (project / "requirements.lock").write_text(
        f"nothing @ {wheel.as_uri()} --hash=sha256:{'0' * 64}\n", encoding="utf-8"
    )
    (project / ".venv" / "bin").mkdir(parents=True)
    done = _setup(project, path)
    assert done.returncode == 1
    assert "==> Removing an incomplete or moved .venv\n==> Making .venv with Python 3." in done.stdout
    assert "the packages could not be installed" in done.stderr
    assert not list((project / ".venv").glob(".installed-*"))


def test_a_finished_environment_is_left_alone() -> None:
    before = (_ROOT / ".venv" / "setup.log").stat().st_mtime
    done = subprocess.run([_ROOT / "scripts" / "setup"], check=False, capture_output=True, text=True, cwd="/")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (_ROOT / ".venv" / "setup.log").stat().st_mtime == before


@pytest.mark.parametrize("name", ["setup", "run", "test", "check", "lock"])
def test_every_script_can_be_started_and_read_by_any_posix_shell(name: str) -> None:
    script = _ROOT / "scripts" / name
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").startswith("#!/bin/sh\n")
    for shell in _SHELLS:
        subprocess.run([shell, "-n", script], check=True)
