"""Every refusal as problem details (RFC 9457). The one table from a failure's class to its HTTP status is here.

``type`` is a URN made of the failure's stable code. ``faults`` lists what is wrong and where: a JSON Pointer into the
body, or ``?name`` for a query parameter. No body is sent back; a fault may repeat the name or the number that is wrong.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY
from starlette.responses import Response
from starlette.routing import Route

from app import errors
from app.api.missing_page import missing_page
from app.api.verification_page import refusal_page
from app.errors import AppError, Fault, Invalid

PROBLEM = "application/problem+json"
URN = "urn:safonau:problem:"
RETRY_UNAVAILABLE = 2
# A body of nothing but faults would keep everybody else waiting for their sentences, and be answered with many times
# its size.
MOST_FAULTS = 1000
_FURTHER = Fault("", "further faults are not listed", "correct these first, and send it again")
MOST_HEADERS = 100
MOST_HEADER_BYTES = 32 * 1024

STATUS: dict[type[AppError], int] = {
    errors.BadInput: 400,
    errors.TooLarge: 413,
    errors.InvalidCursor: 400,
    errors.Invalid: 422,
    errors.PackInvalid: 422,
    errors.NotSignedIn: 401,
    errors.SecondFactorRequired: 401,
    errors.SecondFactorWrong: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.IdempotencyInFlight: 409,
    errors.IdempotencyMismatch: 422,
    errors.PreconditionRequired: 428,
    errors.PreconditionFailed: 412,
    errors.TooManyAttempts: 429,
    errors.NotAcceptable: 406,
    errors.ContentGone: 410,
    errors.ContentDamaged: 500,
    errors.Unavailable: 503,
}


class NoSuchRoute(errors.NotFound):
    """No operation has this path."""

    def __init__(self) -> None:
        super().__init__("There is nothing at this address.", hint="GET /openapi.json lists every operation.")


class MethodNotAllowed(AppError):
    """The path exists, with other methods."""

    code = "method-not-allowed"
    title = "Not with this method"


class UnsupportedMediaType(AppError):
    """A body in a form that the operation does not read."""

    code = "unsupported-media-type"
    title = "The body is in another form than the operation reads"


class TooSoon(errors.TooManyAttempts):
    """Too many attempts; ``seconds`` until the next is looked at."""

    def __init__(self, message: str, *, seconds: int) -> None:
        super().__init__(message, hint=f"Try again in {errors.counted(seconds, 'second')}.")
        self.seconds = seconds


class BodyTooLarge(errors.TooLarge):
    """A request body over the limit of the service, in bytes."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"The body is larger than the {most} bytes that the service takes.",
            hint="Send less at once; files of evidence go to POST /v1/uploads, each on its own.",
        )
        self.most = most


class HeadersTooLarge(AppError):
    """Headers over the limits of the service, which no honest request comes near."""

    code = "headers-too-large"
    title = "The headers are too large"

    def __init__(self) -> None:
        super().__init__(
            f"The request has more than {MOST_HEADERS} headers, or more than {MOST_HEADER_BYTES} bytes of them.",
            hint="Send only the headers that the operation takes.",
        )


class Failed(AppError):
    """An unexpected failure. Its cause is in the log under the request id and nowhere else."""

    code = "internal"
    title = "The service failed"

    def __init__(self) -> None:
        super().__init__(
            "The service failed in a way that it did not expect.",
            hint="Read the record again before you repeat a change; tell the operator the request_id.",
        )


_STATUS_HERE: dict[type[AppError], int] = {
    MethodNotAllowed: 405,
    UnsupportedMediaType: 415,
    HeadersTooLarge: 431,
    Failed: 500,
}
# What is said of a parameter instead of the framework's words, by the kind of finding.
_SENTENCES = {
    "missing": "this parameter is missing",
    "int_parsing": "this is not a whole number",
    "int_parsing_size": "this is not a whole number of a size that is read",
    "greater_than_equal": "this is less than {ge}",
    "less_than_equal": "this is more than {le}",
    "literal_error": "this is none of {expected}",
    "string_pattern_mismatch": "this has not the form {pattern}",
    "uuid_parsing": "this is not an id of the service, which is a UUID",
    "string_too_long": "this is longer than {max_length} characters",
}
BY_CODE = {failure.code: failure for failure in (*STATUS, *_STATUS_HERE)}


def status_of(error: type[AppError]) -> int:
    """The HTTP status of a class of failure, its own or that of the nearest class above it."""
    for known in error.__mro__:
        if known in STATUS or known in _STATUS_HERE:
            return STATUS.get(known) or _STATUS_HERE[known]
    return 500


