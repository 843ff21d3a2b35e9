"""A check as a document: what a policy made of a service, on what record, for ever (docs/policies.md)."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from app.engine.difference import Difference
from app.engine.policy import CheckReason, Outcome, Policy
from app.engine.values import Bool, CivilDate, Frozen, Instant, Int, Name, Sha256, Text

CheckFormat: TypeAlias = Literal["safonau/policy-check/1"]
CHECK_FORMAT: CheckFormat = "safonau/policy-check/1"


class PolicyUsed(Frozen):
    """The policy of a check, whole, in the version that was used."""

    id: Name
    version: Int
    sha256: Sha256
    content: Policy


class Repeated(Frozen):
    """The check that another one repeats, its answer, and what is otherwise.

    ``gone`` and ``new`` compare the reasons by all but their sentences. ``difference`` is that of the determinations;
    ``null`` where the rule set was another one by then, as a draft may be.
    """

    check: Name
    sha256: Sha256
    as_of: CivilDate
    known_at: Instant
    outcome: Outcome
    reasons: tuple[CheckReason, ...]
    gone: tuple[CheckReason, ...]
    new: tuple[CheckReason, ...]
    difference: Difference | None


class Check(Frozen):
    """One check. ``determination_sha256`` is that of the determination it used, which is kept beside it.

    ``draft``: the rule set was no published one, and counted as one, which it does only in a demonstration. Where the
    policy accepts no accreditation, that determination is the one without those in ``without_accreditations``;
    ``pack_sha256`` is of the pack on record.
    """

    format: CheckFormat = CHECK_FORMAT
    id: Name
    commissioner: Name
    policy: PolicyUsed
    assessment: Name
    service: Name
    checked_at: Instant
    checked_by: Name
    known_at: Instant
    submitted_at: Instant
    as_of: CivilDate
    contract_end: CivilDate | None
    draft: Bool = False
    outcome: Outcome
    words: Text
    reasons: tuple[CheckReason, ...]
    pack_sha256: Sha256
    without_accreditations: Annotated[tuple[Name, ...], Field(description="Left out, as the policy accepts none.")]
    determination_sha256: Sha256
    repeats: Repeated | None


def moved(before: tuple[CheckReason, ...], after: tuple[CheckReason, ...]) -> tuple[CheckReason, ...]:
    """The reasons of ``before`` that are not among ``after``, by code, severity and data."""
    known = [(item.code, item.severity, item.data) for item in after]
    return tuple(item for item in before if (item.code, item.severity, item.data) not in known)
