"""Determinations of an assessment, and gap reports, in the form that the caller asks for."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, TypeAlias
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Query
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.call import READERS, Reader, SignedIn, require
from app.api.negotiation import JSON, PDF, TEXT
from app.api.openapi import refuses
from app.api.validators import OnRecord
from app.api.wire import GapList, Summary
from app.engine.determination import Determination, Rung
from app.engine.evaluate import glance
from app.engine.pack import Pack
from app.engine.values import CivilDate, Instant, moment
from app.errors import Conflict
from app.reports.gap_report import gap_report
from app.reports.pdf import gap_report_pdf
from app.reports.text import determination_text, gap_report_text
from app.services.determinations import determine, judged_by

router = APIRouter(tags=["compliance"])
GAPS = TypeAdapter(GapList)
SUMMARY = TypeAdapter(Summary)
Reporting: TypeAlias = Annotated[SignedIn, require(*READERS, offers=(JSON, PDF, TEXT))]
AsOf: TypeAlias = Annotated[
    CivilDate | None, Query(description="The date it is judged on; today (UTC) where it is left out.")
]
KnownAt: TypeAlias = Annotated[
    Instant | None, Query(description="Only what was on record at this instant; all that is where it is left out.")
]


@router.get(
    "/v1/assessments/{assessment_id}/compliance",
    summary="Read compliance",
    response_model=Determination,
    responses=refuses(Conflict),
)
async def read_compliance(
    call: Reporting, assessment_id: UUID, as_of: AsOf = None, known_at: KnownAt = None
) -> Response:
    """Give the determination of an assessment: whether and how far the service meets the rule set.

    A score means nothing without its rung and the status beside it. As plain text it is a page for reading; the PDF is
    the report of what is missing on the verified rung, which begins with it.
    """

    def shown(pack: Pack, day: date) -> bytes:
        catalogue = call.service.catalogue
        found = determine(catalogue, pack, as_of=day)
        if call.media_type == JSON:
            return found.canonical
        rule_set = catalogue.rule_set(found.rule_set.id, found.rule_set.version)
        if call.media_type == PDF:
            return gap_report_pdf(gap_report(found, rule_set, language=call.language, schemes=catalogue.schemes))
        return determination_text(found, rule_set, call.language, schemes=catalogue.schemes).encode()

    return await _in_turn(call, lambda: _answer(call, assessment_id, as_of, known_at, shown))


@router.get(
    "/v1/assessments/{assessment_id}/summary",
    summary="Read the summary",
    response_model=Summary,
    responses=refuses(Conflict),
)
def read_summary(call: Reader, assessment_id: UUID, as_of: AsOf = None, known_at: KnownAt = None) -> Response:
    """Give status and scores alone, overall and for each standard: those of the determination on the same day."""

    def shown(pack: Pack, day: date) -> bytes:
        rule_set = judged_by(call.service.catalogue, pack)
        found = glance(rule_set, call.service.catalogue.crosswalks_for(rule_set), pack, day)
        return SUMMARY.dump_json(Summary.of(rule_set, pack, day, found), by_alias=True)

    return _answer(call, assessment_id, as_of, known_at, shown)


@router.get(
    "/v1/assessments/{assessment_id}/gaps",
    summary="Read the gap report",
    response_model=GapList,
    responses=refuses(Conflict),
)
async def read_gaps(
    call: Reporting,
    assessment_id: UUID,
    rung: Annotated[Rung, Query(description="The rung whose gaps are listed.")] = "verified",
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response:
    """Give what is missing, why, and what to hand in: as JSON, as a PDF report, or as plain text."""

    def shown(pack: Pack, day: date) -> bytes:
        catalogue = call.service.catalogue
        found = determine(catalogue, pack, as_of=day, rung=rung)
        if call.media_type == JSON:
            return GAPS.dump_json(GapList.of(found, rung), by_alias=True)
        rule_set = catalogue.rule_set(found.rule_set.id, found.rule_set.version)
        report = gap_report(found, rule_set, language=call.language, schemes=catalogue.schemes)
        return gap_report_pdf(report) if call.media_type == PDF else gap_report_text(report).encode()

    return await _in_turn(call, lambda: _answer(call, assessment_id, as_of, known_at, shown))


async def _in_turn(call: SignedIn, work: Callable[[], Response]) -> Response:
    """Work in a thread; a PDF takes long, and must not take the threads that short requests need."""
    return await to_thread.run_sync(work, limiter=call.service.slow if call.media_type == PDF else None)


def _answer(
    call: SignedIn,
    assessment_id: UUID,
    as_of: date | None,
    known_at: str | None,
    shown: Callable[[Pack, date], bytes],
) -> Response:
    """What ``shown`` makes of the pack and the day, unless the caller has it already."""
    at = moment(known_at) if known_at else None
    with call.transaction() as tx:
        day = as_of or tx.now.date()
        on_record = OnRecord.of(call, tx, assessment_id, at)
        etag = on_record.etag(day)
        if unchanged := call.unchanged(etag):
            return unchanged
        pack = on_record.pack()
    return call.in_form(shown(pack, day), etag=etag)
