"""The pack of an assessment, put together from the record as it was known at an instant (semantics.md 8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.db.repositories import facts, services
from app.db.repositories.accreditations import with_verification
from app.db.repositories.facts import Fact, Subject
from app.db.session import Transaction
from app.db.values import FactKind
from app.engine.pack import Accreditation, Pack
from app.engine.rules import RuleSetRef

LISTS: dict[str, FactKind] = {
    "accreditations": "accreditation",
    "documents": "document",
    "answers": "answer",
    "responses": "response",
    "reviews": "review",
}


@dataclass(frozen=True)
class Standing:
    """What is on record of a service, or of one assessment of it: the newest facts, by kind and key."""

    facts: dict[tuple[FactKind, str], Fact]

    def version(self, kind: FactKind, key: str) -> int:
        """The newest version of a fact; 0 where there is none."""
        found = self.facts.get((kind, key))
        return 0 if found is None else found.version

    def pack(self, rule_set: RuleSetRef) -> Pack:
        """The pack under ``rule_set``; ids in it are the keys of the record. There must be a fact of the service."""
        lists: dict[str, Any] = {name: [fact.body for fact in self._of(kind)] for name, kind in LISTS.items()}
        lists["accreditations"] = [self._accreditation(fact) for fact in self._of("accreditation")]
        service = self.facts["service", services.KEY].body
        return Pack.model_validate({"rule_set": rule_set, "service": service} | lists)

    def _of(self, kind: FactKind) -> Iterable[Fact]:
        return (fact for fact in self.facts.values() if fact.kind == kind)

    def _accreditation(self, fact: Fact) -> Accreditation:
        check = self.facts.get(("verification", fact.key))
        recorded = Accreditation.model_validate(fact.body)
        return with_verification(recorded, None if check is None else check.body)


def standing(
    tx: Transaction, subject: Subject, known_at: datetime | None = None, submitted_at: datetime | None = None
) -> Standing:
    """What the record said of ``subject`` at ``known_at``, that instant included; ``None`` is now.

    With ``submitted_at``, responses and answers are as they were then, and what was drafted since is left out.
    """
    found = facts.standing(tx, subject, known_at, submitted_at)
    return Standing({(fact.kind, fact.key): fact for fact in found})
