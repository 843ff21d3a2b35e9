"""What changed between two versions of a rule set or crosswalk, or between two whole trees, in words."""

from collections.abc import Iterator
from typing import NamedTuple

from app.engine.rules import (
    CatalogueField,
    CatalogueProgramme,
    Crosswalk,
    CrosswalkEntry,
    DocumentType,
    LineageEntry,
    Option,
    Requirement,
    RuleSet,
    RuleSetRef,
    Scheme,
)
from app.engine.tree import DocumentLeaf, Leaf
from app.loader.catalogue import Catalogue
from app.stewardship.changes import Aspect, Change, changed, condition, pairs, plain, skeleton, sources, texts
from app.stewardship.finding import newest_crosswalks
from app.stewardship.rules_in_words import RulesInWords

FORMAT = "safonau/standards-comparison/1"


class Comparison(NamedTuple):
    """What was compared with what, and every change in the order of the newer."""

    older: str
    newer: str
    changes: tuple[Change, ...]

    @property
    def json_form(self) -> dict[str, object]:
        """The comparison for programs."""
        changes = [change.json_form for change in self.changes]
        return {"format": FORMAT, "older": self.older, "newer": self.newer, "changes": changes}


def compare_trees(older: Catalogue, newer: Catalogue) -> Iterator[Change]:
    """Versions and schemes that one tree has and the other has not, and what differs in those that both have."""
    rule_sets = [{" ".join(key): item for key, item in tree.rule_sets.items()} for tree in (older, newer)]
    for name, was, now in pairs(*rule_sets):
        if was is None or now is None:
            yield Change("rule set", name, None, "added" if was is None else "removed")
        else:
            yield from compare_rule_sets(was, now)
    for name, old, new in pairs(older.schemes, newer.schemes):
        yield from _scheme(name, old, new)
    crosswalks = [{f"{item.id} {item.version}": item for item in tree.crosswalks} for tree in (older, newer)]
    for name, before, after in pairs(*crosswalks):
        if before is None or after is None:
            yield Change("crosswalk", name, None, "added" if before is None else "removed")
        else:
            yield from compare_crosswalks(before, after, _target(older, before), _target(newer, after))


def compare_versions(older: Catalogue, was: RuleSet, newer: Catalogue, now: RuleSet) -> Iterator[Change]:
    """What differs between two versions of one rule set, and between the newest crosswalks to each."""
    yield from compare_rule_sets(was, now)
    for scheme, before, after in pairs(newest_crosswalks(older, was), newest_crosswalks(newer, now)):
        if before is None or after is None:
            yield Change("crosswalk", f"of {scheme}", None, "added" if before is None else "removed")
        else:
            yield from compare_crosswalks(before, after, was, now)


def compare_rule_sets(was: RuleSet, now: RuleSet) -> Iterator[Change]:
    """What differs in the rule sets themselves; requirements that were renumbered are followed by the lineage."""
    words = (RulesInWords(was, "en"), RulesInWords(now, "en"))
    yield from changed("rule set", f"{now.id} {now.version}", _head(was, now))
    for name, old, new in pairs(
        {str(item.number): item for item in was.standards}, {str(item.number): item for item in now.standards}
    ):
        if old is None or new is None:
            title = (new or old).title.en  # type: ignore[union-attr]  # a pair has at least one of the two
            yield _whole("standard", name, title, added=old is None)
        else:
            aspects = [*texts("title", old.title, new.title), plain("page", old.page, new.page)]
            yield from changed("standard", name, [*aspects, *texts("note", old.note, new.note)])
    yield from _requirements(was, now, words)
    yield from _catalogue_entries("profile field", was.profile, now.profile)
    yield from _catalogue_entries("question", was.questions, now.questions)
    yield from _catalogue_entries("document type", was.document_types, now.document_types)


