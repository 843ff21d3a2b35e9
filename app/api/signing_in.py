"""The grants of ``POST /v1/token``: from what somebody shows to the tokens that they get."""

import base64
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import unquote_plus

from anyio import to_thread

from app.api.call import Call, SignedIn
from app.api.errors import TooSoon
from app.api.wire_people import TokenRequest, Tokens
from app.db.repositories import assertions, users
from app.db.session import SIGNING_IN, Actor, acting_as
from app.db.values import Session, SignInUser, User
from app.errors import Fault, Forbidden, Invalid, SecondFactorRequired, token_refused
from app.security.claims import Identity, Subject
from app.security.secret_texts import hash_of_secret, keyed_hash, new_secret
from app.services import accounts, clients, second_factors, sessions

OUTSIDE: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"  # RFC 7523


async def tokens_for(call: Call, form: TokenRequest) -> Tokens:
    """The tokens for a form; raises ``NotSignedIn``, ``TooManyAttempts``, ``Invalid``."""
    if form.grant_type == "password":
        return await _by_password(call, form)
    if form.grant_type == "client_credentials":
        return await to_thread.run_sync(_by_client, call, form)
    if form.grant_type == OUTSIDE:
        return await to_thread.run_sync(_by_assertion, call, form)
    return await to_thread.run_sync(_by_refresh, call, _given(form, "refresh_token"))


def attempt(call: Call, account: str) -> None:
    """Count an attempt on an account from the caller's address; raises ``TooManyAttempts`` while one has to wait."""
    with call.transaction_of(SIGNING_IN) as tx:
        until = sessions.attempt(tx, **_keys(call, account))
        if until is not None:
            raise _too_soon(until, tx.now)


def succeeded(call: Call, account: str) -> None:
    """Forget the attempts on the account."""
    with call.transaction_of(SIGNING_IN) as tx:
        sessions.succeeded(tx, **_keys(call, account))


def password_right(call: Call, account: str) -> None:
    """Take back the attempt of the caller's address; on the account it stays counted."""
    with call.transaction_of(SIGNING_IN) as tx:
        sessions.password_right(tx, address=_keys(call, account)["address"])


def own_password(call: SignedIn, given: str, pointer: str) -> User:
    """The caller, who must know their own password; counts as an attempt until ``succeeded`` or ``password_right``.

    Raises ``TooManyAttempts``, ``Invalid`` (``pointer``) for another password, and ``Forbidden`` for a program.
    """
    with call.transaction() as tx:
        user = users.get(tx, call.actor.user)
        kept = users.own_password_hash(tx)
    if not kept:
        raise Forbidden("This account has no password: a program acts in it.", hint="Give its client another secret.")
    attempt(call, user.email)
    if not call.service.passwords.verify(given, kept):
        fault = Fault(pointer, "this is not your password", "send the one that you sign in with")
        raise Invalid("Nothing was changed.", hint="See faults.", faults=(fault,))
    return user


async def _by_password(call: Call, form: TokenRequest) -> Tokens:
    service = call.service
    email, password = _given(form, "username"), _given(form, "password")
    scope = sessions.scope_of(form.scope)
    await to_thread.run_sync(attempt, call, email)
    found = await to_thread.run_sync(_find, call, email)
    check = partial(accounts.signed_in, found, password, service.passwords)
    actor = await to_thread.run_sync(check, limiter=service.slow)
    return await to_thread.run_sync(_let_in, call, actor, form, email, scope)


def _by_assertion(call: Call, form: TokenRequest) -> Tokens:
    """For whom an outside provider let in: its word stands for the password, and for nothing else."""
    outside = call.service.outside
    if outside is None:
        fault = Fault("/grant_type", "no outside identity provider is configured", "sign in with a password")
        raise Invalid("No token was given.", hint="See faults.", faults=(fault,))
    scope = sessions.scope_of(form.scope)
    shown = outside.identity(_given(form, "assertion"), call.service.clock())
    attempt(call, shown.email)
    found = _find(call, shown.email)
    if found is None or not found.active or not found.password_hash:  # without a password it is a program's account
        raise token_refused()
    actor = Actor(found.id, found.organisation, found.role)
    return _let_in(call, actor, form, shown.email, scope, shown)


