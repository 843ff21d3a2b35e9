"""Improvement actions, where the rules that are loaded are other ones than those they were recorded under."""

from datetime import date

import pytest

from app.db.repositories.actions import ImprovementAction
from app.errors import Conflict
from app.loader.catalogue import Catalogue
from app.services import actions, assessments
from tests.services.world import World, response

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
