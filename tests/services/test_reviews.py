from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from app.db.repositories import assessments as assessment_records
from app.db.repositories import review_queue, services
from app.db.repositories import reviews as records
from app.db.session import Actor
from app.db.values import AssessmentRecord, Key, Slice, instant
from app.engine.pack import Programme, Review
from app.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from app.services import assessments, life, offers, overrides, packs
from app.services.reviews import Decision
from tests.services.world import HASH, World, document, response

ACCEPTED = Decision("1.1", 1, "accepted")


def _handed_in(world: World) -> AssessmentRecord:
    made = world.assessment()
    world.put_document(made.service, document())
    world.put_response(made.id, response(documents=("doc-1",)))
    return world.in_review(made)


def _change(world: World, made: AssessmentRecord, change: Callable[[], object]) -> AssessmentRecord:
    """Return it, change something, and take it into review again."""
    returned = world.give_back(made, "1.1", "1.2")
    change()
    return world.in_review(returned)


def test_a_decision_says_what_was_seen_by_whom_and_when(world: World) -> None:
    made = _handed_in(world)
    decided = world.decide(made.id, ACCEPTED)
    review = decided.value
    assert (review.documents, review.programmes) == ((HASH,), ("prog-a",))
    assert (review.reviewer, review.decided_at) == (str(world.reviewer.user), instant(world.now))
    with world.tx(world.provider) as tx:
        assert records.get(tx, made.id, decided.key) == decided


def test_decisions_are_kept_in_their_order(world: World) -> None:
    made = _handed_in(world)
    decided = [world.decide(made.id, Decision("1.1", 1, "rejected", reason="no")), world.decide(made.id, ACCEPTED)]
    with world.tx(world.reviewer) as tx:
        assert list(records.page(tx, made.id, after=None, limit=5).items) == decided
    assert [review.decision for review in world.pack(made.id).reviews] == ["rejected", "accepted"]


def test_what_was_covered_without_a_response_is_version_0(world: World) -> None:
    made = _handed_in(world)
    assert world.decide(made.id, Decision("1.2", 0, "accepted")).value.documents == ()


def test_a_version_that_is_no_longer_the_newest_is_not_decided_on(world: World) -> None:
    made = _handed_in(world)
    _change(world, made, lambda: world.put_response(made.id, response(), "1"))
    with pytest.raises(PreconditionFailed):
        world.decide(made.id, ACCEPTED)


def _another_hour(world: World, made: AssessmentRecord) -> None:
    with world.tx(world.provider) as tx:
        assessments.put_answer(tx, world.catalogue, made.id, "hours", "1.5", expected=None)


def _another_programme(world: World, made: AssessmentRecord) -> None:
    programmes = (Programme(id="prog-a"), Programme(id="prog-b"))
    with world.tx(world.provider) as tx:
        there = services.get(tx, made.service)
        offers.change_service(
            tx,
            world.catalogue,
            made.service,
            name=there.service.name,
            profile={"forms_of_abuse": ("domestic_abuse",)},
            programmes=programmes,
            area=there.area,
            expected=there.etag,
        )


@pytest.mark.parametrize("change", [_another_hour, _another_programme])
def test_what_changed_after_it_was_read_is_not_decided_on(
    world: World, change: Callable[[World, AssessmentRecord], None]
) -> None:
    made = _handed_in(world)
    read = world.pack(made.id, world.reviewer)
    _change(world, made, lambda: change(world, made))
    before = world.count("fact")
    with pytest.raises(PreconditionFailed):
        world.decide(made.id, ACCEPTED, read=read)
    assert world.count("fact") == before
    assert world.pack(made.id).reviews == ()
    world.decide(made.id, ACCEPTED, read=world.pack(made.id, world.reviewer))


@pytest.mark.parametrize(
    ("decision", "pointers"),
    [
        (Decision("9.9", 0, "accepted"), ["/requirement"]),
        (Decision("1.1", 2, "accepted"), ["/response_version"]),
    ],
)
def test_faults_of_a_decision_are_located_in_it(world: World, decision: Decision, pointers: list[str]) -> None:
    made = _handed_in(world)
    before = world.count("fact")
    with pytest.raises(Invalid) as caught:
        world.decide(made.id, decision)
    assert sorted(fault.pointer for fault in caught.value.faults) == pointers
    assert world.count("fact") == before


