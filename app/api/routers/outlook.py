"""The forecast over all services that a commissioner sees."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Annotated, TypeAlias
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Query
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.call import Page, Paging, SignedIn, hash_of, require
from app.api.errors import request_id_of
from app.api.negotiation import CALENDAR, CSV, JSON, Language
from app.api.openapi import refuses
from app.api.tables import refuse_pages, table
from app.api.wire import PageOut
from app.api.wire_outlook import CSV_HEADER, ServiceForecast, csv_rows
from app.db.portfolio import Entry, Filter
from app.db.repositories import portfolio
from app.db.session import Transaction
from app.db.values import Slice
from app.engine.values import CivilDate
from app.errors import Conflict, Unavailable
from app.reports.calendar import Forecasted, portfolio_calendar
from app.services.outlook import Outlook, outlooks
from app.services.portfolio import Projector
from app.services.supposing import last_day

router = APIRouter(tags=["commissioning"])
FORECASTS = TypeAdapter(PageOut[ServiceForecast])
OutlookReader: TypeAlias = Annotated[SignedIn, require("commissioner", "reviewer", offers=(JSON, CSV, CALENDAR))]


@router.get(
    "/v1/commissioning/forecast",
    summary="Read the forecast of the portfolio",
    response_model=PageOut[ServiceForecast],
    responses=refuses(Conflict, Unavailable),
)
async def read_portfolio_forecast(
    call: OutlookReader,
    page: Page,
    until: Annotated[
        CivilDate | None, Query(description="The last day ahead, at most 120 months on; 24 where it is left out.")
    ] = None,
) -> Response:
    """Give what lapses when over every service that shares with the caller, and what that does to status and scores.

    From today on, if nobody does anything. A page is of services, by name; one on which nothing turns has no turns. As
    `text/csv`, a line a turn, and as `text/calendar`, an event a turn, all of it is sent, without pages.
    """

    def work() -> Response:
        return _answer(call, page, until)

    return await to_thread.run_sync(work, limiter=None if call.media_type == JSON else call.service.slow)


def _answer(call: SignedIn, page: Paging, until: CivilDate | None) -> Response:
    as_of = call.service.clock().date()
    last = last_day(as_of, until)
    whole = call.media_type != JSON
    if whole:
        refuse_pages(call)
    found = _entries(call, None if whole else page.after(call), None if whole else page.limit)
    ahead = outlooks(call.service.catalogue, found.items, call.transaction, as_of=as_of, until=last)
    if call.media_type == CSV:
        return table("forecast.csv", CSV_HEADER, _rows(ahead))
    if call.media_type == JSON:
        items = [ServiceForecast.of(item, as_of, last) for item in ahead]
        following = None if found.next is None else f"{found.next[1]} {found.next[0]}"
        return page.answer(call, FORECASTS, items, following)
    return call.in_form(_calendar(ahead, as_of, call.language))


def portfolio_feed(call: SignedIn, language: Language) -> Response:
    """The forecast of today's portfolio as iCalendar, over 24 months, in a language."""
    as_of = call.service.clock().date()
    last = last_day(as_of, None)
    entries = _entries(call, None, None).items
    ahead = outlooks(call.service.catalogue, entries, call.transaction, as_of=as_of, until=last)
    content = _calendar(ahead, as_of, language)
    headers = {"content-language": language, "vary": "Accept, Accept-Language", "cache-control": "private, no-cache"}
    return call.answer(content, etag=hash_of(content), headers=headers)


def _calendar(ahead: Iterator[Outlook], as_of: date, language: Language) -> bytes:
    told = (Forecasted(str(item.entry.assessment), item.entry.service_name, item.turns) for item in ahead)
    return portfolio_calendar(told, as_of=as_of, language=language)


def _rows(ahead: Iterator[Outlook]) -> Iterator[tuple[object, ...]]:
    for item in ahead:
        yield from csv_rows(item)


def _entries(call: SignedIn, place: str | None, limit: int | None) -> Slice[Entry, tuple[str, UUID]]:
    """Entries of today's portfolio by name, after the place that a page ended with."""
    service = call.service
    after = None if place is None else (place[37:], UUID(place[:36]))

    def work(tx: Transaction) -> Slice[Entry, tuple[str, UUID]]:
        return portfolio.page(tx, Filter(), sort="name", descending=False, after=after, limit=limit)

    request_id = request_id_of(call.request.scope)
    projector = Projector(service.database, service.catalogue, service.clock, service.new_id, request_id)
    return projector.read(partial(call.transaction, snapshot=True), work)
