"""Calendars, as strict readers take them."""

from datetime import date

from app.reports.calendar import forecast_calendar


def test_the_name_of_a_calendar_is_text_like_any_other() -> None:
    feed = forecast_calendar((), subject="a", service="Group work, Gwent; nights", as_of=date(2026, 4, 1))
    lines = feed.decode().replace("\r\n ", "").split("\r\n")
    assert "X-WR-CALNAME:Safonau: what lapses at Group work\\, Gwent\\; nights" in lines
