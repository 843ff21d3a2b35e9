"""A new revision of a rule set with official text filled in: the same rules, so that nobody's result moves by it."""

import copy
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from app.engine.rules import RuleSet
from app.engine.values import Text, version_order
from app.errors import Conflict, Unavailable
from app.loader.catalogue import Catalogue, load
from app.loader.source import Source, crosswalk_source, files, read_source, rule_set_source
from app.stewardship.editing import Editor, text_lines


class Revision(NamedTuple):
    """What was made: the version and the one it is based on, and what was written, as paths within the tree."""

    rule_set: str
    base: str
    version: str
    filled: tuple[str, ...]
    without_welsh: tuple[str, ...]
    folder: str
    crosswalks: tuple[str, ...]


def revise(root: Path, catalogue: Catalogue, rule_set: RuleSet, official: Mapping[str, Text]) -> Revision:
    """Write the next revision of ``rule_set`` into the sound tree ``root``, with ``official`` text by requirement.

    Crosswalks are copied for it under the next numbers. All or nothing: the whole tree is checked with the new files
    before any of them is written. Raises ``Conflict`` where the revision or its folder is there already, and
    ``BadInput`` where a file is written in a way that cannot be edited without spoiling it.
    """
    *edition, revision = version_order(rule_set.version)
    version = ".".join(map(str, [*edition, revision + 1]))
    head = rule_set_source(root, rule_set.id, rule_set.version)
    folder = (root / head.file).parent.parent / version
    if (rule_set.id, version) in catalogue.rule_sets or folder.exists():
        place = folder.relative_to(root).as_posix()
        hint = f"correct {version} itself, or take its folder {place} away"
        raise Conflict(f"there is a revision {version} of {rule_set.id} already", hint=hint)
    written = _rule_set_files(root, head, rule_set, version, official)
    walks = _crosswalk_files(root, catalogue, rule_set, version)
    copied = _Copied(Path(head.file).parent, folder.relative_to(root), written | walks)
    with TemporaryDirectory() as place:
        trial = Path(place) / "standards"
        shutil.copytree(root, trial)
        copied.write(trial)
        load(trial)
    copied.write(root)
    return Revision(
        rule_set.id,
        rule_set.version,
        version,
        tuple(official),
        tuple(name for name, text in official.items() if text.cy is None),
        folder.relative_to(root).as_posix(),
        tuple(path.as_posix() for path in walks),
    )


class _Copied(NamedTuple):
    """A folder to copy, where to, and the files to write anew; all as places in the tree."""

    old: Path
    new: Path
    files: Mapping[Path, str]

    def write(self, root: Path) -> None:
        """Write all of it below ``root``, or nothing."""
        try:
            shutil.copytree(root / self.old, root / self.new)
            for path, text in self.files.items():
                (root / path).write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            shutil.rmtree(root / self.new, ignore_errors=True)
            for path in self.files:
                (root / path).unlink(missing_ok=True)
            message = f"{root / self.new} cannot be written: {error.strerror}"
            raise Unavailable(message, hint="nothing was changed; check the rights") from None


def _rule_set_files(
    root: Path, head: Source, rule_set: RuleSet, version: str, official: Mapping[str, Text]
) -> dict[Path, str]:
    """The files of the new version that differ from those of the old one, by their place in the tree."""
    folder = Path(head.file).parent
    edited = {Path(head.file): _head(head, rule_set, version)}
    for path in files(root / folder):
        source = read_source(root, path)
        if source.file != head.file and (text := _standard(source, official)) is not None:
            edited[Path(source.file)] = text
    return {folder.parent / version / path.relative_to(folder): text for path, text in edited.items()}


def _head(source: Source, rule_set: RuleSet, version: str) -> str:
    """``rule-set.yaml`` of the new version: a draft, based on the old one, every requirement unchanged."""
    entries = [{"requirement": name, "from": [name], "change": "unchanged"} for name in rule_set.requirements]
    base = {"id": rule_set.id, "version": rule_set.version}
    meant = _value(source) | {"version": version, "based_on": base, "lineage": {"retired": [], "entries": entries}}
    if "status" in meant:
        meant["status"] = "draft"
    editor = Editor(source, meant)
    editor.scalar(("version",), f'"{version}"')
    if "status" in meant:
        editor.scalar(("status",), "draft")
    editor.block(("based_on",), ("version",), lambda _: [f"  id: {base['id']}", f'  version: "{base["version"]}"'])
    lines = [f'    - {{requirement: "{name}", from: ["{name}"], change: unchanged}}' for name in rule_set.requirements]
    editor.block(("lineage",), ("version",), lambda _: ["  retired: []", "  entries:", *lines])
    return editor.done()


def _standard(source: Source, official: Mapping[str, Text]) -> str | None:
    """A standard's file with the official text put in; ``None`` where none is for it."""
    meant = copy.deepcopy(_value(source))
    wanted = {index: official[item["id"]] for index, item in enumerate(meant["requirements"]) if item["id"] in official}
    if not wanted:
        return None
    for index, text in wanted.items():
        meant["requirements"][index]["official_text"] = text.model_dump(exclude_none=True)
    editor = Editor(source, meant)
    for index, text in wanted.items():
        path = ("requirements", index)
        editor.block((*path, "official_text"), (*path, "statement"), partial(text_lines, text))
    return editor.done()


def _crosswalk_files(root: Path, catalogue: Catalogue, rule_set: RuleSet, version: str) -> dict[Path, str]:
    """A copy of every version of every crosswalk to the old version, numbered on, for the new one."""
    last: dict[str, int] = {}
    for item in catalogue.crosswalks:
        last[item.id] = max(last.get(item.id, 0), version_order(item.version)[0])
    made: dict[Path, str] = {}
    known = sorted(catalogue.crosswalks_for(rule_set), key=lambda item: (item.id, version_order(item.version)))
    for crosswalk in known:
        last[crosswalk.id] += 1
        number = str(last[crosswalk.id])
        source = crosswalk_source(root, crosswalk.id, crosswalk.version)
        place = Path(source.file).with_stem(number)
        if (root / place).exists():
            raise Conflict(f"there is a file {place.as_posix()} already", hint="give it another name")
        value = _value(source)
        editor = Editor(source, value | {"version": number, "rule_set": value["rule_set"] | {"version": version}})
        editor.scalar(("version",), f'"{number}"')
        editor.scalar(("rule_set", "version"), f'"{version}"')
        made[place] = editor.done()
    return made


def _value(source: Source) -> dict[str, Any]:
    """The value of a file that was loaded, and so is a group of keys."""
    return source.value  # type: ignore[return-value]  # the loader refuses anything else
