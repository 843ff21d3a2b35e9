"""Random sequences of what several tenants do, against a model in a few lines (semantics.md 8).

The model is a list: who owns it, what it is about, and what it says, with the instant at which it was recorded.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import hypothesis
import pytest
from hypothesis import strategies as st

from app.db.repositories import responses
from app.db.session import Actor, Database
from app.errors import NotFound, PreconditionFailed
from app.services import assessments, offers
from tests.conftest import DatabaseUrls, SetUps
from tests.services.world import TINY, World, response
from tests.services.world import world as new_world

REQUIREMENTS = ("1.1", "1.2", "1.3")
STEP = st.tuples(
    st.sampled_from(["change", "change", "stale", "intrude", "look"]),
    st.integers(0, 1),
    st.sampled_from(REQUIREMENTS),
    st.integers(0, 9),
)
Told = dict[str, tuple[int, str]]


@dataclass
class Model:
    """What one provider said in its assessment: each version's instant, requirement and narrative, in order."""

    actor: Actor
    assessment: UUID
    said: list[tuple[datetime, str, str]] = field(default_factory=list)

    def known_at(self, at: datetime) -> Told:
        """Version and narrative of each requirement at an instant."""
        found: Told = {}
        for recorded_at, requirement, narrative in self.said:
            if recorded_at <= at:
                version, before = found.get(requirement, (0, ""))
                found[requirement] = (version + (narrative != before), narrative)
        return found


def _begin(world: World, actor: Actor) -> Model:
    with world.tx(actor) as tx:
        profile = {"forms_of_abuse": ("domestic_abuse",)}
        service = offers.create_service(tx, world.catalogue, name="S", profile=profile, programmes=())
    with world.tx(actor) as tx:
        return Model(actor, assessments.create_assessment(tx, world.catalogue, service.id, TINY).id)


def _put(world: World, actor: Actor, model: Model, requirement: str, narrative: str, etag: str | None) -> datetime:
    with world.tx(actor) as tx:
        given = response(requirement, narrative=narrative)
        return assessments.put_response(tx, world.catalogue, model.assessment, given, expected=etag).recorded_at


def _etag(world: World, model: Model, requirement: str) -> str | None:
    with world.tx(model.actor) as tx:
        try:
            return responses.get(tx, model.assessment, requirement).etag
        except NotFound:
            return None


def _told(world: World, model: Model, at: datetime) -> Told:
    pack = world.pack(model.assessment, model.actor, known_at=at)
    return {item.requirement: (item.version, str(item.narrative)) for item in pack.responses}


def _step(world: World, models: list[Model], step: tuple[str, int, str, int]) -> None:
    what, who, requirement, number = step
    own, other = models[who], models[1 - who]
    narrative = f"in words {number}"
    if what == "change":
        at = _put(world, own.actor, own, requirement, narrative, _etag(world, own, requirement))
        if own.known_at(at).get(requirement, (0, ""))[1] != narrative:
            own.said.append((at, requirement, narrative))
    elif what == "stale":
        with pytest.raises(PreconditionFailed):
            _put(world, own.actor, own, requirement, narrative, "99")
    elif what == "intrude":
        with pytest.raises(NotFound):
            _put(world, own.actor, other, requirement, narrative, None)
        with pytest.raises(NotFound):
            world.pack(other.assessment, own.actor)
    else:
        assert _told(world, own, world.now) == own.known_at(world.now)


@pytest.fixture
def world(database: DatabaseUrls, connected: Database, set_ups: SetUps) -> World:
    """One world for all examples; each has services and assessments of its own."""
    assert database.app_url
    return new_world(connected, set_ups)


@hypothesis.settings(
    max_examples=4,
    phases=[hypothesis.Phase.generate],  # to make a failing sequence shorter would take minutes
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
    database=None,
)
@hypothesis.given(steps=st.lists(STEP, min_size=8, max_size=20))
def test_what_each_tenant_sees_and_what_was_known_when_is_what_the_model_says(
    world: World, steps: list[tuple[str, int, str, int]]
) -> None:
    models = [_begin(world, world.provider), _begin(world, world.other_provider)]
    begun = world.now
    for step in steps:
        _step(world, models, step)
    ended = world.now
    for model in models:
        instants = {begun, ended, *(at + timedelta(microseconds=n) for at, _, _ in model.said for n in (-1, 0, 1))}
        for at in sorted(instants):
            if begun <= at <= ended:
                assert _told(world, model, at) == model.known_at(at)
