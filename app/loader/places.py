"""Regions, local authorities, health boards and police forces of Wales, each fact a statement with its source.

They are reference data that comes along with the code, in ``data/wales.yaml``. None is worked out from another: an
authority's region, health board and police force are three statements.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path as FilePath
from typing import Annotated

from pydantic import Field

from app.engine.values import Bool, Frozen, Id, Name, NotEmpty, Str, Text
from app.errors import StandardsInvalid
from app.loader.jsonfile import Path
from app.loader.source import Source, read_source

FILE = FilePath(__file__).with_name("data") / "wales.yaml"


class PlaceSource(Frozen):
    """A document; ``read`` says whether it was seen by those who wrote the statement."""

    id: Id
    document: Name
    url: Annotated[Str, Field(max_length=2000)] | None = None
    read: Bool


class Named(Frozen):
    """A region, health board or police force: that it exists under this name, and who says so."""

    id: Id
    name: Text
    source: Id


class Statement(Frozen):
    """What an authority belongs to (``is``), and who says so."""

    of: Id = Field(alias="is")
    source: Id


class LocalAuthority(Frozen):
    """A principal council, with three statements that do not follow from each other."""

    id: Id
    name: Text
    region: Statement
    health_board: Statement
    police_force: Statement


class Places(Frozen):
    """The reference data of Wales; lists are in the order of the file."""

    sources: Annotated[tuple[PlaceSource, ...], NotEmpty]
    regions: Annotated[tuple[Named, ...], NotEmpty]
    health_boards: Annotated[tuple[Named, ...], NotEmpty]
    police_forces: Annotated[tuple[Named, ...], NotEmpty]
    local_authorities: Annotated[tuple[LocalAuthority, ...], NotEmpty]

    @cached_property
    def region_ids(self) -> frozenset[str]:
        """The ids of the regions, which services and commissioners name."""
        return frozenset(region.id for region in self.regions)

    @cached_property
    def bodies(self) -> dict[str, frozenset[str]]:
        """The ids of the bodies that can be members of a commissioner, by their kind."""
        return {
            "local_authority": frozenset(item.id for item in self.local_authorities),
            "health_board": frozenset(item.id for item in self.health_boards),
            "police_force": frozenset(item.id for item in self.police_forces),
        }


def load_places(path: FilePath = FILE) -> Places:
    """Read the reference data; raises ``StandardsInvalid`` with every problem, by line and column."""
    source = read_source(path.parent, path)
    found = source.checked(Places)
    if found is not None:
        _Checks(source, found).run()
    if found is None or source.problems:
        raise StandardsInvalid(
            "the reference data of Wales has problems, and nothing of it is loaded",
            problems=tuple(sorted(set(source.problems))),
            hint=f"correct {path.name}",
        )
    return found


@dataclass
class _Checks:
    """What ties the lists of one file together."""

    source: Source
    places: Places
    cited: set[str] = field(default_factory=set)

    def run(self) -> None:
        lists = ("sources", "regions", "health_boards", "police_forces", "local_authorities")
        for name in lists:
            self._unique(name, [item.id for item in getattr(self.places, name)])
        for name in ("regions", "health_boards", "police_forces"):
            for index, item in enumerate(getattr(self.places, name)):
                self._cited((name, index, "source"), item.source)
        for name, kind in (("regions", "region"), ("health_boards", "health_board"), ("police_forces", "police_force")):
            self._belonging(name, kind)
        for index, item in enumerate(self.places.sources):
            if item.id not in self.cited:
                self.source.problem(("sources", index), "no statement names this source", "take it out")

    def _unique(self, name: str, ids: list[str]) -> None:
        for index, found in enumerate(ids):
            if found in ids[:index]:
                self.source.problem((name, index, "id"), "this id is used twice in its list", "choose another")

    def _belonging(self, name: str, kind: str) -> None:
        """Every authority names one that exists, and every one that exists is named by an authority."""
        known: Iterable[Named] = getattr(self.places, name)
        ids = {item.id for item in known}
        used: set[str] = set()
        for index, authority in enumerate(self.places.local_authorities):
            statement: Statement = getattr(authority, kind)
            place: Path = ("local_authorities", index, kind)
            self._cited((*place, "source"), statement.source)
            used.add(statement.of)
            if statement.of not in ids:
                self.source.problem((*place, "is"), f"no {kind} has this id", f"add it to {name}, or correct it")
        for index, item in enumerate(known):
            if item.id not in used:
                self.source.problem((name, index, "id"), f"no local authority names this {kind}", "add what is missing")

    def _cited(self, place: Path, source: str) -> None:
        self.cited.add(source)
        if source not in {item.id for item in self.places.sources}:
            self.source.problem(place, "no source has this id", "add it to sources, or correct it")
