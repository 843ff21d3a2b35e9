"""Providers, commissioners, scrutiny bodies and their users: entered by administrators."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.bodies import body
from app.api.call import Administrator, Everyone, Page, SignedIn
from app.api.etags import Expected, IfMatch
from app.api.idempotency import OnceOnly
from app.api.openapi import refuses
from app.api.wire import CommissionerContent, NewOrganisation, NewUser, PageOut
from app.api.wire_people import EndedSessions, SessionOut
from app.db.repositories import organisations, users
from app.db.repositories import sessions as session_records
from app.db.values import Member, Organisation, User
from app.errors import Conflict
from app.services import accounts, sessions
from app.services.accounts import NO_REMIT, Remit

router = APIRouter(tags=["organisations"])
ORGANISATION = TypeAdapter(Organisation)
ORGANISATIONS = TypeAdapter(PageOut[Organisation])
USER = TypeAdapter(User)
USERS = TypeAdapter(PageOut[User])
SESSIONS = TypeAdapter(PageOut[SessionOut])
ENDED = TypeAdapter(EndedSessions)
# Where each kind is found. The operator is entered on the command line, and has no page.
Kind = Literal["provider", "commissioner", "scrutiny"]
PLACES: dict[Kind, str] = {"provider": "providers", "commissioner": "commissioners", "scrutiny": "scrutiny-bodies"}


def _remit(call: SignedIn, new: NewOrganisation) -> Remit:
    if not isinstance(new, CommissionerContent):
        return NO_REMIT
    members = tuple(Member(each.kind, each.body) for each in new.members)
    return accounts.remit_of(call.service.places, new.regions, members)


def _create(call: SignedIn, kind: Kind, new: NewOrganisation, once: OnceOnly) -> Response:
    remit = _remit(call, new)
    with call.transaction() as tx:

        def work() -> Response:
            made = accounts.create_organisation(tx, kind=kind, name=new.name, remit=remit)
            return call.created(ORGANISATION, made, f"/v1/{PLACES[kind]}/{made.id}", etag=made.etag)

        return once(tx, work)


def _change(call: SignedIn, kind: Kind, organisation_id: UUID, expected: Expected, new: NewOrganisation) -> Response:
    remit = _remit(call, new)
    with call.transaction() as tx:
        before = organisations.get(tx, kind, organisation_id)
        version = expected.existing(lambda: before.etag)
        after = accounts.change_organisation(tx, before, name=new.name, remit=remit, expected=version)
    return call.answer_json(ORGANISATION, after, etag=after.etag)


def _read(call: SignedIn, kind: Kind, organisation_id: UUID) -> Response:
    with call.transaction() as tx:
        found = organisations.get(tx, kind, organisation_id)
    return call.answer_json(ORGANISATION, found, etag=found.etag)


def _list(call: SignedIn, kind: Kind, page: Page) -> Response:
    with call.transaction() as tx:
        found = organisations.page(tx, kind, after=page.after(call), limit=page.limit)
    return page.answer(call, ORGANISATIONS, found.items, found.next)


@router.post(
    "/v1/providers",
    summary="Enter a provider",
    status_code=201,
    response_model=Organisation,
    responses=refuses(Conflict),
)
def create_provider(
    call: Administrator, new: Annotated[NewOrganisation, body(NewOrganisation)], once: OnceOnly
) -> Response:
    """Enter an organisation that runs services. Names are unique among providers."""
    return _create(call, "provider", new, once)


@router.get("/v1/providers", summary="List providers", response_model=PageOut[Organisation])
def list_providers(call: Everyone, page: Page) -> Response:
    """List the providers that the caller may know: all, their own, or those who share an assessment with them."""
    return _list(call, "provider", page)


@router.get("/v1/providers/{provider_id}", summary="Read a provider", response_model=Organisation)
def read_provider(call: Everyone, provider_id: UUID) -> Response:
    """Give one provider."""
    return _read(call, "provider", provider_id)


@router.put(
    "/v1/providers/{provider_id}",
    summary="Change a provider",
    response_model=Organisation,
    responses=refuses(Conflict),
)
def change_provider(
    call: Administrator,
    provider_id: UUID,
    expected: IfMatch,
    new: Annotated[NewOrganisation, body(NewOrganisation)],
) -> Response:
    """Rename a provider. What was recorded of its services before keeps the name that it had then."""
    return _change(call, "provider", provider_id, expected, new)


@router.post(
    "/v1/commissioners",
    summary="Enter a commissioner",
    status_code=201,
    response_model=Organisation,
    responses=refuses(Conflict),
)
def create_commissioner(
    call: Administrator, new: Annotated[CommissionerContent, body(CommissionerContent)], once: OnceOnly
) -> Response:
    """Enter a body that decides on funding, with its regions and members. Names are unique among commissioners.

    `regions` are those that it commissions for (`GET /v1/regions`). `members` are the bodies it is made of: local
    authorities, health boards and police forces by their ids, others by name.
    """
    return _create(call, "commissioner", new, once)


@router.get("/v1/commissioners", summary="List commissioners", response_model=PageOut[Organisation])
def list_commissioners(call: Everyone, page: Page) -> Response:
    """List the commissioners that the caller may know; a provider chooses among all of them when it submits."""
    return _list(call, "commissioner", page)


@router.get("/v1/commissioners/{commissioner_id}", summary="Read a commissioner", response_model=Organisation)
def read_commissioner(call: Everyone, commissioner_id: UUID) -> Response:
    """Give one commissioner."""
    return _read(call, "commissioner", commissioner_id)


@router.put(
    "/v1/commissioners/{commissioner_id}",
    summary="Change a commissioner",
    response_model=Organisation,
    responses=refuses(Conflict),
)
def change_commissioner(
    call: Administrator,
    commissioner_id: UUID,
    expected: IfMatch,
    new: Annotated[CommissionerContent, body(CommissionerContent)],
) -> Response:
    """Replace name, regions and members of a commissioner."""
    return _change(call, "commissioner", commissioner_id, expected, new)


@router.post(
    "/v1/scrutiny-bodies",
    summary="Enter a scrutiny body",
    status_code=201,
    response_model=Organisation,
    responses=refuses(Conflict),
)
def create_scrutiny_body(
    call: Administrator, new: Annotated[NewOrganisation, body(NewOrganisation)], once: OnceOnly
) -> Response:
    """Enter a body that watches over the sector, such as an inspectorate. Names are unique among scrutiny bodies."""
    return _create(call, "scrutiny", new, once)


@router.get("/v1/scrutiny-bodies", summary="List scrutiny bodies", response_model=PageOut[Organisation])
def list_scrutiny_bodies(call: Everyone, page: Page) -> Response:
    """List the scrutiny bodies that the caller may know: all for administrators, their own for others."""
    return _list(call, "scrutiny", page)


@router.get("/v1/scrutiny-bodies/{scrutiny_body_id}", summary="Read a scrutiny body", response_model=Organisation)
def read_scrutiny_body(call: Everyone, scrutiny_body_id: UUID) -> Response:
    """Give one scrutiny body."""
    return _read(call, "scrutiny", scrutiny_body_id)


@router.put(
    "/v1/scrutiny-bodies/{scrutiny_body_id}",
    summary="Change a scrutiny body",
    response_model=Organisation,
    responses=refuses(Conflict),
)
def change_scrutiny_body(
    call: Administrator,
    scrutiny_body_id: UUID,
    expected: IfMatch,
    new: Annotated[NewOrganisation, body(NewOrganisation)],
) -> Response:
    """Rename a scrutiny body."""
    return _change(call, "scrutiny", scrutiny_body_id, expected, new)


@router.post("/v1/users", summary="Enter a user", status_code=201, response_model=User, responses=refuses(Conflict))
def create_user(call: Administrator, new: Annotated[NewUser, body(NewUser)], once: OnceOnly) -> Response:
    """Enter a person who signs in with an e-mail address and a password of 12 to 200 characters."""
    accounts.refuse_weak(new.password, email=new.email, name=new.name)
    password_hash = call.service.passwords.hash(new.password)
    with call.transaction() as tx:

        def work() -> Response:
            made = accounts.create_user(
                tx,
                email=new.email,
                name=new.name,
                organisation=new.organisation,
                role=new.role,
                password_hash=password_hash,
            )
            return call.created(USER, made, f"/v1/users/{made.id}", etag=made.etag)

        return once(tx, work)


@router.get("/v1/users", summary="List users", response_model=PageOut[User])
def list_users(call: Everyone, page: Page) -> Response:
    """List the users that the caller may know: all for administrators, those of their own organisation for others."""
    with call.transaction() as tx:
        found = users.page(tx, after=page.after(call), limit=page.limit)
    return page.answer(call, USERS, found.items, found.next)


@router.get("/v1/users/{user_id}", summary="Read a user", response_model=User)
def read_user(call: Everyone, user_id: UUID) -> Response:
    """Give one user."""
    with call.transaction() as tx:
        found = users.get(tx, user_id)
    return call.answer_json(USER, found, etag=found.etag)


def _set_active(call: SignedIn, user_id: UUID, expected: Expected, *, active: bool) -> Response:
    with call.transaction() as tx:
        version = expected.existing(lambda: users.get(tx, user_id).etag)
        user = accounts.set_active(tx, user_id, active=active, expected=version)
    return call.answer_json(USER, user, etag=user.etag)


@router.post(
    "/v1/users/{user_id}/deactivation", summary="Shut a user out", response_model=User, responses=refuses(Conflict)
)
def deactivate_user(call: Administrator, user_id: UUID, expected: IfMatch) -> Response:
    """Shut a user out: all their sessions end at once, and they cannot sign in. What they recorded stays."""
    return _set_active(call, user_id, expected, active=False)


@router.post(
    "/v1/users/{user_id}/reactivation",
    summary="Let a user in again",
    response_model=User,
    responses=refuses(Conflict),
)
def reactivate_user(call: Administrator, user_id: UUID, expected: IfMatch) -> Response:
    """Let a user sign in again who was shut out."""
    return _set_active(call, user_id, expected, active=True)


@router.get("/v1/users/{user_id}/sessions", summary="List a user's sessions", response_model=PageOut[SessionOut])
def list_user_sessions(call: Administrator, user_id: UUID, page: Page) -> Response:
    """List the sessions of a user that have not ended."""
    with call.transaction() as tx:
        users.get(tx, user_id)
        found = session_records.page(tx, user_id, after=page.after(call), limit=page.limit)
    items = [SessionOut.of(item, call.actor.session) for item in found.items]
    return page.answer(call, SESSIONS, items, found.next)


@router.post("/v1/users/{user_id}/sessions/revocation", summary="End a user's sessions", response_model=EndedSessions)
def end_user_sessions(call: Administrator, user_id: UUID) -> Response:
    """End every session of a user; all their tokens stop working at once."""
    with call.transaction() as tx:
        count = sessions.end_all(tx, user_id)
    return call.answer_json(ENDED, EndedSessions(count=count))
