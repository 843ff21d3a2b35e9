"""What a person sees who follows a wrong link to the public standards."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from app.api.negotiation import HTML, language_of
from app.api.standards_pages import Pages
from app.api.verification_page import wants_page
from app.reports.html import content_policy

_PUBLIC = ("/v1/rule-sets", "/v1/accreditation-schemes", "/v1/crosswalks")


def missing_page(request: Request) -> Response | None:
    """The page for an address of the public standards with nothing there; ``None`` elsewhere and for programs."""
    headers = request.headers
    if not any(f"{request.url.path}/".startswith(f"{place}/") for place in _PUBLIC) or not wants_page(headers):
        return None
    language, chosen = language_of(request)
    content = Pages(request.app.state.running.catalogue, language, chosen).missing()
    said = {"content-language": language, "content-security-policy": content_policy()}
    return Response(content, HTTPStatus.NOT_FOUND, {**said, "vary": "Accept, Accept-Language"}, HTML)
