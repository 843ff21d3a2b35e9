"""Reports as plain text of 80 columns, for terminals, e-mail, and whoever reads without pictures."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping

from app.engine.determination import Determination
from app.engine.rules import RuleSet, Scheme
from app.reports.content import Fact, GapEntry, GapReport, RungScore, StandardLine, StatusWord, Table
from app.reports.gap_report import gap_report
from app.reports.speech import Speech
from app.reports.words import Language

COLUMNS = 80
_LABEL = 26
_SIGNS = {"meets": "[+]", "critical_gaps": "[!]", "working_towards": "[~]", "not_assessed": "[ ]"}


def gap_report_text(report: GapReport) -> str:
    """The whole report, ending with a line break; no line is wider than 80 columns."""
    return _joined(_head(report), _gaps(report), _rest(report))


def determination_text(
    determination: Determination,
    rule_set: RuleSet,
    language: Language,
    *,
    schemes: Mapping[str, Scheme] | None = None,
) -> str:
    """Where the service stands, without the gaps in detail; takes and raises what ``gap_report`` does."""
    report = gap_report(determination, rule_set, language=language, schemes=schemes)
    title = Speech(language).say("determination")
    return _joined(_head(report, title), _listed(report), _provenance(report))


def _joined(*parts: Iterable[str]) -> str:
    return "\n".join(line.rstrip() for part in parts for line in part) + "\n"


def _wrapped(text: str, first: str = "", later: str | None = None) -> list[str]:
    indent = " " * len(first) if later is None else later
    return textwrap.wrap(text, COLUMNS, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False) or [
        first
    ]


def _heading(text: str, under: str = "-") -> Iterator[str]:
    lines = _wrapped(text)
    yield from ("", *lines, under * max(map(len, lines)))


def _fact(fact: Fact) -> list[str]:
    label = f"{fact.label}:"
    if len(label) < _LABEL:
        return _wrapped(fact.value, label.ljust(_LABEL))
    return [*_wrapped(label), *_wrapped(fact.value, " " * _LABEL)]


def _verdict(verdict: StatusWord) -> list[str]:
    return _wrapped(verdict.words, f"{_SIGNS[verdict.status]} ")


def _head(report: GapReport, title: str | None = None) -> Iterator[str]:
    yield from _wrapped(title or report.title)
    yield from _wrapped(report.service)
    yield "=" * COLUMNS
    yield from _fact(Fact(report.headings.provider, report.provider))
    if report.critical is not None:
        yield from ("", "!" * COLUMNS)
        yield from _wrapped(report.critical.title.upper(), "!! ", "!! ")
        yield from _wrapped(report.critical.note, "!! ", "!! ")
        for fact in report.critical.lines:
            yield from _wrapped(fact.value, f"!! {fact.label}  ", "!!    ")
        if report.critical.more is not None:
            yield from _wrapped(report.critical.more, "!! ", "!! ")
        yield "!" * COLUMNS
    yield ""
    for verdict in report.verdicts:
        yield from _verdict(verdict)
    yield from _heading(report.headings.compliance)
    for score in report.scores:
        status = report.headings.claim_no_status if score.status is None else _status(score.status)
        yield from _wrapped(f"{score.text}  {status} ({score.meaning})", f"{score.name}:".ljust(_LABEL))
    yield ""
    for fact in (*report.glance, *report.terms):
        yield from _fact(fact)
    yield from _table(report.rests_on)
    yield from _heading(report.headings.standards)
    for line in report.standards:
        yield from _standard(line)


def _status(status: StatusWord) -> str:
    return f"{_SIGNS[status.status]} {status.words}"


def _standard(line: StandardLine) -> Iterator[str]:
    yield from _wrapped(line.title, f"{line.number:>3}  ")
    yield from _wrapped("; ".join(_score(score) for score in line.scores), " " * 5)


def _score(score: RungScore) -> str:
    status = "" if score.status is None else f" {_status(score.status)}"
    return f"{score.name} {score.text}{status}"


def _table(table: Table) -> Iterator[str]:
    """One block for each row: the first column leads, the others follow under their headings."""
    yield from _heading(table.title)
    if not table.rows:
        yield from _wrapped(table.empty)
        return
    if table.note:
        yield from _wrapped(table.note)
    for row in table.rows:
        said = "; ".join(f"{name}: {value}" for name, value in zip(table.headings[2:], row[2:], strict=True))
        yield from _wrapped(row[1], f"{row[0]}  ", " " * 6)
        yield from _wrapped(said, " " * 6)


def _listed(report: GapReport) -> Iterator[str]:
    yield from _heading(report.headings.gaps)
    for gap in report.gaps:
        yield from _wrapped(gap.statement, f"{gap.id}  ", " " * 6)
        yield from _wrapped(_place(gap), " " * 6)
    if not report.gaps:
        yield from _wrapped(report.headings.gaps_none)


def _place(gap: GapEntry) -> str:
    return gap.place if gap.critical is None else f"[!] {gap.critical} · {gap.place}"


def _gaps(report: GapReport) -> Iterator[str]:
    yield from _heading(report.headings.gaps, "=")
    yield from _wrapped(report.headings.gaps_note if report.gaps else report.headings.gaps_none)
    for gap in report.gaps:
        yield ""
        yield from _gap(gap, report)


def _gap(gap: GapEntry, report: GapReport) -> Iterator[str]:
    yield from _wrapped(gap.statement, f"{gap.id}  ", " " * 6)
    for line in (_place(gap), gap.risk, gap.official_text):
        if line is not None:
            yield from _wrapped(line, " " * 6)
    yield f"      {report.headings.why}:"
    for reason in gap.reasons:
        yield from _wrapped(reason, "      - ")
    yield f"      {report.headings.hand_in}:"
    for item in gap.hand_in:
        said = item.text if item.programmes is None else f"{item.text} {item.programmes}"
        yield from _wrapped(said, f"      {item.number}. ")
    if gap.hand_in_nothing is not None:
        yield from _wrapped(gap.hand_in_nothing, " " * 6)
    yield from _wrapped(f"{gap.would_cover} {gap.basis}", " " * 6)


def _rest(report: GapReport) -> Iterator[str]:
    yield from _table(report.satisfied)
    yield from _table(report.uncounted)
    yield from _provenance(report)


def _provenance(report: GapReport) -> Iterator[str]:
    yield from _heading(report.headings.how)
    for words in report.how:
        yield from (*_wrapped(words), "")
    for fact in report.provenance:
        yield from _wrapped(f"{fact.label}: {fact.value}", later="    ")
