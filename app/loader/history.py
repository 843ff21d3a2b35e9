"""What binds a version to those before it: lineage, catalogues that only grow, and what was published (semantics.md 9).

A version that could not be read whole is not looked at: a problem in one file is never reported as one of history.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.engine.lineage import lineage_problems
from app.engine.rules import CatalogueField, Crosswalk, DocumentType, RuleSet
from app.engine.values import version_order
from app.loader.jsonfile import Path
from app.loader.published import Key, Kind, PublishedReading, key_of
from app.loader.source import Source, said_by

_RESTORE = "put it back as it was published, and make the change in a new version"


def check_lineage(source: Source, rule_set: RuleSet, versions: Mapping[tuple[str, str], RuleSet]) -> None:
    """Note in the rule set's own file what keeps it from following from the version that it is based on."""
    if rule_set.based_on is None:
        if rule_set.lineage is not None:
            message = "there is a lineage, but not what it is based on"
            source.problem(("lineage",), message, "name the version in based_on, or take the lineage out")
        return
    older = versions.get((rule_set.based_on.id, rule_set.based_on.version))
    if older is None:
        return
    if older.id == rule_set.id and version_order(older.version) >= version_order(rule_set.version):
        message = f"version {rule_set.version} cannot be based on {older.version}, which is not older"
        source.problem(("based_on", "version"), message, "name an older version")
        return
    for found in lineage_problems(older, rule_set):
        source.problem(_lineage_path(rule_set, found.entry), found.message, found.hint)
    if older.id == rule_set.id and _edition(older) == _edition(rule_set):
        for path, message in _dropped(older, rule_set):
            source.problem(path, message, "put it back, with `retired: true` if it is asked for no more")


def check_published(
    record: PublishedReading,
    rule_sets: Iterable[tuple[Sequence[Source], RuleSet | None]],
    crosswalks: Iterable[tuple[Sequence[Source], Crosswalk | None]],
) -> None:
    """Note every published version that has changed or gone; ``None`` is one whose own problems come first.

    The sources are the files of a version, the one that names it first.
    """
    kinds: dict[Kind, tuple[tuple[Sequence[Source], RuleSet | Crosswalk | None], ...]] = {
        "rule-sets": tuple(rule_sets),
        "crosswalks": tuple(crosswalks),
    }
    for kind, read in kinds.items():
        there = {key_of(model): (sources, model) for sources, model in read if model is not None}
        whole = all(model is not None for _, model in read)
        for key, sha256 in record.record.hashes.items():
            if key[0] != kind:
                continue
            if key in there:
                sources, model = there[key]
                if model.sha256 != sha256:
                    _blame(sources, key, record.record.files.get(key[1:], {}))
            elif whole:
                record.refuse(key, f"{key[1]} {key[2]} is published and is not in the tree any more", _RESTORE)


def _blame(sources: Sequence[Source], key: Key, recorded: Mapping[str, str]) -> None:
    """Note the change in each file that says something else than was recorded of it, or else in the first."""
    message = f"{key[1]} {key[2]} is published and no longer says what was published"
    said = said_by(sources)
    changed = [file for file in said if recorded and said[file] != recorded.get(file)]
    for source, file in zip(sources, said, strict=True):
        if source is sources[0] and (file in changed or not changed):
            source.problem(("version",), message, _RESTORE)
        elif file in changed:
            source.problem((), f"{message}; this file has changed", _RESTORE)


def _lineage_path(rule_set: RuleSet, entry: int | None) -> Path:
    if rule_set.lineage is None:
        return ("based_on",)
    return ("lineage",) if entry is None else ("lineage", "entries", entry)


def _edition(rule_set: RuleSet) -> tuple[int, ...]:
    """The version without its last number, which counts revisions: "2018.1" is of edition 2018."""
    return version_order(rule_set.version)[:-1]


def _dropped(older: RuleSet, newer: RuleSet) -> Iterator[tuple[Path, str]]:
    """Entries of catalogues that a revision of the same edition has no more, options included."""
    lists: tuple[tuple[str, str, tuple[CatalogueField | DocumentType, ...]], ...] = (
        ("profile", "profile field", older.profile),
        ("questions", "question", older.questions),
        ("document_types", "document type", older.document_types),
    )
    for key, word, entries in lists:
        kept = {item.id: (index, item) for index, item in enumerate(getattr(newer, key))}
        for entry in entries:
            if entry.id not in kept:
                yield (key,), f"the {word} `{entry.id}` of version {older.version} is missing"
            elif isinstance(entry, CatalogueField):
                index, now = kept[entry.id]
                for option in sorted(entry.option_ids - now.option_ids):
                    message = f"the option `{option}` of the {word} `{entry.id}` of version {older.version} is missing"
                    yield (key, index, "options"), message
