"""A forecast as iCalendar (RFC 5545): one all-day event for each day on which status or a score changes by itself."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from icalendar import Calendar, Event

from app.engine.forecast import Turn
from app.reports.explain_text import turn_in_words
from app.reports.speech import Speech, clean
from app.reports.words import Language, Words

# The days of a determination are civil dates of the place where the services work.
_PLACE = "Europe/London"
_TITLE = Words("Safonau: what lapses at {service}", "Safonau: yr hyn sy'n dod i ben yn {service}")
_SUMMARY = Words("{service}: compliance changes by itself", "{service}: mae'r cydymffurfiaeth yn newid ohono'i hun")


def forecast_calendar(
    turns: Sequence[Turn], *, subject: str, service: str, as_of: date, language: Language = "en"
) -> bytes:
    """The turns of a forecast made as of ``as_of``; the same forecast gives the same bytes.

    ``subject`` is the id of what is forecast, of which the events' ids are made: a calendar that reads the feed again
    moves no event and shows none twice, whatever the language.
    """
    speech = Speech(language)
    calendar = Calendar()
    for name, value in (
        ("prodid", "-//Safonau//Forecast 1//EN"),
        ("version", "2.0"),
        ("x-wr-calname", speech.words(_TITLE, service=clean(service))),
        ("x-wr-timezone", _PLACE),
    ):
        calendar.add(name, value)
    for turn in turns:
        event = Event()
        event.add("uid", f"{subject}.{turn.on}@forecast.safonau")
        event.add("dtstamp", datetime.combine(as_of, time(), UTC))
        event.add("dtstart", turn.on)
        event.add("transp", "TRANSPARENT")
        event.add("summary", speech.words(_SUMMARY, service=clean(service)))
        event.add("description", "\n".join(turn_in_words(turn, language)))
        calendar.add_component(event)
    feed: bytes = calendar.to_ical()
    return feed
