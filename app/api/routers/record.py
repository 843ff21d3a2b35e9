"""What was done, by whom; and who a user was, erased without a change to that."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.call import Administrator, Everyone, Page
from app.api.etags import IfMatch
from app.api.openapi import refuses
from app.api.wire import PageOut
from app.db.repositories import audit, users
from app.db.values import AuditEvent, User
from app.errors import Conflict
from app.services import erasure
from app.services.writing import expect_etag

router = APIRouter()
EVENTS = TypeAdapter(PageOut[AuditEvent])
USER = TypeAdapter(User)


@router.get("/v1/audit-events", summary="Read the audit log", response_model=PageOut[AuditEvent], tags=["audit log"])
def list_audit_events(call: Everyone, page: Page) -> Response:
    """List what was done, oldest first: everything for administrators, what their own organisation did for others.

    `seq` numbers all entries of the service without gaps, and `hash` links each to the one before. No evidence, name or
    e-mail address is in an entry.
    """
    with call.transaction() as tx:
        found = audit.page(tx, after=page.after(call), limit=page.limit)
    return page.answer(call, EVENTS, found.items, found.next)


@router.post(
    "/v1/users/{user_id}/erasure",
    summary="Erase who a user was",
    response_model=User,
    responses=refuses(Conflict),
    tags=["organisations"],
)
def erase_user(call: Administrator, user_id: UUID, expected: IfMatch) -> Response:
    """Take away a user's name, e-mail address, password and second factor, for good, and give the pseudonym left.

    Their sessions end, and they can sign in no more; invitations to the address are withdrawn and forget it. What they
    did stays on record, and provable, under their id.
    """
    with call.transaction() as tx:
        user = users.get(tx, user_id)
        expect_etag(user.etag, expected.existing(lambda: user.etag))
        left = erasure.erase_user(tx, user_id)
    return call.answer_json(USER, left, etag=left.etag)
