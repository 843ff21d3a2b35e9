import pytest

from app.files.kinds import sanitised


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("policy.pdf", "policy.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\mair\\polisi.docx", "polisi.docx"),
        ("a\r\nX-Header: 1.pdf", "aX-Header 1.pdf"),
        ("..", ""),
        ("a<b>|?*.csv", "ab.csv"),
        ("\u202efdp.exe", "fdp.exe"),
        ("n" * 300 + ".pdf", "n" * 116 + ".pdf"),
        ("n." + "x" * 300, "n." + "x" * 108 + "." + "x" * 9),
    ],
)
def test_a_name_is_no_path_and_has_nothing_hidden(sent: str, kept: str) -> None:
    assert sanitised(sent) == kept
