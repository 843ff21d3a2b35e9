"""Tables that are sent whole, as CSV, line by line while they are worked out."""

from collections.abc import Iterable
from itertools import chain

from starlette.responses import Response, StreamingResponse

from app.api.call import SignedIn
from app.api.negotiation import CSV, Language
from app.errors import Fault, Invalid
from app.reports.portfolio_csv import lines


def table(
    name: str, header: Iterable[str], rows: Iterable[Iterable[object]], language: Language | None = None
) -> Response:
    """A file ``name`` with these rows; ``language`` is that of texts in it, where they are in one.

    The first row is waited for, so that a refusal can still be told.
    """
    coming = iter(rows)
    first = next(coming, None)
    content = lines(header, chain(() if first is None else (first,), coming))
    headers = {"vary": "Accept", "content-disposition": f'attachment; filename="{name}"'}
    if language is not None:
        headers |= {"vary": "Accept, Accept-Language", "content-language": language}
    return StreamingResponse(content, headers=headers, media_type=CSV)


def refuse_pages(call: SignedIn) -> None:
    """Raise ``Invalid`` where a page is asked for of what is sent whole."""
    asked = [name for name in ("cursor", "limit") if name in call.request.query_params]
    if asked:
        faults = tuple(
            Fault(f"?{name}", "in this form all of it is sent, without pages", "leave it out") for name in asked
        )
        raise Invalid("The request's parameters have faults.", hint="See faults.", faults=faults)
