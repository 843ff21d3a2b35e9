"""A requirement, a standard, a scheme or a crosswalk as people read it, in one language: sections of lines."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from app.engine.rules import CatalogueProgramme, Crosswalk, Requirement, RuleSet, Scheme, Standard
from app.engine.values import Text, version_order
from app.errors import NotFound
from app.loader.catalogue import Catalogue
from app.reports.words import LANGUAGES, OBLIGATIONS, RULE_SET_STATUSES
from app.stewardship.finding import crosswalk_of, places, the_one
from app.stewardship.rules_in_words import InWords, Line, RulesInWords
from app.stewardship.words import CONCERNS, SCOPES

_COLUMNS = 80


class Section(NamedTuple):
    """A heading and the lines under it."""

    label: str
    lines: tuple[Line, ...]


class Shown(NamedTuple):
    """What is shown of one thing, in one language."""

    title: str
    sections: tuple[Section, ...]


def requirement_shown(catalogue: Catalogue, words: RulesInWords, requirement: Requirement) -> Shown:
    """A requirement whole: what it says, asks for and rests on, and what each scheme shows of it."""
    rule_set = words.rule_set
    standard = next(item for item in rule_set.standards if requirement in item.requirements)
    sections = [
        Section(words.label("rule_set"), (Line(_version(words, rule_set)),)),
        Section(words.label("standard"), (Line(_standard(words, standard)),)),
        *_judgement(words, requirement),
        Section(words.label("show"), tuple(words.tree(requirement.met_when))),
        *_text(words, "guidance", requirement.guidance),
        Section(words.label("basis"), (Line(words.bases(requirement)),)),
        Section(words.label("sources"), tuple(Line(words.source(item), item=True) for item in requirement.sources)),
        Section(words.label("coverage"), tuple(_coverage(catalogue, words, requirement))),
        *_text(words, "note", requirement.note),
    ]
    return Shown(f"{words.label('requirement')} {requirement.id}", tuple(item for item in sections if item.lines))


def standard_shown(words: RulesInWords, standard: Standard) -> Shown:
    """A standard with the list of its requirements."""
    lines = []
    for requirement in standard.requirements:
        critical = f"; {words.label('safety').lower()}" if requirement.safety_critical else ""
        obligation = words.speech.words(OBLIGATIONS[requirement.obligation])
        lines.append(Line(f"{requirement.id}  {words.text(requirement.statement)}", item=True))
        lines.append(Line(f"{obligation}{critical}", 1))
    sections = [
        Section(words.label("rule_set"), (Line(_version(words, words.rule_set)),)),
        *_text(words, "note", standard.note),
        Section(words.label("requirements"), tuple(lines)),
    ]
    return Shown(f"{words.label('standard')} {_standard(words, standard)}", tuple(sections))


def scheme_shown(catalogue: Catalogue, words: InWords, scheme: Scheme) -> Shown:
    """A scheme: what its certificates can say, its named programmes, and which crosswalks there are."""
    crosswalks = [item for item in catalogue.crosswalks if item.scheme == scheme.id]
    sections = [
        *_text(words, "body", scheme.body),
        Section(words.label("scope"), (Line(words.speech.words(SCOPES[scheme.scope])),)),
        Section(words.label("term"), (Line(words.speech.months(scheme.usual_term_months)),)),
        Section(words.label("editions"), tuple(_noted(words, scheme.editions, scheme.edition_notes))),
        Section(words.label("stages"), tuple(_noted(words, scheme.stages, scheme.stage_notes))),
        Section(words.label("programmes"), tuple(_programmes(words, scheme.programmes))),
        *_text(words, "note", scheme.note),
        Section(words.label("sources"), tuple(Line(words.source(item), item=True) for item in scheme.sources)),
        Section(
            words.label("crosswalks"),
            tuple(
                line
                for item in crosswalks
                for line in (
                    Line(f"{item.id}@{item.version} → {_target(item)}", item=True),
                    _recognises(words, item, depth=1),
                )
            ),
        ),
    ]
    title = f"{words.label('scheme')} {scheme.id}: {words.text(scheme.title)}"
    return Shown(title, tuple(item for item in sections if item.lines))


def crosswalk_shown(words: RulesInWords, crosswalk: Crosswalk) -> Shown:
    """A crosswalk version: what it recognises, and requirement by requirement what it covers and why."""
    lines: list[Line] = []
    for entry in crosswalk.entries:
        requirement = words.rule_set.requirements[entry.requirement]
        lines.append(Line(f"{requirement.id}  {words.text(requirement.statement)}", item=True))
        covered, *notes, _ = words.coverage(requirement.id, crosswalk.scheme, crosswalk)
        lines += [Line(covered.text, 1), *notes]
    applies = [Line(words.say("always"))]
    if crosswalk.applies_when is not None:
        applies = [Line(words.say("only_where")), *words.condition(crosswalk.applies_when, 1)]
    sections = [
        Section(words.label("rule_set"), (Line(_target(crosswalk)),)),
        Section(words.label("recognises"), (_recognises(words, crosswalk), Line(words.read_in(crosswalk)))),
        Section(words.label("applies"), tuple(applies)),
        *_text(words, "note", crosswalk.note),
        Section(words.label("entries"), tuple(lines)),
    ]
    return Shown(f"{words.label('crosswalk')} {crosswalk.id}, {crosswalk.version}", tuple(sections))


def shown(catalogue: Catalogue, name: str, rule_set: str | None, version: str | None) -> tuple[Shown, ...]:
    """What ``name`` is, in English and in Welsh: a requirement, a standard's number, a scheme or a crosswalk.

    Without ``rule_set`` and ``version`` the newest versions are looked in. Raises ``NotFound``, and ``BadInput`` where
    several rule sets have it.
    """
    if name in catalogue.schemes:
        return tuple(scheme_shown(catalogue, InWords(language), catalogue.schemes[name]) for language in LANGUAGES)
    crosswalk = crosswalk_of(catalogue, name)
    if crosswalk is not None:
        target = catalogue.rule_set(crosswalk.rule_set.id, crosswalk.rule_set.version)
        return tuple(crosswalk_shown(RulesInWords(target, language), crosswalk) for language in LANGUAGES)
    looked_in = places(catalogue, rule_set, version)
    having = tuple(item for item in looked_in if _part(item, name) is not None)
    if not having:
        where = " or ".join(f"{item.id} {item.version}" for item in looked_in)
        hint = "name a requirement (14.2), the number of a standard (14), a scheme or a crosswalk"
        raise NotFound(f"there is no {name} in {where}", hint=hint)
    place = the_one(having)
    part = _part(place, name)
    both = [RulesInWords(place, language) for language in LANGUAGES]
    if isinstance(part, Standard):
        return tuple(standard_shown(words, part) for words in both)
    return tuple(requirement_shown(catalogue, words, place.requirements[name]) for words in both)


def shown_text(views: Iterable[Shown]) -> str:
    """The views after one another as plain text of 80 columns, ending with a line break."""
    lines: list[str] = []
    for view in views:
        title = _wrapped(view.title, "")
        lines += [*title, "=" * max(map(len, title)), ""]
        for section in view.sections:
            lines.append(section.label)
            for line in section.lines:
                lines += _wrapped(line.text, "  " * (line.depth + 1) + ("- " if line.item else ""))
            lines.append("")
    return "\n".join(lines)


def _part(rule_set: RuleSet, name: str) -> Requirement | Standard | None:
    if name in rule_set.requirements:
        return rule_set.requirements[name]
    return next((item for item in rule_set.standards if str(item.number) == name), None)


def _version(words: RulesInWords, rule_set: RuleSet) -> str:
    status = words.speech.words(RULE_SET_STATUSES[rule_set.status])
    return f"{words.text(rule_set.title)}: {rule_set.id} {rule_set.version} ({status})"


def _standard(words: InWords, standard: Standard) -> str:
    page = "" if standard.page is None else f", {words.say('page', place=standard.page)}"
    return f"{standard.number}: {words.text(standard.title)}{page}"


def _text(words: InWords, label: str, text: Text | None) -> Iterator[Section]:
    if text is not None:
        yield Section(words.label(label), (Line(words.text(text)),))


def _judgement(words: RulesInWords, requirement: Requirement) -> Iterator[Section]:
    """What the requirement says, how grave it is, and whom it concerns."""
    yield from _text(words, "statement", requirement.statement)
    official = requirement.official_text
    yield Section(words.label("official_text"), (Line(words.text(official) or words.say("not_at_hand")),))
    obligation = words.speech.words(OBLIGATIONS[requirement.obligation])
    if requirement.weight != 1:
        obligation = words.say("weight", obligation=obligation, weight=requirement.weight)
    yield Section(words.label("obligation"), (Line(obligation),))
    critical = words.say("yes" if requirement.safety_critical else "no")
    if requirement.safety_critical and requirement.safety_reason is not None:
        critical = words.say("yes_because", reason=words.text(requirement.safety_reason))
    yield Section(words.label("safety"), (Line(critical),))
    yield Section(words.label("concerns"), (Line(words.speech.words(CONCERNS[requirement.concerns])),))
    applies = [Line(words.say("always"))]
    if requirement.applies_when is not None:
        applies = [Line(words.say("where")), *words.condition(requirement.applies_when, 1)]
    yield Section(words.label("applies"), tuple(applies))
    yield Section(words.label("excluded"), (Line(words.say("may" if requirement.may_be_excluded else "may_not")),))


def _coverage(catalogue: Catalogue, words: RulesInWords, requirement: Requirement) -> Iterator[Line]:
    """Every version of every crosswalk: which is in use depends on the date that is judged."""
    known = catalogue.crosswalks_for(words.rule_set)
    for crosswalk in sorted(known, key=lambda item: (item.scheme, version_order(item.version))):
        name = words.text(catalogue.schemes[crosswalk.scheme].title)
        yield from words.coverage(requirement.id, name, crosswalk)


def _noted(words: InWords, names: Iterable[str], notes: Mapping[str, Text]) -> Iterator[Line]:
    for name in names:
        yield Line(f"{name}: {words.text(notes[name])}" if name in notes else name, item=True)


def _programmes(words: InWords, programmes: Iterable[CatalogueProgramme]) -> Iterator[Line]:
    for programme in programmes:
        about = [words.text(item) for item in (programme.title, programme.setting, programme.status) if item]
        yield Line("; ".join(about), item=True)
        reason = words.text(programme.reason)
        yield Line(words.say("recognised" if programme.recognised else "not_recognised", reason=reason), 1)
        for source in programme.sources:
            yield Line(words.source(source), 1)


def _recognises(words: InWords, crosswalk: Crosswalk, depth: int = 0) -> Line:
    """Which editions and stages count."""
    said = words.say(
        "recognises",
        editions=words.speech.listed(crosswalk.editions),
        stages=words.speech.listed(crosswalk.stages),
        redeclare=crosswalk.redeclare_months,
        recheck=crosswalk.recheck_months,
    )
    return Line(said, depth)


def _target(crosswalk: Crosswalk) -> str:
    return f"{crosswalk.rule_set.id} {crosswalk.rule_set.version}"


def _wrapped(text: str, first: str) -> list[str]:
    return textwrap.wrap(
        text,
        _COLUMNS,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )
