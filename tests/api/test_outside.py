"""Tokens of an outside OpenID provider: a local issuer whose keys are read over HTTP, and tokens that are forged."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from httpx2 import Response
from pydantic import ValidationError
from sqlalchemy import func, select

from app.clients.identity import PublishedKeys
from app.db.tables import session
from app.errors import Unavailable
from app.main import Service
from app.security.jose import IdentityTokens
from app.settings import Settings
from tests.api.conftest import PASSWORD, Clock, People, Somebody, World, ok, problem
from tests.api.test_second_factor import PLACE as SECOND_FACTOR
from tests.api.test_second_factor import Phone

ISSUER, AUDIENCE = "https://login.example.org", "safonau"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
RSA_KEY, OTHER_KEY, SHORT_KEY = (rsa.generate_private_key(65_537, bits) for bits in (2048, 2048, 1024))
Key = rsa.RSAPrivateKey


@dataclass
class Issuer:
    """A provider's address; ``document`` is what it publishes, ``asked`` how often it was."""

    url: str = ""
    document: object = field(default_factory=dict)
    status: int = 200
    asked: int = 0


def published(key: Key, kid: str, **changes: object) -> dict[str, Any]:
    known: dict[str, Any] = json.loads(pyjwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return known | {"kid": kid, "use": "sig"} | changes


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    found = Issuer(document={"keys": [published(RSA_KEY, "one")]})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library's name
            found.asked += 1
            content = json.dumps(found.document).encode()
            self.send_response(found.status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        found.url = f"http://127.0.0.1:{server.server_port}/keys"
        yield found
        server.shutdown()
        thread.join()


@dataclass
class Outside:
    """The service with the provider configured, and somebody who signs in there."""

    world: World
    people: People
    clock: Clock
    email: str

    def claims(self, **changes: object) -> dict[str, Any]:
        now = int(self.clock.now.timestamp())
        about = {"iss": ISSUER, "aud": AUDIENCE, "sub": "someone", "iat": now, "exp": now + 300}
        whole = about | {"email": self.email, "email_verified": True, "at_hash": "x"} | changes
        return {name: value for name, value in whole.items() if value is not None}

    def token(self, key: Key = RSA_KEY, kid: str | None = "one", alg: str = "RS256", **changes: object) -> str:
        headers = {} if kid is None else {"kid": kid}
        return pyjwt.encode(self.claims(**changes), key, algorithm=alg, headers=headers)

    def ask(self, token: str, **more: str) -> Response:
        return self.world.client.post("/v1/token", data={"grant_type": GRANT, "assertion": token, **more})

    def refused(self, token: str) -> None:
        found = problem(self.ask(token), 401, "not-signed-in")
        assert found["detail"] == "The request carries no access token that holds."


@pytest.fixture
def outside(world: World, people: People, clock: Clock, app: Service, issuer: Issuer) -> Iterator[Outside]:
    running = app.state.running
    checks = IdentityTokens(PublishedKeys(issuer.url).read, issuer=ISSUER, audience=AUDIENCE, algorithm="RS256")
    app.state.running = replace(running, outside=checks)
    email = ok(people.provider.get("/v1/me"))["email"]
    yield Outside(world, people, clock, email)
    app.state.running = running


def test_whom_the_provider_let_in_is_let_in(outside: Outside) -> None:
    tokens = ok(outside.ask(outside.token(email=outside.email.upper()), scope="read"))
    assert tokens["scope"] == "read"
    somebody = Somebody(outside.world.client, "", "", tokens["access_token"])
    assert ok(somebody.get("/v1/me"))["email"] == outside.email
    problem(somebody.post("/v1/services", {"name": "No"}), 403, "forbidden")
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    ok(outside.world.client.post("/v1/token", data=form))
    ok(outside.ask(outside.token(aud=[AUDIENCE, "another"], azp=AUDIENCE)))


def _segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _confused(outside: Outside) -> str:
    """Signed by HMAC with the public key as the secret, as if that were no secret."""
    public = RSA_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = f"{_segment({'alg': 'HS256', 'kid': 'one'})}.{_segment(outside.claims())}"
    mac = hmac.new(public, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _with_header(outside: Outside, **headers: object) -> str:
    return pyjwt.encode(outside.claims(), RSA_KEY, algorithm="RS256", headers={"kid": "one", **headers})


FORGED: dict[str, Callable[[Outside], str]] = {
    "another key": lambda outside: outside.token(OTHER_KEY),
    "no kid": lambda outside: outside.token(kid=None),
    "an unknown kid": lambda outside: outside.token(kid="two"),
    "HMAC with the public key": _confused,
    "no signature": lambda outside: f"{_segment({'alg': 'none', 'kid': 'one'})}.{_segment(outside.claims())}.",
    "another algorithm of the same key": lambda outside: outside.token(alg="RS512"),
    "garbage": lambda _: "garbage",
    "too long": lambda outside: outside.token(padding="x" * 6_000),
    "crit": lambda outside: _with_header(outside, crit=["b64"]),
    "jku": lambda outside: _with_header(outside, jku="https://evil.example"),
    "jwk": lambda outside: _with_header(outside, jwk=published(OTHER_KEY, "one")),
    "x5u": lambda outside: _with_header(outside, x5u="https://evil.example"),
    "another issuer": lambda outside: outside.token(iss="https://evil.example"),
    "another audience": lambda outside: outside.token(aud="another"),
    "for another party": lambda outside: outside.token(aud=[AUDIENCE, "another"], azp="another"),
    "run out": lambda outside: outside.token(exp=int(outside.clock.now.timestamp()) - 1),
    "not yet": lambda outside: outside.token(nbf=int(outside.clock.now.timestamp()) + 600),
    "long ago": lambda outside: outside.token(iat=int(outside.clock.now.timestamp()) - 601),
    "from the future, whatever nbf says": lambda outside: outside.token(
        iat=int(outside.clock.now.timestamp()) + 600, nbf=int(outside.clock.now.timestamp())
    ),
    "from the future": lambda outside: outside.token(iat=int(outside.clock.now.timestamp()) + 600),
    "an instant that is none": lambda outside: outside.token(exp="tomorrow"),
    "an address that is none": lambda outside: outside.token(email=5),
    "an address not verified": lambda outside: outside.token(email_verified=False),
    "an address verified in words": lambda outside: outside.token(email_verified="true"),
    "an unknown address": lambda outside: outside.token(email="nobody@example.org"),
}


@pytest.mark.filterwarnings("ignore:The RSA key is 1024 bits long")
def test_every_forged_token_is_refused_with_one_text(outside: Outside, issuer: Issuer) -> None:
    ok(outside.ask(outside.token()))
    for what, forge in FORGED.items():
        outside.clock.now += timedelta(minutes=2)  # so that nobody has to wait after so many attempts
        try:
            outside.refused(forge(outside))
        except AssertionError as error:
            raise AssertionError(what) from error
    for name in ("iss", "aud", "sub", "exp", "iat", "email", "email_verified"):
        outside.clock.now += timedelta(minutes=2)
        without: dict[str, Any] = {name: None}
        outside.refused(outside.token(**without))
    # Keys that are not fit are not taken, however the token is signed with them.
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "oct"}
    unfit = [published(OTHER_KEY, "enc", use="enc"), published(OTHER_KEY, "alg", alg="RS512"), secret]
    issuer.document = {"keys": [*unfit, published(SHORT_KEY, "short")]}
    for key, kid in ((OTHER_KEY, "enc"), (OTHER_KEY, "alg"), (SHORT_KEY, "short")):
        outside.clock.now += timedelta(minutes=2)
        outside.refused(outside.token(key, kid))


def _written_otherwise(token: str) -> str:
    """The same token: the last character of its signature has bits that say nothing."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]


def test_a_token_is_good_once_however_it_is_written_and_for_ten_minutes_at_most(outside: Outside) -> None:
    now = int(outside.clock.now.timestamp())
    token = outside.token(exp=now + 86_400)
    ok(outside.ask(_written_otherwise(token)))
    outside.refused(token)
    later = outside.token(iat=now - 5, exp=now + 86_400)
    outside.clock.now += timedelta(minutes=10)
    outside.refused(later)
    outside.refused(token)
    ok(outside.ask(outside.token()))
    with outside.world.system() as tx:
        assert tx.connection.scalar(select(func.count()).select_from(session)) == 2 + len(fields(People))


def test_of_many_who_show_the_same_token_at_once_one_is_let_in(outside: Outside) -> None:
    token = outside.token()
    with ThreadPoolExecutor(3) as pool:
        statuses = sorted(answer.status_code for answer in pool.map(lambda _: outside.ask(token), range(3)))
    assert statuses == [200, 401, 401]


def test_a_token_that_a_second_factor_was_missing_with_can_be_sent_again_with_it(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, verify = outside.people, lambda password, _: password == PASSWORD
    monkeypatch.setattr(outside.world.running.passwords, "verify", verify)
    phone = Phone(outside.clock, ok(people.provider.post(SECOND_FACTOR, {"password": PASSWORD})))
    ok(people.provider.post(f"{SECOND_FACTOR}/confirmation", {"code": phone.code()}))
    token = outside.token()
    problem(outside.ask(token), 401, "second-factor-required")
    ok(outside.ask(token, second_factor=phone.code()))
    outside.refused(token)


def test_who_is_shut_out_here_and_what_is_a_program_is_not_let_in(outside: Outside) -> None:
    administrator, lead = outside.people.administrator, outside.people.provider
    asked = {"name": "Ours", "organisation": lead.organisation, "role": "provider_editor"}
    program = ok(lead.post("/v1/clients", asked), 201)["id"]
    outside.refused(outside.token(email=ok(lead.get(f"/v1/users/{program}"))["email"]))
    place = f"/v1/users/{lead.user}"
    ok(administrator.post(f"{place}/deactivation", None, If_Match=administrator.get(place).headers["etag"]))
    outside.refused(outside.token())


def test_a_key_that_is_changed_costs_one_look_and_guesses_cost_one_in_half_a_minute(
    outside: Outside, issuer: Issuer
) -> None:
    ok(outside.ask(outside.token()))
    for _ in range(3):
        outside.refused(outside.token(OTHER_KEY, "two"))
    assert issuer.asked == 1
    issuer.document = {"keys": [published(OTHER_KEY, "two")]}
    outside.clock.now += timedelta(seconds=31)
    ok(outside.ask(outside.token(OTHER_KEY, "two")))
    ok(outside.ask(outside.token(OTHER_KEY, "two")))
    outside.refused(outside.token())
    assert issuer.asked == 2
    # A key that the provider has taken back holds an hour at most.
    issuer.document = {"keys": []}
    outside.clock.now += timedelta(hours=1)
    outside.refused(outside.token(OTHER_KEY, "two"))


def test_a_provider_that_does_not_answer_rightly_is_said_to_be_out_of_reach(outside: Outside, issuer: Issuer) -> None:
    for status, document in ((500, {}), (302, {}), (200, "x" * 300_000), (200, []), (200, {"keys": [5]})):
        issuer.status, issuer.document = status, document
        outside.clock.now += timedelta(seconds=31)
        problem(outside.ask(outside.token()), 503, "unavailable")
    with pytest.raises(Unavailable):
        PublishedKeys("http://127.0.0.1:9/keys").read()


def test_without_a_provider_there_is_no_such_grant(world: World, people: People) -> None:
    form = {"grant_type": GRANT, "assertion": people.provider.token}
    refused = problem(world.client.post("/v1/token", data=form), 422, "invalid")
    assert refused["faults"][0]["pointer"] == "/grant_type"


def test_a_provider_may_sign_on_an_elliptic_curve_too(clock: Clock) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    document = {"keys": [json.loads(pyjwt.algorithms.ECAlgorithm.to_jwk(key.public_key())) | {"kid": "ec"}]}
    checks = IdentityTokens(lambda: document, issuer=ISSUER, audience=AUDIENCE, algorithm="ES256")
    now = int(clock.now.timestamp())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "iat": now, "exp": now + 60}
    claims |= {"email": "a@example.org", "email_verified": True}
    token = pyjwt.encode(claims, key, algorithm="ES256", headers={"kid": "ec"})
    assert checks.identity(token, clock.now).email == "a@example.org"


def test_a_provider_is_configured_whole_or_not_at_all() -> None:
    whole = {"oidc_issuer": ISSUER, "oidc_jwks_url": f"{ISSUER}/keys", "oidc_audience": AUDIENCE}
    assert Settings.model_validate(whole).oidc_algorithm == "RS256"
    with pytest.raises(ValidationError, match="set all or none"):
        Settings.model_validate(whole | {"oidc_audience": None})
    with pytest.raises(ValidationError, match="oidc_jwks_url"):
        Settings.model_validate(whole | {"oidc_jwks_url": "http://login.example.org/keys"})
