"""How far the quarters of the sector view are counted, whose turn is next, and what was counted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from app.db.portfolio import Candidate
from app.db.sector import Count, Quarter, Together, total
from app.db.session import NOBODY, Transaction
from app.db.tables import assessment, sector_count, sector_quarter
from app.engine.rules import RuleSetRef

_Q = sector_quarter.c
_C = sector_count.c


def quarters(tx: Transaction, rule_set: str, last_days: Sequence[date]) -> dict[date, Quarter]:
    """How far these quarters are counted, by their last day; those not begun yet are left out."""
    columns = (_Q.last_day, _Q.catalogue, _Q.turn, _Q.after_service, _Q.counted)
    query = select(*columns).where(_Q.rule_set_id == rule_set, _Q.last_day.in_(last_days))
    return {row.last_day: Quarter(*row) for row in tx.connection.execute(query)}


def next_turn(tx: Transaction, rule_set: str, last_day: date, catalogue: str) -> Quarter:
    """Begin to count a quarter, in a new turn where it was begun before."""
    new = {
        "last_day": last_day,
        "rule_set_id": rule_set,
        "catalogue": catalogue,
        "turn": 1,
        "after_service": None,
        "counted": False,
    }
    again = {"catalogue": catalogue, "turn": _Q.turn + 1, "after_service": None, "counted": False}
    statement = insert(sector_quarter).values(new)
    statement = statement.on_conflict_do_update(index_elements=[_Q.last_day, _Q.rule_set_id], set_=again)
    turn = tx.connection.execute(statement.returning(_Q.turn)).scalar_one()
    return Quarter(last_day, catalogue, turn, None, counted=False)


def next_services(
    tx: Transaction, rule_set: str, until: datetime, *, after: UUID | None, limit: int
) -> list[list[Candidate]]:
    """The assessments under any version of a rule set that there were at an instant, by service, in the order of ids.

    At most ``limit`` services, from the one after ``after`` on.
    """
    there = and_(assessment.c.rule_set_id == rule_set, assessment.c.created_at <= until)
    turn = select(assessment.c.service_id).where(there).distinct().order_by(assessment.c.service_id).limit(limit)
    if after is not None:
        turn = turn.where(assessment.c.service_id > after)
    query = select(assessment).where(there, assessment.c.service_id.in_(turn)).order_by(assessment.c.service_id)
    found: dict[UUID, list[Candidate]] = {}
    for row in tx.connection.execute(query):
        ref = RuleSetRef(id=row.rule_set_id, version=row.rule_set_version)
        found.setdefault(row.service_id, []).append(Candidate(row.id, row.service_id, row.provider_id, ref))
    return list(found.values())


def add(tx: Transaction, rule_set: str, quarter: Quarter, added: Iterable[Count]) -> None:
    """Keep what more services of a quarter showed, beside what was counted before."""
    before = {count.of: count for count in _read(tx, _of_turn(rule_set, quarter))}
    for count in added:
        known = before.get(count.of)
        figures = [count.figures] + ([known.figures] if known else [])
        changed = {
            "services": count.services + (known.services if known else 0),
            "figures": total(figures, len(count.figures)),
        }
        key = {
            "last_day": quarter.last_day,
            "rule_set_id": rule_set,
            "turn": quarter.turn,
            "rule_set_version": count.of.rule_set_version,
            "regions": list(count.of.regions),
            "shared_with": count.of.shared_with or NOBODY,
        }
        statement = insert(sector_count).values(key | changed)
        tx.connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed))


def go_on(tx: Transaction, rule_set: str, quarter: Quarter, *, after: UUID | None, counted: bool) -> None:
    """Keep how far a quarter is counted now."""
    its = (_Q.last_day == quarter.last_day, _Q.rule_set_id == rule_set)
    tx.connection.execute(update(sector_quarter).where(*its).values(after_service=after, counted=counted))


def counts(tx: Transaction, ref: RuleSetRef, turns: Mapping[date, int], shared_with: UUID | None) -> list[Count]:
    """What was counted under this version on these last days, each in its turn.

    Of all services, and once more of those that shared with a commissioner, if one is named.
    """
    wanted = tuple_(_C.last_day, _C.turn).in_(list(turns.items()))
    whose = _C.shared_with.in_({NOBODY, shared_with or NOBODY})
    return _read(tx, and_(_C.rule_set_id == ref.id, _C.rule_set_version == ref.version, wanted, whose))


def first_day(tx: Transaction) -> date | None:
    """The day on which the first assessment was begun; ``None`` where there is none."""
    found: datetime | None = tx.connection.scalar(select(func.min(assessment.c.created_at)))
    return None if found is None else found.date()


def _of_turn(rule_set: str, quarter: Quarter) -> ColumnElement[bool]:
    return and_(_C.rule_set_id == rule_set, _C.last_day == quarter.last_day, _C.turn == quarter.turn)


def _read(tx: Transaction, condition: ColumnElement[bool]) -> list[Count]:
    columns = (_C.last_day, _C.rule_set_version, _C.regions, _C.shared_with, _C.services, _C.figures)
    return [
        Count(day, Together(version, tuple(regions), None if whose == NOBODY else whose), services, figures)
        for day, version, regions, whose, services, figures in tx.connection.execute(select(*columns).where(condition))
    ]
