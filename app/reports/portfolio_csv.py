"""A portfolio as CSV (RFC 4180): one line an entry, in UTF-8, for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Final

# A spreadsheet would take a text that begins so for a formula; the names are what providers write.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def lines(header: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """The header, then a line for each row as soon as there is one; what is ``None`` is left empty.

    A text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    yield _line(header)
    for row in rows:
        yield _line(row)


def _line(cells: Iterable[object]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow([_cell(cell) for cell in cells])
    return written.getvalue().encode()


def _cell(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
