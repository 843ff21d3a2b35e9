"""What pydantic finds wrong with a file or pack, in sentences for people who write no Python.

Each finding is tied to a path that is really in the document, so that it can be shown as line and column of a file or
as JSON Pointer of a pack.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.errors import Fault
from app.loader.jsonfile import UNKNOWN_KEY, Located, Path, pointer

MOST_LISTED = 20
_KINDS: dict[type, str] = {
    bool: "true or false",
    int: "a number",
    float: "a decimal",
    str: "text",
    list: "a list",
}
_PATTERNS = (
    ("^[A-Za-z0-9][A-Za-z", "an id: letters, digits, full stops, hyphens and underscores, the first a letter or digit"),
    ("^(0|[1-9]", 'a version: numbers joined by full stops, such as "2018.1", without leading zeros'),
    ("^[1-9]", 'a requirement id: its standard\'s number, a full stop and its own, such as "14.2"'),
    ("^[0-9a-f]{64}", "a SHA-256: 64 hexadecimal digits, lower case"),
)


@dataclass(frozen=True, slots=True)
class Form:
    """How a document is written: what keys with their values are called in it, and how they and a list look there."""

    group: str
    write_group: str
    write_list: str


IN_JSON = Form("an object", 'write { "key": value } here', "put [ and ] around it")
IN_YAML = Form(
    "a group of keys", "write `key: value` pairs here", "put [ and ] around it, or a hyphen before each item"
)


@dataclass(frozen=True, slots=True)
class Explained:
    """One finding: where (``at_key``: the key itself is at fault), what is wrong, and what to do."""

    path: Path
    message: str
    hint: str
    at_key: bool = False


def explained(
    error: ValidationError, value: object, model: type[BaseModel], form: Form, most: int | None = None
) -> list[Explained]:
    """What ``error`` finds wrong with ``value``, one for each place and key, in words for a document of that form.

    Everything, or of more than ``most`` findings only so many: to explain one takes far longer than to find it.
    """
    found: dict[tuple[Path, bool, str], Explained] = {}
    for detail in islice(error.errors(include_url=False), most):
        item = _explain(detail, value, model, form)
        # A union tells of each of its branches: what the first expected is enough.
        found.setdefault((item.path, item.at_key, item.message if detail["type"] == "missing" else ""), item)
    return list(found.values())


def faults_in_json(
    error: ValidationError, value: object, model: type[BaseModel], most: int | None = None
) -> list[Located]:
    """The same as faults of a JSON document; where there are more than ``most``, the last says how many more."""
    found = explained(error, value, model, IN_JSON, most)
    faults = [(item.path, Fault(pointer(item.path), item.message, item.hint)) for item in found]
    if most is not None and error.error_count() > most:
        message = f"{error.error_count() - most} more faults are not listed"
        faults.append(((), Fault("", message, "correct these first, and send it again")))
    return faults


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names what was probably meant, or else everything that is known, up to twenty."""
    names = sorted(set(known))
    close = difflib.get_close_matches(word, names, n=1)
    if close:
        return f"did you mean `{close[0]}`?"
    listed = ", ".join(names[:MOST_LISTED]) + (", …" if len(names) > MOST_LISTED else "")
    return f"known: {listed}" if names else "none are known"


def _kind_of(value: object, form: Form) -> str:
    """What a person would call this kind of value."""
    if isinstance(value, dict):
        return form.group
    return "nothing (null)" if value is None else _KINDS[type(value)]


def _explain(detail: ErrorDetails, value: object, model: type[BaseModel], form: Form) -> Explained:
    loc = detail["loc"]
    if detail["type"] == "missing":
        path = _path(loc[:-1], value)
        return Explained(path, f"`{loc[-1]}` is missing", f"add `{loc[-1]}` here")
    path = _path(loc, value)
    if detail["type"] == "extra_forbidden":
        hint = nearest(str(loc[-1]), _keys_at(model, loc[:-1]))
        return Explained(path, f"{UNKNOWN_KEY} `{loc[-1]}`", hint, at_key=True)
    return Explained(path, *_sentence(detail, _name(path), form))


def _path(loc: tuple[int | str, ...], value: object) -> Path:
    """The steps of ``loc`` that are in the document; tags of unions and the like are not."""
    path: list[str | int] = []
    for step in loc:
        if isinstance(value, dict):
            there = step in value
        else:
            there = isinstance(value, list) and isinstance(step, int) and step < len(value)
        if there:
            value = value[step]  # type: ignore[index]  # one of the two containers above
            path.append(step)
    return tuple(path)


