"""Providers, commissioners, scrutiny bodies and the operator."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.db.repositories.pages import keyset_page
from app.db.session import Transaction
from app.db.tables import organisation
from app.db.values import Key, Member, Organisation, OrganisationKind, Slice, not_found
from app.errors import Conflict

_QUERY: Select[Any] = select(
    organisation.c.id,
    organisation.c.kind,
    organisation.c.name,
    organisation.c.created_at,
    organisation.c.regions,
    organisation.c.members,
    organisation.c.version,
)


def find(tx: Transaction, organisation_id: UUID) -> Organisation | None:
    """The organisation, of whatever kind; ``None`` unless the caller may see it."""
    row = tx.connection.execute(_QUERY.where(organisation.c.id == organisation_id)).one_or_none()
    return None if row is None else _organisation(row)


def get(tx: Transaction, kind: OrganisationKind, organisation_id: UUID) -> Organisation:
    """The organisation of this kind; raises ``NotFound`` unless the caller may see it."""
    found = find(tx, organisation_id)
    if found is None or found.kind != kind:
        raise not_found()
    return found


def page(tx: Transaction, kind: OrganisationKind, *, after: Key | None, limit: int) -> Slice[Organisation, Key]:
    """The organisations of one kind that the caller may see, oldest first."""
    query = _QUERY.where(organisation.c.kind == kind)
    return keyset_page(tx, query, organisation, after, limit=limit, value=_organisation)


def add(tx: Transaction, new: Organisation) -> None:
    """Add an organisation; raises ``Conflict`` where one of its kind has the name."""
    row = _row(new)
    try:
        tx.connection.execute(insert(organisation).values(row))
    except IntegrityError as error:
        raise _taken(new, error) from error
    tx.noted.row("organisation", row)


def change(tx: Transaction, changed: Organisation) -> bool:
    """Keep the name, regions and members of an organisation; its version is one above the one that is replaced.

    Gives ``False``, and changes nothing, where another version is on record by now. Raises ``Conflict`` where another
    of its kind has the name.
    """
    before = (organisation.c.id == changed.id, organisation.c.version == changed.version - 1)
    try:
        done = tx.connection.execute(update(organisation).where(*before).values(_content(changed))).rowcount == 1
    except IntegrityError as error:
        raise _taken(changed, error) from error
    if done:
        tx.noted.row("organisation", _row(changed))
    return done


def _row(each: Organisation) -> dict[str, object]:
    return {"id": each.id, "kind": each.kind, "created_at": each.created_at, **_content(each)}


def _content(each: Organisation) -> dict[str, object]:
    return {
        "name": each.name,
        "regions": list(each.regions),
        "members": [asdict(member) for member in each.members],
        "version": each.version,
    }


def _taken(each: Organisation, error: IntegrityError) -> Exception:
    if "uq_organisation_kind_name" not in str(error.orig):
        return error
    return Conflict(f"There is a {each.kind} with that name already.", hint="Use it, or choose another name.")


def _organisation(row: Row[Any]) -> Organisation:
    return Organisation(
        id=row.id,
        kind=row.kind,
        name=row.name,
        created_at=row.created_at,
        regions=tuple(row.regions),
        members=tuple(Member(**member) for member in row.members),
        version=row.version,
    )
