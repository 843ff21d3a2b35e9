"""What would be: a pack from the record with some facts otherwise, or with time going by; nothing is stored."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from app.engine.forecast import Turn, forecast
from app.engine.pack import Pack
from app.engine.rules import RuleSet, RuleSetRef
from app.engine.values import LATEST, add_months
from app.engine.way_up import WayUp
from app.engine.way_up import way_up as planned_way
from app.engine.what_if import Changes, Supposed, changes_faults, supposed_pack, what_if
from app.errors import Fault, Invalid, NotFound
from app.loader.catalogue import Catalogue
from app.loader.jsonfile import pointer
from app.services.determinations import judged_by
from app.services.writing import KEYS, described, faults_of

AHEAD_MONTHS = 24
MOST_AHEAD_MONTHS = 120


def supposed(catalogue: Catalogue, pack: Pack, changes: Changes, *, as_of: date, version: str | None) -> Supposed:
    """What the pack would show under ``changes``, carried forward to ``version`` of its rule set where one is named.

    Raises ``Conflict`` where the record no longer fits its rule set, and ``Invalid`` with every fault, its pointer into
    ``changes`` or at ``/rule_set_version``.
    """
    rule_set = judged_by(catalogue, pack)
    newer = None if version in (None, rule_set.version) else follower(catalogue, rule_set, str(version))
    faults = changes_faults(pack, changes)
    if not faults:
        after = supposed_pack(pack, changes)
        faults = tuple(_in_the_changes(changes, after, fault) for fault in faults_of(catalogue, after))
    if faults:
        raise Invalid("This cannot be supposed.", hint="Correct every fault.", faults=tuple(dict.fromkeys(faults)))
    crosswalks = catalogue.crosswalks_for(rule_set)
    if newer is not None:
        crosswalks += catalogue.crosswalks_for(newer)
    return what_if(rule_set, crosswalks, pack, as_of, changes, newer)


def impact(catalogue: Catalogue, pack: Pack, *, as_of: date, version: str) -> Supposed:
    """What moving to ``version`` of its rule set would do to the service of a pack from the record (semantics.md 9).

    Raises ``Conflict`` where the record no longer fits its rule set, ``Invalid`` (``?rule_set_version``).
    """
    rule_set = judged_by(catalogue, pack)
    newer = follower(catalogue, rule_set, version, "?rule_set_version")
    crosswalks = catalogue.crosswalks_for(rule_set) + catalogue.crosswalks_for(newer)
    return what_if(rule_set, crosswalks, pack, as_of, Changes(), newer)


def follower(catalogue: Catalogue, rule_set: RuleSet, version: str, place: str = "/rule_set_version") -> RuleSet:
    """The version to move to; raises ``Invalid`` (``place``) for one that is not based on ``rule_set``."""
    try:
        found = catalogue.rule_set(rule_set.id, version)
    except NotFound as error:
        fault = Fault(place, error.message, error.hint)
    else:
        if found.based_on == RuleSetRef(id=rule_set.id, version=rule_set.version):
            return found
        message = f"{found.id} {version} is not based on version {rule_set.version}"
        fault = Fault(place, message, "name a version that is")
    raise Invalid("There is no moving to that version.", hint="Correct every fault.", faults=(fault,))


def ahead(catalogue: Catalogue, pack: Pack, *, as_of: date, until: date | None) -> tuple[date, tuple[Turn, ...]]:
    """The last day looked at, and every day through it on which status or a score changes by itself.

    Without ``until`` that is ``AHEAD_MONTHS`` months on. Raises ``Invalid`` (``?until``) for a day before ``as_of`` or
    more than ``MOST_AHEAD_MONTHS`` months after it, and ``Conflict`` where the record no longer fits its rule set.
    """
    last = last_day(as_of, until)
    rule_set = judged_by(catalogue, pack)
    return last, forecast(rule_set, catalogue.crosswalks_for(rule_set), pack, as_of, last)


def last_day(as_of: date, until: date | None) -> date:
    """The last day that a forecast looks at; raises ``Invalid`` as ``ahead`` does."""
    last = min(add_months(as_of, AHEAD_MONTHS), LATEST) if until is None else until
    if not as_of <= last <= add_months(as_of, MOST_AHEAD_MONTHS):
        message = (
            f"a forecast from {as_of} ends on that day at the earliest, {MOST_AHEAD_MONTHS} months on at the latest"
        )
        fault = Fault("?until", message, "name a day between them")
        raise Invalid("The request's parameters have faults.", hint="See faults.", faults=(fault,))
    return last


def way_up(catalogue: Catalogue, pack: Pack, *, as_of: date) -> WayUp:
    """The cheapest way from the pack to ``meets``; raises ``Conflict`` where the record no longer fits its rule set."""
    rule_set = judged_by(catalogue, pack)
    return planned_way(rule_set, catalogue.crosswalks_for(rule_set), pack, as_of)


def _in_the_changes(changes: Changes, after: Pack, fault: Fault) -> Fault:
    """A fault of the supposed pack, at the place of the changes that it comes from; else the item is named."""
    name, _, rest = fault.pointer[1:].partition("/")
    index, _, rest = rest.partition("/")
    if name in KEYS and index:
        key = getattr(getattr(after, name)[int(index)], KEYS[name])
        given: Iterable[object] = getattr(changes, name, ())
        for place, item in enumerate(given):
            if getattr(item, KEYS[name]) == key:
                return replace(fault, pointer=f"/{name}/{place}" + (f"/{rest}" if rest else ""))
        if name == "responses" and key in changes.link:
            return replace(fault, pointer=pointer(("link", key)))
    return Fault("", f"together with what is on record: {described(after, fault)}", fault.hint)
