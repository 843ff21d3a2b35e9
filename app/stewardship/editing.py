"""Changes to a file of the tree that leave everything else as it is, byte for byte: comments, layout, order.

The places that the reader noted say where a value starts; only its own text is replaced. Whoever edits reads the result
again and compares it with what was meant, so that a file written in an unforeseen way is refused and never spoilt.
"""

import json
import re
import textwrap
from collections.abc import Callable

from app.engine.values import Text
from app.errors import BadInput
from app.loader.jsonfile import Path
from app.loader.source import DEEPEST_FILE, Source
from app.loader.yamlfile import read_yaml

_WIDTH = 110
_SCALAR = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\n]|'')*'|[^\s,#\]}]+")
# What YAML takes for a line end, or cannot hold as it is: written as an escape.
_ESCAPED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_PLAIN_LINE = re.compile(r"(?!\t)[^\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]*(?<![ \t])")
_ITEM = re.compile(r"-(\s|$)")
_REMARK = re.compile(r"[ \t]+#.*")


class Editor:
    """A file and the changes to it. ``meant`` is the value that it must have when all of them are made."""

    def __init__(self, source: Source, meant: object) -> None:
        self._file = source.file
        self._text = source.text if source.text.endswith("\n") else f"{source.text}\n"
        self._json = source.file.endswith(".json")  # has no remarks to keep, and is written anew whole
        self._places = {} if self._json else read_yaml(self._text, DEEPEST_FILE).places
        self._meant = meant
        self._edits: list[tuple[int, int, str]] = []

    def scalar(self, path: Path, written: str) -> None:
        """Write ``written``, quotes included where it wants them, in the place of the scalar at ``path``."""
        if self._json:
            return
        start = self._places[path][1]
        self._edits.append((start, self._scalar_end(start), written))

    def block(self, path: Path, after: Path, lines: Callable[[int], list[str]]) -> None:
        """Write the value at ``path`` anew as lines, given the column of its key; add it below ``after`` if missing."""
        if self._json:
            return
        there = path in self._places
        key, value = self._places[path if there else after]
        column = self._column(key)
        end = self._block_end(key, column)
        below = "\n" + "".join(f"{line}\n" for line in lines(column))
        if not there:
            self._edits.append((end, end, f"{' ' * column}{path[-1]}:{below}"))
            return
        remark = None
        if self._text.count("\n", key, end) == 1:  # a value in one line may have a remark behind it
            behind = self._scalar_end(value) if value < end else key
            remark = _REMARK.search(self._text, behind, end)
        self._edits.append((key, end, f"{path[-1]}:{remark[0] if remark else ''}{below}"))

    def done(self) -> str:
        """The text of the edited file; raises ``BadInput`` where it would not say what was meant."""
        if self._json:
            return json.dumps(self._meant, ensure_ascii=False, indent=2) + "\n"
        text = self._text
        for start, end, written in sorted(self._edits, key=lambda edit: edit[0], reverse=True):
            text = text[:start] + written + text[end:]
        if read_yaml(text, DEEPEST_FILE).value != self._meant:
            raise self._unforeseen()
        return text

    def _scalar_end(self, start: int) -> int:
        found = _SCALAR.match(self._text, start)
        return found.end() if found else start

    def _column(self, key: int) -> int:
        """The column of a key that stands first on its line, but for the hyphen of a list."""
        line = self._text.rfind("\n", 0, key) + 1
        if self._text[line:key].strip(" -"):
            raise self._unforeseen()
        return key - line

    def _block_end(self, key: int, column: int) -> int:
        """Where the last line of the value of ``key`` ends: remarks and empty lines after it belong to what follows."""
        end = at = self._text.index("\n", key) + 1
        while at < len(self._text):
            following = self._text.index("\n", at) + 1
            line = self._text[at:following]
            bare, indent = line.strip(), len(line) - len(line.lstrip(" "))
            if bare and (indent < column or (indent == column and not _ITEM.match(bare))):
                break
            if bare and not bare.startswith("#"):
                end = following
            at = following
        return end

    def _unforeseen(self) -> BadInput:
        return BadInput(
            f"{self._file} is written in a way that this command cannot edit without spoiling it",
            hint="write each key on a line of its own, as the other files do",
        )


def text_lines(text: Text, column: int) -> list[str]:
    """A text in both languages as lines below a key in ``column``; without Welsh only English."""
    spoken = [("en", text.en), *([("cy", text.cy)] if text.cy else [])]
    return [line for language, words in spoken for line in _written(language, words, column + 2)]


def _written(key: str, words: str, column: int) -> list[str]:
    """One text: folded where it is one long line, as it stands where it has several, quoted where neither is safe."""
    indent = " " * column
    lines = words.split("\n")
    below = " " * (column + 2)
    if words == words.strip() and all(not line or _PLAIN_LINE.fullmatch(line) for line in lines):
        if len(lines) > 1:
            return [f"{indent}{key}: |-", *(f"{below}{line}" if line else "" for line in lines)]
        wrapped = textwrap.wrap(words, _WIDTH - len(below), break_long_words=False, break_on_hyphens=False)
        if len(wrapped) > 1 and " ".join(wrapped) == words:
            return [f"{indent}{key}: >-", *(below + line for line in wrapped)]
    quoted = json.dumps(words, ensure_ascii=False)
    return [f"{indent}{key}: " + _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)]
