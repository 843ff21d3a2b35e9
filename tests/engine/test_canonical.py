"""RFC 8785 (formats.md), and nothing that has no such form."""

import hashlib

import pytest

from app.engine import determination
from app.engine.canonical import canonical_bytes, sha256_of
from app.engine.values import Frozen


def test_keys_are_sorted_and_nothing_is_between() -> None:
    value = {"b": [1, True, None], "a": {"d": "é\n\u20ac", "c": -5}, "B": ""}
    assert canonical_bytes(value) == '{"B":"","a":{"c":-5,"d":"é\\n€"},"b":[1,true,null]}'.encode()


def test_the_hash_is_that_of_the_bytes() -> None:
    assert sha256_of({}) == hashlib.sha256(b"{}").hexdigest()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"JSON compliant|surrogates not allowed"):
        canonical_bytes([value])


def test_fields_of_a_determination_are_declared_in_the_order_of_canonical_json() -> None:
    kinds = [kind for kind in vars(determination).values() if isinstance(kind, type) and issubclass(kind, Frozen)]
    assert len(kinds) > 10
    for kind in kinds:
        assert list(kind.model_fields) == sorted(kind.model_fields), kind.__name__
