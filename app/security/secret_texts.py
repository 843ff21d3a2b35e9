"""Secrets that the service gives out once and keeps only as hashes: refresh tokens, invitations, client secrets."""

import hashlib
import hmac
import secrets

BYTES = 32


def new_secret() -> str:
    """A fresh secret of 256 bits, in characters that pass through URLs and forms as they are."""
    return secrets.token_urlsafe(BYTES)


def hash_of_secret(secret: str) -> str:
    """What is kept of a secret. It is random and long, so one round of SHA-256 cannot be gone back from."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def keyed_hash(key: bytes, text: str) -> str:
    """A name for ``text`` that nobody without the key can go back from, however few texts there are to try."""
    return hmac.new(key, text.strip().lower().encode(errors="replace"), hashlib.sha256).hexdigest()