def compare_crosswalks(was: Crosswalk, now: Crosswalk, older: RuleSet, newer: RuleSet) -> Iterator[Change]:
    """What differs between two versions of a crosswalk, each read with the rule set that it is for."""
    words = (RulesInWords(older, "en"), RulesInWords(newer, "en"))
    aspects = [
        plain("editions", was.editions, now.editions),
        plain("stages", was.stages, now.stages),
        condition("condition", was.applies_when, now.applies_when, words),
        plain("months until declared again", was.redeclare_months, now.redeclare_months),
        plain("months until looked up again", was.recheck_months, now.recheck_months),
        plain("in use from", was.effective_from, now.effective_from),
        *texts("note", was.note, now.note),
    ]
    yield from changed("crosswalk", f"{now.id} {now.version}", aspects)
    part = f"crosswalk {now.id} {now.version}, requirement"
    for name, old, new in pairs(was.entry_for, now.entry_for):
        if old is None or new is None:
            said = [_covered(item) for item in (old, new)]
            yield Change(part, name, None, "added" if old is None else "removed", *said)
        else:
            coverage = Aspect(
                "coverage", (old.coverage, old.leaves), (new.coverage, new.leaves), _covered(old), _covered(new)
            )
            reason = [*texts("reason", old.reason, new.reason), *texts("note", old.note, new.note)]
            yield from changed(part, name, [coverage, *reason, plain("basis", old.basis, new.basis)])


def _target(catalogue: Catalogue, crosswalk: Crosswalk) -> RuleSet:
    return catalogue.rule_set(crosswalk.rule_set.id, crosswalk.rule_set.version)


def _whole(part: str, name: str, text: str, *, added: bool) -> Change:
    return Change(part, name, None, "added", None, text) if added else Change(part, name, None, "removed", text)


def _covered(entry: CrosswalkEntry | None) -> str | None:
    if entry is None:
        return None
    return "all of it" if entry.coverage == "full" else f"in part: {', '.join(entry.leaves)}"


def _head(was: RuleSet, now: RuleSet) -> Iterator[Aspect]:
    yield from texts("title", was.title, now.title)
    yield from texts("issuer", was.issuer, now.issuer)
    yield sources(filter(None, [was.source]), filter(None, [now.source]))
    yield plain("status", was.status, now.status)
    yield plain("in force from", was.effective_from, now.effective_from)
    yield plain("in force until", was.effective_until, now.effective_until)
    yield plain("Welsh", was.welsh, now.welsh)
    yield from texts("note", was.note, now.note)


def _requirements(was: RuleSet, now: RuleSet, words: tuple[RulesInWords, RulesInWords]) -> Iterator[Change]:
    lineage: dict[str, LineageEntry] = {}
    if now.lineage is not None and now.based_on == RuleSetRef(id=was.id, version=was.version):
        lineage = {entry.requirement: entry for entry in now.lineage.entries}
    followed: set[str] = set()
    for name, requirement in now.requirements.items():
        entry = lineage.get(name)
        parents = (name,) if entry is None else entry.from_
        followed.update(parents)
        before = was.requirements.get(parents[0]) if len(parents) == 1 else None
        if before is None:
            said = requirement.statement.en
            if parents and entry is not None:
                said = f"{said} ({entry.change} from {', '.join(parents)})"
            yield Change("requirement", name, None, "added", None, said)
            continue
        if entry is not None and (entry.change != "unchanged" or parents[0] != name):
            yield Change("requirement", name, "lineage", "changed", parents[0], f"{name} ({entry.change})")
        yield from changed("requirement", name, _requirement(before, requirement, words))
        yield from _leaves(name, before, requirement, words)
    for name, requirement in was.requirements.items():
        if name not in followed:
            yield _whole("requirement", name, requirement.statement.en, added=False)


def _requirement(was: Requirement, now: Requirement, words: tuple[RulesInWords, RulesInWords]) -> Iterator[Aspect]:
    yield from texts("statement", was.statement, now.statement)
    yield from texts("official text", was.official_text, now.official_text)
    yield plain("obligation", was.obligation, now.obligation)
    yield plain("safety critical", was.safety_critical, now.safety_critical)
    yield from texts("safety reason", was.safety_reason, now.safety_reason)
    yield plain("weight", was.weight, now.weight)
    yield plain("is about", was.concerns, now.concerns)
    yield plain("may be argued not to apply", was.may_be_excluded, now.may_be_excluded)
    yield condition("condition", was.applies_when, now.applies_when, words)
    yield plain("how the items combine", skeleton(was.met_when), skeleton(now.met_when))
    yield from texts("guidance", was.guidance, now.guidance)
    yield plain("basis", was.basis, now.basis)
    yield sources(was.sources, now.sources)
    yield from texts("note", was.note, now.note)


