"""Accreditations of a service, with what a reviewer saw on the register while that still speaks of them.

A verification is a fact of its own, made by a reviewer. It keeps the accreditation as it was when it was checked, and
counts only as long as the accreditation equals that in everything but ``unchanged_declared_on`` (semantics.md 3).
"""

from collections.abc import Mapping
from typing import Any

from app.db.repositories import facts
from app.db.repositories.facts import Fact, Subject
from app.db.repositories.records import Records
from app.db.repositories.subjects import of_service
from app.db.session import Transaction
from app.db.values import Recorded
from app.engine.pack import Accreditation

# What only a verification says; an accreditation is recorded without it.
VERIFIED: Mapping[str, None] = {"verified_on": None, "verified_by": None, "register_seen": None}


def with_verification(accreditation: Accreditation, verification: Mapping[str, Any] | None) -> Accreditation:
    """The accreditation as recorded, with the verification's words where it was made of this very content."""
    if verification is None:
        return accreditation
    checked = Accreditation.model_validate(verification["checked"])
    if checked.replace(unchanged_declared_on=accreditation.unchanged_declared_on) != accreditation:
        return accreditation
    seen = {name: verification[name] for name in VERIFIED}
    return accreditation.replace(**seen)


def verification_of(verified: Accreditation, checked: Accreditation) -> dict[str, Any]:
    """The body of a verification: the accreditation as it was ``checked``, and what ``verified`` says of the look."""
    form = verified.model_dump(mode="json", by_alias=False)
    return {"checked": checked.model_dump(mode="json")} | {name: form[name] for name in VERIFIED}


class _Accreditations(Records[Accreditation]):
    def _values(
        self, tx: Transaction, subject: Subject, found: tuple[Fact, ...]
    ) -> tuple[Recorded[Accreditation], ...]:
        checks = facts.among(tx, subject, "verification", [fact.key for fact in found])
        return tuple(self._verified(fact, checks.get(fact.key)) for fact in found)

    def _verified(self, fact: Fact, check: Fact | None) -> Recorded[Accreditation]:
        recorded = Accreditation.model_validate(fact.body)
        verified = with_verification(recorded, None if check is None else check.body)
        if check is None or verified == recorded:
            return self._recorded(fact, recorded)
        return self._recorded(fact, verified, f"-{check.version}")


_accreditations = _Accreditations("accreditation", Accreditation, of_service)
get = _accreditations.get
find = _accreditations.find
page = _accreditations.page
