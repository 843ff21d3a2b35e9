"""Bodies and packs: what is taken as JSON, and what is refused with its place (RFC 8259, RFC 6901)."""

# ruff: noqa: E501 -- a table reads best with one mistake a line

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput, Fault
from app.loader.jsonfile import (
    DEEPEST_JSON,
    Located,
    beside,
    line_and_column,
    places,
    pointer,
    read_flawed,
    read_json,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def flaws(data: bytes) -> tuple[Fault, ...]:
    with pytest.raises(BadInput) as caught:
        read_json(data)
    return caught.value.faults


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", ": the text is not JSON: Expecting value, at line 1, column 1"),
        (b'{"a": 1,}', ": the text is not JSON"),
        (b"{'a': 1}", ": the text is not JSON"),
        (b'{"a": 1} {}', ": the text is not JSON: Extra data, at line 1, column 10"),
        (b'{"a": "\\', ": the text is not JSON"),
        (b'{"a": "caf\xe9"}', ": the text is not UTF-8, at line 1, column 11"),
        (b'{"a": NaN}', "/a: NaN is not a number that every reader keeps exactly, at line 1, column 7"),
        (b"[1, -Infinity]", "/1: -Infinity is not a number that every reader keeps exactly, at line 1, column 5"),
        (b"Infinity", ": Infinity is not a number that every reader keeps exactly, at line 1, column 1"),
        (b'{"a": [1e999]}', "/a/0: 1e999 is not a number that every reader keeps exactly, at line 1, column 8"),
        (b"[9007199254740992]", "/0: 9007199254740992 is not a number"),
        (b"[" + b"9" * 5000 + b"]", "/0: " + "9" * 30 + "… is not a number"),
        (b'{"a": 1, "a": 2}', '/a: the key "a" is used twice in one object, at line 1, column 10'),
        (b'{"x": [{"a/b": {"\\u0063": 1, "c": 1}}]}', '/x/0/a~1b/c: the key "c" is used twice in one object, at line 1, column 30'),
        (b'{"\\ud800": 1, "\\ud800": 2}', '/?: the key "?" is used twice in one object, at line 1, column 15'),
        (b'{"\\ud800": NaN}', "/?: NaN is not a number that every reader keeps exactly, at line 1, column 12"),
        (b"[" * 10_000, f": the document is nested more than {DEEPEST_JSON} levels"),
        (b'{"a":' * 101 + b"1" + b"}" * 101, f": the document is nested more than {DEEPEST_JSON} levels"),
    ],
)  # fmt: skip
def test_what_is_not_taken(data: bytes, words: str) -> None:
    (fault,) = flaws(data)
    assert f"{fault.pointer}: {fault.message}".startswith(words)
    assert str(fault).encode()
    assert fault.hint


def test_every_flaw_is_told_at_once() -> None:
    found = flaws(b'{"a": NaN,\n "b": {"c": 1, "c": 1e400}, "a": 3}')
    places = [(fault.pointer, fault.message.partition(", at ")[2]) for fault in found]
    assert places == [
        ("/a", "line 1, column 7"),
        ("/b/c", "line 2, column 16"),
        ("/b/c", "line 2, column 21"),
        ("/a", "line 2, column 29"),
    ]
    assert len({fault.hint for fault in found}) == 2, "each has the hint for what is wrong with it"


def test_what_is_below_the_second_of_two_is_no_second_itself() -> None:
    found = flaws(b'{"a": [{"b": 1}, {"b": 2}], "a": [{"b": 3}, {"b": 4, "b": 5}]}')
    assert [(fault.pointer, fault.message.partition(",")[0]) for fault in found] == [
        ("/a", 'the key "a" is used twice in one object'),
    ]


def test_what_has_a_flaw_is_not_there_and_everything_else_is() -> None:
    value, found = read_flawed(
        b'{"a": {"x": NaN}, "b": [1, NaN], "c": {"d": [{"e": NaN}]}, "c": 1, "f": 2, "a": {"y": 1}}'
    )
    assert value == {"a": None, "b": [1, None], "c": None, "f": 2}
    assert [path for path, _ in found] == [("a", "x"), ("b", 1), ("c", "d", 0, "e"), ("c",), ("a",)]
    assert read_flawed(b'{"a": [NaN], "a": []}')[0] == {"a": None}
    assert read_flawed(b"NaN")[0] is None
    others: list[Located] = [
        (path, Fault(pointer(path), "wrong")) for path in (("b",), ("b", 1), ("b", 1, "z"), ("f",))
    ]
    assert [path for path, _ in beside(found, others)][5:] == [("b",), ("f",)]


def test_a_body_made_of_flaws_is_answered_shortly_and_soon() -> None:
    started = time.process_time()
    found = flaws(b"[" * 99 + b"NaN," * 200_000 + b"1" + b"]" * 99)
    assert len(found) == 101
    assert found[-1].message.startswith("there are more such flaws from here on, at line 1, column")
    assert sum(len(str(fault)) for fault in found) < 50_000
    assert not [fault for fault in flaws(b"[" + b"NaN," * 99 + b"NaN]") if "more" in fault.message]
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
