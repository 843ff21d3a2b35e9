"""Every rule for python-jose (dependencies.md 5), each with a forged token that would pass without it."""

import base64
import hashlib
import hmac
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from app.errors import NotSignedIn, Unavailable, token_refused
from app.security import jose
from app.security.claims import Subject
from app.security.jose import KeyRing, Seals, Tokens, verifying_keys
from app.security.keys import new_key

NOW = datetime(2026, 4, 1, 9, 30, tzinfo=UTC)
PEM = new_key()
SUBJECT, ORGANISATION, TOKEN_ID, SESSION = (UUID(int=n) for n in (1, 2, 3, 4))
ISSUER, AUDIENCE = "https://safonau.example", "safonau"

Claims = dict[str, Any]


def tokens(read: Callable[[], tuple[str, ...]] = lambda: (PEM,)) -> Tokens:
    return Tokens(KeyRing(read), issuer=ISSUER, audience=AUDIENCE, lifetime=timedelta(minutes=15))


def issued(by: Tokens) -> str:
    about = Subject(SUBJECT, ORGANISATION, "provider_lead", SESSION, "read write")
    return by.issue(about, now=NOW, token_id=TOKEN_ID)


def good_claims() -> Claims:
    now = int(NOW.timestamp())
    return {
        "iss": ISSUER, "aud": AUDIENCE, "sub": str(SUBJECT), "org": str(ORGANISATION), "role": "provider_lead",
        "sid": str(SESSION), "scope": "read write", "iat": now, "exp": now + 900,
    }  # fmt: skip


def part(value: object) -> bytes:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def signed(claims: object, header: Mapping[str, object] | None = None, key: str = PEM) -> str:
    """A token signed by ``key`` as ES256 whatever its header says."""
    kid = KeyRing(lambda: (PEM,)).signing.kid
    head = part({"alg": "ES256", "typ": "at+jwt", "kid": kid} | dict(header or {}))
    message = head + b"." + part(claims)
    signature = pyjwt.algorithms.ECAlgorithm(pyjwt.algorithms.ECAlgorithm.SHA256).sign(
        message,
        serialization.load_pem_private_key(key.encode(), None),  # type: ignore[arg-type]  # an EC key
    )
    return (message + b"." + part(signature)).decode()


def hmac_signed(secret: bytes, header: Mapping[str, object]) -> str:
    message = part(header) + b"." + part(good_claims() | {"role": "administrator"})
    return (message + b"." + part(hmac.digest(secret, message, hashlib.sha256))).decode()


def refused(token: str, by: Tokens | None = None) -> None:
    with pytest.raises(NotSignedIn) as caught:
        (by or tokens()).verify(token, NOW)
    assert str(caught.value) == token_refused().message, "every refusal has the same text"


def test_a_token_says_who_it_was_issued_to_and_another_library_agrees() -> None:
    ours = tokens()
    claims = ours.verify(issued(ours), NOW)

    assert (claims.subject, claims.organisation, claims.role) == (SUBJECT, ORGANISATION, "provider_lead")
    assert (claims.session, claims.scope) == (SESSION, "read write")
    assert claims.expires_at == NOW + timedelta(minutes=15)
    second_opinion = pyjwt.decode(
        issued(ours), pyjwt.PyJWK(ours.ring.jwks["keys"][0]).key, algorithms=["ES256"], audience=AUDIENCE,
        options={"verify_exp": False},
    )  # fmt: skip
    assert second_opinion["sub"] == str(SUBJECT)


def test_the_helper_that_forges_signs_well() -> None:
    """Otherwise the forged tokens below might be refused for another reason."""
    assert tokens().verify(signed(good_claims()), NOW).subject == SUBJECT


@pytest.mark.parametrize("form", [serialization.Encoding.PEM, serialization.Encoding.DER])
def test_rule_1_our_public_key_is_never_an_hmac_secret(form: serialization.Encoding) -> None:
    public = serialization.load_pem_private_key(PEM.encode(), None).public_key()
    secret = public.public_bytes(form, serialization.PublicFormat.SubjectPublicKeyInfo)
    kid = tokens().ring.signing.kid
    refused(hmac_signed(secret, {"alg": "HS256", "kid": kid}))
    refused(hmac_signed(secret, {"alg": "ES256", "kid": kid}))


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS256", "ES384", "ES256X", "", None, []])
def test_rule_1_the_algorithm_is_ours_not_the_headers(algorithm: object) -> None:
    refused(signed(good_claims(), {"alg": algorithm}))


