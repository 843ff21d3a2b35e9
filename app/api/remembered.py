"""What was worked out lately, as far as that is needed to say that it is unchanged."""

from collections import OrderedDict
from threading import Lock
from typing import Final

# So many packs that somebody may ask for again; each takes two hashes.
_MOST: Final = 4096


class Remembered:
    """The hashes of what was worked out last, by the tag of what it rested on then (``app.api.validators``).

    For all threads, and for what is known by the hash of its bytes and nothing else, as packs are: whoever reads one
    again is told that it is unchanged without putting it together.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[str, str] = OrderedDict()
        self._lock = Lock()

    def get(self, tag: str) -> str | None:
        """The hash, if it was kept lately."""
        with self._lock:
            return self._known.get(tag)

    def keep(self, tag: str, found: str) -> None:
        """Keep a hash, and let go of the one that was kept first where there are too many."""
        with self._lock:
            self._known[tag] = found
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
