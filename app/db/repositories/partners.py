"""Partners of services: organisations that take part in one beside its provider, and what they answer for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, ScalarSelect, Select, Uuid, column, func, insert, select, table, text
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from app.db.repositories.facts import Subject
from app.db.repositories.subjects import of_service
from app.db.session import Transaction
from app.db.tables import assessment, service_partner
from app.db.values import Slice, not_found
from app.engine.rules import RuleSetRef
from app.engine.values import Frozen, Int, Name

# The responses and answers that are open to a partner, by version of a rule set and kind of fact.
Opens = Mapping[str, Mapping[str, Sequence[str]]]

# The newest version of each partner that has not ended (migration 0016).
_IN_FORCE: Final = table(
    "partner_in_force", column("service_id", Uuid()), column("partner_id", Uuid()), column("opens", JSONB())
)
_MAY_BE_ONE = text("SELECT safonau_may_be_partner(:organisation)")
_QUERY: Select[Any] = select(
    service_partner.c.service_id,
    service_partner.c.partner_id,
    service_partner.c.version,
    service_partner.c.ended,
    service_partner.c.answers_for,
    service_partner.c.recorded_at,
    service_partner.c.recorded_by,
)


class AnswersFor(Frozen):
    """What a partner answers for under one version of a rule set: whole standards, and single requirements."""

    rule_set: RuleSetRef
    standards: tuple[Int, ...] = ()
    requirements: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Partner:
    """One partner of a service, as it was last named or ended."""

    service: UUID
    organisation: UUID
    version: int
    ended: bool
    answers_for: tuple[AnswersFor, ...]
    recorded_at: datetime
    recorded_by: UUID

    @property
    def etag(self) -> str:
        """Changes with every change of what it answers for."""
        return str(self.version)


def place(rule_set: RuleSetRef) -> str:
    """How ``Opens`` names a version of a rule set."""
    return f"{rule_set.id}@{rule_set.version}"


def may_be_one(tx: Transaction, organisation: UUID) -> bool:
    """Whether there is such an organisation, and it is one that services are provided or commissioned by."""
    return bool(tx.connection.scalar(_MAY_BE_ONE, {"organisation": organisation}))


def newest(tx: Transaction, service_id: UUID, organisation: UUID) -> Partner | None:
    """What was last recorded of an organisation as a partner, also where it has ended."""
    query = _QUERY.where(service_partner.c.service_id == service_id, service_partner.c.partner_id == organisation)
    row = tx.connection.execute(query.order_by(service_partner.c.version.desc()).limit(1)).one_or_none()
    return None if row is None else _partner(row)


def get(tx: Transaction, service_id: UUID, organisation: UUID) -> Partner:
    """A partner of the service; raises ``NotFound`` where it is none now, or the caller may not see the service."""
    subject = of_service(tx, service_id)
    found = newest(tx, subject.service, organisation)
    if found is None or found.ended:
        raise not_found()
    return found


def page(tx: Transaction, service_id: UUID, *, after: str | None, limit: int) -> Slice[Partner, str]:
    """The partners of a service in the order of their ids; raises ``NotFound`` where the caller may not see it."""
    subject = of_service(tx, service_id)
    query = (
        _QUERY.where(service_partner.c.service_id == subject.service, ~service_partner.c.ended, _is_newest())
        .order_by(service_partner.c.partner_id)
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(service_partner.c.partner_id > UUID(after))
    found = tuple(map(_partner, tx.connection.execute(query)))
    shown = found[:limit]
    return Slice(shown, str(shown[-1].organisation) if len(found) > limit else None)


def add(  # a row, each column by its name
    tx: Transaction, subject: Subject, partner: Partner, opens: Opens
) -> None:
    """Record a partner, in the version that it has."""
    row = {
        "service_id": subject.service,
        "provider_id": subject.provider,
        "partner_id": partner.organisation,
        "version": partner.version,
        "ended": partner.ended,
        "answers_for": [item.model_dump(mode="json") for item in partner.answers_for],
        "opens": opens,
        "recorded_at": partner.recorded_at,
        "recorded_by": partner.recorded_by,
        "request_id": tx.request_id,
    }
    tx.connection.execute(insert(service_partner).values(row))
    tx.noted.row("service_partner", row)


def in_force(tx: Transaction, service_id: UUID) -> tuple[UUID, ...]:
    """The organisations that are partners of the service now, as far as the caller may know."""
    query = select(_IN_FORCE.c.partner_id).where(_IN_FORCE.c.service_id == service_id)
    return tuple(tx.connection.scalars(query.order_by(_IN_FORCE.c.partner_id)))


def open_to(tx: Transaction, service_id: UUID, organisation: UUID, rule_set: RuleSetRef) -> Mapping[str, Sequence[str]]:
    """The keys of the facts of each kind that a partner may add in assessments under ``rule_set``."""
    query = select(_IN_FORCE.c.opens).where(
        _IN_FORCE.c.service_id == service_id, _IN_FORCE.c.partner_id == organisation
    )
    opens: Opens = tx.connection.scalar(query) or {}
    return opens.get(place(rule_set), {})


def has_a_part(tx: Transaction, service_id: UUID) -> bool:
    """Whether the caller's organisation is a partner of the service that answers for something, in any version."""
    mine = (_IN_FORCE.c.service_id == service_id) & (_IN_FORCE.c.partner_id == tx.actor.organisation)
    return bool(tx.connection.scalar(select(_IN_FORCE.c.opens).where(mine)))


def rule_sets_of(tx: Transaction, service_id: UUID) -> tuple[RuleSetRef, ...]:
    """The versions that a service is assessed under, also where a partner, who asks, does not see the assessment."""
    found = func.safonau_rule_sets(service_id).table_valued("rule_set_id", "rule_set_version")
    rows = tx.connection.execute(select(found).order_by(*found.c))
    return tuple(RuleSetRef(id=name, version=version) for name, version in rows)


def of_each_assessment() -> ScalarSelect[Any]:
    """The partners of the service of each assessment that a query selects from; null where there are none."""
    ids = func.array_agg(aggregate_order_by(_IN_FORCE.c.partner_id, _IN_FORCE.c.partner_id))
    return select(ids).where(_IN_FORCE.c.service_id == assessment.c.service_id).correlate(assessment).scalar_subquery()


def _is_newest() -> Any:  # noqa: ANN401  # a condition of a query
    later = service_partner.alias("later")
    return ~(
        select(later.c.version)
        .where(
            later.c.service_id == service_partner.c.service_id,
            later.c.partner_id == service_partner.c.partner_id,
            later.c.version > service_partner.c.version,
        )
        .exists()
    )


def _partner(row: Row[Any]) -> Partner:
    said = tuple(AnswersFor.model_validate(item) for item in row.answers_for)
    return Partner(row.service_id, row.partner_id, row.version, row.ended, said, row.recorded_at, row.recorded_by)
