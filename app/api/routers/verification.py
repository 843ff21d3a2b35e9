"""Verification: open to anyone, and saying nothing of a document but whether it was issued here and still stands."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Literal, TypeAlias

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from pydantic import TypeAdapter
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.api.call import Access, Call, hash_of
from app.api.errors import UnsupportedMediaType
from app.api.negotiation import HTML, JSON
from app.api.openapi import refuses
from app.api.verification_page import verification_page
from app.api.wire import VerificationOut
from app.db.session import VERIFYING, Transaction
from app.errors import BadInput, Fault, Invalid, TooLarge, TooManyAttempts
from app.reports.verification import Verdict, verdict_in_words
from app.services import issued

router = APIRouter(tags=["verification"])
VERIFICATION = TypeAdapter(VerificationOut)
FORM = "multipart/form-data"
SHA256 = r"^[0-9A-Fa-f]{64}$"
_FILE = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
_UPLOAD: dict[str, Any] = {
    "requestBody": {"required": True, "content": {FORM: {"schema": _FILE, "example": {"file": "SAF-2026.pdf"}}}}
}

Look: TypeAlias = Callable[[Transaction], tuple[Verdict, bool]]


class Looking:
    """A call by anyone who verifies, counted against the address that it comes from."""

    def __init__(self, call: Call, chosen: Literal["en", "cy"] | None) -> None:
        self.call = call
        self._chosen = chosen

    def verdict(self, look: Look, *, by_number: bool = False) -> Response:
        """What is found, in the form that the caller asked for; raises ``TooSoon``."""
        call = self.call
        call.service.throttle.verification(call.address)
        with call.transaction_of(VERIFYING) as tx:
            result, demonstration = look(tx)
        words = verdict_in_words(result, demonstration=demonstration)
        if call.media_type == HTML:
            return self.page(result=result, words=words, by_number=by_number)
        found = VerificationOut(result=result, demonstration=demonstration, words=words)
        content = VERIFICATION.dump_json(found)
        return call.answer(content, etag=hash_of(content), headers={"vary": "Accept, Accept-Language"})

    def page(self, **content: object) -> Response:
        """The page with what was found, or the forms alone."""
        call = self.call
        text, headers = verification_page(call.request, self._chosen or call.language, self._chosen, **content)
        return call.answer(text, etag=hash_of(text), headers=headers)


def looking(
    call: Annotated[Call, Depends(Access(None, (JSON, HTML)))],
    lang: Annotated[
        Literal["en", "cy"] | None,
        Query(description="The language of the page, whatever Accept-Language says. JSON has both languages."),
    ] = None,
) -> Looking:
    """Read in which form and language the caller wants to be told."""
    return Looking(call, lang)


Anyone: TypeAlias = Annotated[Looking, Depends(looking)]


@router.get(
    "/v1/determinations/{number}/verification",
    summary="Verify a number",
    response_model=VerificationOut,
    responses=refuses(TooManyAttempts),
)
def verify_number(anyone: Anyone, number: str) -> Response:
    """Say whether a determination of this number is authentic and current, superseded, lapsed, or unknown.

    Nothing else about it is told. As `text/html` it is a page for people, in English or Welsh.
    """
    seals = anyone.call.service.press.seals
    return anyone.verdict(lambda tx: issued.verify_number(tx, seals, number), by_number=True)


@router.get(
    "/v1/verification",
    summary="Verify a number or a hash",
    response_model=VerificationOut,
    responses=refuses(TooManyAttempts),
)
def verify(
    anyone: Anyone,
    number: Annotated[str | None, Query(max_length=100, description="The number of a determination.")] = None,
    sha256: Annotated[
        str | None, Query(pattern=SHA256, description="The SHA-256 of its bytes, or of a PDF; in capitals too.")
    ] = None,
) -> Response:
    """Say the same of a number or of a SHA-256, one of the two. As `text/html`, without either, it is a page."""
    seals = anyone.call.service.press.seals
    if number is not None and sha256 is None:
        return anyone.verdict(lambda tx: issued.verify_number(tx, seals, number), by_number=True)
    if sha256 is not None and number is None:
        return anyone.verdict(lambda tx: issued.verify_hash(tx, seals, sha256.lower()))
    if anyone.call.media_type == HTML and number is None:
        return anyone.page()
    faults = (Fault("?number", "name either the number or the sha256"),)
    raise Invalid("The request's parameters have faults.", hint="See faults.", faults=faults)


@router.post(
    "/v1/verification",
    summary="Verify a file",
    response_model=VerificationOut,
    responses=refuses(BadInput, TooLarge, UnsupportedMediaType, TooManyAttempts),
    openapi_extra=_UPLOAD,
)
async def verify_file(anyone: Anyone, request: Request) -> Response:
    """Say the same of a file: the PDF to the last byte, or the JSON in any layout. The file is not kept.

    Send it as the field `file` of a form, or alone as `application/pdf`, `application/json` or
    `application/octet-stream`.
    """
    data = await _sent(request)
    seals = anyone.call.service.press.seals
    return await to_thread.run_sync(anyone.verdict, lambda tx: issued.verify_document(tx, seals, data))


async def _sent(request: Request) -> bytes:
    """The file in the request; raises ``UnsupportedMediaType`` and ``BadInput``."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in {"application/pdf", JSON, "application/octet-stream"}:
        data = await request.body()
    elif kind == FORM:
        data = await _in_form(request)
    else:
        raise UnsupportedMediaType(
            "The body is in a form that is not read here.", hint=f"Send a file as {FORM}, application/pdf or {JSON}."
        )
    if not data:
        raise BadInput(
            "There is no file in the request that can be read.",
            hint=f"Send the PDF or JSON as it was issued, as the field `file` of a {FORM} in UTF-8 and nothing else.",
        )
    return data


async def _in_form(request: Request) -> bytes:
    """The file of a form, empty where it has none, or cannot be read."""
    try:
        async with request.form(max_files=1, max_fields=0) as form:
            file = form.get("file")
            return await file.read() if isinstance(file, UploadFile) else b""
    except UnicodeError:  # the names of its fields are in a charset that says so, or is none
        return b""
    except HTTPException as error:
        if error.status_code != HTTPStatus.BAD_REQUEST:
            raise
        return b""
