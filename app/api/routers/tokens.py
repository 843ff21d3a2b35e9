"""Signing in, going on and signing out."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api import signing_in
from app.api.bodies import form_body
from app.api.call import Anyone, Call
from app.api.openapi import refuses
from app.api.wire_people import TokenRequest, Tokens, TokenToRevoke
from app.db.session import SIGNING_IN, Actor
from app.errors import NotSignedIn, SecondFactorRequired, SecondFactorWrong, TooManyAttempts
from app.security.secret_texts import hash_of_secret
from app.services import sessions

router = APIRouter(tags=["tokens"])
TOKENS = TypeAdapter(Tokens)
NOTHING: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])
JWKS: TypeAdapter[dict[str, list[dict[str, str]]]] = TypeAdapter(dict[str, list[dict[str, str]]])


@router.post(
    "/v1/token",
    summary="Get tokens",
    response_model=Tokens,
    responses=refuses(NotSignedIn, SecondFactorRequired, SecondFactorWrong, TooManyAttempts),
)
async def get_tokens(call: Anyone, form: Annotated[TokenRequest, form_body(TokenRequest)]) -> Response:
    """Give an access token, and a refresh token that gets the next one (OAuth 2.0).

    * `grant_type=password` with `username`, an e-mail address, and `password` begins a session. Who has a
      second factor sends a code of their app, or a recovery code, as `second_factor`.
    * `grant_type=refresh_token` with `refresh_token` goes on with it. Each refresh token is good once: using one again
      ends the session, as somebody else must have it.
    * `grant_type=client_credentials` is for programs (`POST /v1/clients`), with `client_id` and `client_secret` in the
      form or in an `Authorization: Basic` header. There is no refresh token: ask again.
    * `grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer` (RFC 7523) with, as `assertion`, an ID token of the
      OpenID provider that is configured begins a session of the user who has the verified e-mail address in it.

    `scope` may ask for less than everything: `read` alone lets one change nothing.
    """
    tokens = await signing_in.tokens_for(call, form)
    return Response(TOKENS.dump_json(tokens), media_type="application/json")


@router.post("/v1/token/revocation", summary="Revoke a token", response_model=dict[str, str])
async def revoke_token(call: Anyone, form: Annotated[TokenToRevoke, form_body(TokenToRevoke)]) -> Response:
    """End the session that a refresh token or an access token belongs to (RFC 7009).

    The answer is the same whether or not there was such a token.
    """
    await to_thread.run_sync(_revoke, call, form.token)
    return Response(NOTHING.dump_json({}), media_type="application/json")


def _revoke(call: Call, token: str) -> None:
    with call.transaction_of(SIGNING_IN) as tx:
        if sessions.sign_out(tx, hash_of_secret(token)):
            return
    try:
        claims = call.service.tokens.verify(token, call.service.clock())
    except NotSignedIn:
        return
    with call.transaction_of(Actor(claims.subject, claims.organisation, SIGNING_IN.role)) as tx:
        sessions.end_own(tx, claims.session)


@router.get(
    "/.well-known/jwks.json",
    summary="The keys that tokens are signed with",
    response_model=dict[str, list[dict[str, str]]],
)
async def read_keys(call: Anyone) -> Response:
    """Give the public keys of the service as a JSON Web Key Set, for others to check its tokens with."""
    ring = call.service.tokens.ring
    ring.read_again(call.service.clock())
    return call.answer_public(JWKS, ring.jwks)
