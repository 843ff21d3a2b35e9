"""One version of a rule set: its own file, the files of its standards, and all that must agree between them."""

from collections.abc import Iterable
from pathlib import Path as FilePath
from pathlib import PurePosixPath

from app.engine.rules import RuleSet, RuleSetFile, RuleSetHead, Standard, StandardEntry, StandardFile
from app.loader.jsonfile import Path
from app.loader.known import (
    KnownRuleSet,
    Raw,
    ids_of,
    is_group,
    items_of,
    known_fields,
    known_ids,
    text_of,
)
from app.loader.requirements import check_requirements
from app.loader.source import Source, read_source
from app.loader.yamlfile import YamlReading

_CHOICES = frozenset({"choice", "choices"})


class RuleSetReading:
    """A rule set version as read from its folder: ``sources`` have the problems, ``model`` is all of it or none."""

    def __init__(self, root: FilePath, head: FilePath, files: Iterable[FilePath], seen: dict[str, YamlReading]) -> None:
        self._seen = seen
        self.head = read_source(root, head, seen)
        self.sources = [self.head]
        self.known = KnownRuleSet(
            self.head,
            known_fields(self.head.value, "profile"),
            known_fields(self.head.value, "questions"),
            known_ids(self.head.value, "document_types"),
        )
        self._first_use: dict[str, Source] = {}
        head_model = self.head.checked(RuleSetFile)
        _check_catalogues(self.head)
        standards = self._read_standards(root, head.parent, set(files))
        self.model = _whole(head_model, standards)

    def _read_standards(self, root: FilePath, folder: FilePath, files: set[FilePath]) -> list[StandardFile | None]:
        """Read the listed files in the order listed, then report or at least check what nobody listed."""
        found: list[StandardFile | None] = []
        left = set(files)
        for index, entry in items_of(self.head.value, "standards"):
            path = self._listed(folder, ("standards", index), entry, files)
            if path is None:
                self.known.unreadable.add(entry.get("number"))
                continue
            if path not in left:
                self.head.problem(("standards", index, "file"), "the file is listed twice", "one file a standard")
                continue
            left.discard(path)
            found.append(self._read_standard(read_source(root, path, self._seen), entry))
            self._agree(entry, self.sources[-1])
        for path in sorted(left):
            source = read_source(root, path, self._seen)
            if is_group(self.head.value):
                hint = "add it to `standards` there, or take the file away"
                source.problem((), f"the file is not listed in {self.head.file}", hint)
            self._read_standard(source, {})
        return found

    def _listed(self, folder: FilePath, path: Path, entry: Raw, files: set[FilePath]) -> FilePath | None:
        name = entry.get("file")
        if not isinstance(name, str) or not name:
            return None
        file = folder / PurePosixPath(name)
        if file not in files:
            message = f"there is no file `{name}` beside this one"
            self.head.problem((*path, "file"), message, "correct the name, or add the file")
            return None
        return file

    def _read_standard(self, source: Source, entry: Raw) -> StandardFile | None:
        self.sources.append(source)
        model = source.checked(StandardFile)
        number = source.value.get("number") if is_group(source.value) else None
        if not is_group(source.value) or not isinstance(source.value.get("requirements"), list):
            self.known.unreadable.add(entry.get("number", number))
        check_requirements(source, number, self.known, self._first_use)
        return model

    def _agree(self, entry: Raw, standard: Source) -> None:
        """The rule set and the standard's own file must say the same number and title."""
        if not is_group(standard.value):
            return
        number, own = entry.get("number"), standard.value.get("number")
        if isinstance(own, int) and isinstance(number, int) and own != number:
            message = f"the number is {own} here and {number} in {self.head.file}"
            standard.problem(("number",), message, "one of the two is wrong")
        if "title" in entry and "title" in standard.value and not _same(entry["title"], standard.value["title"]):
            message = f"the title differs from that in {self.head.file}"
            standard.problem(("title",), message, "write the same title in both, in each language")


def _same(listed: object, own: object) -> bool:
    """Equal in English, and in Welsh where both have it."""
    (english, welsh), (own_english, own_welsh) = text_of(listed), text_of(own)
    return english == own_english and (welsh == own_welsh or welsh is None or own_welsh is None)


def _check_catalogues(source: Source) -> None:
    for key, word in (("profile", "profile field"), ("questions", "question"), ("document_types", "document type")):
        check_unique(source, (), key, word)
    for key in ("profile", "questions"):
        for index, item in items_of(source.value, key):
            _check_options(source, (key, index), item)
    numbers: set[int] = set()
    for index, entry in items_of(source.value, "standards"):
        number = entry.get("number")
        if isinstance(number, int):
            if number in numbers:
                message = f"the standard number {number} is used twice"
                source.problem(("standards", index, "number"), message, "each standard has a number of its own")
            numbers.add(number)


def _check_options(source: Source, path: Path, item: Raw) -> None:
    check_unique(source, path, "options", "option", item)
    kind, options = item.get("type"), item.get("options")
    if kind in ("choice", "choices") and options in (None, []):
        message = f"a field of type {kind} has no options"
        source.problem(path if options is None else (*path, "options"), message, "list the options to choose from")
    elif isinstance(kind, str) and kind not in _CHOICES and options:
        message = f"a field of type {kind} has options"
        source.problem((*path, "options"), message, "take them out, or make it a choice", at_key=True)
    if "unit_of_one" in item and "unit" not in item:
        message = "what one is called is said, and not what several are"
        source.problem((*path, "unit_of_one"), message, "say the unit as well, or take this out", at_key=True)


def check_unique(source: Source, path: Path, key: str, word: str, group: object = None) -> None:
    """Note every id in the list under ``key`` that came before in it."""
    seen: set[str] = set()
    for index, name in ids_of(source.value if group is None else group, key):
        if name in seen:
            message = f"the {word} id `{name}` is used twice"
            source.problem((*path, key, index, "id"), message, "each has an id of its own")
        seen.add(name)


def _whole(head: RuleSetFile | None, standards: list[StandardFile | None]) -> RuleSet | None:
    read = [standard for standard in standards if standard is not None]
    if head is None or len(read) != len(head.standards):
        return None
    fields = {name: getattr(head, name) for name in RuleSetHead.model_fields}
    pairs = zip(head.standards, read, strict=True)
    return RuleSet(**fields, standards=tuple(_standard(entry, standard) for entry, standard in pairs))


def _standard(entry: StandardEntry, standard: StandardFile) -> Standard:
    return Standard(
        number=standard.number,
        title=entry.title if entry.title.cy else standard.title,
        page=entry.page,
        note=standard.note or entry.note,
        requirements=standard.requirements,
    )
