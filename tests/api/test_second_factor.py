"""A second factor: enrolled, confirmed, asked for, good once, turned off, reset, and kept so that nobody reads it."""

import base64
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import psycopg
import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from httpx2 import Response

from app.db.address import conninfo
from app.main import Service
from app.security.keys import new_key
from app.security.vault import Vault
from app.services import second_factors
from tests.api.conftest import PASSWORD, Clock, People, World, ok, problem
from tests.api.test_sessions import by_password

PLACE = "/v1/me/second-factor"


class Phone:
    """An authenticator app."""

    def __init__(self, clock: Clock, enrolled: dict[str, Any]) -> None:
        self.clock = clock
        self.recovery_codes: list[str] = []
        self.totp = TOTP(base64.b32decode(enrolled["secret"]), 6, SHA1(), 30)  # noqa: S303  # what every app computes

    def code(self) -> str:
        """The next code, half a minute after the one before."""
        self.clock.now += timedelta(seconds=30)
        return self.totp.generate(int(self.clock.now.timestamp())).decode()


@pytest.fixture(autouse=True)
def _no_hashing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 is left out: it is slow, and tested elsewhere."""
    monkeypatch.setattr(world.running.passwords, "verify", lambda password, _: password == PASSWORD)


@pytest.fixture
def enrolled(people: People) -> dict[str, Any]:
    made: dict[str, Any] = ok(people.provider.post(PLACE, {"password": PASSWORD}))
    return made


@pytest.fixture
def phone(people: People, clock: Clock, enrolled: dict[str, Any]) -> Phone:
    phone = Phone(clock, enrolled)
    phone.recovery_codes = ok(people.provider.post(f"{PLACE}/confirmation", {"code": phone.code()}))["recovery_codes"]
    return phone


def with_code(world: World, code: str) -> Response:
    return by_password(world, second_factor=code)


def test_it_is_asked_for_once_a_first_code_has_confirmed_it(world: World, people: People, clock: Clock) -> None:
    assert ok(people.provider.get(PLACE)) == {"state": "off", "since": None, "recovery_codes_left": 0}
    problem(people.provider.post(f"{PLACE}/confirmation", {"code": "123456"}), 409, "conflict")
    wrong = problem(people.provider.post(PLACE, {"password": "wrong"}), 422, "invalid")
    assert [fault["pointer"] for fault in wrong["faults"]] == ["/password"]
    first = ok(people.provider.post(PLACE, {"password": PASSWORD}))
    assert parse_qs(urlsplit(first["uri"]).query)["secret"] == [first["secret"]]
    enrolled = ok(people.provider.post(PLACE, {"password": PASSWORD}))
    assert enrolled["secret"] != first["secret"]
    ok(by_password(world))
    waiting = people.provider.get(PLACE)
    assert ok(waiting)["state"] == "waiting"
    assert enrolled["secret"] not in waiting.text
    for code in (Phone(clock, first).code(), "000000", "ABCD-EFGH-IJKL-MNOP"):
        refusal = problem(people.provider.post(f"{PLACE}/confirmation", {"code": code}), 422, "invalid")
        assert [fault["pointer"] for fault in refusal["faults"]] == ["/code"]
    phone = Phone(clock, enrolled)
    codes = ok(people.provider.post(f"{PLACE}/confirmation", {"code": phone.code()}))["recovery_codes"]
    assert len(set(codes)) == 10
    state = ok(people.provider.get(PLACE))
    assert (state["state"], state["recovery_codes_left"]) == ("on", 10)
    problem(people.provider.post(PLACE, {"password": PASSWORD}), 409, "conflict")
    problem(people.provider.post(f"{PLACE}/confirmation", {"code": phone.code()}), 409, "conflict")
    problem(by_password(world), 401, "second-factor-required")
    ok(with_code(world, phone.code()))
    problem(by_password(world, "wrong", second_factor=phone.code()), 401, "not-signed-in")


def test_a_code_is_good_once_and_none_before_it_after_that(world: World, phone: Phone) -> None:
    earlier = phone.code()
    code = phone.code()
    ok(with_code(world, f"{code[:3]} {code[3:]}"))
    for used in (code, earlier):
        problem(with_code(world, used), 401, "second-factor-wrong")
    ok(with_code(world, phone.code()))


def test_a_recovery_code_is_good_once(world: World, people: People, phone: Phone) -> None:
    first, second = phone.recovery_codes[:2]
    ok(with_code(world, first.lower()))
    problem(with_code(world, first), 401, "second-factor-wrong")
    ok(with_code(world, second.replace("-", " ")))
    assert ok(people.provider.get(PLACE))["recovery_codes_left"] == 8


def test_guesses_at_codes_wait_and_the_password_alone_does_not_help(world: World, phone: Phone) -> None:
    phone.clock.now += timedelta(hours=1)
    for _ in range(2):
        problem(with_code(world, "000000"), 401, "second-factor-wrong")
        problem(by_password(world), 401, "second-factor-required")
    problem(with_code(world, "000000"), 401, "second-factor-wrong")
    problem(with_code(world, "000000"), 429, "too-many-attempts")
    phone.clock.now += timedelta(hours=1)
    ok(with_code(world, phone.code()))


def test_who_signs_in_in_two_steps_is_not_counted_against_their_address(world: World, phone: Phone) -> None:
    for number in range(15):
        problem(by_password(world, "wrong", f"user-{number}@example.org"), 401, "not-signed-in")
    for _ in range(16):
        problem(by_password(world), 401, "second-factor-required")
        ok(with_code(world, phone.code()))


def test_it_is_turned_off_with_password_and_code(world: World, people: People, phone: Phone) -> None:
    for sent, pointer in (
        ({"password": "wrong", "code": phone.code()}, "/password"),
        ({"password": PASSWORD, "code": "000000"}, "/code"),
    ):
        refusal = problem(people.provider.post(f"{PLACE}/removal", sent), 422, "invalid")
        assert [fault["pointer"] for fault in refusal["faults"]] == [pointer]
    problem(by_password(world), 401, "second-factor-required")
    off = people.provider.post(f"{PLACE}/removal", {"password": PASSWORD, "code": phone.recovery_codes[0]})
    assert ok(off)["state"] == ok(people.provider.get(PLACE))["state"] == "off"
    problem(people.provider.post(f"{PLACE}/removal", {"password": PASSWORD, "code": phone.code()}), 409, "conflict")
    ok(by_password(world))
    again = Phone(phone.clock, ok(people.provider.post(PLACE, {"password": PASSWORD})))
    ok(people.provider.post(f"{PLACE}/confirmation", {"code": again.code()}))
    problem(with_code(world, phone.recovery_codes[1]), 401, "second-factor-wrong")


def test_guesses_at_codes_to_turn_it_off_wait_too(world: World, people: People, phone: Phone) -> None:
    guess = {"password": PASSWORD, "code": "000000"}
    phone.clock.now += timedelta(hours=1)
    people.provider.token = ok(with_code(world, phone.code()))["access_token"]
    for _ in range(3):
        problem(people.provider.post(f"{PLACE}/removal", guess), 422, "invalid")
    # To know the password takes none of the failures back.
    problem(people.provider.post("/v1/me/password", {"current": PASSWORD, "new": "Password1234!"}), 422, "invalid")
    problem(people.provider.post(PLACE, {"password": PASSWORD}), 409, "conflict")
    problem(people.provider.post(f"{PLACE}/removal", guess), 429, "too-many-attempts")


def test_an_administrator_resets_it_and_the_log_says_so(world: World, people: People, phone: Phone) -> None:
    place = f"/v1/users/{people.provider.user}/second-factor/reset"
    assert phone.recovery_codes
    for _ in range(2):
        assert ok(people.administrator.post(place, {}))["state"] == "off"
    nobody = place.replace(people.provider.user, str(UUID(int=1)))
    problem(people.administrator.post(nobody, {}), 404, "not-found")
    ok(by_password(world))
    events = ok(people.administrator.get("/v1/audit-events?limit=200"))["items"]
    found = [(event["action"], event["actor"]) for event in events if event["action"].startswith("second_factor")]
    assert found == [
        ("second_factor.enrolled", people.provider.user),
        ("second_factor.confirmed", people.provider.user),
        ("second_factor.reset", people.administrator.user),
    ]


def test_what_is_kept_opens_nothing_and_outlives_a_change_of_keys(
    world: World, app: Service, key_dir: Path, enrolled: dict[str, Any], phone: Phone, owner_url: str
) -> None:
    with psycopg.connect(conninfo(owner_url)) as owner:
        text = str(owner.execute("SELECT * FROM second_factor").fetchall())
    assert enrolled["secret"] not in text
    assert phone.recovery_codes[0] not in text
    assert phone.recovery_codes[0].replace("-", "") not in text
    old, new = world.running.vault, new_key()
    (pem,) = (path.read_text() for path in key_dir.glob("*.pem"))
    app.state.running = replace(world.running, vault=Vault([pem, new]))
    ok(with_code(world, phone.code()))
    app.state.running = replace(world.running, vault=Vault([new]))
    ok(with_code(world, phone.code()))
    app.state.running = replace(world.running, vault=old)
    problem(with_code(world, phone.code()), 503, "unavailable")
    with world.system() as tx:
        assert second_factors.encrypt_anew(tx, old) == 0, "what no key opens is left as it is"
        assert second_factors.encrypt_anew(tx, Vault([new, pem])) == 1
        assert second_factors.encrypt_anew(tx, Vault([new, pem])) == 0
    ok(with_code(world, phone.code()))
