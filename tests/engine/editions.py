"""Rule sets that follow from one another, and what they say of it (semantics.md 9)."""

# ruff: noqa: ANN401 -- parts of rules are JSON, and JSON is anything

from typing import Any

from app.engine.rules import RuleSet
from tests.engine.small import Json, requirement, rule_set

OLDER = rule_set(requirement("1.1"), requirement("1.2"), requirement("1.3"))


def entry(name: str, change: str, *parents: str) -> Json:
    return {"requirement": name, "change": change, "from": list(parents)}


def following(rules: RuleSet, *entries: Json, retired: tuple[str, ...] = (), **fields: Any) -> RuleSet:
    """The rules as the next version, which follows from "1" by these entries."""
    changed = rules.replace(version="2", **fields)
    lineage = {"entries": list(entries), "retired": list(retired)}
    return RuleSet.model_validate(
        changed.model_dump(by_alias=True) | {"based_on": {"id": "small", "version": "1"}, "lineage": lineage}
    )


def plain(change: str, name: str = "1.1") -> RuleSet:
    """A next version in which one requirement changed so, and the others not."""
    rest = [entry(other, "unchanged", other) for other in ("1.1", "1.2", "1.3") if other != name]
    return following(OLDER, entry(name, change, name), *rest)


MERGED = following(rule_set(requirement("1.1")), entry("1.1", "merged", "1.2", "1.1", "1.3"))
SPLIT = following(
    rule_set(requirement("1.1"), requirement("1.2"), requirement("1.3")),
    entry("1.1", "split", "1.1"),
    entry("1.2", "split", "1.1"),
    entry("1.3", "new"),
    retired=("1.2", "1.3"),
)
RETIRED = following(rule_set(requirement("1.1")), entry("1.1", "unchanged", "1.1"), retired=("1.2", "1.3"))
UNCHANGED = [entry(name, "unchanged", name) for name in ("1.1", "1.2", "1.3")]
