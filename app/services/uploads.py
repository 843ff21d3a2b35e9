"""The files of documents: what is taken in, and what becomes of it. Their particulars are ``app.services.documents``.

A file is stored before its upload is recorded, and taken away in the transaction that records that; so a record never
names a file that was not there, and one left over without a record is seen by nobody.
"""

from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import IO, Literal, TypeAlias
from uuid import UUID

from app.clients.antivirus import Antivirus
from app.clients.objects import ObjectStore
from app.db.repositories import audit, documents, uploads
from app.db.repositories.subjects import of_service
from app.db.session import PROVIDER_ROLES, Transaction
from app.db.values import NewUpload, Upload, UploadEventKind, UploadState, not_found
from app.engine.pack import Document, Pack, Response
from app.errors import Conflict, ContentGone, Fault, Invalid, NotFound, Unavailable
from app.files import kinds, people, texts
from app.services.writing import expect_etag

Custody: TypeAlias = UploadState | Literal["not_held"]
_GONE: tuple[UploadState, ...] = ("purged", "shredded")


def examined(
    content: IO[bytes], *, sha256: str, size: int, name: str, declared: str, antivirus: Antivirus | None
) -> NewUpload:
    """What a file is that was sent under ``name`` as ``declared``, once it is found to be of a kind that is taken.

    Raises ``BadInput`` for an empty file, ``Invalid`` for one of another kind and for malware, and ``Unavailable``
    where it could not be looked for.
    """
    kind = kinds.kind_of(content, kinds.sanitised(name), declared)
    signature = None if antivirus is None else antivirus.signature(content)
    if signature is not None:
        fault = Fault("/file", f"malware was found in it: {signature}", "have the machine looked at that it comes from")
        raise Invalid("The file was not taken: malware was found in it.", hint="Nothing was kept.", faults=(fault,))
    text = texts.text_of(content, kind)
    found = people.findings(text.passages)
    scan = {
        "antivirus": "not_configured" if antivirus is None else "clean",
        "text": text.read,
        "findings": [asdict(finding) for finding in found],
        "more": len(found) == people.MOST_FINDINGS,
    }
    return NewUpload(sha256, size, kind, scan)


def is_wanted(tx: Transaction, store: ObjectStore, new: NewUpload) -> bool:
    """Whether the content has to be stored, as it is not held, or went without anybody having noticed yet.

    Raises ``Conflict`` where it was shredded.
    """
    tx.require(*PROVIDER_ROLES)
    provider = tx.actor.organisation
    found = uploads.find(tx, provider, new.sha256)
    if found is not None and found.state == "shredded":
        raise _shredded()
    return found is None or found.state != "held" or store.size(provider, new.sha256) != new.size


def record(tx: Transaction, store: ObjectStore, new: NewUpload) -> tuple[Upload, bool]:
    """Record an upload whose content is in the store, and give it with whether it is new.

    The same file sent again is the same upload. Raises ``Conflict`` where it was shredded meanwhile, and
    ``Unavailable`` where it was taken away.
    """
    tx.require(*PROVIDER_ROLES)
    provider = tx.actor.organisation
    uploads.lock(tx, provider, new.sha256)
    before = uploads.find(tx, provider, new.sha256)
    if before is not None and before.state == "shredded":
        store.remove(provider, new.sha256)
        raise _shredded()
    if store.size(provider, new.sha256) != new.size:
        raise Unavailable("The file was taken away while it was stored.", hint="Send it again.")
    if before is None:
        uploads.add(tx, provider, new)
    if before is None or before.state != "held":
        note(tx, provider, new.sha256, "stored")
    return uploads.get(tx, provider, new.sha256), before is None


def acknowledge(tx: Transaction, sha256: str, *, expected: str) -> Upload:
    """Record that the caller looked at what the scan found, and that it names nobody who must not be named.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``.
    """
    tx.require(*PROVIDER_ROLES)
    before = _changed(tx, tx.actor.organisation, sha256, expected)
    if before.acknowledged:
        return before
    note(tx, before.provider, sha256, "acknowledged")
    return uploads.get(tx, before.provider, sha256)


def set_hold(tx: Transaction, provider: UUID, sha256: str, *, held: bool, reason: str, expected: str) -> Upload:
    """Set or lift, as an administrator, a legal hold, under which content is neither purged nor shredded.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``.
    """
    tx.require("administrator")
    before = _changed(tx, provider, sha256, expected)
    if before.legal_hold == held:
        return before
    note(tx, provider, sha256, "hold_set" if held else "hold_lifted", reason)
    return uploads.get(tx, provider, sha256)


def shred(tx: Transaction, store: ObjectStore, provider: UUID, sha256: str, *, reason: str, expected: str) -> Upload:
    """Take content away for good, as an administrator; its hash, size and kind, and what became of it, stay on record.

    It cannot be uploaded again. Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``, and ``Conflict`` under a
    legal hold. Should the record fail after the store, the next check reports the content as damaged; shred it again.
    """
    tx.require("administrator")
    before = _changed(tx, provider, sha256, expected)
    if before.legal_hold:
        raise Conflict("The file is under a legal hold and must be kept.", hint="Have the hold lifted first.")
    if before.state == "shredded":
        return before
    note(tx, provider, sha256, "shredded", reason)
    store.remove(provider, sha256)
    return uploads.get(tx, provider, sha256)


