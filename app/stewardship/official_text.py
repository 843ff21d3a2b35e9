"""The simple table of official text that a steward fills in: columns requirement, en, cy; CSV or TSV in UTF-8."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from app.engine.rules import RuleSet
from app.engine.values import Text
from app.errors import BadInput, Problem, StandardsInvalid
from app.loader.explain import nearest
from app.stewardship.finding import the_one

COLUMNS = ("requirement", "en", "cy")
_LONGEST = 20_000
_AGAIN = "save it as CSV with commas or tabs, in UTF-8 (in a spreadsheet: “CSV UTF-8”)"


class Row(NamedTuple):
    """One row of the table, and the line that it starts in."""

    line: int
    requirement: str
    en: str
    cy: str


def template_text(rule_set: RuleSet) -> str:
    """A table with a row for every requirement; what official text there is already stands in it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for requirement in rule_set.requirements.values():
        text = requirement.official_text
        writer.writerow([requirement.id, text.en if text else "", (text.cy or "") if text else ""])
    return out.getvalue()


def read_table(data: bytes, name: str) -> tuple[Row, ...]:
    """The rows of the table ``name``; raises ``BadInput`` for what is no such table."""
    return tuple(_rows(data, name))


def meant(rows: Iterable[Row], rule_sets: tuple[RuleSet, ...]) -> RuleSet:
    """The rule set that the table is for: the only one, or the only one that has all its requirements.

    Raises ``BadInput`` where that is not one: a guess would put words beside the wrong requirement.
    """
    ids = {row.requirement for row in rows}
    return the_one(tuple(item for item in rule_sets if ids <= item.requirements.keys()) or rule_sets)


def official_text(rows: tuple[Row, ...], name: str, rule_set: RuleSet) -> dict[str, Text]:
    """The official text by requirement, in the order of the table.

    Raises ``StandardsInvalid`` with every row that cannot be taken: unknown ids, ids that come twice, rows without
    text, Welsh without English, text that is too long.
    """
    problems = list(_problems(rows, name, rule_set))
    if problems:
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        message = f"the table has {count}, and nothing is written"
        raise StandardsInvalid(message, problems=tuple(sorted(problems)), hint="correct the table and try again")
    return {row.requirement: Text(en=row.en, cy=row.cy or None) for row in rows}


def _rows(data: bytes, name: str) -> Iterator[Row]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(f"{name} is not UTF-8", hint=_AGAIN) from None
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in head else ",", strict=True)
    try:
        names = [cell.strip().lower() for cell in next(reader, [])]
        if sorted(names) not in (sorted(COLUMNS), sorted(COLUMNS[:2])):
            message = f"the first row of {name} must name the columns {', '.join(COLUMNS)}"
            raise BadInput(message, hint=f"it says: {', '.join(names)[:80] or 'nothing'}; {_AGAIN}")
        line = reader.line_num
        for cells in reader:
            line, start = reader.line_num, line + 1
            if cells:
                row = dict(zip(names, map(_clean, cells), strict=False))
                extra = "".join(cells[len(names) :]).strip()
                if extra:
                    hint = "put a text with commas or line breaks in double quotes"
                    raise BadInput(f"{name}, line {start}: more cells than columns", hint=hint)
                yield Row(start, row["requirement"], row.get("en", ""), row.get("cy", ""))
    except csv.Error as error:
        raise BadInput(f"{name}, line {reader.line_num}: this is no table ({error})", hint=_AGAIN) from None


def _clean(cell: str) -> str:
    """The words as they are, but for space around them and the line ends of other systems."""
    return cell.replace("\r\n", "\n").replace("\r", "\n").strip()


def _problems(rows: tuple[Row, ...], name: str, rule_set: RuleSet) -> Iterator[Problem]:
    if not rows:
        yield Problem(name, 1, 1, "the table has no rows", "write one for each requirement that has official text")
    first: dict[str, int] = {}
    for row in rows:
        if row.requirement not in rule_set.requirements:
            message = f"{rule_set.id} {rule_set.version} has no requirement `{row.requirement}`"
            yield Problem(name, row.line, 1, message, nearest(row.requirement, rule_set.requirements))
        elif row.requirement in first:
            message = f"requirement {row.requirement} is in line {first[row.requirement]} already"
            yield Problem(name, row.line, 1, message, "join the two rows")
        first.setdefault(row.requirement, row.line)
        if row.cy and not row.en:
            message = f"requirement {row.requirement} has Welsh and no English"
            yield Problem(name, row.line, 1, message, "write both, or English alone")
        for text in (row.en, row.cy):
            if len(text) > _LONGEST:
                message = f"the text of {row.requirement} has {len(text)} characters, more than {_LONGEST}"
                yield Problem(name, row.line, 1, message, "split the requirement, or shorten the quotation")
    bare = [row for row in rows if not row.en and not row.cy]
    if bare:
        count = "one row has" if len(bare) == 1 else f"{len(bare)} rows have"
        message = f"{count} no text (first: requirement {bare[0].requirement})"
        yield Problem(name, bare[0].line, 1, message, "write the text, or take out the row: what is not listed stays")
