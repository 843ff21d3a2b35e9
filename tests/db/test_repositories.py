from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from app.db.repositories import (
    accreditations,
    answers,
    assessments,
    documents,
    organisations,
    responses,
    reviews,
    services,
    users,
)
from app.db.session import Transaction
from app.db.values import Key, Slice
from app.errors import NotFound
from tests.services.world import World, document, response


def _all(read: Callable[[Key | None], Slice[Any, Key]]) -> list[Any]:
    """Every item, two at a time."""
    found: list[Any] = []
    after: Key | None = None
    while True:
        page = read(after)
        assert len(page.items) <= 2
        found += page.items
        if page.next is None:
            return found
        after = page.next


def test_organisations_come_back_as_they_went_in(world: World) -> None:
    with world.tx(world.operator) as tx:
        found = organisations.get(tx, "provider", world.provider.organisation)
        assert (found.kind, found.name) == ("provider", "Provider")
        assert organisations.find(tx, uuid4()) is None
        every = _all(lambda after: organisations.page(tx, "provider", after=after, limit=2))
        assert [item.name for item in every] == ["Provider", "Other provider"]


def test_an_organisation_of_another_kind_is_not_there(world: World) -> None:
    with world.tx(world.operator) as tx, pytest.raises(NotFound):
        organisations.get(tx, "commissioner", world.provider.organisation)


def test_users_come_back_oldest_first(world: World) -> None:
    with world.tx(world.operator) as tx:
        every = _all(lambda after: users.page(tx, after=after, limit=2))
        assert len(every) == 10
        assert [user.created_at for user in every] == sorted(user.created_at for user in every)
        assert users.get(tx, every[5].id) == every[5]
        with pytest.raises(NotFound):
            users.get(tx, uuid4())


def test_an_id_is_given_once(world: World) -> None:
    with world.tx(world.operator) as tx:
        organisation = organisations.get(tx, "provider", world.provider.organisation)
        user = users.get(tx, world.provider.user)
    with pytest.raises(IntegrityError, match="pk_organisation"), world.tx(world.operator) as tx:
        organisations.add(tx, replace(organisation, name="Another"))
    with pytest.raises(IntegrityError, match="pk_app_user"), world.tx(world.operator) as tx:
        users.add(tx, replace(user, email="another@example.org"), "a hash")


def test_services_and_assessments_come_back_a_page_at_a_time(world: World) -> None:
    made = [world.service(name=f"Service {number}") for number in range(5)]
    begun = [world.assessment(service.id) for service in made]
    with world.tx(world.provider) as tx:
        assert _all(lambda after: services.page(tx, after=after, limit=2)) == made
        assert _all(lambda after: assessments.page(tx, after=after, limit=2)) == begun
        assert assessments.page(tx, after=None, limit=2, service=made[3].id).items == (begun[3],)
        assert services.get(tx, made[2].id) == made[2]
        assert assessments.get(tx, begun[2].id) == begun[2]


@pytest.mark.parametrize(
    "read",
    [
        lambda tx: services.get(tx, uuid4()),
        lambda tx: assessments.get(tx, uuid4()),
        lambda tx: documents.page(tx, uuid4(), after=None, limit=2),
        lambda tx: accreditations.get(tx, uuid4(), "acc-1"),
        lambda tx: responses.get(tx, uuid4(), "1.1"),
        lambda tx: answers.page(tx, uuid4(), after=None, limit=2),
    ],
)
def test_what_is_not_there_is_not_found(world: World, read: Callable[[Transaction], object]) -> None:
    with world.tx(world.provider) as tx, pytest.raises(NotFound, match="nothing here that you may see"):
        read(tx)


def test_what_belongs_to_others_answers_as_what_is_not_there(world: World) -> None:
    assessment = world.assessment()
    world.put_document(assessment.service, document())
    world.put_response(assessment.id, response())

    def refusal(read: Callable[[Transaction], object]) -> tuple[str, str]:
        with world.tx(world.other_provider) as tx, pytest.raises(NotFound) as caught:
            read(tx)
        return caught.value.message, caught.value.hint

    nothing = refusal(lambda tx: services.get(tx, uuid4()))
    assert refusal(lambda tx: services.get(tx, assessment.service)) == nothing
    assert refusal(lambda tx: assessments.get(tx, assessment.id)) == nothing
    assert refusal(lambda tx: documents.get(tx, assessment.service, "doc-1")) == nothing
    assert refusal(lambda tx: responses.get(tx, assessment.id, "1.1")) == nothing
    assert refusal(lambda tx: reviews.get(tx, assessment.id, "1.1")) == nothing


def test_facts_come_back_as_engine_values_with_their_version(world: World) -> None:
    assessment = world.assessment()
    made = world.put_document(assessment.service, document(title="Polisi goruchwylio ŵ"))
    with world.tx(world.provider) as tx:
        assert documents.get(tx, assessment.service, "doc-1") == made
        page = documents.page(tx, assessment.service, after=None, limit=10)
    assert page.items == (made,)
    assert made.value == document(title="Polisi goruchwylio ŵ")
    assert (made.version, made.etag, made.recorded_by) == (1, "1", world.provider.user)