def content_of(tx: Transaction, service_id: UUID, document: str) -> tuple[Document, Upload]:
    """The document and the upload that holds its content.

    Raises ``NotFound`` unless the caller may read the content, which is more than its particulars: commissioners and
    reviewers read what is linked in an assessment that they may see. ``NotFound`` as well, with words of its own, where
    the file was never uploaded, or nobody on the provider's side has looked yet at what the scan found in it, as it was
    uploaded after its document had been linked; and ``ContentGone`` where it was purged or shredded.
    """
    found, upload = custody_of(tx, service_id, document)
    if upload is None:
        raise NotFound(
            "The file of this document is not held here: only its particulars are on record.",
            hint="Ask the provider for it, or, as the provider, upload the file with this SHA-256.",
        )
    if upload.state in _GONE:
        raise ContentGone(
            f"The file of this document was {upload.state} on {upload.since.date()}.",
            hint="Its SHA-256 and what became of it stay on record.",
        )
    if upload.unacknowledged and tx.actor.role not in PROVIDER_ROLES:
        raise NotFound(
            "The file of this document is not given out yet: it looks as if it names people, and nobody has looked.",
            hint=f"Ask the provider to look: POST /v1/uploads/{upload.sha256}/acknowledgement.",
        )
    return found, upload


def custody_of(tx: Transaction, service_id: UUID, document: str) -> tuple[Document, Upload | None]:
    """The document, and the upload that holds its content if there was one.

    Raises ``NotFound`` unless the caller may read the content, as in ``content_of``.
    """
    subject = of_service(tx, service_id)
    found = documents.get(tx, service_id, document).value
    if tx.actor.role not in PROVIDER_ROLES and found.id not in uploads.linked(tx, subject, [found.id]):
        raise not_found()
    return found, uploads.find(tx, documents.holders(tx, service_id, [found.id])[found.id], found.sha256)


def custodies(tx: Transaction, service_id: UUID, listed: Iterable[Document]) -> dict[str, Custody]:
    """Whether the file is held, by the id of each document whose content the caller may read."""
    subject = of_service(tx, service_id)
    readable = list(listed)
    if tx.actor.role not in PROVIDER_ROLES:
        linked = uploads.linked(tx, subject, [document.id for document in readable])
        readable = [document for document in readable if document.id in linked]
    found = _uploads_of(tx, service_id, readable)
    return {document.id: found[document.id].state if document.id in found else "not_held" for document in readable}


def _uploads_of(tx: Transaction, service_id: UUID, listed: Iterable[Document]) -> dict[str, Upload]:
    """The upload of each document on record that has one which the caller sees, by the document's id."""
    hashes = {document.id: document.sha256 for document in listed}
    holders = documents.holders(tx, service_id, list(hashes))
    known = uploads.among(tx, [(holder, hashes[name]) for name, holder in holders.items()])
    found = {name: known.get((holder, hashes[name])) for name, holder in holders.items()}
    return {name: upload for name, upload in found.items() if upload is not None}


def faults_of_contents(tx: Transaction, added: Iterable[tuple[str, Document]]) -> list[Fault]:
    """What is wrong with documents that are about to be recorded, each with its pointer, beside what was uploaded.

    They are about to be recorded by the caller, whose organisation will hold their files. A document may be recorded
    whose file was never uploaded. One that was uploaded has to be described as what it is,
    and what the scan found in it has to be acknowledged before.
    """
    listed = sorted(added, key=lambda item: item[1].sha256)
    holder = tx.actor.organisation
    for _, document in listed:
        uploads.lock(tx, holder, document.sha256)
    known = uploads.among(tx, [(holder, document.sha256) for _, document in listed])
    found: list[Fault] = []
    for pointer, document in listed:
        upload = known.get((holder, document.sha256))
        if upload is not None:
            found += (replace(fault, pointer=pointer + fault.pointer) for fault in _faults(document, upload))
    return found


def faults_of_links(
    tx: Transaction, service_id: UUID, record: Pack, given: Iterable[tuple[str, Response]]
) -> Iterable[Fault]:
    """Documents on record that responses link, each with its pointer, whose file was uploaded and not looked at yet.

    That may be so where a document was recorded before its file came: what the scan found in that has to be
    acknowledged before any response that links it is recorded.
    """
    responses = list(given)
    linked = {name for _, response in responses for name in response.documents}
    known = _uploads_of(tx, service_id, [document for document in record.documents if document.id in linked])
    for pointer, response in responses:
        for index, name in enumerate(response.documents):
            if name in known and known[name].unacknowledged:
                yield _unacknowledged(known[name], f"{pointer}/documents/{index}")


def _faults(document: Document, upload: Upload) -> Iterable[Fault]:
    if document.size not in (None, upload.size):
        yield Fault("/size", f"the file that was uploaded has {upload.size} bytes", "leave it out, or give that")
    if document.media_type not in (None, upload.media_type):
        yield Fault("/media_type", f"the file that was uploaded is {upload.media_type}", "leave it out, or give that")
    if upload.unacknowledged:
        yield _unacknowledged(upload, "/sha256")


def _unacknowledged(upload: Upload, pointer: str) -> Fault:
    return Fault(
        pointer,
        f"the file looks as if it names people, and nobody has looked at it; such places: {upload.unacknowledged}",
        f"upload it without them, or acknowledge them: POST /v1/uploads/{upload.sha256}/acknowledgement",
    )


def _changed(tx: Transaction, provider: UUID, sha256: str, expected: str) -> Upload:
    uploads.lock(tx, provider, sha256)
    found = uploads.get(tx, provider, sha256)
    expect_etag(found.etag, expected)
    return found


def note(tx: Transaction, provider: UUID, sha256: str, kind: UploadEventKind, reason: str = "") -> None:
    """Record what became of an upload, in the audit log too; its lock is the caller's."""
    uploads.note(tx, provider, sha256, kind, reason)
    audit.record(tx, f"upload.{kind}", f"providers/{provider}/uploads/{sha256}")


def _shredded() -> Conflict:
    return Conflict("This file was shredded, and is not taken again.", hint="Ask the operator why.")
