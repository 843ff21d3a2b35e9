"""The life of an assessment: who moves it, what is frozen when, and what others see of it meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from app.db.portfolio import Candidate
from app.db.repositories import assessments, responses, services
from app.db.session import Actor, Transaction
from app.db.values import Area, AssessmentRecord, Reopened, State
from app.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from app.loader.places import load_places
from app.services import assessments as service
from app.services import carrying, issuing, life, offers, packs, reviews
from app.services.life import RULES, Action
from app.services.portfolio import judge
from app.services.reviews import Decision
from tests.services.world import HASH, World, document, response


def _answer(world: World, assessment: UUID, value: str, expected: str | None, question: str = "hours") -> None:
    with world.tx(world.provider) as tx:
        service.put_answer(tx, world.catalogue, assessment, question, value, expected=expected)


def _resubmit(world: World, record: AssessmentRecord) -> AssessmentRecord:
    with world.tx(world.provider) as tx:
        return life.submit(tx, record.id, share_with=(), expected=record.etag)


@contextmanager
def _frozen(what: str) -> Iterator[None]:
    with pytest.raises(Conflict, match=f"frozen in: {what}"):
        yield


def test_from_a_draft_to_a_review_that_is_complete(world: World) -> None:
    made = world.assessment()
    world.put_document(made.service, document())
    world.put_response(made.id, response())
    world.put_response(made.id, response("1.2"))
    handed_in = world.submit(made)
    assert (handed_in.state, handed_in.shared_with) == ("submitted", (world.commissioner.organisation,))
    assert (handed_in.first_submitted_at, handed_in.submitted_at, handed_in.etag) == (world.now, world.now, "2")
    with world.tx(world.commissioner) as tx:
        assert assessments.get(tx, made.id) == handed_in
    with world.tx(world.other_commissioner) as tx, pytest.raises(NotFound):
        assessments.get(tx, made.id)
    with _frozen("response 1.1"):
        world.put_response(made.id, response(narrative="later"), "1")
    with _frozen("answer hours"):
        _answer(world, made.id, "1.5", None)

    reviewing = world.start_review(handed_in)
    with _frozen("response 1.1"):
        world.put_response(made.id, response(narrative="later"), "1")
    returned = world.give_back(reviewing, "1.2")
    assert (returned.state, returned.reopened) == ("returned", (Reopened("1.2", "too old"),))
    with _frozen("response 1.1"):
        world.put_response(made.id, response(narrative="later"), "1")
    with _frozen("answer topics"):
        _answer(world, made.id, "risk", None, "topics")
    _answer(world, made.id, "1.5", None)
    world.put_response(made.id, response("1.2", documents=("doc-1",)), "1")

    again = _resubmit(world, returned)
    assert (again.state, again.reopened, again.shared_with) == ("submitted", (), handed_in.shared_with)
    assert (again.first_submitted_at, again.submitted_at) == (handed_in.submitted_at, world.now)
    reviewing = world.start_review(again)
    world.decide(made.id, Decision("1.2", 2, "accepted"))
    with world.tx(world.reviewer) as tx:
        completed = life.complete(tx, made.id, expected=reviewing.etag)
    assert completed.state == "completed"
    with world.tx(world.provider) as tx:
        assert assessments.get(tx, made.id) == completed


def test_an_import_changes_nothing_that_is_frozen(world: World) -> None:
    made = world.assessment()
    world.put_response(made.id, response())
    handed_in = world.in_review(made)
    pack = world.pack(made.id)
    assert world.import_pack(made.id, pack) == pack
    shared = world.import_pack(made.id, pack.replace(documents=(document(),)))
    assert [item.sha256 for item in shared.documents] == [HASH]
    before = world.count("fact")
    changed = shared.replace(responses=(response(narrative="later"), response("1.2")))
    with _frozen("response 1.1, response 1.2"):
        world.import_pack(made.id, changed)
    world.give_back(handed_in, "1.2")
    with _frozen("response 1.1"):
        world.import_pack(made.id, changed)
    assert world.count("fact") == before + 1
    assert len(world.import_pack(made.id, shared.replace(responses=(response(), response("1.2")))).responses) == 2


def test_others_see_what_was_submitted_and_never_what_is_drafted(world: World) -> None:
    """By the service, at every instant asked for; and in SQL, whatever the code forgets."""
    made = world.assessment()
    world.put_document(made.service, document())
    world.put_response(made.id, response(narrative="first draft"))
    world.put_response(made.id, response(narrative="as submitted"), "1")
    in_draft = world.now
    handed_in = world.submit(made)
    at_first = world.now
    shown = world.pack(made.id, world.commissioner)
    assert shown == world.pack(made.id)
    world.give_back(world.start_review(handed_in), "1.1", "1.2")
    world.put_response(made.id, response(narrative="second thoughts"), "2")
    world.put_response(made.id, response("1.2", narrative="new"))
    _answer(world, made.id, "1.5", None)
    while_returned = world.now

    def narratives(actor: Actor) -> set[str | None]:
        with world.tx(actor) as tx:
            rows = tx.connection.execute(text("SELECT body ->> 'narrative' FROM fact WHERE kind = 'response'"))
            return {row[0] for row in rows}

    for reader in (world.commissioner, world.reviewer):
        assert world.pack(made.id, reader) == shown
        assert narratives(reader) == {"as submitted"}
        with world.tx(reader) as tx:
            assert tx.connection.scalar(text("SELECT count(*) FROM fact WHERE kind = 'answer'")) == 0
            assert [item.value.narrative for item in responses.page(tx, made.id, after=None, limit=9).items] == [
                "as submitted"
            ]
    assert narratives(world.other_commissioner) == set()
    assert world.pack(made.id).responses[0].narrative == "second thoughts"

    with world.tx(world.provider) as tx:
        record = assessments.get(tx, made.id)
    _resubmit(world, record)
    for reader in (world.commissioner, world.reviewer):
        assert world.pack(made.id, reader) == world.pack(made.id)
        assert world.pack(made.id, reader, at_first) == shown
        assert world.pack(made.id, reader, while_returned) == shown, "it was drafted then, and submitted later"
        assert narratives(reader) == {"as submitted", "second thoughts", "new"}
        with pytest.raises(NotFound):
            world.pack(made.id, reader, in_draft)


def test_what_belongs_to_the_service_is_seen_as_it_is_now_and_not_as_it_was_before(world: World) -> None:
    """A document withdrawn or a certificate suspended must show at once; what was mended before submitting need not."""
    made = world.assessment()
    world.put_document(made.service, document(title="secret"))
    world.put_document(made.service, document(title="secret", withdrawn_on=document().issued_on), "1")
    world.submit(made)
    query = text("SELECT count(*) FROM fact WHERE kind = 'document'")
    with world.tx(world.commissioner) as tx:
        assert tx.connection.scalar(query) == 1
    world.put_document(made.service, document("doc-2"))
    with world.tx(world.commissioner) as tx:
        assert tx.connection.scalar(query) == 2
        assert [item.id for item in packs.assembled(tx, made.id).documents] == ["doc-1", "doc-2"]


def test_a_share_is_added_and_ended_and_given_again(world: World) -> None:
    handed_in = world.submit(world.assessment())
    other = world.other_commissioner
    with world.tx(world.provider) as tx:
        with pytest.raises(Invalid) as caught:
            life.share(tx, handed_in.id, world.provider.organisation, expected=handed_in.etag)
        assert [fault.pointer for fault in caught.value.faults] == ["/commissioner"]
        both = life.share(tx, handed_in.id, other.organisation, expected=handed_in.etag)
    assert set(both.shared_with) == {world.commissioner.organisation, other.organisation}
    assert both.submitted_at == handed_in.submitted_at
    with world.tx(other) as tx:
        assert assessments.get(tx, handed_in.id) == both
    for _ in range(2):
        with world.tx(world.provider) as tx:
            assert life.share(tx, both.id, other.organisation, expected=both.etag) == both
            ended = life.end_share(tx, both.id, other.organisation, expected=both.etag)
            with pytest.raises(NotFound):
                life.end_share(tx, both.id, uuid4(), expected=ended.etag)
        for table in ("assessment", "service", "fact"):
            with world.tx(other) as tx:
                assert tx.connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0  # noqa: S608  # names from above
        with world.tx(world.commissioner) as tx:
            assert assessments.get(tx, both.id) == ended
        with world.tx(world.provider) as tx:
            both = life.share(tx, both.id, other.organisation, expected=ended.etag)
        with world.tx(other) as tx:
            assert assessments.get(tx, both.id).shared_with == both.shared_with


def test_faults_of_moves_are_located(world: World) -> None:
    made = world.assessment()
    with world.tx(world.provider) as tx:
        with pytest.raises(Invalid) as caught:
            life.submit(tx, made.id, share_with=(), expected="1")
        assert [fault.pointer for fault in caught.value.faults] == ["/share_with"]
        wrong = (world.commissioner.organisation, uuid4(), world.provider.organisation)
        with pytest.raises(Invalid) as caught:
            life.submit(tx, made.id, share_with=wrong, expected="1")
        assert [fault.pointer for fault in caught.value.faults] == ["/share_with/1", "/share_with/2"]
    reviewing = world.in_review(made)
    bad = (Reopened("9.9", "no such"), Reopened("1.1", "once"), Reopened("1.1", " "))
    for reopened, pointers in (
        ((), ["/requirements"]),
        (bad, [f"/requirements/{place}" for place in ("0/requirement", "2/requirement", "2/reason")]),
    ):
        with world.tx(world.reviewer) as tx, pytest.raises(Invalid) as caught:
            life.return_(tx, world.catalogue, made.id, reopened, expected=reviewing.etag)
        assert [fault.pointer for fault in caught.value.faults] == pointers


def _in_state(world: World, state: State) -> AssessmentRecord:
    made = world.assessment()
    if state == "draft":
        return made
    handed_in = world.submit(made)
    if state == "submitted":
        return handed_in
    if state == "withdrawn":
        with world.tx(world.provider) as tx:
            return life.withdraw(tx, made.id, reason="closing", expected=handed_in.etag)
    reviewing = world.start_review(handed_in)
    if state == "in_review":
        return reviewing
    if state == "returned":
        return world.give_back(reviewing, "1.1")
    with world.tx(world.reviewer) as tx:
        return life.complete(tx, made.id, expected=reviewing.etag)


def _attempts(world: World, actor: Actor, record: AssessmentRecord) -> dict[Action, Callable[[], object]]:
    """One attempt at each action, undone afterwards."""
    board, other, etag, catalogue = (
        world.commissioner.organisation,
        world.other_commissioner.organisation,
        record.etag,
        world.catalogue,
    )

    class Done(Exception):
        pass

    def attempt(move: Callable[[Transaction], object]) -> Callable[[], object]:
        def tried() -> None:
            with suppress(Done), world.tx(actor) as tx:
                move(tx)
                raise Done

        return tried

    def decide(tx: Transaction) -> object:
        sha = packs.assembled(tx, record.id).sha256
        return reviews.decide(tx, catalogue, record.id, Decision("1.1", 0, "accepted"), expected=sha)

    def carry_forward(tx: Transaction) -> object:
        sha = packs.assembled(tx, record.id).sha256
        return carrying.carry(tx, catalogue, record.id, "3", expected=sha)

    def issue(tx: Transaction) -> object:
        sha = packs.assembled(tx, record.id).sha256
        return issuing.issue(tx, catalogue, world.press, record.id, expected=sha)

    return {
        "edit": attempt(lambda tx: service.put_response(tx, catalogue, record.id, response(), expected=None)),
        "submit": attempt(lambda tx: life.submit(tx, record.id, share_with=(board,), expected=etag)),
        "withdraw": attempt(lambda tx: life.withdraw(tx, record.id, reason=None, expected=etag)),
        "carry_forward": attempt(carry_forward),
        "share": attempt(lambda tx: life.share(tx, record.id, other, expected=etag)),
        "end_share": attempt(lambda tx: life.end_share(tx, record.id, board, expected=etag)),
        "start_review": attempt(lambda tx: life.start_review(tx, record.id, expected=etag)),
        "decide": attempt(decide),
        "return": attempt(lambda tx: life.return_(tx, catalogue, record.id, (Reopened("1.1", "why"),), expected=etag)),
        "complete": attempt(lambda tx: life.complete(tx, record.id, expected=etag)),
        "issue": attempt(issue),
    }


def test_what_is_available_is_exactly_what_is_allowed(world: World) -> None:
    states: tuple[State, ...] = ("draft", "submitted", "in_review", "returned", "completed", "withdrawn")
    found: dict[tuple[str, State], tuple[Action, ...]] = {}
    for state in states:
        record = _in_state(world, state)
        assert record.state == state
        for actor in (world.provider, world.editor, world.commissioner, world.reviewer):
            if state == "draft" and actor in (world.commissioner, world.reviewer):
                continue
            found[actor.role, state] = life.available_actions(actor, record)
            attempts = _attempts(world, actor, record)
            assert attempts.keys() == RULES.keys()
            for action, attempt in attempts.items():
                if action in found[actor.role, state]:
                    attempt()
                else:
                    with pytest.raises((Conflict, Forbidden, NotFound)):
                        attempt()
    own = Actor(world.reviewer.user, world.provider.organisation, "reviewer")
    assert life.available_actions(own, _in_state(world, "in_review")) == (), "nobody reviews their own organisation"
    assert found["provider_lead", "draft"] == ("edit", "submit", "withdraw", "carry_forward")
    assert found["provider_editor", "returned"] == ("edit", "carry_forward")
    assert found["reviewer", "in_review"] == ("decide", "return", "complete")
    assert found["reviewer", "completed"] == ("issue",)
    assert found["provider_lead", "withdrawn"] == ("end_share",)
    assert {found["commissioner", state] for state in states[1:]} == {()}


def test_a_move_is_made_in_the_version_that_was_read(world: World) -> None:
    made = world.assessment()
    world.submit(made)
    for stale in ("1", None):
        with world.tx(world.provider) as tx, pytest.raises(PreconditionFailed):
            life.withdraw(tx, made.id, reason=None, expected=stale)
    with world.tx(world.other_provider) as tx, pytest.raises(NotFound):
        life.withdraw(tx, made.id, reason=None, expected="2")


def test_a_withdrawn_draft_was_never_seen(world: World) -> None:
    made = world.assessment()
    with world.tx(world.provider) as tx:
        gone = life.withdraw(tx, made.id, reason="not ours", expected="1")
    assert (gone.state, gone.reason, gone.submitted_at) == ("withdrawn", "not ours", None)
    assert life.available_actions(world.provider, gone) == ()
    with world.tx(world.commissioner) as tx, pytest.raises(NotFound):
        assessments.get(tx, made.id)


def test_it_is_seen_where_it_works_and_where_they_commission(world: World) -> None:
    """A commissioner sees what is shared with it of services that work in its regions; of others, nothing at all."""
    handed_in = world.submit(world.assessment())
    first = world.now
    with world.tx(world.provider) as tx:
        there = services.get(tx, handed_in.service)

    def works_in(*regions: str) -> None:
        with world.tx(world.provider) as tx:
            there = services.get(tx, handed_in.service)
            stated = there.service
            offers.change_service(
                tx,
                world.catalogue,
                there.id,
                name=stated.name,
                profile=stated.profile,
                programmes=stated.programmes,
                area=Area(regions),
                expected=there.etag,
            )

    def seen() -> list[int]:
        with world.tx(world.reviewer) as tx:
            counts = (f"SELECT count(*) FROM {table}" for table in ("service", "assessment", "fact"))  # noqa: S608  # names from here
            return [int(tx.connection.scalar(text(query)) or 0) for query in counts]

    assert all(seen())
    works_in("west_wales")
    assert seen() == [0, 0, 0]
    with world.tx(world.provider) as tx, pytest.raises(Invalid, match="Nothing was recorded") as caught:
        life.share(tx, handed_in.id, world.other_commissioner.organisation, expected=handed_in.etag)
    assert "does not commission where the service works, which is in west_wales" in caught.value.faults[0].message
    works_in("gwent", "west_wales")
    assert all(seen())
    candidate = Candidate(handed_in.id, handed_in.service, handed_in.provider, handed_in.rule_set)
    with world.tx(world.commissioner) as tx:
        for known_at, regions in ((first, ("gwent",)), (None, ("gwent", "west_wales"))):
            shown = judge(tx, world.catalogue, candidate, as_of=first.date(), known_at=known_at)
            assert shown is not None
            assert shown.entry.regions == regions
    with world.tx(world.provider) as tx:
        assert services.get(tx, handed_in.service).etag == "1-3"
        assert there.etag == "1-1"
        for within, count in ((Area(("gwent",)), 1), (Area(("powys",)), 0), (Area(("gwent",), ("newport",)), 0)):
            assert len(services.page(tx, after=None, limit=5, within=within).items) == count


def test_places_are_those_that_there_are() -> None:
    places = load_places()
    assert offers.area_of(places, ("gwent",), ("newport",), ("other", "other")) == Area(
        ("gwent",), ("newport",), ("other",)
    )
    with pytest.raises(Invalid) as caught:
        offers.area_of(places, ("gwent", "mercia"), ("york", "swansea"), ())
    assert [fault.pointer for fault in caught.value.faults] == [
        "/regions/1",
        "/local_authorities/0",
        "/local_authorities/1",
    ]
