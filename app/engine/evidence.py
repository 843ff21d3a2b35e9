"""What the documents and answers of a pack show for the leaves of one requirement, on any day (semantics.md 2).

All that a day decides is whether it lies in a span: a document is good, but for being replaced, from the day it is
issued and valid until the day before it is withdrawn, its validity ends, or it is too old for the leaf; an answer to
``within_months`` holds for so many months. So leaves are read from the pack once and asked for any day, and each
answer comes with the last day through which nothing about it changes.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property

from app.engine.conditions import COMPARE, typed
from app.engine.pack import Answer, Document, Pack
from app.engine.rules import RuleSet
from app.engine.tree import AnswerLeaf, DocumentLeaf, Tree
from app.engine.values import add_months, day_after, day_before

FOR_EVER = date.max
NEVER_BEFORE = date.min
NEVER = (date.max, date.min)


class Span:
    """One linked document as one leaf reads it; ``heirs`` are the linked documents that may have replaced it."""

    __slots__ = ("accepted_until", "document", "end", "heirs", "start")

    def __init__(self, document: Document, max_age_months: int | None) -> None:
        self.document = document
        self.start, self.end = document.in_force
        self.accepted_until = FOR_EVER
        if max_age_months is not None:
            self.accepted_until = add_months(document.issued_on, max_age_months)
            self.end = min(self.end, self.accepted_until)
        self.heirs: tuple[Span, ...] = ()

    def replacements(self, day: date) -> list["Span"]:
        """The linked documents that replace this one on ``day``, itself or through others."""
        return [heir for heir in self.heirs if heir.start <= day <= heir.end]

    def good(self, day: date) -> bool:
        """Good on ``day``, as semantics.md 2 has it."""
        return self.start <= day <= self.end and not (self.heirs and self.replacements(day))

    def edges(self) -> Iterator[date]:
        """The days on which what is said of the document may change."""
        yield self.start
        document = self.document
        if document.withdrawn_on is not None:
            yield document.withdrawn_on
        if document.valid_until is not None:
            yield day_after(document.valid_until)
        if self.accepted_until < FOR_EVER:
            yield day_after(self.accepted_until)


class DocumentEvidence:
    """A document leaf with the linked documents of its types that count for one programme (or for the service)."""

    __slots__ = ("bit", "end", "leaf", "plain", "spans", "start", "wanted")

    def __init__(self, leaf: DocumentLeaf, bit: int, spans: list[Span], *, heirs: bool) -> None:
        self.leaf = leaf
        self.bit = bit
        self.wanted = leaf.document.at_least
        self.spans = spans
        # One document is enough and none is replaced: the usual leaf, judged without counting.
        self.plain = self.wanted == 1 and not heirs
        self.start, self.end = (spans[0].start, spans[0].end) if self.plain and len(spans) == 1 else NEVER

    def state(self, day: date) -> tuple[bool, date]:
        """Whether enough distinct documents are good on ``day``, and through when nothing about the leaf changes.

        While a leaf holds, nothing is said of its documents; while it does not, a reason is given for each, and may
        change before the leaf does.
        """
        if self.plain:
            end = None
            for span in self.spans:
                if span.start <= day <= span.end and (end is None or span.end > end):
                    end = span.end
            return (False, self._through(day)) if end is None else (True, end)
        good = {span.document.sha256 for span in self.spans if span.good(day)}
        return len(good) >= self.wanted, self._through(day)

    def _through(self, day: date) -> date:
        coming = [edge for span in self.spans for edge in span.edges() if edge > day]
        return day_before(min(coming)) if coming else FOR_EVER


class AnswerEvidence:
    """An answer leaf, with the first and last day on which the answer given satisfies it (``None``: on no day)."""

    __slots__ = ("bit", "end", "given", "leaf", "span", "start")

    def __init__(self, leaf: AnswerLeaf, bit: int, given: Answer | None, span: tuple[date, date] | None) -> None:
        self.leaf = leaf
        self.bit = bit
        self.given = given
        self.span = span
        self.start, self.end = NEVER if span is None else span

    def state(self, day: date) -> tuple[bool, date]:
        """Whether the answer satisfies the leaf on ``day``, and through when that stays so."""
        if self.span is None or day > self.span[1]:
            return False, FOR_EVER
        if day < self.span[0]:
            return False, day_before(self.span[0])
        return True, self.span[1]


class Evidence:
    """The leaves of one requirement for one programme, or for the service where programmes are not judged."""

    def __init__(self, documents: Iterable[DocumentEvidence], answers: Iterable[AnswerEvidence]) -> None:
        self.items: tuple[DocumentEvidence | AnswerEvidence, ...] = (*answers, *documents)
        # The first and last day on which each leaf holds for certain, so that most days need no closer look.
        self._certain = [(item.start, item.end, item.bit, item) for item in self.items]

    @cached_property
    def of_leaf(self) -> dict[str, DocumentEvidence | AnswerEvidence]:
        """What there is for each leaf, by the leaf's id."""
        return {item.leaf.id: item for item in self.items}

    def state(self, day: date) -> tuple[int, date]:
        """The leaves that hold on ``day`` by evidence alone, as bits, and through when nothing about them changes."""
        bits, through = 0, FOR_EVER
        for start, end, bit, item in self._certain:
            if start <= day <= end:
                bits |= bit
                until = end
            else:
                holds, until = item.state(day)
                if holds:
                    bits |= bit
            through = min(through, until)
        return bits, through


