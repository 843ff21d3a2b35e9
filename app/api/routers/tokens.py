"""Signing in."""

from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.bodies import form_body
from app.api.call import Anyone, Call, Everyone
from app.api.openapi import refuses
from app.api.wire import SignIn, Token
from app.db.repositories import users
from app.db.session import SIGNING_IN
from app.db.values import SignInUser, User
from app.errors import NotSignedIn, TooManyAttempts
from app.services import accounts

router = APIRouter(tags=["tokens"])
TOKEN = TypeAdapter(Token)
USER = TypeAdapter(User)
JWKS: TypeAdapter[dict[str, list[dict[str, str]]]] = TypeAdapter(dict[str, list[dict[str, str]]])


@router.post("/v1/token", summary="Sign in", response_model=Token, responses=refuses(NotSignedIn, TooManyAttempts))
async def sign_in(call: Anyone, form: Annotated[SignIn, form_body(SignIn)]) -> Response:
    """Give an access token for an e-mail address and a password (OAuth 2.0 password grant)."""
    service, address = call.service, call.address
    service.throttle.attempt(form.username, address)
    found = await to_thread.run_sync(partial(_find, call, form.username))
    check = partial(accounts.signed_in, found, form.password, service.passwords)
    try:
        actor = await to_thread.run_sync(check, limiter=service.slow)
    except NotSignedIn:
        service.throttle.failed(address)
        raise
    service.throttle.succeeded(form.username)
    token = service.tokens.issue(
        subject=actor.user,
        organisation=actor.organisation,
        role=actor.role,
        now=service.clock(),
        token_id=service.new_id(),
    )
    issued = Token(access_token=token, expires_in=int(service.tokens.lifetime.total_seconds()))
    return Response(TOKEN.dump_json(issued), media_type="application/json")


def _find(call: Call, email: str) -> SignInUser | None:
    with call.transaction_of(SIGNING_IN) as tx:
        return users.for_sign_in(tx, email)


@router.get(
    "/.well-known/jwks.json",
    summary="The keys that tokens are signed with",
    response_model=dict[str, list[dict[str, str]]],
)
async def read_keys(call: Anyone) -> Response:
    """Give the public keys of the service as a JSON Web Key Set, for others to check its tokens with."""
    return call.answer_public(JWKS, call.service.tokens.ring.jwks)


@router.get("/v1/me", summary="Who is signed in", response_model=User)
def read_me(call: Everyone) -> Response:
    """Give the user that the token was issued to."""
    with call.transaction() as tx:
        user = users.get(tx, call.actor.user)
    return call.answer_json(USER, user)
