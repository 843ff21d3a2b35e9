"""What is kept for portfolios is what evaluating each service gives, whatever happened before (semantics.md 8)."""

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from uuid_utils.compat import uuid7

from app.db.portfolio import NEVER, NO_SCORE, Entry, Filter, Sort, counts_of
from app.db.repositories import assessments, portfolio, services
from app.db.session import PROJECTOR, Actor, Transaction, transaction
from app.db.values import Area, AssessmentRecord
from app.engine.determination import RUNGS, Determination, Rung
from app.engine.evaluate import evaluate
from app.errors import AppError, Unavailable
from app.services import life, offers, packs
from app.services import portfolio as portfolios
from app.services.portfolio import Projector
from app.services.portfolio_past import Past
from app.services.reviews import Decision
from tests.services.trials import same_trials
from tests.services.world import OTHER, TINY, World, accreditation, document, response

FEW = settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
NORTH = Area(("north_wales",))


def projector(world: World) -> Projector:
    return Projector(world.db, world.catalogue, lambda: world.now, uuid7, "portfolio")


def reading(world: World, actor: Actor) -> Callable[[], AbstractContextManager[Transaction]]:
    return lambda: transaction(world.db, actor, now=world.now, new_id=uuid7, request_id="reading", snapshot=True)


def entries(
    world: World, actor: Actor, wanted: Filter | None = None, sort: Sort = "name", *, down: bool = False
) -> tuple[Entry, ...]:

    def work(tx: Transaction) -> tuple[Entry, ...]:
        return portfolio.page(tx, wanted or Filter(), sort=sort, descending=down, after=None, limit=None).items

    return projector(world).read(reading(world, actor), work)


def evaluated(
    world: World, actor: Actor, day: date | None = None
) -> dict[UUID, tuple[AssessmentRecord, Determination]]:
    """What stands for each service, as whoever asks would find out one by one."""
    found: dict[UUID, tuple[AssessmentRecord, Determination]] = {}
    with world.tx(actor) as tx:
        standing: dict[tuple[UUID, str], AssessmentRecord] = {}
        for record in assessments.page(tx, after=None, limit=1000).items:
            known = standing.get((record.service, record.rule_set.id))
            if record.state != "withdrawn" and (known is None or _later(record, known)):
                standing[record.service, record.rule_set.id] = record
        for record in standing.values():
            pack = packs.assembled(tx, record.id)
            rule_set = world.catalogue.check(pack)
            crosswalks = world.catalogue.crosswalks_for(rule_set)
            found[record.id] = (record, evaluate(rule_set, crosswalks, pack, day or tx.now.date()))
    return found


def _later(one: AssessmentRecord, other: AssessmentRecord) -> bool:
    assert one.submitted_at is not None
    assert other.submitted_at is not None
    return (one.submitted_at, one.id) > (other.submitted_at, other.id)


def agree(world: World, actor: Actor) -> int:
    """Compare what is kept with what evaluating gives; gives how many entries there are."""
    expected = evaluated(world, actor)
    same_trials(world, actor, 1)  # before what has changed is worked out again
    shown = {entry.assessment: entry for entry in entries(world, actor)}
    assert shown.keys() == expected.keys()
    for name, (record, found) in expected.items():
        entry = shown[name]
        results = [result for standard in found.standards for result in standard.requirements]
        assert (entry.state, entry.submitted_at) == (record.state, record.submitted_at)
        assert entry.status == found.status.model_dump()
        assert entry.progress == found.progress
        assert entry.valid_through == (found.valid_through or NEVER)
        for rung in RUNGS:
            score = getattr(found.compliance, rung)
            assert entry.scores[rung] == (NO_SCORE if score is None else Decimal(score))
            failing = [item for item in results if item.applicability == "applicable" and not getattr(item, rung)]
            assert entry.failing[rung] == len(failing)
        assert entry.schemes == tuple(sorted({item.scheme for item in found.rests_on}))
    assert same_trials(world, actor) >= len(shown)
    return len(shown)