class Shelf:
    """The documents and answers of a pack, ready to be looked up; made once for a pack."""

    def __init__(self, rule_set: RuleSet, pack: Pack) -> None:
        self._questions = rule_set.questions_by_id
        self._documents = {document.id: document for document in pack.documents}
        self._answers = {answer.question: answer for answer in pack.answers}
        self._replaced_by: dict[str, list[str]] = {}
        for document in pack.documents:
            if document.replaces is not None:
                self._replaced_by.setdefault(document.replaces, []).append(document.id)

    def linked(self, ids: Sequence[str]) -> list[Document]:
        """The documents with these ids, each once, in the order of their ids."""
        return [self._documents[name] for name in (sorted(set(ids)) if len(ids) > 1 else ids)]

    def answer(self, question: str) -> Answer | None:
        """What was said of the question last, a withdrawn answer (``value`` null) included."""
        return self._answers.get(question)

    def evidence(self, tree: Tree, linked: list[Document], programmes: Sequence[str | None]) -> tuple[Evidence, ...]:
        """What ``linked`` documents and the answers show for a tree, for each of the programmes.

        ``None`` is the service, for which every document counts. For a programme a document that names programmes
        counts only where it names this one; the programme without a name of a service that lists none is ``""``.
        """
        answers = [self._answer(leaf, tree.bit_of[leaf.id]) for leaf in tree.answer_leaves]
        if programmes == (None,) or not any(document.programmes for document in linked):
            return (Evidence(self._document_leaves(tree, linked), answers),) * len(programmes)
        return tuple(
            Evidence(
                self._document_leaves(
                    tree, [item for item in linked if not item.programmes or programme in item.programmes]
                ),
                answers,
            )
            for programme in programmes
        )

    def _document_leaves(self, tree: Tree, linked: list[Document]) -> list[DocumentEvidence]:
        found = []
        replacing = bool(self._replaced_by)
        for leaf in tree.document_leaves:
            rule = leaf.document
            types, max_age = rule.types, rule.max_age_months
            spans = [Span(item, max_age) for item in linked if item.type in types]
            found.append(DocumentEvidence(leaf, tree.bit_of[leaf.id], spans, heirs=replacing and self._inherit(spans)))
        return found

    def _inherit(self, spans: list[Span]) -> bool:
        """Tell each document which of the others may have replaced it; say whether there are any."""
        by_id = {span.document.id: span for span in spans}
        for name, span in by_id.items():
            span.heirs = tuple(by_id[heir] for heir in sorted(self._heirs(name)) if heir in by_id)
        return any(span.heirs for span in spans)

    def _heirs(self, name: str) -> set[str]:
        """Every document that replaces the named one, itself or through others (semantics.md 2)."""
        found: set[str] = set()
        waiting = list(self._replaced_by.get(name, ()))
        while waiting:  # ends: no document replaces itself through others (semantics.md 3)
            heir = waiting.pop()
            found.add(heir)
            waiting.extend(self._replaced_by.get(heir, ()))
        return found

    def _answer(self, leaf: AnswerLeaf, bit: int) -> AnswerEvidence:
        given = self._answers.get(leaf.answer.question)
        return AnswerEvidence(leaf, bit, given, None if given is None else self._answer_span(leaf, given))

    def _answer_span(self, leaf: AnswerLeaf, given: Answer) -> tuple[date, date] | None:
        if given.value is None:
            return None
        operator, wanted = leaf.answer.test
        kind = self._questions[leaf.answer.question].type
        value = typed(kind, given.value)
        if operator == "within_months" and isinstance(value, date) and isinstance(wanted, int):
            return value, add_months(value, wanted)
        return (NEVER_BEFORE, FOR_EVER) if COMPARE[operator](value, typed(kind, wanted)) else None