def _leaves(
    name: str, was: Requirement, now: Requirement, words: tuple[RulesInWords, RulesInWords]
) -> Iterator[Change]:
    """What differs in the items to show, each under the name of its requirement."""
    older, newer = words
    for leaf, old, new in pairs(_by_id(was), _by_id(now)):
        if old is None or new is None:
            said = [
                None if item is None else f"{item.ask.en} {by.leaf(item)}" for item, by in ((old, older), (new, newer))
            ]
            yield Change("requirement", name, f"item {leaf}", "added" if old is None else "removed", *said)
            continue
        before, after = _test(old), _test(new)
        test = Aspect(f"what satisfies item {leaf}", before, after, older.leaf(old), newer.leaf(new))
        yield from changed("requirement", name, [*texts(f"item {leaf}", old.ask, new.ask), test])


def _test(leaf: Leaf) -> object:
    return leaf.document if isinstance(leaf, DocumentLeaf) else leaf.answer


def _by_id(requirement: Requirement) -> dict[str, Leaf]:
    return {leaf.id: leaf for leaf in requirement.tree.leaves}


def _catalogue_entries(
    part: str,
    was: tuple[CatalogueField | DocumentType, ...],
    now: tuple[CatalogueField | DocumentType, ...],
) -> Iterator[Change]:
    for name, old, new in pairs({item.id: item for item in was}, {item.id: item for item in now}):
        if old is None or new is None:
            yield _whole(part, name, (new or old).text.en, added=old is None)  # type: ignore[union-attr]  # one is there
            continue
        aspects = [*texts("text", old.text, new.text), *texts("note", old.note, new.note)]
        aspects.append(plain("retired", old.retired, new.retired))
        if isinstance(old, CatalogueField) and isinstance(new, CatalogueField):
            aspects += [plain("type", old.type, new.type), *texts("unit", old.unit, new.unit)]
            aspects += texts("unit of one", old.unit_of_one, new.unit_of_one)
            options = [tuple(_option(option) for option in item.options) for item in (old, new)]
            aspects.append(Aspect("options", old.options, new.options, *("; ".join(item) or None for item in options)))
        yield from changed(part, name, aspects)


def _option(option: Option) -> str:
    return f"{option.id}: {option.text.en}" + (" (retired)" if option.retired else "")


def _scheme(name: str, was: Scheme | None, now: Scheme | None) -> Iterator[Change]:
    if was is None or now is None:
        yield Change("scheme", name, None, "added" if was is None else "removed")
        return
    aspects = [
        *texts("title", was.title, now.title),
        *texts("body", was.body, now.body),
        plain("editions", was.editions, now.editions),
        plain("stages", was.stages, now.stages),
        plain("scope", was.scope, now.scope),
        plain("usual term in months", was.usual_term_months, now.usual_term_months),
        *texts("note", was.note, now.note),
        sources(was.sources, now.sources),
    ]
    for word in ("edition", "stage"):
        for key, old, new in pairs(getattr(was, f"{word}_notes"), getattr(now, f"{word}_notes")):
            aspects += texts(f"note on {word} {key}", old, new)
    yield from changed("scheme", name, aspects)
    for key, before, after in pairs(
        {item.id: item for item in was.programmes}, {item.id: item for item in now.programmes}
    ):
        yield from _programme(f"{name} {key}", before, after)


def _programme(name: str, was: CatalogueProgramme | None, now: CatalogueProgramme | None) -> Iterator[Change]:
    if was is None or now is None:
        yield Change("programme", name, None, "added" if was is None else "removed")
        return
    aspects = [plain("recognised", was.recognised, now.recognised), sources(was.sources, now.sources)]
    for field in ("title", "setting", "status", "reason"):
        aspects += texts(field, getattr(was, field), getattr(now, field))
    yield from changed("programme", name, aspects)
