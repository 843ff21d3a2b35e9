"""What the documents and answers of a pack show for the leaves of one requirement, on any date (semantics.md 2).

All that a date decides is a span of days: a document is good, but for being replaced, from the day it is issued and
valid until the day before it is withdrawn, its validity ends, or it is too old for the leaf; an answer to
``within_months`` holds for so many months. So leaves are read from the pack once, and asked for any day.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from app.engine.conditions import Typed, compare, typed
from app.engine.pack import Answer, Document, Pack
from app.engine.rules import CatalogueField, RuleSet
from app.engine.tree import AnswerLeaf, DocumentLeaf, Tree
from app.engine.values import add_months, day_after, day_before

FOR_EVER = date.max
NEVER_BEFORE = date.min


class Span:
    """One linked document as one leaf reads it; ``heirs`` are the linked documents that may have replaced it."""

    __slots__ = ("accepted_until", "document", "end", "heirs", "sha256", "start")

    def __init__(self, document: Document, max_age_months: int | None) -> None:
        self.document = document
        self.sha256 = document.sha256
        self.start = max(document.issued_on, document.valid_from or document.issued_on)
        self.accepted_until = FOR_EVER if max_age_months is None else add_months(document.issued_on, max_age_months)
        withdrawn = FOR_EVER if document.withdrawn_on is None else day_before(document.withdrawn_on)
        self.end = min(document.valid_until or FOR_EVER, withdrawn, self.accepted_until)
        self.heirs: tuple[Span, ...] = ()

    def good_but_for_replacement(self, day: date) -> bool:
        """Issued, in force, not withdrawn, not too old."""
        return self.start <= day <= self.end

    def replacements(self, day: date) -> list["Span"]:
        """The linked documents that replace this one on ``day``, itself or through others."""
        return [heir for heir in self.heirs if heir.start <= day <= heir.end]

    def good(self, day: date) -> bool:
        """Good on ``day``, as semantics.md 2 has it."""
        return self.start <= day <= self.end and not (self.heirs and self.replacements(day))

    def edges(self) -> Iterator[date]:
        """The days on which what is said of the document may change."""
        yield self.start
        if self.document.withdrawn_on is not None:
            yield self.document.withdrawn_on
        if self.document.valid_until is not None:
            yield day_after(self.document.valid_until)
        if self.accepted_until < FOR_EVER:
            yield day_after(self.accepted_until)


@dataclass(frozen=True, slots=True)
class DocumentEvidence:
    """A document leaf with the linked documents of its types that count for one programme (or for the service)."""

    leaf: DocumentLeaf
    bit: int
    wanted: int
    spans: tuple[Span, ...]

    def holds(self, day: date) -> bool:
        """Whether there are enough distinct good documents on ``day``."""
        if self.wanted == 1:
            return any(span.good(day) for span in self.spans)
        return len({span.sha256 for span in self.spans if span.good(day)}) >= self.wanted


@dataclass(frozen=True, slots=True)
class AnswerEvidence:
    """An answer leaf, with the first and last day on which the answer given satisfies it (``None``: on no day)."""

    leaf: AnswerLeaf
    bit: int
    given: Answer | None
    span: tuple[date, date] | None

    def holds(self, day: date) -> bool:
        """Whether the answer satisfies the leaf on ``day``."""
        return self.span is not None and self.span[0] <= day <= self.span[1]

    def edges(self) -> Iterator[date]:
        """The days on which the leaf may change."""
        if self.span is not None:
            if self.span[0] > NEVER_BEFORE:
                yield self.span[0]
            if self.span[1] < FOR_EVER:
                yield day_after(self.span[1])


class Evidence:
    """The leaves of one requirement for one programme, or for the service where programmes are not judged."""

    def __init__(self, documents: tuple[DocumentEvidence, ...], answers: tuple[AnswerEvidence, ...]) -> None:
        self.documents = documents
        self.answers = answers

    @cached_property
    def of_leaf(self) -> dict[str, DocumentEvidence | AnswerEvidence]:
        """What there is for each leaf, by the leaf's id."""
        documents = {item.leaf.id: item for item in self.documents}
        return documents | {item.leaf.id: item for item in self.answers}

    def leaves(self, day: date) -> int:
        """The leaves that hold on ``day`` by evidence alone, as bits of the tree."""
        bits = 0
        for answer in self.answers:
            if answer.holds(day):
                bits |= answer.bit
        for document in self.documents:
            if document.holds(day):
                bits |= document.bit
        return bits

    def edges(self) -> Iterator[date]:
        """The days on which a leaf, or what is said of it, may change."""
        for answer in self.answers:
            yield from answer.edges()
        for document in self.documents:
            for span in document.spans:
                yield from span.edges()


