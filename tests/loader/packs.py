"""A sound assessment pack for the small tree of ``trees.py``, and ways to break it."""

import copy
import functools
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.loader.catalogue import Catalogue, load
from tests.loader.trees import GOOD, write

PACK: dict[str, Any] = {
    "format": "safonau/assessment-pack/1",
    "rule_set": {"id": "example", "version": "1.1"},
    "service": {
        "id": "svc-1",
        "name": "Behaviour change",
        "provider": "Example Provider",
        "profile": {"client_groups": ["adult_men"], "delivery": "group", "workers": 3},
        "programmes": [
            {"id": "prog-a", "version": "3", "name": "Group", "profile": {"delivery": "group"}},
            {"id": "prog-b"},
        ],
    },
    "accreditations": [
        {
            "id": "acc-1",
            "scheme": "respect",
            "edition": "3",
            "stage": "accredited",
            "awarded_on": "2025-04-01",
            "expires_on": "2028-04-01",
            "scope": {"kind": "service", "services": ["svc-1"]},
            "status_changes": [
                {"on": "2026-01-10", "status": "suspended"},
                {"on": "2026-02-01", "status": "reinstated"},
            ],
            "conditions": [{"requirements": ["1.1"], "opened_on": "2025-04-01", "closed_on": "2025-05-01"}],
            "unchanged_declared_on": "2026-03-01",
            "verified_on": "2026-03-05",
            "verified_by": "usr-9",
            "register": "entry seen",
        },
        {
            "id": "acc-2",
            "scheme": "csaap",
            "edition": "2021",
            "stage": "full",
            "awarded_on": "2025-04-01",
            "expires_on": "2026-04-01",
            "scope": {"kind": "programme", "programmes": [{"id": "prog-a", "version": None}]},
        },
    ],
    "documents": [
        {"id": "doc-1", "type": "policy", "issued_on": "2024-01-15", "sha256": "1" * 64},
        {"id": "doc-2", "type": "policy", "replaces": "doc-1", "issued_on": "2025-01-15", "sha256": "2" * 64},
        {"id": "doc-3", "type": "minutes", "programmes": ["before"], "issued_on": "2025-01-15", "sha256": "3" * 64},
    ],
    "answers": [
        {"question": "hours", "value": "1.5", "answered_at": "2026-03-01T09:30:00Z"},
        {"question": "lead", "value": "manager", "answered_at": "2026-03-01T09:30:00Z"},
        {"question": "methods", "value": ["visit", "call"], "answered_at": "2026-03-01T09:30:00Z"},
        {"question": "safe_contact", "value": True, "answered_at": "2026-03-01T09:30:00Z"},
        {"question": "last_review", "value": None, "answered_at": "2026-03-01T09:30:00Z"},
    ],
    "responses": [
        {"requirement": "1.1", "version": 2, "self_rating": "met", "narrative": "We do.", "documents": ["doc-2"]},
        {"requirement": "1.2", "version": 1, "self_rating": "met", "documents": ["doc-3"]},
        {"requirement": "2.1", "version": 1, "self_rating": "not_applicable", "exclusion_reason": "None."},
    ],
    "reviews": [
        {
            "requirement": "1.1",
            "response_version": 2,
            "documents": ["9" * 64],
            "programmes": ["before"],
            "decision": "accepted",
            "reviewer": "usr-9",
            "decided_at": "2026-03-20T14:00:00Z",
        },
        {
            "requirement": "1.2",
            "response_version": 1,
            "decision": "accepted",
            "override": True,
            "reason": "Seen on site.",
            "until": "2027-03-20",
            "reviewer": "usr-9",
            "second_reviewer": "usr-8",
            "decided_at": "2026-03-20T23:59:59Z",
        },
    ],
}
GONE = object()


@functools.cache
def catalogue() -> Catalogue:
    """The small tree, loaded once."""
    with TemporaryDirectory() as folder:
        return load(write(Path(folder), GOOD))


def changed(*edits: tuple[str, object]) -> dict[str, Any]:
    """The sound pack with the value at each JSON Pointer set, ``GONE`` taken out, ``-`` appended to a list."""
    pack = copy.deepcopy(PACK)
    for pointer, value in edits:
        *steps, last = pointer.split("/")[1:]
        at: Any = pack
        for step in steps:
            at = at[int(step) if isinstance(at, list) else step]
        if last == "-":
            at.append(value)
        elif value is GONE:
            del at[last]
        else:
            at[int(last) if isinstance(at, list) else last] = value
    return pack
