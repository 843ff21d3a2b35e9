"""Providers, commissioners and the operator."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from app.db.repositories.pages import keyset_page
from app.db.session import Transaction
from app.db.tables import organisation
from app.db.values import Key, Organisation, OrganisationKind, Slice, not_found
from app.errors import Conflict

_COLUMNS = (organisation.c.id, organisation.c.kind, organisation.c.name, organisation.c.created_at)


def find(tx: Transaction, organisation_id: UUID) -> Organisation | None:
    """The organisation, of whatever kind; ``None`` unless the caller may see it."""
    row = tx.connection.execute(select(*_COLUMNS).where(organisation.c.id == organisation_id)).one_or_none()
    return None if row is None else _organisation(row)


def get(tx: Transaction, kind: OrganisationKind, organisation_id: UUID) -> Organisation:
    """The organisation of this kind; raises ``NotFound`` unless the caller may see it."""
    found = find(tx, organisation_id)
    if found is None or found.kind != kind:
        raise not_found()
    return found


def page(tx: Transaction, kind: OrganisationKind, *, after: Key | None, limit: int) -> Slice[Organisation, Key]:
    """The organisations of one kind that the caller may see, oldest first."""
    query = select(*_COLUMNS).where(organisation.c.kind == kind)
    return keyset_page(tx, query, organisation, after, limit=limit, value=_organisation)


def add(tx: Transaction, new: Organisation) -> None:
    """Add an organisation; raises ``Conflict`` where one of its kind has the name."""
    row = {"id": new.id, "kind": new.kind, "name": new.name, "created_at": new.created_at}
    try:
        tx.connection.execute(insert(organisation).values(row))
    except IntegrityError as error:
        if "uq_organisation_kind_name" not in str(error.orig):
            raise
        raise Conflict(
            f"There is a {new.kind} with that name already.", hint="Use it, or choose another name."
        ) from error


def _organisation(row: Sequence[Any]) -> Organisation:
    return Organisation(*row)
