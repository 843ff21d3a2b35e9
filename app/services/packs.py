"""Packs of an assessment: put together from the record, handed out, and taken in."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from app.db.history import standing
from app.db.repositories import assessments, audit
from app.db.repositories.facts import Subject
from app.db.session import PROVIDER_ROLES, Transaction
from app.db.values import instant, not_found
from app.engine.pack import Pack
from app.errors import Conflict, Fault, PackInvalid
from app.loader.catalogue import Catalogue
from app.services.merging import declarations_ahead, document_faults, merged, renamed
from app.services.uploads import faults_of_contents, faults_of_links
from app.services.writing import WritersTurn, changes, described, expect_etag, faults_of

_LISTS = ("accreditations", "documents", "answers", "responses")


def assembled(tx: Transaction, assessment_id: UUID, *, known_at: datetime | None = None) -> Pack:
    """The pack of the assessment as known at an instant, that instant included; ``None`` is now.

    The provider's pack has what it is working on; everybody else's has responses and answers as they had last been
    submitted at that instant. Raises ``NotFound`` where the caller may not see the assessment, or nothing of it was on
    record, or to others than the provider submitted, then.
    """
    record = assessments.get(tx, assessment_id)
    subject = Subject(record.service, record.provider, assessment_id)
    submitted_at = None
    if tx.actor.role not in PROVIDER_ROLES:
        submitted_at = assessments.submitted_at(tx, subject, known_at)
        if submitted_at is None:
            raise not_found()
    found = standing(tx, subject, known_at, submitted_at)
    if ("assessment", assessments.KEY) not in found.facts:
        raise not_found()
    return found.pack(record.rule_set)


def exported(pack: Pack) -> bytes:
    """The pack as a document: canonical JSON of its normal form, whose SHA-256 is ``pack.sha256``."""
    return pack.canonical


def import_pack(
    tx: Transaction, catalogue: Catalogue, assessment_id: UUID, pack: Pack, *, expected: str | None
) -> Pack:
    """Take over what the pack says, all of it or nothing, and give the pack as it is now on record.

    The service itself, verifications, reviews, versions of responses and instants of answers are those of the record,
    whatever the pack says of them, and nothing on record is taken out (semantics.md 3). The name that the pack has for
    its own service is understood as this one.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed`` unless ``expected`` is the SHA-256 of the pack as it
    stands, ``PackInvalid`` with every fault of the pack, and ``Conflict`` where the pack is sound but does not fit what
    else is on record of the service.
    """
    tx.require(*PROVIDER_ROLES)
    turn = WritersTurn.at_assessment(tx, catalogue, assessment_id)
    record = turn.case.pack
    expect_etag(record.sha256, expected)
    given = renamed(pack, record.service.id)
    placed = [(f"/responses/{index}", item) for index, item in enumerate(pack.responses)]
    found = [*_faults(catalogue, record, pack), *_faults_of_new_documents(tx, record, pack)]
    found += faults_of_links(tx, turn.subject.service, record, placed)
    _refuse([*found, *_faults_of_new_ids(record, pack), *declarations_ahead(record, pack, turn.at.date())])
    after = merged(record, given, instant(turn.at))
    _refuse(_in_the_document(given, after, faults_of(catalogue, after)))
    _check_other_assessments(turn, after)
    new = changes(turn.case, after)
    turn.append(new)
    if new:
        audit.record(tx, "pack.imported", f"assessments/{assessment_id}", changes=len(new), sha256=pack.sha256)
    return assembled(tx, assessment_id)


def _faults(catalogue: Catalogue, record: Pack, given: Pack) -> list[Fault]:
    if given.rule_set != record.rule_set:
        message = f"this assessment is under {record.rule_set.id} {record.rule_set.version}"
        hint = "create an assessment under the other rule set to import this pack"
        return [Fault("/rule_set", message, hint), *catalogue.faults_under_any(given), *document_faults(record, given)]
    return [*faults_of(catalogue, given), *document_faults(record, given)]


def _faults_of_new_documents(tx: Transaction, record: Pack, given: Pack) -> list[Fault]:
    known = {document.id for document in record.documents}
    new = [
        (f"/documents/{index}", document) for index, document in enumerate(given.documents) if document.id not in known
    ]
    return faults_of_contents(tx, new)


def _faults_of_new_ids(record: Pack, given: Pack) -> Iterator[Fault]:
    """Ids under which nothing could be read or changed: a slash ends a part of an address, and dots walk up in it."""
    for name in ("accreditations", "documents"):
        known = {item.id for item in getattr(record, name)}
        for index, item in enumerate(getattr(given, name)):
            if item.id not in known and ("/" in item.id or item.id in (".", "..")):
                message = f"the id `{item.id}` cannot be part of an address"
                yield Fault(f"/{name}/{index}/id", message, "leave out slashes, and call nothing by dots alone")


def _in_the_document(given: Pack, after: Pack, faults: Iterable[Fault]) -> list[Fault]:
    """Faults of the merged pack, at the places of the document sent; what only the record holds is named instead."""
    document = given.model_dump(mode="json")
    found = []
    for fault in faults:
        name, _, rest = fault.pointer[1:].partition("/")
        index = rest.partition("/")[0]
        place = int(index) if name in _LISTS and index else -1
        if 0 <= place < len(getattr(given, name, ())):
            found.append(replace(fault, pointer=_nearest(document, fault.pointer)))
        else:
            message = f"together with what is on record: {described(after, fault)}"
            found.append(Fault("", message, fault.hint))
    return found


def _nearest(document: Any, pointer: str) -> str:  # noqa: ANN401  # a JSON document
    """The pointer, cut back to a list that the document has where its entry was put back from the record."""
    parts = pointer.split("/")
    for depth, part in enumerate(parts[1:], start=1):
        if isinstance(document, list):
            if int(part) >= len(document):
                return "/".join(parts[:depth])
            document = document[int(part)]
        else:
            document = document.get(part) if isinstance(document, dict) else None
    return pointer


def _check_other_assessments(turn: WritersTurn, after: Pack) -> None:
    """Certificates and documents are the service's, so they have to fit its other assessments too."""
    for other in assessments.of_service(turn.tx, turn.subject.service):
        if other.id != turn.subject.assessment:
            known = standing(turn.tx, replace(turn.subject, assessment=other.id)).pack(other.rule_set)
            pack = known.replace(accreditations=after.accreditations, documents=after.documents)
            faults = faults_of(turn.catalogue, pack)
            if faults:
                listed = "; ".join(described(pack, fault) for fault in faults)
                raise Conflict(
                    f"Nothing was recorded, as assessment {other.id} of the service could not be judged: {listed}.",
                    hint="Certificates and documents belong to the service: they have to fit all its assessments.",
                )


def _refuse(faults: list[Fault]) -> None:
    if faults:
        unique = tuple(dict.fromkeys(faults))
        raise PackInvalid("The pack has faults and is refused whole.", hint="Correct every fault.", faults=unique)
