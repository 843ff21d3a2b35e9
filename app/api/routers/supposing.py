"""What would be: under supposed facts, and as time goes by. Nothing is stored."""

from typing import Annotated, TypeAlias
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Query
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.bodies import body
from app.api.call import READERS, Reader, SignedIn, require
from app.api.negotiation import CALENDAR, JSON, TEXT
from app.api.openapi import refuses
from app.api.routers.compliance import AsOf
from app.api.validators import OnRecord
from app.api.wire import Forecast, WhatIf
from app.engine.values import CivilDate, Version
from app.engine.way_up import WayUp
from app.engine.what_if import Supposed
from app.errors import Conflict
from app.reports.calendar import forecast_calendar
from app.reports.way_up_text import way_up_text
from app.services import supposing

router = APIRouter(tags=["compliance"])
SUPPOSED = TypeAdapter(Supposed)
FORECAST = TypeAdapter(Forecast)
WAY_UP = TypeAdapter(WayUp)
Supposing: TypeAlias = Annotated[SignedIn, require(*READERS, stores=False)]
ForecastReader: TypeAlias = Annotated[SignedIn, require(*READERS, offers=(JSON, CALENDAR))]
WayUpReader: TypeAlias = Annotated[SignedIn, require(*READERS, offers=(JSON, TEXT))]


@router.get(
    "/v1/assessments/{assessment_id}/forecast",
    summary="Read the forecast",
    response_model=Forecast,
    responses=refuses(Conflict),
)
def read_forecast(
    call: ForecastReader,
    assessment_id: UUID,
    as_of: AsOf = None,
    until: Annotated[
        CivilDate | None, Query(description="The last day ahead, at most 120 months on; 24 where it is left out.")
    ] = None,
) -> Response:
    """Give the days ahead on which the status or a score changes by itself, with what changes and why.

    As `text/calendar` it is an iCalendar feed of all-day events, in English or Welsh, whose ids never change.
    """
    with call.transaction() as tx:
        since = as_of or tx.now.date()
        on_record = OnRecord.of(call, tx, assessment_id)
        etag = on_record.etag(since)
        if unchanged := call.unchanged(etag):
            return unchanged
        pack = on_record.pack()
    last, turns = supposing.ahead(call.service.catalogue, pack, as_of=since, until=until)
    if call.media_type == JSON:
        return call.answer_json(FORECAST, Forecast(as_of=since, until=last, turns=turns), etag=etag)
    name = pack.service.name
    feed = forecast_calendar(turns, subject=str(assessment_id), service=name, as_of=since, language=call.language)
    return call.in_form(feed, etag=etag)


@router.get(
    "/v1/assessments/{assessment_id}/way-up",
    summary="Plan the cheapest way up",
    response_model=WayUp,
    responses=refuses(Conflict),
)
async def read_way_up(call: WayUpReader, assessment_id: UUID, as_of: AsOf = None) -> Response:
    """Give the fewest documents and answers that would raise the assessment to `meets`, and what reviewers then decide.

    Steps that serve most requirements come first; `exact` says whether fewer were shown not to do. It tells too what
    each accreditation saves, and what one of another scheme would. `changes` may be sent to what-if as they are.
    """

    def work() -> Response:
        with call.transaction() as tx:
            day = as_of or tx.now.date()
            on_record = OnRecord.of(call, tx, assessment_id)
            etag = on_record.etag(day)
            if unchanged := call.unchanged(etag):
                return unchanged
            pack = on_record.pack()
        catalogue = call.service.catalogue
        found = supposing.way_up(catalogue, pack, as_of=day)
        if call.media_type == JSON:
            return call.answer_json(WAY_UP, found, etag=etag)
        rule_set = catalogue.rule_set(found.rule_set.id, found.rule_set.version)
        return call.in_form(way_up_text(found, rule_set, call.language).encode(), etag=etag)

    return await to_thread.run_sync(work, limiter=call.service.slow)


@router.get(
    "/v1/assessments/{assessment_id}/impact",
    summary="Read the impact of a version",
    response_model=Supposed,
    responses=refuses(Conflict),
)
def read_impact(
    call: Reader,
    assessment_id: UUID,
    rule_set_version: Annotated[Version, Query(description="A version based on that of the assessment.")],
    as_of: AsOf = None,
) -> Response:
    """Give the determination that the assessment would have under a later version of its rule set.

    With it comes how that differs from the one as things stand, requirement by requirement, in words. Nothing is
    stored; `POST …/carry-forward` begins an assessment under that version.
    """
    with call.transaction() as tx:
        day = as_of or tx.now.date()
        on_record = OnRecord.of(call, tx, assessment_id)
        etag = on_record.etag(day)
        if unchanged := call.unchanged(etag):
            return unchanged
        pack = on_record.pack()
    found = supposing.impact(call.service.catalogue, pack, as_of=day, version=rule_set_version)
    return call.answer_json(SUPPOSED, found, etag=etag)


@router.post(
    "/v1/assessments/{assessment_id}/what-if",
    summary="Suppose that facts were otherwise",
    response_model=Supposed,
    responses=refuses(Conflict),
)
def suppose(
    call: Supposing, assessment_id: UUID, changes: Annotated[WhatIf, body(WhatIf)], as_of: AsOf = None
) -> Response:
    """Give the determination under supposed facts, and how it differs from the one as things stand, in words.

    Documents, answers, responses and accreditations take the place of those with the same id, or are added; `as_of` in
    the body is the day to judge instead, and `rule_set_version` the version to move to. Nothing is stored.
    """
    with call.transaction() as tx:
        pack = OnRecord.of(call, tx, assessment_id).pack()
        day = as_of or tx.now.date()
    found = supposing.supposed(call.service.catalogue, pack, changes, as_of=day, version=changes.rule_set_version)
    return call.answer_json(SUPPOSED, found)
