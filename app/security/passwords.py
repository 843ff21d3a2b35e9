"""Passwords: Argon2id with the profile of the OWASP cheat sheet (19 MiB, two passes, one lane)."""

import secrets
import threading
import unicodedata

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
AT_ONCE = 2


class Passwords:
    """Hashes and checks passwords, ``AT_ONCE`` at a time for the 19 MiB that each takes; others wait."""

    def __init__(self) -> None:
        argon2 = Argon2Hasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)
        self._hasher = PasswordHash((argon2,))
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._nobodys = self.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """The hash to keep, salted, with its parameters."""
        with self._turns:
            return self._hasher.hash(_composed(password))

    def verify(self, password: str, kept: str | None) -> bool:
        """Whether ``password`` is the one behind ``kept``; no for what is no hash of ours.

        Without ``kept`` (nobody has that name) the answer is no, after as much work as for somebody: the time taken
        does not tell who exists.
        """
        with self._turns:
            try:
                right = self._hasher.verify(_composed(password), self._nobodys if kept is None else kept)
            except PwdlibError:
                return False
        return right and kept is not None


def _composed(password: str) -> str:
    """One keyboard types ŵ as one character and another as two; both mean the same password."""
    return unicodedata.normalize("NFC", password)
