"""Secrets that the service has to read again, encrypted under keys that are derived from its private keys.

What is in the database alone, or in a backup of it, opens none of them.
"""

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import Unavailable

PURPOSE = b"safonau second factor"
BYTES = 32


class Vault:
    """Seals secrets under the newest key; opens what any of the keys sealed."""

    def __init__(self, private_keys: Sequence[str]) -> None:
        """``private_keys`` are P-256 keys in PEM, the newest last, as ``keys_in`` gives them."""
        keys = [Fernet(_derived(pem)) for pem in reversed(private_keys)]
        self._newest = keys[0]
        self._all = MultiFernet(keys)

    def seal(self, secret: bytes) -> str:
        """``secret`` as it may be kept."""
        return self._newest.encrypt(secret).decode("ascii")

    def open(self, sealed: str) -> bytes:
        """What was sealed; raises ``Unavailable`` where the key is gone under which it was."""
        try:
            return self._all.decrypt(sealed)
        except InvalidToken:
            raise Unavailable(
                "A second factor cannot be read: the key that it was encrypted under is gone.",
                hint="Put that key back into the key folder, or have an administrator reset the second factor.",
            ) from None

    def renewed(self, sealed: str) -> str | None:
        """The same secret sealed under the newest key, ``None`` where it is so already; raises what ``open`` does."""
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            return self.seal(self.open(sealed))
        return None


def _derived(pem: str) -> bytes:
    """The key of a private key: from its number, so that it does not matter how its file is laid out."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Unavailable("A key cannot sign ES256.", hint="ES256 needs a private P-256 key in PEM.")
    number = key.private_numbers().private_value.to_bytes(BYTES)
    derive = HKDF(algorithm=hashes.SHA256(), length=BYTES, salt=None, info=PURPOSE)
    return base64.urlsafe_b64encode(derive.derive(number))
