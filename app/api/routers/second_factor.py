"""The second factor: codes of an authenticator app, asked for beside the password."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api import signing_in
from app.api.bodies import body
from app.api.call import Administrator, Everyone
from app.api.openapi import refuses
from app.api.wire_people import (
    CodeOfApp,
    EnrolledSecret,
    OwnPassword,
    PasswordAndCode,
    RecoveryCodes,
    SecondFactorOut,
)
from app.db.repositories import second_factors as records
from app.errors import Conflict, TooManyAttempts
from app.security.totp import as_typed, new_recovery_codes, new_totp_secret, provisioning_uri
from app.services import second_factors

router = APIRouter(tags=["second factor"])
STATE = TypeAdapter(SecondFactorOut)
SECRET = TypeAdapter(EnrolledSecret)
CODES = TypeAdapter(RecoveryCodes)


@router.get("/v1/me/second-factor", summary="Whether one has a second factor", response_model=SecondFactorOut)
def read_second_factor(call: Everyone) -> Response:
    """Tell whether signing in as the caller needs a second factor, and how many recovery codes are left."""
    with call.transaction() as tx:
        found = records.find(tx, call.actor.user)
    return call.answer_json(STATE, SecondFactorOut.of(found))


@router.post(
    "/v1/me/second-factor",
    summary="Enrol a second factor",
    response_model=EnrolledSecret,
    responses=refuses(Conflict, TooManyAttempts),
)
def enrol_second_factor(call: Everyone, given: Annotated[OwnPassword, body(OwnPassword)]) -> Response:
    """Give the caller, who must know their password, a secret for an authenticator app. It is shown this once only.

    `uri` is the same for a QR code. Nothing is asked for until a first code confirms that the app has it; enrolling
    again before that replaces it.
    """
    user = signing_in.own_password(call, given.password, "/password")
    secret = new_totp_secret()
    with call.transaction() as tx:
        second_factors.enrol(tx, call.service.vault, secret)
    signing_in.succeeded(call, user.email)
    return call.answer_json(SECRET, EnrolledSecret(secret=as_typed(secret), uri=provisioning_uri(secret, user.email)))


@router.post(
    "/v1/me/second-factor/confirmation",
    summary="Confirm a second factor",
    response_model=RecoveryCodes,
    responses=refuses(Conflict),
)
def confirm_second_factor(call: Everyone, given: Annotated[CodeOfApp, body(CodeOfApp)]) -> Response:
    """Confirm the second factor with a code of the app: from now on signing in needs one.

    Gives ten recovery codes, shown this once only. Each takes the place of a code of the app, once.
    """
    codes = new_recovery_codes()
    with call.transaction() as tx:
        second_factors.confirm(tx, call.service.vault, given.code, codes)
    return call.answer_json(CODES, RecoveryCodes(recovery_codes=codes))


@router.post(
    "/v1/me/second-factor/removal",
    summary="Turn one's second factor off",
    response_model=SecondFactorOut,
    responses=refuses(Conflict, TooManyAttempts),
)
def remove_second_factor(call: Everyone, given: Annotated[PasswordAndCode, body(PasswordAndCode)]) -> Response:
    """Turn the second factor of the caller off, who gives their password and a code of the app, or a recovery code.

    Failures count as attempts to sign in.
    """
    user = signing_in.own_password(call, given.password, "/password")
    with call.transaction() as tx:
        second_factors.turn_off(tx, call.service.vault, given.code)
    signing_in.succeeded(call, user.email)
    return call.answer_json(STATE, SecondFactorOut.of(None))


@router.post(
    "/v1/users/{user_id}/second-factor/reset",
    summary="Reset a user's second factor",
    response_model=SecondFactorOut,
)
def reset_second_factor(call: Administrator, user_id: UUID) -> Response:
    """Take away the second factor of a user who has lost it; they sign in with their password alone.

    Make sure first that it is they who ask. The audit log keeps that it was done.
    """
    with call.transaction() as tx:
        second_factors.reset(tx, user_id)
    return call.answer_json(STATE, SecondFactorOut.of(None))
