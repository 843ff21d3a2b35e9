import pytest

from app.db.session import Database
from tests.conftest import DatabaseUrls, SetUps
from tests.services.world import World
from tests.services.world import world as new_world


@pytest.fixture
def world(database: DatabaseUrls, connected: Database, set_ups: SetUps) -> World:
    """A small world in an empty database."""
    assert database.app_url
    return new_world(connected, set_ups)
