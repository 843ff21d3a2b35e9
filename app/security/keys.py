"""The service's private keys on disk: made once, read by nobody else, several at a time during a change of keys.

A key folder holds ``*.pem`` files (P-256, PKCS 8). The last by name signs; all of them verify. To rotate, put a
file with a later name beside the first. When the old one's tokens have run out, put its public half, ``*.pub``, in its
place, so that the documents that it signed can be verified for ever.
"""

import hashlib
import hmac
import os
from pathlib import Path
from uuid import uuid4

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.errors import Unavailable

FIRST_KEY = "0001.pem"
READABLE_BY_OTHERS = 0o077


def new_key() -> str:
    """A fresh P-256 private key as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


def keys_in(folder: Path) -> tuple[str, ...]:
    """The private keys of ``folder`` as PEM, the one that signs last; makes one where there is none.

    Raises what ``keys_on_disk`` raises.
    """
    return keys_on_disk(folder, make=True)


def keys_on_disk(folder: Path, *, make: bool = False) -> tuple[str, ...]:
    """The same of a service that runs, for which a key is made only when it starts: none where there is none.

    Raises ``Unavailable`` for a folder that cannot be used or a key file that other accounts can read.
    """
    try:
        if make and not list(folder.glob("*.pem")):
            _make_first(folder)
        return tuple(_read(path) for path in sorted(folder.glob("*.pem")))
    except OSError as error:
        raise Unavailable(
            f"The key folder {folder} cannot be used: {error.strerror or error}.",
            hint="Give the account that runs the service read and write access to it.",
        ) from error


def retired_in(folder: Path) -> tuple[str, ...]:
    """The public halves of retired keys in ``folder`` as PEM; raises ``Unavailable`` for one that cannot be read."""
    try:
        return tuple(path.read_text(encoding="ascii") for path in sorted(folder.glob("*.pub")))
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"A retired key in {folder} cannot be read.", hint="It is a public key in PEM.") from error


def secret_for(purpose: str, private_key: str) -> bytes:
    """A secret of 32 bytes for one purpose, the same in every process that has this key."""
    return hmac.digest(private_key.encode(), purpose.encode(), hashlib.sha256)


def _make_first(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f"{uuid4()}.new"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(new_key())
        # A link appears whole or not at all, and fails where another process was first, whose key it then is.
        os.link(draft, folder / FIRST_KEY)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _read(path: Path) -> str:
    if path.stat().st_mode & READABLE_BY_OTHERS:
        raise Unavailable(
            f"The private key {path} can be read by other accounts.",
            hint=f"Run: chmod 600 {path}",
        )
    return path.read_text(encoding="ascii")
