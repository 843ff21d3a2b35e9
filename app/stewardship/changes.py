"""One change between two versions, and how values of rules are compared and put into words for it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, TypeVar

from pydantic import BaseModel, TypeAdapter

from app.engine.canonical import canonical_bytes
from app.engine.rules import Condition, Source
from app.engine.tree import AllOf, AnyOf, Node
from app.engine.values import Text
from app.stewardship.rules_in_words import InWords, RulesInWords

Kind = Literal["added", "removed", "changed"]
_Item = TypeVar("_Item")
_ANY: TypeAdapter[object] = TypeAdapter(object)
_ENGLISH = InWords("en")


class Change(NamedTuple):
    """One difference: of what (``part`` and ``id``), in which ``aspect`` (``None``: the whole), before and after."""

    part: str
    id: str
    aspect: str | None
    kind: Kind
    was: str | None = None
    now: str | None = None

    @property
    def json_form(self) -> dict[str, str | None]:
        """The change as JSON, every field written out."""
        return self._asdict()


class Aspect(NamedTuple):
    """One thing to compare: its name, both values, and both in words."""

    name: str
    was: object
    now: object
    was_said: str | None
    now_said: str | None


def changed(part: str, name: str, aspects: Iterable[Aspect]) -> Iterator[Change]:
    """The aspects that differ; where their words are the same, with the values as the files have them."""
    for aspect in aspects:
        if aspect.was == aspect.now:
            continue
        was, now = aspect.was_said, aspect.now_said
        if was == now:
            was, now = f"{was or ''} {_raw(aspect.was)}".strip(), f"{now or ''} {_raw(aspect.now)}".strip()
        kind: Kind = "added" if was is None else "removed" if now is None else "changed"
        yield Change(part, name, aspect.name, kind, was, now)


def texts(name: str, was: Text | None, now: Text | None) -> Iterator[Aspect]:
    """A text in both languages, each compared by itself."""
    for language, title in (("en", name), ("cy", f"{name} in Welsh")):
        before = None if was is None else getattr(was, language)
        after = None if now is None else getattr(now, language)
        yield Aspect(title, before, after, before, after)


def plain(name: str, was: object, now: object) -> Aspect:
    """A value that says itself."""
    return Aspect(name, was, now, said(was), said(now))


def sources(was: Iterable[Source], now: Iterable[Source]) -> Aspect:
    """Sources, each as one line."""
    before, after = tuple(was), tuple(now)
    spoken = [" ".join(f"{_ENGLISH.source(item)};" for item in listed).rstrip(";") for listed in (before, after)]
    return Aspect("sources", before, after, spoken[0] or None, spoken[1] or None)


def condition(name: str, was: Condition | None, now: Condition | None, words: tuple[RulesInWords, ...]) -> Aspect:
    """A condition on the profile; none holds always."""
    older, newer = words
    return Aspect(name, was, now, _condition(was, older), _condition(now, newer))


def pairs(was: Mapping[str, _Item], now: Mapping[str, _Item]) -> Iterator[tuple[str, _Item | None, _Item | None]]:
    """Entries by id: those of the newer in their order, then those that are gone."""
    for name, item in now.items():
        yield name, was.get(name), item
    for name, item in was.items():
        if name not in now:
            yield name, item, None


def skeleton(node: Node) -> str:
    """How the items of a tree combine, by their ids."""
    if isinstance(node, AllOf | AnyOf):
        word = "all of" if isinstance(node, AllOf) else "any of"
        return f"{word} ({', '.join(map(skeleton, node.all if isinstance(node, AllOf) else node.any))})"
    return node.id


def said(value: object) -> str | None:
    """A plain value as people write it; nothing for none."""
    if value is None or value in ((), ""):
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _condition(found: Condition | None, words: RulesInWords) -> str:
    if found is None:
        return words.say("always")
    lines = list(words.condition(found))
    return " ".join(f"{line.text}{'' if line.text.endswith(':') else ';'}" for line in lines).rstrip(";")


def _raw(value: object) -> str:
    plain_value = (
        value.model_dump(mode="json") if isinstance(value, BaseModel) else _ANY.dump_python(value, mode="json")
    )
    return canonical_bytes(plain_value).decode()
