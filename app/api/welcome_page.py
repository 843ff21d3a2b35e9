"""The page at /: what this service is, and where anybody can read on, in English and Welsh."""

from starlette.requests import Request
from starlette.responses import Response

from app.api.negotiation import HTML, language_of
from app.api.standards_pages import Pages
from app.reports.html import content_policy


async def welcome_page(request: Request) -> Response:
    """Answer with the page, which says nothing of anybody."""
    language, chosen = language_of(request)
    content = Pages(request.app.state.running.catalogue, language, chosen).welcome()
    headers = {"content-language": language, "content-security-policy": content_policy(), "vary": "Accept-Language"}
    return Response(content, headers={**headers, "cache-control": "public, no-cache"}, media_type=HTML)
