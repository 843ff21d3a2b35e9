"""What travels in bodies about the files of documents, and what is said of them to whoever sends one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.api.wire import RecordedOut
from app.db.values import Recorded, Upload, UploadEventKind, UploadState
from app.engine.pack import Document
from app.engine.values import Bool, Frozen, Str
from app.files.people import Kind
from app.files.texts import Read
from app.services.uploads import Custody

Reason = Annotated[Str, Field(min_length=1, max_length=500)]


class Notice(Frozen):
    """What must not be in a file, in both languages; the Welsh is this project's own and unofficial."""

    en: str
    cy: str
    welsh: Literal["unofficial"] = "unofficial"


NOTICE = Notice(
    en="Nothing about identifiable people may be in this file: no names or numbers of clients, victims, children or "
    "staff, and nothing by which one of them could be recognised. What the service finds by itself is only some of it.",
    cy="Ni chaiff dim am bobl y gellir eu hadnabod fod yn y ffeil hon: dim enwau na rhifau cleientiaid, dioddefwyr, "
    "plant na staff, na dim a fyddai’n dangos pwy ydynt. Rhan yn unig o hynny y mae’r gwasanaeth yn ei ganfod ei hun.",
)


class Warned(Frozen):
    """Something in a file that looks as if it told who somebody is: where, and masked but for its first and last."""

    kind: Kind
    place: str
    excerpt: str


class EventOut(Frozen):
    """Something that became of a file, when, and by which user; the service itself is all zeros."""

    number: int
    kind: UploadEventKind
    reason: str
    at: datetime
    actor: UUID


class UploadOut(Frozen):
    """A file that was taken in, as it stands. ``file_name`` is given once, in answer to the upload, and not kept."""

    provider: UUID
    sha256: str
    size: int
    media_type: str
    state: UploadState
    legal_hold: bool
    antivirus: Literal["clean", "not_configured"]
    text: Read
    warnings: tuple[Warned, ...]
    more_warnings: bool
    acknowledged_warnings: bool
    uploaded_at: datetime
    uploaded_by: UUID
    events: tuple[EventOut, ...]
    etag: str
    file_name: str | None = None
    notice: Notice = NOTICE

    @classmethod
    def of(cls, upload: Upload, file_name: str | None = None) -> "UploadOut":
        """The wire form of an upload."""
        return cls(
            provider=upload.provider,
            sha256=upload.sha256,
            size=upload.size,
            media_type=upload.media_type,
            state=upload.state,
            legal_hold=upload.legal_hold,
            antivirus=upload.scan["antivirus"],
            text=upload.scan["text"],
            warnings=tuple(Warned(**finding) for finding in upload.scan["findings"]),
            more_warnings=upload.scan["more"],
            acknowledged_warnings=upload.acknowledged,
            uploaded_at=upload.uploaded_at,
            uploaded_by=upload.uploaded_by,
            events=tuple(
                EventOut(number=each.number, kind=each.kind, reason=each.reason, at=each.at, actor=each.actor)
                for each in upload.events
            ),
            etag=upload.etag,
            file_name=file_name,
        )


class CustodyOut(Frozen):
    """Whether the file of a document is held; where it never was, there is nothing but its SHA-256."""

    document: str
    sha256: str
    state: Custody
    since: datetime | None
    size: int | None
    media_type: str | None
    legal_hold: bool

    @classmethod
    def of(cls, document: Document, upload: Upload | None) -> "CustodyOut":
        """The wire form of what is known of a document's file."""
        if upload is None:
            return cls(
                document=document.id,
                sha256=document.sha256,
                state="not_held",
                since=None,
                size=None,
                media_type=None,
                legal_hold=False,
            )
        return cls(
            document=document.id,
            sha256=document.sha256,
            state=upload.state,
            since=upload.since,
            size=upload.size,
            media_type=upload.media_type,
            legal_hold=upload.legal_hold,
        )


class RecordedDocument(RecordedOut[Document]):
    """A document of a list; ``custody`` says whether its file is held, ``null`` where the caller may not read it."""

    custody: Custody | None

    @classmethod
    def all_of(cls, records: Sequence[Recorded[Document]], custodies: dict[str, Custody]) -> list["RecordedDocument"]:
        """The wire form of the records of a page."""
        return [
            cls(**dict(RecordedOut[Document].of(record)), custody=custodies.get(record.value.id)) for record in records
        ]


class Acknowledgement(Frozen):
    """The caller looked at every warning, and none is about an identifiable person."""

    acknowledged_warnings: Literal[True]


class LegalHold(Frozen):
    """Whether a file must be kept whatever is asked, and why; the reason names nobody and stays on record."""

    held: Bool
    reason: Reason


class Shredding(Frozen):
    """Why a file is taken away for good; the reason names nobody and stays on record."""

    reason: Reason