class Story:
    """One service with its assessments, to which anything may happen in any order."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.service = world.service().id
        self.last = world.assessment(self.service).id

    @property
    def newest(self) -> AssessmentRecord:
        with self.world.tx(self.world.provider) as tx:
            return assessments.get(tx, self.last)

    def begin(self) -> None:
        self.last = self.world.assessment(self.service, OTHER if self.newest.rule_set == TINY else TINY).id

    def document(self) -> None:
        name = f"doc-{uuid7()}"
        self.world.put_document(self.service, document(name, valid_until=self.world.now.date() + timedelta(days=50)))
        pack = self.world.pack(self.last)
        others = [item for item in pack.responses if item.requirement != "1.1"]
        self.world.import_pack(self.last, pack.replace(responses=(response(documents=(name,)), *others)))

    def certificate(self) -> None:
        name = f"acc-{uuid7()}"
        self.world.put_accreditation(self.service, accreditation(name))

    def claim(self) -> None:
        self.world.put_response(self.last, response("1.2"))

    def submit(self) -> None:
        self.world.submit(self.newest)

    def review(self) -> None:
        self.world.start_review(self.newest)

    def accept(self) -> None:
        pack = self.world.pack(self.last, self.world.reviewer)
        version = {item.requirement: item.version for item in pack.responses}.get("1.1", 0)
        self.world.decide(self.last, Decision("1.1", version, "accepted"))

    def give_back(self) -> None:
        self.world.give_back(self.newest, "1.1")

    def withdraw(self) -> None:
        with self.world.tx(self.world.provider) as tx:
            life.withdraw(tx, self.last, reason=None, expected=self.newest.etag)

    def end_share(self) -> None:
        with self.world.tx(self.world.provider) as tx:
            life.end_share(tx, self.last, self.world.commissioner.organisation, expected=self.newest.etag)

    def share(self) -> None:
        with self.world.tx(self.world.provider) as tx:
            life.share(tx, self.last, self.world.other_commissioner.organisation, expected=self.newest.etag)

    def move(self) -> None:
        with self.world.tx(self.world.provider) as tx:
            record = services.get(tx, self.service)
            area = Area(("gwent",)) if record.area == NORTH else NORTH
            offers.change_service(
                tx,
                self.world.catalogue,
                self.service,
                name=record.service.name,
                profile=record.service.profile,
                programmes=record.service.programmes,
                area=area,
                expected=record.etag,
            )

    def days_pass(self) -> None:
        self.world.days_pass(40)


OPERATIONS = (
    Story.begin,
    Story.document,
    Story.certificate,
    Story.claim,
    Story.submit,
    Story.submit,
    Story.review,
    Story.accept,
    Story.give_back,
    Story.withdraw,
    Story.end_share,
    Story.share,
    Story.move,
    Story.days_pass,
)


@pytest.mark.long
@FEW
@given(st.lists(st.sampled_from(OPERATIONS), min_size=8, max_size=14))
def test_what_is_kept_is_what_evaluating_each_service_gives(
    world: World, operations: list[Callable[[Story], None]]
) -> None:
    """However a history goes, and whoever asks after every step of it."""
    story = Story(world)
    for operation in (Story.document, Story.submit, *operations):
        with contextlib.suppress(AppError):  # what may not be done just then is not done
            operation(story)
        agree(world, world.commissioner)
    agree(world, world.other_commissioner)


def test_every_write_makes_what_is_kept_stale_before_anybody_can_read_it(world: World) -> None:
    story = Story(world)
    story.document()
    story.submit()
    assert agree(world, world.commissioner) == 1
    for operation in (Story.certificate, Story.review, Story.accept, Story.give_back, Story.document, Story.submit):
        operation(story)
        assert stale(world)
        assert agree(world, world.commissioner) == 1
        assert not stale(world)
    world.days_pass(60)  # the document ends
    assert stale(world)
    assert agree(world, world.commissioner) == 1
    story.move()
    assert agree(world, world.commissioner) == 0
    story.move()
    assert agree(world, world.commissioner) == 1
    story.end_share()
    assert agree(world, world.commissioner) == 0


def stale(world: World) -> bool:
    with world.tx(PROJECTOR) as tx:
        return portfolio.is_stale(tx, tx.now.date(), portfolios.fingerprint(world.catalogue))


def test_what_is_written_while_it_is_worked_out_makes_it_stale(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    story = Story(world)
    story.document()
    story.submit()
    judge = portfolios.judge

    def slowly(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401  # as it is called
        found = judge(*arguments, **named)
        story.certificate()
        return found

    monkeypatch.setattr(portfolios, "judge", slowly)
    assert projector(world).refresh() == 1
    monkeypatch.undo()
    assert stale(world)
    assert agree(world, world.commissioner) == 1


def test_another_engine_rule_set_or_crosswalk_makes_everything_stale(world: World) -> None:
    story = Story(world)
    story.certificate()
    story.claim()
    story.submit()
    before = entries(world, world.commissioner)[0]
    world.catalogue = replace(world.catalogue, crosswalks=())
    assert stale(world)
    assert agree(world, world.commissioner) == 1
    assert entries(world, world.commissioner)[0].schemes != before.schemes == ("respect",)
    world.catalogue = replace(world.catalogue, rule_sets={})
    [entry] = entries(world, world.commissioner)
    assert entry.status is None
    assert str(entry.problem).startswith("The record no longer fits the rule set")
    assert entries(world, world.commissioner, Filter(score_to=Decimal(100))) == ()


def test_a_reader_waits_for_some_batches_and_no_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        story = Story(world)
        story.submit()
    monkeypatch.setattr(portfolios, "BATCH", 1)
    monkeypatch.setattr(portfolios, "_BATCHES_A_READER", 1)
    with pytest.raises(Unavailable, match="still being worked out"):
        entries(world, world.commissioner)
    assert len(entries(world, world.commissioner)) == 3


def past(world: World) -> Past:
    """Today's portfolio, worked out from the record."""
    return Past(world.catalogue, reading(world, world.commissioner), world.now.date(), None)


