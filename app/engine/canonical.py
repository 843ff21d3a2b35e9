"""The one byte form of a JSON value, and its hash (RFC 8785).

Our values hold strings, integers up to 2^53-1, true, false and null under ASCII keys, never floating point. For
those, the standard library's encoder with sorted keys gives exactly the bytes of RFC 8785; a property test holds it
against an independent implementation.
"""

import hashlib
import json


def canonical_bytes(value: object) -> bytes:
    """RFC 8785 bytes of ``value``; raises ``ValueError`` for what has no such form (NaN, lone surrogates)."""
    text = json.dumps(
        value,
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
        allow_nan=False,
    )
    return text.encode()


def sha256_of(value: object) -> str:
    """SHA-256 of the canonical bytes, as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()
