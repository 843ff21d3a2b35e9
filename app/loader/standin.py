"""A pack with faults of shape, made whole for checking only: so that the faults of its content are found as well.

What has the wrong shape is replaced by something harmless and everything else is kept at its place, so that both
kinds of fault are listed at once and point into the document as it was given. Nothing is ever judged on a stand-in.
"""

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Any, TypeAlias

from app.errors import Fault
from app.loader.jsonfile import Path, pointer

_Json: TypeAlias = dict[str, Any]

_NOBODY = "?"
_LISTS = ("accreditations", "documents", "answers", "responses", "reviews")
_HARMLESS: Mapping[str, _Json] = {
    "rule_set": {"id": "unknown", "version": "0"},
    "programmes": {"id": _NOBODY},
    "accreditations": {
        "id": _NOBODY,
        "scheme": _NOBODY,
        "edition": _NOBODY,
        "stage": _NOBODY,
        "awarded_on": "2000-01-01",
        "expires_on": "2000-01-01",
        "scope": {"kind": "organisation"},
    },
    "documents": {"id": _NOBODY, "type": _NOBODY, "issued_on": "2000-01-01", "sha256": "0" * 64},
    "answers": {"question": _NOBODY, "answered_at": "2000-01-01T00:00:00Z"},
    # A response whose version cannot be read is not older than any review.
    "responses": {"requirement": _NOBODY, "version": 2**53 - 1},
    "reviews": {"requirement": _NOBODY, "response_version": 0, "decision": "accepted", "reviewer": _NOBODY},
}
# Fields that are compared with each other: where one cannot be read, none of them is looked at.
_TOGETHER = (
    frozenset({"awarded_on", "expires_on", "unchanged_declared_on", "verified_on", "verified_by", "register"}),
    frozenset({"decided_at", "until"}),
    frozenset({"valid_from", "valid_until"}),
    frozenset({"type", "programmes", "replaces"}),
)
_NAMES = frozenset({"id", "requirement"})
# What is said of one part of a pack because another could not be read.
_CONSEQUENCES = {
    "programmes": ("unknown programme",),
    "documents": ("unknown document `",),
    "document types": ("a document of type", "the document replaces"),
    "responses": ("a review of version",),
}


class StandIn:
    """``value`` is the pack without what is at the paths ``faulty``; ``genuine`` tells its own faults from the rest."""

    def __init__(self, pack: Mapping[str, Any], faulty: Iterable[Path]) -> None:
        self._faulty: dict[Path, set[str]] = {}
        self._places = frozenset(faulty)
        for path in self._places:
            for depth in range(1, len(path)):
                self._faulty.setdefault(path[:depth], set()).add(str(path[depth]))
        self._unread: set[str] = set()
        self._replaced: set[str] = set()
        self._incomplete: set[str] = set()
        self.value: _Json = {
            "rule_set": self._rule_set(pack.get("rule_set")),
            "service": self._service(pack.get("service")),
            **{kind: self._entries(pack, (), kind) for kind in _LISTS},
        }

    def genuine(self, fault: Fault) -> bool:
        """Whether the document itself has the fault, and not what stands in for a part of it."""
        return not (
            any(fault.message.startswith(_CONSEQUENCES[kind]) for kind in self._unread & _CONSEQUENCES.keys())
            or fault.pointer in self._incomplete
            or any(place in self._replaced for place in accumulate(fault.pointer.split("/"), "{}/{}".format))
        )

    def _rule_set(self, rule_set: object) -> _Json:
        """What the pack names, or a rule set that nobody knows: faults that hold under any are found all the same."""
        harmless, bad = _HARMLESS["rule_set"], self._faulty.get(("rule_set",), set())
        sound = {key: item for key, item in rule_set.items() if key not in bad} if isinstance(rule_set, dict) else {}
        if harmless.keys() - sound.keys():
            self._replaced.add(pointer(("rule_set",)))
        return harmless | sound

    def _service(self, service: object) -> _Json:
        if not isinstance(service, dict):
            self._unread.add("programmes")
            service = {}
        return {
            "id": _NOBODY,
            "name": _NOBODY,
            "provider": _NOBODY,
            "profile": self._profile(service, ("service",)),
            "programmes": self._entries(service, ("service",), "programmes"),
        }

    def _profile(self, owner: Mapping[str, Any], path: Path) -> _Json:
        """What is sound of the profile of a service or programme."""
        profile = owner.get("profile")
        bad = self._faulty.get((*path, "profile"), set())
        return {key: item for key, item in profile.items() if key not in bad} if isinstance(profile, dict) else {}

    def _entries(self, owner: Mapping[str, Any], path: Path, kind: str) -> list[_Json]:
        listed = owner.get(kind, [])
        if not isinstance(listed, list) or (*path, kind) in self._places:  # it may have far too many entries
            self._unread.add(kind)
            return []
        return [self._entry(item, (*path, kind, index), kind) for index, item in enumerate(listed)]

    def _entry(self, item: object, path: Path, kind: str) -> _Json:
        """The entry with harmless values for what cannot be read of it."""
        harmless = dict(_HARMLESS[kind])
        if kind == "reviews":  # no two of them may seem to be decided at the same instant
            harmless["decided_at"] = f"2000-01-01T00:00:00.{path[-1]:06d}Z"
        if not isinstance(item, dict):
            self._unread.add(kind)
            self._replaced.add(pointer(path))
            return harmless
        if kind == "programmes":
            item = item | {"profile": self._profile(item, path)}
        bad = self._faulty.get(path, set()) - ({"profile"} if kind == "programmes" else set())
        bad |= harmless.keys() - item.keys()
        for group in _TOGETHER:
            bad |= group if bad & group else set()
        if bad:
            self._incomplete.add(pointer(path))
            self._replaced.update(pointer((*path, key)) for key in bad)
        if bad & _NAMES:
            self._unread.add(kind)
        if kind == "documents" and "type" in bad:
            self._unread.add("document types")
        return harmless | {key: field for key, field in item.items() if key not in bad}
