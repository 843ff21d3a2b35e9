"""An issued determination: the determination, and what makes it a document that can be held against the record."""

from typing import Any, Literal, TypeAlias

from app.engine.canonical import canonical_bytes
from app.engine.determination import Determination
from app.engine.rules import RuleSet
from app.engine.values import CivilDate, Frozen, Instant, Name, Sha256

IssuedFormat: TypeAlias = Literal["safonau/issued-determination/1"]
ISSUED_FORMAT: IssuedFormat = "safonau/issued-determination/1"


class IssuedDetermination(Frozen):
    """A determination as it was issued (formats.md, "Determination"); it never changes.

    ``sha256`` is that of the canonical bytes of ``determination``, and ``signature`` a detached JWS over them.
    ``draft``: the rule set was no published one, which only a demonstration may use.
    """

    format: IssuedFormat = ISSUED_FORMAT
    number: Name
    issued_at: Instant
    issued_by: Name
    known_at: Instant
    supersedes: Name | None
    draft: bool
    sha256: Sha256
    signature: str
    determination: Determination


def envelope(about: dict[str, Any], determination: dict[str, Any]) -> dict[str, Any]:
    """The document of an issued determination, from JSON as it is kept: nothing is read into a model and back."""
    return {"format": ISSUED_FORMAT, **about, "determination": determination}


def envelope_bytes(about: dict[str, Any], determination: dict[str, Any]) -> bytes:
    """The canonical bytes of that document, which are the same for ever."""
    return canonical_bytes(envelope(about, determination))


def as_issued(determination: Determination, rule_set: RuleSet) -> Determination:
    """The determination as it may be issued: valid no longer than its rule set is in force (semantics.md 8)."""
    end = rule_set.effective_until
    if end is None or (determination.valid_through is not None and determination.valid_through <= end):
        return determination
    return determination.replace(valid_through=end)


def not_in_force(rule_set: RuleSet, day: CivilDate) -> str | None:
    """Why nothing can be issued under a published rule set on a day, in words; ``None`` where it is in force."""
    name = f"{rule_set.id} {rule_set.version}"
    if rule_set.effective_from is None:
        return f"{name} does not say from when it is in force"
    if day < rule_set.effective_from:
        return f"{name} is not in force before {rule_set.effective_from}"
    if rule_set.effective_until is not None and day > rule_set.effective_until:
        return f"{name} was in force until {rule_set.effective_until}"
    return None
