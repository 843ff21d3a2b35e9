"""YAML text becomes a value with the place of everything in it, or every reason why it must not be taken.

Only what reads the same to every reader is taken: no anchors, aliases, tags, repeated keys or further documents, no
binary floating point, and nothing that readers of YAML 1.1 take for something else (``no`` for false, ``12:30`` for
750, ``010`` for 8).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from yaml.cyaml import CParser
from yaml.error import MarkedYAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from app.engine.values import LARGEST_INTEGER
from app.loader.jsonfile import Flaw, Flawed, Path

LONGEST_INTEGER = 17  # sixteen digits and a sign
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_OLD_BOOLEAN = frozenset(
    "yes Yes YES no No NO on On ON off Off OFF".split()  # noqa: SIM905 -- a list of twelve quoted words reads worse
)
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_OLD_NUMBER = re.compile(
    r"[-+]?(0[0-9_]+|[0-9][0-9_]*_[0-9_]*|0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?)"
)
_UNPRINTABLE = re.compile("^\ufeff|[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A tab, or a comment, in which it may stand.
_TAB = re.compile(r"(\t)|(?<!\S)#[^\r\n]*")
# Readers disagree whether these end a line.
_LINE_ENDS = re.compile("[\x85\u2028\u2029]")
_NO_TABS = "indent with spaces, never with tabs, and put text with special signs in quotes"
_HINTS = (
    ("cannot start any token", _NO_TABS),
    ("tab character", _NO_TABS),
    ("mapping values are not allowed", "put a text that has a colon in quotes, and check the indentation"),
    ("expected key", "check the indentation of this line against the lines above"),
    ("expected '-' indicator", "check the indentation of this line against the lines above"),
    ("expected ',' or", "check commas and brackets, and put text with special signs in quotes"),
    ("could not find expected ':'", "a key is followed by a colon and a space"),
    ("expected <document start>", "keep one document in a file, and nothing after a line of three full stops"),
    ("invalid Unicode character", "this escape is no character or half a character; write the character itself"),
)


@dataclass(slots=True)
class YamlReading:
    """A YAML text as read: its value, the offset of keys and values by path, and what must not be taken."""

    value: object = None
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)


class _TooDeep(Exception):
    pass


def read_yaml(text: str, deepest: int) -> YamlReading:
    """Read one YAML document nested at most ``deepest`` levels; raises ``Flawed`` where it cannot be read at all."""
    reader = _Reader(deepest)
    if unprintable := _UNPRINTABLE.search(text):
        message = f"the character U+{ord(unprintable[0]):04X} is not allowed in YAML"
        raise Flawed([Flaw(unprintable.start(), (), message, "take it out")])
    for match in _LINE_ENDS.finditer(text):
        message = f"the character U+{ord(match[0]):04X} ends a line for some readers and not for others"
        reader.flaw_at(match.start(), (), message, f'write it as "\\u{ord(match[0]):04x}" in double quotes')
    try:
        reader.document(iter(CParser(text).get_event, None))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        offset = mark.index if mark else 0
        problem = error.problem or "it ends too early"
        hint = next((hint for words, hint in _HINTS if words in problem), "check indentation, quotes and colons")
        raise Flawed([*reader.reading.flaws, Flaw(offset, (), f"this is not YAML: {problem}", hint)]) from None
    except _TooDeep:
        raise Flawed(reader.reading.flaws) from None
    if (tab := _plain_tab(text)) is not None:
        reader.flaw_at(tab, (), "some readers do not take this tab for a space", _NO_TABS)
    return reader.reading


def _plain_tab(text: str) -> int | None:
    """The offset of the first tab outside comments and outside texts that are quoted or have lines of their own."""
    if "\t" not in text:
        return None
    position = 0
    for event in iter(CParser(text).get_event, None):
        if isinstance(event, ScalarEvent | StreamEndEvent) and getattr(event, "style", True):
            for match in _TAB.finditer(text, position, event.start_mark.index):
                if match[1]:
                    return match.start()
            position = event.end_mark.index
    return None


class _Reader:
    """Goes through the events of a parser once; every node is read by one call."""

    def __init__(self, deepest: int) -> None:
        self.reading = YamlReading()
        self.deepest = deepest

    def flaw_at(self, offset: int, path: Path, message: str, hint: str) -> None:
        self.reading.flaws.append(Flaw(offset, path, message, hint))

    def document(self, events: Iterator[Any]) -> None:
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                self._head(event, documents)
            elif isinstance(event, NodeEvent):
                value = self._node(event, events, (), event.start_mark.index)
                if documents == 1:
                    self.reading.value = value

    def _head(self, event: DocumentStartEvent, documents: int) -> None:
        at = event.start_mark.index
        if documents > 1:
            self.flaw_at(at, (), "a second document starts here", "keep one document in a file")
        if event.version or event.tags:
            self.flaw_at(at, (), "the file has a directive (%YAML or %TAG)", "take the line with % out")

    def _node(self, event: NodeEvent, events: Iterator[Any], path: Path, key: int) -> object:
        at = event.start_mark.index
        self.reading.places.setdefault(path, (key, at))
        if isinstance(event, AliasEvent):
            self.flaw_at(at, path, f"an alias (*{event.anchor}) stands here", "write the content out")
            return None
        self._refuse_marks(event, path)
        if isinstance(event, ScalarEvent):
            return self._scalar(event, path)
        if len(path) >= self.deepest:
            self.flaw_at(at, path, f"the file is nested more than {self.deepest} levels deep", "no rule needs as many")
            raise _TooDeep
        if isinstance(event, SequenceStartEvent):
            return self._list(events, path)
        return self._mapping(events, path)

    def _list(self, events: Iterator[Any], path: Path) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            items.append(self._node(event, events, (*path, len(items)), event.start_mark.index))
        return items

    def _mapping(self, events: Iterator[Any], path: Path) -> dict[str, object]:
        members: dict[str, object] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            key, at = self._key(event, events, path), event.start_mark.index
            value = next(events)
            if key in members:
                self.flaw_at(at, (*path, key), f"the key `{key}` is used twice", "keep one of the two")
            found = self._node(value, events, (*path, key), at)
            members.setdefault(key, found)
        return members

    def _key(self, event: NodeEvent, events: Iterator[Any], path: Path) -> str:
        at = event.start_mark.index
        if isinstance(event, ScalarEvent):
            self._refuse_marks(event, path)
            key = self._scalar(event, path)
            name = str(event.value)
        else:
            key, name = self._node(event, events, (*path, "?"), at), "?"
        if not isinstance(key, str):
            self.flaw_at(at, path, f"the key {name} is not text", "put the key in quotes")
        return name

    def _refuse_marks(self, event: NodeEvent, path: Path) -> None:
        at = event.start_mark.index
        if event.anchor:
            self.flaw_at(at, path, f"an anchor (&{event.anchor}) stands here", "take it out")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.flaw_at(at, path, f"a tag ({tag}) stands here", "take it out; put text in quotes")

    def _scalar(self, event: ScalarEvent, path: Path) -> object:
        text: str = event.value
        if event.style or event.tag is not None:
            return text
        if text in _NULL:
            return None
        if text in _BOOLEAN:
            return _BOOLEAN[text]
        return self._number(event, path) if text[0] in "+-.0123456789" else self._word(event, path)

    def _word(self, event: ScalarEvent, path: Path) -> str:
        text: str = event.value
        if text in _OLD_BOOLEAN:
            message = f"some readers take `{text}` for true or false"
            self.flaw_at(event.start_mark.index, path, message, f'write "{text}" in quotes, or true or false')
        return text

    def _number(self, event: ScalarEvent, path: Path) -> object:
        text: str = event.value
        at = event.start_mark.index
        if _INTEGER.fullmatch(text):
            if len(text) <= LONGEST_INTEGER and abs(int(text)) <= LARGEST_INTEGER:
                return int(text)
            self.flaw_at(at, path, "the number is too large", "an integer lies between -(2^53-1) and 2^53-1")
        elif _OLD_NUMBER.fullmatch(text):
            message = f"readers disagree which number `{text}` is"
            self.flaw_at(at, path, message, f'write a plain decimal number, or "{text}" in quotes')
        elif _FLOAT.fullmatch(text):
            message = f"`{text}` is a floating-point number, which readers round (2018.10 becomes 2018.1)"
            self.flaw_at(at, path, message, f'write it in quotes: "{text}"')
        return text
