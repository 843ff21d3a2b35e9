"""Which form and which language of a resource the caller gets (RFC 9110, 12)."""

from typing import Final, Literal, TypeAlias

from babel import negotiate_locale
from starlette.requests import Request
from werkzeug.datastructures import LanguageAccept, MIMEAccept
from werkzeug.http import parse_accept_header

from app.errors import NotAcceptable

JSON = "application/json"
CALENDAR = "text/calendar"
CSV = "text/csv"
HTML = "text/html"
PDF = "application/pdf"
TEXT = "text/plain"
BYTES = "application/octet-stream"
Language: TypeAlias = Literal["en", "cy"]
_CHOSEN: Final[dict[str | None, Language]] = {"en": "en", "cy": "cy"}


def media_type(header: str | None, offered: tuple[str, ...]) -> str:
    """The offered form that the caller likes best, the first of several; raises ``NotAcceptable`` for none."""
    if header is None or not header.strip():
        return offered[0]
    accepted = parse_accept_header(header, MIMEAccept)
    liked = [(accepted.quality(form), -index, form) for index, form in enumerate(offered)]
    quality, _, form = max(liked)
    if quality <= 0:
        raise NotAcceptable(
            "This resource is not to be had in a form that the Accept header allows.",
            hint=f"Available: {', '.join(offered)}.",
        )
    return form


def language(header: str | None) -> Language:
    """``en`` or ``cy``, whichever the caller likes better; English where neither is asked for."""
    accepted = parse_accept_header(header, LanguageAccept)
    preferred = [tag.lower().replace("_", "-") for tag, quality in accepted if quality > 0]
    return "cy" if negotiate_locale(preferred, ["en", "cy"], sep="-") == "cy" else "en"


def language_of(request: Request) -> tuple[Language, Language | None]:
    """The language of a page for people, and the same where it was asked for by name (``?lang=``)."""
    chosen = _CHOSEN.get(request.query_params.get("lang"))
    return chosen or language(request.headers.get("accept-language")), chosen
