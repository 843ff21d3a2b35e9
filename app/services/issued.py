"""What was issued, as it is read: whether it still stands, what differs today, and its PDF."""

import hashlib
from collections.abc import Callable

from app.db.repositories import audit, determinations
from app.db.repositories.determinations import IssuedRecord
from app.db.session import Transaction
from app.db.values import instant
from app.engine.canonical import sha256_of
from app.engine.determination import Determination
from app.engine.difference import Difference, difference
from app.engine.issued import envelope_bytes
from app.errors import BadInput, Conflict, NotFound
from app.loader.catalogue import Catalogue
from app.loader.jsonfile import read_json
from app.reports.gap_report import gap_report
from app.reports.pdf import gap_report_pdf
from app.reports.pdf_issued import Issue
from app.reports.verification import Verdict
from app.reports.words import Language
from app.security.jose import Seals
from app.services import packs
from app.services.determinations import issuable
from app.services.issuing import KIND, Press, currency
from app.services.numbering import read_number

# What is told beside an issued determination, and is no part of it.
BESIDE = "standing"


def drift(tx: Transaction, catalogue: Catalogue, record: IssuedRecord, content: bytes) -> Difference | None:
    """How today's live result differs from what was issued, requirement by requirement.

    ``None`` for who may not see the assessment, and where the rule set as it was then is no longer loaded, or the
    record no longer fits what is: what was issued is read all the same.
    """
    then = Determination.model_validate(determinations.document(content))
    try:
        live, rule_set = issuable(catalogue, packs.assembled(tx, record.assessment), as_of=tx.now.date())
    except (NotFound, Conflict):
        return None
    return difference(then, live) if rule_set.sha256 == then.rule_set.sha256 else None


def pdf_maker(
    catalogue: Catalogue, press: Press, record: IssuedRecord, content: bytes, language: Language
) -> Callable[[], bytes]:
    """What lays the determination out as PDF; it takes long, so call it when no transaction is open.

    Raises ``Conflict``, at once, where the rule set that it was made with is no longer loaded.
    """
    found = Determination.model_validate(determinations.document(content))
    rule_set = catalogue.rule_sets.get((found.rule_set.id, found.rule_set.version))
    if rule_set is None or rule_set.sha256 != found.rule_set.sha256:
        name = f"{found.rule_set.id} {found.rule_set.version}"
        raise Conflict(
            f"{name}, which {record.number} was made with, is not loaded any more.",
            hint="Read it as JSON; the operator can load that version again.",
        )
    issue = Issue(
        number=record.number,
        issued_at=instant(record.issued_at),
        known_at=instant(record.known_at),
        sha256=record.sha256,
        supersedes=record.supersedes,
        address=press.verification(record.number),
        draft=record.draft,
    )
    report = gap_report(found, rule_set, language=language, schemes=catalogue.schemes)
    return lambda: gap_report_pdf(report, issue)


def kept_pdf(tx: Transaction, number: str, language: Language, drawn: bytes) -> bytes:
    """The PDF of a determination that is kept: ``drawn``, unless somebody else had one made meanwhile."""
    sha256 = hashlib.sha256(drawn).hexdigest()
    if determinations.keep_pdf(tx, number, language, drawn, sha256):
        audit.record(tx, "determination.pdf_kept", f"determinations/{number}", language=language, sha256=sha256)
    return determinations.pdf(tx, number, language) or drawn


def verify_number(tx: Transaction, seals: Seals, typed: str) -> tuple[Verdict, bool]:
    """What can be said of the number, in a transaction of ``VERIFYING``; and whether it is a demonstration's."""
    number = read_number(typed)
    return _verdict(tx, seals, None if number is None else determinations.by_number(tx, number))


def verify_hash(tx: Transaction, seals: Seals, sha256: str) -> tuple[Verdict, bool]:
    """The same of a document with this SHA-256."""
    return _verdict(tx, seals, determinations.by_hash(tx, sha256))


def verify_document(tx: Transaction, seals: Seals, data: bytes) -> tuple[Verdict, bool]:
    """The same of a document as somebody has it: a PDF to the last byte, or JSON in any layout."""
    for sha256 in _hashes(data):
        found = verify_hash(tx, seals, sha256)
        if found[0] != "unknown":
            return found
    return "unknown", False


def _hashes(data: bytes) -> list[str]:
    """The SHA-256 of the bytes and, for JSON, of its canonical form, without what is told beside the document."""
    found = [hashlib.sha256(data).hexdigest()]
    try:
        value = read_json(data)
    except BadInput:
        return found
    if isinstance(value, dict):
        value = {name: item for name, item in value.items() if name != BESIDE}
    try:
        return [*found, sha256_of(value)]
    except ValueError:  # half a character (a lone surrogate), which is in nothing that was issued
        return found


def _verdict(tx: Transaction, seals: Seals, record: IssuedRecord | None) -> tuple[Verdict, bool]:
    if record is None:
        return "unknown", False
    content = determinations.content(tx, record.number)
    if not _whole(record, content) or not seals.holds(content, record.signature, KIND, tx.now):
        return "unknown", False
    return currency(record, tx.now.date()), record.draft


def _whole(record: IssuedRecord, content: bytes) -> bool:
    """Whether the hashes that it is found by are those of what is kept, and of nothing else."""
    if hashlib.sha256(content).hexdigest() != record.sha256:
        return False
    own = envelope_bytes(record.about, determinations.document(content))
    return hashlib.sha256(own).hexdigest() == record.issued_sha256
