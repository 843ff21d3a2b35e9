"""Bodies and packs: what is taken as JSON, and what is refused with its place (RFC 8259, RFC 6901)."""

# ruff: noqa: E501 -- a table reads best with one mistake a line

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.loader.jsonfile import DEEPEST_JSON, line_and_column, places, pointer, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not JSON: Expecting value at line 1, column 1"),
        (b'{"a": 1,}', "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1} {}', "not JSON: Extra data at line 1, column 10"),
        (b'{"a": "\\', "not JSON"),
        (b'{"a": "caf\xe9"}', "not UTF-8"),
        (b'{"a": NaN}', "NaN is not a number that every reader keeps exactly (JSON Pointer /a)"),
        (b"[1, -Infinity]", "-Infinity is not a number that every reader keeps exactly (JSON Pointer /1)"),
        (b"Infinity", "Infinity is not a number that every reader keeps exactly (the whole document)"),
        (b'{"a": [1e999]}', "1e999 is not a number that every reader keeps exactly (JSON Pointer /a/0)"),
        (b"[9007199254740992]", "9007199254740992 is not a number"),
        (b"[" + b"9" * 5000 + b"]", "9" * 30 + "… is not a number"),
        (b'{"a": 1, "a": 2}', 'the key "a" is used twice in one object (JSON Pointer /a)'),
        (b'{"x": [{"a/b": {"\\u0063": 1, "c": 1}}]}', 'the key "c" is used twice in one object (JSON Pointer /x/0/a~1b/c)'),
        (b'{"\\ud800": 1, "\\ud800": 2}', 'the key "?" is used twice in one object (JSON Pointer /?)'),
        (b'{"\\ud800": NaN}', "NaN is not a number that every reader keeps exactly (JSON Pointer /?)"),
        (b"[" * 10_000, f"nested more than {DEEPEST_JSON} levels"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, f"nested more than {DEEPEST_JSON} levels"),
    ],
)  # fmt: skip
def test_what_is_not_taken(data: bytes, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_json(data)
    assert words in caught.value.message
    assert caught.value.message.encode()
    assert caught.value.hint


def test_every_flaw_is_told_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        read_json(b'{"a": NaN, "b": {"c": 1, "c": 1e400}, "a": 3}')
    assert caught.value.message.count(";") == 3


def test_a_body_made_of_flaws_is_answered_shortly_and_soon() -> None:
    started = time.process_time()
    with pytest.raises(BadInput) as caught:
        read_json(b"[" * 99 + b"NaN," * 200_000 + b"1" + b"]" * 99)
    assert caught.value.message.count("NaN is not") == 100
    assert len(caught.value.message) < 50_000
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": [1, -2, true, null, "x"]}', {"a": [1, -2, True, None, "x"]}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'["\\ud83d\\ude00", "[[["]', ["😀", "[[["]),
        (b"[1.5, -0]", [1.5, 0]),
        (b"[9007199254740991, -9007199254740991]", [2**53 - 1, -(2**53) + 1]),
        (b"[" * 100 + b"]" * 100, None),
        (b'["' + b"[" * 200 + b'", {}, [], {}]' + b" " * 10, ["[" * 200, {}, [], {}]),
    ],
)
def test_what_is_taken(data: bytes, value: object) -> None:
    found = read_json(data)
    assert value is None or found == value


def test_ten_megabytes_are_read_in_seconds() -> None:
    started = time.process_time()
    assert read_json(b'{"a": "' + b"x" * 10_000_000 + b'"}')
    for data in (b'"' + b'\\"' * 1_000_000 + b"[" * 101, b'["' * 500_000):
        with pytest.raises(BadInput):
            read_json(data)
    assert time.process_time() - started < 10


@given(VALUES)
def test_places_follow_the_text(value: object) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False)
    assert read_json(text.encode()) == value
    found = {}
    for place in places(text):
        at, rest = value, place.path
        while rest:
            at, rest = at[rest[0]], rest[1:]  # type: ignore[index]  # the path is one of this value
        if not isinstance(at, dict | list):
            assert json.loads(place.literal) == at
        if place.path and isinstance(place.path[-1], str):
            assert text.startswith(json.dumps(place.path[-1], ensure_ascii=False), place.key)
        assert text.startswith(place.literal, place.value)
        found[place.path] = place
    assert () in found


def test_pointers_and_lines() -> None:
    assert pointer(("a/b", 0, "c~d")) == "/a~1b/0/c~0d"
    assert pointer(()) == ""
    assert [line_and_column("ab\ncd", offset) for offset in (0, 1, 3, 4)] == [(1, 1), (1, 2), (2, 1), (2, 2)]
