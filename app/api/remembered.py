"""What was read or worked out lately, kept until it is asked for again."""

from threading import Lock
from typing import Generic, TypeVar

from cachetools import LRUCache

T = TypeVar("T")


class Remembered(Generic[T]):
    """The ``most`` values asked for last, for all threads, each by a name that no other value ever has.

    Such a name says all that the value rests on (``app.api.validators``), so that nothing kept here is ever out of
    date: whatever changes is asked for under another name.
    """

    def __init__(self, most: int) -> None:
        self._known: LRUCache[str, T] = LRUCache(most)
        self._lock = Lock()

    def get(self, name: str) -> T | None:
        """The value, if it was kept or asked for lately."""
        with self._lock:
            return self._known.get(name)

    def keep(self, name: str, value: T) -> None:
        """Keep a value, and let go of the one not asked for longest where there are too many."""
        with self._lock:
            self._known[name] = value
