"""Access tokens and signatures of documents: made and checked here alone. The only module that imports python-jose.

python-jose is no longer kept and has an open hole, so it is used in a corner where the hole cannot be reached
(dependencies.md 5). The eight rules, and where each is kept:

1. the algorithm comes from our key record, a list of one, never HMAC: ``ALGORITHM``, ``Tokens.verify``;
2. keys are PEM or JWK, built once: ``_SigningKey``, ``verifying_keys``;
3. a published key is taken only if it is EC, for signatures, for our algorithm and has a ``kid``; the key is
   chosen by ``kid`` here, never by the library: ``verifying_keys``;
4. ``aud``, ``iss``, ``exp``, ``iat`` and ``sub`` must be there: ``REQUIRED``; and ``typ``, so that no document that
   the same keys sign is ever a token: ``_kid_of``;
5. long tokens, and headers that bring their own key or extension, never reach the library: ``_kid_of``;
6. whatever the library raises is one answer with one text: ``token_refused``;
7. ``jose.jwe`` is not imported;
8. the keys are read again once in ``COOL_DOWN``, by one thread, so that one that is new is known and one that was
   taken away holds no longer; an unknown ``kid`` does not make that more often: ``KeyRing``.

For tokens of an outside identity provider the same holds, with its own algorithm and keys: ``IdentityTokens``.
"""

import base64
import binascii
import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from cachetools import TTLCache
from jose import jwk, jws, jwt
from jose.backends.base import Key
from jose.exceptions import JOSEError

from app.errors import NotSignedIn, Unavailable, token_refused
from app.security.claims import Claims, Identity, Subject

ALGORITHM: Final = "ES256"
KIND = "at+jwt"  # RFC 9068
LONGEST_TOKEN = 8 * 1024
COOL_DOWN = timedelta(seconds=30)
KEYS_HOLD = timedelta(hours=1)
LONGEST_SINCE_ISSUE = timedelta(minutes=10)
REMEMBERED_FOR = 60.0
REMEMBERED_TOKENS = 4096
REFUSED_HEADERS = frozenset({"crit", "jku", "jwk", "x5u", "x5c", "b64"})
REQUIRED = {f"require_{claim}": True for claim in ("aud", "iss", "exp", "iat", "sub")}
# What an identity provider may sign with, and the keys that are taken for it. A shorter modulus of RSA than 2048 bits
# is no key any more.
OutsideAlgorithm: TypeAlias = Literal["ES256", "RS256"]
_SHORTEST_MODULUS: Final = 342  # 2048 bits in base64url
# python-jose reads the machine's clock, and takes a token in the very second in which it ends. Time is an
# argument here, so its clock is given so much leeway that it decides nothing, and ``verify`` decides.
LEEWAY = 10**11


@dataclass(frozen=True, slots=True)
class _SigningKey:
    kid: str
    key: Key


def verifying_keys(jwks: Mapping[str, Any], algorithm: OutsideAlgorithm = ALGORITHM) -> dict[str, Key]:
    """The keys of a JSON Web Key Set that may verify tokens, by ``kid``, without all others (rule 3).

    Raises ``ValueError`` for what is no set of keys, and for a key that is none.
    """
    try:
        return {
            entry["kid"]: jwk.construct(dict(entry), algorithm) for entry in jwks["keys"] if _is_fit(entry, algorithm)
        }
    except (JOSEError, AttributeError, KeyError, TypeError) as error:
        raise ValueError("this is no JSON Web Key Set") from error


def _is_fit(entry: Mapping[str, Any], algorithm: OutsideAlgorithm) -> bool:
    kind = entry.get("kty")
    elliptic = kind == "EC" and entry.get("crv") == "P-256"
    modulus = entry.get("n")
    rsa = kind == "RSA" and isinstance(modulus, str) and len(modulus) >= _SHORTEST_MODULUS
    return (
        (elliptic if algorithm == "ES256" else rsa)
        and entry.get("use", "sig") == "sig"
        and entry.get("alg", algorithm) == algorithm
        and "d" not in entry
        and isinstance(entry.get("kid"), str)
    )


