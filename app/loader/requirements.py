"""What must hold of the requirements of one file beyond their shape (semantics.md 2)."""

from app.loader.conditions import check_condition, check_test
from app.loader.explain import nearest
from app.loader.jsonfile import Path
from app.loader.known import KnownRuleSet, Raw, is_group, items_of, leaves_of, texts_of
from app.loader.source import Source


def check_requirements(source: Source, number: object, known: KnownRuleSet, first_use: dict[str, Source]) -> None:
    """Check every requirement of a standard's file and make it known; ``first_use`` says which file has which id."""
    for index, item in items_of(source.value, "requirements"):
        path: Path = ("requirements", index)
        _check_id(source, path, item, number, first_use)
        if isinstance(item.get("id"), str):
            known.requirements.setdefault(item["id"], item)
        else:
            known.unreadable.add(number)
        check_condition(source, (*path, "applies_when"), item.get("applies_when"), known.fields)
        _check_leaves(source, (*path, "met_when"), item, known)
        _check_safety(source, path, item)


def _check_id(source: Source, path: Path, item: Raw, number: object, first_use: dict[str, Source]) -> None:
    name = item.get("id")
    if not isinstance(name, str):
        return
    if isinstance(number, int) and not name.startswith(f"{number}."):
        message = f"the requirement id `{name}` does not start with `{number}.`, the number of its standard"
        source.problem((*path, "id"), message, f"write {number}, a full stop and its own number")
    if name in first_use:
        message = f"the requirement id `{name}` is used twice, first in {first_use[name].file}"
        source.problem((*path, "id"), message, "each requirement of a rule set has an id of its own")
    first_use.setdefault(name, source)


def _check_leaves(source: Source, path: Path, item: Raw, known: KnownRuleSet) -> None:
    seen: set[str] = set()
    for place, leaf in leaves_of(item.get("met_when"), path):
        name = leaf.get("id")
        if isinstance(name, str):
            if name in seen:
                message = f"the leaf id `{name}` is used twice in this requirement"
                source.problem((*place, "id"), message, "each leaf of a requirement has an id of its own")
            seen.add(name)
        check_test(source, (*place, "answer"), leaf.get("answer"), "question", known.questions)
        for index, kind in texts_of(leaf.get("document"), "types"):
            if known.document_types is not None and kind not in known.document_types:
                hint = nearest(kind, known.document_types)
                source.problem((*place, "document", "types", index), f"unknown document type `{kind}`", hint)


def _check_safety(source: Source, path: Path, item: Raw) -> None:
    if item.get("safety_critical") is not True:
        return
    if item.get("obligation") == "should":
        hint = "make it a `must`, or take safety_critical out"
        source.problem((*path, "safety_critical"), "a `should` cannot be safety critical", hint)
    if item.get("may_be_excluded") is True:
        message = "a safety-critical requirement cannot be excluded by argument"
        source.problem((*path, "may_be_excluded"), message, "say with applies_when where it does not apply")
    if _answers_alone(item.get("met_when")):
        message = "answers alone could satisfy this safety-critical requirement: someone must show something"
        source.problem((*path, "met_when"), message, "ask for a document in every way to satisfy it")


def _answers_alone(node: object) -> bool:
    """Whether the tree could hold with no document at all."""
    if not is_group(node):
        return False
    for branch, holds in (("all", all), ("any", any)):
        children = node.get(branch)
        if isinstance(children, list) and children:
            return holds(_answers_alone(child) for child in children)
    return "answer" in node