def in_the_past(world: World, sort: Sort, *, down: bool) -> tuple[Entry, ...]:
    """All of it in an order, page by page."""
    after, found = None, list[Entry]()
    while True:
        part = past(world).ordered(Filter(), sort, descending=down, after=after, limit=2)
        found += part.items
        if (after := part.next) is None:
            return tuple(found)


def test_order_and_pages(world: World) -> None:
    for name in ("b", "C", "a"):
        service = world.service(name)
        assessment = world.assessment(service.id)
        if name != "a":
            world.put_document(service.id, document())
            world.put_response(assessment.id, response(documents=("doc-1",)))
        world.submit(assessment)
    orders: dict[tuple[Sort, bool], str] = {
        ("name", False): "abC",
        ("name", True): "Cba",
        ("submitted", True): "aCb",
        ("lapse", False): "bCa",
        ("status", True): "aCb",
    }
    for (sort, descending), expected in orders.items():
        found = entries(world, world.commissioner, None, sort, down=descending)
        assert "".join(entry.service_name for entry in found) == expected
        assert in_the_past(world, sort, down=descending) == found
        after, walked = None, list[Entry]()
        while True:
            with world.tx(world.commissioner) as tx:
                part = portfolio.page(tx, Filter(), sort=sort, descending=descending, after=after, limit=1)
            walked += part.items
            if (after := part.next) is None:
                break
        assert tuple(walked) == found
    named = past(world).ordered(Filter(), "name", descending=False, after=None, limit=None)
    assert (named.items, named.next) == (entries(world, world.commissioner), None)
    statuses = [entry.status for entry in entries(world, world.commissioner, Filter(rung="evidenced"), "status")]
    assert [each and each["evidenced"] for each in statuses] == ["critical_gaps", "working_towards", "working_towards"]
    scores = entries(world, world.commissioner, Filter(rung="evidenced"), "score", down=True)
    assert [entry.scores["evidenced"] for entry in scores] == [Decimal("33.3"), Decimal("33.3"), Decimal("0.0")]


def test_filters_say_the_same_in_the_database_and_outside(world: World) -> None:
    service = world.service(profile={"forms_of_abuse": ("stalking",)})
    with_evidence = world.assessment(service.id)
    world.put_document(service.id, document(valid_until=date(2026, 6, 30)))
    world.put_accreditation(service.id, accreditation())
    world.put_response(with_evidence.id, response(documents=("doc-1",)))
    world.submit(with_evidence)
    world.submit(world.assessment())
    whole = entries(world, world.commissioner)
    with world.tx(world.commissioner) as tx:
        kept = portfolio.full(tx, [entry.service for entry in whole], None)
    assert sorted([item.entry for item in kept], key=str) == sorted(whole, key=str)
    rungs: tuple[Rung, ...] = RUNGS
    asked = [
        change | {"rung": rung}
        for rung in rungs
        for change in (
            {"region": "gwent"},
            {"region": "powys"},
            {"local_authorities": ("newport",)},
            {"form_of_abuse": "stalking"},
            {"client_group": "adult_men"},
            {"delivery": "group"},
            {"status": "critical_gaps"},
            {"status": "working_towards"},
            {"score_from": Decimal("33.3")},
            {"score_to": Decimal("33.3")},
            {"failing_standard": 1},
            {"failing_standard": 2},
            {"failing_requirement": "1.1"},
            {"failing_requirement": "1.2"},
            {"scheme": "respect"},
            {"lapsing_before": date(2026, 7, 1)},
            {"lapsing_before": date(2026, 7, 2)},
            {"rule_set": "tiny"},
            {"rule_set": "other"},
        )
    ]
    sizes = set()
    for change in asked:
        wanted = Filter(**change)
        with world.tx(world.commissioner) as tx:
            found = portfolio.page(tx, wanted, sort="name", descending=False, after=None, limit=None).items
            groups = {"police_force": {"gwent": ["newport"]}}
            total, counts = portfolio.facets(tx, wanted, groups)
        assert (total, counts) == counts_of((item for item in kept if wanted.takes(item)), wanted.rung, groups)
        assert {entry.assessment for entry in found} == {
            item.entry.assessment for item in kept if wanted.takes(item)
        }, change
        assert total == len(found)
        assert sum(count.count for count in counts if count.facet == "rule_set") == total
        sizes.add(total)
    assert sizes == {0, 1, 2}


def test_the_service_alone_changes_what_is_kept(world: World) -> None:
    story = Story(world)
    story.submit()
    agree(world, world.commissioner)
    for actor, rows in ((world.provider, 0), (world.commissioner, 0), (world.scrutiny, 0), (PROJECTOR, 1)):
        with world.tx(actor) as tx:
            changed = tx.connection.execute(text("UPDATE portfolio SET computed = computed"))
            assert changed.rowcount == rows
    for actor, rows in ((world.provider, 0), (world.reviewer, 1), (world.other_commissioner, 0), (world.scrutiny, 0)):
        with world.tx(actor) as tx:
            assert tx.connection.scalar(text("SELECT count(*) FROM portfolio")) == rows
