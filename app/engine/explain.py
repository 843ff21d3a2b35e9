"""Why a requirement was judged as it was: the tree with each leaf's verdict and the fact that decided it.

Nothing is worked out twice: an explanation reads the very case, state and verdict that the judgement came from.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import WithJsonSchema

from app.engine import gaps
from app.engine.coverage import Hindrance, Subject
from app.engine.determination import Reason, RequirementResult
from app.engine.evidence import AnswerEvidence, DocumentEvidence, Evidence, Span
from app.engine.judge import Case, bench_of
from app.engine.pack import Pack, Rating
from app.engine.plan import FOR_EVER, plans
from app.engine.reviews import Change
from app.engine.rules import Crosswalk, RuleSet
from app.engine.sitting import Sitting
from app.engine.standing_in import NO_COVERAGE, Coverage, Held, counts
from app.engine.tree import AllOf, AnyOf, Leaf, Node
from app.engine.values import CivilDate, Frozen, Id, Instant, Name, Text, day_before


class DocumentFact(Frozen):
    """A linked document of the leaf's types: good through a day (``None``: for ever), or the first thing against it."""

    document: Name
    good: bool
    good_through: CivilDate | None = None
    why_not: Reason | None = None


class AnswerFact(Frozen):
    """What was asked and what was answered."""

    question: Id
    wanted: dict[str, Any]
    given: Any = None
    answered_at: Instant | None = None


class LeafFact(Frozen):
    """A leaf: whether it holds, by evidence or by which accreditations, and what was there to judge it by."""

    leaf: Id
    ask: Text
    holds: bool
    by_evidence: bool
    covered_by: tuple[Name, ...]
    wanted_documents: int | None = None
    documents: tuple[DocumentFact, ...] = ()
    answer: AnswerFact | None = None


class BranchFact(Frozen):
    """An ``all`` or ``any``, and its parts."""

    kind: Literal["all", "any"]
    holds: bool
    parts: tuple["NodeFact", ...]


NodeFact: TypeAlias = LeafFact | BranchFact


class CertificateFact(Frozen):
    """An accreditation whose crosswalk lists the requirement, and the first thing that keeps it from counting fully."""

    accreditation: Name
    crosswalk: Id
    crosswalk_version: str
    coverage: Literal["full", "partial"]
    leaves: tuple[Id, ...]
    counts: bool
    verified: bool
    hindrance: Reason | None


class SubjectFact(Frozen):
    """One thing judged: a programme (``""`` where the service lists none), or the service (``None``)."""

    programme: str | None
    tree: Annotated[NodeFact, WithJsonSchema({"type": "object"})]
    certificates: tuple[CertificateFact, ...]


class ReviewFact(Frozen):
    """The newest review, whether it counts on the day, and what has changed since where it does not."""

    decision: Literal["accepted", "rejected", "more_information"]
    decided_at: Instant
    counts: bool
    override_until: CivilDate | None
    changed_since: tuple[Change, ...]


class Explanation(Frozen):
    """One requirement on one day: what was decided, and everything it was decided by."""

    requirement: Name
    statement: Text
    as_of: CivilDate
    result: RequirementResult
    self_rating: Rating | None
    coverage_may_stand_in: bool
    unstated_fields: tuple[Id, ...]
    review: ReviewFact | None
    judged: tuple[SubjectFact, ...]


def explain(
    rule_set: RuleSet, crosswalks: Iterable[Crosswalk], pack: Pack, as_of: date, requirement: str
) -> Explanation:
    """Explain the judgement of ``requirement``; raises ``KeyError`` where the rule set has none of that id."""
    ready = plans(rule_set, tuple(crosswalks))
    case = bench_of(ready, pack).case(ready.of[requirement])
    sitting = Sitting(case, as_of)
    return Explanation(
        requirement=requirement,
        statement=case.plan.requirement.statement,
        as_of=as_of,
        result=sitting.result(),
        self_rating=case.rating,
        coverage_may_stand_in=case.stands_in,
        unstated_fields=case.unstated,
        review=_review(case, as_of),
        judged=tuple(_subjects(case, as_of)),
    )


