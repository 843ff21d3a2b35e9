"""Programs that act for organisations, and the secrets that they sign in with."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.bodies import body
from app.api.call import Inviter, Page
from app.api.etags import IfMatch
from app.api.idempotency import OnceOnly
from app.api.openapi import refuses
from app.api.wire import PageOut
from app.api.wire_people import ClientOut, ClientSecret, NewClient
from app.db.repositories import clients as records
from app.errors import Conflict
from app.security.secret_texts import hash_of_secret, new_secret
from app.services import clients

router = APIRouter(tags=["clients"])
CLIENT = TypeAdapter(ClientOut)
CLIENTS = TypeAdapter(PageOut[ClientOut])
SECRET = TypeAdapter(ClientSecret)


@router.post("/v1/clients", summary="Enter a client", status_code=201, response_model=ClientOut)
def create_client(call: Inviter, new: Annotated[NewClient, body(NewClient)], once: OnceOnly) -> Response:
    """Enter a program that acts for an organisation: any as an administrator, one's own provider as its lead.

    Its role is `provider_editor`, `commissioner` or `scrutiny`: handing in, reviewing and administering are for people.
    `scope` is the most that it may ask for, `read` or `read write`. It is listed among the users too, by its id.
    """
    with call.transaction() as tx:

        def work() -> Response:
            made = clients.create(tx, name=new.name, organisation=new.organisation, role=new.role, scope=new.scope)
            return call.created(CLIENT, ClientOut.of(made), f"/v1/clients/{made.id}", etag=made.etag)

        return once(tx, work)


@router.get("/v1/clients", summary="List clients", response_model=PageOut[ClientOut])
def list_clients(call: Inviter, page: Page) -> Response:
    """List the programs, oldest first: all for administrators, those of their own provider for leads."""
    with call.transaction() as tx:
        found = records.page(tx, after=page.after(call), limit=page.limit)
    return page.answer(call, CLIENTS, [ClientOut.of(item) for item in found.items], found.next)


@router.get("/v1/clients/{client_id}", summary="Read a client", response_model=ClientOut)
def read_client(call: Inviter, client_id: UUID) -> Response:
    """Give one program, whether it is active, and since when it has its secret."""
    with call.transaction() as tx:
        found = records.get(tx, client_id)
    return call.answer_json(CLIENT, ClientOut.of(found), etag=found.etag)


@router.post(
    "/v1/clients/{client_id}/secret",
    summary="Make the secret of a client",
    response_model=ClientSecret,
    responses=refuses(Conflict),
)
def make_client_secret(call: Inviter, client_id: UUID, expected: IfMatch) -> Response:
    """Give a secret that the program signs in with. It is shown this once only, and kept as a hash.

    Asked for again, it replaces the one before; tokens that are out hold until they run out.
    """
    secret = new_secret()
    with call.transaction() as tx:
        version = expected.existing(lambda: records.get(tx, client_id).etag)
        made = clients.give_secret(tx, client_id, hash_of_secret(secret), expected=version)
    return call.answer_json(SECRET, ClientSecret(client_id=made.id, client_secret=secret), etag=made.etag)


@router.post("/v1/clients/{client_id}/revocation", summary="Revoke a client", response_model=ClientOut)
def revoke_client(call: Inviter, client_id: UUID, expected: IfMatch) -> Response:
    """Shut a program out: its secret is forgotten, and none of its tokens holds any more."""
    with call.transaction() as tx:
        version = expected.existing(lambda: records.get(tx, client_id).etag)
        found = clients.revoke(tx, client_id, expected=version)
    return call.answer_json(CLIENT, ClientOut.of(found), etag=found.etag)
