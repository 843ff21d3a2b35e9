"""A4 pages that every PDF is laid out on: head, foot, number of pages, tags; the same content gives the same bytes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from threading import Lock
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from app.reports.pdf_style import ACCENT, BOLD, MARGIN, MUTED, REGULAR, RULE, fonts_ready
from app.reports.tagged import PAGE_COUNT_FORM, TaggedCanvas
from app.reports.words import Language

_TOP, _BOTTOM = 54, 46
_SMALL = 7.5
_LANGUAGES = {"en": "en-GB", "cy": "cy-GB"}
# A font of reportlab's keeps one place in its file for all threads, so two reports at once could read wrong glyphs.
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True, slots=True)
class Sheets:
    """What stands on every page, and what a reading program is told of the whole.

    ``page`` is the words before the number of pages, with ``{page}`` in them; ``keywords`` are what it is found by.
    """

    language: Language
    title: str
    service: str
    provider: str
    rule_set: str
    as_of: str
    page: str
    keywords: Sequence[str] = ()


def laid_out(sheets: Sheets, story: Callable[[], list[Flowable]]) -> bytes:
    """What ``story`` makes, on as many pages as it takes, tagged; one document at a time."""
    with _ONE_AT_A_TIME:
        fonts_ready()
        out = BytesIO()
        _Document(sheets, out).build(story(), canvasmaker=_Canvas)
        return out.getvalue()


class _Canvas(TaggedCanvas):
    """Finishes the tags and the number of pages when the document is saved."""

    def save(self) -> None:
        """Save once the last page is drawn."""
        self.finish(REGULAR, _SMALL, MUTED)
        super().save()


class _Document(BaseDocTemplate):
    """A4 pages with a header and a footer that say what this is, of when, and which page."""

    def __init__(self, sheets: Sheets, out: BytesIO) -> None:
        super().__init__(
            out,
            pagesize=A4,
            title=f"{sheets.title}: {sheets.service}, {sheets.as_of}",
            author=sheets.provider,
            subject=sheets.rule_set,
            creator="Safonau",
            keywords=list(sheets.keywords),
            lang=_LANGUAGES[sheets.language],
            displayDocTitle=True,
            invariant=1,
            pageCompression=1,
        )
        self._sheets = sheets
        width, height = A4
        frame = Frame(
            MARGIN,
            _BOTTOM,
            width - 2 * MARGIN,
            height - _TOP - _BOTTOM,
            leftPadding=0,
            rightPadding=0,
            topPadding=0,
            bottomPadding=0,
        )
        self.addPageTemplates(PageTemplate(frames=[frame], onPage=self._furniture))

    def _furniture(self, canvas: Any, _document: object) -> None:  # noqa: ANN401  # our canvas, typed as reportlab's
        sheets = self._sheets
        width, height = A4
        canvas.begin_artifact()
        canvas.saveState()
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.6)
        canvas.line(MARGIN, height - 44, width - MARGIN, height - 44)
        canvas.line(MARGIN, 38, width - MARGIN, 38)
        canvas.setFillColor(ACCENT)
        canvas.setFont(BOLD, _SMALL)
        title = f"{sheets.title} · {sheets.service}"
        canvas.drawString(MARGIN, height - 38, _fitting(canvas, title, width - 2 * MARGIN - 110))
        canvas.setFillColor(MUTED)
        canvas.setFont(REGULAR, _SMALL)
        canvas.drawRightString(width - MARGIN, height - 38, sheets.as_of)
        canvas.drawRightString(
            width - MARGIN, 26, _fitting(canvas, f"Safonau · {sheets.rule_set}", width - 2 * MARGIN - 110)
        )
        page = sheets.page.format(page=canvas.getPageNumber())
        canvas.drawString(MARGIN, 26, page)
        canvas.translate(MARGIN + canvas.stringWidth(f"{page} ", REGULAR, _SMALL), 26)
        canvas.doForm(PAGE_COUNT_FORM)
        canvas.restoreState()
        canvas.end_artifact()


def _fitting(canvas: Any, text: str, width: float) -> str:  # noqa: ANN401  # our canvas, typed as reportlab's
    """``text``, its end replaced by an ellipsis where it is wider than ``width``."""
    font, size = canvas._fontname, canvas._fontsize  # noqa: SLF001  # reportlab has no public way to ask
    if canvas.stringWidth(text, font, size) <= width:
        return text
    while text and canvas.stringWidth(f"{text}…", font, size) > width:
        text = text[:-1]
    return f"{text}…"
