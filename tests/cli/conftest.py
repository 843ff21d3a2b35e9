"""Running the command as a process would be run, but within the test."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app import cli
from tests.loader.trees import GOOD, write


@dataclass(frozen=True)
class Ran:
    code: int
    out: bytes
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Run:
    """Run the command in an empty folder, with the small tree as the standards."""
    write(tmp_path / "standards", GOOD)
    monkeypatch.setenv("SAFONAU_STANDARDS_DIR", str(tmp_path / "standards"))
    monkeypatch.chdir(tmp_path)

    def run(*args: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["safonau", *args])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfdbinary.readouterr()
        assert b"Traceback" not in err
        return Ran(int(ended.value.code or 0), out, err.decode())

    return run
