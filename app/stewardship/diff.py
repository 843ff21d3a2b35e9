"""``safonau standards diff A B``: what the two names stand for, and the comparison as text."""

import difflib
import itertools
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from app.engine.rules import Crosswalk, RuleSet
from app.errors import BadInput, NotFound
from app.loader.catalogue import Catalogue, load
from app.loader.explain import nearest
from app.stewardship.changes import Change
from app.stewardship.comparing import Comparison, compare_crosswalks, compare_trees, compare_versions
from app.stewardship.finding import crosswalk_of, newest_rule_sets, rule_set_of

_VERSION = re.compile(r"\d+(\.\d+)*", re.ASCII)
_COLUMNS = 80
_LONG = 200  # letters; a shorter text is read faster whole
_ALIKE = 0.6
_AROUND = 5  # words


def compared(catalogue: Catalogue, older: str, newer: str) -> Comparison:
    """Compare two versions (``id@version``; the second may be a version alone), two folders, or a version and a folder.

    A folder is another standards tree; beside a version it stands for the same version there. Raises ``NotFound`` for
    a name that is nothing, ``BadInput`` for two things that are not versions of one, and ``StandardsInvalid``.
    """
    folders = [load(Path(name)) if _is_folder(name) else None for name in (older, newer)]
    first, second = folders
    if first is not None and second is not None:
        return Comparison(older, newer, tuple(compare_trees(first, second)))
    if first is None and second is None and _VERSION.fullmatch(newer):
        newer = f"{older.partition('@')[0]}@{newer}"
    name_there, name_here = (newer, newer) if first is not None else (older, older if second is not None else newer)
    trees = (first or catalogue, second or catalogue)
    was, now = _named(trees[0], name_there), _named(trees[1], name_here)
    titles = [
        f"{item.id} {item.version}" + (f" in {name}" if folder is not None else "")
        for item, name, folder in ((was, older, first), (now, newer, second))
    ]
    return Comparison(titles[0], titles[1], tuple(_between(trees, was, now)))


def comparison_text(found: Comparison) -> str:
    """The comparison as plain text of 80 columns, ending with a line break."""
    count = "nothing changed" if not found.changes else f"changes: {len(found.changes)}"
    lines = _wrapped(f"From {found.older} to {found.newer}: {count}.", "", "")
    if any(_within(str(change.was), str(change.now)) for change in found.changes):
        lines.append("In a long text only what changes is shown: [-taken out-] [+put in+].")
    for (part, name), changes in itertools.groupby(found.changes, key=lambda change: (change.part, change.id)):
        lines += ["", f"{part[0].upper()}{part[1:]} {name}"]
        for change in changes:
            lines += _said(change)
    return "\n".join(lines) + "\n"


def _is_folder(name: str) -> bool:
    return "@" not in name and Path(name).is_dir()


def _named(catalogue: Catalogue, name: str) -> RuleSet | Crosswalk:
    wanted = name.partition("@")[0]
    if any(rule_set == wanted for rule_set, _ in catalogue.rule_sets):
        return rule_set_of(catalogue, name)
    crosswalk = crosswalk_of(catalogue, name)
    if crosswalk is None:
        known = [*newest_rule_sets(catalogue), *(item.id for item in catalogue.crosswalks)]
        hint = f"{nearest(wanted, known)}; write id@version, or name a folder"
        raise NotFound(f"{name} is neither a rule set, a crosswalk nor a folder", hint=hint)
    return crosswalk


def _between(
    trees: tuple[Catalogue, Catalogue], was: RuleSet | Crosswalk, now: RuleSet | Crosswalk
) -> Iterator[Change]:
    older, newer = trees
    if isinstance(was, RuleSet) and isinstance(now, RuleSet) and was.id == now.id:
        yield from compare_versions(older, was, newer, now)
    elif isinstance(was, Crosswalk) and isinstance(now, Crosswalk) and was.id == now.id:
        targets = [
            tree.rule_set(item.rule_set.id, item.rule_set.version) for tree, item in ((older, was), (newer, now))
        ]
        yield from compare_crosswalks(was, now, targets[0], targets[1])
    else:
        raise BadInput(f"{was.id} and {now.id} are not versions of one thing", hint="compare two versions of one id")


def _said(change: Change) -> Iterator[str]:
    """One change; what is long stands below, under was and now."""
    if change.kind != "changed":
        value = change.now if change.kind == "added" else change.was
        head = f"{change.aspect}: {change.kind}" if change.aspect else change.kind
        yield from _wrapped(f"{head}: {value}" if value else head, "  ", "    ")
        return
    short = f"{change.aspect}: was {change.was}, is now {change.now}"
    if len(short) <= _COLUMNS - 2 and "\n" not in short:
        yield f"  {short}"
        return
    yield f"  {change.aspect}"
    within = _within(str(change.was), str(change.now))
    if within is not None:
        yield from _wrapped(within, "    ", "    ")
        return
    yield from _wrapped(f"was: {change.was}", "    ", "      ")
    yield from _wrapped(f"now: {change.now}", "    ", "      ")


def _within(was: str, now: str) -> str | None:
    """A long text of which most stays: only what changes in it, with some words around; ``None`` for any other."""
    if min(len(was), len(now)) < _LONG:
        return None
    before, after = was.split(), now.split()
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    if before == after or matcher.ratio() < _ALIKE:
        return None
    parts: list[str] = []
    for operation, start, end, low, high in matcher.get_opcodes():
        if operation == "equal":
            kept = before[start:end]
            short = kept if len(kept) <= 2 * _AROUND else [*kept[:_AROUND], "…", *kept[-_AROUND:]]
            parts += short if start > 0 and end < len(before) else _edge(kept, at_start=start == 0)
            continue
        parts += [f"[-{' '.join(before[start:end])}-]"] if start < end else []
        parts += [f"[+{' '.join(after[low:high])}+]"] if low < high else []
    return " ".join(parts)


def _edge(kept: list[str], *, at_start: bool) -> list[str]:
    """What stays at the start or the end of a text: the words next to what changes."""
    if len(kept) <= _AROUND:
        return kept
    return ["…", *kept[-_AROUND:]] if at_start else [*kept[:_AROUND], "…"]


def _wrapped(text: str, first: str, later: str) -> list[str]:
    return textwrap.wrap(
        text, _COLUMNS, initial_indent=first, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
    )
