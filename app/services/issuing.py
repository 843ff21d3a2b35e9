"""Issuing: a determination becomes a document with a number, a hash and a signature, and is kept whole for ever."""

import hashlib
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias
from uuid import UUID

from app.db.repositories import assessments, audit, determinations, facts
from app.db.repositories.determinations import IssuedRecord, summary_of
from app.db.repositories.subjects import of_assessment
from app.db.session import Transaction
from app.engine.issued import envelope_bytes, not_in_force
from app.engine.rules import RuleSet
from app.engine.values import CivilDate
from app.errors import Conflict
from app.loader.catalogue import Catalogue
from app.security.jose import Seals
from app.services import life, packs
from app.services.determinations import issuable
from app.services.numbering import number_of
from app.services.writing import expect_etag

KIND: Final = "safonau-determination"
PREFIX: Final = "SAF"

Currency: TypeAlias = Literal["current", "superseded", "lapsed"]


@dataclass(frozen=True, slots=True)
class Press:
    """What documents are issued with: the signatures, the address under which they are verified, and for what.

    ``demonstration``: nothing that is issued counts, and so a draft of a rule set will do.
    """

    seals: Seals
    public_url: str
    demonstration: bool = False

    def verification(self, number: str) -> str:
        """Where anybody verifies a determination."""
        return f"{self.public_url}/v1/determinations/{number}/verification"


@dataclass(frozen=True, slots=True)
class Sealed:
    """The bytes of a document, their SHA-256, and the signature over them."""

    content: bytes
    sha256: str
    signature: str


def sealed(seals: Seals, kind: str, content: bytes) -> Sealed:
    """A document of a kind, hashed and signed."""
    return Sealed(content, hashlib.sha256(content).hexdigest(), seals.sign(content, kind))


def issue(
    tx: Transaction, catalogue: Catalogue, press: Press, assessment_id: UUID, *, expected: str
) -> tuple[IssuedRecord, bool]:
    """Issue what the assessment shows today, on the pack that was read; the second is whether it is a new one.

    Where the last one issued says the same to the byte, that one stands and is given, and counts as issued to all with
    whom the assessment is shared by now. ``expected`` is the SHA-256 of
    the pack that the reviewer read. Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``, and ``Conflict`` where
    the assessment is not completed, or its rule set not published and in force (semantics.md 2).
    """
    tx.require("reviewer")
    subject = of_assessment(tx, assessment_id)
    at = facts.lock(tx, subject.service)
    record = assessments.get(tx, assessment_id)
    life.require(tx, record, "issue")
    pack = packs.assembled(tx, assessment_id)
    expect_etag(pack.sha256, expected)
    found, rule_set = issuable(catalogue, pack, as_of=at.date())
    draft = _require_in_force(catalogue, press, rule_set, at.date())
    place, previous = determinations.last(tx, subject.service, rule_set.id)
    before = None if previous is None else determinations.find(tx, previous)
    if before is not None and before.sha256 == found.sha256 and before.assessment == assessment_id:
        _issue_again(tx, before, record.shared_with)
        return before, False
    whole = sealed(press.seals, KIND, found.canonical)
    unique = tx.new_id()
    made = IssuedRecord(
        id=unique,
        number=number_of(PREFIX, at.year, unique),
        assessment=assessment_id,
        service=subject.service,
        provider=subject.provider,
        rule_set=record.rule_set,
        issued_to=record.shared_with,
        issued_by=tx.actor.user,
        issued_at=at,
        known_at=at,
        supersedes=previous,
        superseded_by=None,
        draft=draft,
        sha256=whole.sha256,
        signature=whole.signature,
        issued_sha256="",
        summary=summary_of(found.json_form),
    )
    own = envelope_bytes(made.about, found.json_form)
    made = replace(made, issued_sha256=hashlib.sha256(own).hexdigest())
    determinations.add(tx, made, whole.content, place + 1)
    audit.record(tx, "determination.issued", f"determinations/{made.number}", sha256=made.sha256)
    return made, True


def _issue_again(tx: Transaction, known: IssuedRecord, shared_with: tuple[UUID, ...]) -> None:
    added = determinations.issue_again(tx, known, sorted(set(shared_with) - set(known.issued_to)))
    if added:
        to = " ".join(map(str, added))
        audit.record(tx, "determination.issued_again", f"determinations/{known.number}", commissioners=to)


def currency(record: IssuedRecord, today: CivilDate) -> Currency:
    """Whether a determination still stands on a day: a later one supersedes it, and its validity may have ended."""
    if record.superseded_by is not None:
        return "superseded"
    if record.valid_through is not None and record.valid_through < today:
        return "lapsed"
    return "current"


def _require_in_force(catalogue: Catalogue, press: Press, rule_set: RuleSet, day: CivilDate) -> bool:
    """Raise ``Conflict`` unless the rule set is published and in force; whether it is a draft in a demonstration."""
    name = f"{rule_set.id} {rule_set.version}"
    published = catalogue.is_published(rule_set)
    if not published and press.demonstration and rule_set.status == "draft":
        return True
    if not published:
        state = "not recorded as published" if rule_set.status == "published" else f"a {rule_set.status} version"
        raise Conflict(
            f"Nothing can be issued under {name}: it is {state}.",
            hint="A determination is issued under a published rule set; `safonau standards publish` makes it one.",
        )
    why = not_in_force(rule_set, day)
    if why is not None:
        raise Conflict(f"Nothing can be issued: {why}.", hint="Assess the service under the version that is in force.")
    return False
