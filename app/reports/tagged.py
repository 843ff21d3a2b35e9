"""Tagged PDF on reportlab: a structure tree that reading programs follow, beside what is drawn.

reportlab draws but writes no tags. ``TaggedCanvas`` keeps the tree while pages are drawn and writes it at the end;
the flowables here open an element, draw, and close it. What carries no meaning (rules, backgrounds, page headers and
footers) is marked as an artifact. Tagged is what we claim; conformance with PDF/UA is not checked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import Color
from reportlab.pdfbase.pdfdoc import (
    PDFArray,
    PDFDictionary,
    PDFName,
    PDFObjectReference,
    PDFString,
)
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, Table
from reportlab.platypus.tables import TableRenderCB

PAGE_COUNT_FORM = "page-count"


@dataclass(eq=False)
class Element:
    """A node of the structure tree; ``marks`` are (page, id) of marked content, both from 0, among the children."""

    role: str
    alt: str | None = None
    parent: "Element | None" = None
    children: list["Element | tuple[int, int]"] = field(default_factory=list)


class TaggedCanvas(Canvas):
    """A canvas that knows which element it is drawing, and how many pages there are in the end."""

    # Of reportlab, not in its stubs: the operators of the page being drawn, and the document.
    _code: list[str]
    _doc: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # passed on to reportlab as it gives them
        super().__init__(*args, **kwargs | {"pdfVersion": (1, 7)})
        self._path = [Element("Document")]
        self._pages: list[list[Element]] = [[]]

    def open(self, element: Element) -> None:
        """Everything drawn until ``close`` belongs to ``element``; one that is in its place already is gone on with."""
        if element.parent is None:
            element.parent = self.current
            self.current.children.append(element)
        self._path.append(element)

    @property
    def current(self) -> Element:
        """The element opened last."""
        return self._path[-1]

    def close(self) -> None:
        """Close the element opened last."""
        self._path.pop()

    @contextmanager
    def content(self, element: Element) -> Iterator[None]:
        """What is drawn meanwhile is the content of ``element``."""
        self.open(element)
        owners = self._pages[-1]
        element.children.append((len(self._pages) - 1, len(owners)))
        self._code.append(f"/{element.role} <</MCID {len(owners)}>> BDC")
        owners.append(element)
        yield
        self._code.append("EMC")
        self.close()

    def begin_artifact(self) -> None:
        """What is drawn until ``end_artifact`` carries no meaning."""
        self._code.append("/Artifact BMC")

    def end_artifact(self) -> None:
        """Close what ``begin_artifact`` opened."""
        self._code.append("EMC")

    def showPage(self) -> None:  # noqa: N802  # reportlab's name
        """End the page and tie its marks to the structure tree."""
        name = self._doc.thisPageName()
        super().showPage()
        page = self._doc.idToObject[name]
        # reportlab writes only the attributes of a page that this list names.
        page.__NoDefault__ = [*page.__NoDefault__, "StructParents", "Tabs"]
        page.StructParents = len(self._pages) - 1
        page.Tabs = PDFName("S")
        self._pages.append([])

    def finish(self, font: str, size: float, colour: Any) -> None:  # noqa: ANN401  # reportlab's colours have no type
        """Write the number of pages, which only now is known, and the structure tree; call once, before saving."""
        self.beginForm(PAGE_COUNT_FORM)
        self.setFont(font, size)
        self.setFillColor(colour)
        self.drawString(0, 0, str(len(self._pages) - 1))
        self.endForm()
        self._code.clear()
        _Tree(self._doc, self._pages).write(self._path[0])


class _Tree:
    """Writes the structure tree into a document."""

    def __init__(self, document: Any, pages: list[list[Element]]) -> None:  # noqa: ANN401  # reportlab's PDFDocument
        self._document = document
        self._pages = pages
        self._names: dict[int, str] = {}

    def write(self, root: Element) -> None:
        """Add tree, parent tree and mark information to the catalogue."""
        tree = PDFObjectReference("structure-tree")
        top = self._element(root, tree)
        numbers: list[Any] = []
        for index, owners in enumerate(self._pages[:-1]):
            numbers += [index, PDFArray([PDFObjectReference(self._names[id(owner)]) for owner in owners])]
        parents = self._document.Reference(PDFDictionary({"Nums": PDFArray(numbers)}), "structure-parents")
        self._document.Reference(
            PDFDictionary(
                {
                    "Type": PDFName("StructTreeRoot"),
                    "K": top,
                    "ParentTree": parents,
                    "ParentTreeNextKey": len(self._pages) - 1,
                }
            ),
            tree.name,
        )
        catalogue = self._document.Catalog
        catalogue.__NoDefault__ = [*catalogue.__NoDefault__, "StructTreeRoot", "MarkInfo"]
        catalogue.StructTreeRoot = tree
        catalogue.MarkInfo = PDFDictionary({"Marked": "true"})

    def _element(self, element: Element, parent: PDFObjectReference) -> PDFObjectReference:
        name = f"structure-{len(self._names)}"
        self._names[id(element)] = name
        own = PDFObjectReference(name)
        kids = [
            self._element(child, own) if isinstance(child, Element) else self._mark(*child)
            for child in element.children
        ]
        entries: dict[str, Any] = {
            "Type": PDFName("StructElem"),
            "S": PDFName(element.role),
            "P": parent,
            "K": PDFArray(kids),
        }
        if element.alt is not None:
            entries["Alt"] = PDFString(element.alt)
        if element.role == "TH":
            entries["A"] = PDFDictionary({"O": PDFName("Table"), "Scope": PDFName("Column")})
        self._document.Reference(PDFDictionary(entries), name)
        return own

    def _mark(self, page: int, number: int) -> PDFDictionary:
        at = PDFObjectReference(f"Page{page + 1}")
        return PDFDictionary({"Type": PDFName("MCR"), "Pg": at, "MCID": number})


def canvas_of(flowable: Flowable) -> TaggedCanvas:
    """The canvas that a flowable of ours is being drawn on."""
    return cast("TaggedCanvas", flowable.canv)


class TaggedParagraph(Paragraph):
    """A paragraph that is one element, also where it runs over several pages."""

    role = "P"
    _element: Element | None = None

    def draw(self) -> None:
        """Draw as the content of its element; drawn again elsewhere (a repeated heading) it is another element."""
        canvas = canvas_of(self)
        if self._element is None or self._element.parent not in {None, canvas.current}:
            self._element = Element(self.role)
        with canvas.content(self._element):
            super().draw()

    def split(self, availWidth: float, availHeight: float) -> list[Any]:  # noqa: N803  # reportlab's names
        """Split as a paragraph does; the parts share the element."""
        parts: list[Any] = super().split(availWidth, availHeight)
        self._element = self._element or Element(self.role)
        for part in parts:
            part._element = self._element  # noqa: SLF001  # the parts are of this class
        return parts


class Title(TaggedParagraph):
    """The heading of the document."""

    role = "H1"


class Heading(TaggedParagraph):
    """The heading of a part; it also appears among the bookmarks, where reading programs show them."""

    role = "H2"
    level = 0

    def draw(self) -> None:
        """Draw, and set a bookmark."""
        key = f"{self.role}-{canvas_of(self).getPageNumber()}-{len(canvas_of(self)._code)}"  # noqa: SLF001  # unique on the page
        canvas_of(self).bookmarkHorizontal(key, 0, self.height)
        canvas_of(self).addOutlineEntry(self.getPlainText(), key, self.level, closed=self.level == 0)
        super().draw()


class Subheading(Heading):
    """The heading of a gap."""

    role = "H3"
    level = 1


class Figure(Flowable):
    """A drawing with the words that say the same."""

    def __init__(self, drawing: Drawing, alt: str) -> None:
        super().__init__()
        self._drawing = drawing
        self._alt = alt

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Take the size of the drawing."""
        return self._drawing.width, self._drawing.height

    def draw(self) -> None:
        """Draw as the content of a figure."""
        with canvas_of(self).content(Element("Figure", alt=self._alt)):
            self._drawing.drawOn(self.canv, 0, 0)


