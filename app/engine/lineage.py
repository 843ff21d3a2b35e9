"""How a version of a rule set follows from the one it is based on, and how a pack follows it (semantics.md 9)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from app.engine.check import value_problem
from app.engine.pack import LONGEST_NARRATIVE, Accreditation, Pack, Profile, Response, Review
from app.engine.rules import (
    AllConditions,
    AnyCondition,
    CatalogueField,
    Condition,
    Lineage,
    LineageEntry,
    NotCondition,
    Requirement,
    RuleSet,
    RuleSetRef,
)

# How many requirements of the predecessor an entry of each kind follows from: at least, at most, in words.
_ONE = (1, 1, "exactly one")
_PARENTS: Mapping[str, tuple[int, int | None, str]] = {
    "unchanged": _ONE,
    "clarified": _ONE,
    "strengthened": _ONE,
    "weakened": _ONE,
    "split": _ONE,
    "merged": (2, None, "two or more, each once"),
    "new": (0, 0, "none"),
}
# What only people read, or what says where a wording comes from, may differ in a requirement that is unchanged.
_TEXT = {"id", "statement", "official_text", "basis", "sources", "safety_reason", "guidance", "note"}


class LineageProblem(NamedTuple):
    """One thing wrong with a lineage: the entry it is in (``None``: the lineage as a whole), what, and what to do."""

    entry: int | None
    message: str
    hint: str


def lineage_problems(older: RuleSet, newer: RuleSet) -> tuple[LineageProblem, ...]:
    """Everything that keeps ``newer`` from following from ``older``; every id of both has to be accounted for."""
    if newer.lineage is None:
        return (LineageProblem(None, "a version based on another has a lineage", "add one entry a requirement"),)
    entries = newer.lineage.entries
    return (
        *_unknown(older, newer, entries),
        *_unaccounted(older, newer, newer.lineage),
        *_parents(entries),
        *_shared(entries),
        *_changed(older, newer, entries),
    )


def _unknown(older: RuleSet, newer: RuleSet, entries: Iterable[LineageEntry]) -> Iterator[LineageProblem]:
    for index, entry in enumerate(entries):
        if entry.requirement not in newer.requirements:
            yield LineageProblem(index, f"this version has no requirement {entry.requirement}", "name one of its own")
        for parent in entry.from_:
            if parent not in older.requirements:
                message = f"version {older.version} has no requirement {parent}"
                yield LineageProblem(index, message, "name one of the version this one is based on")


def _unaccounted(older: RuleSet, newer: RuleSet, lineage: Lineage) -> Iterator[LineageProblem]:
    named = [entry.requirement for entry in lineage.entries]
    for missing in newer.requirements:
        if missing in named:
            continue
        yield LineageProblem(None, f"requirement {missing} has no entry", 'say where it comes from; "new" if nowhere')
    for index, name in enumerate(named):
        if name in named[:index]:
            yield LineageProblem(index, f"requirement {name} has a second entry", "leave one")
    living = {parent for entry in lineage.entries for parent in entry.from_}
    for name in older.requirements:
        if name not in living and name not in lineage.retired:
            message = f"requirement {name} of version {older.version} goes nowhere"
            yield LineageProblem(None, message, "name it in an entry's from, or list it under retired")
    for name in lineage.retired:
        if name not in older.requirements:
            yield LineageProblem(None, f"{name} is retired but not in version {older.version}", "take it out")
        elif name in living:
            yield LineageProblem(None, f"{name} is retired and lives on", "take it out of retired or of from")


def _parents(entries: Iterable[LineageEntry]) -> Iterator[LineageProblem]:
    for index, entry in enumerate(entries):
        least, most, wanted = _PARENTS[entry.change]
        found = len(set(entry.from_))
        if found < least or (most is not None and found > most) or found != len(entry.from_):
            message = f"{entry.change} follows from {wanted}; here are {len(entry.from_)}"
            yield LineageProblem(index, message, "mend from, or call the change by another name")


def _shared(entries: tuple[LineageEntry, ...]) -> Iterator[LineageProblem]:
    """What is split goes to two or more entries; what only one entry follows from has no other such heir."""
    for index, entry in enumerate(entries):
        if len(entry.from_) != 1:
            continue
        [parent] = entry.from_
        heirs = [other for other in entries if parent in other.from_]
        if entry.change == "split" and len(heirs) == 1:
            yield LineageProblem(index, f"only this entry comes from {parent}", "a split has two or more entries")
        elif entry.change != "split" and sum(other.from_ == entry.from_ for other in heirs) > 1:
            message = f"{parent} has several heirs, so this is no {entry.change}"
            yield LineageProblem(index, message, "call each of them split")


def _changed(older: RuleSet, newer: RuleSet, entries: Iterable[LineageEntry]) -> Iterator[LineageProblem]:
    for index, entry in enumerate(entries):
        if entry.change != "unchanged" or len(entry.from_) != 1:
            continue
        before, after = older.requirements.get(entry.from_[0]), newer.requirements.get(entry.requirement)
        if before is None or after is None:
            continue
        differing = [*_differing_fields(before, after), *_differing_catalogue(older, newer, after)]
        if differing:
            message = f"{entry.requirement} is called unchanged, but differs in {', '.join(differing)}"
            yield LineageProblem(index, message, "call it clarified, strengthened or weakened")


def _differing_fields(before: Requirement, after: Requirement) -> list[str]:
    names = [name for name in Requirement.model_fields if name not in _TEXT and name != "met_when"]
    found = [name for name in names if getattr(before, name) != getattr(after, name)]
    return found + (["met_when"] if _without_asks(before) != _without_asks(after) else [])


def _without_asks(requirement: Requirement) -> object:
    """The tree but for the sentences that people read."""

    def bare(node: object) -> object:
        if isinstance(node, dict):
            return {key: bare(value) for key, value in node.items() if key != "ask"}
        return [bare(item) for item in node] if isinstance(node, list) else node

    return bare(requirement.model_dump(mode="json")["met_when"])


def _differing_catalogue(older: RuleSet, newer: RuleSet, requirement: Requirement) -> Iterator[str]:
    """The catalogue entries that the requirement refers to and that are not the same in both versions."""
    tree = requirement.tree
    for name in sorted(tree.questions):
        if _meaning(older.questions_by_id.get(name)) != _meaning(newer.questions_by_id.get(name)):
            yield f"question {name}"
    for name in sorted({kind for leaf in tree.document_leaves for kind in leaf.document.types}):
        if _label(older, name) != _label(newer, name):
            yield f"document type {name}"
    for name in sorted(set(_fields_named(requirement.applies_when))):
        if _meaning(older.profile_fields.get(name)) != _meaning(newer.profile_fields.get(name)):
            yield f"profile field {name}"


def _meaning(field: CatalogueField | None) -> object:
    """Type, unit, options and text: what an answer means."""
    if field is None:
        return None
    return field.type, field.unit, field.text, tuple((option.id, option.text) for option in field.options)


def _label(rule_set: RuleSet, name: str) -> object:
    return next((kind.text for kind in rule_set.document_types if kind.id == name), None)


def _fields_named(condition: Condition | None) -> Iterator[str]:
    if isinstance(condition, AllConditions | AnyCondition):
        for child in condition.all if isinstance(condition, AllConditions) else condition.any:
            yield from _fields_named(child)
    elif isinstance(condition, NotCondition):
        yield from _fields_named(condition.not_)
    elif condition is not None:
        yield condition.profile.field


def carry_forward(pack: Pack, older: RuleSet, newer: RuleSet) -> Pack:
    """The pack as it stands under ``newer``, which is based on ``older`` and has passed ``lineage_problems``.

    A valid pack gives a valid pack. What ``newer`` has no place for leaves it: responses, reviews and conditions of
    retired requirements, documents of types that are gone, and answers and profile values that it could not take (of
    a question or field that is gone, has another type, or has lost an option that was chosen; a choice is kept whole
    or not at all, for half of it is not what was said). Raises ``ValueError`` where the pack is of another version, or
    ``newer`` is not based on ``older``.
    """
    if (pack.rule_set.id, pack.rule_set.version) != (older.id, older.version):
        raise ValueError(f"the pack is of {pack.rule_set.id} {pack.rule_set.version}, not {older.id} {older.version}")
    if newer.lineage is None or newer.based_on != RuleSetRef(id=older.id, version=older.version):
        raise ValueError(f"{newer.id} {newer.version} is not based on {older.id} {older.version}")
    entries = newer.lineage.entries
    # A document and the one that it replaces have one type, so they stay or leave together.
    documents = tuple(item for item in pack.documents if item.type in newer.document_type_ids)
    kept = {item.id for item in documents}
    carried = (_carry_response(entry, {item.requirement: item for item in pack.responses}) for entry in entries)
    responses = tuple(
        item.replace(documents=tuple(name for name in item.documents if name in kept))
        for item in carried
        if item is not None
    )
    service = pack.service
    return pack.replace(
        rule_set=RuleSetRef(id=newer.id, version=newer.version),
        service=service.replace(
            profile=_carry_profile(newer, service.profile),
            programmes=tuple(item.replace(profile=_carry_profile(newer, item.profile)) for item in service.programmes),
        ),
        accreditations=tuple(_carry_conditions(item, entries) for item in pack.accreditations),
        documents=documents,
        answers=tuple(item for item in pack.answers if _takes(newer.questions_by_id.get(item.question), item.value)),
        responses=responses,
        reviews=tuple(_carry_reviews(pack, entries, {item.requirement: item.version for item in responses})),
    )


def _takes(field: CatalogueField | None, value: object) -> bool:
    """Whether a value can stand under a question or profile field; there is always room for nothing said."""
    return field is not None and (value is None or value_problem(field.type, field.option_ids, value) is None)


def _carry_profile(rule_set: RuleSet, profile: Profile) -> Profile:
    return {name: value for name, value in profile.items() if _takes(rule_set.profile_fields.get(name), value)}


def _carry_response(entry: LineageEntry, responses: Mapping[str, Response]) -> Response | None:
    """The whole response where it still answers the same question, else a draft of what the sources had to say."""
    sources = [responses[name] for name in entry.from_ if name in responses]
    if not sources:
        return None
    if entry.change in {"unchanged", "clarified", "weakened"}:
        return sources[0].replace(requirement=entry.requirement)
    return Response(
        requirement=entry.requirement,
        version=max(item.version for item in sources) + 1,
        self_rating=None,
        narrative=_joined([item.narrative for item in sources if item.narrative]),
        documents=tuple(sorted({name for item in sources for name in item.documents})),
        exclusion_reason=None,
    )


def _joined(narratives: list[str]) -> str | None:
    """Narratives with a blank line between; one too long for a pack is cut with a mark (the record has all of it)."""
    text = "\n\n".join(narratives)
    return (text if len(text) <= LONGEST_NARRATIVE else f"{text[: LONGEST_NARRATIVE - 1]}…") or None


def _carry_reviews(pack: Pack, entries: Iterable[LineageEntry], versions: Mapping[str, int]) -> Iterator[Review]:
    last = pack.shelf.reviews
    for entry in entries:
        if entry.change == "unchanged":
            for review in pack.reviews:
                if review.requirement == entry.from_[0]:
                    yield review.replace(requirement=entry.requirement)
            continue
        standing = [last[name] for name in entry.from_ if name in last and last[name].decision != "accepted"]
        if standing:
            # Of equals, `max` takes the first in the order of `from`.
            gravest = max(standing, key=lambda item: (item.decision == "rejected", item.moment))
            yield gravest.replace(requirement=entry.requirement, response_version=versions.get(entry.requirement, 0))


def _carry_conditions(held: Accreditation, entries: tuple[LineageEntry, ...]) -> Accreditation:
    """A condition follows its requirements to every entry whose ``from`` has one of them."""
    conditions = []
    for condition in held.conditions:
        named = [entry.requirement for entry in entries if set(entry.from_) & set(condition.requirements)]
        if named:
            conditions.append(condition.replace(requirements=tuple(named)))
    return held.replace(conditions=tuple(conditions))
