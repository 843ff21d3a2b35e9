"""The public page of verification: the forms, with what was found, or why nothing was looked at."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from app.api import negotiation
from app.api.negotiation import HTML, JSON, Language
from app.api.standards_pages import Addresses
from app.errors import AppError, NotAcceptable
from app.reports.html import content_policy, page
from app.reports.verification import refusal_in_words

_PLACES: Final = re.compile(r"/v1/verification|/v1/determinations/[^/]+/verification")


def verification_page(
    request: Request, language: Language, chosen: Language | None, **content: object
) -> tuple[bytes, dict[str, str]]:
    """The page and its headers; ``chosen`` is the language that was asked for by name, which links keep.

    Without ``content`` it has the forms alone.
    """
    asked = urlencode([item for item in request.query_params.items() if item[0] != "lang"])
    nothing = {"result": None, "words": None, "by_number": False, "refused": ()}
    shown = nothing | {"asked": asked and f"{asked}&"} | content
    text = page("verification.html", language, to=Addresses(chosen), chosen=chosen, **shown)
    headers = {
        "content-language": language,
        "content-security-policy": content_policy(forms=True),
        "vary": "Accept, Accept-Language",
    }
    return text, headers


def refusal_page(request: Request, error: AppError, status: int, headers: Mapping[str, str]) -> Response | None:
    """The page for a person whose number, hash or file was not looked at; ``None`` elsewhere and for programs."""
    if not _PLACES.fullmatch(request.url.path) or not wants_page(request.headers):
        return None
    if error.code == "bad-input" and request.method != "POST":  # the words are about a file
        return None
    refused = refusal_in_words(error.code, vars(error))
    if refused is None:
        return None
    language, chosen = negotiation.language_of(request)
    text, own = verification_page(request, language, chosen, refused=refused)
    return Response(text, status, {**own, **headers}, HTML)


def wants_page(headers: Mapping[str, str]) -> bool:
    """Whether a request comes from a browser, or from somebody else who likes pages better than JSON."""
    try:
        return negotiation.media_type(headers.get("accept"), (JSON, HTML)) == HTML
    except NotAcceptable:
        return False
