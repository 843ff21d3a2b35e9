"""One file of the standards tree: its value, and a located problem for everything that is wrong with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from pathlib import PurePosixPath
from typing import TypeVar

from pydantic import ValidationError

from app.engine.canonical import sha256_of
from app.engine.values import Frozen
from app.errors import Problem
from app.loader.explain import IN_JSON, IN_YAML, Form, explained
from app.loader.jsonfile import Flaw, Flawed, Path, decoded, line_and_column, parse_json, places
from app.loader.yamlfile import YamlReading, read_yaml

LARGEST_FILE = 2 * 1024 * 1024
DEEPEST_FILE = 50
SUFFIXES = frozenset({".yaml", ".yml", ".json"})

Model = TypeVar("Model", bound=Frozen)


@dataclass
class Source:
    """A file as read. ``value`` is ``None`` where nothing could be read; ``problems`` grows as checks find more.

    ``form`` is how it is written. ``places`` has the offsets of key and value of every path; those of JSON are looked
    for when they are first needed.
    """

    file: str
    text: str = ""
    value: object = None
    problems: list[Problem] = field(default_factory=list)
    places: dict[Path, tuple[int, int]] | None = None
    form: Form = IN_JSON

    def problem(self, path: Path, message: str, hint: str = "", *, at_key: bool = False) -> None:
        """Note a problem with the value at ``path``, or with its key."""
        self._note(self._offset(path, at_key=at_key), message, hint)

    def line_of(self, path: Path) -> int:
        """The line, from 1, of the value at ``path``; the first where there is none."""
        return line_and_column(self.text, self._offset(path, at_key=True))[0]

    def flaws(self, flaws: list[Flaw]) -> None:
        """Note what the reading of the text itself found."""
        for flaw in flaws:
            self._note(flaw.offset, flaw.message, flaw.hint)

    def checked(self, model: type[Model]) -> Model | None:
        """The value as a model; ``None`` where it is not one, with every reason among the problems."""
        if self.value is None and self.problems:
            return None
        if self.value is None:
            self.problem((), "the file is empty", "write its content, or take the file and its mention out")
            return None
        try:
            return model.model_validate(self.value)
        except ValidationError as error:
            known = {(problem.line, problem.column) for problem in self.problems}
            for item in explained(error, self.value, model, self.form):
                offset = self._offset(item.path, at_key=item.at_key)
                # What the reader refused as a number or a word need not be called a wrong type as well.
                if line_and_column(self.text, offset) not in known:
                    self._note(offset, item.message, item.hint)
            return None

    def _note(self, offset: int, message: str, hint: str) -> None:
        line, column = line_and_column(self.text, offset)
        self.problems.append(Problem(self.file, line, column, message, hint))

    def _offset(self, path: Path, *, at_key: bool) -> int:
        if self.places is None:
            self.places = _json_places(self.text) if self.value is not None else {}
        key, value = self.places.get(path, (0, 0))  # a file that could not be read has no places
        return key if at_key else value


def read_source(root: FilePath, path: FilePath, seen: dict[str, YamlReading] | None = None) -> Source:
    """Read the file ``path`` of the tree ``root``; never raises for what a file can hold or lack.

    ``seen`` keeps what was read by its text: most files of a new revision are those of the last one.
    """
    source = Source(path.relative_to(root).as_posix())
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= LARGEST_FILE else b""
    except OSError as error:
        source.problem((), f"the file cannot be read: {error.strerror}", "check that it is a file, and its rights")
        return source
    if size > LARGEST_FILE:
        source.problem((), f"the file has {size} bytes, more than 2 MB", "no file of rules needs as many; split it")
        return source
    try:
        source.text = decoded(data)
        _read_text(source, {} if seen is None else seen, json_only=path.suffix == ".json")
    except Flawed as error:
        source.text = source.text or data.decode("utf-8", "replace")
        source.flaws(error.flaws)
    return source


def rule_set_source(root: FilePath, name: str, version: str) -> Source:
    """The ``rule-set.yaml`` of a version that a sound tree has; raises ``LookupError`` where it has none."""
    return _source_of(root / "rule-sets", root, name, version, stem="rule-set")


def rule_set_sources(root: FilePath, name: str, version: str) -> list[Source]:
    """The same, and after it the file of each of its standards."""
    head = rule_set_source(root, name, version)
    entries = head.value["standards"] if isinstance(head.value, dict) else []
    return [head, *(read_source(root, (root / head.file).parent / entry["file"]) for entry in entries)]


def said_by(sources: Sequence[Source]) -> dict[str, str]:
    """The SHA-256 of what each file of a version says, however it is written, by its name beside the first."""
    folder = PurePosixPath(sources[0].file).parent
    return {PurePosixPath(item.file).relative_to(folder).as_posix(): sha256_of(item.value) for item in sources}


def crosswalk_source(root: FilePath, name: str, version: str) -> Source:
    """The file of a crosswalk version, in the same way."""
    return _source_of(root / "crosswalks", root, name, version)


def files(folder: FilePath) -> Iterator[FilePath]:
    """Every file of ours below ``folder``, in the order of names; hidden ones are an editor's."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in SUFFIXES and not path.name.startswith("."):
            yield path


def _source_of(folder: FilePath, root: FilePath, name: str, version: str, stem: str | None = None) -> Source:
    for path in files(folder):
        if stem in (None, path.stem):
            source = read_source(root, path)
            if isinstance(source.value, dict) and (source.value["id"], source.value["version"]) == (name, version):
                return source
    raise LookupError(f"{name} {version}")


def _read_text(source: Source, seen: dict[str, YamlReading], *, json_only: bool) -> None:
    """JSON is read by the rules of JSON whatever the file is called: YAML readers differ on escapes and line ends."""
    if json_only or source.text.lstrip().startswith("{"):
        try:
            source.value, flaws = parse_json(source.text, DEEPEST_FILE)
        except Flawed:
            if json_only:
                raise
        else:
            source.flaws(flaws)
            return
    source.form = IN_YAML
    if source.text not in seen:
        seen[source.text] = read_yaml(source.text, DEEPEST_FILE)
    reading = seen[source.text]
    source.value, source.places = reading.value, reading.places
    source.flaws(reading.flaws)


def _json_places(text: str) -> dict[Path, tuple[int, int]]:
    """Of a key used twice the last place, as it is the last value that was read."""
    return {place.path: (place.key, place.value) for place in places(text)}
