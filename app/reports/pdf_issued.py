"""What the PDF of an issued determination says of itself: its number, its hash, and where anybody verifies it."""

from dataclasses import dataclass

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.platypus import Flowable, Spacer, Table

from app.reports import pdf_style as style
from app.reports.pdf_blocks import WIDTH, padding, paragraph, warning
from app.reports.speech import Speech
from app.reports.tagged import ARRANGED, Figure
from app.reports.words import Language, Words

_CODE_SIZE = 78.0
_LABEL = 70.0

SAID = {
    "title": Words("Issued determination", "Dyfarniad a gyhoeddwyd"),
    "number": Words("Number", "Rhif"),
    "issued_at": Words("Issued", "Cyhoeddwyd"),
    "known_at": Words("Known at", "Yn hysbys ar"),
    "sha256": Words("SHA-256", "SHA-256"),
    "supersedes": Words("Supersedes", "Yn disodli"),
    "verify": Words("Verify at", "Dilysu yn"),
    "code": Words("QR code of the address at which it is verified: {address}", "Cod QR y cyfeiriad dilysu: {address}"),
    "note": Words(
        "Whether it is authentic and still stands is said at this address, for its number or for this very file. "
        "A file that was altered is unknown there.",
        "Dywedir yn y cyfeiriad hwn a yw'n ddilys ac yn dal i sefyll, yn ôl ei rif neu ar gyfer yr union ffeil hon. "
        "Nid yw ffeil a newidiwyd yn hysbys yno.",
    ),
}


@dataclass(frozen=True, slots=True)
class Issue:
    """An issued determination's own particulars; instants as the record writes them, ``address`` to verify it at."""

    number: str
    issued_at: str
    known_at: str
    sha256: str
    supersedes: str | None
    address: str
    draft: bool


def issued_title(language: Language) -> str:
    """What the document is called."""
    return Speech(language).words(SAID["title"])


def issued_block(issue: Issue, language: Language) -> list[Flowable]:
    """The particulars beside a QR code of the address; a draft is marked first of all."""
    speech = Speech(language)
    said = [
        ("number", issue.number),
        ("issued_at", speech.instant(issue.issued_at)),
        ("known_at", speech.instant(issue.known_at)),
        *([("supersedes", issue.supersedes)] if issue.supersedes else []),
        ("sha256", issue.sha256),
        ("verify", issue.address),
    ]
    room = WIDTH - _CODE_SIZE - 12
    rows: list[list[Flowable | str]] = [
        [
            paragraph(speech.words(SAID[name]), style.HEAD),
            paragraph(value, style.CELL_BOLD if name == "number" else style.CELL),
        ]
        for name, value in said
    ]
    facts = Table(rows, colWidths=[_LABEL, room - _LABEL], style=padding(2, 1.6), renderCB=ARRANGED)
    code = Figure(_code(issue.address), speech.words(SAID["code"], address=issue.address))
    block = Table(
        [[facts, code]],
        colWidths=[room, WIDTH - room],
        style=[*padding(6, 5), ("BACKGROUND", (0, 0), (-1, -1), style.PANEL)],
        renderCB=ARRANGED,
    )
    found: list[Flowable] = [warning(speech.say("draft")), Spacer(1, 5)] if issue.draft else []
    return [*found, block, Spacer(1, 3), paragraph(speech.words(SAID["note"]), style.SMALL), Spacer(1, 7)]


def _code(address: str) -> Drawing:
    widget = QrCodeWidget(address, barLevel="M")
    left, bottom, right, top = widget.getBounds()
    scale = _CODE_SIZE / max(right - left, top - bottom)
    drawing = Drawing(_CODE_SIZE, _CODE_SIZE, transform=[scale, 0, 0, scale, 0, 0])
    drawing.add(widget)
    return drawing
