"""The life of an assessment: submitted, reviewed, returned, completed or withdrawn, and shared with commissioners."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.bodies import body
from app.api.call import ProviderLead, Reviewer, SignedIn
from app.api.etags import Expected, IfMatch
from app.api.openapi import refuses
from app.api.wire_assessments import AssessmentOut, Return, Share, Submission, Withdrawal
from app.db.repositories import assessments
from app.db.session import Transaction
from app.db.values import AssessmentRecord
from app.errors import Conflict
from app.services import life

router = APIRouter(tags=["assessments"])
ASSESSMENT = TypeAdapter(AssessmentOut)
PLACE = "/v1/assessments/{assessment_id}"


def _etag(tx: Transaction, assessment_id: UUID, expected: Expected) -> str:
    return expected.existing(lambda: assessments.get(tx, assessment_id).etag)


def _answer(call: SignedIn, record: AssessmentRecord) -> Response:
    return call.answer_json(ASSESSMENT, AssessmentOut.of(record, call.actor), etag=record.etag)


@router.post(
    PLACE + "/submission", summary="Submit an assessment", response_model=AssessmentOut, responses=refuses(Conflict)
)
def submit(
    call: ProviderLead, assessment_id: UUID, expected: IfMatch, new: Annotated[Submission, body(Submission)]
) -> Response:
    """Submit a draft, or an assessment that was returned, and share it with the commissioners named.

    From then on it is frozen, and they see it as it was submitted.
    """
    with call.transaction() as tx:
        version = _etag(tx, assessment_id, expected)
        done = life.submit(tx, assessment_id, share_with=new.share_with, expected=version)
    return _answer(call, done)


@router.post(
    PLACE + "/shares",
    summary="Share an assessment with one more commissioner",
    response_model=AssessmentOut,
    responses=refuses(Conflict),
)
def share(call: ProviderLead, assessment_id: UUID, expected: IfMatch, new: Annotated[Share, body(Share)]) -> Response:
    """Let one more commissioner see an assessment that was submitted, as it was submitted."""
    with call.transaction() as tx:
        version = _etag(tx, assessment_id, expected)
        done = life.share(tx, assessment_id, new.commissioner, expected=version)
    return _answer(call, done)


@router.delete(
    PLACE + "/shares/{commissioner_id}",
    summary="End a share",
    response_model=AssessmentOut,
    responses=refuses(Conflict),
)
def end_share(call: ProviderLead, assessment_id: UUID, commissioner_id: UUID, expected: IfMatch) -> Response:
    """Let a commissioner see nothing of an assessment any more. What was issued to them stays theirs."""
    with call.transaction() as tx:
        version = _etag(tx, assessment_id, expected)
        done = life.end_share(tx, assessment_id, commissioner_id, expected=version)
    return _answer(call, done)


@router.post(
    PLACE + "/withdrawal",
    summary="Withdraw an assessment",
    response_model=AssessmentOut,
    responses=refuses(Conflict),
)
def withdraw(
    call: ProviderLead, assessment_id: UUID, expected: IfMatch, new: Annotated[Withdrawal, body(Withdrawal)]
) -> Response:
    """Take an assessment back for good, unless its review is complete.

    A draft was never seen by others. Those with whom one was shared go on seeing what was submitted, and that it was
    withdrawn.
    """
    with call.transaction() as tx:
        version = _etag(tx, assessment_id, expected)
        done = life.withdraw(tx, assessment_id, reason=new.reason, expected=version)
    return _answer(call, done)


@router.post(PLACE + "/review", summary="Start a review", response_model=AssessmentOut, responses=refuses(Conflict))
def start_review(call: Reviewer, assessment_id: UUID, expected: IfMatch) -> Response:
    """Take an assessment that was submitted into review; only then are decisions made."""
    with call.transaction() as tx:
        done = life.start_review(tx, assessment_id, expected=_etag(tx, assessment_id, expected))
    return _answer(call, done)


@router.post(
    PLACE + "/return", summary="Return an assessment", response_model=AssessmentOut, responses=refuses(Conflict)
)
def return_assessment(
    call: Reviewer, assessment_id: UUID, expected: IfMatch, new: Annotated[Return, body(Return)]
) -> Response:
    """Give an assessment in review back to the provider, to change what it says of the requirements named."""
    with call.transaction() as tx:
        version = _etag(tx, assessment_id, expected)
        done = life.return_(tx, call.service.catalogue, assessment_id, new.reopened, expected=version)
    return _answer(call, done)


@router.post(
    PLACE + "/completion", summary="Complete a review", response_model=AssessmentOut, responses=refuses(Conflict)
)
def complete(call: Reviewer, assessment_id: UUID, expected: IfMatch) -> Response:
    """End the review of an assessment. What was not decided on stays unverified."""
    with call.transaction() as tx:
        done = life.complete(tx, assessment_id, expected=_etag(tx, assessment_id, expected))
    return _answer(call, done)
