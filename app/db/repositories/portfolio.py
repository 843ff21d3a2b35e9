"""The rows that portfolios are read from: which are stale, what was worked out, pages and counts of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    text,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import array

from app.db.portfolio import Candidate, Count, Entry, Filter, Judged, Kept, Sort
from app.db.session import Transaction
from app.db.tables import portfolio
from app.db.values import Slice
from app.engine.determination import RUNGS, Rung
from app.engine.rules import RuleSetRef

_P: Final = portfolio.c
_BY_INDEX: Final = text("SELECT set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true)")
_PLACES: Final[Mapping[Sort, str]] = {
    "name": "sort_name",
    "score": "{rung}",
    "status": "rank_{rung}",
    "lapse": "lapses_{rung}",
    "submitted": "submitted_at",
}
_FACETS: Final = {
    "region": _P.regions,
    "local_authority": _P.local_authorities,
    "client_group": _P.client_groups,
    "form_of_abuse": _P.forms_of_abuse,
    "delivery": _P.delivery,
    "scheme": _P.schemes,
}
# What lists show that is no column.
_WORKED_OUT: Final = (
    *(func.cardinality(_P[f"failing_{rung}"]).label(f"fails_{rung}") for rung in RUNGS),
    *(_P.content[name].astext.label(name) for name in ("progress", "problem", "known_at")),
)
# What lists show; standards and requirements are not among it, as they take long to read.
_SHORT: Final = (
    _P.assessment_id,
    _P.service_id,
    _P.provider_id,
    _P.rule_set_id,
    _P.rule_set_version,
    _P.state,
    _P.submitted_at,
    _P.service_name,
    _P.sort_name,
    _P.provider_name,
    _P.regions,
    _P.local_authorities,
    _P.status_evidenced,
    _P.status_verified,
    _P.rank_evidenced,
    _P.rank_verified,
    *(_P[rung] for rung in RUNGS),
    *(_P[f"lapses_{rung}"] for rung in RUNGS),
    _P.schemes,
    _P.valid_through,
    *_WORKED_OUT,
)


def is_stale(tx: Transaction, day: date, catalogue: str) -> bool:
    """Whether any row that the caller sees says something else than the record does on ``day``.

    ``catalogue`` names engine, rule sets and crosswalks as they are loaded.
    """
    # Policies hide from the planner how many rows there are: it would read and sort all of them for one page.
    tx.connection.execute(_BY_INDEX)
    return bool(tx.connection.scalar(select(exists().where(_stale(day, catalogue)))))


def stale(tx: Transaction, day: date, catalogue: str, *, commissioner: UUID | None, limit: int) -> list[Candidate]:
    """At most ``limit`` assessments with a stale row, of one commissioner's or of all, each with all its rows."""
    wanted = select(_P.assessment_id).where(_stale(day, catalogue)).distinct().limit(limit)
    if commissioner is not None:
        wanted = wanted.where(_P.commissioner_id == commissioner)
    return candidates(tx, _P.assessment_id.in_(wanted))


def candidates(tx: Transaction, condition: ColumnElement[bool] | None = None) -> list[Candidate]:
    """The assessments whose rows the caller sees, by service and then by assessment."""
    query = select(
        _P.assessment_id,
        _P.service_id,
        _P.provider_id,
        _P.rule_set_id,
        _P.rule_set_version,
        _P.commissioner_id,
        _P.mark,
    ).where(_P.shared)
    if condition is not None:
        query = query.where(condition)
    found: dict[UUID, Candidate] = {}
    for row in tx.connection.execute(query.order_by(_P.service_id, _P.assessment_id)):
        ref = RuleSetRef(id=row.rule_set_id, version=row.rule_set_version)
        one = found.setdefault(row.assessment_id, Candidate(row.assessment_id, row.service_id, row.provider_id, ref))
        one.marks[row.commissioner_id] = row.mark
    return list(found.values())


def next_services(tx: Transaction, after: UUID | None, *, limit: int) -> list[Candidate]:
    """The assessments of at most ``limit`` services whose rows the caller sees, after a service in the order of ids."""
    turn = select(_P.service_id).where(_P.shared).distinct().order_by(_P.service_id).limit(limit)
    if after is not None:
        turn = turn.where(_P.service_id > after)
    return candidates(tx, _P.service_id.in_(turn))


def of_services(tx: Transaction, services: Sequence[UUID]) -> list[Candidate]:
    """The assessments of these services whose rows the caller sees."""
    return candidates(tx, _P.service_id == func.any(list(services)))


def store(tx: Transaction, worked_out: Iterable[tuple[Candidate, Judged]], catalogue: str) -> None:
    """Keep what was worked out from the record as it stood when the marks of the candidates were read, or later."""
    rows = [
        {"its_commissioner": commissioner, "its_assessment": candidate.assessment, "computed": mark, **content}
        for candidate, judged in worked_out
        for content in (_content(judged, catalogue),)
        for commissioner, mark in sorted(candidate.marks.items())  # whoever locks several does it in this order
    ]
    if not rows:
        return
    names = [name for name in rows[0] if not name.startswith("its_")]
    statement = (
        update(portfolio)
        .where(_P.commissioner_id == bindparam("its_commissioner"), _P.assessment_id == bindparam("its_assessment"))
        .values({name: bindparam(name) for name in names})
    )
    tx.connection.execute(statement, rows)


def page(  # the parts of one question, each by its name
    tx: Transaction,
    wanted: Filter,
    *,
    sort: Sort,
    descending: bool,
    after: tuple[str, UUID] | None,
    limit: int | None,
) -> Slice[Entry, tuple[str, UUID]]:
    """The entries asked for, in order and then by assessment; without ``limit`` all of them.

    For each service and rule set that is the newest assessment that was submitted and not withdrawn. The place
    ``after`` is the sort value, as text, and the assessment of the entry that a page ended with.
    """
    column = _P[_PLACES[sort].format(rung=wanted.rung)]
    place = tuple_(column, _P.assessment_id)
    query: Select[Any] = select(*_SHORT).where(_own(tx), _standing(), *_conditions(wanted))
    if after is not None:
        last = tuple_(cast(literal(after[0], Text), column.type), literal(after[1], Uuid))
        query = query.where(place < last if descending else place > last)
    order = (column.desc(), _P.assessment_id.desc()) if descending else (column, _P.assessment_id)
    query = query.order_by(*order)
    rows = tx.connection.execute(query if limit is None else query.limit(limit + 1)).all()
    shown = rows if limit is None else rows[:limit]
    following = None
    if len(shown) < len(rows):
        following = (_text(getattr(shown[-1], column.name)), shown[-1].assessment_id)
    return Slice(tuple(map(_entry, shown)), following)


def full(tx: Transaction, services: Sequence[UUID], rule_set: str | None) -> list[Judged]:
    """Everything that is kept of the entries of these services."""
    query = select(portfolio, *_WORKED_OUT).where(_standing(), _P.service_id == func.any(list(services)))
    if rule_set is not None:
        query = query.where(_P.rule_set_id == rule_set)
    return [_judged(row) for row in tx.connection.execute(query.order_by(_P.service_id, _P.rule_set_id))]


def kept(tx: Transaction, first: date, last: date, catalogue: str) -> dict[UUID, Kept]:
    """What is kept, by assessment, of all that the caller sees that says the same as the record on all of these days.

    ``catalogue`` is as for ``is_stale``. What cannot be judged is left out.
    """
    columns = (_P.assessment_id, _P.service_id, _P.service_name, _P.provider_name, _P.submitted_at, _P.tally)
    counts = and_(
        _P.shared,
        _P.computed == _P.mark,
        _P.judged_on <= first,
        _P.valid_through >= last,
        _P.catalogue == catalogue,
        _P.tally != b"",
    )
    rows = tx.connection.execute(select(*columns, *(_P[rung] for rung in RUNGS)).where(_own(tx), counts))
    return {
        row.assessment_id: Kept(
            service=row.service_id,
            service_name=row.service_name,
            provider_name=row.provider_name,
            submitted_at=row.submitted_at,
            scores=_by_rung(row, "{}"),
            tally=row.tally,
        )
        for row in rows
    }


def facets(
    tx: Transaction, wanted: Filter, groups: Mapping[str, Mapping[str, Sequence[str]]]
) -> tuple[int, list[Count]]:
    """How many entries are asked for, and how many of them have each value, by ``Count.place``.

    ``groups`` has further facets: for each value the local authorities of which an entry has to name one.
    """
    status = _P.status_evidenced if wanted.rung == "evidenced" else _P.status_verified
    columns = [column.label(name) for name, column in _FACETS.items()]
    columns += [_P[f"standards_{wanted.rung}"].label("failing_standard"), _P.rule_set_id.label("rule_set")]
    columns.append(status.label("status"))
    found = select(*columns).where(_own(tx), _standing(), *_conditions(wanted)).cte("found").prefix_with("MATERIALIZED")
    counts: list[Select[str, str, int]] = [select(literal("total"), literal(""), func.count()).select_from(found)]
    for name in (*_FACETS, "failing_standard"):
        each = select(cast(func.unnest(found.c[name]), Text).label("value")).select_from(found).subquery(f"of_{name}")
        counts.append(select(literal(name), each.c.value, func.count()).group_by(each.c.value))
    for name in ("rule_set", *(("status",) if wanted.rung != "declared" else ())):
        column = found.c[name]
        counts.append(select(literal(name), column, func.count()).where(column.is_not(None)).group_by(column))
    for name, values in groups.items():
        for value, authorities in values.items():
            held = found.c.local_authority.overlap(list(authorities))
            counts.append(select(literal(name), literal(value), func.count()).select_from(found).where(held))
    rows = [Count(*row) for row in tx.connection.execute(union_all(*counts))]
    return rows[0].count, sorted((row for row in rows[1:] if row.count), key=lambda row: row.place)


def _stale(day: date, catalogue: str) -> ColumnElement[bool]:
    """Each part has an index of its own, so that it costs nothing where nothing is stale."""
    return and_(
        _P.shared,
        or_(
            _P.computed != _P.mark,
            _P.valid_through < day,
            _P.judged_on > day,
            _P.catalogue < catalogue,
            _P.catalogue > catalogue,
        ),
    )


def _own(tx: Transaction) -> ColumnElement[bool]:
    """What the policy for commissioners says too, in a form that indexes serve."""
    return _P.commissioner_id == tx.actor.organisation


def _standing() -> ColumnElement[bool]:
    later = portfolio.alias("later")
    newer = exists().where(
        later.c.commissioner_id == _P.commissioner_id,
        later.c.service_id == _P.service_id,
        later.c.rule_set_id == _P.rule_set_id,
        later.c.state != "withdrawn",
        tuple_(later.c.submitted_at, later.c.assessment_id) > tuple_(_P.submitted_at, _P.assessment_id),
    )
    return and_(_P.state != "withdrawn", not_(newer))


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """The same as ``Filter.takes``, in SQL."""
    rung = wanted.rung
    named = (
        (wanted.region, _P.regions),
        (wanted.client_group, _P.client_groups),
        (wanted.form_of_abuse, _P.forms_of_abuse),
        (wanted.delivery, _P.delivery),
        (wanted.scheme, _P.schemes),
        (wanted.failing_requirement, _P[f"failing_{rung}"]),
    )
    found = [column.contains([value]) for value, column in named if value is not None]
    if wanted.failing_standard is not None:
        found.append(_P[f"standards_{rung}"].contains(array([wanted.failing_standard], type_=Integer)))
    if wanted.local_authorities is not None:
        found.append(_P.local_authorities.overlap(list(wanted.local_authorities)))
    if wanted.rule_set is not None:
        found.append(_P.rule_set_id == wanted.rule_set)
    if wanted.status is not None:
        found.append(_P[f"status_{rung}"] == wanted.status if rung != "declared" else literal(False))  # noqa: FBT003  # a claim has no status
    if wanted.score_from is not None:
        found.append(_P[rung] >= wanted.score_from)
    if wanted.score_to is not None:
        found.append(and_(_P[rung] >= 0, _P[rung] <= wanted.score_to))
    if wanted.lapsing_before is not None:
        found.append(_P[f"lapses_{rung}"] < wanted.lapsing_before)
    return found


