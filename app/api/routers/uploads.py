"""Files of evidence: taken in by providers, held and shredded by administrators. Linking them is ``documents``."""

from functools import partial
from typing import Annotated, TypeAlias
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Path
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.bodies import body
from app.api.call import Administrator, Page, Provider, SignedIn
from app.api.etags import IfMatch
from app.api.files import Incoming, file_body
from app.api.openapi import refuses
from app.api.wire import PageOut
from app.api.wire_documents import Acknowledgement, LegalHold, Shredding, UploadOut
from app.db.repositories import uploads as records
from app.db.values import Upload
from app.errors import Conflict
from app.files.kinds import sanitised
from app.services import uploads

router = APIRouter(tags=["uploads"])
UPLOAD = TypeAdapter(UploadOut)
UPLOADS = TypeAdapter(PageOut[UploadOut])
OWN = "/v1/uploads/{sha256}"
OF_PROVIDER = "/v1/providers/{provider_id}/uploads"
Sha256: TypeAlias = Annotated[str, Path(description="The SHA-256 of the file, 64 digits from 0 to 9 and a to f.")]


@router.post(
    "/v1/uploads",
    summary="Upload a file",
    status_code=201,
    response_model=UploadOut,
    responses=refuses(Conflict) | {200: {"model": UploadOut, "description": "The same file was uploaded before."}},
)
async def upload_file(call: Provider, incoming: Annotated[Incoming, file_body()]) -> Response:
    """Take in a file of evidence, to be linked by its SHA-256 when a document is recorded.

    **Nothing about identifiable people may be in it** / **Ni chaiff dim am bobl y gellir eu hadnabod fod ynddi**
    (`notice`, the Welsh unofficial). What looks like NHS or National Insurance numbers, e-mail addresses or telephone
    numbers is listed in `warnings`: a document can be recorded only after they were acknowledged.

    PDF, DOCX, XLSX, ODT, ODS, plain text and CSV in UTF-8, PNG and JPEG are taken, as long as the bytes are what name
    and declaration say. The name is not kept. The same file sent again is the same upload, answered with 200; so no
    idempotency key is needed.
    """
    take_in = partial(_take_in, call, incoming)
    upload, created = await to_thread.run_sync(take_in, limiter=call.service.transfers)
    content = UPLOAD.dump_json(UploadOut.of(upload, sanitised(incoming.name) or None))
    location = {"location": f"/v1/uploads/{upload.sha256}"}
    return call.answer(content, etag=upload.etag, status=201 if created else 200, headers=location)


def _take_in(call: SignedIn, incoming: Incoming) -> tuple[Upload, bool]:
    service = call.service
    new = uploads.examined(
        incoming.file,
        sha256=incoming.sha256,
        size=incoming.size,
        name=incoming.name,
        declared=incoming.declared,
        antivirus=service.antivirus,
    )
    with call.transaction() as tx:
        wanted = uploads.is_wanted(tx, service.objects, new)
    if wanted:
        service.objects.put(call.actor.organisation, new.sha256, incoming.file)
    with call.transaction() as tx:
        return uploads.record(tx, service.objects, new)


@router.get(OWN, summary="Read an upload", response_model=UploadOut)
def read_upload(call: Provider, sha256: Sha256) -> Response:
    """Give what is known of a file that the caller's own provider uploaded, and what became of it."""
    with call.transaction() as tx:
        found = records.get(tx, call.actor.organisation, sha256)
    return _answer(call, found)


@router.post(OWN + "/acknowledgement", summary="Acknowledge the warnings of an upload", response_model=UploadOut)
def acknowledge_warnings(
    call: Provider, sha256: Sha256, expected: IfMatch, _said: Annotated[Acknowledgement, body(Acknowledgement)]
) -> Response:
    """Record that the caller looked at every warning and that none is about an identifiable person.

    Who said so and when stays on record. Only then can a document with this file be recorded.
    """
    with call.transaction() as tx:
        provider = call.actor.organisation
        etag = expected.existing(lambda: records.get(tx, provider, sha256).etag)
        found = uploads.acknowledge(tx, sha256, expected=etag)
    return _answer(call, found)


@router.get(OF_PROVIDER, summary="List the uploads of a provider", response_model=PageOut[UploadOut])
def list_uploads(call: Administrator, provider_id: UUID, page: Page) -> Response:
    """List what is held for a provider, by hash: administrators see neither names nor contents of files."""
    with call.transaction() as tx:
        found = records.page(tx, provider_id, after=page.after(call), limit=page.limit)
    return page.answer(call, UPLOADS, [UploadOut.of(item) for item in found.items], found.next)


@router.get(OF_PROVIDER + "/{sha256}", summary="Read an upload of a provider", response_model=UploadOut)
def read_upload_of_provider(call: Administrator, provider_id: UUID, sha256: Sha256) -> Response:
    """Give what is known of one file of a provider, and what became of it."""
    with call.transaction() as tx:
        found = records.get(tx, provider_id, sha256)
    return _answer(call, found)


@router.put(OF_PROVIDER + "/{sha256}/legal-hold", summary="Set or lift a legal hold", response_model=UploadOut)
def put_legal_hold(
    call: Administrator,
    provider_id: UUID,
    sha256: Sha256,
    expected: IfMatch,
    hold: Annotated[LegalHold, body(LegalHold)],
) -> Response:
    """Keep a file whatever is asked, or let it go again: under a hold it is neither purged nor shredded."""
    with call.transaction() as tx:
        etag = expected.existing(lambda: records.get(tx, provider_id, sha256).etag)
        found = uploads.set_hold(tx, provider_id, sha256, held=hold.held, reason=hold.reason, expected=etag)
    return _answer(call, found)


@router.post(
    OF_PROVIDER + "/{sha256}/shredding",
    summary="Shred a file",
    response_model=UploadOut,
    responses=refuses(Conflict),
)
def shred_file(
    call: Administrator,
    provider_id: UUID,
    sha256: Sha256,
    expected: IfMatch,
    why: Annotated[Shredding, body(Shredding)],
) -> Response:
    """Take a file away for good, such as one with personal data in it. It is not taken in again.

    Its hash, size, kind and fate stay on record, and so does every document and review that rests on it. Refused
    under a legal hold.
    """
    with call.transaction() as tx:
        etag = expected.existing(lambda: records.get(tx, provider_id, sha256).etag)
        found = uploads.shred(tx, call.service.objects, provider_id, sha256, reason=why.reason, expected=etag)
    return _answer(call, found)


def _answer(call: SignedIn, found: Upload) -> Response:
    return call.answer_json(UPLOAD, UploadOut.of(found), etag=found.etag)
