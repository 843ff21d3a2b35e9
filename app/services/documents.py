"""Documents of a service, by what is known of them: a file of evidence never changes, it is replaced or withdrawn."""

from uuid import UUID

from app.db.repositories import audit, documents
from app.db.repositories.facts import Subject
from app.db.session import PROVIDER_ROLES, Transaction
from app.db.values import Recorded
from app.engine.pack import Document
from app.errors import Conflict, Forbidden
from app.loader.catalogue import Catalogue
from app.services import uploads
from app.services.merging import may_follow
from app.services.writing import WritersTurn, expect, first, is_partner, refuse_faults


def put_document(
    tx: Transaction, catalogue: Catalogue, service_id: UUID, document: Document, *, expected: str | None
) -> Recorded[Document]:
    """Record a document, or that one on record was withdrawn, as the provider or a partner that answers for something.

    A partner withdraws the documents that it recorded. Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``,
    ``Invalid``, and ``Conflict`` for any other change of a document on record.
    """
    tx.require(*PROVIDER_ROLES)
    turn = WritersTurn.at_documents(tx, catalogue, service_id)
    current = documents.find(tx, turn.subject, document.id)
    expect(current, expected)
    if current is not None and not _may_become(current.value, document):
        raise Conflict(
            f"The document {document.id} is on record, and documents never change but for being withdrawn, once.",
            hint="Record the new file under an id of its own; it may replace this one.",
        )
    if current is not None and document != current.value and _is_of_another(tx, turn.subject, document.id):
        raise Forbidden(
            f"The document {document.id} was recorded by another organisation that takes part in this service.",
            hint="Ask it, or the organisation that provides the service, to withdraw it.",
        )
    if current is None:
        refuse_faults(uploads.faults_of_contents(tx, [("", document)]))
    turn.record(first(document, "documents"), "/documents/0")
    after = documents.get(tx, service_id, document.id)
    if after != current:
        place = f"services/{service_id}/documents/{document.id}"
        audit.record(tx, "document.recorded", place, version=after.version)
    return after


def _is_of_another(tx: Transaction, subject: Subject, document: str) -> bool:
    holder = documents.holders(tx, subject.service, [document])[document]
    return is_partner(tx, subject) and holder != tx.actor.organisation


def _may_become(old: Document, new: Document) -> bool:
    reappears = old.withdrawn_on is not None and new.withdrawn_on is None
    return may_follow(old, new) and not reappears
