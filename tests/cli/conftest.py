"""Running the command as a process would be run, but within the test."""

from pathlib import Path

import pytest

from tests.command import Run, running
from tests.loader.trees import GOOD, write


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Run:
    """Run the command in an empty folder, with the small tree as the standards."""
    write(tmp_path / "standards", GOOD)
    monkeypatch.setenv("SAFONAU_STANDARDS_DIR", str(tmp_path / "standards"))
    monkeypatch.chdir(tmp_path)
    return running(monkeypatch, capfdbinary)
