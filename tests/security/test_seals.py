"""Signatures of documents, and the keys that go on verifying them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import serialization

from app.errors import NotSignedIn, Unavailable
from app.security.claims import Subject
from app.security.jose import KeyRing, Seals, Tokens
from app.security.keys import new_key, retired_in

NOW = datetime(2026, 4, 1, tzinfo=UTC)
OLD, NEW = new_key(), new_key()
CONTENT = b'{"format":"safonau/determination/1"}'


def public_half(pem: str) -> str:
    key = serialization.load_pem_private_key(pem.encode(), None).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def test_a_signature_holds_for_exactly_these_bytes_of_this_kind() -> None:
    seals = Seals(KeyRing(lambda: (OLD,)))
    signed = seals.sign(CONTENT, "determination")
    header, signature = signed.split("..")
    assert seals.holds(CONTENT, signed, "determination", NOW)
    assert not seals.holds(CONTENT + b" ", signed, "determination", NOW)
    assert not seals.holds(CONTENT, signed, "check", NOW)
    assert not seals.holds(CONTENT, f"{header}..{signature[:-4]}AAAA", "determination", NOW)
    for forged in ("", "..", "x..y", f"{header}.", f"{header}.x.{signature}", signed.replace("..", ".")):
        assert not seals.holds(CONTENT, forged, "determination", NOW)
    assert not Seals(KeyRing(lambda: (NEW,))).holds(CONTENT, signed, "determination", NOW)


def test_a_retired_key_verifies_documents_and_no_tokens() -> None:
    before = KeyRing(lambda: (OLD,))
    signed = Seals(before).sign(CONTENT, "determination")

    def tokens(ring: KeyRing) -> Tokens:
        return Tokens(ring, issuer="i", audience="a", lifetime=timedelta(minutes=5))

    who = Subject(UUID(int=1), UUID(int=2), "reviewer", UUID(int=4), "read write")
    token = tokens(before).issue(who, now=NOW, token_id=UUID(int=3))
    after = KeyRing(lambda: (NEW,), lambda: (public_half(OLD),))
    assert Seals(after).holds(CONTENT, signed, "determination", NOW)
    assert {key["kid"] for key in after.jwks["keys"]} == {
        key["kid"] for ring in (before, KeyRing(lambda: (NEW,))) for key in ring.jwks["keys"]
    }
    assert not any("d" in key for key in after.jwks["keys"])
    with pytest.raises(NotSignedIn):
        tokens(after).verify(token, NOW)


@pytest.mark.parametrize("pem", ["nonsense", OLD, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_what_is_no_public_key_cannot_be_a_retired_one(pem: str) -> None:
    with pytest.raises(Unavailable, match="retired key"):
        KeyRing(lambda: (NEW,), lambda: (pem,))


def test_retired_keys_lie_beside_the_others(tmp_path: Path) -> None:
    (tmp_path / "0001.pub").write_text(public_half(OLD))
    assert retired_in(tmp_path) == (public_half(OLD),)
    (tmp_path / "0002.pub").mkdir()
    with pytest.raises(Unavailable, match="cannot be read"):
        retired_in(tmp_path)
