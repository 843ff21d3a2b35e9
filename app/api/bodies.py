"""Request bodies: JSON read strictly, then a model, with every fault located."""

import email.message
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool

from app.api.errors import MOST_FAULTS, UnsupportedMediaType
from app.errors import BadInput, Fault, Invalid
from app.loader.explain import faults_in_json
from app.loader.jsonfile import Located, beside, pointer, read_flawed, unsound
from app.loader.packfile import long_lists

P = ParamSpec("P")
T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)
# A larger body would keep the event loop from everybody else for longer than handing it to a thread does.
WORKED_ON_THE_LOOP = 64 * 1024
MOST_FIELDS = 20


async def json_value(request: Request) -> tuple[object, list[Located]]:
    """The JSON value of the body, and its flaws; raises ``UnsupportedMediaType`` and ``BadInput``."""
    _require_media_type(request, JsonBody.media_type)
    data = await request.body()
    if not data:
        raise _unreadable("The request has no body.", "Send a JSON document.")
    return await _in_its_place(data, read_flawed, data)


async def _in_its_place(data: bytes, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """What ``work`` makes of a body, in a thread where the body ``data`` is large."""
    if len(data) <= WORKED_ON_THE_LOOP:
        return work(*args, **named)
    return await run_in_threadpool(work, *args, **named)


def checked(value: object, model: type[Model], flaws: Sequence[Located] = ()) -> Model:
    """``value`` as a model; ``flaws`` are those of the text that it was read from.

    Raises ``Invalid`` with every fault and its JSON Pointer, of more than ``MOST_FAULTS`` with so many and how many
    more; for a text with flaws ``BadInput`` with both. What is in a list that is too long is not looked at.
    """
    shape = long_lists(value)
    if not shape:
        try:
            found = model.model_validate(value)
        except ValidationError as error:
            shape = faults_in_json(error, value, model, MOST_FAULTS)
        else:
            if not flaws:
                return found
    if flaws:
        raise unsound(beside(flaws, shape))
    faults = tuple(fault for _, fault in shape)
    raise Invalid("The body has faults.", hint="Mend every fault listed; nothing was kept.", faults=faults)


class JsonBody:
    """A dependency that gives the body as ``model``; the OpenAPI document reads from it what a route takes."""

    media_type = "application/json"

    def __init__(self, model: type[BaseModel]) -> None:
        self.model = model

    async def __call__(self, request: Request) -> BaseModel:
        """Read and check the body."""
        value, flaws = await json_value(request)
        return await _in_its_place(await request.body(), checked, value, self.model, flaws)


class RawBody(JsonBody):
    """A dependency that gives the body as a JSON value and its flaws, to be checked elsewhere as a ``model``."""

    async def __call__(self, request: Request) -> Any:  # noqa: ANN401 - what ``json_value`` gives
        """Read the body."""
        return await json_value(request)


class FormBody(JsonBody):
    """A dependency that gives a form as ``model``, each field once."""

    media_type = "application/x-www-form-urlencoded"

    async def __call__(self, request: Request) -> BaseModel:
        """Read and check the form."""
        _require_media_type(request, self.media_type)
        try:
            text = (await request.body()).decode("ascii")
            fields = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
        except ValueError:
            raise _unreadable("The form cannot be read.", "Send it URL-encoded, in UTF-8.") from None
        names = [name for name, _ in fields]
        twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        if twice:
            faults = tuple(Fault(pointer((name,)), "this field is sent twice", "send it once") for name in twice)
            raise BadInput("A field of the form is sent twice.", hint="Send each field once.", faults=faults)
        return checked(dict(fields), self.model)


def body(model: type[BaseModel]) -> Any:  # noqa: ANN401 - what Depends gives
    """Declare that a route takes JSON of this model."""
    return Depends(JsonBody(model))


def raw_body(model: type[BaseModel]) -> Any:  # noqa: ANN401 - what Depends gives
    """Declare that a route takes JSON of this model and checks it itself."""
    return Depends(RawBody(model))


def form_body(model: type[BaseModel]) -> Any:  # noqa: ANN401 - what Depends gives
    """Declare that a route takes a form of this model."""
    return Depends(FormBody(model))


def _unreadable(message: str, hint: str) -> BadInput:
    """The refusal of a body as a whole."""
    return BadInput(message, hint=hint, faults=(Fault("", message, hint),))


def _require_media_type(request: Request, wanted: str) -> None:
    if "content-encoding" in request.headers:
        raise UnsupportedMediaType("The request has a Content-Encoding.", hint="Send the body as it is, uncompressed.")
    message = email.message.Message()
    message["content-type"] = request.headers.get("content-type", "none/none")
    if message.get_content_type() != wanted:
        raise UnsupportedMediaType(
            f"The body is not declared as {wanted}.", hint=f"Send it with Content-Type: {wanted}."
        )
    if message.get_param("charset") is not None and message.get_content_charset() != "utf-8":
        raise UnsupportedMediaType(
            "The Content-Type names another charset than utf-8.",
            hint="Send the body in UTF-8; no charset need be named.",
        )
