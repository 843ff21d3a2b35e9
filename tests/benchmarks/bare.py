"""The yardstick of what is asked over HTTP: a bare Starlette endpoint that answers a little JSON."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def hello(_: Request) -> JSONResponse:
    """The least that a framework can do."""
    return JSONResponse({"hello": "world"})


app = Starlette(routes=[Route("/", hello)])
