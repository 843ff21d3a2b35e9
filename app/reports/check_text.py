"""A check as a page of plain text, in English or Welsh, for the file on a grant."""

import textwrap
from collections.abc import Iterable, Iterator

from app.reports.check_content import CheckPage, Reasons
from app.reports.content import Fact
from app.reports.text import COLUMNS

_LABEL = 26


def check_text(page: CheckPage) -> str:
    """The page, ending with a line break; only hashes and ids are wider than 80 columns."""
    lines = [page.title, "=" * len(page.title), ""]
    if page.draft is not None:
        lines += [*_wrapped(page.draft), ""]
    lines += [*_wrapped(page.verdict), ""]
    lines += [*_facts(page.particulars), *_title(page.asked.title), *_facts(page.asked.facts), *_reasons(page.reasons)]
    if page.ahead is not None:
        lines += [*_title(page.ahead.title), *_facts(page.ahead.facts)]
    if page.first is not None:
        lines += [*_title(page.first.title), *_facts(page.first.facts)]
        lines += [*_reasons(page.first.gone), *_reasons(page.first.new)]
    lines += ["", *_facts(page.provenance), "", *_wrapped(page.note)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _reasons(reasons: Reasons) -> Iterator[str]:
    yield from _title(reasons.title)
    for line in reasons.lines:
        yield from _wrapped(f"{line.label}: {line.text}", "- ")
    if not reasons.lines:
        yield reasons.empty


def _facts(facts: Iterable[Fact]) -> Iterator[str]:
    for fact in facts:
        yield from _wrapped(fact.value, f"{fact.label:<{_LABEL}}")


def _title(title: str) -> Iterator[str]:
    yield from ("", title, "-" * len(title))


def _wrapped(text: str, first: str = "") -> list[str]:
    indent = " " * len(first)
    return textwrap.wrap(
        text, COLUMNS, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )
