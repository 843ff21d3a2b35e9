import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest

from app.errors import Invalid
from app.files.kinds import DOCX, kind_of, sanitised
from app.files.texts import text_of


def _archive(part: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, "application/vnd.oasis.opendocument.text " * 9)
    return made.getvalue()


def _not_deflated(whole: bytes, part: str) -> bytes:
    start = whole.index(part.encode()) + len(part)
    return whole[:start] + b"\xff" + whole[start + 1 :]


def _compressed_otherwise(whole: bytes, part: str) -> bytes:
    """The same, as if ``part`` were compressed by method 99, which is none that zipfile knows."""
    local, listed = whole.index(b"PK\x03\x04") + 8, whole.index(b"PK\x01\x02") + 10
    altered = bytearray(whole)
    altered[local : local + 2] = altered[listed : listed + 2] = b"\x63\x00"
    assert part.encode() in altered
    return bytes(altered)


DAMAGES: list[tuple[Callable[[bytes, str], bytes], type[Exception]]] = [
    (_not_deflated, zlib.error),
    (_compressed_otherwise, NotImplementedError),
]


@pytest.mark.parametrize(("damage", "error"), DAMAGES)
def test_a_damaged_archive_is_refused_and_never_a_failure(
    damage: Callable[[bytes, str], bytes], error: type[Exception]
) -> None:
    sent = io.BytesIO(damage(_archive("mimetype"), "mimetype"))
    with pytest.raises(error), zipfile.ZipFile(sent) as archive, archive.open("mimetype") as part:
        part.read()
    with pytest.raises(Invalid, match="an archive, or a damaged document"):
        kind_of(sent, "policy.odt", "application/octet-stream")
    part_of_docx = "word/document.xml"
    assert text_of(io.BytesIO(damage(_archive(part_of_docx), part_of_docx)), DOCX).read == "not_readable"


def test_an_archive_of_too_many_parts_is_refused_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    part = struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", 20, 0, 20, 0, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    contents = part * 30_000
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 30_000, 30_000, len(contents), 4, 0)
    sent = io.BytesIO(b"PK\3\4" + contents + end)
    assert len(zipfile.ZipFile(sent).namelist()) == 30_000, "zipfile would read them all"
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(Invalid, match="an archive, or a damaged document"):
        kind_of(sent, "policy.docx", "")


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
