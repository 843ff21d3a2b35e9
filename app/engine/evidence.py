"""What the documents and answers of a pack show for the leaves of one requirement, on any day (semantics.md 2).

All that a day decides is whether it lies in a span: a document is good, but for being replaced, from the day it is
issued and valid until the day before it is withdrawn, its validity ends, or it is too old for the leaf; an answer to
``within_months`` holds for so many months. So leaves are read from the pack once and asked for any day, and each
answer comes with the last day through which nothing about it changes.

Most leaves hold by one document or answer that says so for a long time. Those days are found first (``Evidence``);
only where they do not decide are the documents of a leaf laid out one by one (``DocumentEvidence``).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from app.engine.pack import Answer, Document, Pack
from app.engine.plan import FOR_EVER, AnswerTest, Days, DocumentTest, Plan
from app.engine.values import add_months, day_after, day_before

NEVER: Days = (date.max, date.min)

# The first and last day on which a leaf holds for certain, and the leaf.
_Certain: TypeAlias = tuple[date, date, DocumentTest | AnswerTest]


def _good_days(document: Document, max_age: int | None) -> tuple[date, date, date]:
    """The first and last day on which the document is good, but for being replaced, and the last while not too old."""
    first, last = document.in_force
    if max_age is None:
        return first, last, FOR_EVER
    accepted_until = add_months(document.issued_on, max_age)
    return first, min(last, accepted_until), accepted_until


class Span:
    """One linked document as one leaf reads it; ``heirs`` are the linked documents that may have replaced it."""

    __slots__ = ("accepted_until", "document", "end", "heirs", "start")

    def __init__(self, document: Document, max_age_months: int | None) -> None:
        self.document = document
        self.start, self.end, self.accepted_until = _good_days(document, max_age_months)
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

    __slots__ = ("leaf", "spans", "wanted")

    def __init__(self, test: DocumentTest, linked: Sequence[Document], replaced_by: Mapping[str, list[str]]) -> None:
        self.leaf = test.leaf
        self.wanted = test.wanted
        documents = {item.id: item for item in linked if item.type in test.types}
        self.spans = [Span(documents[name], test.max_age) for name in sorted(documents)]
        if replaced_by:
            _inherit(self.spans, replaced_by)

    def state(self, day: date) -> tuple[bool, date]:
        """Whether enough distinct documents are good on ``day``, and through when nothing about any of them changes."""
        good = {span.document.sha256 for span in self.spans if span.good(day)}
        coming = [edge for span in self.spans for edge in span.edges() if edge > day]
        return len(good) >= self.wanted, day_before(min(coming)) if coming else FOR_EVER


def _inherit(spans: list[Span], replaced_by: Mapping[str, list[str]]) -> None:
    """Tell each document which of the others may have replaced it."""
    by_id = {span.document.id: span for span in spans}
    for name, span in by_id.items():
        span.heirs = tuple(by_id[heir] for heir in sorted(_heirs(name, replaced_by)) if heir in by_id)


def _heirs(name: str, replaced_by: Mapping[str, list[str]]) -> set[str]:
    """Every document that replaces the named one, itself or through others (semantics.md 2)."""
    found: set[str] = set()
    waiting = list(replaced_by.get(name, ()))
    while waiting:  # ends: no document replaces itself through others (semantics.md 3)
        heir = waiting.pop()
        found.add(heir)
        waiting.extend(replaced_by.get(heir, ()))
    return found


class AnswerEvidence:
    """An answer leaf, with the answer given and the days on which it satisfies the leaf (``None``: on none)."""

    __slots__ = ("days", "given", "leaf")

    def __init__(self, test: AnswerTest, given: Answer | None) -> None:
        self.leaf = test.leaf
        self.given = given
        self.days = None if given is None else test.days(given.value)

    def state(self, day: date) -> tuple[bool, date]:
        """Whether the answer satisfies the leaf on ``day``, and through when that stays so."""
        if self.days is None or day > self.days[1]:
            return False, FOR_EVER
        if day < self.days[0]:
            return False, day_before(self.days[0])
        return True, self.days[1]


class Evidence:
    """The leaves of one requirement for one programme, or for the service where programmes are not judged.

    ``linked`` are the documents that count. Of each leaf that may ever hold there are days on which it holds for
    certain; before them it is looked at more closely, after them it never holds again.
    """

    __slots__ = ("_certain", "_every", "_first", "_last", "_linked", "_looked_at", "_plan", "_shelf")

    def __init__(self, plan: Plan, linked: Sequence[Document], shelf: "Shelf", answered: list[_Certain]) -> None:
        self._plan = plan
        self._linked = linked
        self._shelf = shelf
        self._looked_at: dict[int, DocumentEvidence | AnswerEvidence] = {}
        self._certain = certain = [*answered, *_shown(plan, linked, shelf.replaced_by)] if linked else answered
        # The days on which every leaf that may ever hold does.
        first, last, every = date.min, FOR_EVER, 0
        for start, end, test in certain:
            every |= test.bit
            if start > first:
                first = start
            if end < last:
                last = end
        self._first, self._last, self._every = first, last, every

    def of_leaf(self, leaf: str) -> DocumentEvidence | AnswerEvidence:
        """What there is for the leaf with this id."""
        return self._of(self._plan.of[leaf])

    def _of(self, test: DocumentTest | AnswerTest) -> DocumentEvidence | AnswerEvidence:
        found = self._looked_at.get(test.bit)
        if found is None:
            if isinstance(test, AnswerTest):
                found = AnswerEvidence(test, self._shelf.answers.get(test.question))
            else:
                found = DocumentEvidence(test, self._linked, self._shelf.replaced_by)
            self._looked_at[test.bit] = found
        return found

    def holding(self, day: date) -> int:
        """The leaves that hold on ``day`` by evidence alone, as bits."""
        if self._first <= day <= self._last:
            return self._every
        bits = 0
        for start, end, test in self._certain:
            if day < start:
                if self._of(test).state(day)[0]:
                    bits |= test.bit
            elif day <= end:
                bits |= test.bit
        return bits

    def through(self, day: date) -> date:
        """The last day through which nothing about the leaves changes.

        While a leaf holds, nothing is said of its documents; while it does not, a reason is given for each, and may
        change before the leaf does.
        """
        if self._first <= day <= self._last:
            return self._last
        return min([end if start <= day <= end else self._of(test).state(day)[1] for start, end, test in self._certain])


def _shown(plan: Plan, linked: Sequence[Document], replaced_by: Mapping[str, list[str]]) -> Iterable[_Certain]:
    """For each leaf with a document of its types the days of the one that is good longest.

    ``NEVER`` where several are wanted, or one has been replaced: one document does not decide then.
    """
    by_type = plan.by_type
    replaced = replaced_by and any(item.id in replaced_by for item in linked)
    longest: dict[int, _Certain] = {}
    for item in linked:
        for test in by_type.get(item.type, ()):
            if test.wanted > 1 or replaced:
                longest[test.bit] = (*NEVER, test)
                continue
            first, last = item.in_force if test.max_age is None else _good_days(item, test.max_age)[:2]
            known = longest.get(test.bit)
            if known is None or last > known[1]:
                longest[test.bit] = first, last, test
    return longest.values()


class Shelf:
    """The documents and answers of a pack, ready to be looked up; made once for a pack.

    ``replaced_by`` has the ids of the documents that replace one directly.
    """

    def __init__(self, pack: Pack) -> None:
        self._documents = {document.id: document for document in pack.documents}
        self.answers = {answer.question: answer for answer in pack.answers}
        self.replaced_by: dict[str, list[str]] = {}
        for document in pack.documents:
            if document.replaces is not None:
                self.replaced_by.setdefault(document.replaces, []).append(document.id)

    def linked(self, ids: Sequence[str]) -> list[Document]:
        """The documents with these ids."""
        documents = self._documents
        return [documents[name] for name in ids]

    def evidence(self, plan: Plan, linked: Sequence[Document], programmes: Sequence[str | None]) -> Sequence[Evidence]:
        """What ``linked`` documents and the answers show for a requirement, for each of the programmes.

        Only one, for all of them, where no document names programmes.

        ``None`` is the service, for which every document counts. For a programme a document that names programmes
        counts only where it names this one; the programme without a name of a service that lists none is ``""``.
        """
        answered: list[_Certain] = []
        for test in plan.answers:
            given = self.answers.get(test.question)
            days = None if given is None else test.days(given.value)
            if days is not None:
                answered.append((*days, test))
        if not (plan.by_programme and any([document.programmes for document in linked])):
            return (Evidence(plan, linked, self, answered),)
        return [
            Evidence(
                plan, [item for item in linked if not item.programmes or programme in item.programmes], self, answered
            )
            for programme in programmes
        ]
