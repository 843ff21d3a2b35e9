"""How often somebody may try to sign in."""

import pytest
import time_machine

from app.api.throttle import BY_ACCOUNT, BY_ADDRESS, Throttle
from app.errors import TooManyAttempts


def attempts(throttle: Throttle, account: str, address: str) -> int:
    """How many attempts get through until the first is refused, at most 500."""
    for count in range(500):
        try:
            throttle.attempt(account, address)
        except TooManyAttempts:
            return count
        throttle.failed(address)
    return 500


def test_an_account_is_guessed_at_a_few_times_only_from_wherever() -> None:
    throttle = Throttle()
    assert attempts(throttle, "mair@example.org", "10.0.0.1") == BY_ACCOUNT[0].amount
    assert attempts(throttle, " MAIR@example.org ", "10.0.0.2") == 0
    assert attempts(throttle, "other@example.org", "10.0.0.3") == BY_ACCOUNT[0].amount


def test_an_address_is_refused_after_failures_at_many_accounts() -> None:
    throttle = Throttle()
    made = 0
    while attempts(throttle, f"user-{made}@example.org", "10.0.0.1"):
        made += 1
    assert made == BY_ADDRESS[0].amount // BY_ACCOUNT[0].amount
    throttle.attempt("somebody@example.org", "10.0.0.2")


def test_the_wait_is_told_and_grows() -> None:
    throttle = Throttle()
    with time_machine.travel("2026-04-01T09:00:00Z", tick=False) as clock:
        waits = []
        for _ in range(5):
            attempts(throttle, "mair@example.org", "10.0.0.1")
            with pytest.raises(TooManyAttempts) as caught:
                throttle.attempt("mair@example.org", "10.0.0.1")
            waits.append(getattr(caught.value, "seconds", 0))
            clock.shift(61)
    assert waits[0] == 60
    assert waits[-1] > 3000, "after four rounds the hour counts"


def test_who_signs_in_starts_afresh() -> None:
    throttle = Throttle()
    for _ in range(20):
        throttle.attempt("mair@example.org", "10.0.0.1")
        throttle.succeeded("mair@example.org")
