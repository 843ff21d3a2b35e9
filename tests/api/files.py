"""Files to upload, made on the spot, and how a test sends one."""

import hashlib
import io
import zipfile

from httpx2 import Response
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import select

from app.db.tables import audit_event
from tests.api.conftest import Begun, Somebody, World, ok

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 32


def pdf(*pages: str) -> bytes:
    """A PDF with one line of text on each page."""
    made = io.BytesIO()
    canvas = Canvas(made, invariant=True)
    for text in pages:
        canvas.drawString(72, 720, text)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def docx(text: str = "A policy") -> bytes:
    """The least that is a Word document: its main part with one paragraph, in two runs."""
    half = len(text) // 2
    runs = f"<w:r><w:t>{text[:half]}</w:t></w:r><w:r><w:t>{text[half:]}</w:t></w:r>"
    return _zip({"[Content_Types].xml": "<Types/>", "word/document.xml": f"<w:body><w:p>{runs}</w:p></w:body>"})


def xlsx(value: str = "1") -> bytes:
    """The least that is a workbook: one cell."""
    return _zip({"xl/workbook.xml": "<w/>", "xl/worksheets/sheet1.xml": f"<c><v>{value}</v></c>"})


def opendocument(kind: str, text: str = "A policy", extra: str = "meta.xml") -> bytes:
    """The least that is an OpenDocument of that kind: one paragraph."""
    parts = {"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": f"<text:p>{text}</text:p>"}
    return _zip(parts | {extra: "<m/>"})


def _zip(parts: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return made.getvalue()


def upload(who: Somebody, content: bytes, name: str = "policy.pdf", declared: str = "application/pdf") -> Response:
    """Send a file as a browser does."""
    headers = {"authorization": f"Bearer {who.token}"}
    return who.client.post("/v1/uploads", files={"file": (name, content, declared)}, headers=headers)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def recorded(begun: Begun, content: bytes, key: str = "doc-1", **changes: object) -> None:
    document = {"id": key, "type": "policy", "issued_on": "2026-01-15", "sha256": sha256(content)} | changes
    ok(begun.people.provider.put(f"{begun.service_place}/documents/{key}", document), 201)


def link(begun: Begun, *documents: str) -> None:
    content = {"self_rating": "met", "narrative": "See the policy.", "documents": list(documents)}
    answer = begun.people.provider.put(f"{begun.place}/responses/14.1", content)
    assert answer.status_code in (200, 201), answer.text


def actions(world: World) -> list[str]:
    with world.system() as tx:
        query = select(audit_event.c.action).where(audit_event.c.action.like("upload.%")).order_by(audit_event.c.at)
        return list(tx.connection.scalars(query))
