"""Responses to requirements, answers to questions, and the reviews of them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import Response as Reply

from app.api.bodies import body
from app.api.call import Page, Provider, Reader, Reviewer
from app.api.etags import IfMatchAsRead, IfMatchOrNew
from app.api.idempotency import OnceOnly
from app.api.openapi import refuses
from app.api.wire import AnswerContent, NewReview, PageOut, RecordedOut, ResponseContent
from app.api.wire_assessments import ManyAnswers, ManyOut, ManyResponses
from app.db.repositories import answers as answer_records
from app.db.repositories import responses as response_records
from app.db.repositories import reviews as review_records
from app.db.values import instant
from app.engine.pack import Answer, Response, Review
from app.errors import Conflict, PreconditionFailed
from app.services import assessments, packs, reviews
from app.services.assessments import Change

router = APIRouter()
RESPONSE = TypeAdapter(Response)
RESPONSES = TypeAdapter(PageOut[RecordedOut[Response]])
ANSWER = TypeAdapter(Answer)
ANSWERS = TypeAdapter(PageOut[RecordedOut[Answer]])
REVIEW = TypeAdapter(Review)
REVIEWS = TypeAdapter(PageOut[RecordedOut[Review]])
MANY_RESPONSES = TypeAdapter(ManyOut[RecordedOut[Response]])
MANY_ANSWERS = TypeAdapter(ManyOut[RecordedOut[Answer]])
ASSESSMENT = "/v1/assessments/{assessment_id}"


@router.get(
    ASSESSMENT + "/responses",
    summary="List responses",
    response_model=PageOut[RecordedOut[Response]],
    tags=["responses"],
)
def list_responses(call: Reader, assessment_id: UUID, page: Page) -> Reply:
    """List what the provider says of each requirement, drafts too."""
    with call.transaction() as tx:
        found = response_records.page(tx, assessment_id, after=page.after(call), limit=page.limit)
    return page.answer(call, RESPONSES, [RecordedOut[Response].of(item) for item in found.items], found.next)


@router.get(
    ASSESSMENT + "/responses/{requirement}", summary="Read a response", response_model=Response, tags=["responses"]
)
def read_response(call: Reader, assessment_id: UUID, requirement: str) -> Reply:
    """Give what the provider says of one requirement."""
    with call.transaction() as tx:
        found = response_records.get(tx, assessment_id, requirement)
    return call.answer_json(RESPONSE, found.value, etag=found.etag)


@router.put(
    ASSESSMENT + "/responses/{requirement}",
    summary="Respond to a requirement",
    response_model=Response,
    responses=refuses(Conflict),
    tags=["responses"],
)
def put_response(
    call: Provider,
    assessment_id: UUID,
    requirement: str,
    expected: IfMatchOrNew,
    new: Annotated[ResponseContent, body(ResponseContent)],
) -> Reply:
    """Record or change a response. Its version rises whenever its content differs, and acceptances of others lapse."""
    response = Response(
        requirement=requirement,
        version=1,
        self_rating=new.self_rating,
        narrative=new.narrative,
        documents=new.documents,
        exclusion_reason=new.exclusion_reason,
    )
    with call.transaction() as tx:
        version = expected.etag(lambda: response_records.get(tx, assessment_id, requirement).etag)
        kept = assessments.put_response(tx, call.service.catalogue, assessment_id, response, expected=version)
    return call.put(RESPONSE, kept.value, etag=kept.etag, created=version is None)


@router.patch(
    ASSESSMENT + "/responses",
    summary="Respond to many requirements",
    response_model=ManyOut[RecordedOut[Response]],
    responses=refuses(Conflict, PreconditionFailed),
    tags=["responses"],
)
def patch_responses(call: Provider, assessment_id: UUID, new: Annotated[ManyResponses, body(ManyResponses)]) -> Reply:
    """Record or change many responses, all of them or none. Those that are not named stay as they are.

    Each item has the ETag of the response that it changes, `null` to create it; the answer has the new ones. A response
    may be as incomplete as it is: a draft is saved as often as you like.
    """
    changes = [
        Change(
            Response(
                requirement=item.requirement,
                version=1,
                self_rating=item.self_rating,
                narrative=item.narrative,
                documents=item.documents,
                exclusion_reason=item.exclusion_reason,
            ),
            item.etag,
        )
        for item in new.items
    ]
    with call.transaction() as tx:
        kept = assessments.put_responses(tx, call.service.catalogue, assessment_id, changes)
    shown = tuple(RecordedOut[Response].of(item) for item in kept)
    return call.answer_json(MANY_RESPONSES, ManyOut[RecordedOut[Response]](items=shown))


@router.get(
    ASSESSMENT + "/answers", summary="List answers", response_model=PageOut[RecordedOut[Answer]], tags=["answers"]
)
def list_answers(call: Reader, assessment_id: UUID, page: Page) -> Reply:
    """List the answers to questions, those taken back too."""
    with call.transaction() as tx:
        found = answer_records.page(tx, assessment_id, after=page.after(call), limit=page.limit)
    return page.answer(call, ANSWERS, [RecordedOut[Answer].of(item) for item in found.items], found.next)


@router.get(ASSESSMENT + "/answers/{question}", summary="Read an answer", response_model=Answer, tags=["answers"])
def read_answer(call: Reader, assessment_id: UUID, question: str) -> Reply:
    """Give the answer to one question."""
    with call.transaction() as tx:
        found = answer_records.get(tx, assessment_id, question)
    return call.answer_json(ANSWER, found.value, etag=found.etag)


@router.put(
    ASSESSMENT + "/answers/{question}",
    summary="Answer a question",
    response_model=Answer,
    responses=refuses(Conflict),
    tags=["answers"],
)
def put_answer(
    call: Provider,
    assessment_id: UUID,
    question: str,
    expected: IfMatchOrNew,
    new: Annotated[AnswerContent, body(AnswerContent)],
) -> Reply:
    """Record or change an answer; the instant is set by the service. `null` takes the answer back."""
    with call.transaction() as tx:
        version = expected.etag(lambda: answer_records.get(tx, assessment_id, question).etag)
        kept = assessments.put_answer(tx, call.service.catalogue, assessment_id, question, new.value, expected=version)
    return call.put(ANSWER, kept.value, etag=kept.etag, created=version is None)


@router.patch(
    ASSESSMENT + "/answers",
    summary="Answer many questions",
    response_model=ManyOut[RecordedOut[Answer]],
    responses=refuses(Conflict, PreconditionFailed),
    tags=["answers"],
)
def patch_answers(call: Provider, assessment_id: UUID, new: Annotated[ManyAnswers, body(ManyAnswers)]) -> Reply:
    """Record or change many answers, all of them or none. Those that are not named stay as they are.

    Each item has the ETag of the answer that it changes, `null` to create it; the answer has the new ones.
    """
    with call.transaction() as tx:
        at = instant(tx.now)
        changes = [
            Change(Answer(question=item.question, value=item.value, answered_at=at), item.etag) for item in new.items
        ]
        kept = assessments.put_answers(tx, call.service.catalogue, assessment_id, changes)
    shown = tuple(RecordedOut[Answer].of(item) for item in kept)
    return call.answer_json(MANY_ANSWERS, ManyOut[RecordedOut[Answer]](items=shown))


@router.get(
    ASSESSMENT + "/reviews", summary="List reviews", response_model=PageOut[RecordedOut[Review]], tags=["reviews"]
)
def list_reviews(call: Reader, assessment_id: UUID, page: Page) -> Reply:
    """List every decision, oldest first; the newest of a requirement counts."""
    with call.transaction() as tx:
        found = review_records.page(tx, assessment_id, after=page.after(call), limit=page.limit)
    return page.answer(call, REVIEWS, [RecordedOut[Review].of(item) for item in found.items], found.next)


@router.get(ASSESSMENT + "/reviews/{review}", summary="Read a review", response_model=Review, tags=["reviews"])
def read_review(call: Reader, assessment_id: UUID, review: str) -> Reply:
    """Give one decision."""
    with call.transaction() as tx:
        found = review_records.get(tx, assessment_id, review)
    return call.answer_json(REVIEW, found.value, etag=found.etag)


@router.post(
    ASSESSMENT + "/reviews",
    summary="Decide on a requirement",
    status_code=201,
    response_model=Review,
    responses=refuses(Conflict),
    tags=["reviews"],
)
def create_review(
    call: Reviewer,
    assessment_id: UUID,
    expected: IfMatchAsRead,
    new: Annotated[NewReview, body(NewReview)],
    once: OnceOnly,
) -> Reply:
    """Record a reviewer's decision, made on the assessment's pack as it was read.

    `If-Match` is the ETag of that pack (`GET …/pack`): when anything of it has changed since, nothing is recorded. `*`
    is not taken. A decision changes the pack, so the next one is made on the pack read again. Who decides, when, and
    the documents and programmes seen are set by the service.
    """
    decision = reviews.Decision(**dict(new))
    with call.transaction() as tx:

        def work() -> Reply:
            read = expected.existing(lambda: packs.assembled(tx, assessment_id).sha256)
            made = reviews.decide(tx, call.service.catalogue, assessment_id, decision, expected=read)
            place = f"/v1/assessments/{assessment_id}/reviews/{made.key}"
            return call.created(REVIEW, made.value, place, etag=made.etag)

        return once(tx, work)
