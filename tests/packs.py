"""Packs made from a rule set itself: evidence for chosen requirements, as much as their trees ask for."""

import hashlib
from collections.abc import Iterable
from datetime import date

from app.engine.pack import Pack
from app.engine.rules import Requirement, RuleSet
from app.engine.tree import AnswerLeaf, DocumentLeaf, Leaf
from app.engine.values import Value
from app.loader.packfile import refused, shape_of

DAY = date(2026, 4, 1)
ISSUED = "2026-03-15"
SAID = "2026-03-16T09:00:00Z"
REVIEWED = "2026-03-20T14:00:00Z"


def pack_of(value: object, most: int | None = None) -> Pack:
    """The pack that a JSON value is, whatever its content; raises ``PackInvalid`` with what is wrong with its shape."""
    pack, faults = shape_of(value, most)
    if pack is None:
        raise refused(fault for _, fault in faults)
    return pack


def digest(name: str) -> str:
    """A SHA-256 for a made-up document."""
    return hashlib.sha256(name.encode()).hexdigest()


def wide_profile(rule_set: RuleSet) -> dict[str, object]:
    """A profile that states every field, with as many options as a service may have."""
    values: dict[str, object] = {}
    for field in rule_set.profile:
        options = [option.id for option in field.options]
        values[field.id] = {
            "choice": options[:1] and options[0],
            "choices": options[:2],
            "boolean": True,
            "integer": 5,
            "decimal": "5",
            "date": ISSUED,
        }[field.type]
    return values


def document(name: str, kind: str, **more: object) -> dict[str, object]:
    """A good document of this type, issued shortly before ``DAY``."""
    return {"id": name, "type": kind, "issued_on": ISSUED, "sha256": digest(name)} | more


def answer_value(leaf: AnswerLeaf) -> Value:
    """A value that satisfies the leaf."""
    operator, wanted = leaf.answer.test
    if operator == "one_of" and isinstance(wanted, tuple):
        return wanted[0]
    if operator == "within_months":
        return ISSUED
    if operator == "includes_any" and isinstance(wanted, tuple):
        return wanted[:1]
    return list(wanted) if isinstance(wanted, tuple) else wanted  # type: ignore[return-value]  # JSON form of choices


class Filler:
    """Collects documents, answers and responses for a pack under one rule set."""

    def __init__(self, rule_set: RuleSet) -> None:
        self.rule_set = rule_set
        self.documents: list[dict[str, object]] = []
        self.answers: dict[str, dict[str, object]] = {}
        self.responses: list[dict[str, object]] = []
        self.reviews: list[dict[str, object]] = []

    def satisfy(self, requirement: Requirement, *, leaves: Iterable[Leaf] | None = None) -> list[str]:
        """Answer ``met`` with a document or answer for each of the leaves (all of them by default); give the ids."""
        linked: list[str] = []
        for leaf in requirement.tree.leaves if leaves is None else leaves:
            if isinstance(leaf, DocumentLeaf):
                for number in range(leaf.document.at_least):
                    name = f"doc-{requirement.id}-{leaf.id}-{number}"
                    self.documents.append(document(name, leaf.document.types[0]))
                    linked.append(name)
            else:
                question = leaf.answer.question
                value = answer_value(leaf)
                said = self.answers.get(question, {}).get("value")
                if isinstance(said, list | tuple) and isinstance(value, list | tuple):
                    value = tuple(sorted({*said, *value}))  # several leaves may ask one question for more options
                self.answers[question] = {"question": question, "value": value, "answered_at": SAID}
        self.responses.append({"requirement": requirement.id, "version": 1, "self_rating": "met", "documents": linked})
        return linked

    def accept(self, requirement: Requirement, linked: Iterable[str], programmes: Iterable[str] = ()) -> None:
        """A reviewer accepts what ``satisfy`` handed in."""
        self.reviews.append(
            {
                "requirement": requirement.id,
                "response_version": 1,
                "documents": [digest(name) for name in linked],
                "programmes": list(programmes),
                "decision": "accepted",
                "reviewer": "usr-1",
                "decided_at": REVIEWED,
            }
        )

    def pack(
        self, *, service: dict[str, object] | None = None, accreditations: Iterable[dict[str, object]] = ()
    ) -> Pack:
        """The pack of all that was collected."""
        offered = {"id": "svc-1", "name": "Service", "provider": "Provider", "profile": wide_profile(self.rule_set)}
        return Pack.model_validate(
            {
                "rule_set": {"id": self.rule_set.id, "version": self.rule_set.version},
                "service": offered | (service or {}),
                "accreditations": list(accreditations),
                "documents": self.documents,
                "answers": list(self.answers.values()),
                "responses": self.responses,
                "reviews": self.reviews,
            }
        )
