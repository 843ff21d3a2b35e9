"""One call as a handler sees it: who calls, the transaction, pages, and answers with their headers.

``require(...)`` is how a route says who may call it. It is declared on every route but the public ones, which declare
``Anyone``; tests/api/test_routes_closed.py walks them all.
"""

import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeAlias, get_args, get_origin
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api import negotiation
from app.api.errors import NoSuchRoute, request_id_of
from app.api.etags import named, not_modified, quoted
from app.api.negotiation import CSV, JSON, Language
from app.api.running import Running, running
from app.db.session import PROVIDER_ROLES, Actor, Role, Transaction, transaction
from app.errors import Fault, Forbidden, Invalid, token_refused

MOST_ITEMS = 200
READING = ("GET", "HEAD")
# Who reads assessments and what belongs to them; the database decides which.
READERS: Final[tuple[Role, ...]] = (*PROVIDER_ROLES, "commissioner", "reviewer")
# Anyone may keep it, as long as they ask whether it still holds.
PUBLIC = {"cache-control": "public, no-cache"}


@dataclass(frozen=True, slots=True)
class Call:
    """A call by anyone."""

    request: Request
    service: Running
    media_type: str

    @property
    def language(self) -> Language:
        """The language asked for: ``en`` or ``cy``."""
        return negotiation.language(self.request.headers.get("accept-language"))

    @property
    def address(self) -> str:
        """The address that the call comes from, as the server tells it."""
        return self.request.client.host if self.request.client else ""

    def transaction_of(self, actor: Actor, *, snapshot: bool = False) -> AbstractContextManager[Transaction]:
        """A transaction on behalf of ``actor``; committed where its block ends, before anything is sent.

        With ``snapshot`` everything in it is read as it was at one instant.
        """
        service = self.service
        return transaction(
            service.database,
            actor,
            now=service.clock(),
            new_id=service.new_id,
            request_id=request_id_of(self.request.scope),
            snapshot=snapshot,
        )

    def answer(
        self, content: bytes, *, etag: str, status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        """``content`` in the negotiated form, or 304 where a reader has this version already."""
        sent = {"etag": quoted(etag), "vary": "Accept", **(headers or {})}
        if self.request.method in READING and not_modified(self.request, etag):
            return Response(status_code=304, headers=sent)
        return Response(content, status, sent, self.media_type)

    def in_form(self, content: bytes, *, etag: str | None = None, headers: dict[str, str] | None = None) -> Response:
        """``content`` in the form and, but for data, the language that the caller asked for.

        What has no tag that was made before it was worked out (``app.api.validators``) is known by the hash of its
        bytes.
        """
        return self.answer(content, etag=etag or hash_of(content), headers=self._form_headers() | (headers or {}))

    def unchanged(self, etag: str, *, headers: dict[str, str] | None = None) -> Response | None:
        """304 where a reader names this version; ``None`` where it has to be worked out.

        A reader who names none (``*``) is answered once it is known that there is an answer. ``headers`` are those of
        the answer, where they are others than ``in_form`` gives.
        """
        if not named(self.request, etag):
            return None
        return Response(status_code=304, headers={"etag": quoted(etag), **(headers or self._form_headers())})

    def _form_headers(self) -> dict[str, str]:
        """A form for reading is in one language; data has all there are."""
        if self.media_type in (JSON, CSV):
            return {"vary": "Accept"}
        return {"content-language": self.language, "vary": "Accept, Accept-Language"}

    def answer_json(self, adapter: TypeAdapter[Any], value: object, *, etag: str | None = None) -> Response:
        """``value`` as JSON. What has no version of its own is known by the hash of its bytes."""
        content = adapter.dump_json(value, by_alias=True)
        return self.answer(content, etag=etag or hash_of(content))

    def answer_public(self, adapter: TypeAdapter[Any], value: object, *, etag: str | None = None) -> Response:
        """``value`` as JSON that anyone may keep, as long as they ask whether it still holds."""
        content = adapter.dump_json(value, by_alias=True)
        return self.answer(content, etag=etag or hash_of(content), headers=PUBLIC)

    def created(self, adapter: TypeAdapter[Any], value: object, location: str, *, etag: str | None = None) -> Response:
        """What was made just now, and where it is."""
        content = adapter.dump_json(value, by_alias=True)
        return self.answer(content, etag=etag or hash_of(content), status=201, headers={"location": location})

    def put(self, adapter: TypeAdapter[Any], value: object, *, etag: str, created: bool) -> Response:
        """What a PUT left on record: 201 where it made it."""
        return self.answer(
            adapter.dump_json(value, by_alias=True), etag=etag, status=HTTPStatus.CREATED if created else HTTPStatus.OK
        )


@dataclass(frozen=True, slots=True)
class SignedIn(Call):
    """A call by somebody whose token holds."""

    actor: Actor

    def transaction(self, *, snapshot: bool = False) -> AbstractContextManager[Transaction]:
        """A transaction on behalf of the caller."""
        return self.transaction_of(self.actor, snapshot=snapshot)


class Access:
    """A dependency that lets a call through: from anyone, or from users in one of ``roles``.

    With ``stores`` false a POST leaves nothing behind, and a token that may only read will do for it.
    """

    def __init__(
        self, roles: frozenset[Role] | None, offers: tuple[str, ...] = (JSON,), *, stores: bool = True
    ) -> None:
        self.roles = roles
        self.offers = offers
        self.stores = stores

    async def __call__(self, request: Request) -> Call:
        """Raise ``NotSignedIn``, ``Forbidden``, ``NotAcceptable``, or ``Invalid`` for parameters nobody knows."""
        service = running(request)
        actor = self._actor(request, service) if self.roles is not None else None
        form = negotiation.media_type(request.headers.get("accept"), self.offers)
        if "\0" in request.url.path:
            raise NoSuchRoute
        _refuse_unknown_parameters(request)
        return SignedIn(request, service, form, actor) if actor else Call(request, service, form)

    def _actor(self, request: Request, service: Running) -> Actor:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise token_refused()
        claims = service.tokens.verify(token.strip(), service.clock())
        request.scope["state"]["user"] = str(claims.subject)
        role = next((role for role in self.roles or () if role == claims.role), None)
        if role is None:
            raise Forbidden("Your role may not do this.", hint=f"It is for: {', '.join(sorted(self.roles or ()))}.")
        if self.stores and request.method not in READING and "write" not in claims.scope.split():
            raise Forbidden("Your token may only read.", hint="Get one with the scope write.")
        return Actor(claims.subject, claims.organisation, role, claims.session)


def require(*roles: Role, offers: tuple[str, ...] = (JSON,), stores: bool = True) -> Any:  # noqa: ANN401 - what Depends gives
    """Declare that only users in one of ``roles`` may call, the forms of the answer, and whether anything is stored."""
    return Depends(Access(frozenset(roles), offers, stores=stores))


Anyone: TypeAlias = Annotated[Call, Depends(Access(None))]
Everyone: TypeAlias = Annotated[SignedIn, require(*get_args(Role))]
Reader: TypeAlias = Annotated[SignedIn, require(*READERS)]
Provider: TypeAlias = Annotated[SignedIn, require(*PROVIDER_ROLES)]
ProviderLead: TypeAlias = Annotated[SignedIn, require("provider_lead")]
Reviewer: TypeAlias = Annotated[SignedIn, require("reviewer")]
Inviter: TypeAlias = Annotated[SignedIn, require("administrator", "provider_lead")]
Administrator: TypeAlias = Annotated[SignedIn, require("administrator")]


def hash_of(content: bytes) -> str:
    """The etag of content that has no version of its own."""
    return hashlib.sha256(content).hexdigest()


def same_id(given: str, addressed: str) -> None:
    """Raise ``Invalid`` unless a body is about what its address names."""
    if given != addressed:
        fault = Fault("/id", "the id differs from the one in the address", "send the same id in both")
        raise Invalid("The body is about something else than the address.", hint="See faults.", faults=(fault,))


def _refuse_unknown_parameters(request: Request) -> None:
    """A misspelt parameter that is passed over would answer another question than the one asked."""
    parameters = _query_parameters(request)
    known = {parameter.alias for parameter in parameters}
    once = {parameter.alias for parameter in parameters if get_origin(parameter.field_info.annotation) is not list}
    given = [name for name, _ in request.query_params.multi_items()]
    faults = [Fault(f"?{name}", "this parameter is not known here") for name in given if name not in known]
    faults += [
        Fault(f"?{name}", "this parameter is given more than once") for name in sorted(once) if given.count(name) > 1
    ]
    if faults:
        raise Invalid(
            "The request's parameters have faults.",
            hint=f"Known here: {', '.join(sorted(known)) or 'none'}.",
            faults=tuple(faults),
        )


def _query_parameters(request: Request) -> list[Any]:
    dependant = request.scope["route"].dependant
    found = list(dependant.query_params)
    for below in dependant.dependencies:
        found += below.query_params
    return found


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of a list is asked for."""

    cursor: str | None
    limit: int

    def after(self, call: SignedIn) -> Any:  # noqa: ANN401 - a place in whichever order the list has
        """The place after which the page begins; raises ``InvalidCursor``."""
        return None if self.cursor is None else call.service.cursors.open(self.cursor, _scope(call))

    def answer(self, call: SignedIn, adapter: TypeAdapter[Any], items: Sequence[object], following: Any) -> Response:  # noqa: ANN401 - as above
        """One page as JSON, with a link to the next one; ``following`` is ``None`` on the last.

        It is known by the hash of its bytes, as nothing has a version for what a list leaves out or takes in.
        """
        link = None
        if following is not None:
            kept = {name: value for name, value in call.request.query_params.items() if name != "cursor"}
            cursor = call.service.cursors.seal(following, _scope(call))
            link = f"{call.request.url.path}?{urlencode({**kept, 'cursor': cursor})}"
        page = adapter.validate_python({"items": list(items), "next": link})
        content = adapter.dump_json(page, by_alias=True)
        headers = {"link": f'<{link}>; rel="next"'} if link else {}
        return call.answer(content, etag=hash_of(content), headers=headers)


async def paging(
    cursor: Annotated[str | None, Query(description="Where to go on, from a link with rel=next.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS, description="Most items on one page.")] = 50,
) -> Paging:
    """Read which page is asked for."""
    return Paging(cursor, limit)


Page: TypeAlias = Annotated[Paging, Depends(paging)]


def _scope(call: SignedIn) -> str:
    filters = sorted(item for item in call.request.query_params.items() if item[0] not in ("cursor", "limit"))
    return "\n".join((call.request.url.path, urlencode(filters), str(call.actor.user)))