def _review(case: Case, day: date) -> ReviewFact | None:
    standing = case.standing
    if standing.review is None:
        return None
    worth = standing.worth(day)
    return ReviewFact(
        decision=standing.review.decision,
        decided_at=standing.review.decided_at,
        # An override does nothing beside the provider's `not_met`, nor where nothing is judged.
        counts=worth != "nothing"
        and (worth != "override" or (bool(case.subjects) and case.state(day).outcome.override)),
        override_until=standing.override_until,
        changed_since=standing.changed,
    )


def _subjects(case: Case, day: date) -> Iterator[SubjectFact]:
    if not case.subjects:
        return
    state = case.state(day)
    covering = state.covering
    coverage = (covering.coverage if case.stands_in else ()) or (NO_COVERAGE,) * len(case.subjects)
    for index, subject in enumerate(case.subjects):
        held = [(item, found[index]) for item, found in zip(covering.held, covering.hindrances, strict=True)]
        yield SubjectFact(
            programme=subject.programme,
            tree=_Reader(case, case.evidence(index), state.shown[index], coverage[index], held, day).node(
                case.plan.requirement.met_when
            ),
            certificates=tuple(_certificate(case, subject, item, hindrance) for item, hindrance in held),
        )


def _certificate(case: Case, subject: Subject, held: Held, hindrance: Hindrance | None) -> CertificateFact:
    named = {} if subject.programme is None else {"programmes": [subject.programme] if subject.programme else []}
    accreditation = held.certificate.id
    return CertificateFact(
        accreditation=accreditation,
        crosswalk=held.certificate.crosswalk.id,
        crosswalk_version=held.certificate.crosswalk.version,
        coverage="full" if held.full else "partial",
        leaves=tuple(case.plan.tree.named(held.leaves)),
        counts=counts(hindrance),
        verified=hindrance is None,
        hindrance=None
        if hindrance is None
        else {"code": hindrance.code.reason, "accreditation": accreditation, **named, **hindrance.datum},
    )


class _Reader:
    """Reads a tree for one subject on one day."""

    def __init__(
        self,
        case: Case,
        evidence: Evidence,
        shown: int,
        coverage: Coverage,
        held: list[tuple[Held, Hindrance | None]],
        day: date,
    ) -> None:
        self._case = case
        self._evidence = evidence
        self._shown = shown
        self._coverage = coverage
        self._counting = [item for item, hindrance in held if counts(hindrance)]
        self._day = day

    def node(self, node: Node) -> NodeFact:
        """The fact of a node, with those of its children."""
        if not isinstance(node, AllOf | AnyOf):
            return self._leaf(node)
        children = node.all if isinstance(node, AllOf) else node.any
        parts = tuple(self.node(child) for child in children)
        holds = all(part.holds for part in parts) if isinstance(node, AllOf) else any(part.holds for part in parts)
        return BranchFact(kind="all" if isinstance(node, AllOf) else "any", holds=holds, parts=parts)

    def _leaf(self, leaf: Leaf) -> LeafFact:
        bit = self._case.plan.tree.bit_of[leaf.id]
        covering = [item.certificate.id for item in self._counting if item.leaves & bit]
        item = self._evidence.of(self._case.plan.of[leaf.id])
        return LeafFact(
            leaf=leaf.id,
            ask=leaf.ask,
            holds=bool((self._shown | self._coverage.leaves) & bit),
            by_evidence=bool(self._shown & bit),
            covered_by=tuple(sorted(set(covering))) if self._case.stands_in else (),
            wanted_documents=item.wanted if isinstance(item, DocumentEvidence) else None,
            documents=tuple(map(self._document, item.spans)) if isinstance(item, DocumentEvidence) else (),
            answer=_answer(item) if isinstance(item, AnswerEvidence) else None,
        )

    def _document(self, span: Span) -> DocumentFact:
        if span.good(self._day):
            coming = (day_before(heir.start) for heir in span.heirs if self._day < heir.start <= heir.end)
            end = min([span.end, *coming])
            return DocumentFact(document=span.document.id, good=True, good_through=None if end == FOR_EVER else end)
        code, name, datum = gaps.why_not_good(span, self._day)
        return DocumentFact(document=span.document.id, good=False, why_not={"code": code, name: datum})


def _answer(item: AnswerEvidence) -> AnswerFact:
    return AnswerFact(
        question=item.leaf.answer.question,
        wanted=gaps.wanted_value(item),
        given=gaps.given_value(item),
        answered_at=None if item.given is None else item.given.answered_at,
    )
