"""The forecast of the portfolio for calendar programs, which can send no token: an address that cannot be guessed."""

from typing import Annotated, Literal, TypeAlias

from anyio import to_thread
from fastapi import APIRouter, Depends, Query
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.call import Access, Call, SignedIn, require
from app.api.negotiation import CALENDAR
from app.api.openapi import refuses
from app.api.routers.outlook import portfolio_feed
from app.api.wire_outlook import CalendarFeedAddress, CalendarFeedOut
from app.db.repositories import calendar_feeds as records
from app.db.session import SIGNING_IN
from app.errors import NotFound, TooManyAttempts, Unavailable
from app.security.secret_texts import hash_of_secret, new_secret
from app.services import calendar_feeds
from app.services.calendar_feeds import ROLES

router = APIRouter(tags=["commissioning"])
STATE = TypeAdapter(CalendarFeedOut)
ADDRESS = TypeAdapter(CalendarFeedAddress)
PLACE = "/v1/me/calendar-feed"
FEED = "/v1/calendar-feed"
Owner: TypeAlias = Annotated[SignedIn, require(*ROLES)]


@router.get(PLACE, summary="Whether one has a calendar feed", response_model=CalendarFeedOut)
def read_calendar_feed(call: Owner) -> Response:
    """Tell whether the caller has an address for calendar programs, and since when."""
    with call.transaction() as tx:
        found = records.made_at(tx, call.actor.user)
    return call.answer_json(STATE, CalendarFeedOut(made_at=found))


@router.post(PLACE, summary="Make one's calendar feed", response_model=CalendarFeedAddress)
def make_calendar_feed(call: Owner) -> Response:
    """Give an address at which calendar programs read the forecast of the caller's portfolio, without signing in.

    Whoever has it can read that, and nothing else, so keep it like a password. It is shown this once only, and kept as
    a hash. Asked for again, it replaces the one before.
    """
    secret = new_secret()
    with call.transaction() as tx:
        calendar_feeds.make(tx, hash_of_secret(secret))
        made = tx.now
    address = f"{call.service.press.public_url}{FEED}?key={secret}"
    return call.answer_json(ADDRESS, CalendarFeedAddress(address=address, made_at=made))


@router.post(
    PLACE + "/revocation",
    summary="Revoke one's calendar feed",
    response_model=CalendarFeedOut,
    responses=refuses(NotFound),
)
def revoke_calendar_feed(call: Owner) -> Response:
    """Take the address back; it leads nowhere any more. That also happens when its user is shut out or erased."""
    with call.transaction() as tx:
        calendar_feeds.revoke(tx)
    return call.answer_json(STATE, CalendarFeedOut(made_at=None))


@router.get(FEED, summary="Read a calendar feed", responses=refuses(NotFound, TooManyAttempts, Unavailable))
async def read_feed(
    call: Annotated[Call, Depends(Access(None, (CALENDAR,)))],
    key: Annotated[str, Query(max_length=200, description="The secret of the address, as it was given out.")],
    lang: Annotated[
        Literal["en", "cy"] | None, Query(description="The language, whatever Accept-Language says.")
    ] = None,
) -> Response:
    """Give what lapses when over every service of somebody's portfolio, as iCalendar, to whoever holds the address.

    It is the feed of `GET /v1/commissioning/forecast`, with the same events. An address that is unknown or revoked is a
    404. One address of a caller may ask 30 times a minute and 300 times an hour.
    """

    def work() -> Response:
        call.service.throttle.feed(call.address)
        with call.transaction_of(SIGNING_IN) as tx:
            actor = calendar_feeds.reader(tx, hash_of_secret(key))
        return portfolio_feed(SignedIn(call.request, call.service, call.media_type, actor), lang or call.language)

    return await to_thread.run_sync(work, limiter=call.service.slow)
