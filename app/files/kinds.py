"""What kind of file something is, by its bytes: names and declarations are only held against that."""

import codecs
import re
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import IO, Final

import filetype  # type: ignore[import-untyped]  # it has no types

from app.errors import BadInput, Fault, Invalid

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
TEXT = "text/plain"
CSV = "text/csv"
PNG = "image/png"
JPEG = "image/jpeg"

# The kinds that are taken, with the endings that names of such files have; the first is given to what is downloaded.
ENDINGS: Final[dict[str, tuple[str, ...]]] = {
    PDF: ("pdf",),
    DOCX: ("docx",),
    XLSX: ("xlsx",),
    ODT: ("odt",),
    ODS: ("ods",),
    TEXT: ("txt",),
    CSV: ("csv",),
    PNG: ("png",),
    JPEG: ("jpg", "jpeg"),
}
# What some clients call these kinds, the names of no kind among them.
_ALIASES = {
    "image/jpg": JPEG,
    "application/csv": CSV,
    "application/vnd.ms-excel": CSV,
    "application/octet-stream": None,
    "": None,
}
_HEAD_BYTES = 8192
_CHUNK_BYTES = 1024 * 1024
_LONGEST_NAME = 120
_LONGEST_ENDING = 10
# What zipped formats name as their main part, and what must not be among the parts: programs.
_MAIN_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
_PROGRAMS = ("vbaproject.bin", "basic/", "scripts/")
_MOST_PARTS = 10_000
# So many parts have a table of contents of this size at most; zipfile reads any into memory, part by part, at once.
_LONGEST_CONTENTS = 1024 * 1024
# What reading a damaged archive ends with, or one made by means that zipfile does not know: a compression
# (NotImplementedError), a password (RuntimeError).
DAMAGED: Final = (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, RuntimeError, ValueError, EOFError)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")


def kind_of(content: IO[bytes], name: str, declared: str) -> str:
    """The media type of a file; ``name`` is its sanitised name and ``declared`` the media type that was sent with it.

    Raises ``BadInput`` for an empty file, and ``Invalid`` for a kind that is not taken and for a file that is not what
    its name or its declaration says.
    """
    content.seek(0)
    head = content.read(_HEAD_BYTES)
    if not head:
        raise BadInput("The file is empty.", hint="Nothing was kept; choose the file again.")
    found = _sniffed(content, head)
    ending = PurePosixPath(name).suffix[1:].lower()
    said = declared.partition(";")[0].strip().lower()
    said_kind = _ALIASES.get(said, said)
    if found == TEXT and (ending == "csv" or (not ending and said_kind == CSV)):
        found = CSV
    if ending and ending not in ENDINGS[found]:
        raise _refused(f"its name ends in .{ending}, but it is {found}", "give it the name of what it is")
    # A table is plain text as well, and browsers call it by either name.
    if said_kind not in (None, found) and not (found == CSV and said_kind == TEXT):
        raise _refused(f"it was sent as another media type than {found}, which it is", "declare what it is")
    return found


def sanitised(name: str) -> str:
    """The last part of a file's name as sent, without what could be a path or is not printed; may be empty."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(each for each in last if each.isprintable() and each not in '<>:"|?*').strip(" .")
    ending = PurePosixPath(kept).suffix[:_LONGEST_ENDING]
    return kept if len(kept) <= _LONGEST_NAME else kept[: _LONGEST_NAME - len(ending)] + ending


def _sniffed(content: IO[bytes], head: bytes) -> str:
    guessed = filetype.guess_mime(head)
    if head.startswith(b"PK"):
        return _zipped(content)
    if guessed in (PDF, PNG, JPEG):
        return str(guessed)
    if guessed is None and _is_text(content):
        return TEXT
    raise _refused("it is of a kind that is not taken", f"send one of: {', '.join(_endings())}")


def _zipped(content: IO[bytes]) -> str:
    """What a zipped document is by its parts, as every such format begins alike."""
    content.seek(0)
    try:
        if _contents_bytes(content) > _LONGEST_CONTENTS:
            raise zipfile.BadZipFile
        with zipfile.ZipFile(content) as archive:
            parts = archive.namelist()
            found = next((kind for part, kind in _MAIN_PARTS.items() if part in parts), None)
            if found is None and "mimetype" in parts:
                with archive.open("mimetype") as first:
                    named = first.read(100).decode("ascii", "replace").strip()
                found = named if named in (ODT, ODS) else None
    except DAMAGED:
        found = None
        parts = []
    if found is None or len(parts) > _MOST_PARTS:
        raise _refused("it is an archive, or a damaged document", f"send one of: {', '.join(_endings())}")
    if any(part.lower().startswith(_PROGRAMS) or part.lower().endswith(_PROGRAMS[0]) for part in parts):
        raise _refused("it has macros, which are programs", "save it without macros and send that")
    return found


def _contents_bytes(content: IO[bytes]) -> int:
    """How long the table of contents says that it is, as zipfile will believe it; 0 where there is none."""
    end = zipfile._EndRecData(content)  # type: ignore[attr-defined]  # noqa: SLF001  # there is no public way to ask
    return int(end[5]) if end else 0


def _is_text(content: IO[bytes]) -> bool:
    content.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := content.read(_CHUNK_BYTES):
            if _CONTROL.search(decoder.decode(piece)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _refused("it is not text in UTF-8, nor a file of a kind that is taken", "save it in UTF-8") from None
    return True


def _endings() -> list[str]:
    return [ending for endings in ENDINGS.values() for ending in endings]


def _refused(what: str, hint: str) -> Invalid:
    fault = Fault("/file", what, hint)
    return Invalid(f"The file was not taken: {what}.", hint=f"Nothing was kept; {hint}.", faults=(fault,))
