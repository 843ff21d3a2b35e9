"""Assessments carried forward to a later version of their rule set: what goes along, and what must not."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app.db.repositories import assessments, reviews
from app.db.session import Actor
from app.db.values import AssessmentRecord
from app.engine.lineage import carry_forward
from app.engine.pack import AccreditationCondition, Review
from app.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from app.services import assessments as service
from app.services import carrying, packs, supposing
from app.services.reviews import Decision
from tests.services.world import LATER, TINY, World, accreditation, document, response


def _reviewed(world: World) -> AssessmentRecord:
    """An assessment in review with a decision on each requirement, two of them on 1.1."""
    made = world.assessment()
    world.put_document(made.service, document())
    first = world.put_response(made.id, response(narrative="a first draft"))
    world.put_response(made.id, response(documents=("doc-1",)), first.etag)
    world.put_response(made.id, response("1.2", documents=("doc-1",)))
    world.put_response(made.id, response("1.3"))
    with world.tx(world.provider) as tx:
        service.put_answer(tx, world.catalogue, made.id, "hours", "1.5", expected=None)
    reviewing = world.in_review(made)
    world.decide(made.id, Decision("1.1", 2, "more_information", "Which policy?"))
    world.decide(made.id, Decision("1.1", 2, "accepted"))
    world.decide(made.id, Decision("1.2", 1, "rejected", "Too few hours."))
    world.decide(made.id, Decision("1.3", 1, "accepted"))
    return reviewing


def _carry(world: World, assessment: AssessmentRecord, by: Actor | None = None, version: str = "3") -> AssessmentRecord:
    with world.tx(by or world.provider) as tx:
        expected = packs.assembled(tx, assessment.id).sha256
        return carrying.carry(tx, world.catalogue, assessment.id, version, expected=expected)


def test_what_goes_along_is_what_the_engine_says(world: World) -> None:
    before = _reviewed(world)
    pack = world.pack(before.id)
    older, newer = world.catalogue.rule_set("tiny", "1"), world.catalogue.rule_set("tiny", "3")
    made = _carry(world, before, world.editor)
    assert (made.state, made.rule_set, made.carried_from, made.shared_with) == ("draft", LATER, before.id, ())
    assert world.pack(made.id) == carry_forward(pack, older, newer)
    with world.tx(world.provider) as tx:
        supposed = supposing.impact(world.catalogue, pack, as_of=date(2026, 4, 1), version="3")
        assert assessments.get(tx, before.id) == before, "what it was carried from stays as it was"
        found = reviews.page(tx, made.id, after=None, limit=10).items
    assert supposed.determination.pack_sha256 == world.pack(made.id).sha256
    changes = {change.requirement: change for change in supposed.difference.changes}
    assert (changes["1.4"].formerly, str(changes["1.4"].words.cy)[:7]) == ("1.2", "Mae 1.4"), changes["1.4"]
    said = [(item.value.requirement, item.value.response_version, item.value.decision) for item in found]
    assert sorted(said) == [
        ("1.1", 2, "accepted"),
        ("1.1", 2, "more_information"),
        ("1.2", 2, "rejected"),
        ("1.4", 2, "rejected"),
    ]
    assert {item.value.reviewer for item in found} == {str(world.reviewer.user)}
    assert {item.recorded_by for item in found} == {world.editor.user}
    # Responses go on counting, so that a review can only ever be about one text.
    world.put_response(made.id, response(narrative="anew"), "2")
    assert {item.requirement: item.version for item in world.pack(made.id).responses} == {
        "1.1": 3,
        "1.2": 2,
        "1.4": 2,
        "1.5": 1,
    }
    with world.tx(world.reviewer) as tx, pytest.raises(NotFound):
        assessments.get(tx, made.id)
    world.in_review(made)
    with world.tx(world.reviewer) as tx:
        assert len(reviews.page(tx, made.id, after=None, limit=10).items) == 4


def test_it_goes_only_where_the_version_follows_and_the_pack_was_read(world: World) -> None:
    made = world.assessment()
    for version, why in (("2", "is not based on version 1"), ("9", "no rule set tiny 9"), ("1", "is not based on")):
        with pytest.raises(Invalid) as refused:
            _carry(world, made, version=version)
        [fault] = refused.value.faults
        assert (fault.pointer, why in fault.message) == ("/rule_set_version", True), fault
        with pytest.raises(Invalid) as refused:
            supposing.impact(world.catalogue, world.pack(made.id), as_of=date(2026, 4, 1), version=version)
        assert [fault.pointer for fault in refused.value.faults] == ["?rule_set_version"]
    with world.tx(world.provider) as tx, pytest.raises(PreconditionFailed):
        carrying.carry(tx, world.catalogue, made.id, "3", expected="something else")
    with world.tx(world.other_provider) as tx, pytest.raises(NotFound):
        carrying.carry(tx, world.catalogue, made.id, "3", expected="")
    world.submit(made)
    for actor in (world.commissioner, world.reviewer):
        with pytest.raises(Forbidden):
            _carry(world, made, actor)


@pytest.mark.parametrize("closed_on", [None, date(2025, 7, 1)])
def test_a_condition_that_would_have_to_read_otherwise_is_never_lost(world: World, closed_on: date | None) -> None:
    """Conditions are on record of the service, for all its assessments: so they must read alike in both versions."""
    made = world.assessment()
    first, second = (
        AccreditationCondition(requirements=(name,), opened_on=date(2025, 6, 1), closed_on=closed_on)
        for name in ("1.1", "1.2")
    )
    held = world.put_accreditation(made.service, accreditation(conditions=(first,)))
    _carry(world, made)
    # From now on two versions of the rules read what is on record of the service.
    world.put_accreditation(made.service, accreditation(conditions=(first, second)), held.etag)
    with pytest.raises(Conflict, match="read otherwise than under the one before: accreditations acc-1"):
        _carry(world, made)


def test_by_sql_nothing_but_a_review_of_the_assessment_carried_is_copied(world: World) -> None:
    """What ``safonau_carry_review`` refuses, whoever calls it and however (migration 0015)."""
    before = _reviewed(world)
    made = _carry(world, before)
    other = world.assessment(before.service)
    with world.tx(world.provider) as tx:
        found = reviews.page(tx, before.id, after=None, limit=10).items
    by_requirement = {item.value.requirement: item for item in found}
    accepted = by_requirement["1.3"]

    def copy(to: AssessmentRecord, by: Actor, seen: int = 1, key: str = accepted.key, *, begin: bool = False) -> None:
        target = to.id
        with world.tx(by) as tx:
            if begin:
                sha = packs.assembled(tx, before.id).sha256
                target = carrying.carry(tx, world.catalogue, before.id, "3", expected=sha).id
            tx.connection.execute(
                text("SELECT safonau_carry_review(:source, :key, :id, :target, 'new', '1.5', :seen)"),
                {"source": before.id, "key": key, "id": tx.new_id(), "target": target, "seen": seen},
            )

    copy(made, world.provider, begin=True)  # in the transaction that begins it, as the service does
    for to, by, seen, key, begin in (
        (made, world.provider, 1, accepted.key, False),  # once it was begun
        (other, world.provider, 1, accepted.key, False),  # to one that was not carried
        (made, world.provider, 2, accepted.key, True),  # an acceptance of another version of the response
        (made, world.provider, 1, "assessment", True),  # something that is no review
        (before, world.reviewer, 1, accepted.key, False),
        (made, world.other_provider, 1, accepted.key, False),
    ):
        with pytest.raises(ProgrammingError, match="cannot be carried forward"):
            copy(to, by, seen, key, begin=begin)
    assert isinstance(accepted.value, Review)
    assert world.pack(other.id).rule_set == TINY
    assert not world.pack(other.id).reviews