def _signing_key(pem: str) -> _SigningKey:
    if not pem.startswith("-----BEGIN "):
        raise Unavailable("A signing key is not in PEM form.", hint="Replace it with a private P-256 key in PEM.")
    try:
        key = jwk.construct(pem, ALGORITHM)
        public = key.to_dict()
    except (JOSEError, KeyError, ValueError, AttributeError) as error:
        raise Unavailable("A signing key cannot be read.", hint="ES256 needs a private P-256 key.") from error
    if "d" not in public or public["crv"] != "P-256":
        raise Unavailable("A key cannot sign ES256.", hint="ES256 needs a private P-256 key in PEM.")
    return _SigningKey(_thumbprint(public), key)


def _retired_key(pem: str) -> _SigningKey:
    if not pem.startswith("-----BEGIN PUBLIC KEY-----"):
        raise Unavailable("A retired key is not a public key in PEM.", hint="docs/api.md says how a key is retired.")
    try:
        key = jwk.construct(pem, ALGORITHM)
        return _SigningKey(_thumbprint(key.to_dict()), key)
    except (JOSEError, KeyError, ValueError, AttributeError) as error:
        raise Unavailable("A retired key cannot be read.", hint="It is a public P-256 key in PEM.") from error


def _thumbprint(public: Mapping[str, str]) -> str:
    """RFC 7638: the same key has the same ``kid`` everywhere, and no registry of names is needed."""
    members = json.dumps({name: public[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(members.encode()).digest()).rstrip(b"=").decode()


class KeyRing:
    """The service's keys: the last one signs, all of them verify. Safe to share between threads.

    Retired keys verify documents that were signed with them, and no tokens. Keys are read again once in ``COOL_DOWN``:
    one that was taken away, or retired, holds for so long at most.
    """

    def __init__(
        self,
        read: Callable[[], tuple[str, ...]],
        retired: Callable[[], tuple[str, ...]] = tuple,
        troubled: Callable[[Unavailable], None] = lambda _: None,
    ) -> None:
        """``read`` gives private keys as PEM, the signing one last, ``retired`` public ones, each time it is called.

        ``troubled`` is told why they cannot be read again; those that were read last go on until they can.
        """
        self._read = read
        self._read_retired = retired
        self._troubled = troubled
        self._lock = threading.Lock()
        self._read_again_from: datetime | None = None
        self._load()

    def _load(self) -> None:
        keys = tuple(map(_signing_key, self._read()))
        if not keys:
            raise Unavailable("There is no signing key.", hint="Put a private P-256 key in PEM there.")
        # One that is being retired is there twice for a moment.
        known = {item.kid: item for item in (*map(_retired_key, self._read_retired()), *keys)}
        self.signing = keys[-1]
        self.jwks: dict[str, list[dict[str, str]]] = {
            "keys": [{**item.key.public_key().to_dict(), "kid": item.kid, "use": "sig"} for item in known.values()]
        }
        # Built from the very document that is published: what others check with is what we check with.
        self._documents = verifying_keys(self.jwks)
        self._verifying = {item.kid: self._documents[item.kid] for item in keys}

    def read_again(self, now: datetime) -> Unavailable | None:
        """Read the keys if that was not done just now (rule 8); gives why that failed, if it did."""
        if self._lock.acquire(blocking=False):
            try:
                if self._read_again_from is None or now >= self._read_again_from:
                    self._read_again_from = now + COOL_DOWN
                    self._load()
            except Unavailable as error:
                self._troubled(error)
                return error
            finally:
                self._lock.release()
        return None

    def verifying(self, kid: str, now: datetime) -> Key | None:
        """The key with this id that tokens are signed with; ``None`` where there is none, or none any more.

        Raises ``Unavailable`` for an unknown one where the keys cannot be read.
        """
        failed = self.read_again(now)
        found = self._verifying.get(kid)
        if (
            found is None and failed is not None
        ):  # which names files of this machine, and anybody can send an unknown id
            raise Unavailable(
                "The keys of the service cannot be read.",
                hint="Try again later; the operator finds the reason in the log.",
            ) from failed
        return found

    def of_document(self, kid: str, now: datetime) -> Key | None:
        """The key with this id that a document may be signed with, retired ones too; ``None`` where there is none."""
        self.read_again(now)
        return self._documents.get(kid)


class Seals:
    """Signs documents and checks their signatures: JWS (ES256) in detached form, ``header..signature``.

    The payload is left out, as RFC 7515 appendix F has it; who verifies puts base64url of the document's bytes back.
    """

    def __init__(self, ring: KeyRing) -> None:
        self.ring = ring

    def sign(self, content: bytes, kind: str) -> str:
        """The signature of a document of this kind, which its header names as ``typ``."""
        signing = self.ring.signing
        whole = jws.sign(content, signing.key, headers={"kid": signing.kid, "typ": kind}, algorithm=ALGORITHM)
        header, _, signature = whole.split(".")
        return f"{header}..{signature}"

    def holds(self, content: bytes, signature: str, kind: str, now: datetime) -> bool:
        """Whether one of our keys, retired or not, signed exactly these bytes as a document of this kind."""
        header, dots, last = signature.partition("..")
        try:
            fields = _header_of(f"{header}.")
            key = self.ring.of_document(fields["kid"], now)
            if not dots or key is None or fields.get("typ") != kind:
                return False
            payload = base64.urlsafe_b64encode(content).rstrip(b"=").decode()
            jws.verify(f"{header}.{payload}.{last}", key, algorithms=[ALGORITHM])
        except (NotSignedIn, JOSEError):
            return False
        return True


class Tokens:
    """Issues and checks the service's access tokens."""

    def __init__(self, ring: KeyRing, *, issuer: str, audience: str, lifetime: timedelta) -> None:
        self.ring = ring
        self.lifetime = lifetime
        self._issuer = issuer
        self._audience = audience
        self._remembered: TTLCache[bytes, tuple[str, Claims]] = TTLCache(REMEMBERED_TOKENS, REMEMBERED_FOR)
        self._lock = threading.Lock()

    def issue(self, about: Subject, *, now: datetime, token_id: UUID) -> str:
        """A signed token that holds from ``now`` for the lifetime, unless the session ends before."""
        issued = int(now.timestamp())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(about.user),
            "org": str(about.organisation),
            "role": about.role,
            "sid": str(about.session),
            "scope": about.scope,
            "iat": issued,
            "exp": issued + int(self.lifetime.total_seconds()),
            "jti": str(token_id),
        }
        self.ring.read_again(now)
        signing = self.ring.signing
        headers = {"kid": signing.kid, "typ": KIND}
        return jwt.encode(claims, signing.key, algorithm=ALGORITHM, headers=headers)

    def verify(self, token: str, now: datetime) -> Claims:
        """The claims of a token that holds at ``now``; raises ``NotSignedIn``, always with the same text."""
        if len(token) > LONGEST_TOKEN:
            raise token_refused()
        digest = hashlib.sha256(token.encode(errors="surrogateescape")).digest()
        with self._lock:
            known = self._remembered.get(digest)
        if known is None:
            known = self._checked(token, now)
            with self._lock:
                self._remembered[digest] = known
        elif self.ring.verifying(known[0], now) is None:  # its key was taken away since
            raise token_refused()
        claims = known[1]
        if now >= claims.expires_at:
            raise token_refused()
        return claims

    def _checked(self, token: str, now: datetime) -> tuple[str, Claims]:
        """The id of the key that the token is signed with, and its claims."""
        kid = _kid_of(token)
        key = self.ring.verifying(kid, now)
        if key is None:
            raise token_refused()
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                options={**REQUIRED, "leeway": LEEWAY},
            )
            return kid, _claims_of(claims)
        except (JOSEError, KeyError, TypeError, ValueError, OverflowError, OSError):
            raise token_refused() from None