def problem_response(error: AppError, request_id: str) -> Response:
    """The problem document of one failure."""
    status = status_of(type(error))
    document: dict[str, Any] = {
        "type": URN + error.code,
        "title": error.title,
        "status": status,
        "detail": error.message,
        "hint": error.hint,
        "request_id": request_id,
    }
    if isinstance(error, Invalid) or (isinstance(error, errors.BadInput) and error.faults):
        few = len(error.faults) <= MOST_FAULTS + 1  # the one may be that there are more
        listed = error.faults if few else (*error.faults[:MOST_FAULTS], _FURTHER)
        document["faults"] = [
            {"pointer": fault.pointer, "message": fault.message, "hint": fault.hint} for fault in listed
        ]
    content = json.dumps(document, ensure_ascii=False).encode()
    return Response(content, status, _headers(error, status), PROBLEM)


def _headers(error: AppError, status: int) -> dict[str, str]:
    if status == HTTPStatus.UNAUTHORIZED:
        return {"www-authenticate": 'Bearer realm="safonau"'}
    if isinstance(error, TooSoon):
        return {"retry-after": str(error.seconds)}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return {"retry-after": str(RETRY_UNAVAILABLE)}
    return {}


def install(app: FastAPI) -> None:
    """Answer every failure that reaches the framework with a problem document."""
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(RequestValidationError, _parameters)
    app.add_exception_handler(HTTPException, _framework)


def request_id_of(scope: Mapping[str, Any]) -> str:
    """The id under which this request is logged and audited; ``app.api.middleware`` sets it."""
    found: str = scope["state"]["request_id"]
    return found


async def _app_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, AppError):
        raise TypeError(type(error))
    if status_of(type(error)) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        request.scope["state"]["failure"] = error  # whose cause ``app.api.middleware`` logs
    return _not_found(request, error) if isinstance(error, errors.NotFound) else answer_to(request, error)


def answer_to(request: Request, error: AppError) -> Response:
    """A page for a person who verifies a determination; a problem document for everybody else."""
    status = status_of(type(error))
    shown = refusal_page(request, error, status, _headers(error, status))
    return shown or problem_response(error, request_id_of(request.scope))


def _not_found(request: Request, error: errors.NotFound) -> Response:
    """A page for a person who reads the public standards; a problem document for everybody else."""
    return missing_page(request) or answer_to(request, error)


async def _parameters(request: Request, error: Exception) -> Response:
    """Parameters that cannot be read. An id that no record could have names no record."""
    if not isinstance(error, RequestValidationError):
        raise TypeError(type(error))
    found = error.errors()
    if any(item["loc"][0] == "path" for item in found):
        return _not_found(request, NoSuchRoute())
    faults = tuple(
        Fault(f"?{item['loc'][-1]}" if item["loc"][0] == "query" else f"{item['loc'][-1]}", _in_plain_words(item))
        for item in found
    )
    return answer_to(request, Invalid("The request's parameters have faults.", hint="See faults.", faults=faults))


def _in_plain_words(item: Mapping[str, Any]) -> str:
    """What is wrong with a parameter. Errors of our own carry their whole sentence, written for JSON."""
    sentence = _SENTENCES.get(item["type"])
    message: str = item["msg"]
    return message.removesuffix(", in quotes") if sentence is None else sentence.format(**item.get("ctx", {}))


def _method_not_allowed(request: Request) -> Response:
    """Name every method of this address: the framework names those of one route, and each method has its own."""
    methods = {
        method
        for route in (context.original_route for context in iter_route_contexts(request.app.routes))
        if isinstance(route, Route) and route.path_regex.fullmatch(request.url.path)
        for method in route.methods or ()
    }
    if "GET" in methods:
        methods.add("HEAD")  # answered by ``app.api.middleware``
    allowed = ", ".join(sorted(methods))
    ours = MethodNotAllowed(f"{request.method} is not possible here.", hint=f"Possible: {allowed}.")
    response = answer_to(request, ours)
    response.headers["allow"] = allowed
    return response


async def _framework(request: Request, error: Exception) -> Response:
    """What the framework itself refuses, in our words."""
    if not isinstance(error, HTTPException):
        raise TypeError(type(error))
    ours: AppError
    if error.status_code == HTTPStatus.NOT_FOUND:
        return _not_found(request, NoSuchRoute())
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return _method_not_allowed(request)
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        ours = BodyTooLarge(request.scope[MAX_BODY_SIZE_SCOPE_KEY])
    else:
        ours = errors.BadInput("The request cannot be read.", hint="Check its headers and its body.")
    response = answer_to(request, ours)
    response.headers.update({name.lower(): value for name, value in (error.headers or {}).items()})
    return response
