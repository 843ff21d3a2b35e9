"""What evaluating imports: nothing of the web service, the database or PDF, so that it starts at once."""

import subprocess
import sys

HEAVY = ("fastapi", "starlette", "sqlalchemy", "reportlab", "httpx", "jose", "uvicorn", "alembic")


def test_the_command_line_imports_nothing_heavy() -> None:
    code = "import sys, app.cli; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "typer" in found
    assert not set(HEAVY) & set(found)
