"""Operators of rules: each must fit its question or field, and its value their type (formats.md, last lines)."""

from collections.abc import Mapping

from app.engine.check import value_problem
from app.engine.rules import FieldType
from app.loader.explain import nearest
from app.loader.jsonfile import Path
from app.loader.known import KINDS, KnownField, Raw, is_group, items_of
from app.loader.source import Source

_NUMBERS = frozenset({"integer", "decimal"})
# Which types of question or field each operator fits.
FITS: Mapping[str, frozenset[str]] = {
    "is": frozenset(KINDS),
    "at_least": _NUMBERS,
    "at_most": _NUMBERS,
    "one_of": frozenset({"choice"}),
    "includes_all": frozenset({"choices"}),
    "includes_any": frozenset({"choices"}),
    "within": frozenset({"choices"}),
    "within_months": frozenset({"date"}),
}
_OPTION_LISTS = frozenset({"one_of", "includes_all", "includes_any", "within"})


def check_test(source: Source, path: Path, test: object, key: str, known: Mapping[str, KnownField] | None) -> None:
    """Check one test: ``key`` is ``question`` or ``field``, ``known`` the catalogue that it names one of."""
    if not is_group(test) or not isinstance(test.get(key), str) or known is None:
        return
    name = test[key]
    if name not in known:
        source.problem((*path, key), f"unknown {_word(key)} `{name}`", nearest(name, known))
        return
    for operator in FITS.keys() & test.keys():
        if test[operator] is not None:
            _check_operator(source, (*path, operator), test, key, known[name])


def check_condition(source: Source, path: Path, node: object, fields: Mapping[str, KnownField] | None) -> None:
    """Check every test of a condition on the profile."""
    if not is_group(node):
        return
    for branch in ("all", "any"):
        for index, child in items_of(node, branch):
            check_condition(source, (*path, branch, index), child, fields)
    check_condition(source, (*path, "not"), node.get("not"), fields)
    check_test(source, (*path, "profile"), node.get("profile"), "field", fields)


def _word(key: str) -> str:
    return "profile field" if key == "field" else key


def _check_operator(source: Source, path: Path, test: Raw, key: str, known: KnownField) -> None:
    operator = str(path[-1])
    value = test[operator]
    if known.kind is None:
        return
    if known.kind not in FITS[operator]:
        fitting = sorted(name for name, kinds in FITS.items() if known.kind in kinds)
        subject = f"the {_word(key)} `{test[key]}`, which is of type {known.kind}"
        message = f"the operator `{operator}` does not fit {subject}"
        source.problem(path, message, f"operators that fit: {', '.join(fitting)}", at_key=True)
    elif operator in _OPTION_LISTS and value == []:
        source.problem(path, f"the list of `{operator}` is empty", "name at least one option")
    elif operator != "within_months":
        kind: FieldType = "choices" if operator in _OPTION_LISTS else known.kind
        found = value_problem(kind, known.options, value)
        if found:
            source.problem(path, f"`{operator}`: {found.message}", found.hint)
