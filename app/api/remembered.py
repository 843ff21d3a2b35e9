"""What was read or worked out lately, kept until it is asked for again."""

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """The ``most`` values asked for last, for all threads, each by a name that no other value ever has.

    Such a name says all that the value rests on (``app.api.validators``), so that nothing kept here is ever out of
    date: whatever changes is asked for under another name.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[str, T] = OrderedDict()
        self._lock = Lock()

    def get(self, name: str) -> T | None:
        """The value, if it was kept or asked for lately."""
        with self._lock:
            found = self._known.get(name)
            if found is not None:
                self._known.move_to_end(name)
            return found

    def keep(self, name: str, value: T) -> None:
        """Keep a value, and let go of the one not asked for longest where there are too many."""
        with self._lock:
            self._known[name] = value
            self._known.move_to_end(name)
            if len(self._known) > self._most:
                self._known.popitem(last=False)
