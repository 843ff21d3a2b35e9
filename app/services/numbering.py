"""The numbers of issued documents: short enough to type, told from a mistyped one, and not to be guessed.

``SAF-2026-7K3QX-9MD4T-C``: the year, fifty random bits in Crockford's base 32 (no I, L, O, U), and a check character by
ISO/IEC 7064, MOD 37,36. A sequence would tell anybody who counts how many were issued, and when.
"""

import hashlib
import re
from typing import Final
from uuid import UUID

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECKED: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NUMBER: Final = re.compile(rf"([A-Z]{{3}})-?(\d{{4}})-?([{_LETTERS}]{{5}})-?([{_LETTERS}]{{5}})-?([0-9A-Z])", re.ASCII)
_SIZE: Final = 10
# What people write for a letter that is not used. The check character is one of all letters and stays as it is.
_MEANT: Final = str.maketrans("ILO", "110")
_LONGEST: Final = 40


def number_of(prefix: str, year: int, unique: UUID) -> str:
    """The number that belongs to a new id; ``prefix`` is three letters."""
    bits = int.from_bytes(hashlib.sha256(unique.bytes).digest()[:8])
    drawn = "".join(_LETTERS[bits >> 5 * place & 31] for place in range(_SIZE))
    return f"{prefix}-{year}-{drawn[:5]}-{drawn[5:]}-{_check(f'{prefix}{year}{drawn}')}"


def read_number(typed: str) -> str | None:
    """The number that somebody typed, as it is written; ``None`` for what cannot be one, or is mistyped."""
    text = "".join(typed.split()).upper()
    if len(text) > _LONGEST:
        return None
    text = text[:3] + text[3:-1].translate(_MEANT) + text[-1:]
    found = _NUMBER.fullmatch(text)
    if found is None or _check("".join(found.groups()[:-1])) != found[5]:
        return None
    return "-".join(found.groups())


def _check(text: str) -> str:
    """The check character of ISO/IEC 7064, MOD 37,36."""
    size = len(_CHECKED)
    product = size
    for letter in text:
        product = (product + _CHECKED.index(letter)) % size or size
        product = product * 2 % (size + 1)
    return _CHECKED[(size + 1 - product) % size]
