"""Packs of made-up services: evidence for chosen requirements of a rule set, as their trees ask for it."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

from app.engine.pack import Answer, Document, Pack, Response
from app.engine.rules import Requirement, RuleSet
from app.engine.tree import AllOf, AnyOf, DocumentLeaf, Leaf, Node
from app.engine.values import Value

MARK = "Demonstration: "
_FILE = (
    MARK + "made up. Nothing in this file is true of anybody.\n\n{title}\n{service}\nIssued on {issued_on}\n\n"
    "1. What it is for\nIt says how this work is done here, so that everybody does it alike and others can see it.\n\n"
    "2. What is done\nThe safety of victims and children comes first. Who notices a risk tells the duty manager on\n"
    "the same day, who decides what follows, writes it down, and tells those who need to know.\n\n"
    "3. Who answers for it\nThe service manager. It is looked at again every year, and after whatever went wrong.\n"
)
NARRATIVE = MARK + "made up, to show what a provider's account of its practice looks like."

_FRESH_MONTHS = 12  # where a document may be no older than this, the made-up one is only days old
_FRESH = timedelta(days=12)
_OLDER = timedelta(days=230)
_SAID_AT = "2000-01-01T00:00:00Z"  # replaced when the pack is imported: a provider cannot say when it answered


class Shelf:
    """The documents and answers of one made-up service on one day, added to requirement by requirement.

    ``before`` is what is on record already; a document of then is replaced by the one of this day. ``files`` has what
    is in each document, by its id.
    """

    def __init__(self, rule_set: RuleSet, before: Pack, day: date, uncertified: tuple[str, ...] = ()) -> None:
        self._service = before.service.name
        self._day = day
        self._uncertified = uncertified
        self._titles = {kind.id: kind.text.en for kind in rule_set.document_types}
        self._short_lived = set(_short_lived(rule_set))
        self._before = {document.id for document in before.documents}
        self._documents: dict[str, Document] = {}
        self.files: dict[str, bytes] = {}
        self._answers: dict[str, Value] = {}
        self._responses: dict[str, Response] = {}

    def meet(self, requirement: Requirement, *, evidence: bool, certified: Collection[str] = ()) -> None:
        """Say that the requirement is met and, with ``evidence``, show what it asks for.

        The leaves ``certified`` are left to a certificate, and shown only for the programmes that it says nothing of.
        """
        linked = self._show(requirement.met_when, certified) if evidence else []
        self._respond(requirement, "met", linked)

    def fall_short(self, requirement: Requirement) -> None:
        """Say that the requirement is met in part, with nothing to show yet."""
        self._respond(requirement, "partly_met", [])

    def added_to(self, pack: Pack) -> Pack:
        """The pack with all of it."""
        return pack.replace(
            documents=(*pack.documents, *self._documents.values()),
            answers=tuple(
                Answer(question=question, value=value, answered_at=_SAID_AT)
                for question, value in self._answers.items()
            ),
            responses=tuple(self._responses.values()),
        )

    def _respond(self, requirement: Requirement, rating: str, linked: list[str]) -> None:
        said: Mapping[str, object] = {
            "requirement": requirement.id,
            "version": 1,
            "self_rating": rating,
            "narrative": NARRATIVE,
            "documents": tuple(sorted(set(linked))),
        }
        self._responses[requirement.id] = Response.model_validate(said)

    def _show(self, node: Node, certified: Collection[str]) -> list[str]:
        """Hand in what makes the node hold, of alternatives the first; gives the documents to link."""
        if isinstance(node, AllOf):
            return [name for child in node.all for name in self._show(child, certified)]
        if isinstance(node, AnyOf):
            return self._show(node.any[0], certified)
        if node.id not in certified:
            return self._show_leaf(node, ())
        return self._show_leaf(node, self._uncertified) if self._uncertified else []

    def _show_leaf(self, leaf: Leaf, programmes: tuple[str, ...]) -> list[str]:
        if isinstance(leaf, DocumentLeaf):
            kind = leaf.document.types[0]
            return [self._document(kind, number + 1, programmes) for number in range(leaf.document.at_least)]
        operator, wanted = leaf.answer.test
        question = leaf.answer.question
        self._answers[question] = self._combined(self._answers.get(question), operator, wanted)
        return []

    def _combined(self, given: Value, operator: str, wanted: Value) -> Value:
        """An answer that satisfies this leaf and, of lists and limits, also what others asked for."""
        if operator == "within_months":
            return (self._day - timedelta(days=30)).isoformat()
        if operator == "one_of" and isinstance(wanted, tuple):
            return wanted[0]
        if operator == "includes_any" and isinstance(wanted, tuple):
            wanted = wanted[:1]
        if isinstance(given, tuple) and isinstance(wanted, tuple):
            return tuple(sorted({*given, *wanted}))
        if operator == "at_most" and isinstance(given, int) and isinstance(wanted, int):
            return min(given, wanted)
        return wanted

    def _document(self, kind: str, number: int, programmes: tuple[str, ...]) -> str:
        first = "-".join((kind, str(number), *programmes))
        name = f"{first}-of-{self._day.isoformat()}" if first in self._before else first
        age = _FRESH if kind in self._short_lived else _OLDER
        title, issued_on = self._titles[kind], self._day - age
        content = _FILE.format(title=title, service=f"{self._service}, {name}", issued_on=issued_on).encode()
        self.files[name] = content
        self._documents[name] = Document(
            id=name,
            type=kind,
            title=f"{MARK}{title}"[:200],
            programmes=programmes,
            replaces=first if name != first else None,
            issued_on=issued_on,
            media_type="text/plain",
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        return name


def _short_lived(rule_set: RuleSet) -> Iterable[str]:
    for requirement in rule_set.requirements.values():
        for leaf in requirement.tree.leaves:
            if isinstance(leaf, DocumentLeaf) and (leaf.document.max_age_months or _FRESH_MONTHS + 1) <= _FRESH_MONTHS:
                yield leaf.document.types[0]
