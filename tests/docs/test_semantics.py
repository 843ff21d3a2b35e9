"""The tables of docs/semantics.md have what the code has: nothing more, nothing less, in the same order."""

import re
from pathlib import Path
from typing import get_args

from app.engine.determination import ROUTES, RUNGS, Status
from app.engine.rules import BASES, LineageEntry, Requirement
from app.engine.values import EARLIEST, LATEST
from app.reports.reason_words import REASONS

PAGE = (Path(__file__).resolve().parents[2] / "docs/semantics.md").read_text(encoding="utf-8")
# Fields that only people read: formats.md says so, and nothing follows from them.
FOR_PEOPLE = {"official_text", "guidance", "note", "safety_reason"}


def section(number: int) -> str:
    """The text of a section."""
    return PAGE.partition(f"\n## {number}. ")[2].partition("\n## ")[0]


def first_cells(text: str) -> list[str]:
    """What the tables of ``text`` have in their first column, between backquotes."""
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


def test_every_reason_has_a_row_in_the_order_of_the_page() -> None:
    codes = dict.fromkeys(name.partition("/")[0] for name in REASONS)
    assert first_cells(section(7)) == list(codes)


def test_every_field_of_a_requirement_has_a_row() -> None:
    assert set(first_cells(section(2))) == set(Requirement.model_fields) - FOR_PEOPLE


def test_rungs_and_statuses_are_those_of_determinations() -> None:
    assert tuple(first_cells(section(1))) == RUNGS
    assert set(first_cells(section(6))) == set(get_args(Status))


def test_routes_and_bases_are_named() -> None:
    assert [name for name in ROUTES if f"`{name}`" not in section(5)] == []
    assert [name for name in BASES if f"`{name}`" not in section(2)] == []


def test_changes_of_a_lineage_have_a_row() -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", section(9), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)} - {"change"}
    assert named == set(get_args(LineageEntry.model_fields["change"].annotation))


def test_the_bounds_of_dates_are_those_of_the_code() -> None:
    assert f"{EARLIEST} and {LATEST}" in section(11)
