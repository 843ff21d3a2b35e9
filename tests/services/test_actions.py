"""Improvement actions: what closed a gap, and rules that are not those that an action was recorded under."""

from datetime import date

import pytest

from app.db.repositories.actions import ImprovementAction
from app.db.values import AssessmentRecord
from app.engine.determination import Rung
from app.engine.pack import Programme
from app.errors import Conflict
from app.loader.catalogue import Catalogue
from app.services import actions, assessments, offers
from app.services.reviews import Decision
from tests.services.world import GWENT, World, accreditation, document, response

PLANNED = ImprovementAction(requirement="1.3", what="Write it.", owner_role="Manager", due_on=date(2026, 9, 1))


def _without_the_last_requirement(world: World) -> Catalogue:
    """The catalogue, with the draft of the first version changed in place."""
    draft = world.catalogue.rule_set("tiny", "1")
    [standard] = draft.standards
    shorter = draft.replace(standards=(standard.replace(requirements=standard.requirements[:-1]),))
    rule_sets = world.catalogue.rule_sets | {("tiny", "1"): shorter}
    return Catalogue(rule_sets, world.catalogue.schemes, world.catalogue.crosswalks)


def test_a_requirement_that_a_draft_has_no_more_is_said_and_stops_nothing_else(world: World) -> None:
    made = world.assessment()
    with world.tx(world.provider) as tx:
        key = actions.add(tx, world.catalogue, made.id, PLANNED).key
    world.give_back(world.in_review(made), "1.1", "1.3")
    changed = _without_the_last_requirement(world)
    day = date(2026, 4, 1)
    with world.tx(world.provider) as tx:
        with pytest.raises(Conflict, match=r"does not have: 1\.3"):
            actions.standings(tx, changed, made.id, [PLANNED], as_of=day)
        with pytest.raises(Conflict, match=r"does not have: 1\.3"):
            actions.standing(tx, changed, made.id, key, as_of=day)
        assert actions.standings(tx, changed, made.id, [], as_of=day) == ()
        assert assessments.put_response(tx, changed, made.id, response(), expected=None).version == 1
        with pytest.raises(Conflict, match="frozen in: answer topics"):
            assessments.put_answer(tx, changed, made.id, "topics", ("risk",), expected=None)


def _action(world: World, made: AssessmentRecord, requirement: str, rung: Rung) -> str:
    with world.tx(world.provider) as tx:
        planned = PLANNED.replace(requirement=requirement, rung=rung)
        return actions.add(tx, world.catalogue, made.id, planned).key


def _closed_by(world: World, made: AssessmentRecord, key: str) -> list[tuple[str, str]]:
    with world.tx(world.provider) as tx:
        found = actions.standing(tx, world.catalogue, made.id, key, as_of=date(2026, 3, 1))
    assert found.gap_closed
    return [(item.kind, item.id) for item in found.closed_by or ()]


def test_a_certificate_closes_gaps_when_it_is_recorded_and_when_it_is_verified(world: World) -> None:
    made = world.assessment()
    evidenced = _action(world, made, "1.2", "evidenced")
    held = world.put_accreditation(made.service, accreditation())
    verified = _action(world, made, "1.2", "verified")
    world.submit(made)
    world.verify(made.service, held.etag)
    assert _closed_by(world, made, evidenced) == [("accreditation", "acc-1")]
    assert _closed_by(world, made, verified) == [("accreditation", "acc-1")], "it counted before, and proved nothing"


def test_a_decision_that_stands_no_more_closed_the_gap(world: World) -> None:
    made = world.assessment()
    world.put_accreditation(made.service, accreditation())
    world.in_review(made)
    world.decide(made.id, Decision("1.2", 0, "rejected", "Not so."))
    key = _action(world, made, "1.2", "evidenced")
    world.decide(made.id, Decision("1.2", 0, "more_information", "Since when?"))
    assert _closed_by(world, made, key) == [("review", "1.2")]


def test_a_programme_that_is_not_offered_any_more_closed_the_gap(world: World) -> None:
    offered = (Programme(id="prog-a"), Programme(id="prog-b"))
    service = world.service(programmes=offered)
    made = world.assessment(service.id)
    world.put_document(service.id, document("log-a", type="log", programmes=("prog-a",)))
    world.put_response(made.id, response("1.3", documents=("log-a",)))
    key = _action(world, made, "1.3", "evidenced")
    with world.tx(world.provider) as tx:
        offers.change_service(
            tx,
            world.catalogue,
            service.id,
            name=service.service.name,
            profile=service.service.profile,
            programmes=offered[:1],
            area=GWENT,
            expected=service.etag,
        )
    assert _closed_by(world, made, key) == [("service", str(service.id))]
