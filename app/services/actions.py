"""Improvement actions against gaps, and what closed a gap.

A gap is closed by what the judgement rests on now and did not when the action was recorded. That is worked out when it
is read, from the two packs as the record has them, judged on the same day: nothing has to be kept that could differ.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Final, Literal, TypeAlias
from uuid import UUID

from app.db.repositories import actions, assessments, audit, documents, facts, users
from app.db.repositories.actions import ActionState, ImprovementAction
from app.db.repositories.facts import NewFact, Subject
from app.db.repositories.subjects import of_assessment, of_service
from app.db.session import PROVIDER_ROLES, Transaction
from app.db.values import Recorded
from app.engine.determination import RequirementResult, Rung
from app.engine.evaluate import evaluate
from app.engine.explain import BranchFact, Explanation, LeafFact, NodeFact, explain
from app.engine.pack import Pack
from app.engine.rules import RuleSet
from app.engine.values import CivilDate, Frozen, Name
from app.errors import Conflict, Fault, NotFound
from app.files.people import Passage, findings
from app.loader.catalogue import Catalogue
from app.services import packs
from app.services.determinations import judged_by
from app.services.writing import expect_etag, refuse_faults, refuse_partners

ClosedKind: TypeAlias = Literal["document", "answer", "accreditation", "response", "review", "service"]
UNFINISHED: Final[tuple[ActionState, ...]] = ("open", "in_progress")


class ClosedBy(Frozen):
    """Something that the requirement rests on now, and did not when the action was recorded.

    ``id`` is that of the document or accreditation, the question, the requirement whose response or review it is, or
    the service, where by its profile or programmes less is judged than was.
    """

    kind: ClosedKind
    id: Name


# Something that speaks for a requirement, and whether it does so because it was verified.
_Ground: TypeAlias = tuple[ClosedBy, bool]


class ActionStanding(Frozen):
    """What a day says of an action: whether it is late, whether its gap is closed, and since it was recorded by what.

    An action that is done or dropped is never overdue. ``closed_by`` is ``None`` where it was not asked for.
    """

    as_of: CivilDate
    overdue: bool
    gap_closed: bool
    closed_by: tuple[ClosedBy, ...] | None = None


def add(
    tx: Transaction, catalogue: Catalogue, assessment_id: UUID, action: ImprovementAction
) -> Recorded[ImprovementAction]:
    """Record an action of the provider.

    Raises ``Forbidden``, ``NotFound``, ``Conflict`` for an assessment that was withdrawn, and ``Invalid``
    (``/requirement``, ``/owner_role``, ``/owner_user``, ``/reason``, ``/what``, ``/evidence/0`` …).
    """
    return _record(tx, catalogue, assessment_id, str(tx.new_id()), action, None)


def change(
    tx: Transaction, catalogue: Catalogue, assessment_id: UUID, key: str, action: ImprovementAction, *, expected: str
) -> Recorded[ImprovementAction]:
    """Record a new version of an action; raises what ``add`` raises, and ``PreconditionFailed``."""
    return _record(tx, catalogue, assessment_id, key, action, expected)


def _record(  # what is recorded, and where, each by its name
    tx: Transaction,
    catalogue: Catalogue,
    assessment_id: UUID,
    key: str,
    action: ImprovementAction,
    expected: str | None,
) -> Recorded[ImprovementAction]:
    tx.require(*PROVIDER_ROLES)
    subject = of_assessment(tx, assessment_id)
    refuse_partners(tx, subject)
    at = facts.lock(tx, subject.service)
    record = assessments.get(tx, assessment_id)
    if record.state == "withdrawn":
        raise Conflict("The assessment is withdrawn.", hint="Record the action in the assessment that follows it.")
    current = None
    if expected is not None:
        current = actions.get(tx, assessment_id, key)
        expect_etag(current.etag, expected)
    rule_set = catalogue.rule_set(record.rule_set.id, record.rule_set.version)
    refuse_faults(_faults(tx, subject, action, known=action.requirement in rule_set.requirements))
    if current is None or action != current.value:
        version = 1 if current is None else current.version + 1
        facts.append(tx, subject, [NewFact("action", key, version, action.model_dump(mode="json"))], at)
        place = f"assessments/{assessment_id}/actions/{key}"
        audit.record(tx, "action.recorded", place, version=version, state=action.state)
    return actions.get(tx, assessment_id, key)


def _faults(tx: Transaction, subject: Subject, action: ImprovementAction, *, known: bool) -> Iterator[Fault]:
    if not known:
        yield Fault("/requirement", f"there is no requirement {action.requirement}", "name one of the rule set")
    if not action.what.strip():
        yield Fault("/what", "it says nothing", "say what will be done")
    if (action.owner_role is None) == (action.owner_user is None):
        yield Fault("/owner_role", "an action has one owner", "send either owner_role or owner_user")
    if action.owner_user is not None and not _is_colleague(tx, action.owner_user):
        yield Fault("/owner_user", "there is no such user of your organisation", "GET /v1/users lists them")
    if (action.state == "dropped") != bool(action.reason and action.reason.strip()):
        yield Fault(
            "/reason", "a reason is given where an action is dropped, and only there", "say why, or leave it out"
        )
    for name in ("what", "owner_role", "reason"):
        found = findings([Passage(name, getattr(action, name) or "")])
        if found:
            kind = found[0].kind.replace("_", " ")
            yield Fault(f"/{name}", f"this looks as if it held a {kind}", "name a role, and nobody's number or address")
    on_record = of_service(tx, subject.service)
    for index, name in enumerate(action.evidence):
        if documents.find(tx, on_record, name) is None:
            yield Fault(f"/evidence/{index}", f"there is no document `{name}`", "record the document first")


def _is_colleague(tx: Transaction, user: str) -> bool:
    try:
        found = users.find(tx, UUID(user))
    except ValueError:
        return False
    return found is not None and found.organisation == tx.actor.organisation


def standings(
    tx: Transaction, catalogue: Catalogue, assessment_id: UUID, listed: Sequence[ImprovementAction], *, as_of: date
) -> tuple[ActionStanding, ...]:
    """What a day says of each action, but for what closed its gap; raises ``NotFound``, ``Conflict``."""
    pack = packs.assembled(tx, assessment_id)
    rule_set = _judged_by(catalogue, pack, {action.requirement for action in listed})
    found = evaluate(rule_set, catalogue.crosswalks_for(rule_set), pack, as_of)
    results = {item.id: item for standard in found.standards for item in standard.requirements}
    return tuple(_standing(action, results[action.requirement], as_of) for action in listed)


def standing(tx: Transaction, catalogue: Catalogue, assessment_id: UUID, key: str, *, as_of: date) -> ActionStanding:
    """What a day says of one action; raises ``NotFound``, ``Conflict``.

    ``closed_by`` is empty where the gap is open, or was closed before the action was recorded. To others than the
    provider, who know nothing of what came before the submission, it may be all that the requirement rests on.
    """
    versions = actions.versions(tx, assessment_id, key)
    action, opened = versions[-1].value, versions[0].recorded_at
    pack = packs.assembled(tx, assessment_id)
    now = _explained(catalogue, pack, action.requirement, as_of)
    found = _standing(action, now.result, as_of)
    if not found.gap_closed:
        return found.replace(closed_by=())
    try:
        then = packs.assembled(tx, assessment_id, known_at=opened)
    except NotFound:
        return found.replace(closed_by=_listed(_speaks_for(now, action.rung)))
    before = _explained(catalogue, then, action.requirement, as_of)
    if _closed(before.result, action.rung):
        return found.replace(closed_by=())
    return found.replace(closed_by=_listed(_came(before, now, action.rung, pack.service.id)))


def _standing(action: ImprovementAction, result: RequirementResult, as_of: date) -> ActionStanding:
    late = action.state in UNFINISHED and action.due_on < as_of
    return ActionStanding(as_of=as_of, overdue=late, gap_closed=_closed(result, action.rung))


def _of(kind: ClosedKind, key: str, *, verified: bool = False) -> _Ground:
    return ClosedBy(kind=kind, id=key), verified


def _listed(grounds: Iterable[_Ground]) -> tuple[ClosedBy, ...]:
    return tuple(sorted({item for item, _ in grounds}, key=lambda item: (item.kind, item.id)))


def _explained(catalogue: Catalogue, pack: Pack, requirement: str, as_of: date) -> Explanation:
    rule_set = _judged_by(catalogue, pack, {requirement})
    return explain(rule_set, catalogue.crosswalks_for(rule_set), pack, as_of, requirement)


def _judged_by(catalogue: Catalogue, pack: Pack, requirements: AbstractSet[str]) -> RuleSet:
    """The rule set of a pack from the record; raises ``Conflict`` where it no longer fits it or has no such things."""
    rule_set = judged_by(catalogue, pack)
    gone = sorted(requirements - rule_set.requirements.keys())
    if gone:
        raise Conflict(
            f"There are actions against what the rule set as it is loaded does not have: {', '.join(gone)}.",
            hint="The operator has to load the rule set that the assessment was made under.",
        )
    return rule_set


def _closed(result: RequirementResult, rung: Rung) -> bool:
    """Whether it is no gap: satisfied on the rung, or not applicable."""
    return result.applicability != "applicable" or bool(getattr(result, rung))


def _came(before: Explanation, now: Explanation, rung: Rung, service: str) -> set[_Ground]:
    """What speaks for the requirement now and did not before, and what takes away something that spoke against it."""
    found = _speaks_for(now, rung) - _speaks_for(before, rung)
    if _refused(before, rung) and not _refused(now, rung):
        found.add(_of("review", now.requirement))
    if now.result.applicability == "not_applicable" or _programmes(before) - _programmes(now):
        found.add(_of("service", service))
    return found


def _speaks_for(found: Explanation, rung: Rung) -> set[_Ground]:
    """What speaks for the requirement on the day, on the rung and those before it."""
    if found.result.applicability == "not_applicable":
        return set()
    own = found.requirement
    grounds = {_of("response", own)} if found.self_rating in {"met", "not_applicable"} else set()
    if rung != "declared":
        for judged in found.judged:
            for leaf in _leaves(judged.tree):
                grounds.update(_of("document", item.document) for item in leaf.documents if item.good)
                if leaf.answer is not None and leaf.by_evidence:
                    grounds.add(_of("answer", leaf.answer.question))
    grounds.update(_certificates(found, rung))
    review = found.review
    if review is not None and review.decision == "accepted" and review.counts:
        everywhere = review.override_until is not None or found.result.applicability == "excluded"
        if rung == "verified" or everywhere:
            grounds.add(_of("review", own))
    return grounds


def _certificates(found: Explanation, rung: Rung) -> Iterator[_Ground]:
    """Those that stand in on the rung: on ``verified`` one that is not verified does so only for the claim."""
    if not found.coverage_may_stand_in:
        return
    for item in (item for judged in found.judged for item in judged.certificates if item.counts):
        if rung != "verified" or (found.self_rating is None and item.coverage == "full"):
            yield _of("accreditation", item.accreditation)
        if rung == "verified" and item.verified:
            yield _of("accreditation", item.accreditation, verified=True)


def _refused(found: Explanation, rung: Rung) -> bool:
    """Whether a decision keeps the requirement from the rung (semantics.md 5.4)."""
    refusals = {"declared": (), "evidenced": ("rejected",), "verified": ("rejected", "more_information")}
    return found.review is not None and found.review.decision in refusals[rung]


def _programmes(found: Explanation) -> set[str]:
    """The programmes judged, where the service lists any."""
    return {judged.programme for judged in found.judged if judged.programme}


def _leaves(node: NodeFact) -> Iterator[LeafFact]:
    if isinstance(node, BranchFact):
        for part in node.parts:
            yield from _leaves(part)
    else:
        yield node
