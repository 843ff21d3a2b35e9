from collections.abc import Iterator

import pytest

from tests.services.world import World
from tests.services.world import world as new_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """A small world in an empty database."""
    yield from new_world(database_url)
