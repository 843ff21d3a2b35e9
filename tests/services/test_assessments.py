import pytest

from app.db.repositories import answers, assessments, responses
from app.db.values import AssessmentRecord, Recorded, instant
from app.engine.pack import Answer, Response
from app.engine.rules import RuleSetRef
from app.engine.values import Value
from app.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from app.services import assessments as service
from app.services.assessments import Change
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


def test_many_responses_and_answers_are_recorded_at_once_or_not_at_all(world: World) -> None:
    made = world.assessment()
    world.put_response(made.id, response())

    def respond(*changes: Change[Response]) -> tuple[Recorded[Response], ...]:
        with world.tx(world.provider) as tx:
            return service.put_responses(tx, world.catalogue, made.id, changes)

    def answer(*given: tuple[str, Value, str | None]) -> tuple[Recorded[Answer], ...]:
        at = instant(world.now)
        changes = [Change(Answer(question=name, value=value, answered_at=at), etag) for name, value, etag in given]
        with world.tx(world.provider) as tx:
            return service.put_answers(tx, world.catalogue, made.id, changes)

    before = world.count("fact")
    for items, pointers in (
        ((("1.1", "1"), ("1.1", None)), ["/items/1/requirement"]),
        ((("1.2", None), ("9.9", None)), ["/items/1/requirement"]),
    ):
        with pytest.raises(Invalid) as caught:
            respond(*(Change(response(name), etag) for name, etag in items))
        assert [fault.pointer for fault in caught.value.faults] == pointers
    with pytest.raises(Invalid) as caught:
        respond(Change(response("1.2"), None), Change(response("1.3", documents=("gone",)), None))
    assert [fault.pointer for fault in caught.value.faults] == ["/items/1/documents/0"]
    with pytest.raises(PreconditionFailed, match=r"named: 1\.1, 1\.3"):
        respond(Change(response(), "7"), Change(response("1.2"), None), Change(response("1.3"), "1"))
    with pytest.raises(Invalid) as caught:
        answer(("topics", ("risk",), None), ("hours", ("many",), None))
    assert [fault.pointer for fault in caught.value.faults] == ["/items/1/value"]
    assert world.count("fact") == before

    found = respond(Change(response(narrative="more"), "1"), Change(Response(requirement="1.3", version=1), None))
    assert [(item.key, item.etag, item.value.version) for item in found] == [("1.1", "2", 2), ("1.3", "1", 1)]
    answers_given = answer(("topics", ("risk",), None), ("hours", "1.5", None))
    assert [(item.key, item.etag) for item in answers_given] == [("topics", "1"), ("hours", "1")]
    assert world.count("fact") == before + 4
    assert answer(("hours", "1.5", "1")) == answers_given[1:]
    assert world.count("fact") == before + 4
    returned = world.give_back(world.in_review(made), "1.2")
    assert returned.state == "returned"
    with pytest.raises(Conflict, match=r"frozen in: response 1\.1\."):
        respond(Change(response("1.2"), None), Change(response(), "2"))
    with world.tx(world.commissioner) as tx, pytest.raises(Forbidden):
        service.put_responses(tx, world.catalogue, made.id, [])
