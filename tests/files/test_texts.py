"""How much of a file is read, and that a file cannot make it cost more."""

import io
import tempfile
from typing import IO

import pytest

from app.files import kinds, texts
from app.files.people import Passage
from app.files.texts import text_of
from tests.api.files import docx, opendocument, pdf, xlsx


def on_disk(content: bytes) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    file.write(content)
    return file


def test_every_kind_with_text_gives_it_with_its_place() -> None:
    wanted = "A policy of 2026"
    for content, kind, place in (
        (docx(wanted), kinds.DOCX, "word/document.xml, paragraph 1"),
        (xlsx(wanted), kinds.XLSX, "xl/worksheets/sheet1.xml, paragraph 1"),
        (opendocument("text", wanted), kinds.ODT, "content.xml, paragraph 1"),
        (opendocument("spreadsheet", wanted), kinds.ODS, "content.xml, paragraph 1"),
        (b"first\n" + wanted.encode(), kinds.TEXT, "line 2"),
    ):
        found = text_of(io.BytesIO(content), kind)
        assert found.read == "whole"
        assert Passage(place, wanted) in found.passages, kind
    with on_disk(pdf("first", wanted)) as file:
        found = text_of(file, kinds.PDF)
    assert (found.read, found.passages) == ("whole", (Passage("page 1", "first"), Passage("page 2", wanted)))
    assert text_of(io.BytesIO(b""), kinds.PNG) == texts.Text("no_text")


def test_what_cannot_be_read_says_so_and_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert text_of(io.BytesIO(docx()[:200]), kinds.DOCX).read == "not_readable"
    for content in (b"%PDF-1.7\n" + b"\xff" * 500, pdf("first")[:300]):
        with on_disk(content) as file:
            assert text_of(file, kinds.PDF).read == "not_readable"
    with on_disk(pdf("")) as file:
        assert text_of(file, kinds.PDF).read == "no_text"
        monkeypatch.setattr(texts, "SECONDS", 0.001)
        assert text_of(file, kinds.PDF).read == "not_readable"


def test_only_so_much_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with on_disk(pdf(*map(str, range(202)))) as file:
        found = text_of(file, kinds.PDF)
    assert (found.read, found.passages[-1].place) == ("in_part", "page 200")
    monkeypatch.setattr(texts, "MOST_BYTES", 100)
    monkeypatch.setattr(texts, "LONGEST_PASSAGE", 30)
    found = text_of(io.BytesIO(b"a" * 101), kinds.TEXT)
    assert (found.read, [len(each.text) for each in found.passages]) == ("in_part", [30, 30, 30, 10])
    assert text_of(io.BytesIO(docx("a" * 101)), kinds.DOCX).read == "in_part"
