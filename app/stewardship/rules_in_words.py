"""Conditions, trees, sources and coverage of one rule set version, put into the words of one language.

What comes out is lines with a depth, which a text, a page or a comparison lays out as it likes.
"""

from collections.abc import Iterator
from typing import NamedTuple

from app.engine.rules import (
    AllConditions,
    AnyCondition,
    CatalogueField,
    Condition,
    Crosswalk,
    CrosswalkEntry,
    NotCondition,
    ProfileTest,
    Requirement,
    RuleSet,
    Source,
)
from app.engine.tree import AllOf, AnswerLeaf, AnyOf, DocumentLeaf, Leaf, Node
from app.engine.values import Text, Value
from app.reports.speech import Speech
from app.reports.words import BASES, ENTRY_BASES, WANTED, Language, Words
from app.stewardship.words import LABELS, SENTENCES, WITHIN


class Line(NamedTuple):
    """One paragraph, and how deep it is indented; ``item`` says whether it is one of a list."""

    text: str
    depth: int = 0
    item: bool = False


class InWords:
    """The fixed words of one language; a text without Welsh is given in English, marked."""

    def __init__(self, language: Language) -> None:
        self.speech = Speech(language)

    def label(self, name: str) -> str:
        """A fixed heading."""
        return self.speech.words(LABELS[name])

    def say(self, sentence: str, **data: object) -> str:
        """A fixed sentence with its data filled in."""
        return self.speech.words(SENTENCES[sentence], **data)

    def text(self, text: Text | None) -> str:
        """A text of the rule set; nothing where there is none."""
        return "" if text is None else self.speech.text(text)

    def source(self, source: Source) -> str:
        """Document, place, note and address, as one line; a place with words of its own is as the document names it."""
        places = [
            self.say(name, place=place) if str(place)[:1].isdigit() else str(place)
            for name, place in (("page", source.page), ("section", source.section))
            if place is not None
        ]
        parts = [", ".join([self.speech.text(source.document), *places]) + "."]
        parts += [self.text(source.note)] if source.note else []
        return " ".join([*parts, source.url or ""]).rstrip()

    def coverage(self, requirement: str, scheme: str, crosswalk: Crosswalk) -> Iterator[Line]:
        """What the crosswalk says that a certificate of the scheme shows of the requirement, and why."""
        entry = crosswalk.entry_for.get(requirement)
        if entry is None:
            covered = self.say("covered", scheme=scheme, coverage=self.say("nothing"), reason="")
        else:
            leaves = self.speech.listed(entry.leaves)
            coverage = self.say("full") if entry.coverage == "full" else self.say("partial", leaves=leaves)
            covered = self.say("covered", scheme=scheme, coverage=coverage, reason=self.text(entry.reason))
            if entry.basis:
                covered = f"{covered.rstrip()} {self.entry_bases(entry)}"
        yield Line(covered.rstrip(), item=True)
        if entry is not None and entry.note is not None:
            yield Line(self.text(entry.note), 1)
        yield Line(self.read_in(crosswalk), 1)

    def entry_bases(self, entry: CrosswalkEntry) -> str:
        """What a crosswalk entry rests on."""
        bases = (self.speech.words(ENTRY_BASES[name]) if name in ENTRY_BASES else name for name in entry.basis)
        return self.say("basis", basis=self.speech.listed(bases))

    def read_in(self, crosswalk: Crosswalk) -> str:
        """Which crosswalk version says so, and from when."""
        if crosswalk.effective_from is None:
            return self.say("read_in", id=crosswalk.id, version=crosswalk.version)
        start = self.speech.date(crosswalk.effective_from)
        return self.say("read_from", id=crosswalk.id, version=crosswalk.version, date=start)


class RulesInWords(InWords):
    """Puts what one rule set version says into one language."""

    def __init__(self, rule_set: RuleSet, language: Language) -> None:
        super().__init__(language)
        self.rule_set = rule_set
        self._types = {kind.id: kind.text for kind in rule_set.document_types}

    def condition(self, condition: Condition, depth: int = 0) -> Iterator[Line]:
        """A condition on the profile."""
        if isinstance(condition, AllConditions | AnyCondition):
            every = isinstance(condition, AllConditions)
            yield Line(self.say("all_of" if every else "any_of"), depth, item=True)
            for child in condition.all if isinstance(condition, AllConditions) else condition.any:
                yield from self.condition(child, depth + 1)
        elif isinstance(condition, NotCondition):
            yield Line(self.say("not_so"), depth, item=True)
            yield from self.condition(condition.not_, depth + 1)
        else:
            yield Line(self._profile(condition.profile), depth, item=True)

    def tree(self, node: Node, depth: int = 0) -> Iterator[Line]:
        """What to show: every leaf with its id, its ask, and below it what satisfies it."""
        if isinstance(node, AllOf | AnyOf):
            yield Line(self.say("all_of" if isinstance(node, AllOf) else "any_of"), depth, item=True)
            for child in node.all if isinstance(node, AllOf) else node.any:
                yield from self.tree(child, depth + 1)
        else:
            yield Line(f"[{node.id}] {self.text(node.ask)}", depth, item=True)
            yield Line(self.leaf(node), depth + 1)

    def leaf(self, leaf: Leaf) -> str:
        """What satisfies a leaf."""
        if isinstance(leaf, DocumentLeaf):
            return self._document(leaf)
        return self._answer(leaf)

    def bases(self, requirement: Requirement) -> str:
        """The kinds of basis that the wording has."""
        return self.speech.listed(self.speech.words(BASES[basis]) for basis in requirement.basis)

    def value(self, value: Value, field: CatalogueField) -> str:
        """The value of an answer or a profile field: options by their text, numbers with their unit."""
        if isinstance(value, bool):
            return self.speech.say("yes" if value else "no")
        if isinstance(value, tuple):
            return ", ".join(self.value(item, field) for item in value)
        option = next((item.text for item in field.options if item.id == value), None)
        if option is not None:
            return self.speech.text(option)
        return self.speech.amount(str(value), field)

    def _document(self, leaf: DocumentLeaf) -> str:
        rule = leaf.document
        *others, last = [self.speech.text(self._types[kind]) for kind in rule.types]
        types = f"{', '.join(others)} {self.speech.say('or')} {last}" if others else last
        said = self.say("one_document" if rule.at_least == 1 else "documents", types=types, count=rule.at_least)
        if rule.max_age_months is not None:
            said = self.say("age", document=said, months=self.speech.months(rule.max_age_months))
        return self.say("document", document=said)

    def _answer(self, leaf: AnswerLeaf) -> str:
        question = self.rule_set.questions_by_id[leaf.answer.question]
        wanted = self._wanted(*leaf.answer.test, question)
        return self.say("answer", question=self.text(question.text), wanted=wanted)

    def _profile(self, test: ProfileTest) -> str:
        field = self.rule_set.profile_fields[test.field]
        return self.say("profile", field=self.text(field.text), wanted=self._wanted(*test.test, field))

    def _wanted(self, operator: str, value: Value, field: CatalogueField) -> str:
        words: Words = WITHIN if operator == "within" else WANTED[operator]
        within = operator == "within_months"
        said = self.speech.months(int(str(value))) if within else self.value(value, field)
        return self.speech.words(words, value=said)
