"""What a portfolio shows of one assessment, and what entries can be asked for."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from app.engine.determination import Rung, Status
from app.engine.rules import RuleSetRef

# Where there is none: a score sorts below every other, a date after every other.
NO_SCORE: Final = Decimal(-1)
NEVER: Final = date.max

Sort: TypeAlias = Literal["name", "score", "status", "lapse", "submitted"]
# By status the worst comes first; what cannot be judged comes last.
STATUSES: Final[tuple[Status | None, ...]] = ("critical_gaps", "working_towards", "meets", "not_assessed", None)


@dataclass(frozen=True, slots=True)
class Entry:
    """What an assessment shows on a day, in short, as others than its provider see it.

    ``status``, ``scores``, ``lapses`` and ``failing`` (how many requirements) are by rung. ``status`` is ``None``, and
    ``problem`` says why, where the record no longer fits its rule set. ``known_at`` is when the newest fact was
    recorded that it rests on.
    """

    assessment: UUID
    service: UUID
    provider: UUID
    rule_set: RuleSetRef
    state: str
    submitted_at: datetime
    service_name: str
    provider_name: str
    regions: tuple[str, ...]
    local_authorities: tuple[str, ...]
    status: dict[Rung, Status] | None
    scores: dict[Rung, Decimal]
    progress: str | None
    failing: dict[Rung, int]
    schemes: tuple[str, ...]
    lapses: dict[Rung, date]
    valid_through: date
    known_at: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """All that is kept of an assessment judged on a day; ``entry`` is what lists show of it.

    ``content`` has standards and lapses as JSON, ``tally`` what ``app.engine.digest.Digest`` says of it, as bytes.
    """

    entry: Entry
    judged_on: date
    client_groups: tuple[str, ...]
    forms_of_abuse: tuple[str, ...]
    delivery: tuple[str, ...]
    failing: dict[Rung, tuple[str, ...]]
    failing_standards: dict[Rung, tuple[int, ...]]
    tally: bytes
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of an assessment as far as thresholds go: who it is about, when it was submitted, what it shows.

    ``tally`` is as in ``Judged``.
    """

    service: UUID
    service_name: str
    provider_name: str
    submitted_at: datetime
    scores: dict[Rung, Decimal]
    tally: bytes


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are asked for; what is ``None`` asks for nothing.

    ``local_authorities`` asks for one of several, everything else for the one that it names. Status, scores, failing
    requirements and standards, and what lapses before a day are those on ``rung``.
    """

    rung: Rung = "verified"
    rule_set: str | None = None
    region: str | None = None
    local_authorities: tuple[str, ...] | None = None
    client_group: str | None = None
    form_of_abuse: str | None = None
    delivery: str | None = None
    status: Status | None = None
    score_from: Decimal | None = None
    score_to: Decimal | None = None
    failing_standard: int | None = None
    failing_requirement: str | None = None
    scheme: str | None = None
    lapsing_before: date | None = None

    def takes(self, found: Judged) -> bool:
        """Whether it is one of those asked for."""
        entry = found.entry
        score = entry.scores[self.rung]
        named: tuple[tuple[str | int | None, tuple[str | int, ...]], ...] = (
            (self.region, entry.regions),
            (self.client_group, found.client_groups),
            (self.form_of_abuse, found.forms_of_abuse),
            (self.delivery, found.delivery),
            (self.scheme, entry.schemes),
            (self.failing_requirement, found.failing[self.rung]),
            (self.failing_standard, found.failing_standards[self.rung]),
        )
        return (
            all(wanted is None or wanted in held for wanted, held in named)
            and self.rule_set in (None, entry.rule_set.id)
            and (self.local_authorities is None or bool({*self.local_authorities} & {*entry.local_authorities}))
            and (self.status is None or (entry.status is not None and entry.status.get(self.rung) == self.status))
            and (self.score_from is None or score >= self.score_from)
            and (self.score_to is None or NO_SCORE < score <= self.score_to)
            and (self.lapsing_before is None or entry.lapses[self.rung] < self.lapsing_before)
        )


def sort_value(entry: Entry, sort: Sort, rung: Rung) -> str | Decimal | int | date | datetime:
    """What entries are sorted by, before the ids of their assessments; on ``rung`` where that matters."""
    match sort:
        case "name":
            return entry.service_name.casefold()
        case "score":
            return entry.scores[rung]
        case "status":
            return STATUSES.index(None if entry.status is None else entry.status[rung])
        case "lapse":
            return entry.lapses[rung]
        case "submitted":
            return entry.submitted_at


@dataclass(frozen=True, slots=True)
class Candidate:
    """An assessment that is shared, and by commissioner the mark of its row when that was read."""

    assessment: UUID
    service: UUID
    provider: UUID
    rule_set: RuleSetRef
    marks: dict[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Count:
    """How many entries have a value."""

    facet: str
    value: str
    count: int

    @property
    def place(self) -> tuple[str, int, str]:
        """By facet and value; standards by their numbers."""
        return self.facet, int(self.value) if self.facet == "failing_standard" else 0, self.value


def counts_of(
    found: Iterable[Judged], rung: Rung, groups: Mapping[str, Mapping[str, Sequence[str]]]
) -> tuple[int, list[Count]]:
    """How many there are, and how many of them have each value, by ``Count.place``.

    ``groups`` has further facets: for each value the local authorities of which an entry has to name one.
    """
    counter: Counter[tuple[str, str]] = Counter()
    total = 0
    for item in found:
        total += 1
        entry = item.entry
        held: dict[str, Iterable[object]] = {
            "region": entry.regions,
            "local_authority": entry.local_authorities,
            "client_group": item.client_groups,
            "form_of_abuse": item.forms_of_abuse,
            "delivery": item.delivery,
            "scheme": entry.schemes,
            "failing_standard": item.failing_standards[rung],
            "rule_set": (entry.rule_set.id,),
            "status": () if entry.status is None or rung == "declared" else (entry.status[rung],),
        }
        for facet, values in groups.items():
            held[facet] = [value for value, those in values.items() if {*those} & {*entry.local_authorities}]
        counter.update((facet, str(value)) for facet, values in held.items() for value in values)
    return total, sorted((Count(*key, count) for key, count in counter.items()), key=lambda count: count.place)
