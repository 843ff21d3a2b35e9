"""docs/api.md says what the service does."""

import re
from pathlib import Path
from typing import get_args

from app.api import errors
from app.api.openapi import access_of, api_routes
from app.db.session import Role
from app.main import Service

PAGE = Path("docs/api.md")
EVERYONE = set(get_args(Role))


def rows(heading: str) -> list[tuple[str, ...]]:
    """The rows of the table under a heading, without code marks."""
    section = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = re.findall(r"^\|(.+)\|$", section, re.MULTILINE)[2:]
    return [tuple(cell.strip().strip("`") for cell in line.split("|")) for line in lines]


def test_the_page_lists_every_operation_and_who_may_call_it(app: Service) -> None:
    found = set()
    for route in api_routes(app):
        access = access_of(route)
        assert access is not None
        roles = {str(role) for role in access.roles or ()}
        who = "anyone" if access.roles is None else ", ".join(sorted(roles))
        found |= {
            (f"{method} {route.path}", route.summary, "everyone signed in" if roles == EVERYONE else who)
            for method in route.methods or ()
        }
    assert set(rows("Operations")) == found
    assert len(rows("Operations")) == len(found)


def test_the_page_lists_every_refusal() -> None:
    known = {(str(errors.status_of(failure)), failure.code, failure.title) for failure in errors.BY_CODE.values()}
    assert set(rows("Refusals")) == known
    assert rows("Refusals") == sorted(rows("Refusals"))