def _let_in(  # what a form asked for, read, and what stands for the password where that was not given
    call: Call, actor: Actor, form: TokenRequest, account: str, scope: str, shown: Identity | None = None
) -> Tokens:
    try:
        return _begin(call, actor, form, account, scope, shown)
    except SecondFactorRequired:
        password_right(call, account)
        raise


def _begin(call: Call, actor: Actor, form: TokenRequest, account: str, scope: str, shown: Identity | None) -> Tokens:
    secret = new_secret()
    with call.transaction_of(SIGNING_IN) as tx:
        # Taken back with everything else where a second factor is missing, so that it can be shown again with one.
        if shown is not None and not assertions.use(tx, shown.digest, shown.until):
            raise token_refused()
        sessions.succeeded(tx, **_keys(call, account))
        own = acting_as(tx, actor, tx.now)
        second_factors.prove(own, call.service.vault, form.second_factor)
        user_agent = call.request.headers.get("user-agent", "")
        session = sessions.start(own, scope=scope, user_agent=user_agent, secret_hash=hash_of_secret(secret))
    return _tokens(call, actor, session, secret)


def _by_refresh(call: Call, given: str) -> Tokens:
    secret = new_secret()
    with call.transaction_of(SIGNING_IN) as tx:
        found = sessions.refresh(tx, hash_of_secret(given), hash_of_secret(secret))
    if found is None:
        raise sessions.no_such_token()
    return _tokens(call, *found, secret)


def _by_client(call: Call, form: TokenRequest) -> Tokens:
    given, secret = _client_of(call, form)
    with call.transaction_of(SIGNING_IN) as tx:
        actor, session = clients.let_in(
            tx,
            given,
            hash_of_secret(secret),
            scope=form.scope,
            user_agent=call.request.headers.get("user-agent", ""),
            lasts=call.service.tokens.lifetime,
        )
    return _tokens(call, actor, session, None)


def _client_of(call: Call, form: TokenRequest) -> tuple[str, str]:
    """Id and secret of a client, from the header as RFC 6749 (2.3.1) has it, or from the form."""
    scheme, _, given = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return _given(form, "client_id"), _given(form, "client_secret")
    try:
        name, _, secret = base64.b64decode(given.strip(), validate=True).decode().partition(":")
    except ValueError:
        raise clients.no_such_client() from None
    return unquote_plus(name), unquote_plus(secret)


def _tokens(call: Call, actor: Actor, session: Session, secret: str | None) -> Tokens:
    service = call.service
    about = Subject(actor.user, actor.organisation, actor.role, session.id, session.scope)
    token = service.tokens.issue(about, now=service.clock(), token_id=service.new_id())
    lasting = int(service.tokens.lifetime.total_seconds())
    return Tokens(access_token=token, expires_in=lasting, refresh_token=secret, scope=session.scope)


def _find(call: Call, email: str) -> SignInUser | None:
    with call.transaction_of(SIGNING_IN) as tx:
        return users.for_sign_in(tx, email)


def _keys(call: Call, account: str) -> dict[str, str]:
    """What was typed as an account may be a password in the wrong field: only its keyed hash is kept."""
    key = call.service.attempts_key
    return {"account": keyed_hash(key, account), "address": keyed_hash(key, call.address)}


def _given(form: TokenRequest, field: str) -> str:
    value: str | None = getattr(form, field)
    if value is None:
        fault = Fault(f"/{field}", "this field is missing", f"the grant {form.grant_type} needs it")
        raise Invalid("The form has faults.", hint="See faults.", faults=(fault,))
    return value


def _too_soon(until: datetime, now: datetime) -> TooSoon:
    seconds = max(1, round((until - now).total_seconds()))
    return TooSoon("There were too many attempts to sign in.", seconds=seconds)
