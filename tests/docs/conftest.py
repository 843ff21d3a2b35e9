import pytest

from tests.command import Run, running


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run the command where the test is."""
    return running(monkeypatch, capfdbinary)
