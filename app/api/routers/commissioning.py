"""What commissioners decide with: the services that share with them, compared, and the sector as a whole."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from functools import partial
from typing import Annotated, Literal, TypeAlias, cast
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Query
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.call import Page, Paging, SignedIn, require
from app.api.errors import request_id_of
from app.api.negotiation import CSV, JSON
from app.api.openapi import refuses
from app.api.portfolio_filters import Filters, refuse_status_of_claim
from app.api.routers.compliance import AsOf, KnownAt
from app.api.tables import refuse_pages, table
from app.api.wire import PageOut, Uuid
from app.api.wire_commissioning import CSV_HEADER, Comparison, Facets, PortfolioEntry, compared, csv_row
from app.db.portfolio import Entry, Filter, Judged, Sort
from app.db.repositories import portfolio
from app.db.session import Transaction
from app.db.values import Slice, not_found
from app.engine.values import Id, moment
from app.errors import Fault, Invalid, NotFound, Unavailable
from app.loader.places import Places
from app.services.portfolio import Projector
from app.services.portfolio_past import Past

router = APIRouter(tags=["commissioning"])
ENTRIES = TypeAdapter(PageOut[PortfolioEntry])
FACETS = TypeAdapter(Facets)
COMPARISON = TypeAdapter(Comparison)
MOST_COMPARED = 10
Commissioning: TypeAlias = Annotated[SignedIn, require("commissioner", "reviewer")]
PortfolioReader: TypeAlias = Annotated[SignedIn, require("commissioner", "reviewer", offers=(JSON, CSV))]
Sorting: TypeAlias = Annotated[
    Literal["name", "-name", "score", "-score", "status", "-status", "lapse", "-lapse", "submitted", "-submitted"]
    | None,
    Query(
        description="The order; - turns it round. By name where it is left out, and on other days in one of its own."
    ),
]
Services: TypeAlias = Annotated[
    list[Uuid], Query(alias="service", description="A service; given once for each, up to ten times.")
]


@router.get(
    "/v1/commissioning/portfolio",
    summary="Read the portfolio",
    response_model=PageOut[PortfolioEntry],
    responses=refuses(Unavailable),
)
async def read_portfolio(
    call: PortfolioReader,
    page: Page,
    asked: Filters,
    sort: Sorting = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response:
    """List what every service shows that shares with the caller and works in its regions.

    For each service and rule set that is the newest assessment submitted and not withdrawn. With `as_of` another day
    than today, or `known_at`, it is worked out from the record. Without `sort` it then comes in an order of its own as
    it is worked out, and a page may have fewer items than asked for while there is a next one; sorted, every service is
    worked out for each page. As `text/csv` all of it is sent, without pages.
    """
    wanted = asked.within(call.service.places, call.service.catalogue)
    if sort is not None and sort.removeprefix("-") == "status":
        refuse_status_of_claim("?sort", wanted.rung)
    past = _past(call, as_of, known_at)
    work = partial(_read, call, page, wanted, sort, past)
    whole = past is not None and sort is not None
    return await to_thread.run_sync(work, limiter=call.service.long if whole else None)


def _read(call: SignedIn, page: Paging, wanted: Filter, sort: str | None, past: Past | None) -> Response:
    if call.media_type == CSV:
        refuse_pages(call)
        if past is not None and sort is None:
            return table("portfolio.csv", CSV_HEADER, _each(past, wanted))
        today, found = _ordered(call, past, wanted, sort or "name", None, None)
        return table("portfolio.csv", CSV_HEADER, (csv_row(item, today) for item in found.items))
    if past is not None and sort is None:
        return _passing(call, page, past, wanted)
    last = page.after(call)
    today, ordered = _ordered(
        call, past, wanted, sort or "name", None if last is None else (last[37:], UUID(last[:36])), page.limit
    )
    following = None if ordered.next is None else f"{ordered.next[1]} {ordered.next[0]}"
    return page.answer(call, ENTRIES, [PortfolioEntry.of(item, today) for item in ordered.items], following)


@router.get(
    "/v1/commissioning/portfolio/facets",
    summary="Count the portfolio",
    response_model=Facets,
    responses=refuses(Unavailable),
)
async def read_facets(call: Commissioning, asked: Filters, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """Count the entries that are asked for, and how many have each region, status, failing standard and so on.

    A service that names no local authority counts for no police force and no health board. With `as_of` another day
    than today, or `known_at`, every service is worked out from the record for it.
    """
    wanted = asked.within(call.service.places, call.service.catalogue)
    groups = _groups(call.service.places)
    past, demonstration = _past(call, as_of, known_at), call.service.press.demonstration

    def work(tx: Transaction) -> Facets:
        total, counts = portfolio.facets(tx, wanted, groups)
        return Facets.of(tx.now.date(), wanted.rung, total, counts, demonstration=demonstration)

    def answered() -> Response:
        if past is None:
            return call.answer_json(FACETS, _projector(call).read(_snapshots(call), work))
        total, counts = past.counted(wanted, groups)
        found = Facets.of(past.as_of, wanted.rung, total, counts, demonstration=demonstration)
        return call.answer_json(FACETS, found)

    return await to_thread.run_sync(answered, limiter=None if past is None else call.service.long)


@router.get(
    "/v1/commissioning/comparison",
    summary="Compare services",
    response_model=Comparison,
    responses=refuses(NotFound, Unavailable),
)
def compare(
    call: Commissioning,
    service: Services,
    rule_set: Annotated[Id | None, Query(description="Under this rule set; the one they have in common.")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response:
    """Put up to ten services side by side: every standard, and the requirements in which they differ."""
    if not 1 <= len(service) <= MOST_COMPARED or len(set(service)) < len(service):
        raise _fault("?service", f"this names {len(service)} services", "name each once, ten at most")
    past = _past(call, as_of, known_at)
    if past is not None:
        day, found = past.as_of, past.of_services(service, rule_set)
    else:
        day, found = _projector(call).read(
            _snapshots(call), lambda tx: (tx.now.date(), portfolio.full(tx, service, rule_set))
        )
    by_service = {item.entry.service: item for item in found}
    if set(service) - by_service.keys():
        raise not_found()
    rule_sets = sorted({item.entry.rule_set.id for item in found})
    if len(rule_sets) > 1:
        raise _fault(
            "?rule_set", f"these were assessed under {' and '.join(rule_sets)}", "name the one to compare under"
        )
    chosen = [by_service[each] for each in service]
    return call.answer_json(COMPARISON, compared(chosen, [_requirements(call, item) for item in chosen], day))


def _passing(call: SignedIn, page: Paging, past: Past, wanted: Filter) -> Response:
    place = page.after(call)
    found = past.page(wanted, None if place is None else (UUID(place[:36]), place[37:]), page.limit)
    items = [PortfolioEntry.of(item.entry, past.as_of) for item in found.items]
    return page.answer(call, ENTRIES, items, None if found.next is None else f"{found.next[0]} {found.next[1]}")


def _ordered(  # the parts of one question
    call: SignedIn, past: Past | None, wanted: Filter, sort: str, after: tuple[str, UUID] | None, limit: int | None
) -> tuple[date, Slice[Entry, tuple[str, UUID]]]:
    order, descending = cast("Sort", sort.removeprefix("-")), sort.startswith("-")
    if past is not None:
        return past.as_of, past.ordered(wanted, order, descending=descending, after=after, limit=limit)

    def work(tx: Transaction) -> tuple[date, Slice[Entry, tuple[str, UUID]]]:
        shown = portfolio.page(tx, wanted, sort=order, descending=descending, after=after, limit=limit)
        return tx.now.date(), shown

    return _projector(call).read(_snapshots(call), work)


def _each(past: Past, wanted: Filter) -> Iterator[tuple[object, ...]]:
    return (csv_row(item.entry, past.as_of) for item in past.every(wanted))


def _past(call: SignedIn, as_of: date | None, known_at: str | None) -> Past | None:
    """``None`` where today is asked for, and all that is known of it."""
    today = call.service.clock().date()
    if known_at is None and as_of in (None, today):
        return None
    return Past(call.service.catalogue, call.transaction, as_of or today, moment(known_at) if known_at else None)


def _projector(call: SignedIn) -> Projector:
    service = call.service
    request_id = request_id_of(call.request.scope)
    return Projector(service.database, service.catalogue, service.clock, service.new_id, request_id)


def _snapshots(call: SignedIn) -> Callable[[], AbstractContextManager[Transaction]]:
    return partial(call.transaction, snapshot=True)


def _groups(places: Places) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {"police_force": {}, "health_board": {}}
    for item in places.local_authorities:
        found["police_force"].setdefault(item.police_force.of, []).append(item.id)
        found["health_board"].setdefault(item.health_board.of, []).append(item.id)
    return found


def _requirements(call: SignedIn, item: Judged) -> tuple[str, ...]:
    ref = item.entry.rule_set
    found = call.service.catalogue.rule_sets.get((ref.id, ref.version))
    return () if found is None else tuple(found.requirements)


def _fault(name: str, message: str, hint: str) -> Invalid:
    return Invalid("The request's parameters have faults.", hint="See faults.", faults=(Fault(name, message, hint),))
