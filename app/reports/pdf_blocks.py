"""Paragraphs and tables that every part of the PDF is made of. What people typed is escaped here, once."""

import re
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import CondPageBreak, Flowable, Table

from app.reports import pdf_style as style
from app.reports.content import Fact
from app.reports.content import Table as Rows
from app.reports.tagged import ARRANGED, TABULATED, Heading, TaggedParagraph

WIDTH = A4[0] - 2 * style.MARGIN
_ROOM_FOR_ROWS = 130
_BEFORE, _AFTER = 3, 6  # padding of a cell of data, in points
_ACROSS = _BEFORE + _AFTER
_PART_OF_ID = re.compile(r"[^-._]+[-._]*|[-._]+")


def paragraph(text: str, look: ParagraphStyle = style.BODY, bullet: str | None = None) -> TaggedParagraph:
    """Plain text as one paragraph."""
    return TaggedParagraph(escape(text), look, bulletText=bullet)


def padding(across: float, down: float) -> list[tuple[Any, ...]]:
    """Table commands for the padding of every cell, in points."""
    whole = ((0, 0), (-1, -1))
    return [
        ("LEFTPADDING", *whole, across),
        ("RIGHTPADDING", *whole, across),
        ("TOPPADDING", *whole, down),
        ("BOTTOMPADDING", *whole, down),
        ("VALIGN", *whole, "TOP"),
    ]


def ruled() -> list[tuple[Any, ...]]:
    """Table commands for a fine line under every row."""
    return [("LINEBELOW", (0, 0), (-1, -1), 0.6, style.RULE, "butt")]


def facts(facts: Sequence[Fact], share: float) -> Flowable:
    """Names on the left, in a column of this share of the width; what is said under them on the right."""
    rows = [[paragraph(fact.label, style.HEAD), paragraph(fact.value, style.CELL)] for fact in facts]
    return Table(
        rows,
        colWidths=[share * WIDTH, (1 - share) * WIDTH],
        style=[*padding(2, 2.2), *ruled()],
        renderCB=ARRANGED,
    )


def warning(text: str) -> Flowable:
    """What nobody may overlook, in a frame."""
    tone = style.TONES["critical_gaps"]
    return Table(
        [[paragraph(f"{tone.sign}  {text}", style.CELL_BOLD)]],
        colWidths=[WIDTH],
        style=[*padding(9, 5), ("BACKGROUND", (0, 0), (-1, -1), tone.light), ("BOX", (0, 0), (-1, -1), 1.4, tone.dark)],
        renderCB=ARRANGED,
    )


def identifier(name: str, width: float) -> TaggedParagraph:
    """An id in a cell so many points wide; a line of it ends after a hyphen, full stop or underscore, if it can."""
    lines = [""]
    for part in _PART_OF_ID.findall(name):
        if lines[-1] and stringWidth(lines[-1] + part, style.CELL.fontName, style.CELL.fontSize) > width:
            lines.append("")
        lines[-1] += part
    return TaggedParagraph("<br/>".join(map(escape, lines)), style.CELL)


def table(content: Rows, shares: Sequence[float], right: Sequence[int] = (), ids: Sequence[int] = ()) -> list[Flowable]:
    """A heading and a table; columns get these shares of the width, those in ``right`` hold numbers, in ``ids`` ids."""
    if not content.rows:
        return [Heading(escape(content.title), style.H2), paragraph(content.empty)]
    head: list[Flowable] = [
        paragraph(words, style.HEAD_RIGHT if column in right else style.HEAD)
        for column, words in enumerate(content.headings)
    ]
    rows: list[list[Flowable]] = [
        [
            identifier(words, shares[column] * WIDTH - _ACROSS)
            if column in ids
            else paragraph(words, style.CELL_RIGHT if column in right else style.CELL)
            for column, words in enumerate(row)
        ]
        for row in content.rows
    ]
    return [*over_table(content.title, content.note), data([head, *rows], [share * WIDTH for share in shares])]


def over_table(title: str, note: str) -> list[Flowable]:
    """Heading and note of a table, on a page that has room for its first rows too."""
    heading: list[Flowable] = [CondPageBreak(_ROOM_FOR_ROWS), Heading(escape(title), style.H2_OVER_TABLE)]
    return [*heading, paragraph(note, style.NOTE_OVER_TABLE)] if note else heading


def data(rows: list[list[Flowable]], widths: list[float]) -> Table:
    """A table of data, its first row the headings, repeated on every page; widths in points."""
    return Table(
        rows,
        colWidths=widths,
        repeatRows=1,
        style=[
            *padding(_BEFORE, 1.8),
            ("RIGHTPADDING", (0, 0), (-1, -1), _AFTER),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, 0), style.PANEL),
            ("LINEBELOW", (0, 0), (-1, 0), 0.9, style.ACCENT, "butt"),
            *ruled(),
        ],
        renderCB=TABULATED,
    )
