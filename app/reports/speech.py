"""Data put into the words of one language: dates, texts, lists, and whatever somebody typed."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date

from babel.dates import format_date

from app.engine.rules import CatalogueField
from app.engine.values import Text, decimal_of, moment
from app.reports.words import PHRASES, Language, Words

_LOCALES: dict[Language, str] = {"en": "en_GB", "cy": "cy"}


def clean(typed: str) -> str:
    """One line of what somebody typed: no control characters, nothing that turns the direction of the text around."""
    visible = (
        " " if unicodedata.category(letter) in {"Cc", "Zl", "Zp"} else letter
        for letter in typed
        if unicodedata.category(letter) not in {"Cf", "Cs"}
    )
    return " ".join("".join(visible).split())


@dataclass(frozen=True, slots=True)
class Speech:
    """The words of one language."""

    language: Language

    def words(self, words: Words, **data: object) -> str:
        """A fixed sentence with its data filled in; raises ``KeyError`` where the sentence wants data not given."""
        return getattr(words, self.language).format_map(data)  # type: ignore[no-any-return]  # both fields are str

    def say(self, phrase: str, **data: object) -> str:
        """The phrase of ``PHRASES`` with its data filled in."""
        return self.words(PHRASES[phrase], **data)

    def text(self, text: Text) -> str:
        """A text of the rule set; where it has no Welsh, its English, marked as such."""
        if self.language == "cy":
            return clean(text.cy) if text.cy else self.say("english_only", text=clean(text.en))
        return clean(text.en)

    def date(self, day: date) -> str:
        """A date written out, such as 1 April 2026 or 1 Ebrill 2026."""
        return format_date(day, format="long", locale=_LOCALES[self.language])

    def instant(self, instant: str) -> str:
        """An instant as date and time in UTC."""
        at = moment(instant).astimezone(UTC)
        return self.say("instant", date=self.date(at.date()), time=f"{at:%H:%M}")

    def months(self, count: int) -> str:
        """So many months, such as 1 month or 12 months; in Welsh a noun stays as it is after a number."""
        return self.say("month" if count == 1 else "months", count=count)

    def amount(self, number: str, field: CatalogueField) -> str:
        """A number as answered with the field's unit, which is called otherwise for one where the rule set says so."""
        if field.unit is None:
            return number
        one = field.unit_of_one if decimal_of(number) == 1 else None
        return f"{number} {self.text(one or field.unit)}"

    def listed(self, items: Iterable[str]) -> str:
        """Items after one another, with commas; “none” where there is none."""
        return ", ".join(items) or self.say("none")


def shortened(text: str, longest: int) -> str:
    """``text``, cut between words with an ellipsis where it is longer than ``longest`` letters."""
    if len(text) <= longest:
        return text
    kept = text[: longest - 1]
    return f"{kept.rsplit(' ', 1)[0] if ' ' in kept else kept}…"
