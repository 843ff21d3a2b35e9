"""What all the file formats are made of: dates, instants, decimals, identifiers, text in two languages.

Every model here and above is frozen and refuses fields that it does not know. Values are read strictly: a number is
never read from a string, a date only from ``YYYY-MM-DD``, and binary floating point is refused everywhere
(formats.md: decimals travel as strings or integers).
"""

import calendar
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Annotated, Any, ClassVar, Self, TypeAlias, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

# Wide enough for any document or rule, and far enough from the ends of the calendar that adding months cannot overflow.
EARLIEST = date(1900, 1, 1)
LATEST = date(2999, 12, 31)
MOST_MONTHS = 1200
ONE_DAY = timedelta(days=1)
LARGEST_INTEGER = 2**53 - 1  # RFC 8785: a larger one would change when read as JSON elsewhere

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|\+00:00)", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d{1,18})?", re.ASCII)


@lru_cache(maxsize=4096)
def add_months(day: date, months: int) -> date:
    """Keep the day of the month, or take the last day of a shorter month (semantics.md 1)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def day_after(day: date) -> date:
    """The next civil date."""
    return day + ONE_DAY


def day_before(day: date) -> date:
    """The civil date before."""
    return day - ONE_DAY


def _read_date(value: object) -> date:
    if type(value) is date:
        found = value
    elif isinstance(value, str) and _DATE.fullmatch(value):
        try:
            found = date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("civil_date", "there is no such day in the calendar") from None
    else:
        raise PydanticCustomError("civil_date", "a date is written YYYY-MM-DD, in quotes")
    if not EARLIEST <= found <= LATEST:
        raise PydanticCustomError(
            "civil_date",
            "a date lies between {earliest} and {latest}; leave an open end out",
            {"earliest": EARLIEST.isoformat(), "latest": LATEST.isoformat()},
        )
    return found


def _read_instant(value: object) -> str:
    if not (isinstance(value, str) and _INSTANT.fullmatch(value)):
        raise PydanticCustomError("instant", "an instant is written like 2026-03-01T09:30:00Z, in UTC")
    try:
        moment(value)
    except ValueError:
        raise PydanticCustomError("instant", "there is no such day or time") from None
    _read_date(value[:10])
    return value


def _read_decimal_text(value: str) -> str:
    if not _DECIMAL.fullmatch(value):
        raise PydanticCustomError(
            "decimal_text",
            "a decimal is written like 1.5, without exponent or plus sign",
        )
    return value


def unkeepable(text: str) -> str | None:
    """Why a text cannot be kept, or ``None`` where it can.

    JSON can spell half a character (a lone surrogate), which no UTF-8 document and so no hash can hold, and U+0000,
    which PostgreSQL cannot store.
    """
    if "\0" in text:
        return "the text holds the character U+0000"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "the text holds half a character (a lone surrogate)"
    return None


def _read_text(value: str) -> str:
    problem = unkeepable(value)
    if problem is not None:
        raise PydanticCustomError("text", "{problem}", {"problem": problem})
    return value


def _read_value(value: object) -> object:
    if isinstance(value, float):
        raise PydanticCustomError(
            "float",
            "a decimal travels in quotes, so that no reader rounds it; write it as a string",
        )
    if isinstance(value, str):
        return _read_text(value)
    if value is None:
        return None
    if isinstance(value, int):  # true and false are two of them
        if abs(value) > LARGEST_INTEGER:
            raise PydanticCustomError("integer_size", "an integer lies between -(2^53-1) and 2^53-1")
        return value
    if isinstance(value, list | tuple):
        if not all(isinstance(item, str) for item in value):
            raise PydanticCustomError("value_list", "a list holds option ids, each a string")
        return tuple(map(_read_text, value))
    raise PydanticCustomError(
        "value",
        "a value is a string, an integer, true or false, or a list of option ids",
    )


def _not_empty(value: object) -> object:
    if isinstance(value, list | tuple) and not value:
        raise PydanticCustomError("empty_list", "this list must not be empty")
    return value


def moment(instant: str) -> datetime:
    """The point in time that an instant, as written in a pack, stands for."""
    return datetime.fromisoformat(instant)


def decimal_of(value: object) -> Decimal:
    """The exact number of an integer or a decimal text; raises ``ValueError`` for anything else."""
    if (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, str) and _DECIMAL.fullmatch(value)
    ):
        return Decimal(value)
    raise ValueError(value)


Value: TypeAlias = bool | int | str | tuple[str, ...] | None
# Looked at before the items are, so that a list whose items are faulty is not called empty as well.
NotEmpty = BeforeValidator(_not_empty)
Str = Annotated[str, Strict(), AfterValidator(_read_text)]
Int = Annotated[int, Strict(), Field(ge=-LARGEST_INTEGER, le=LARGEST_INTEGER)]
Bool = Annotated[bool, Strict()]
# Identifiers of catalogues end up as keys of canonical JSON, whose order is that of UTF-16: ASCII has one order only.
Id = Annotated[
    str,
    Strict(),
    Field(min_length=1, max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"),
]
Name = Annotated[Str, Field(min_length=1, max_length=200)]
Version = Annotated[str, Strict(), Field(max_length=40, pattern=r"^(0|[1-9]\d*)(\.(0|[1-9]\d*))*$")]
Months = Annotated[int, Strict(), Field(ge=0, le=MOST_MONTHS)]
Sha256 = Annotated[str, Strict(), Field(pattern=r"^[0-9a-f]{64}$")]
CivilDate = Annotated[date, BeforeValidator(_read_date)]
Instant = Annotated[
    str,
    BeforeValidator(_read_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": "(Z|\\+00:00)$"}),
]
DecimalText = Annotated[str, Strict(), AfterValidator(_read_decimal_text)]
AnyValue = Annotated[
    Any,
    BeforeValidator(_read_value),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "integer"},
                {"type": "boolean"},
                {"type": "array", "items": {"type": "string"}},
                {"type": "null"},
            ]
        }
    ),
]


def version_order(version: str) -> tuple[int, ...]:
    """Versions order as tuples of integers (semantics.md 2): "2018.10" comes after "2018.9"."""
    return tuple(int(part) for part in version.split("."))


def is_none(value: object) -> bool:
    """Whether a field that is only there where it says something (``exclude_if``) is left out."""
    return value is None


Model = TypeVar("Model", bound="Frozen")


class Frozen(BaseModel):
    """A value: compared by content, never changed, with no field that is not listed."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    def replace(self, **changes: object) -> Self:
        """A checked copy with other field values; unlike ``model_copy`` it carries no cached property along."""
        fields = type(self).model_fields
        values = {name: getattr(self, name) for name in fields} | changes
        return type(self)(**{fields[name].alias or name: value for name, value in values.items()})


