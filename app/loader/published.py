"""What has been published, as ``standards/published.toml`` records it: a SHA-256 for each version (semantics.md 2)."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Literal, TypeAlias

from app.engine.rules import Crosswalk, RuleSet
from app.engine.values import version_order
from app.errors import Problem

FILE = "published.toml"
Kind: TypeAlias = Literal["rule-sets", "crosswalks"]
Key: TypeAlias = tuple[Kind, str, str]
_KINDS: tuple[Kind, ...] = ("rule-sets", "crosswalks")
_FILES = "files"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_VERSION = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))*", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_HEAD = """\
# What is published never changes. Every version below is kept by the SHA-256 of its canonical JSON: a version that says
# something else, or is no longer there, is refused with the whole tree. A correction is a new version.
# Written by `safonau standards publish ID VERSION`; do not edit it by hand.
"""


@dataclass(frozen=True, slots=True)
class Published:
    """The SHA-256 recorded for each published version of a rule set or crosswalk.

    ``files`` has, by id and version of a rule set, the SHA-256 of what each file of its folder said: it decides nothing
    and tells which file is to blame when the version has changed.
    """

    hashes: Mapping[Key, str] = field(default_factory=dict)
    files: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)

    def has(self, version: RuleSet | Crosswalk) -> bool:
        """Whether exactly this content is recorded as published."""
        return self.hashes.get(key_of(version)) == version.sha256

    def adding(self, version: RuleSet | Crosswalk, files: Mapping[str, str] | None = None) -> "Published":
        """The record with one version more, and with what each of its files says where it has several."""
        more = {(version.id, version.version): files} if files else {}
        return Published({**self.hashes, key_of(version): version.sha256}, {**self.files, **more})

    @property
    def text(self) -> str:
        """The whole file, sorted, so that the same record is the same bytes."""
        lines = [_HEAD]
        for kind in _KINDS:
            for name in sorted({key[1] for key in self.hashes if key[0] == kind}):
                lines.append(f'[{kind}."{name}"]')
                versions = sorted((key[2] for key in self.hashes if key[:2] == (kind, name)), key=version_order)
                lines += [f'"{version}" = "{self.hashes[kind, name, version]}"' for version in versions]
                lines.append("")
        for name, version in sorted(self.files, key=lambda key: (key[0], version_order(key[1]))):
            lines.append(f'[{_FILES}."{name}"."{version}"]')
            lines += [f"{json.dumps(file)} = {json.dumps(said)}" for file, said in self.files[name, version].items()]
            lines.append("")
        return "\n".join(lines).rstrip("\n") + "\n"


def key_of(version: RuleSet | Crosswalk) -> Key:
    """Under what a version is recorded."""
    return ("rule-sets" if isinstance(version, RuleSet) else "crosswalks"), version.id, version.version


class PublishedReading:
    """``published.toml`` of a tree as read; ``problems`` has everything wrong with it, and no file is no record."""

    def __init__(self, root: FilePath) -> None:
        self.problems: list[Problem] = []
        self._lines: list[str] = []
        self.record = Published()
        path = root / FILE
        if not path.exists():
            return
        try:
            text = path.read_text(encoding="utf-8")
            value = tomllib.loads(text)
        except OSError as error:
            self._problem(1, f"the file cannot be read: {error.strerror}", "check that it is a file, and its rights")
        except UnicodeDecodeError:
            self._problem(1, "the file is not UTF-8", "take it back from the version history")
        except tomllib.TOMLDecodeError as error:
            place = _PLACE.search(str(error))
            line, column = (int(place[1]), int(place[2])) if place else (1, 1)
            message = f"this is not TOML: {_PLACE.sub('', str(error))}"
            self._problem(line, message, "take it back from the version history", column)
        else:
            self._lines = text.splitlines()
            files = value.pop(_FILES, {})
            self.record = Published(dict(self._entries(value)), dict(self._files(files)))

    def refuse(self, key: Key, message: str, hint: str) -> None:
        """Note a problem at the line of one entry."""
        kind, name, version = key
        table = re.compile(rf"\s*\[\s*{kind}\s*\.\s*[\"']?{re.escape(name)}[\"']?\s*\]")
        entry = re.compile(rf"\s*[\"']?{re.escape(version)}[\"']?\s*=")
        within, found = False, 1
        for number, line in enumerate(self._lines, start=1):
            if line.lstrip().startswith("["):
                within = bool(table.match(line))
                found = number if within else found
            elif within and entry.match(line):
                found, within = number, False
        self._problem(found, message, hint)

    def _entries(self, value: Mapping[str, object]) -> Iterator[tuple[Key, str]]:
        for kind, tables in value.items():
            known = next((item for item in _KINDS if item == kind), None)
            if known is None or not isinstance(tables, dict):
                self._problem(1, f"unknown table `{kind}`", f"there are: {', '.join((*_KINDS, _FILES))}")
                continue
            for name, versions in tables.items():
                if not _ID.fullmatch(name) or not isinstance(versions, dict):
                    self._problem(1, f"`{kind}.{name}` is not a table of versions", "publish writes this file")
                    continue
                for version, sha256 in versions.items():
                    if not _VERSION.fullmatch(version) or not (isinstance(sha256, str) and _SHA256.fullmatch(sha256)):
                        message = f"`{version}` of {name} is not a version with its SHA-256"
                        self.refuse((known, name, version), message, "take it back from the version history")
                    else:
                        yield (known, name, version), sha256

    def _files(self, tables: object) -> Iterator[tuple[tuple[str, str], Mapping[str, str]]]:
        for name, versions in tables.items() if isinstance(tables, dict) else [(_FILES, None)]:
            for version, files in versions.items() if isinstance(versions, dict) else [("", None)]:
                if (
                    _VERSION.fullmatch(version)
                    and isinstance(files, dict)
                    and all(isinstance(sha256, str) and _SHA256.fullmatch(sha256) for sha256 in files.values())
                ):
                    yield (name, version), files
                else:
                    message = f"what is recorded of the files of {name} {version}".rstrip() + " is no list of SHA-256"
                    self._problem(1, message, "take it back from the version history")

    def _problem(self, line: int, message: str, hint: str, column: int = 1) -> None:
        self.problems.append(Problem(FILE, line, column, message, hint))
