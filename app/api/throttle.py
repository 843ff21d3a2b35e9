"""How often anybody may verify what was issued, or read calendar feeds, by address.

Counted in the memory of one process, before the database is asked: with several processes each counts for itself, and
the limit is that many times higher. Attempts to sign in are counted in the database (``app.services.sessions``).
"""

import time

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from app.api.errors import TooSoon

# The longer somebody goes on, the longer the wait: a minute first, then the rest of an hour.
BY_ADDRESS: tuple[RateLimitItem, ...] = (RateLimitItemPerMinute(30), RateLimitItemPerHour(300))


class Throttle:
    """Counts looks at what anybody may look at, and refuses further ones for a while."""

    def __init__(self) -> None:
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def verification(self, address: str) -> None:
        """Count a look at what was issued, by anybody; raises ``TooSoon`` where there were too many."""
        self._count("verification", address, "Too many documents were verified from your address.")

    def feed(self, address: str) -> None:
        """Count a look at a calendar feed, by anybody; raises ``TooSoon`` where there were too many."""
        self._count("feed", address, "Calendar feeds were read too often from your address.")

    def _count(self, what: str, address: str, refusal: str) -> None:
        blocked = [limit for limit in BY_ADDRESS if not self._window.hit(limit, what, address)]
        if blocked:
            ends = max(self._window.get_window_stats(limit, what, address).reset_time for limit in blocked)
            seconds = max(1, round(ends - time.time()))
            raise TooSoon(refusal, seconds=seconds)
