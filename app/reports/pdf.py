"""A gap report as PDF: the same report gives the same bytes, on any machine."""

from dataclasses import replace
from io import BytesIO
from threading import Lock
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from app.reports.content import GapReport
from app.reports.pdf_first import first_page
from app.reports.pdf_gaps import details, gaps
from app.reports.pdf_issued import Issue, issued_block, issued_title
from app.reports.pdf_style import ACCENT, BOLD, MARGIN, MUTED, REGULAR, RULE, fonts_ready
from app.reports.tagged import PAGE_COUNT_FORM, TaggedCanvas

_TOP, _BOTTOM = 54, 46
_SMALL = 7.5
_LANGUAGES = {"en": "en-GB", "cy": "cy-GB"}
# A font of reportlab's keeps one place in its file for all threads, so two reports at once could read wrong glyphs.
_ONE_AT_A_TIME = Lock()


def gap_report_pdf(report: GapReport, issue: Issue | None = None) -> bytes:
    """Lay ``report`` out on A4, tagged, in its language. The same report gives the same bytes.

    With ``issue`` it is that of an issued determination, and says so.
    """
    if issue is not None:
        report = replace(report, title=issued_title(report.language))
    with _ONE_AT_A_TIME:
        fonts_ready()
        out = BytesIO()
        _Document(report, out, issue).build(_story(report, issue), canvasmaker=_Canvas)
        return out.getvalue()


def _story(report: GapReport, issue: Issue | None) -> list[Flowable]:
    issued = [] if issue is None else issued_block(issue, report.language)
    return [*first_page(report, issued), *gaps(report), *details(report)]


class _Canvas(TaggedCanvas):
    """Finishes the tags and the number of pages when the document is saved."""

    def save(self) -> None:
        """Save once the last page is drawn."""
        self.finish(REGULAR, _SMALL, MUTED)
        super().save()


class _Document(BaseDocTemplate):
    """A4 pages with a header and a footer that say what this is, of when, and which page."""

    def __init__(self, report: GapReport, out: BytesIO, issue: Issue | None) -> None:
        super().__init__(
            out,
            pagesize=A4,
            title=f"{report.title}: {report.service}, {report.as_of}",
            author=report.provider,
            subject=report.rule_set,
            creator="Safonau",
            keywords=[] if issue is None else [issue.number, issue.sha256],
            lang=_LANGUAGES[report.language],
            displayDocTitle=True,
            invariant=1,
            pageCompression=1,
        )
        self._report = report
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
        report = self._report
        width, height = A4
        canvas.begin_artifact()
        canvas.saveState()
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.6)
        canvas.line(MARGIN, height - 44, width - MARGIN, height - 44)
        canvas.line(MARGIN, 38, width - MARGIN, 38)
        canvas.setFillColor(ACCENT)
        canvas.setFont(BOLD, _SMALL)
        title = f"{report.title} · {report.service}"
        canvas.drawString(MARGIN, height - 38, _fitting(canvas, title, width - 2 * MARGIN - 110))
        canvas.setFillColor(MUTED)
        canvas.setFont(REGULAR, _SMALL)
        canvas.drawRightString(width - MARGIN, height - 38, report.as_of)
        canvas.drawRightString(
            width - MARGIN, 26, _fitting(canvas, f"Safonau · {report.rule_set}", width - 2 * MARGIN - 110)
        )
        page = report.headings.page.format(page=canvas.getPageNumber())
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
