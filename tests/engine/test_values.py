"""Dates, instants, numbers and texts as packs and rule sets write them."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from app.engine.values import (
    LARGEST_INTEGER,
    AnyValue,
    CivilDate,
    DecimalText,
    Frozen,
    Instant,
    NotEmpty,
    Str,
    Text,
    Version,
    add_months,
    day_after,
    day_before,
    decimal_of,
    moment,
    trusted,
    version_order,
)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2028-02-29", 48, "2032-02-29"),
        ("2026-02-28", 1, "2026-03-28"),
        ("2026-03-31", 6, "2026-09-30"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-11-30", 1, "2026-12-30"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-04-01", 0, "2026-04-01"),
        ("2026-04-01", 24, "2028-04-01"),
        ("2999-12-31", 1200, "3099-12-31"),
    ],
)
def test_months_keep_the_day_or_take_the_last_of_a_shorter_month(day: str, months: int, expected: str) -> None:
    """semantics.md 1: "`d + m months` keeps the day of the month, or takes the last day of a shorter month"."""
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(expected)


def test_days_around_the_end_of_a_leap_february() -> None:
    assert day_after(date(2028, 2, 28)) == date(2028, 2, 29)
    assert day_before(date(2028, 3, 1)) == date(2028, 2, 29)
    assert day_after(date(2027, 2, 28)) == date(2027, 3, 1)


def _read(kind: Any, value: object) -> Any:
    return TypeAdapter(kind).validate_python(value)


def _refused(kind: Any, value: object) -> tuple[str, str]:
    """The type and the sentence of the only fault."""
    with pytest.raises(ValidationError) as raised:
        _read(kind, value)
    [fault] = raised.value.errors()
    return fault["type"], fault["msg"]


@pytest.mark.parametrize("value", ["1900-01-01", "2999-12-31", "2028-02-29", date(2026, 4, 1)])
def test_a_date_is_read(value: str | date) -> None:
    assert str(_read(CivilDate, value)) == str(value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2027-02-29", "no such day"),
        ("2026-4-1", "YYYY-MM-DD"),
        ("2026-04-01T00:00:00Z", "YYYY-MM-DD"),
        ("\u0662\u0660\u0662\u0666-\u0660\u0664-\u0660\u0661", "YYYY-MM-DD"),
        (20260401, "YYYY-MM-DD"),
        (datetime(2026, 4, 1, tzinfo=UTC), "YYYY-MM-DD"),
        ("1899-12-31", "between 1900-01-01 and 2999-12-31"),
        ("3000-01-01", "between 1900-01-01 and 2999-12-31"),
        ("9999-12-31", "leave an open end out"),
    ],
)
def test_what_is_no_date_is_refused(value: object, message: str) -> None:
    kind, sentence = _refused(CivilDate, value)
    assert kind == "civil_date"
    assert message in sentence


@pytest.mark.parametrize("value", ["2026-03-01T09:30:00Z", "2026-03-01T09:30:00.123456Z", "2026-03-01T09:30:00+00:00"])
def test_an_instant_stays_as_written(value: str) -> None:
    assert _read(Instant, value) == value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2026-03-01T09:30:00", "in UTC"),
        ("2026-03-01T09:30:00+01:00", "in UTC"),
        ("2026-03-01 09:30:00Z", "in UTC"),
        ("2026-03-01T09:30Z", "in UTC"),
        ("2026-03-01T24:30:00Z", "no such day or time"),
        ("2026-02-30T09:30:00Z", "no such day or time"),
        ("1800-02-03T09:30:00Z", "between 1900-01-01"),
        (0, "in UTC"),
    ],
)
def test_what_is_no_instant_is_refused(value: object, message: str) -> None:
    kind, sentence = _refused(Instant, value)
    assert kind == ("civil_date" if "between" in message else "instant")
    assert message in sentence


def test_instants_that_are_written_differently_can_be_one_moment() -> None:
    assert moment("2026-03-01T09:30:00Z") == moment("2026-03-01T09:30:00.000+00:00")
    assert moment("2026-03-01T09:30:00Z") < moment("2026-03-01T09:30:00.000001Z")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3, "3"), ("1.50", "1.50"), ("-0.5", "-0.5"), (-2, "-2"), ("0.1", "0.1"), ("0.000000000000000001", "1E-18")],
)
def test_numbers_are_exact(value: object, expected: str) -> None:
    """semantics.md 1: "Numbers compare and add exactly (decimals and fractions, never binary floating point)"."""
    assert str(decimal_of(value)) == expected


def test_a_tenth_three_times_is_three_tenths() -> None:
    assert decimal_of("0.1") * 3 == decimal_of("0.3") == Decimal("0.30")


@pytest.mark.parametrize("value", [True, 0.5, "1e3", "+1", "01", "1.", ".5", "1,5", "", " 1", "NaN", "Infinity", None])
def test_what_is_no_decimal_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r".*"):
        decimal_of(value)


@pytest.mark.parametrize("value", ["1e3", "+1", "1.0000000000000000001"])
def test_a_decimal_text_is_plain(value: str) -> None:
    assert _read(DecimalText, "1.50") == "1.50"
    assert _refused(DecimalText, value) == (
        "decimal_text",
        "a decimal is written like 1.5, without exponent or plus sign",
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("a", "a"),
        (True, True),
        (LARGEST_INTEGER, LARGEST_INTEGER),
        (-LARGEST_INTEGER, -LARGEST_INTEGER),
        (["b", "a", "b"], ("b", "a", "b")),
        ([], ()),
    ],
)
def test_a_value_is_kept_as_given(value: object, expected: object) -> None:
    assert _read(AnyValue, value) == expected
    assert type(_read(AnyValue, value)) is type(expected)


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (1.5, "float", "write it as a string"),
        (LARGEST_INTEGER + 1, "integer_size", "an integer lies between"),
        (-LARGEST_INTEGER - 1, "integer_size", "an integer lies between"),
        ([1], "value_list", "option ids"),
        ([["a"]], "value_list", "option ids"),
        ({"a": 1}, "value", "a value is"),
    ],
)
def test_what_is_no_value_is_refused(value: object, kind: str, message: str) -> None:
    found, sentence = _refused(AnyValue, value)
    assert found == kind
    assert message in sentence


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\ud800", "the text holds half a character (a lone surrogate)"),
        ("a\0b", "the text holds the character U+0000"),
    ],
)
def test_what_no_record_can_keep_is_refused(text: str, words: str) -> None:
    assert _read(Str, "Gwasanaeth 🏴 â") == "Gwasanaeth 🏴 â"
    for kind, value in ((Str, text), (AnyValue, text), (AnyValue, [text])):
        assert _refused(kind, value) == ("text", words)


def test_versions_order_as_tuples_of_integers() -> None:
    """semantics.md 2: "versions order as tuples of integers"."""
    assert sorted(["2018.10", "2018.9", "2018", "10", "2"], key=version_order) == [
        "2", "10", "2018", "2018.9", "2018.10",
    ]  # fmt: skip
    for wrong in ("", "1.", "01", "1.02", "v1", "1..2", "-1"):
        with pytest.raises(ValidationError):
            _read(Version, wrong)


def test_a_plain_string_is_english_alone() -> None:
    assert Text.model_validate("x").model_dump() == {"en": "x", "cy": None}
    assert Text.model_validate({"en": "x", "cy": "y"}).model_dump() == {"en": "x", "cy": "y"}
    with pytest.raises(ValidationError):
        Text.model_validate("")


class _Pair(Frozen):
    first: int
    second: tuple[int, ...] = ()


def test_a_value_never_changes_and_has_no_unknown_field() -> None:
    pair = _Pair(first=1)
    with pytest.raises(ValidationError, match="frozen"):
        pair.first = 2  # type: ignore[misc]  # that it cannot be assigned is the point
    with pytest.raises(ValidationError, match="third"):
        _Pair.model_validate({"first": 1, "third": 3})


def test_a_checked_copy_differs_in_what_is_replaced() -> None:
    assert _Pair(first=1, second=(2,)).replace(first=3) == _Pair(first=3, second=(2,))
    with pytest.raises(ValidationError):
        _Pair(first=1).replace(first="x")


def test_a_trusted_value_equals_a_checked_one() -> None:
    made = trusted(_Pair, {"first": 1, "second": (2,)})
    assert made == _Pair(first=1, second=(2,))
    assert made.model_dump() == {"first": 1, "second": (2,)}
    assert made.model_copy() == made
    assert made.model_fields_set == {"first", "second"}
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 -- from here, as from a pool of processes


@pytest.mark.parametrize("value", [[], ()])
def test_an_empty_list_is_refused_where_one_is_needed(value: object) -> None:
    kind = Annotated[tuple[int, ...], NotEmpty]
    assert _read(kind, [1]) == (1,)
    assert _refused(kind, value) == ("empty_list", "this list must not be empty")
    for other in (None, "", 0):
        assert _refused(kind, other)[0] == "tuple_type"
