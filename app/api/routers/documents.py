"""Documents of a service: their particulars, and the files that are held of them."""

from functools import partial
from typing import Annotated, TypeAlias
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import Response, StreamingResponse

from app.api.bodies import body
from app.api.call import READERS, Page, Provider, Reader, SignedIn, require, same_id
from app.api.errors import request_id_of
from app.api.etags import IfMatchOrNew, not_modified, quoted
from app.api.files import Outgoing, attachment, verified
from app.api.negotiation import BYTES
from app.api.openapi import refuses
from app.api.wire import PageOut
from app.api.wire_documents import CustodyOut, RecordedDocument
from app.db.repositories import documents as document_records
from app.db.values import Upload
from app.engine.pack import Document
from app.errors import Conflict, ContentDamaged, ContentGone, NotFound
from app.files.kinds import ENDINGS, sanitised
from app.services import documents, uploads
from app.services.keeping import Keeper

router = APIRouter(tags=["documents"])
DOCUMENT = TypeAdapter(Document)
DOCUMENTS = TypeAdapter(PageOut[RecordedDocument])
CUSTODY = TypeAdapter(CustodyOut)
DOCUMENT_PATH = "/v1/services/{service_id}/documents/{document}"
# Saved by the browser and never shown: no form of it, no script in it, nothing that it would fetch.
SANDBOX = "sandbox; default-src 'none'"
FileReader: TypeAlias = Annotated[SignedIn, require(*READERS, offers=(BYTES,))]


@router.get(
    "/v1/services/{service_id}/documents",
    summary="List documents",
    response_model=PageOut[RecordedDocument],
)
def list_documents(call: Reader, service_id: UUID, page: Page) -> Response:
    """List what is known of a service's documents of evidence, withdrawn ones too.

    `custody` says whether the file itself is held, and is `null` where the caller may not read it.
    """
    with call.transaction() as tx:
        found = document_records.page(tx, service_id, after=page.after(call), limit=page.limit)
        custodies = uploads.custodies(tx, service_id, [item.value for item in found.items])
    return page.answer(call, DOCUMENTS, RecordedDocument.all_of(found.items, custodies), found.next)


@router.get(DOCUMENT_PATH, summary="Read a document's particulars", response_model=Document)
def read_document(call: Reader, service_id: UUID, document: str) -> Response:
    """Give what is known of one document."""
    with call.transaction() as tx:
        found = document_records.get(tx, service_id, document)
    return call.answer_json(DOCUMENT, found.value, etag=found.etag)


@router.put(
    DOCUMENT_PATH,
    summary="Record a document's particulars",
    response_model=Document,
    responses=refuses(Conflict),
)
def put_document(
    call: Provider, service_id: UUID, document: str, expected: IfMatchOrNew, new: Annotated[Document, body(Document)]
) -> Response:
    """Record a document, known by its SHA-256. Afterwards it can only be withdrawn, by setting `withdrawn_on`.

    Upload its file first (`POST /v1/uploads`): then size and media type have to be those of the file, and warnings
    about people in it have to be acknowledged. Without a file only the particulars are on record. A document that
    takes the place of an older one names it in `replaces`. A partner in the service that answers for something records
    documents too, whose files are uploads of its own organisation, and withdraws those; the provider withdraws all.
    """
    same_id(new.id, document)
    with call.transaction() as tx:
        version = expected.etag(lambda: document_records.get(tx, service_id, document).etag)
        kept = documents.put_document(tx, call.service.catalogue, service_id, new, expected=version)
    return call.put(DOCUMENT, kept.value, etag=kept.etag, created=version is None)


@router.get(
    DOCUMENT_PATH + "/custody",
    summary="Read whether a document's file is held",
    response_model=CustodyOut,
)
def read_custody(call: Reader, service_id: UUID, document: str) -> Response:
    """Say whether the file of a document is held, damaged, purged, shredded, or was never uploaded (`not_held`).

    Commissioners and reviewers are told of documents that are linked in an assessment shared with them.
    """
    with call.transaction() as tx:
        found, upload = uploads.custody_of(tx, service_id, document)
    return call.answer_json(CUSTODY, CustodyOut.of(found, upload))


@router.get(
    DOCUMENT_PATH + "/content",
    summary="Download a document's file",
    response_class=StreamingResponse,
    responses=refuses(ContentGone, ContentDamaged, NotFound),
)
async def download_file(call: FileReader, service_id: UUID, document: str) -> Response:
    """Give the file of a document, byte for byte, to be saved and never shown by the browser; its ETag is its SHA-256.

    Commissioners and reviewers read files of documents that are linked in an assessment shared with them. Nothing is
    sent before the whole file was found to have its SHA-256; a damaged one is reported and not sent.
    """
    found, upload = await to_thread.run_sync(partial(_find, call, service_id, document))
    headers = {"etag": quoted(found.sha256), "content-security-policy": SANDBOX}
    if not_modified(call.request, found.sha256):
        return Response(status_code=304, headers=headers)
    content = await to_thread.run_sync(partial(_fetch, call, upload), limiter=call.service.transfers)
    name = f"{sanitised(found.title or found.id) or found.sha256}.{ENDINGS[upload.media_type][0]}"
    headers |= {"content-disposition": attachment(name), "content-length": str(content.size)}
    return StreamingResponse(content, headers=headers, media_type=BYTES)


def _find(call: SignedIn, service_id: UUID, document: str) -> tuple[Document, Upload]:
    with call.transaction() as tx:
        return uploads.content_of(tx, service_id, document)


def _fetch(call: SignedIn, upload: Upload) -> Outgoing:
    """The whole file, looked at; one that is damaged is put on record as that, by the service itself."""
    service = call.service
    try:
        content = verified(service.objects.read(upload.provider, upload.sha256), upload.sha256)
    except NotFound:
        content = None
    if content is None:
        request_id = request_id_of(call.request.scope)
        keeper = Keeper(service.database, service.objects, service.clock, service.new_id, request_id)
        keeper.found(upload.provider, upload.sha256, intact=False)
        raise ContentDamaged(
            "The file is damaged or missing, and nothing of it is sent; this is on record now.",
            hint="Tell the operator, who can bring it back from a backup; the provider can upload the same file again.",
        )
    return content