def test_an_override_counts_once_another_reviewer_confirms_it(world: World) -> None:
    made = _handed_in(world)
    proposal = overrides.Proposal("1.1", 1, date(2026, 12, 31), "seen on a visit")

    def propose(what: overrides.Proposal = proposal) -> str:
        with world.tx(world.reviewer) as tx:
            read = packs.assembled(tx, made.id).sha256
            return overrides.propose(tx, world.catalogue, made.id, what, expected=read).key

    def confirm(key: str, by: Actor) -> Review:
        with world.tx(by) as tx:
            read = packs.assembled(tx, made.id).sha256
            return overrides.confirm(tx, world.catalogue, made.id, key, expected=read).value

    before = world.pack(made.id)
    for wrong, pointer in (({"until": date(2028, 1, 1)}, "/until"), ({"response_version": 2}, "/response_version")):
        with pytest.raises(Invalid) as caught:
            propose(replace(proposal, **wrong))
        assert [fault.pointer for fault in caught.value.faults] == [pointer]
    key = propose()
    assert world.pack(made.id) == before, "an override that nobody confirmed is not there"
    with pytest.raises(Conflict, match="You proposed"):
        confirm(key, world.reviewer)
    with pytest.raises(NotFound):
        confirm(key, world.other_reviewer)
    with pytest.raises(NotFound):
        confirm("nothing", world.second_reviewer)
    with pytest.raises(Forbidden):
        confirm(key, world.provider)
    review = confirm(key, world.second_reviewer)
    assert (review.reviewer, review.second_reviewer) == (str(world.reviewer.user), str(world.second_reviewer.user))
    assert (review.override, review.decided_at, review.documents) == (True, instant(world.now), (HASH,))
    assert world.pack(made.id).reviews == (review,)
    with pytest.raises(Conflict, match="is confirmed"):
        confirm(key, world.second_reviewer)

    other = propose(replace(proposal, requirement="1.2", response_version=0))
    with world.tx(world.reviewer) as tx:
        record = assessment_records.get(tx, made.id)
    _change(world, record, lambda: None)
    with pytest.raises(Conflict, match="submitted anew"):
        confirm(other, world.second_reviewer)


def test_only_reviewers_of_whom_it_was_shared_with_decide(world: World) -> None:
    made = _handed_in(world)
    for actor, failure in (
        (world.provider, Forbidden),
        (world.commissioner, Forbidden),
        (world.other_reviewer, NotFound),
    ):
        with pytest.raises(failure):
            world.decide(made.id, ACCEPTED, actor)


def test_decisions_are_made_in_review_only(world: World) -> None:
    made = world.assessment()
    with pytest.raises(NotFound):
        world.decide(made.id, ACCEPTED)
    world.put_response(made.id, response())
    submitted = world.submit(made)
    with pytest.raises(Conflict, match="submitted"):
        world.decide(made.id, ACCEPTED)
    returned = world.give_back(world.start_review(submitted), "1.1")
    with pytest.raises(Conflict, match="returned"):
        world.decide(made.id, ACCEPTED)
    with world.tx(world.reviewer) as tx:
        life.complete(tx, made.id, expected=world.in_review(returned).etag)
    with pytest.raises(Conflict, match="completed"):
        world.decide(made.id, ACCEPTED)


def test_what_waits_longest_comes_first_with_what_is_open_in_it(world: World) -> None:
    first, second = _handed_in(world), _handed_in(world)
    draft = world.assessment()
    world.submit(draft, world.other_commissioner)
    world.decide(second.id, ACCEPTED)
    with world.tx(world.reviewer) as tx:
        read = packs.assembled(tx, first.id).sha256
        proposal = overrides.Proposal("1.2", 0, date(2026, 12, 31), "seen")
        overrides.propose(tx, world.catalogue, first.id, proposal, expected=read)

    def queue(after: Key | None = None, limit: int = 9) -> Slice[review_queue.Waiting, Key]:
        with world.tx(world.reviewer) as tx:
            return review_queue.page(tx, after=after, limit=limit)

    def shown(items: tuple[review_queue.Waiting, ...]) -> list[tuple[UUID, int, int]]:
        return [(item.assessment.id, item.undecided, item.unconfirmed) for item in items]

    assert shown(queue().items) == [(first.id, 1, 1), (second.id, 0, 0)]
    one = queue(limit=1)
    assert shown(one.items) == [(first.id, 1, 1)]
    assert shown(queue(one.next).items) == [(second.id, 0, 0)]
    again = _change(world, first, lambda: world.put_response(first.id, response(), "1"))
    assert shown(queue().items) == [(second.id, 0, 0), (first.id, 1, 1)]
    with world.tx(world.reviewer) as tx:
        life.complete(tx, first.id, expected=again.etag)
    assert shown(queue().items) == [(second.id, 0, 0)]
