"""Page cursors: nobody can make one, and none is good for another list."""

import base64
from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.api.cursors import Cursors, Place
from app.errors import InvalidCursor

CURSORS = Cursors(b"a secret of this service")
PLACES: list[Place] = [(datetime(2026, 4, 1, 9, 30, 0, 123456, tzinfo=UTC), UUID(int=7)), "14.2", "cŵn", ""]


@pytest.mark.parametrize("place", PLACES)
def test_a_place_comes_back_as_it_was(place: Place) -> None:
    cursor = CURSORS.seal(place, "services")
    assert CURSORS.open(cursor, "services") == place
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_every_changed_letter_is_refused() -> None:
    cursor = CURSORS.seal("14.2", "services")
    for at, letter in enumerate(cursor[:-1]):  # the last letter has bits that stand for nothing
        other = "A" if letter != "A" else "B"
        with pytest.raises(InvalidCursor):
            CURSORS.open(cursor[:at] + other + cursor[at + 1 :], "services")


def test_another_list_filter_caller_or_service_refuses_it() -> None:
    cursor = CURSORS.seal("14.2", "services")
    with pytest.raises(InvalidCursor):
        CURSORS.open(cursor, "users")
    with pytest.raises(InvalidCursor):
        Cursors(b"another secret").open(cursor, "services")


@pytest.mark.parametrize(
    "cursor", ["", "A", "abc", "%", "é", "\0", "=" * 8, "A" * 5000, base64.b64encode(b"x" * 16 + b'"14.2"').decode()]
)
def test_made_up_cursors_are_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor) as caught:
        CURSORS.open(cursor, "services")
    assert "without a cursor" in caught.value.hint
