"""Publishing a version: it is recorded by its hash, and from then on the loader refuses the tree that changes it."""

from pathlib import Path

from app.engine.rules import Crosswalk, RuleSet
from app.errors import Conflict, NotFound
from app.loader.catalogue import Catalogue
from app.loader.explain import nearest
from app.loader.published import FILE
from app.loader.source import crosswalk_source, rule_set_source, rule_set_sources, said_by


def publish(root: Path, catalogue: Catalogue, name: str, version: str) -> tuple[RuleSet | Crosswalk, bool]:
    """Record a rule set or crosswalk version of the sound tree ``root``; the second is whether it was not yet.

    Raises ``NotFound`` for a version that is not there, and ``Conflict`` for one that is not ready, saying what to
    write where.
    """
    found = _version(catalogue, name, version)
    if catalogue.published.has(found):
        return found, False
    files = {}
    if isinstance(found, RuleSet):
        _ready_rule_set(root, catalogue, found)
        files = said_by(rule_set_sources(root, name, version))
    else:
        _ready_crosswalk(root, catalogue, found)
    (root / FILE).write_text(catalogue.published.adding(found, files).text, encoding="utf-8", newline="\n")
    return found, True


def _version(catalogue: Catalogue, name: str, version: str) -> RuleSet | Crosswalk:
    if any(rule_set == name for rule_set, _ in catalogue.rule_sets):
        return catalogue.rule_set(name, version)
    crosswalks = [item for item in catalogue.crosswalks if item.id == name]
    found = next((item for item in crosswalks if item.version == version), None)
    if found is not None:
        return found
    if crosswalks:
        known = ", ".join(item.version for item in crosswalks)
        raise NotFound(f"there is no crosswalk {name} {version}", hint=f"versions: {known}")
    if name in catalogue.schemes:
        hint = "publish the crosswalk that reads it; that is what decides"
        raise NotFound(f"{name} is a scheme, and schemes have no versions", hint=hint)
    known_ids = [key for key, _ in catalogue.rule_sets] + [item.id for item in catalogue.crosswalks]
    raise NotFound(f"there is no rule set or crosswalk {name}", hint=nearest(name, known_ids))


def _ready_rule_set(root: Path, catalogue: Catalogue, rule_set: RuleSet) -> None:
    name = f"{rule_set.id} {rule_set.version}"
    source = rule_set_source(root, rule_set.id, rule_set.version)
    if rule_set.status != "published":
        line = source.line_of(("status",))
        raise Conflict(
            f"{name} is not ready: its status is {rule_set.status}",
            hint=f"in {source.file}, line {line}, write `status: published`, and run the command again",
        )
    if rule_set.effective_from is None:
        line = source.line_of(("effective_from",))
        raise Conflict(f"{name} is not ready: it does not say from when it is in force", hint=_from(source.file, line))
    base = rule_set.based_on
    # Its lineage names requirements of the base: a draft could still lose them under a version that cannot change.
    if base is not None and not catalogue.published.has(catalogue.rule_set(base.id, base.version)):
        raise Conflict(
            f"{name} is not ready: {base.id} {base.version}, on which it is based, is not published",
            hint=f"run `safonau standards publish {base.id} {base.version}` first",
        )


def _ready_crosswalk(root: Path, catalogue: Catalogue, crosswalk: Crosswalk) -> None:
    name = f"{crosswalk.id} {crosswalk.version}"
    if crosswalk.effective_from is None:
        source = crosswalk_source(root, crosswalk.id, crosswalk.version)
        line = source.line_of(("effective_from",))
        raise Conflict(f"{name} is not ready: it does not say from when it is in use", hint=_from(source.file, line))
    target = crosswalk.rule_set
    if not catalogue.published.has(catalogue.rule_set(target.id, target.version)):
        raise Conflict(
            f"{name} is not ready: {target.id} {target.version}, which it is for, is not published",
            hint=f"run `safonau standards publish {target.id} {target.version}` first",
        )


def _from(file: str, line: int) -> str:
    return f'in {file}, line {line}, write `effective_from: "YYYY-MM-DD"`, and run the command again'
