"""Passwords that are refused: common and breached ones, and those that say who or what they are for.

All of it is decided here, without asking anybody: zxcvbn brings a list of passwords from breaches, and counts how many
guesses a password stands.
"""

import re

from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

PRODUCT = "safonau"
LEAST_SCORE = 3  # of 4: more than 10 to the 8th guesses
SHORTEST_PART = 4
# zxcvbn reads no more; of a longer password its beginning must hold by itself.
READ = 72

_COMMON = frozenset(FREQUENCY_LISTS["passwords"])
_BETWEEN_WORDS = re.compile(r"[\W_]+")


def weakness(password: str, *, email: str, name: str) -> str | None:
    """What is wrong with the password of this person, in a sentence; ``None`` for a good one."""
    folded = password.casefold()
    if folded in _COMMON:
        return "this password is on lists of common and breached ones"
    parts = _parts(email, name)
    if any(part in folded for part in parts):
        return "a password does not contain your name, your e-mail address or the name of this service"
    if zxcvbn(password[:READ], user_inputs=parts)["score"] < LEAST_SCORE:
        return "this password is too easy to guess"
    return None


def _parts(email: str, name: str) -> list[str]:
    """The words that must not be in it, long enough to be more than a coincidence."""
    words = [PRODUCT, email, *_BETWEEN_WORDS.split(email.partition("@")[0]), *_BETWEEN_WORDS.split(name)]
    return [word.casefold() for word in words if len(word) >= SHORTEST_PART]
