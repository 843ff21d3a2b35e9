"""The text of a file of evidence as passages with their places, as far as it can be read in bounded time and memory."""

import html
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, TypeAlias

from app.files import kinds, pdf_text
from app.files.people import Passage

MOST_BYTES = 5_000_000
SECONDS = 20
LONGEST_PASSAGE = 10_000
# Whole, in part, not at all though it has text, or nothing to read in such a file.
Read: TypeAlias = Literal["whole", "in_part", "not_readable", "no_text"]

_PARTS = {
    kinds.DOCX: re.compile(r"word/(document|header\d*|footer\d*|comments|footnotes|endnotes)\.xml"),
    kinds.XLSX: re.compile(r"xl/(sharedStrings|comments\d*|worksheets/sheet\d+)\.xml"),
    kinds.ODT: re.compile(r"(content|styles)\.xml"),
    kinds.ODS: re.compile(r"(content|styles)\.xml"),
}
# The end of a paragraph, a cell or a line; any other tag stands within a word as often as not.
_BREAK = re.compile(r"</(?:w:p|text:p|text:h|si|v|t|c)>|<(?:w:br|w:tab|text:tab|text:line-break)[^>]{0,200}>")
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Text:
    """What could be read of a file, and how much of it that is."""

    read: Read
    passages: tuple[Passage, ...] = ()


def text_of(content: IO[bytes], kind: str) -> Text:
    """The text of a file of one of ``kinds``. A file that cannot be read is no failure: ``read`` says so."""
    content.seek(0)
    if kind == kinds.PDF:
        return _of_pdf(content)
    if kind in _PARTS:
        return _of_archive(content, _PARTS[kind])
    if kind in (kinds.TEXT, kinds.CSV):
        return _of_text(content)
    return Text("no_text")


def _of_text(content: IO[bytes]) -> Text:
    data = content.read(MOST_BYTES + 1)
    lines = data[:MOST_BYTES].decode("utf-8", "replace").splitlines()
    passages = (each for number, line in enumerate(lines, 1) for each in _cut(f"line {number}", line))
    return Text("whole" if len(data) <= MOST_BYTES else "in_part", tuple(passages))


def _of_archive(content: IO[bytes], wanted: re.Pattern[str]) -> Text:
    passages: list[Passage] = []
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(content) as archive:
            for name in filter(wanted.fullmatch, archive.namelist()):
                with archive.open(name) as part:
                    data = part.read(left + 1)
                passages += _of_markup(name, data[:left])
                left -= len(data)
                if left < 0:
                    return Text("in_part", tuple(passages))
    except kinds.DAMAGED:
        return Text("in_part" if passages else "not_readable", tuple(passages))
    return Text("whole", tuple(passages))


def _of_markup(name: str, data: bytes) -> Iterator[Passage]:
    text = _BREAK.sub("\n", data.decode("utf-8", "replace"))
    lines = html.unescape(_TAG.sub("", text)).splitlines()
    filled = (line for line in lines if line.strip())
    for number, line in enumerate(filled, 1):
        yield from _cut(f"{name}, paragraph {number}", line)


def _of_pdf(content: IO[bytes]) -> Text:
    """Read by a process of its own, so that a PDF made to use up memory or time costs that process only."""
    command = [sys.executable, "-I", str(Path(pdf_text.__file__))]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, the file comes on its standard input
            command, stdin=content.fileno(), capture_output=True, timeout=SECONDS, check=False
        )
        output, failed = done.stdout, done.returncode != 0
    except subprocess.TimeoutExpired as error:
        output, failed = error.stdout or b"", True
    text = output.decode("utf-8", "replace")
    whole = text.endswith(pdf_text.ALL_READ) and not failed
    pages = text.removesuffix(pdf_text.ALL_READ).split(pdf_text.PAGE_END)[:-1]
    passages = [
        each
        for number, page in enumerate(pages, 1)
        for line in page.splitlines()
        for each in _cut(f"page {number}", line)
    ]
    if not passages:
        return Text("not_readable" if failed else "no_text")
    return Text("whole" if whole else "in_part", tuple(passages))


def _cut(place: str, line: str) -> Iterator[Passage]:
    """A line, in pieces where it is longer than any that somebody writes."""
    for start in range(0, len(line), LONGEST_PASSAGE):
        yield Passage(place, line[start : start + LONGEST_PASSAGE])
