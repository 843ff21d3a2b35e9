"""The OpenAPI document, read from what the routes declare: who may call, what they take, every refusal they can give.

Nothing is said twice: a route's dependencies (``Access``, ``JsonBody``, ``Condition``, idempotency keys, pages) do the
work and are the source of what is written here; ``refuses`` adds what only the work itself can refuse.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app import errors
from app.api.bodies import JsonBody
from app.api.call import Access, paging
from app.api.errors import BY_CODE, PROBLEM, URN, Failed, HeadersTooLarge, UnsupportedMediaType, status_of
from app.api.etags import Condition
from app.api.examples import EXAMPLES
from app.api.files import FIELD, MULTIPART, FileBody
from app.api.idempotency import once_only
from app.api.negotiation import BYTES, CALENDAR, CSV, HTML, PDF, TEXT
from app.api.wire import Problem
from app.errors import AppError

TITLE = "Safonau"
REF = "#/components/schemas/{model}"
OAUTH = "password"
DESCRIPTION = """
Self-assessment of services for people who perpetrate abuse, against published minimum standards.

* Sign in with `POST /v1/token` and send `Authorization: Bearer <token>` with every other request.
* Every refusal is a problem document (RFC 9457) with a stable `type`, a sentence and a `hint`. Where places of a JSON
  body, a form or the parameters are wrong, `faults` points at each of them.
* Every resource has an `ETag`; every change names the version it is made on with `If-Match`.
* A POST that creates takes an `Idempotency-Key`: sent again, it is done once and answered alike.
* Lists come in pages: follow `next`, or the `Link` header with `rel=next`.
"""

_REFUSES = "x-refuses"
# What is told once, or of the service itself, is no version of anything.
_UNTAGGED = frozenset({"/v1/token", "/v1/token/revocation", "/health/live", "/health/ready"})
# The one form that carries a file.
_FORM = {
    "required": True,
    "content": {
        MULTIPART: {
            "schema": {
                "type": "object",
                "required": [FIELD],
                "additionalProperties": False,
                "properties": {FIELD: {"type": "string", "format": "binary", "description": "The file."}},
            },
            "example": {FIELD: "safeguarding-policy.pdf"},
        }
    },
}


def refuses(*failures: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """Declare, as a route's ``responses``, failures that follow from no dependency of it."""
    return {
        str(status_of(failure)): {_REFUSES: [each.code for each in failures if status_of(each) == status_of(failure)]}
        for failure in failures
    }


