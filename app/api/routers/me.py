"""What concerns only oneself: who one is, one's sessions, one's password."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api import signing_in
from app.api.bodies import body
from app.api.call import Everyone, Page
from app.api.openapi import refuses
from app.api.wire import PageOut
from app.api.wire_people import PasswordChange, SessionOut
from app.db.repositories import sessions as session_records
from app.db.repositories import users
from app.db.values import User
from app.errors import TooManyAttempts
from app.services import accounts, sessions

router = APIRouter(tags=["me"])
USER = TypeAdapter(User)
SESSION = TypeAdapter(SessionOut)
SESSIONS = TypeAdapter(PageOut[SessionOut])


@router.get("/v1/me", summary="Who is signed in", response_model=User)
def read_me(call: Everyone) -> Response:
    """Give the user that the token was issued to."""
    with call.transaction() as tx:
        user = users.get(tx, call.actor.user)
    return call.answer_json(USER, user, etag=user.etag)


@router.get("/v1/me/sessions", summary="List one's own sessions", response_model=PageOut[SessionOut])
def list_sessions(call: Everyone, page: Page) -> Response:
    """List the sessions of the caller that have not ended: where they are signed in, and since when."""
    with call.transaction() as tx:
        found = session_records.page(tx, call.actor.user, after=page.after(call), limit=page.limit)
    items = [SessionOut.of(item, call.actor.session) for item in found.items]
    return page.answer(call, SESSIONS, items, found.next)


@router.post(
    "/v1/me/sessions/{session_id}/revocation", summary="End one of one's own sessions", response_model=SessionOut
)
def end_session(call: Everyone, session_id: UUID) -> Response:
    """End a session of the caller; its tokens stop working at once. Gives what it was."""
    with call.transaction() as tx:
        ended = sessions.end_one(tx, call.actor.user, session_id)
    return call.answer_json(SESSION, SessionOut.of(ended, call.actor.session))


@router.post(
    "/v1/me/password", summary="Change one's own password", response_model=User, responses=refuses(TooManyAttempts)
)
def change_password(call: Everyone, change: Annotated[PasswordChange, body(PasswordChange)]) -> Response:
    """Change the password of the caller, who must know the one there is. All their other sessions end.

    A password has 12 to 200 characters, is on no list of common or breached ones, is not easy to guess, and does not
    contain the caller's name, e-mail address or the name of this service.
    """
    user = signing_in.own_password(call, change.current, "/current")
    signing_in.password_right(call, user.email)
    accounts.refuse_weak(change.new, email=user.email, name=user.name, pointer="/new")
    password_hash = call.service.passwords.hash(change.new)
    with call.transaction() as tx:
        user = accounts.change_own_password(tx, password_hash)
    return call.answer_json(USER, user, etag=user.etag)
