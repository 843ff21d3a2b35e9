"""Passwords: the profile, the equal work for nobody, and no more than two at a time."""

import threading
import time

import pytest
from pwdlib import PasswordHash

from app.security import passwords
from app.security.passwords import Passwords


@pytest.fixture(scope="module")
def kept() -> Passwords:
    return Passwords()


def test_a_hash_has_the_owasp_profile_and_its_own_salt(kept: Passwords) -> None:
    one, other = kept.hash("correct horse battery"), kept.hash("correct horse battery")

    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != other
    assert kept.verify("correct horse battery", one)
    assert not kept.verify("correct horse batter", one)


def test_both_ways_of_typing_a_welsh_letter_are_one_password(kept: Passwords) -> None:
    assert kept.verify("cŵn a chathod mawr", kept.hash("cw\u0302n a chathod mawr"))


def test_nobody_is_refused_after_the_same_work(kept: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = PasswordHash.verify

    def watched(self: PasswordHash, password: str, found: str) -> bool:
        seen.append(found)
        return real(self, password, found)

    monkeypatch.setattr(PasswordHash, "verify", watched)

    assert not kept.verify("anything at all", None)
    assert [found.split("$")[:4] for found in seen] == [kept.hash("x").split("$")[:4]], "the same parameters"


def test_a_broken_hash_lets_nobody_in(kept: Passwords) -> None:
    assert not kept.verify("anything at all", "not a hash")


def test_no_more_than_two_hash_at_a_time(kept: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = 0, 0
    lock = threading.Lock()
    together = threading.Barrier(passwords.AT_ONCE, timeout=60)

    def slow(_: PasswordHash, __: str) -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait()  # as many as may
        time.sleep(0.02)  # so that one more would be seen
        with lock:
            running -= 1
        return "x"

    monkeypatch.setattr(PasswordHash, "hash", slow)
    workers = [threading.Thread(target=kept.hash, args=("x",)) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert most == passwords.AT_ONCE