def api_routes(app: FastAPI) -> Iterator[APIRoute]:
    """Every operation of the service."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            yield context.original_route


def calls_of(dependant: Dependant) -> list[Any]:
    """Everything that a route depends on, itself left out."""
    found: list[Any] = []
    for below in dependant.dependencies:
        found += [below.call, *calls_of(below)]
    return found


def access_of(route: APIRoute) -> Access | None:
    """How a route says who may call it."""
    return next((call for call in calls_of(route.dependant) if isinstance(call, Access)), None)


def failures_of(route: APIRoute) -> set[type[AppError]]:
    """Every failure that a call of this route can be answered with."""
    found: set[type[AppError]] = {Failed, HeadersTooLarge, errors.NotAcceptable, errors.Invalid}
    for declared in route.responses.values():
        found.update(BY_CODE[code] for code in declared.get(_REFUSES, ()))
    for call in calls_of(route.dependant):
        found.update(_failures_of_dependency(call))
    if route.dependant.path_params:
        found.add(errors.NotFound)
    if _is_read_again(route):
        found.add(errors.BadInput)  # for an If-None-Match that is no list of tags
    return found


def _is_read_again(route: APIRoute) -> bool:
    """Whether a reader may ask, with ``If-None-Match``, for nothing but a version that it has not got."""
    return "GET" in (route.methods or ()) and route.path not in _UNTAGGED and paging not in calls_of(route.dependant)


def _failures_of_dependency(call: object) -> set[type[AppError]]:
    if isinstance(call, Access) and call.roles is not None:
        return {errors.NotSignedIn, errors.Forbidden, errors.Unavailable}
    if isinstance(call, JsonBody | FileBody):
        return {errors.BadInput, errors.TooLarge, UnsupportedMediaType}
    if isinstance(call, Condition):
        return {errors.BadInput, errors.PreconditionRequired, errors.PreconditionFailed}
    if call is once_only:
        return {errors.BadInput, errors.IdempotencyInFlight, errors.IdempotencyMismatch}
    if call is paging:
        return {errors.InvalidCursor}
    return set()


def document(app: FastAPI, version: str) -> dict[str, Any]:
    """The whole OpenAPI 3.1 document of the service."""
    made = get_openapi(
        title=TITLE,
        version=version,
        description=DESCRIPTION,
        routes=app.routes,
        separate_input_output_schemas=False,
    )
    schemas = made["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    models: list[tuple[type[BaseModel], Any]] = [(Problem, "validation")]
    for route in api_routes(app):
        for method in sorted(route.methods or ()):
            operation = made["paths"][route.path_format][method.lower()]
            models += [(body.model, "validation") for body in _bodies(route)]
            _finish(operation, route)
    _, extra = models_json_schema(models, ref_template=REF)
    schemas.update({name: schema for name, schema in extra["$defs"].items() if name not in schemas})
    made["components"]["securitySchemes"] = {
        OAUTH: {"type": "oauth2", "flows": {"password": {"tokenUrl": "/v1/token", "scopes": {}}}}
    }
    return made


def _bodies(route: APIRoute) -> list[JsonBody]:
    return [call for call in calls_of(route.dependant) if isinstance(call, JsonBody)]


def _finish(operation: dict[str, Any], route: APIRoute) -> None:
    access = access_of(route)
    roles = "anyone, without signing in"
    if access is not None and access.roles is not None:
        operation["security"] = [{OAUTH: []}]
        roles = ", ".join(sorted(access.roles))
        if not access.stores:
            roles += ", with a token that may only read too"
    operation["description"] = f"{operation['description']}\n\n**Who may call:** {roles}."
    for body in _bodies(route):
        operation["requestBody"] = _request_body(body)
    if any(isinstance(call, FileBody) for call in calls_of(route.dependant)):
        operation["requestBody"] = _FORM
    responses = operation["responses"]
    for status in [status for status, response in responses.items() if _REFUSES in response]:
        del responses[status]
    responses.pop("422", None)
    _describe_success(operation, route, access)
    by_status: dict[int, list[type[AppError]]] = {}
    for failure in sorted(failures_of(route), key=lambda failure: failure.code):
        by_status.setdefault(status_of(failure), []).append(failure)
    for status, failures in sorted(by_status.items()):
        responses[str(status)] = _refusal(status, failures)
    if access is not None and access.roles is None and HTML in access.offers and "404" in responses:
        responses["404"]["content"][HTML] = {"schema": {"type": "string"}}


def _request_body(body: JsonBody) -> dict[str, Any]:
    name = body.model.__name__
    content: dict[str, Any] = {"schema": {"$ref": REF.format(model=name)}}
    if name in EXAMPLES:
        content["example"] = EXAMPLES[name]
    return {"required": True, "content": {body.media_type: content}}


def _describe_success(operation: dict[str, Any], route: APIRoute, access: Access | None) -> None:
    methods = route.methods or set()
    responses = operation["responses"]
    status = str(route.status_code or 200)
    success = responses[status]
    success["description"] = "Done." if "GET" not in methods else "What was asked for."
    for form in access.offers if access else ():
        if form == PDF:
            success["content"][PDF] = {"schema": {"type": "string", "format": "binary"}}
        elif form == BYTES:
            success["content"] = {BYTES: {"schema": {"type": "string", "format": "binary"}}}
        elif form in (CALENDAR, CSV, HTML, TEXT):
            success["content"][form] = {"schema": {"type": "string"}}
    if route.path in _UNTAGGED:
        return
    success["headers"] = {"ETag": {"schema": {"type": "string"}, "description": "The version given here."}}
    if status == "201":
        success["headers"]["Location"] = {"schema": {"type": "string"}, "description": "The address of what was made."}
    if paging in calls_of(route.dependant):
        link = "The following page, with rel=next; absent at the end."
        success["headers"] = {"Link": {"schema": {"type": "string"}, "description": link}}
    elif _is_read_again(route):
        responses["304"] = {"description": "The version that `If-None-Match` names still holds."}
    if "PUT" in methods and any(isinstance(call, Condition) and call.creates for call in calls_of(route.dependant)):
        responses["201"] = {**success, "description": "Made, where there was nothing."}


def _refusal(status: int, failures: list[type[AppError]]) -> dict[str, Any]:
    examples = {
        failure.code: {
            "value": {
                "type": URN + failure.code,
                "title": failure.title,
                "status": status,
                "detail": "What is wrong, in one sentence.",
                "hint": "What to do about it.",
                "request_id": "0193b3f0-6c1d-7c3a-9b56-1f2e3d4c5b6a",
            }
        }
        for failure in failures
    }
    return {
        "description": "; ".join(failure.title for failure in failures) + ".",
        "content": {PROBLEM: {"schema": {"$ref": REF.format(model="Problem")}, "examples": examples}},
    }
