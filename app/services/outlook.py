"""What lapses when over every service that a commissioner sees, and what that does to status and scores."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date

from app.db.portfolio import Entry
from app.db.session import Transaction
from app.engine.forecast import Turn
from app.errors import Conflict, NotFound
from app.loader.catalogue import Catalogue
from app.services import packs
from app.services.supposing import ahead


@dataclass(frozen=True, slots=True)
class Outlook:
    """An entry of the portfolio as it stands today, and every turn through the last day looked at."""

    entry: Entry
    turns: tuple[Turn, ...]


def outlooks(
    catalogue: Catalogue,
    entries: Iterable[Entry],
    reading: Callable[[], AbstractContextManager[Transaction]],
    *,
    as_of: date,
    until: date,
) -> Iterator[Outlook]:
    """The outlook of each entry of today's portfolio, one after another, each in a transaction of ``reading``.

    What the portfolio says to stay as it is through ``until`` is not judged again, nor what no longer fits its rule
    set; where it turns out only here that it does not, its entry says so. An assessment that is no longer shared
    meanwhile is left out.
    """
    for entry in entries:
        if entry.problem is not None or entry.valid_through >= until:
            yield Outlook(entry, ())
            continue
        try:
            with reading() as tx:
                pack = packs.assembled(tx, entry.assessment)
        except NotFound:
            continue
        try:
            _, turns = ahead(catalogue, pack, as_of=as_of, until=until)
        except Conflict as error:
            yield Outlook(replace(entry, problem=error.message), ())
        else:
            yield Outlook(entry, turns)
