"""Carrying forward: a draft under a later version of the rule set, with what still stands (semantics.md 9)."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from app.db.repositories import assessments, audit, facts, reviews
from app.db.repositories.facts import Fact, NewFact
from app.db.session import PROVIDER_ROLES, Transaction
from app.db.values import AssessmentRecord
from app.engine.lineage import carry_forward
from app.engine.pack import Pack, Review
from app.engine.rules import RuleSet
from app.errors import Conflict
from app.loader.catalogue import Catalogue
from app.services import life
from app.services.determinations import judged_by
from app.services.supposing import follower
from app.services.writing import WritersTurn, expect_etag, faults_of, refuse, refuse_partners


def carry(
    tx: Transaction, catalogue: Catalogue, assessment_id: UUID, version: str, *, expected: str
) -> AssessmentRecord:
    """Begin a draft under ``version`` of the rule set with the responses, answers and reviews that go with it.

    The assessment itself stays as it is. A response goes on counting its versions; a review stays that of its reviewer
    at its instant, recorded by who carries it. ``expected`` is the SHA-256 of the pack that the impact was read of.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``, ``Invalid`` (``/rule_set_version``), and ``Conflict``
    for a withdrawn assessment, or where something on record of the service would have to read otherwise under
    ``version``: it is shared by all its assessments, so that it cannot (semantics.md 11).
    """
    tx.require(*PROVIDER_ROLES)
    turn = WritersTurn.at_assessment(tx, catalogue, assessment_id)
    refuse_partners(tx, turn.subject)
    pack = turn.case.pack
    expect_etag(pack.sha256, expected)
    life.require(tx, assessments.get(tx, assessment_id), "carry_forward")
    older = judged_by(catalogue, pack)
    newer = follower(catalogue, older, version)
    carried = carry_forward(pack, older, newer)
    _refuse_shared_facts(pack, carried)
    refuse(carried, faults_of(catalogue, carried), "/rule_set_version")
    made = replace(turn.subject, assessment=tx.new_id())
    assessments.add(tx, made, carried.rule_set)
    begun = assessments.DRAFT | {"carried_from": str(assessment_id)}
    content = carried.normal_form
    said = [
        *(NewFact("answer", item["question"], 1, item) for item in content["answers"]),
        *(NewFact("response", item["requirement"], item["version"], item) for item in content["responses"]),
    ]
    facts.append(tx, made, [NewFact("assessment", assessments.KEY, 1, begun), *said], turn.at)
    for source, review in _sources(turn, newer, carried):
        body = source.body | {"requirement": review.requirement, "response_version": review.response_version}
        reviews.carry(tx, assessment_id, source.key, made, body, turn.at)
    place = f"assessments/{made.assessment}"
    audit.record(tx, "assessment.carried_forward", place, source=str(assessment_id), rule_set_version=version)
    return assessments.get(tx, UUID(str(made.assessment)))


def _refuse_shared_facts(pack: Pack, carried: Pack) -> None:
    """What is on record of the service itself is the same for every assessment of it, whatever its version."""
    known, then = pack.normal_form, carried.normal_form
    differing = ["service"] if known["service"] != then["service"] else []
    for name in ("accreditations", "documents"):
        left = {item["id"]: item for item in then[name]}
        differing += [f"{name} {item['id']}" for item in known[name] if left.get(item["id"]) != item]
    if differing:
        listed = ", ".join(differing)
        raise Conflict(
            f"Under that version these would have to read otherwise than under the one before: {listed}.",
            hint="What is on record of a service counts for all its assessments; for that version, add a service anew.",
        )


def _sources(turn: WritersTurn, newer: RuleSet, carried: Pack) -> Iterator[tuple[Fact, Review]]:
    """Each review of the carried pack, with the fact that it is a copy of."""
    on_record = [fact for fact in turn.case.standing.facts.values() if fact.kind == "review"]
    entries = () if newer.lineage is None else newer.lineage.entries
    parents = {entry.requirement: entry.from_ for entry in entries}
    for review in carried.reviews:
        changed = {"requirement": review.requirement, "response_version": review.response_version}
        yield next(
            (fact, review)
            for fact in on_record
            if fact.body["requirement"] in parents[review.requirement]
            and Review.model_validate(fact.body).replace(**changed) == review
        )
