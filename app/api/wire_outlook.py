"""The forecast of a portfolio as it travels: by service in JSON, a line a turn in CSV."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final
from uuid import UUID

from app.engine.determination import Scores, Statuses
from app.engine.difference import Overview
from app.engine.forecast import Cause, Turn
from app.engine.rules import RuleSetRef
from app.engine.values import CivilDate, Frozen
from app.services.outlook import Outlook

CSV_HEADER: Final = (
    "on",
    "provider",
    "service",
    "assessment",
    "rule_set",
    "version",
    "status_evidenced_before",
    "status_evidenced",
    "status_verified_before",
    "status_verified",
    "compliance_evidenced_before",
    "compliance_evidenced",
    "compliance_verified_before",
    "compliance_verified",
    "requirements",
    "causes",
)


class Place(Frozen):
    """Status and scores on one side of a turn."""

    status: Statuses
    compliance: Scores

    @classmethod
    def of(cls, found: Overview) -> "Place":
        """What an overview says of the whole."""
        return cls(status=found.status, compliance=found.compliance)


class ShortTurn(Frozen):
    """A day from which status or a score is otherwise, the requirements that stand otherwise, and what causes it."""

    on: CivilDate
    before: Place
    after: Place
    requirements: tuple[str, ...]
    causes: tuple[Cause, ...]

    @classmethod
    def of(cls, turn: Turn) -> "ShortTurn":
        """A turn without its standards and sentences."""
        return cls(
            on=turn.on,
            before=Place.of(turn.before),
            after=Place.of(turn.after),
            requirements=tuple(change.requirement for change in turn.changes),
            causes=turn.causes,
        )


class CalendarFeedOut(Frozen):
    """Since when somebody has an address for calendar programs; null where they have none."""

    made_at: datetime | None


class CalendarFeedAddress(Frozen):
    """The address of a calendar feed. It is told once."""

    address: str
    made_at: datetime


class ServiceForecast(Frozen):
    """What lapses when at one service; ``problem`` says why nothing is known where the record fits no rule set."""

    assessment: UUID
    service: UUID
    service_name: str
    provider: UUID
    provider_name: str
    rule_set: RuleSetRef
    as_of: CivilDate
    until: CivilDate
    problem: str | None
    turns: tuple[ShortTurn, ...]

    @classmethod
    def of(cls, item: Outlook, as_of: date, until: date) -> "ServiceForecast":
        """The wire form of an outlook."""
        entry = item.entry
        return cls(
            assessment=entry.assessment,
            service=entry.service,
            service_name=entry.service_name,
            provider=entry.provider,
            provider_name=entry.provider_name,
            rule_set=entry.rule_set,
            as_of=as_of,
            until=until,
            problem=entry.problem,
            turns=tuple(map(ShortTurn.of, item.turns)),
        )


def csv_rows(item: Outlook) -> Iterator[tuple[object, ...]]:
    """A line for each turn, in the order of ``CSV_HEADER``."""
    entry = item.entry
    for turn in item.turns:
        one, two = turn.before, turn.after
        yield (
            turn.on,
            entry.provider_name,
            entry.service_name,
            entry.assessment,
            entry.rule_set.id,
            entry.rule_set.version,
            one.status.evidenced,
            two.status.evidenced,
            one.status.verified,
            two.status.verified,
            one.compliance.evidenced,
            two.compliance.evidenced,
            one.compliance.verified,
            two.compliance.verified,
            " ".join(change.requirement for change in turn.changes),
            " ".join(f"{cause.kind}:{cause.subject}" for cause in turn.causes),
        )
