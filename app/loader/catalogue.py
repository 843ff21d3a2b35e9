"""The whole standards tree as one frozen catalogue, or every problem of it at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path as FilePath
from typing import TypeVar

from app.engine.canonical import sha256_of
from app.engine.check import pack_faults
from app.engine.pack import Pack
from app.engine.rules import Crosswalk, RuleSet, Scheme
from app.errors import Fault, NotFound, Problem, StandardsInvalid
from app.loader.crosswalks import CrosswalkChecks, known_scheme, rule_set_key
from app.loader.history import check_lineage, check_published
from app.loader.jsonfile import Located, beside, unsound
from app.loader.known import is_group
from app.loader.packfile import refused, shape_of, sound
from app.loader.published import Published, PublishedReading
from app.loader.rulesets import RuleSetReading
from app.loader.source import Source, files, read_source
from app.loader.standin import StandIn
from app.loader.yamlfile import YamlReading

_Model = TypeVar("_Model", Scheme, Crosswalk)


@dataclass(frozen=True)
class Catalogue:
    """Every rule set version, scheme and crosswalk version of a sound tree."""

    rule_sets: dict[tuple[str, str], RuleSet]
    schemes: dict[str, Scheme]
    crosswalks: tuple[Crosswalk, ...]
    published: Published = field(default_factory=Published)

    @cached_property
    def sha256(self) -> str:
        """Names the content of every rule set version, scheme and crosswalk version."""
        files = [item.sha256 for item in self.rule_sets.values()] + [item.sha256 for item in self.crosswalks]
        schemes = [sha256_of(item.model_dump(mode="json")) for item in self.schemes.values()]
        return sha256_of(sorted(files + schemes))

    def rule_set(self, name: str, version: str) -> RuleSet:
        """The exact version; raises ``NotFound``, naming the versions that there are."""
        found = self.rule_sets.get((name, version))
        if found is None:
            known = ", ".join(" ".join(key) for key in sorted(self.rule_sets))
            raise NotFound(f"there is no rule set {name} {version}", hint=f"there are: {known}")
        return found

    def is_published(self, rule_set: RuleSet) -> bool:
        """Whether the version says that it is published, and exactly this content is recorded so (semantics.md 2)."""
        return rule_set.status == "published" and self.published.has(rule_set)

    def crosswalks_for(self, rule_set: RuleSet) -> tuple[Crosswalk, ...]:
        """Every version of every crosswalk to this exact rule set version; ``evaluate`` chooses those in use."""
        return tuple(
            crosswalk
            for crosswalk in self.crosswalks
            if (crosswalk.rule_set.id, crosswalk.rule_set.version) == (rule_set.id, rule_set.version)
        )

    def check(self, pack: Pack) -> RuleSet:
        """The rule set that the pack names; raises ``PackInvalid`` with every fault (semantics.md 3).

        Neither a pack nor a catalogue ever changes: what was found sound is not looked at again.
        """
        if self.sha256 not in pack.sound_under:
            faults = self._content_faults(pack)
            if faults:
                raise refused(faults)
            pack.sound_under.add(self.sha256)
        return self.rule_sets[pack.rule_set.id, pack.rule_set.version]

    def accept(self, value: object, flaws: Sequence[Located] = ()) -> tuple[RuleSet, Pack]:
        """The pack that a JSON value is, and its rule set; ``flaws`` are those of the text that it was read from.

        Raises ``PackInvalid`` with faults of shape and content; for a text with flaws ``BadInput`` with all three.
        """
        pack = self.pack_of(value, flaws)
        return self.check(pack), pack

    def pack_of(self, value: object, flaws: Sequence[Located] = (), most: int | None = None) -> Pack:
        """The pack that a JSON value is, whose content nobody looked at yet.

        Raises ``PackInvalid`` or ``BadInput`` as ``accept`` does; of more than ``most`` faults of shape so many, and
        how many more.
        """
        pack, shape = shape_of(value, most)
        if pack is not None and not flaws:
            return pack
        found = beside(flaws, shape)
        if isinstance(value, dict):
            stand_in = StandIn(value, [path for path, _ in found])
            whole = sound(stand_in.value)
            if whole is not None:
                found += [((), fault) for fault in filter(stand_in.genuine, self._content_faults(whole))]
        if flaws:
            raise unsound(found)
        raise refused(fault for _, fault in found)

    def _content_faults(self, pack: Pack) -> tuple[Fault, ...]:
        try:
            rule_set = self.rule_set(pack.rule_set.id, pack.rule_set.version)
        except NotFound as error:
            unknown = Fault("/rule_set", error.message, error.hint)
            return (unknown, *self.faults_under_any(pack))
        return pack_faults(rule_set, self.schemes, pack)

    def faults_under_any(self, pack: Pack) -> tuple[Fault, ...]:
        """What is wrong with the pack whichever rule set it is read under."""
        return pack_faults(None, self.schemes, pack)


def load(standards: FilePath) -> Catalogue:
    """Read the tree in the folder ``standards``; raises ``StandardsInvalid`` with every problem, by file and line."""
    if not standards.is_dir():
        problem = Problem(".", 1, 1, f"there is no folder {standards}", "name the folder that has rule-sets/ in it")
        raise _invalid([problem])
    reading = _Reading(standards)
    if reading.problems:
        raise _invalid(reading.problems)
    return Catalogue(
        {(item.model.id, item.model.version): item.model for item in reading.rule_sets if item.model},
        {scheme.id: scheme for _, scheme in reading.scheme_models if scheme},
        tuple(model for _, model in reading.crosswalk_models if model),
        reading.published.record,
    )


def _invalid(problems: Iterable[Problem]) -> StandardsInvalid:
    ordered = tuple(sorted(set(problems)))
    count = "one problem" if len(ordered) == 1 else f"{len(ordered)} problems"
    return StandardsInvalid(
        f"the standards tree has {count}, and nothing of it is loaded",
        problems=ordered,
        hint="correct them and run `safonau standards check`",
    )


class _Reading:
    """One pass over a tree: reads every file, then checks what ties files together."""

    def __init__(self, root: FilePath) -> None:
        self.root = root
        self.stray: list[Problem] = []
        self._seen: dict[str, YamlReading] = {}
        self.rule_sets = list(self._read_rule_sets())
        self.schemes = [read_source(root, path, self._seen) for path in files(root / "schemes")]
        self.crosswalks = [read_source(root, path, self._seen) for path in files(root / "crosswalks")]
        self.scheme_models = _models(self.schemes, Scheme)
        self.crosswalk_models = _models(self.crosswalks, Crosswalk)
        self.published = PublishedReading(root)
        self._check_versions()
        self._check_crosswalks()
        self._check_history()

    @property
    def problems(self) -> list[Problem]:
        """Every problem found so far, unsorted."""
        sources = [source for item in self.rule_sets for source in item.sources]
        sources += self.schemes + self.crosswalks
        own = [problem for source in sources for problem in source.problems]
        return self.stray + self.published.problems + own

    def _read_rule_sets(self) -> Iterator[RuleSetReading]:
        found = list(files(self.root / "rule-sets"))
        heads = [file for file in found if file.stem == "rule-set"]
        folders: dict[FilePath, list[FilePath]] = {head.parent: [] for head in heads}
        for file in found:
            if file.stem == "rule-set":
                continue
            owner = next((folder for folder in file.parents if folder in folders), None)
            if owner is None:
                name = file.relative_to(self.root).as_posix()
                message = "the file belongs to no rule set: there is no rule-set.yaml beside it"
                self.stray.append(Problem(name, 1, 1, message, "add one, or take the file away"))
            else:
                folders[owner].append(file)
        if not heads:
            message = "there is no rule set: no rule-sets/<id>/<version>/rule-set.yaml"
            self.stray.append(Problem(".", 1, 1, message, "name the folder that has rule-sets/ in it"))
        for head in heads:
            yield RuleSetReading(self.root, head, folders[head.parent], self._seen)

    def _check_versions(self) -> None:
        """No two files for one version of anything, and no version based on one that is not there."""
        heads = [reading.head for reading in self.rule_sets]
        _refuse_twins(heads, "rule set", "version")
        _refuse_twins(self.schemes, "scheme", None)
        _refuse_twins(self.crosswalks, "crosswalk", "version")
        if not self._all_rule_sets:
            return
        keys = {rule_set_key(head.value) for head in heads}
        for head in heads:
            based_on = rule_set_key(head.value.get("based_on")) if is_group(head.value) else None
            if based_on is not None and based_on not in keys:
                message = f"the version that this is based on, {' '.join(based_on)}, is not in the tree"
                head.problem(("based_on",), message, "add it, or correct id and version")

    @property
    def _all_rule_sets(self) -> bool:
        """Whether id and version of every rule set could be read."""
        return all(rule_set_key(item.head.value) is not None for item in self.rule_sets)

    def _check_history(self) -> None:
        models = [(item.sources, item.model) for item in self.rule_sets]
        versions = {(model.id, model.version): model for _, model in models if model is not None}
        for (head, *_), model in models:
            if model is not None:
                check_lineage(head, model, versions)
        check_published(self.published, models, [([source], model) for source, model in self.crosswalk_models])

    def _check_crosswalks(self) -> None:
        schemes = {
            source.value["id"]: known_scheme(source.value)
            for source in self.schemes
            if is_group(source.value) and isinstance(source.value.get("id"), str)
        }
        keyed = [(rule_set_key(item.head.value), item.known) for item in self.rule_sets]
        checks = CrosswalkChecks(
            schemes,
            {key: known for key, known in keyed if key is not None},
            all_schemes=len(schemes) == len(self.schemes),
            all_rule_sets=self._all_rule_sets,
        )
        for source in self.crosswalks:
            checks.check(source)


def _models(sources: Iterable[Source], model: type[_Model]) -> list[tuple[Source, _Model | None]]:
    return [(source, source.checked(model)) for source in sources]


def _refuse_twins(sources: Iterable[Source], word: str, version: str | None) -> None:
    first: dict[tuple[object, object], Source] = {}
    for source in sources:
        value = source.value if is_group(source.value) else {}
        key = (value.get("id"), value.get(version) if version else "")
        if not all(isinstance(part, str) for part in key):
            continue
        other = first.setdefault(key, source)
        if other is not source:
            name = f"{key[0]} {key[1]}".strip()
            source.problem(("id",), f"the {word} {name} is also in {other.file}", "keep one file for each")