def _content(judged: Judged, catalogue: str) -> dict[str, Any]:
    entry = judged.entry
    content: dict[str, Any] = {
        "catalogue": catalogue,
        "judged_on": judged.judged_on,
        "valid_through": entry.valid_through,
        "state": entry.state,
        "submitted_at": entry.submitted_at,
        "service_name": entry.service_name,
        "sort_name": entry.service_name.casefold(),
        "provider_name": entry.provider_name,
        "local_authorities": list(entry.local_authorities),
        "client_groups": list(judged.client_groups),
        "forms_of_abuse": list(judged.forms_of_abuse),
        "delivery": list(judged.delivery),
        "schemes": list(entry.schemes),
        "status_evidenced": None if entry.status is None else entry.status["evidenced"],
        "status_verified": None if entry.status is None else entry.status["verified"],
        "content": judged.content | {"progress": entry.progress, "problem": entry.problem, "known_at": entry.known_at},
        "tally": judged.tally,
    }
    for rung in RUNGS:
        content[rung] = entry.scores[rung]
        content[f"lapses_{rung}"] = entry.lapses[rung]
        content[f"failing_{rung}"] = list(judged.failing[rung])
        content[f"standards_{rung}"] = list(judged.failing_standards[rung])
    return content


def _entry(row: Row[Any]) -> Entry:
    assessed = row.status_verified is not None
    return Entry(
        assessment=row.assessment_id,
        service=row.service_id,
        provider=row.provider_id,
        rule_set=RuleSetRef(id=row.rule_set_id, version=row.rule_set_version),
        state=row.state,
        submitted_at=row.submitted_at,
        service_name=row.service_name,
        provider_name=row.provider_name,
        regions=tuple(row.regions),
        local_authorities=tuple(row.local_authorities),
        status={"evidenced": row.status_evidenced, "verified": row.status_verified} if assessed else None,
        scores=_by_rung(row, "{}"),
        progress=row.progress,
        failing=_by_rung(row, "fails_{}"),
        schemes=tuple(row.schemes),
        lapses=_by_rung(row, "lapses_{}"),
        valid_through=row.valid_through,
        known_at=row.known_at,
        problem=row.problem,
    )


def _judged(row: Row[Any]) -> Judged:
    return Judged(
        entry=_entry(row),
        judged_on=row.judged_on,
        client_groups=tuple(row.client_groups),
        forms_of_abuse=tuple(row.forms_of_abuse),
        delivery=tuple(row.delivery),
        failing={rung: tuple(names) for rung, names in _by_rung(row, "failing_{}").items()},
        failing_standards={rung: tuple(numbers) for rung, numbers in _by_rung(row, "standards_{}").items()},
        tally=row.tally,
        content={name: row.content[name] for name in ("standards", "lapses", "good_practice") if name in row.content},
    )


def _by_rung(row: Row[Any], name: str) -> dict[Rung, Any]:
    return {rung: getattr(row, name.format(rung)) for rung in RUNGS}


def _text(value: str | datetime | date | Decimal) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
