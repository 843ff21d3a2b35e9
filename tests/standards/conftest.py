from pathlib import Path

import pytest

from app.loader.catalogue import Catalogue, load
from app.shipped import shipped


@pytest.fixture(scope="session")
def standards() -> Path:
    """The folder of the tree that comes along with the code."""
    return shipped("standards")


@pytest.fixture(scope="session")
def catalogue(standards: Path) -> Catalogue:
    return load(standards)
