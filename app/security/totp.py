"""Codes that change with time (TOTP, RFC 6238), as authenticator apps make them, and recovery codes for without one."""

import base64
import re
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

ISSUER = "Safonau"
SECRET_BYTES = 20
DIGITS = 6
STEP_SECONDS = 30
# A telephone's clock may be so many steps off.
DRIFT = 1
RECOVERY_CODES = 10
RECOVERY_BYTES = 10

_CODE = re.compile(rf"[0-9]{{{DIGITS}}}", re.ASCII)


def new_totp_secret() -> bytes:
    """A fresh secret of 160 bits."""
    return secrets.token_bytes(SECRET_BYTES)


def as_typed(secret: bytes) -> str:
    """A secret as one types it into an app: base32, without padding."""
    return base64.b32encode(secret).decode("ascii").rstrip("=")


def provisioning_uri(secret: bytes, account: str) -> str:
    """The ``otpauth:`` address of a secret, which apps read from a QR code."""
    return _totp(secret).get_provisioning_uri(account, ISSUER)


def is_totp(code: str) -> bool:
    """Whether this has the form of such a code, rather than that of a recovery code."""
    return _CODE.fullmatch(code) is not None


def step_of(secret: bytes, code: str, now: datetime) -> int | None:
    """The number of the time step, near ``now``, whose code this is; ``None`` where it is not right."""
    current = int(now.timestamp()) // STEP_SECONDS
    for step in range(current - DRIFT, current + DRIFT + 1):
        try:
            _totp(secret).verify(code.encode(errors="replace"), step * STEP_SECONDS)
        except InvalidToken:
            continue
        return step
    return None


def new_recovery_codes() -> tuple[str, ...]:
    """Ten fresh codes of 80 bits, in groups of four characters."""
    texts = [base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode("ascii") for _ in range(RECOVERY_CODES)]
    return tuple("-".join(text[at : at + 4] for at in range(0, len(text), 4)) for text in texts)


def plain(code: str) -> str:
    """A code of either kind as it is compared: without spaces and hyphens, in capitals."""
    return re.sub(r"[\s-]", "", code).upper()


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303  # what every app computes; HMAC of it is sound
