"""Tells what a provider of the demonstration does about gaps: actions planned, overdue, dropped, and done."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from app.db.repositories.actions import ImprovementAction
from app.db.session import Transaction
from app.db.values import AssessmentRecord, Recorded
from app.engine.pack import Pack
from app.loader.catalogue import Catalogue
from app.services import actions, packs
from app.services.demo.packs import MARK
from app.services.determinations import determine

_PLANNED: Final = timedelta(days=90)
_SOON: Final = timedelta(days=10)


def plan(tx: Transaction, catalogue: Catalogue, record: AssessmentRecord) -> Recorded[ImprovementAction]:
    """Record what is done about what falls short, some of which will be late, and get ready what a reviewer will ask.

    Gives the last one, which the review closes.
    """
    pack, day = packs.assembled(tx, record.id), tx.now.date()
    gaps = {gap.requirement for gap in determine(catalogue, pack, as_of=day, rung="evidenced").gaps}
    short = [name for name in _rated(pack, "partly_met") if name in gaps][:3]
    written = ImprovementAction(
        requirement=short[0] if short else _rated(pack, "met")[-1],
        rung="evidenced",
        what=f"{MARK}write down what is done already, and have the team agree it.",
        owner_role="Service manager",
        due_on=day + _PLANNED,
        state="in_progress",
    )
    changes: tuple[dict[str, object], ...] = (
        {},
        {"due_on": day + _SOON, "state": "open", "owner_role": "Practice lead"},
        {"state": "dropped", "reason": f"{MARK}the partner organisation does this from now on."},
    )
    for name, change in zip(short, changes, strict=False):
        actions.add(tx, catalogue, record.id, written.replace(requirement=name, **change))
    ready = written.replace(
        requirement=_rated(pack, "met")[0],
        rung="verified",
        what=f"{MARK}gather the records that the reviewer will ask to see.",
        due_on=day + _SOON,
    )
    return actions.add(tx, catalogue, record.id, ready)


def plan_missing(
    tx: Transaction, catalogue: Catalogue, record: AssessmentRecord, requirement: str
) -> Recorded[ImprovementAction]:
    """Record that what nothing is shown of yet will be written."""
    missing = ImprovementAction(
        requirement=requirement,
        rung="evidenced",
        what=f"{MARK}write what is missing, and attach it.",
        owner_role="Service manager",
        due_on=tx.now.date() + _SOON,
        state="in_progress",
    )
    return actions.add(tx, catalogue, record.id, missing)


def finish(
    tx: Transaction, catalogue: Catalogue, record: AssessmentRecord, planned: Recorded[ImprovementAction]
) -> None:
    """Record that an action is done, with the documents that its requirement links as evidence."""
    linked = _linked(packs.assembled(tx, record.id), planned.value.requirement)
    done = planned.value.replace(state="done", evidence=tuple(linked))
    actions.change(tx, catalogue, record.id, planned.key, done, expected=planned.etag)


def _rated(pack: Pack, rating: str) -> list[str]:
    return [response.requirement for response in pack.responses if response.self_rating == rating]


def _linked(pack: Pack, requirement: str) -> Iterable[str]:
    return next((response.documents for response in pack.responses if response.requirement == requirement), ())
