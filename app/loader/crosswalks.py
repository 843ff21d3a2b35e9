"""Schemes and crosswalks: what must hold between them and the rule sets (semantics.md 4)."""

from collections.abc import Mapping

from app.loader.conditions import check_condition
from app.loader.explain import nearest
from app.loader.jsonfile import Path
from app.loader.known import (
    KnownRuleSet,
    KnownScheme,
    Raw,
    is_group,
    items_of,
    known_texts,
    leaf_ids,
    texts_of,
)
from app.loader.source import Source


class CrosswalkChecks:
    """Checks crosswalks one after the other, remembering which ids and versions there were.

    ``None`` for the schemes or rule sets says that some of their files could not be read, under the key ``None``.
    """

    def __init__(
        self,
        schemes: Mapping[str, KnownScheme],
        rule_sets: Mapping[tuple[str, str], KnownRuleSet],
        *,
        all_schemes: bool,
        all_rule_sets: bool,
    ) -> None:
        self.schemes = schemes
        self.rule_sets = rule_sets
        self.all_schemes = all_schemes
        self.all_rule_sets = all_rule_sets
        self._id_for: dict[tuple[str, str], str] = {}
        self._subject_of: dict[str, tuple[str, str]] = {}

    def check(self, source: Source) -> None:
        """Note every problem of one crosswalk with what the other files say."""
        crosswalk = source.value
        if not is_group(crosswalk):
            return
        scheme = self._scheme(source, crosswalk)
        rule_set = self._rule_set(source, crosswalk)
        self._check_subject(source, crosswalk)
        if scheme is not None:
            _check_recognised(source, crosswalk, "editions", "edition", scheme.editions)
            _check_recognised(source, crosswalk, "stages", "stage", scheme.stages)
        if rule_set is not None:
            check_condition(source, ("applies_when",), crosswalk.get("applies_when"), rule_set.fields)
        _check_entries(source, crosswalk, scheme, rule_set)

    def _scheme(self, source: Source, crosswalk: Raw) -> KnownScheme | None:
        name = crosswalk.get("scheme")
        if not isinstance(name, str):
            return None
        if name not in self.schemes and self.all_schemes:
            source.problem(("scheme",), f"unknown scheme `{name}`", nearest(name, self.schemes))
        return self.schemes.get(name)

    def _rule_set(self, source: Source, crosswalk: Raw) -> KnownRuleSet | None:
        key = rule_set_key(crosswalk.get("rule_set"))
        if key is None:
            return None
        if key not in self.rule_sets and self.all_rule_sets:
            known = [" ".join(item) for item in self.rule_sets]
            source.problem(("rule_set",), f"unknown rule set {' '.join(key)}", nearest(" ".join(key), known))
        return self.rule_sets.get(key)

    def _check_subject(self, source: Source, crosswalk: Raw) -> None:
        """One id for one scheme and rule set, and the other way round."""
        name, scheme = crosswalk.get("id"), crosswalk.get("scheme")
        key = rule_set_key(crosswalk.get("rule_set"))
        if not isinstance(name, str) or not isinstance(scheme, str) or key is None:
            return
        subject = (scheme, key[0])
        other = self._id_for.setdefault(subject, name)
        if other != name:
            message = f"the scheme {scheme} and the rule set {key[0]} have another crosswalk, `{other}`"
            source.problem(("id",), message, "one crosswalk id for one scheme and rule set; raise its version")
        first = self._subject_of.setdefault(name, subject)
        if first != subject:
            message = f"the crosswalk id `{name}` is used for {first[0]} and {first[1]} too"
            source.problem(("id",), message, "each scheme and rule set have a crosswalk id of their own")


def known_scheme(value: object) -> KnownScheme:
    """What a scheme's file declares."""
    scope = value.get("scope") if is_group(value) else None
    return KnownScheme(known_texts(value, "editions"), known_texts(value, "stages"), scope)


def rule_set_key(value: object) -> tuple[str, str] | None:
    """Id and version of a reference to a rule set, or of a rule set itself; ``None`` where it has not both."""
    if not is_group(value) or not isinstance(value.get("id"), str) or not isinstance(value.get("version"), str):
        return None
    return value["id"], value["version"]


def _check_recognised(source: Source, crosswalk: Raw, key: str, word: str, known: frozenset[str] | None) -> None:
    for index, name in texts_of(crosswalk, key):
        if known is not None and name not in known:
            message = f"unknown {word} `{name}` of the scheme {crosswalk['scheme']}"
            source.problem((key, index), message, nearest(name, known))


def _check_entries(source: Source, crosswalk: Raw, scheme: KnownScheme | None, rule_set: KnownRuleSet | None) -> None:
    seen: set[str] = set()
    for index, entry in items_of(crosswalk, "entries"):
        name = entry.get("requirement")
        if not isinstance(name, str):
            continue
        path: Path = ("entries", index)
        if name in seen:
            source.problem((*path, "requirement"), f"requirement {name} is listed twice", "join the two entries")
        seen.add(name)
        if rule_set is not None:
            _check_entry(source, path, entry, scheme, rule_set)


def _check_entry(source: Source, path: Path, entry: Raw, scheme: KnownScheme | None, rule_set: KnownRuleSet) -> None:
    name: str = entry["requirement"]
    requirement = rule_set.requirements.get(name)
    if requirement is None:
        if not _may_be_unread(name, rule_set):
            source.problem((*path, "requirement"), f"unknown requirement {name}", nearest(name, rule_set.requirements))
        return
    concerns = requirement.get("concerns")
    if scheme is not None and scheme.scope == "programme" and concerns in ("organisation", "service"):
        message = f"a programme scheme cannot show requirement {name}, which concerns the {concerns}"
        source.problem((*path, "requirement"), message, "list only requirements that concern programmes")
    leaves = leaf_ids(requirement)
    for index, leaf in texts_of(entry, "leaves"):
        if leaves is not None and leaf not in leaves:
            source.problem((*path, "leaves", index), f"requirement {name} has no leaf `{leaf}`", nearest(leaf, leaves))


def _may_be_unread(name: str, rule_set: KnownRuleSet) -> bool:
    """Whether the requirement may be in a file that could not be read."""
    number = name.split(".", 1)[0]
    return any(unread is None or str(unread) == number for unread in rule_set.unreadable)