def _name(path: Path) -> str:
    """What to call the value at ``path`` in a sentence: by its key, an item by the key of its list."""
    names = [step for step in path if isinstance(step, str)]
    if not names:
        return "this document"
    return f"`{names[-1]}`" if isinstance(path[-1], str) else f"each item of `{names[-1]}`"


def _keys_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys that the models at ``loc`` allow; a union's tag in brackets is the key that tells its branches apart."""
    models = [model]
    for step in loc:
        if isinstance(step, int):
            continue
        if step.startswith("("):
            models = [item for item in models if step.strip("()") in _aliases(item)]
        else:
            models = [below for item in models for below in _models_below(item, step)]
    return [alias for item in models for alias in _aliases(item)]


def _aliases(model: type[BaseModel]) -> Mapping[str, Any]:
    hints = get_type_hints(model, include_extras=True)  # unlike the fields' own annotations, with names resolved
    return {field.alias or name: hints[name] for name, field in model.model_fields.items()}


def _models_below(model: type[BaseModel], key: str) -> Iterator[type[BaseModel]]:
    yield from _models_in(_aliases(model).get(key))


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _sentence(detail: ErrorDetails, name: str, form: Form) -> tuple[str, str]:
    """What is wrong and what to do. Errors of our own carry their whole sentence."""
    write = _SENTENCES.get(detail["type"])
    if write is None:
        return f"{name}: {detail['msg']}", ""
    return write(name, detail["input"], detail.get("ctx", {}), form)


_Writer = Callable[[str, Any, dict[str, Any], Form], tuple[str, str]]


def _wants(what: str, hint: str) -> _Writer:
    return lambda name, given, _, form: (f"{name} must be {what}, not {_kind_of(given, form)}", hint)


def _wants_list(name: str, given: object, _: dict[str, Any], form: Form) -> tuple[str, str]:
    return f"{name} must be a list, not {_kind_of(given, form)}", form.write_list


def _wants_text(name: str, given: object, _: dict[str, Any], form: Form) -> tuple[str, str]:
    hint = "write the text in quotes"
    if isinstance(given, bool | int | float):
        hint = f'write it in quotes: "{str(given).lower()}"'
    return f"{name} must be text, not {_kind_of(given, form)}", hint


def _wants_group(name: str, given: object, context: dict[str, Any], form: Form) -> tuple[str, str]:
    if context.get("class_name") == "Text":
        return _wants_text(name, given, context, form)
    return f"{name} must be {form.group}, not {_kind_of(given, form)}", form.write_group


def _too_short(name: str, _given: object, _context: dict[str, Any], _form: Form) -> tuple[str, str]:
    return f"{name} is empty", "write the text, or leave the key out"


def _too_long(name: str, given: str, context: dict[str, Any], _form: Form) -> tuple[str, str]:
    return f"{name} has {len(given)} characters, more than {context['max_length']}", "shorten it"


def _wants_pattern(name: str, given: str, context: dict[str, Any], _form: Form) -> tuple[str, str]:
    what = next(what for start, what in _PATTERNS if context["pattern"].startswith(start))
    return f"{name} is not {what}", f"given: {given[:60]}" if given else "it is empty"


def _wants_one_of(name: str, given: object, context: dict[str, Any], form: Form) -> tuple[str, str]:
    known = [word.strip("'") for word in context["expected"].replace(" or ", ", ").split(", ")]
    shown = f"`{given[:60]}`" if isinstance(given, str) else _kind_of(given, form)
    hint = nearest(given, known) if isinstance(given, str) else ""
    return f"{name} must be {context['expected']}, not {shown}", hint


_SENTENCES: dict[str, _Writer] = {
    "string_type": _wants_text,
    "string_pattern_mismatch": _wants_pattern,
    "literal_error": _wants_one_of,
    "int_type": _wants("a whole number", "write digits only, without quotes"),
    "bool_type": _wants("true or false", "write true or false, without quotes"),
    "tuple_type": _wants_list,
    "dict_type": _wants_group,
    "model_type": _wants_group,
    "too_short": _too_short,
    "string_too_short": _too_short,
    "too_long": _too_long,
    "string_too_long": _too_long,
    "greater_than_equal": lambda name, given, context, _: (f"{name} is {given}, less than {context['ge']}", ""),
    "less_than_equal": lambda name, given, context, _: (f"{name} is {given}, more than {context['le']}", ""),
}
