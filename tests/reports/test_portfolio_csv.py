import csv
import io

import pytest

from app.reports.portfolio_csv import lines


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_spreadsheet_takes_no_text_for_a_formula(start: str) -> None:
    said = f'{start}HYPERLINK("x")'
    [header, row] = lines(["service"], [[said, "plain, and plain", f"a{start}", None, 5]])
    assert header == b"service\r\n"
    assert list(csv.reader(io.StringIO(row.decode(), newline=""))) == [
        [f"'{said}", "plain, and plain", f"a{start}", "", "5"]
    ]
