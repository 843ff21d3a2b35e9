"""Names as a steward types them, and what they stand for: ``id@version``, or an id alone for the newest version."""

from app.engine.rules import Crosswalk, RuleSet
from app.engine.values import version_order
from app.errors import BadInput, NotFound
from app.loader.catalogue import Catalogue
from app.loader.explain import nearest


def newest_rule_sets(catalogue: Catalogue) -> dict[str, RuleSet]:
    """The newest version of each rule set, drafts included, by id."""
    ordered = sorted(catalogue.rule_sets.values(), key=lambda item: (item.id, version_order(item.version)))
    return {item.id: item for item in ordered}


def newest_crosswalks(catalogue: Catalogue, rule_set: RuleSet) -> dict[str, Crosswalk]:
    """The newest version of each crosswalk to this exact rule set version, by scheme."""
    found = catalogue.crosswalks_for(rule_set)
    return {item.scheme: item for item in sorted(found, key=lambda item: (item.scheme, version_order(item.version)))}


def rule_set_of(catalogue: Catalogue, name: str) -> RuleSet:
    """The rule set version called ``id@version``, or the newest called ``id``; raises ``NotFound``."""
    rule_set, _, version = name.partition("@")
    return _rule_set(catalogue, rule_set, version or None)


def places(catalogue: Catalogue, rule_set: str | None, version: str | None) -> tuple[RuleSet, ...]:
    """The rule sets to look in: the one named, in its newest version if none is, or else the newest of each.

    Raises ``NotFound`` for one that is not there, and ``BadInput`` for a version of nobody knows what.
    """
    newest = newest_rule_sets(catalogue)
    if rule_set is None and version is not None and len(newest) > 1:
        raise BadInput(f"{version} is a version of which rule set?", hint=f"say --rule-set: {', '.join(newest)}")
    if rule_set is None and version is None:
        return tuple(newest.values())
    return (_rule_set(catalogue, rule_set or next(iter(newest)), version),)


def the_one(found: tuple[RuleSet, ...]) -> RuleSet:
    """The only rule set of several that may be meant; raises ``BadInput`` where there is more than one."""
    if len(found) != 1:
        ids = " or ".join(f"--rule-set {item.id}" for item in found)
        raise BadInput(f"{len(found)} rule sets may be meant", hint=f"say which: {ids}")
    return found[0]


def _rule_set(catalogue: Catalogue, name: str, version: str | None) -> RuleSet:
    newest = newest_rule_sets(catalogue)
    if name not in newest:
        raise NotFound(f"there is no rule set {name}", hint=nearest(name, newest))
    return newest[name] if version is None else catalogue.rule_set(name, version)


def crosswalk_of(catalogue: Catalogue, name: str) -> Crosswalk | None:
    """The crosswalk version called ``id@version``, or the newest called ``id``; ``None`` where no crosswalk has the id.

    The newest is that of the newest rule set version: an older one may have been corrected since.
    """
    wanted, _, version = name.partition("@")
    found = [item for item in catalogue.crosswalks if item.id == wanted]
    if not found:
        return None
    if version:
        exact = next((item for item in found if item.version == version), None)
        if exact is None:
            known = ", ".join(item.version for item in found)
            raise NotFound(f"there is no crosswalk {wanted} {version}", hint=f"versions: {known}")
        return exact
    return max(found, key=lambda item: (version_order(item.rule_set.version), version_order(item.version)))
