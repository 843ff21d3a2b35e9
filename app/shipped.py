"""Where the files lie that come along with the code: beside it, or where a built package puts them."""

import sys
from pathlib import Path


def shipped(folder: str) -> Path:
    """Give the path of ``standards`` or ``alembic``: in the project's folder, else below the environment's own."""
    beside = Path(__file__).resolve().parents[1] / folder
    return beside if beside.is_dir() else Path(sys.prefix) / "share" / "safonau" / folder


def default_data_dir() -> Path:
    """Give ``.safonau`` in the project's folder or, for a built package, in the folder one is in."""
    project = Path(__file__).resolve().parents[1]
    return (project if (project / "pyproject.toml").is_file() else Path.cwd()) / ".safonau"
