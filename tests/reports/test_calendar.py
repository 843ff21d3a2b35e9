"""Calendars, as strict readers take them."""

from datetime import date

import pytest
from icalendar import Calendar

from app.reports.calendar import forecast_calendar


@pytest.mark.parametrize("day", [date(1, 1, 1), date(2026, 4, 1), date(9999, 12, 31)])
def test_a_calendar_of_a_service_that_nothing_lapses_at_has_a_component_all_the_same(day: date) -> None:
    feed = forecast_calendar((), subject="a", service="Group work", as_of=day)
    read = Calendar.from_ical(feed)
    assert [each.name for each in read.subcomponents] == ["VTIMEZONE"]
    assert read.events == []
    assert feed == forecast_calendar((), subject="a", service="Group work", as_of=day), "the same bytes"


def test_the_name_of_a_calendar_is_text_like_any_other() -> None:
    feed = forecast_calendar((), subject="a", service="Group work, Gwent; nights", as_of=date(2026, 4, 1))
    lines = feed.decode().replace("\r\n ", "").split("\r\n")
    assert "X-WR-CALNAME:Safonau: what lapses at Group work\\, Gwent\\; nights" in lines