class Rule(Flowable):
    """A line across the frame, kept with what follows; an artifact."""

    def __init__(self, colour: Color, thickness: float, above: float, below: float) -> None:
        super().__init__()
        self.keepWithNext = 1
        self._colour, self._thickness = colour, thickness
        self._above, self._below = above, below

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Take the whole width, and the space above and below."""
        self.width = width
        return width, self._above + self._thickness + self._below

    def draw(self) -> None:
        """Draw the line."""
        canvas_of(self).begin_artifact()
        canvas_of(self).setStrokeColor(self._colour)
        canvas_of(self).setLineWidth(self._thickness)
        canvas_of(self).line(0, self._below, self.width, self._below)
        canvas_of(self).end_artifact()


def _arranged(table: Table, moment: str, *_about: object) -> None:
    if moment in {"startBG", "startLines"}:
        canvas_of(table).begin_artifact()
    elif moment in {"endBG", "endLines"}:
        canvas_of(table).end_artifact()


def _tabulated(table: Table, moment: str, *about: object) -> None:
    _arranged(table, moment)
    canvas = canvas_of(table)
    if moment == "startTable":
        canvas.open(Element("Table"))
    elif moment == "startRow":
        canvas.open(Element("TR"))
    elif moment == "startCell":
        canvas.open(Element("TH" if about[0] in range(int(table.repeatRows)) else "TD"))
    elif moment in {"endCell", "endRow", "endTable"}:
        canvas.close()


# For the ``renderCB`` of a table, which reportlab only ever calls, though its stubs ask for a class.
# A table that only arranges: its cells are read one after another, row by row.
ARRANGED = cast("TableRenderCB", _arranged)
# A table of data: rows and cells are elements, repeated rows are column headings. Where it runs over several pages,
# each part is a table of its own with the headings repeated.
TABULATED = cast("TableRenderCB", _tabulated)
