"""A gap report as PDF: the same report gives the same bytes, on any machine."""

from dataclasses import replace

from reportlab.platypus import Flowable

from app.reports.content import GapReport
from app.reports.pdf_first import first_page
from app.reports.pdf_gaps import details, gaps
from app.reports.pdf_issued import Issue, issued_block, issued_title
from app.reports.pdf_sheets import Sheets, laid_out


def gap_report_pdf(report: GapReport, issue: Issue | None = None) -> bytes:
    """Lay ``report`` out on A4, tagged, in its language. The same report gives the same bytes.

    With ``issue`` it is that of an issued determination, and says so.
    """
    if issue is not None:
        report = replace(report, title=issued_title(report.language))
    sheets = Sheets(
        language=report.language,
        title=report.title,
        service=report.service,
        provider=report.provider,
        rule_set=report.rule_set,
        as_of=report.as_of,
        page=report.headings.page,
        keywords=() if issue is None else (issue.number, issue.sha256),
    )
    return laid_out(sheets, lambda: _story(report, issue))


def _story(report: GapReport, issue: Issue | None) -> list[Flowable]:
    issued = [] if issue is None else issued_block(issue, report.language)
    return [*first_page(report, issued), *gaps(report), *details(report)]
