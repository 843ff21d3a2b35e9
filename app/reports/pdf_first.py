"""The first page of the PDF: what a commissioner must see before anything else."""

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.colors import Color
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Spacer, Table

from app.reports import pdf_style as style
from app.reports.content import CriticalBox, GapReport, RungScore, StandardLine, StatusWord
from app.reports.pdf_blocks import WIDTH, data, facts, padding, paragraph, table
from app.reports.tagged import ARRANGED, Figure, Heading, TaggedParagraph, Title


def first_page(report: GapReport) -> list[Flowable]:
    """Who, the critical gaps, where they stand, on what terms, what that rests on, standard by standard."""
    parts: list[Flowable] = [
        paragraph(report.title.upper(), style.KICKER),
        Title(escape(report.service), style.H1),
        paragraph(f"{report.headings.provider}: {report.provider}", style.BODY),
        Spacer(1, 7),
    ]
    if report.critical is not None:
        parts += [_critical(report.critical), Spacer(1, 8)]
    parts += [_verdicts(report.verdicts), Spacer(1, 8)]
    parts += [Heading(escape(report.headings.compliance), style.H2), _tiles(report), Spacer(1, 6)]
    parts += [facts(report.measures), Spacer(1, 6), facts(report.facts)]
    widths = (0.17, 0.2, 0.17, 0.1, 0.12, 0.1, 0.14)
    parts += table(report.rests_on, widths, right=(3, 4, 5))
    parts += [
        Heading(escape(report.headings.standards), style.H2),
        paragraph(report.headings.standards_note, style.NOTE),
        _standards(report),
    ]
    return parts


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
            ("LINEBEFORE", (0, index), (0, index), 4, tone.dark),
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
                ("LINEABOVE", (column, 0), (column, 0), 3, style.BARS[score.rung])
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
    shares = (0.06, 0.29, 0.27, 0.1, 0.12, 0.1)
    widths = [share * WIDTH for share in shares]
    bar = WIDTH - sum(widths)
    right = (3, 4, 5)
    head: list[Flowable] = [
        paragraph(words, style.HEAD_RIGHT if column in right else style.HEAD)
        for column, words in enumerate(report.headings.standards_columns)
    ]
    return data([head, *(_standard(line, bar - 12) for line in report.standards)], [*widths, bar])


def _standard(line: StandardLine, bar: float) -> list[Flowable]:
    names = [score.name for score in line.scores if score.status is not None]
    statuses = [_status(status, style.CELL, f"{name}: ") for name, status in zip(names, line.statuses, strict=True)]
    return [
        paragraph(line.number, style.CELL_BOLD),
        paragraph(line.title, style.CELL),
        statuses,  # type: ignore[list-item]  # a cell may hold several flowables
        *(paragraph(score.text, style.CELL_RIGHT) for score in line.scores),
        Figure(_bars(line.scores, bar, 4.6), line.bar_alt),
    ]
