"""Entity tags and conditions (RFC 9110, 8.8.3 and 13.1)."""

import pytest
from fastapi import Request

from app.api.etags import Expected, Tags, not_modified, read_tags
from app.errors import BadInput, NotFound, PreconditionFailed


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("*", Tags(anything=True)),
        (' "1" ', Tags(strong=frozenset({"1"}))),
        ('"1","2" , W/"3"', Tags(strong=frozenset({"1", "2"}), weak=frozenset({"3"}))),
        ('""', Tags(strong=frozenset({""}))),
        ('"a,b"', Tags(strong=frozenset({"a,b"}))),
    ],
)
def test_lists_of_tags_are_read(header: str, tags: Tags) -> None:
    assert read_tags(header) == tags


@pytest.mark.parametrize("header", ["", "1", '"1', "'1'", '"1" "2"', '"1",', 'w/"1"', '*, "1"', '"1", *', '"a b"'])
def test_anything_else_is_refused_with_how_to_write_it(header: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_tags(header)
    assert "quotes included" in caught.value.hint


def expected(header: str) -> Expected:
    return Expected(read_tags(header))


def missing() -> str:
    raise NotFound("nothing")


def never() -> str:
    raise AssertionError("asked without need")


def test_one_strong_tag_is_passed_on_for_the_writer_to_compare() -> None:
    assert expected('"3"').existing(never) == "3"
    assert expected('W/"2", "3"').existing(never) == "3"


def test_of_several_tags_the_current_one_is_chosen() -> None:
    assert expected('"2", "3"').existing(lambda: "3") == "3"
    assert expected("*").existing(lambda: "9") == "9"


@pytest.mark.parametrize("header", ['"2", "4"', 'W/"3"', 'W/"3", W/"2"'])
def test_weak_tags_and_other_tags_never_match_a_change(header: str) -> None:
    with pytest.raises(PreconditionFailed):
        expected(header).existing(lambda: "3")


@pytest.mark.parametrize("header", ["*", '"1", "2"'])
def test_there_is_no_version_of_what_does_not_exist(header: str) -> None:
    with pytest.raises(PreconditionFailed):
        expected(header).existing(missing)


def test_nothing_yet_is_a_condition_for_creating_only() -> None:
    assert Expected(None).etag(never) is None
    with pytest.raises(PreconditionFailed):
        Expected(None).existing(never)


@pytest.mark.parametrize(
    ("header", "same"),
    [('"3"', True), ('W/"3"', True), ('"1", "3"', True), ("*", True), ('"1"', False), (None, False)],
)
def test_a_reader_compares_weakly(header: str | None, same: bool) -> None:  # noqa: FBT001 - an expected value
    headers = [] if header is None else [(b"if-none-match", header.encode())]
    assert not_modified(Request({"type": "http", "headers": headers}), "3") is same
