"""A check as PDF, for the file on a grant: the same check gives the same bytes, on any machine."""

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape

from reportlab.platypus import Flowable, Spacer, Table

from app.engine.policy import Outcome
from app.reports import pdf_style as style
from app.reports.check_content import CheckPage, ReasonLine, Reasons
from app.reports.pdf_blocks import WIDTH, facts, padding, paragraph, warning
from app.reports.pdf_sheets import Sheets, laid_out
from app.reports.tagged import ARRANGED, Heading, TaggedParagraph, Title

# As statuses look: nothing missed, something to be mended, something that the policy insists on.
TONES: Final[dict[Outcome, style.Tone]] = {
    "pass": style.TONES["meets"],
    "pass_with_conditions": style.TONES["working_towards"],
    "fail": style.TONES["critical_gaps"],
}


def check_pdf(page: CheckPage) -> bytes:
    """Lay ``page`` out on A4, tagged, in its language. The same page gives the same bytes."""
    sheets = Sheets(
        language=page.language,
        title=page.title,
        service=page.service,
        provider=page.provider,
        rule_set=page.rule_set,
        as_of=page.as_of,
        page=page.page,
        keywords=tuple(fact.value for fact in (page.provenance[0], page.provenance[-1])),
    )
    return laid_out(sheets, lambda: list(_story(page)))


def _story(page: CheckPage) -> Iterator[Flowable]:
    yield paragraph(page.title.upper(), style.KICKER)
    yield Title(escape(page.service), style.H1)
    yield Spacer(1, 7)
    if page.draft is not None:
        yield warning(page.draft)
        yield Spacer(1, 5)
    yield _verdict(page)
    yield Spacer(1, 8)
    yield facts(page.particulars, 0.27)
    yield Heading(escape(page.asked.title), style.H2)
    yield facts(page.asked.facts, 0.27)
    yield from _reasons(page.reasons)
    if page.ahead is not None:
        yield Heading(escape(page.ahead.title), style.H2)
        yield facts(page.ahead.facts, 0.27)
    if page.first is not None:
        yield Heading(escape(page.first.title), style.H2)
        yield facts(page.first.facts, 0.27)
        yield from _reasons(page.first.gone)
        yield from _reasons(page.first.new)
    yield Heading(escape(page.kept), style.H2)
    yield facts(page.provenance, 0.27)
    yield Spacer(1, 6)
    yield paragraph(page.note, style.SMALL)


def _verdict(page: CheckPage) -> Flowable:
    tone = TONES[page.outcome]
    look = style.VERDICT.clone(f"verdict-{page.outcome}", textColor=tone.dark)
    return Table(
        [[paragraph(tone.sign, look), paragraph(page.verdict, look)]],
        colWidths=[22, WIDTH - 22],
        style=[
            *padding(8, 5),
            ("BACKGROUND", (0, 0), (-1, -1), tone.light),
            ("LINEBEFORE", (0, 0), (0, -1), 4, tone.dark, "butt"),
        ],
        renderCB=ARRANGED,
    )


def _reasons(reasons: Reasons) -> Iterator[Flowable]:
    yield Heading(escape(reasons.title), style.H2)
    yield from map(_reason, reasons.lines)
    if not reasons.lines:
        yield paragraph(reasons.empty)


def _reason(line: ReasonLine) -> Flowable:
    tone = TONES["fail" if line.severity == "failure" else "pass_with_conditions"]
    label = style.coloured(f"<b>{escape(line.label)}:</b>", tone.dark)
    return TaggedParagraph(f"{label} {escape(line.text)}", style.ITEM, bulletText=tone.sign)
