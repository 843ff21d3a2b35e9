"""The later pages of the PDF: the gaps, what is satisfied, what does not count, and how it was worked out."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from reportlab.platypus import CondPageBreak, Flowable, PageBreak

from app.reports import pdf_style as style
from app.reports.content import GapEntry, GapReport, HandIn
from app.reports.pdf_blocks import facts, paragraph, table
from app.reports.tagged import Heading, Rule, Subheading, TaggedParagraph

_ROOM_FOR_A_GAP = 170


def gaps(report: GapReport) -> list[Flowable]:
    """The gaps in the order of the determination."""
    heading = Heading(escape(report.headings.gaps), style.H2)
    if not report.gaps:
        return [heading, paragraph(report.headings.gaps_none)]
    note = paragraph(report.headings.gaps_note, style.NOTE)
    entries = [part for gap in report.gaps for part in _gap(gap, report.headings.why, report.headings.hand_in)]
    return [CondPageBreak(_ROOM_FOR_A_GAP), heading, note, *entries]


def _gap(gap: GapEntry, why: str, hand_in: str) -> Iterator[Flowable]:
    colour = style.TONES["critical_gaps"].dark if gap.critical else style.ACCENT
    yield Rule(colour if gap.critical else style.RULE, 1.6 if gap.critical else 0.8, above=9, below=4)
    yield Subheading(f"{style.coloured(escape(gap.id), colour)}&nbsp;&nbsp;{escape(gap.statement)}", style.H3)
    sign = f"{style.TONES['critical_gaps'].sign} {escape(gap.critical)}" if gap.critical else ""
    yield TaggedParagraph(
        f"<b>{style.coloured(sign, colour)}</b> · {escape(gap.place)}" if sign else escape(gap.place), style.META
    )
    if gap.risk is not None:
        yield paragraph(gap.risk, style.META)
    if gap.official_text is not None:
        yield paragraph(gap.official_text, style.META)
    yield paragraph(why, style.LABEL)
    for reason in gap.reasons:
        yield paragraph(reason, style.ITEM, bullet="•")
    yield paragraph(hand_in, style.LABEL)
    for item in gap.hand_in:
        yield _hand_in(item)
    if gap.hand_in_nothing is not None:
        yield paragraph(gap.hand_in_nothing, style.BODY)
    yield paragraph(f"{gap.would_cover} {gap.basis}", style.TAIL)


def _hand_in(item: HandIn) -> Flowable:
    programmes = f" <b>{escape(item.programmes)}</b>" if item.programmes else ""
    return TaggedParagraph(f"{escape(item.text)}{programmes}", style.ITEM, bulletText=f"{item.number}.")


def details(report: GapReport) -> list[Flowable]:
    """Requirements satisfied, requirements that do not count, and the closing page."""
    shares = (0.07, 0.58, 0.17, 0.18)
    return [
        *table(report.satisfied, shares),
        *table(report.uncounted, shares),
        PageBreak(),
        Heading(escape(report.headings.how), style.H2),
        *(paragraph(words, style.EXPLAINED) for words in report.how),
        facts(report.provenance, 0.27),
    ]