@pytest.mark.parametrize("key", ["", "not a key", PEM.replace("BEGIN PRIVATE", "BEGIN")])
def test_rule_2_a_signing_key_that_is_no_pem_key_stops_the_service(key: str) -> None:
    with pytest.raises(Unavailable):
        KeyRing(lambda: (key,))


def test_rule_2_keys_of_another_kind_stop_the_service() -> None:
    other = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = serialization.load_pem_private_key(PEM.encode(), None).public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    for key in (other, public):
        with pytest.raises(Unavailable):
            KeyRing(lambda key=key: (key.decode(),))  # type: ignore[misc]  # mypy cannot infer a bound default
    with pytest.raises(Unavailable, match="no signing key"):
        KeyRing(lambda: ())


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "OKP", "crv": "Ed25519"},
        {"kty": "RSA"},
        {"crv": "P-384"},
        {"use": "enc"},
        {"alg": "ES384"},
        {"alg": "HS256"},
        {"kid": None},
        {"d": "AAAA"},
    ],
)
def test_rule_3_a_published_key_of_another_kind_is_left_out(change: Mapping[str, object]) -> None:
    good = tokens().ring.jwks["keys"][0]
    without_optional = {name: value for name, value in good.items() if name not in ("use", "alg")}

    assert list(verifying_keys({"keys": [{**good, **change}, good]})) == [good["kid"]]
    assert verifying_keys({"keys": [{**good, **change}]}) == {}
    assert list(verifying_keys({"keys": [without_optional]})) == [good["kid"]]


@pytest.mark.parametrize("kid", ["unknown", "", None, 7, {"x": 1}])
def test_rule_3_the_key_is_chosen_by_its_id_never_tried_in_turn(kid: object) -> None:
    refused(signed(good_claims(), {"kid": kid}))


def test_rule_3_a_token_signed_by_another_key_under_our_key_id_is_refused() -> None:
    refused(signed(good_claims(), key=new_key()))


@pytest.mark.parametrize("claim", ["aud", "iss", "exp", "iat", "sub", "org", "role", "sid", "scope"])
def test_rule_4_every_claim_must_be_there(claim: str) -> None:
    claims = good_claims()
    del claims[claim]
    refused(signed(claims))


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "another"}, {"aud": None}, {"iss": "https://evil.example"}, {"sub": "admin"}, {"sub": 1},
        {"exp": None}, {"exp": "soon"}, {"exp": True}, {"exp": 1e300}, {"exp": 10**30}, {"exp": -(10**15)},
        {"iat": "x"}, {"org": 5}, {"exp": []}, {"nbf": 10**13},
    ],
)  # fmt: skip
def test_rule_4_every_claim_must_hold(change: Claims) -> None:
    refused(signed(good_claims() | change))


@pytest.mark.parametrize("kind", ["safonau-determination", "JWT", "", None])
def test_rule_4_a_document_that_the_same_key_signed_is_no_token(kind: str | None) -> None:
    refused(signed(good_claims(), {"typ": kind}))


def test_a_token_ends_in_the_second_it_says_remembered_or_not() -> None:
    ours = tokens()
    token = issued(ours)
    ours.verify(token, NOW)

    refused_at = NOW + timedelta(minutes=15)
    ours.verify(token, refused_at - timedelta(seconds=1))
    for by in (ours, tokens()):
        with pytest.raises(NotSignedIn):
            by.verify(token, refused_at)


def test_a_token_seen_just_now_is_not_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = tokens()
    token = issued(ours)
    claims = ours.verify(token, NOW)
    monkeypatch.setattr("app.security.jose.jwt.decode", None)  # a check would fail now

    assert ours.verify(token, NOW) is claims


@pytest.mark.parametrize("name", sorted(jose.REFUSED_HEADERS))
def test_rule_5_headers_that_bring_extensions_or_keys_are_refused(name: str) -> None:
    refused(signed(good_claims(), {name: ["exp"]}))


def test_rule_5_a_long_token_is_refused_though_well_signed() -> None:
    refused(signed(good_claims() | {"padding": "x" * 9000}))


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b.c", "garbage", "é.é.é", part([1]).decode() + "..", "\udc80", "[" * 5000,
     part(b"[" * 5000).decode() + ".e30.x", part({"alg": "ES256"}).decode()],
)  # fmt: skip
def test_rule_6_garbage_is_answered_with_the_same_text(token: str) -> None:
    refused(token)


@pytest.mark.parametrize("payload", [b"", b"null", b"[]", b"{", b"\xff"])
def test_rule_6_a_well_signed_payload_that_is_no_object_is_answered_alike(payload: bytes) -> None:
    refused(signed(payload))


