"""What the documents and answers of a pack show for the leaves of one requirement, on any day (semantics.md 2).

All that a day decides is whether it lies in a span: a document is good, but for being replaced, from the day it is
issued and valid until the day before it is withdrawn, its validity ends, or it is too old for the leaf; an answer to
``within_months`` holds for so many months. So leaves are read from the pack once and asked for any day, and each
answer comes with the last day through which nothing about it changes.

Most leaves hold by one document or answer that says so for a long time. Those days are found first (``Evidence``);
only where they do not decide are the documents of a leaf laid out one by one (``DocumentEvidence``).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from app.engine.pack import Answer, Document, Filed, Shelf
from app.engine.plan import FOR_EVER, AnswerTest, Days, DocumentTest, Plan
from app.engine.values import add_months, day_after, day_before

NEVER: Days = (date.max, date.min)

# The first and last day on which a leaf holds for certain, and the leaf.
_Certain: TypeAlias = tuple[date, date, DocumentTest | AnswerTest]


class Span:
    """One linked document as one leaf reads it; ``heirs`` are the linked documents that may have replaced it."""

    __slots__ = ("accepted_until", "document", "end", "heirs", "start")

    def __init__(self, document: Document, max_age_months: int | None) -> None:
        self.document = document
        self.start, last = document.in_force
        self.accepted_until = FOR_EVER if max_age_months is None else add_months(document.issued_on, max_age_months)
        self.end = min(last, self.accepted_until)
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

    def __init__(self, test: DocumentTest, linked: Sequence[Filed], replaced_by: Mapping[str, list[str]]) -> None:
        self.leaf = test.leaf
        self.wanted = test.wanted
        self.spans = [Span(item, test.max_age) for kind, _, _, item in linked if kind in test.types]
        if len(self.spans) > 1:
            self.spans = [span for _, span in sorted({span.document.id: span for span in self.spans}.items())]
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
        self.days = None if given is None or given.value is None else test.days(given.value)

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

    __slots__ = ("_certain", "_every", "_first", "_last", "_linked", "_looked_at", "_shelf")

    def __init__(self, plan: Plan, linked: Sequence[Filed], shelf: Shelf, answered: list[_Certain]) -> None:
        self._linked = linked
        self._shelf = shelf
        self._looked_at: dict[int, DocumentEvidence | AnswerEvidence] | None = None
        self._certain = certain = answered + _shown(plan, linked) if linked else answered
        # The days on which every leaf that may ever hold does.
        first, last, every = date.min, FOR_EVER, 0
        for start, end, test in certain:
            every |= test.bit
            if start > first:
                first = start
            if end < last:
                last = end
        self._first, self._last, self._every = first, last, every

    def of(self, test: DocumentTest | AnswerTest) -> DocumentEvidence | AnswerEvidence:
        """What there is for one leaf of the plan."""
        if self._looked_at is None:
            self._looked_at = {}
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
                if self.of(test).state(day)[0]:
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
        return min([end if start <= day <= end else self.of(test).state(day)[1] for start, end, test in self._certain])


def _shown(plan: Plan, linked: Sequence[Filed]) -> list[_Certain]:
    """For each leaf with a document of its types the days of the one that is good longest, unless it is replaced.

    That makes no difference: what takes its place then is good, and one is enough. ``NEVER`` where several are wanted.
    """
    found: list[_Certain] = []
    for test in plan.documents:
        types, longest = test.types, None
        for kind, first, last, document in linked:
            if kind in types:
                if test.wanted > 1:
                    longest = NEVER
                    break
                end = last if test.max_age is None else min(last, add_months(document.issued_on, test.max_age))
                if longest is None or end > longest[1]:
                    longest = first, end
        if longest is not None:
            found.append((*longest, test))
    return found


def evidence(plan: Plan, linked: Sequence[Filed], programmes: Sequence[str | None], shelf: Shelf) -> list[Evidence]:
    """What ``linked`` documents and the answers show for a requirement, for each of the programmes.

    Only one, for all of them, where no document names programmes.

    ``None`` is the service, for which every document counts. For a programme a document that names programmes
    counts only where it names this one; the programme without a name of a service that lists none is ``""``.
    """
    answered: list[_Certain] = []
    for test in plan.answers:
        value = shelf.values.get(test.question)
        if value is not None:
            days = test.days(value)
            if days is not None:
                answered.append((*days, test))
    if plan.by_programme and any([item[3].programmes for item in linked]):
        return [Evidence(plan, _for_programme(linked, programme), shelf, answered) for programme in programmes]
    return [Evidence(plan, linked, shelf, answered)]


def _for_programme(linked: Sequence[Filed], programme: str | None) -> list[Filed]:
    return [item for item in linked if not item[3].programmes or programme in item[3].programmes]
