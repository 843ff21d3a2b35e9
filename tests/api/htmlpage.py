"""A page as a test reads it: its elements, its words by language, its links."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

EMPTY = {"meta", "link", "br", "img", "input", "hr"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    language: str | None
    text: str = ""


@dataclass
class Page(HTMLParser):
    """A parsed page; every element that is opened must be closed in its place."""

    source: str
    elements: list[Element] = field(default_factory=list)
    spoken: list[tuple[str | None, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[Element] = []
        self.feed(self.source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        attributes = dict(attrs)
        language = attributes.get("lang") or (self._open[-1].language if self._open else None)
        element = Element(tag, attributes, language)
        self.elements.append(element)
        if tag not in EMPTY:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data
        if data.strip() and self._open and self._open[-1].tag != "style":
            self.spoken.append((self._open[-1].language, data.strip()))

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.tag == tag]

    @property
    def links(self) -> list[str]:
        return [element.attributes["href"] or "" for element in self.elements if "href" in element.attributes]

    @property
    def words(self) -> str:
        """Everything that is read out, in one line."""
        return " ".join(" ".join(text for _, text in self.spoken).split())