class Shelf:
    """The documents and answers of a pack, ready to be looked up; made once for a pack."""

    def __init__(self, rule_set: RuleSet, pack: Pack) -> None:
        self._questions: Mapping[str, CatalogueField] = rule_set.questions_by_id
        self._documents = {document.id: document for document in pack.documents}
        self._answers = {answer.question: answer for answer in pack.answers}
        self._replaced_by: dict[str, list[str]] = {}
        for document in pack.documents:
            if document.replaces is not None:
                self._replaced_by.setdefault(document.replaces, []).append(document.id)

    def documents(self, ids: Sequence[str]) -> list[Document]:
        """The documents with these ids, each once, in the order of their ids."""
        return [self._documents[name] for name in sorted(set(ids))]

    def answer(self, question: str) -> Answer | None:
        """What was said of the question last, a withdrawn answer (``value`` null) included."""
        return self._answers.get(question)

    def answers(self, tree: Tree) -> tuple[AnswerEvidence, ...]:
        """The answer leaves of the tree, in file order."""
        return tuple(
            AnswerEvidence(leaf, tree.bit_of[leaf.id], self._answers.get(leaf.answer.question), self._answer_span(leaf))
            for leaf in tree.leaves
            if isinstance(leaf, AnswerLeaf)
        )

    def evidence(
        self, tree: Tree, answers: tuple[AnswerEvidence, ...], linked: list[Document], programme: str | None
    ) -> Evidence:
        """What ``linked`` documents show for a tree.

        With ``programme`` given, a document that names programmes counts only where it names this one (an empty
        string: the programme without a name of a service that lists none).
        """
        if programme is not None:
            linked = [item for item in linked if not item.programmes or programme in item.programmes]
        leaves = (leaf for leaf in tree.leaves if isinstance(leaf, DocumentLeaf))
        return Evidence(
            tuple(
                DocumentEvidence(leaf, tree.bit_of[leaf.id], leaf.document.at_least, self._spans(leaf, linked))
                for leaf in leaves
            ),
            answers,
        )

    def _spans(self, leaf: DocumentLeaf, linked: list[Document]) -> tuple[Span, ...]:
        rule = leaf.document
        spans = {item.id: Span(item, rule.max_age_months) for item in linked if item.type in rule.types}
        if self._replaced_by:
            for name, span in spans.items():
                span.heirs = tuple(spans[heir] for heir in sorted(self._heirs(name)) if heir in spans)
        return tuple(spans.values())

    def _heirs(self, name: str) -> set[str]:
        """Every document that replaces the named one, itself or through others (semantics.md 2; never in a circle)."""
        found: set[str] = set()
        waiting = list(self._replaced_by.get(name, ()))
        while waiting:
            heir = waiting.pop()
            if heir not in found:
                found.add(heir)
                waiting.extend(self._replaced_by.get(heir, ()))
        return found

    def _answer_span(self, leaf: AnswerLeaf) -> tuple[date, date] | None:
        answer = self._answers.get(leaf.answer.question)
        if answer is None or answer.value is None:
            return None
        operator, wanted = leaf.answer.test
        kind = self._questions[leaf.answer.question].type
        given: Typed = typed(kind, answer.value)
        if operator == "within_months" and isinstance(given, date) and isinstance(wanted, int):
            return given, add_months(given, wanted)
        return (NEVER_BEFORE, FOR_EVER) if compare(operator, given, typed(kind, wanted)) else None
