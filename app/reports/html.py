"""HTML pages made of templates: everything escaped, one style within the page, no scripts, nothing from elsewhere."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.reports.html_words import PAGE_WORDS
from app.reports.speech import Speech, clean
from app.reports.words import OBLIGATIONS, RULE_SET_STATUSES, Language

_TEMPLATES = Path(__file__).parent / "templates"


class Indented(Protocol):
    """A line of text and how deep it stands."""

    @property
    def text(self) -> str:
        """The line's words."""

    @property
    def depth(self) -> int:
        """0 at the outermost."""


class Branch(NamedTuple):
    """A line with the lines under it."""

    text: str
    below: tuple["Branch", ...]


class PageWords:
    """The fixed words of pages in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.speech = Speech(language)

    def __call__(self, name: str, **data: object) -> str:
        """The words of ``PAGE_WORDS`` with their data filled in; raises ``KeyError`` for a name it has not."""
        return self.speech.words(PAGE_WORDS[name], **data)

    def status(self, status: str) -> str:
        """The status of a rule set."""
        return next(self.speech.words(words) for name, words in RULE_SET_STATUSES.items() if name == status)

    def obligation(self, obligation: str) -> str:
        """The kind of obligation that a requirement is."""
        return next(self.speech.words(words) for name, words in OBLIGATIONS.items() if name == obligation)


def page(template: str, language: Language, **content: object) -> bytes:
    """The page of a template in ``language``, in UTF-8; the same content always gives the same bytes."""
    page_words = PageWords(language)
    text = (
        _environment()
        .get_template(template)
        .render(language=language, say=page_words, speech=page_words.speech, style=_style(), **content)
    )
    return text.encode()


@cache
def content_policy(*, forms: bool = False) -> str:
    """The content security policy under which a page shows its one style, and nothing else is loaded or run.

    ``forms``: what is filled in on it is sent to us, and to nobody else.
    """
    action = "'self'" if forms else "'none'"
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action {action};"
        " frame-ancestors 'none'"
    )


def nested(lines: Iterable[Indented]) -> tuple[Branch, ...]:
    """Lines by their depth as branches; a line stands under the last one before it that is less deep."""
    waiting = list(lines)
    waiting.reverse()
    return tuple(_branches(waiting, 0))


def _branches(waiting: list[Indented], depth: int) -> Iterator[Branch]:
    """Take the branches that stand ``depth`` deep or deeper off the end of ``waiting``."""
    while waiting and waiting[-1].depth >= depth:
        line = waiting.pop()
        yield Branch(line.text, tuple(_branches(waiting, line.depth + 1)))


def web_address(url: str | None) -> str | None:
    """An address that a link may lead to: http or https. Others, such as ``javascript:``, are none."""
    return url if url is not None and url.startswith(("http://", "https://")) else None


@cache
def _style() -> str:
    return (_TEMPLATES / "style.css").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["clean"] = clean
    made.filters["web_address"] = web_address
    made.filters["nested"] = nested
    return made