class IdentityTokens:
    """Checks ID tokens of an outside OpenID provider (OpenID Connect Core 3.1.3.7). Safe to share between threads.

    ``fetch`` gives its JSON Web Key Set and raises ``Unavailable``; it is asked for a key that is not known, and once
    what it gave is ``KEYS_HOLD`` old, but never twice in ``COOL_DOWN``.
    """

    def __init__(self, fetch: Callable[[], object], *, issuer: str, audience: str, algorithm: OutsideAlgorithm) -> None:
        self._fetch = fetch
        self._issuer = issuer
        self._audience = audience
        self._algorithm: OutsideAlgorithm = algorithm
        self._lock = threading.Lock()
        self._keys: dict[str, Key] = {}
        self._read_at: datetime | None = None

    def identity(self, token: str, now: datetime) -> Identity:
        """Whom the provider says that it let in, not longer than ``LONGEST_SINCE_ISSUE`` ago.

        Raises ``NotSignedIn``, always with the same text, and ``Unavailable`` where the keys cannot be read.
        """
        if len(token) > LONGEST_TOKEN:
            raise token_refused()
        key = self._key(_header_of(token, self._algorithm)["kid"], now)
        if key is None:
            raise token_refused()
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[self._algorithm],
                audience=self._audience,
                issuer=self._issuer,
                options={**REQUIRED, "verify_at_hash": False, "leeway": LEEWAY},
            )
            issued = _instant(claims["iat"])
            begins = max(issued, _instant(claims.get("nbf", claims["iat"]))) - COOL_DOWN
            until = min(issued + LONGEST_SINCE_ISSUE, _instant(claims["exp"]))
            said: object = claims["email"]
        except (JOSEError, KeyError, TypeError, ValueError, OverflowError, OSError):
            raise token_refused() from None
        # Whoever may write any address into their profile there would otherwise be anybody here.
        verified = claims.get("email_verified") is True and claims.get("azp", self._audience) == self._audience
        if not (begins <= now < until and verified and isinstance(said, str)):
            raise token_refused()
        signed = token.rpartition(".")[0]  # a signature can be written in more ways than one
        return Identity(said, hashlib.sha256(signed.encode()).hexdigest(), until)

    def _key(self, kid: str, now: datetime) -> Key | None:
        known = self._keys.get(kid)
        age = None if self._read_at is None else now - self._read_at
        if age is not None and (age < COOL_DOWN or (known is not None and age < KEYS_HOLD)):
            return known
        with self._lock:
            if self._read_at is None or now - self._read_at >= COOL_DOWN:
                self._read_at = now
                try:
                    found = self._fetch()
                    self._keys = verifying_keys(found if isinstance(found, dict) else {}, self._algorithm)
                except ValueError as error:
                    raise Unavailable(
                        "The identity provider's keys cannot be read.", hint="The operator has to look at its address."
                    ) from error
        return self._keys.get(kid)


def _claims_of(claims: Mapping[str, Any]) -> Claims:
    return Claims(
        subject=UUID(str(claims["sub"])),
        organisation=UUID(str(claims["org"])),
        role=str(claims["role"]),
        session=UUID(str(claims["sid"])),
        scope=str(claims["scope"]),
        issued_at=_instant(claims["iat"]),
        expires_at=_instant(claims["exp"]),
    )


def _instant(seconds: object) -> datetime:
    if type(seconds) is not int:
        raise TypeError(seconds)
    return datetime.fromtimestamp(seconds, UTC)


def _kid_of(token: str) -> str:
    """The ``kid`` of a token whose header says that it is one, and is fit to be shown to the library (rules 4, 5)."""
    fields = _header_of(token)
    if fields.get("typ") != KIND:
        raise token_refused()
    kid: str = fields["kid"]
    return kid


def _header_of(token: str, algorithm: OutsideAlgorithm = ALGORITHM) -> dict[str, Any]:
    """The header, where it is fit to be shown to the library; raises what ``token_refused`` gives."""
    header, dot, _ = token.partition(".")
    try:
        padded = header + "=" * (-len(header) % 4)
        fields = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise token_refused() from None
    if not (dot and isinstance(fields, dict)) or REFUSED_HEADERS & fields.keys():
        raise token_refused()
    if fields.get("alg") != algorithm or not isinstance(fields.get("kid"), str):
        raise token_refused()
    return fields
