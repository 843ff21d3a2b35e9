"""Verification: open to anyone, and saying nothing of a document but whether it was issued here and still stands."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request
from pydantic import TypeAdapter
from starlette.datastructures import UploadFile
from starlette.responses import Response

from app.api.call import Access, Call, hash_of
from app.api.errors import TooSoon, UnsupportedMediaType
from app.api.negotiation import HTML, JSON
from app.api.openapi import refuses
from app.api.standards_pages import Addresses
from app.api.wire import VerificationOut
from app.db.session import VERIFYING, Transaction
from app.errors import BadInput, Fault, Invalid, TooLarge, TooManyAttempts
from app.reports.html import content_policy, page
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
        """What is found, in the form that the caller asked for; raises ``TooSoon``, for which people get a page."""
        call = self.call
        try:
            call.service.throttle.verification(call.address)
        except TooSoon as error:
            if call.media_type != HTML:
                raise
            return self._wait(error.seconds)
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
        text, headers = self._drawn(**content)
        return self.call.answer(text, etag=hash_of(text), headers=headers)

    def _wait(self, seconds: int) -> Response:
        text, headers = self._drawn(too_often=True)
        return Response(text, HTTPStatus.TOO_MANY_REQUESTS, headers | {"retry-after": str(seconds)}, HTML)

    def _drawn(self, **content: object) -> tuple[bytes, dict[str, str]]:
        language = self._chosen or self.call.language
        asked = urlencode([item for item in self.call.request.query_params.items() if item[0] != "lang"])
        nothing = {"result": None, "words": None, "by_number": False, "too_often": False}
        shown = nothing | {"asked": asked and f"{asked}&"} | content
        text = page("verification.html", language, to=Addresses(self._chosen), chosen=self._chosen, **shown)
        headers = {
            "content-language": language,
            "content-security-policy": content_policy(forms=True),
            "vary": "Accept, Accept-Language",
        }
        return text, headers


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
        try:
            async with request.form(max_files=1, max_fields=0) as form:
                file = form.get("file")
                data = await file.read() if isinstance(file, UploadFile) else b""
        except UnicodeError:  # the names of its fields are in a charset that says so, or is none
            raise BadInput("The form cannot be read.", hint="Send it in UTF-8; no charset need be named.") from None
    else:
        raise UnsupportedMediaType(
            "The body is in a form that is not read here.", hint=f"Send a file as {FORM}, application/pdf or {JSON}."
        )
    if not data:
        raise BadInput("There is no file in the request.", hint="Send the PDF or JSON in the field `file`.")
    return data
