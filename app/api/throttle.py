"""How often somebody may try to sign in, by account and by address, and verify what was issued, by address.

So neither guessing at one account many times nor at many accounts once gets far.

Counted in the memory of one process: with several processes each counts for itself, and the limit is that many times
higher.
"""

import hashlib
import time

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from app.api.errors import TooSoon

# The longer somebody goes on, the longer the wait: a minute first, then the rest of an hour.
BY_ACCOUNT: tuple[RateLimitItem, ...] = (RateLimitItemPerMinute(5), RateLimitItemPerHour(20))
BY_ADDRESS: tuple[RateLimitItem, ...] = (RateLimitItemPerMinute(30), RateLimitItemPerHour(300))


class Throttle:
    """Counts attempts to sign in, and refuses further ones for a while."""

    def __init__(self) -> None:
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def attempt(self, account: str, address: str) -> None:
        """Count an attempt on the account before it is looked at, so that many at once count as many.

        Raises ``TooSoon`` where the account had too many attempts, or the address too many failures.
        """
        blocked = [
            (limit, "address", address) for limit in BY_ADDRESS if not self._window.test(limit, "address", address)
        ]
        name = _hashed(account)
        blocked += [(limit, "account", name) for limit in BY_ACCOUNT if not self._window.hit(limit, "account", name)]
        if blocked:
            ends = max(self._window.get_window_stats(limit, *key).reset_time for limit, *key in blocked)
            seconds = max(1, round(ends - time.time()))
            raise TooSoon(
                "There were too many attempts to sign in.", hint=f"Try again in {seconds} seconds.", seconds=seconds
            )

    def failed(self, address: str) -> None:
        """Count a failure for the address that it came from."""
        for limit in BY_ADDRESS:
            self._window.hit(limit, "address", address)

    def verification(self, address: str) -> None:
        """Count a look at what was issued, by anybody; raises ``TooSoon`` where there were too many."""
        blocked = [limit for limit in BY_ADDRESS if not self._window.hit(limit, "verification", address)]
        if blocked:
            ends = max(self._window.get_window_stats(limit, "verification", address).reset_time for limit in blocked)
            seconds = max(1, round(ends - time.time()))
            raise TooSoon(
                "Too many documents were verified from your address.",
                hint=f"Try again in {seconds} seconds.",
                seconds=seconds,
            )

    def succeeded(self, account: str) -> None:
        """Forget the attempts on an account whose owner has come."""
        for limit in BY_ACCOUNT:
            self._window.clear(limit, "account", _hashed(account))


def _hashed(account: str) -> str:
    """What was typed as an account may be a password in the wrong field: only its hash is kept."""
    return hashlib.sha256(account.strip().lower().encode(errors="replace")).hexdigest()