def test_rule_7_and_the_only_importer() -> None:
    found = [
        f"{path}:{number}"
        for path in sorted(Path("app").rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if line.lstrip().startswith(("import jose", "from jose"))
    ]
    assert found
    assert all(place.startswith("app/security/jose.py:") for place in found), found


def test_neither_ecdsa_nor_jwe_is_ever_imported() -> None:
    unwanted = ("ecdsa", "jose.jwe", "rsa")
    script = f"import app.security.jose, sys; print([m for m in {unwanted} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_rule_8_an_unknown_key_id_reads_the_keys_again_once_in_a_cool_down() -> None:
    reads = 0
    keys = [PEM]

    def read() -> tuple[str, ...]:
        nonlocal reads
        reads += 1
        return tuple(keys)

    ours = tokens(read)
    newer = new_key()
    theirs = issued(tokens(lambda: (PEM, newer)))
    refused(theirs, ours)
    keys.append(newer)
    for _ in range(5):
        refused(theirs, ours)
    assert reads == 2

    later = NOW + jose.COOL_DOWN
    assert ours.verify(theirs, later).subject == SUBJECT
    ours.verify(issued(tokens()), later)  # what the older key signed still holds
    assert ours.ring.signing.kid == tokens(lambda: (newer,)).ring.signing.kid
    assert reads == 3


def test_rule_8_a_key_that_is_taken_away_or_retired_signs_and_verifies_no_tokens_after_a_cool_down() -> None:
    newer = new_key()
    keys, retired, told = [PEM], list[str](), list[Unavailable]()
    ring = KeyRing(lambda: tuple(keys), lambda: tuple(retired), told.append)
    ours = Tokens(ring, issuer=ISSUER, audience=AUDIENCE, lifetime=timedelta(minutes=15))
    old, seals = issued(ours), Seals(ring)
    sealed = seals.sign(b"{}", "a document")
    assert ours.verify(old, NOW).subject == SUBJECT
    keys[:] = [newer]
    assert ours.verify(old, NOW).subject == SUBJECT, "until the keys are read again"
    now = NOW + jose.COOL_DOWN
    fresh = ours.issue(Subject(SUBJECT, ORGANISATION, "reviewer", SESSION, "read"), now=now, token_id=TOKEN_ID)
    assert ours.verify(fresh, now).scope == "read"
    for token in (old, issued(tokens())):  # one that is remembered, and one that is not
        with pytest.raises(NotSignedIn):
            ours.verify(token, now)
    assert [each["kid"] for each in ring.jwks["keys"]] == [tokens(lambda: (newer,)).ring.signing.kid]
    assert not seals.holds(b"{}", sealed, "a document", now)

    public = serialization.load_pem_private_key(PEM.encode(), None).public_key()
    retired.append(
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    )
    keys[:] = [PEM, newer]
    now += jose.COOL_DOWN
    assert seals.holds(b"{}", sealed, "a document", now)
    assert len(ring.jwks["keys"]) == 2, "one that is being retired is published once"
    keys[:] = [newer]
    now += jose.COOL_DOWN
    assert seals.holds(b"{}", sealed, "a document", now)
    with pytest.raises(NotSignedIn):
        ours.verify(old, now)

    keys.clear()
    assert not told
    assert ours.verify(fresh, now + jose.COOL_DOWN).scope == "read", "what was read last goes on"
    assert [error.message for error in told] == ["There is no signing key."]


def test_rule_8_keys_that_cannot_be_read_again_tell_nobody_where_they_lie() -> None:
    broken = False

    def read() -> tuple[str, ...]:
        if broken:
            raise Unavailable("The private key /keys/0002.pem can be read by other accounts.")
        return (PEM,)

    ours = tokens(read)
    token = issued(ours)
    broken = True
    later = NOW + jose.COOL_DOWN
    with pytest.raises(Unavailable, match="The keys of the service cannot be read") as caught:
        ours.verify(signed(good_claims(), {"kid": "unknown"}), later)
    assert "/keys" not in f"{caught.value.message} {caught.value.hint}"
    assert "/keys/0002.pem" in str(caught.value.__cause__), "the log says where"
    assert ours.verify(token, NOW).subject == SUBJECT


def test_rule_8_one_thread_reads_the_others_do_not_wait() -> None:
    entered, leave = threading.Event(), threading.Event()
    first = True

    def read() -> tuple[str, ...]:
        nonlocal first
        if not first:
            entered.set()
            leave.wait(5)
        first = False
        return (PEM,)

    ring = KeyRing(read)
    reader = threading.Thread(target=ring.verifying, args=("unknown", NOW))
    reader.start()
    entered.wait(5)
    assert ring.verifying("unknown", NOW) is None, "answered while the other thread reads"
    leave.set()
    reader.join()
