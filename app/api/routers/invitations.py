"""Invitations: people set their own passwords, which whoever invites them never knows."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api import signing_in
from app.api.bodies import body
from app.api.call import Anyone, Inviter, Page
from app.api.etags import IfMatch
from app.api.idempotency import OnceOnly
from app.api.openapi import refuses
from app.api.wire import PageOut
from app.api.wire_people import Acceptance, InvitationOut, InvitationToken, NewInvitation
from app.db.repositories import invitations as records
from app.db.session import SIGNING_IN
from app.db.values import User
from app.errors import Conflict, TooManyAttempts
from app.security.secret_texts import hash_of_secret, new_secret
from app.services import accounts, invitations

router = APIRouter(tags=["invitations"])
INVITATION = TypeAdapter(InvitationOut)
INVITATIONS = TypeAdapter(PageOut[InvitationOut])
TOKEN = TypeAdapter(InvitationToken)
USER = TypeAdapter(User)


@router.post(
    "/v1/invitations",
    summary="Invite somebody",
    status_code=201,
    response_model=InvitationOut,
    responses=refuses(Conflict),
)
def create_invitation(call: Inviter, new: Annotated[NewInvitation, body(NewInvitation)], once: OnceOnly) -> Response:
    """Invite somebody to become a user: anybody as an administrator, editors and leads of one's own provider as a lead.

    The token that accepts it is asked for with `POST /v1/invitations/{invitation_id}/token`. Sending it to them is
    yours: the service sends no e-mail.
    """
    with call.transaction() as tx:

        def work() -> Response:
            made = invitations.invite(tx, email=new.email, organisation=new.organisation, role=new.role)
            shown = InvitationOut.of(made, tx.now)
            return call.created(INVITATION, shown, f"/v1/invitations/{made.id}", etag=made.etag)

        return once(tx, work)


@router.get("/v1/invitations", summary="List invitations", response_model=PageOut[InvitationOut])
def list_invitations(call: Inviter, page: Page) -> Response:
    """List invitations, oldest first: all for administrators, those into their own provider for leads."""
    with call.transaction() as tx:
        found = records.page(tx, after=page.after(call), limit=page.limit)
        items = [InvitationOut.of(item, tx.now) for item in found.items]
    return page.answer(call, INVITATIONS, items, found.next)


@router.get("/v1/invitations/{invitation_id}", summary="Read an invitation", response_model=InvitationOut)
def read_invitation(call: Inviter, invitation_id: UUID) -> Response:
    """Give one invitation, and whether it is open, accepted, withdrawn or expired."""
    with call.transaction() as tx:
        found = InvitationOut.of(records.get(tx, invitation_id), tx.now)
    return call.answer_json(INVITATION, found, etag=found.etag)


@router.post(
    "/v1/invitations/{invitation_id}/token",
    summary="Make the token of an invitation",
    response_model=InvitationToken,
    responses=refuses(Conflict),
)
def make_invitation_token(call: Inviter, invitation_id: UUID, expected: IfMatch) -> Response:
    """Give a token that accepts the invitation once, within 14 days. It is shown this once only, and kept as a hash.

    Asked for again, it replaces the one before.
    """
    secret = new_secret()
    with call.transaction() as tx:
        version = expected.existing(lambda: records.get(tx, invitation_id).etag)
        made = invitations.give_token(tx, invitation_id, hash_of_secret(secret), expected=version)
    return call.answer_json(TOKEN, InvitationToken(token=secret, expires_at=made.expires_at), etag=made.etag)


@router.post(
    "/v1/invitations/{invitation_id}/withdrawal",
    summary="Withdraw an invitation",
    response_model=InvitationOut,
    responses=refuses(Conflict),
)
def withdraw_invitation(call: Inviter, invitation_id: UUID, expected: IfMatch) -> Response:
    """Take an invitation back; its token accepts nothing any more."""
    with call.transaction() as tx:
        version = expected.existing(lambda: records.get(tx, invitation_id).etag)
        found = InvitationOut.of(invitations.withdraw(tx, invitation_id, expected=version), tx.now)
    return call.answer_json(INVITATION, found, etag=found.etag)


@router.post(
    "/v1/invitations/acceptance",
    summary="Accept an invitation",
    status_code=201,
    response_model=User,
    responses=refuses(Conflict, TooManyAttempts),
)
def accept_invitation(call: Anyone, given: Annotated[Acceptance, body(Acceptance)]) -> Response:
    """Become the user who was invited, with a name and a password of 12 to 200 characters.

    A token that is unknown, used, withdrawn or expired is refused in one and the same way. Attempts are counted like
    those to sign in.
    """
    signing_in.attempt(call, given.token)
    secret_hash = hash_of_secret(given.token)
    with call.transaction_of(SIGNING_IN) as tx:
        found = invitations.by_token(tx, secret_hash)
    signing_in.succeeded(call, given.token)
    accounts.refuse_weak(given.password, email=found.email, name=given.name)
    password_hash = call.service.passwords.hash(given.password)
    with call.transaction_of(SIGNING_IN) as tx:
        made = invitations.accept(tx, secret_hash, name=given.name, password_hash=password_hash)
    return call.created(USER, made, f"/v1/users/{made.id}", etag=made.etag)
