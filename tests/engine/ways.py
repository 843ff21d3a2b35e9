"""Ways up of the small rule set, each held to lead where it says when it is supposed."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from collections.abc import Iterable
from typing import Any

from app.engine.determination import Statuses
from app.engine.rules import Crosswalk
from app.engine.way_up import WayUp, way_up
from app.engine.what_if import what_if
from tests.engine.small import DAY, Json, pack, rule_set

UNSEEN: Json = {"verified_on": None, "verified_by": None, "register": None}
MEETS = Statuses(evidenced="meets", verified="meets")


def way(*requirements: Json, crosswalks: Iterable[Crosswalk] = (), **parts: Any) -> WayUp:
    """The way, which leads to where it says when it is supposed."""
    rules, given, known = rule_set(*requirements), pack(**parts), tuple(crosswalks)
    found = way_up(rules, known, given, DAY)
    then = what_if(rules, known, given, DAY, found.changes).determination
    assert (then.status, then.compliance) == (found.after_steps.status, found.after_steps.compliance)
    return found
