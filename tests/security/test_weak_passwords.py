import pytest

from app.security.secret_texts import hash_of_secret, keyed_hash, new_secret
from app.security.weak_passwords import weakness

PERSON = {"email": "mair.parry@gwasanaeth.example", "name": "Mair Eluned Parry"}


@pytest.mark.parametrize(
    "password", ["a long sentence to remember", "x8#kQ!v92mPz0", "tri chi bach yn canu'r gloch" * 5]
)
def test_what_is_long_and_says_nothing_of_its_owner_is_good(password: str) -> None:
    assert weakness(password, **PERSON) is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("1qaz2wsx3edc", "common and breached"),
        ("LeaveMeAlone", "common and breached"),
        ("Password1234!", "too easy to guess"),
        ("x" * 200, "too easy to guess"),
        ("abcabcabcabcabcabc", "too easy to guess"),
        ("the horses of PARRY are grey", "does not contain"),
        ("eluned and the seven seas", "does not contain"),
        ("to mair.parry@gwasanaeth.example 77", "does not contain"),
        ("my key to Safonau today", "does not contain"),
    ],
)
def test_what_others_would_try_is_refused(password: str, why: str) -> None:
    assert why in (weakness(password, **PERSON) or "")


def test_short_parts_of_a_name_are_no_reason() -> None:
    assert weakness("a long sentence to remember", email="al@b.example", name="Al O") is None


def test_a_secret_is_random_and_kept_as_a_hash() -> None:
    first, second = new_secret(), new_secret()
    assert first != second
    assert len(first) == 43
    assert hash_of_secret(first) not in (first, hash_of_secret(second))
    assert keyed_hash(b"k", " Mair@Example.org ") == keyed_hash(b"k", "mair@example.org") != keyed_hash(b"l", "x")
    assert len(keyed_hash(b"k", "half \ud800")) == 64
