"""The first page of the PDF: what a commissioner must see before anything else."""

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.colors import Color
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Spacer, Table

from app.reports import pdf_style as style
from app.reports.content import CriticalBox, Fact, GapReport, RungScore, StandardLine, StatusWord
from app.reports.pdf_blocks import WIDTH, data, facts, over_table, padding, paragraph, ruled, table
from app.reports.tagged import ARRANGED, Figure, Heading, TaggedParagraph, Title


def first_page(report: GapReport, issued: Sequence[Flowable]) -> list[Flowable]:
    """Who, what was issued, the critical gaps, where they stand, on what terms, what that rests on, by standard."""
    parts: list[Flowable] = [
        paragraph(report.title.upper(), style.KICKER),
        Title(escape(report.service), style.H1),
        paragraph(f"{report.headings.provider}: {report.provider}", style.BODY),
        Spacer(1, 7),
        *issued,
    ]
    if report.critical is not None:
        parts += [_critical(report.critical), Spacer(1, 8)]
    parts.append(_verdicts(report.verdicts))
    parts += [Heading(escape(report.headings.compliance), style.H2), _tiles(report), Spacer(1, 6)]
    parts += [_glance(report.glance), facts(report.terms, 0.12)]
    widths = (0.165, 0.16, 0.155, 0.115, 0.15, 0.11, 0.145)
    parts += table(report.rests_on, widths, right=(3, 4, 5), ids=(0,))
    parts += [
        *over_table(report.headings.standards, report.headings.standards_note),
        _standards(report),
    ]
    return parts


def _glance(found: Sequence[Fact]) -> Flowable:
    """Three beside each other, each under its name."""
    cells = [[paragraph(fact.label, style.HEAD), paragraph(fact.value, style.CELL)] for fact in found]
    return Table(
        [cells[:3], cells[3:]],
        colWidths=[WIDTH / 3] * 3,
        style=[*padding(2, 3.5), ("RIGHTPADDING", (0, 0), (-1, -1), 12), *ruled()],
        renderCB=ARRANGED,
    )


def _critical(box: CriticalBox) -> Flowable:
    """White on red, then the first of the gaps on a light ground: not to be missed, in black and white either."""
    tone = style.TONES["critical_gaps"]
    rows = [[paragraph(f"{tone.sign}  {box.title}", style.BOX_TITLE)], [paragraph(box.note, style.CELL_BOLD)]]
    rows += [
        [TaggedParagraph(f"<b>{escape(line.label)}</b>&nbsp;&nbsp;{escape(line.value)}", style.CELL)]
        for line in box.lines
    ]
    if box.more is not None:
        rows.append([paragraph(box.more, style.CELL)])
    return Table(
        rows,
        colWidths=[WIDTH],
        style=[
            ("BACKGROUND", (0, 0), (-1, 0), tone.dark),
            ("BACKGROUND", (0, 1), (-1, -1), tone.light),
            ("BOX", (0, 0), (-1, -1), 1.4, tone.dark),
            *padding(9, 2),
            ("TOPPADDING", (0, 0), (-1, 0), 5),
            ("BOTTOMPADDING", (0, 0), (-1, 0), 6),
            ("TOPPADDING", (0, 1), (-1, 1), 5),
            ("BOTTOMPADDING", (0, -1), (-1, -1), 6),
        ],
        renderCB=ARRANGED,
    )


def _verdicts(verdicts: Sequence[StatusWord]) -> Flowable:
    rows: list[list[Flowable]] = []
    looks: list[tuple[Any, ...]] = []
    for index, verdict in enumerate(verdicts):
        tone = style.TONES[verdict.status]
        look = style.VERDICT.clone(f"verdict-{verdict.status}", textColor=tone.dark)
        rows.append([paragraph(tone.sign, look), paragraph(verdict.words, look)])
        looks += [
            ("BACKGROUND", (0, index), (-1, index), tone.light),
            ("LINEBEFORE", (0, index), (0, index), 4, tone.dark, "butt"),
        ]
    return Table(
        rows,
        colWidths=[22, WIDTH - 22],
        style=[*padding(8, 3), ("LINEBELOW", (0, 0), (-1, -2), 2, style.WHITE), *looks],
        renderCB=ARRANGED,
    )


def _tiles(report: GapReport) -> Flowable:
    gap = 8
    width = (WIDTH - 2 * gap) / 3
    cells: list[list[Flowable] | str] = []
    for score in report.scores:
        cells += [_tile(score, report.headings.claim_no_status, width - 20), ""]
    return Table(
        [cells[:-1]],
        colWidths=[width, gap, width, gap, width],
        style=[
            *padding(10, 7),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            *[("BACKGROUND", (column, 0), (column, 0), style.PANEL) for column in (0, 2, 4)],
            *[
                ("LINEABOVE", (column, 0), (column, 0), 3, style.BARS[score.rung], "butt")
                for column, score in zip((0, 2, 4), report.scores, strict=True)
            ],
        ],
        renderCB=ARRANGED,
    )


def _tile(score: RungScore, no_status: str, width: float) -> list[Flowable]:
    number = style.SCORE if score.tenths is not None else style.SCORE_NOTHING
    return [
        paragraph(score.name, style.CELL_BOLD),
        paragraph(score.meaning, style.SMALL),
        paragraph(score.text, number),
        Figure(_bars([score], width, 5), f"{score.name}: {score.text}"),
        Spacer(1, 5),
        paragraph(no_status, style.SMALL) if score.status is None else _status(score.status, style.CELL_BOLD),
    ]


def _status(status: StatusWord, look: ParagraphStyle, before: str = "") -> TaggedParagraph:
    tone = style.TONES[status.status]
    words = style.coloured(f"<b>{tone.sign} {escape(status.words)}</b>", tone.dark)
    return TaggedParagraph(f"{escape(before)}{words}", look)


def _bars(scores: Sequence[RungScore], width: float, height: float) -> Drawing:
    """One bar under another, each as long as its score."""
    gap = 1.4
    drawing = Drawing(width, len(scores) * (height + gap) - gap)
    for index, score in enumerate(reversed(scores)):
        y = index * (height + gap)
        drawing.add(_filled(Rect(0, y, width, height), style.TRACK))
        if score.tenths:
            long = width * score.tenths / 1000
            drawing.add(_filled(Rect(0, y, long, height), style.BARS[score.rung]))
    return drawing


def _filled(rectangle: Rect, colour: Color) -> Rect:
    rectangle.fillColor = colour
    rectangle.strokeColor = None
    return rectangle


def _standards(report: GapReport) -> Flowable:
    shares = (0.056, 0.243, 0.116, 0.251, 0.251)
    widths = [share * WIDTH for share in shares]
    bar = WIDTH - sum(widths)
    head: list[Flowable] = [paragraph(words, style.HEAD) for words in report.headings.standards_columns]
    return data([head, *(_standard(line, bar - 9) for line in report.standards)], [*widths, bar])


def _standard(line: StandardLine, bar: float) -> list[Flowable]:
    return [
        paragraph(line.number, style.CELL_BOLD),
        paragraph(line.title, style.CELL),
        *(_score(score) for score in line.scores),
        Figure(_bars(line.scores, bar, 2.6), line.bar_alt),
    ]


def _score(score: RungScore) -> Flowable:
    """The score, and on the rungs that have one the status beside it."""
    if score.status is None:
        return paragraph(score.text, style.CELL)
    return _status(score.status, style.CELL, f"{score.text}  ")
