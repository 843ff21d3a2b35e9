"""What the files of a tree declare, read from their raw values: a fault in one place hides nothing of the others.

The checks across files work on raw values rather than on models, so that they run on everything that could be read.
``None`` for a whole catalogue means that it could not be read; then nothing is called unknown because of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeGuard, get_args

from app.engine.rules import FieldType
from app.loader.jsonfile import Path
from app.loader.source import Source

Raw: TypeAlias = dict[str, Any]
KINDS: tuple[FieldType, ...] = get_args(FieldType)


def is_group(value: object) -> TypeGuard[Raw]:
    """Whether a raw value is a group of keys."""
    return isinstance(value, dict)


def items_of(value: object, key: str) -> Iterator[tuple[int, Raw]]:
    """The groups in the list under ``key``, with their indices; nothing where there is no such list."""
    listed = value.get(key) if is_group(value) else None
    for index, item in enumerate(listed if isinstance(listed, list) else []):
        if is_group(item):
            yield index, item


def texts_of(value: object, key: str) -> Iterator[tuple[int, str]]:
    """The texts in the list under ``key``, with their indices."""
    listed = value.get(key) if is_group(value) else None
    for index, item in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(item, str):
            yield index, item


def ids_of(value: object, key: str) -> Iterator[tuple[int, str]]:
    """The ids of the groups in the list under ``key``, with their indices."""
    for index, item in items_of(value, key):
        if isinstance(item.get("id"), str):
            yield index, item["id"]


def text_of(value: object) -> tuple[object, object]:
    """English and Welsh of a text, however it is written."""
    return (value.get("en"), value.get("cy")) if is_group(value) else (value, None)


def leaves_of(node: object, path: Path) -> Iterator[tuple[Path, Raw]]:
    """Every leaf of a raw condition tree, with its path."""
    if not is_group(node):
        return
    for branch in ("all", "any"):
        for index, child in items_of(node, branch):
            yield from leaves_of(child, (*path, branch, index))
    if "document" in node or "answer" in node:
        yield path, node


def leaf_ids(requirement: Raw) -> list[str] | None:
    """The leaf ids of a requirement; ``None`` where not all of its tree could be read."""
    ids = [leaf.get("id") for _, leaf in leaves_of(requirement.get("met_when"), ())]
    found = [name for name in ids if isinstance(name, str)]
    return found if found and len(found) == len(ids) else None


@dataclass(frozen=True, slots=True)
class KnownField:
    """Type and options of a profile field or question; ``kind`` is ``None`` where its own file has it wrong."""

    kind: FieldType | None
    options: frozenset[str]


@dataclass(slots=True)
class KnownRuleSet:
    """What one version of a rule set declares."""

    source: Source
    fields: Mapping[str, KnownField] | None = None
    questions: Mapping[str, KnownField] | None = None
    document_types: frozenset[str] | None = None
    requirements: dict[str, Raw] = field(default_factory=dict)
    unreadable: set[object] = field(default_factory=set)
    """Numbers of the standards of which not every requirement could be read."""


@dataclass(frozen=True, slots=True)
class KnownScheme:
    """What one scheme declares; a list that could not be read is ``None``."""

    editions: frozenset[str] | None
    stages: frozenset[str] | None
    scope: object


def _kind(item: Raw) -> FieldType | None:
    return next((kind for kind in KINDS if kind == item.get("type")), None)


def known_fields(head: object, key: str) -> Mapping[str, KnownField] | None:
    """The catalogue under ``key``: empty where the file has none, ``None`` where it is not a list."""
    if not is_group(head) or not isinstance(head.get(key, []), list):
        return None
    return {
        item["id"]: KnownField(
            _kind(item),
            frozenset(option for _, option in ids_of(item, "options")),
        )
        for _, item in items_of(head, key)
        if isinstance(item.get("id"), str)
    }


def known_ids(value: object, key: str) -> frozenset[str] | None:
    """The ids in the list under ``key``, in the same way."""
    if not is_group(value) or not isinstance(value.get(key, []), list):
        return None
    return frozenset(name for _, name in ids_of(value, key))


def known_texts(value: object, key: str) -> frozenset[str] | None:
    """The texts in the list under ``key``, in the same way."""
    if not is_group(value) or not isinstance(value.get(key), list):
        return None
    return frozenset(name for _, name in texts_of(value, key))
