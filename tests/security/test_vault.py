"""Secrets at rest, through a change of keys."""

import pytest
from cryptography.hazmat.primitives import serialization

from app.errors import Unavailable
from app.security.keys import new_key
from app.security.vault import Vault


def test_what_was_sealed_is_read_through_a_change_of_keys_and_not_without_them() -> None:
    old, new = new_key(), new_key()
    sealed = Vault([old]).seal(b"a secret")
    assert "a secret" not in sealed
    assert Vault([old]).renewed(sealed) is None
    both = Vault([old, new])
    assert both.open(sealed) == b"a secret"
    renewed = both.renewed(sealed)
    assert renewed is not None
    assert both.renewed(renewed) is None
    assert Vault([new]).open(renewed) == b"a secret", "the old key can go"
    for lost in (Vault([new_key()]), Vault([new])):
        with pytest.raises(Unavailable, match="the key that it was encrypted under is gone"):
            lost.open(sealed)
        with pytest.raises(Unavailable):
            lost.renewed(sealed)


def test_it_is_the_key_that_counts_and_not_how_its_file_is_laid_out() -> None:
    pem = new_key()
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    other_form = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()
    assert other_form != pem
    assert Vault([other_form]).open(Vault([pem]).seal(b"x")) == b"x"


def test_a_key_of_another_kind_is_refused() -> None:
    from_another_kind = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
"""
    with pytest.raises(Unavailable, match="ES256"):
        Vault([from_another_kind])
