import pytest

from app.db.repositories import answers, assessments, responses
from app.db.values import AssessmentRecord, Recorded, instant
from app.engine.pack import Answer
from app.engine.rules import RuleSetRef
from app.engine.values import Value
from app.errors import Forbidden, Invalid, NotFound, PreconditionFailed
from app.services import assessments as service
from tests.services.world import TINY, World, document, response


def _answer(
    world: World, assessment: AssessmentRecord, value: Value, expected: str | None, question: str = "hours"
) -> Recorded[Answer]:
    with world.tx(world.provider) as tx:
        return service.put_answer(tx, world.catalogue, assessment.id, question, value, expected=expected)


def test_an_assessment_begins_as_a_draft(world: World) -> None:
    made = world.assessment()
    assert (made.state, made.rule_set, made.shared_with, made.submitted_at, made.etag) == ("draft", TINY, (), None, "1")
    with world.tx(world.provider) as tx:
        assert assessments.get(tx, made.id) == made


def test_a_rule_set_that_is_not_loaded_is_a_fault(world: World) -> None:
    with pytest.raises(Invalid) as caught:
        world.assessment(rule_set=RuleSetRef(id="tiny", version="9"))
    assert [fault.pointer for fault in caught.value.faults] == ["/rule_set"]


def test_only_its_provider_assesses_a_service(world: World) -> None:
    made = world.service()
    for actor, failure in ((world.commissioner, Forbidden), (world.other_provider, NotFound)):
        with world.tx(actor) as tx, pytest.raises(failure):
            service.create_assessment(tx, world.catalogue, made.id, TINY)


def test_a_response_is_recorded_with_the_version_of_its_fact(world: World) -> None:
    made = world.assessment()
    world.put_document(made.service, document())
    first = world.put_response(made.id, response(version=5))
    assert (first.value.version, first.version, first.etag) == (1, 1, "1")
    second = world.put_response(made.id, response(documents=("doc-1",)), "1")
    assert (second.value.version, second.version, second.etag) == (2, 2, "2")
    assert world.put_response(made.id, response(version=9, documents=("doc-1", "doc-1")), "2") == second
    with world.tx(world.provider) as tx:
        assert responses.get(tx, made.id, "1.1") == second


def test_faults_of_a_response_are_located_in_it(world: World) -> None:
    made = world.assessment()
    with pytest.raises(Invalid) as caught:
        world.put_response(made.id, response(documents=("doc-1",), narrative="fine"))
    assert [fault.pointer for fault in caught.value.faults] == ["/documents/0"]


def test_a_requirement_or_question_of_no_standard_is_not_there(world: World) -> None:
    made = world.assessment()
    with pytest.raises(NotFound, match="no requirement of that name"):
        world.put_response(made.id, response("9.9"))
    with pytest.raises(NotFound, match="no question of that name"):
        _answer(world, made, "1", None, "unheard_of")


def test_a_response_is_changed_in_the_version_that_was_read(world: World) -> None:
    made = world.assessment()
    with pytest.raises(PreconditionFailed):
        world.put_response(made.id, response(), "1")
    world.put_response(made.id, response())
    with pytest.raises(PreconditionFailed):
        world.put_response(made.id, response(narrative="again"))


def test_an_answer_counts_as_given_now_and_keeps_its_instant_while_it_is_the_same(world: World) -> None:
    made = world.assessment()
    first = _answer(world, made, "1.5", None)
    assert first.value.answered_at == instant(first.recorded_at)
    assert _answer(world, made, "1.5", "1") == first
    second = _answer(world, made, None, "1")
    assert (second.value.value, second.etag) == (None, "2")
    assert second.value.answered_at > first.value.answered_at
    with world.tx(world.provider) as tx:
        assert answers.get(tx, made.id, "hours") == second


def test_true_is_not_one(world: World) -> None:
    made = world.assessment()
    _answer(world, made, 1, None)
    with pytest.raises(Invalid) as caught:
        _answer(world, made, value=True, expected="1")
    assert [fault.pointer for fault in caught.value.faults] == ["/value"]


def test_commissioners_change_nothing(world: World) -> None:
    made = world.submit(world.assessment())
    for actor in (world.commissioner, world.reviewer):
        with world.tx(actor) as tx:
            with pytest.raises(Forbidden):
                service.put_response(tx, world.catalogue, made.id, response(), expected=None)
            with pytest.raises(Forbidden):
                service.put_answer(tx, world.catalogue, made.id, "hours", "1", expected=None)