# Bound once: a result is made by the thousand, and these are the four parts that a value of pydantic's has.
_new = object.__new__
_set_values = BaseModel.__dict__["__dict__"].__set__
_set_names, _set_extra, _set_private = (
    BaseModel.__dict__[f"__pydantic_{part}__"].__set__ for part in ("fields_set", "extra", "private")
)


class _FieldNames(dict[type[BaseModel], set[str]]):
    def __missing__(self, kind: type[BaseModel]) -> set[str]:
        return self.setdefault(kind, set(kind.model_fields))


_field_names = _FieldNames()


def trusted(kind: type[Model], values: dict[str, Any]) -> Model:
    """A value of ``kind`` from fields that are known to be right and all there, none of them checked again.

    For results, which are made by the thousand from checked values; what comes from outside is never trusted. The
    value keeps ``values`` itself, which nobody may change afterwards.
    """
    made = _new(kind)
    _set_values(made, values)
    _set_names(made, _field_names[kind])
    _set_extra(made, None)
    _set_private(made, None)
    return made


class Text(Frozen):
    """What a person reads, in English and, where there is one, in Welsh. A plain string stands for English alone."""

    cy: Annotated[Str, Field(min_length=1, max_length=20_000)] | None = None
    en: Annotated[Str, Field(min_length=1, max_length=20_000)]

    @model_validator(mode="before")
    @classmethod
    def _plain_string_is_english(cls, value: object) -> object:
        return {"en": value} if isinstance(value, str) else value


class OneOperator(Frozen):
    """A comparison written as ``{<subject>: id, <operator>: value}`` with exactly one operator."""

    subject: ClassVar[str]

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [name for name, value in self._operators() if value is not None]
        if len(given) != 1:
            raise PydanticCustomError(
                "one_operator",
                "there is exactly one operator beside {subject}; here is {given}",
                {"subject": self.subject, "given": ", ".join(given) or "none"},
            )
        return self

    def _operators(self) -> list[tuple[str, Value]]:
        fields = type(self).model_fields
        return [(fields[name].alias or name, getattr(self, name)) for name in fields if name != self.subject]

    @cached_property
    def test(self) -> tuple[str, Value]:
        """The operator used and the value it compares with."""
        return next((name, value) for name, value in self._operators() if value is not None)
