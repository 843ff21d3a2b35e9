"""Determinations of an assessment, and gap reports, in the form that the caller asks for."""

from collections.abc import Callable
from typing import Annotated, TypeAlias
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Query
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.call import READERS, SignedIn, hash_of, require
from app.api.negotiation import JSON, PDF, TEXT
from app.api.openapi import refuses
from app.api.wire import GapList
from app.engine.determination import Determination, Rung
from app.engine.values import CivilDate, Instant, moment
from app.errors import Conflict
from app.reports.gap_report import gap_report
from app.reports.pdf import gap_report_pdf
from app.reports.text import determination_text, gap_report_text
from app.services import determinations, packs

router = APIRouter(tags=["compliance"])
GAPS = TypeAdapter(GapList)
ComplianceReader: TypeAlias = Annotated[SignedIn, require(*READERS, offers=(JSON, TEXT))]
GapReader: TypeAlias = Annotated[SignedIn, require(*READERS, offers=(JSON, PDF, TEXT))]
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
    call: ComplianceReader, assessment_id: UUID, as_of: AsOf = None, known_at: KnownAt = None
) -> Response:
    """Give the determination of an assessment: whether and how far the service meets the rule set.

    A score means nothing without its rung and the status beside it. As plain text it is a page for reading.
    """

    def work() -> Response:
        found = _determined(call, assessment_id, "verified", as_of, known_at)
        if call.media_type == JSON:
            return call.answer(found.canonical, etag=found.sha256)
        catalogue = call.service.catalogue
        rule_set = catalogue.rule_set(found.rule_set.id, found.rule_set.version)
        text = determination_text(found, rule_set, call.language, schemes=catalogue.schemes)
        return for_reading(call, text.encode())

    return await _in_turn(call, work)


@router.get(
    "/v1/assessments/{assessment_id}/gaps",
    summary="Read the gap report",
    response_model=GapList,
    responses=refuses(Conflict),
)
async def read_gaps(
    call: GapReader,
    assessment_id: UUID,
    rung: Annotated[Rung, Query(description="The rung whose gaps are listed.")] = "verified",
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response:
    """Give what is missing, why, and what to hand in: as JSON, as a PDF report, or as plain text."""

    def work() -> Response:
        found = _determined(call, assessment_id, rung, as_of, known_at)
        if call.media_type == JSON:
            return call.answer_json(GAPS, GapList.of(found, rung))
        catalogue = call.service.catalogue
        rule_set = catalogue.rule_set(found.rule_set.id, found.rule_set.version)
        report = gap_report(found, rule_set, language=call.language, schemes=catalogue.schemes)
        return for_reading(call, gap_report_pdf(report) if call.media_type == PDF else gap_report_text(report).encode())

    return await _in_turn(call, work)


async def _in_turn(call: SignedIn, work: Callable[[], Response]) -> Response:
    """Work in a thread; a PDF takes long, and must not take the threads that short requests need."""
    return await to_thread.run_sync(work, limiter=call.service.slow if call.media_type == PDF else None)


def _determined(
    call: SignedIn, assessment_id: UUID, rung: Rung, as_of: CivilDate | None, known_at: Instant | None
) -> Determination:
    with call.transaction() as tx:
        pack = packs.assembled(tx, assessment_id, known_at=moment(known_at) if known_at else None)
        today = tx.now.date()
    return determinations.determine(call.service.catalogue, pack, as_of=as_of or today, rung=rung)


def for_reading(call: SignedIn, content: bytes) -> Response:
    """A form for reading, in the language that the caller asked for."""
    headers = {"content-language": call.language, "vary": "Accept, Accept-Language"}
    return call.answer(content, etag=hash_of(content), headers=headers)
