"""A forecast as iCalendar (RFC 5545): one all-day event for each day on which status or a score changes by itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from icalendar import Calendar, Event, Timezone, vText

from app.engine.forecast import Turn
from app.reports.explain_text import turn_in_words
from app.reports.speech import Speech, clean
from app.reports.words import Language, Words

# The days of a determination are civil dates of the place where the services work.
_PLACE = "Europe/London"
# The library looks beyond the years that it is asked for.
_LAST_YEAR = 9990
_TITLE = Words("Safonau: what lapses at {service}", "Safonau: yr hyn sy'n dod i ben yn {service}")
_SUMMARY = Words("{service}: compliance changes by itself", "{service}: mae'r cydymffurfiaeth yn newid ohono'i hun")


_PORTFOLIO = Words("Safonau: what lapses in the portfolio", "Safonau: yr hyn sy'n dod i ben yn y portffolio")


@dataclass(frozen=True, slots=True)
class Forecasted:
    """What is forecast of one assessment: its id, the name of its service, and the turns."""

    subject: str
    service: str
    turns: Sequence[Turn]


def forecast_calendar(
    turns: Sequence[Turn], *, subject: str, service: str, as_of: date, language: Language = "en"
) -> bytes:
    """The turns of a forecast made as of ``as_of``; the same forecast gives the same bytes.

    ``subject`` is the id of what is forecast, of which the events' ids are made: a calendar that reads the feed again
    moves no event and shows none twice, whatever the language.
    """
    title = Speech(language).words(_TITLE, service=clean(service))
    return _calendar([Forecasted(subject, service, turns)], title, as_of, language)


def portfolio_calendar(forecasts: Iterable[Forecasted], *, as_of: date, language: Language = "en") -> bytes:
    """The turns of many assessments in one feed; each event has the id that it has in the feed of its assessment."""
    return _calendar(forecasts, Speech(language).words(_PORTFOLIO), as_of, language)


def _calendar(forecasts: Iterable[Forecasted], title: str, as_of: date, language: Language) -> bytes:
    calendar = Calendar()
    for name, value in (
        ("prodid", "-//Safonau//Forecast 1//EN"),
        ("version", "2.0"),
        ("x-wr-calname", vText(title)),  # text, whose commas are escaped (RFC 5545, 3.8.8.2)
        ("x-wr-timezone", _PLACE),
    ):
        calendar.add(name, value)
    for item in forecasts:
        for turn in item.turns:
            calendar.add_component(_event(item, turn, as_of, language))
    if not calendar.subcomponents:  # a calendar has one component at least (RFC 5545, 3.6)
        year = min(as_of.year, _LAST_YEAR)
        calendar.add_component(Timezone.from_tzid(_PLACE, first_date=date(year, 1, 1), last_date=date(year, 12, 31)))
    feed: bytes = calendar.to_ical()
    return feed


def _event(item: Forecasted, turn: Turn, as_of: date, language: Language) -> Event:
    event = Event()
    event.add("uid", f"{item.subject}.{turn.on}@forecast.safonau")
    event.add("dtstamp", datetime.combine(as_of, time(), UTC))
    event.add("dtstart", turn.on)
    event.add("transp", "TRANSPARENT")
    event.add("summary", Speech(language).words(_SUMMARY, service=clean(item.service)))
    event.add("description", "\n".join(turn_in_words(turn, language)))
    return event
