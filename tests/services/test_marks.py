"""Whenever something that a caller sees is otherwise, so is the tag that it goes by, whatever was recorded before."""

import contextlib
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from app.api.wire import ServiceOut
from app.api.wire_assessments import AssessmentOut
from app.db.repositories import accreditations as accreditation_records
from app.db.repositories import assessments, facts, partners, services
from app.db.repositories.actions import ImprovementAction
from app.db.repositories.partners import AnswersFor
from app.db.repositories.subjects import of_service
from app.db.session import Transaction
from app.engine.policy import Policy
from app.errors import AppError, Invalid, NotFound
from app.services import accreditations, actions, checks, life, offers, packs, policies
from app.services import assessments as writing
from app.services import overrides as overriding
from app.services import partners as naming
from tests.services.test_portfolio import OPERATIONS, Story
from tests.services.world import TINY, World, accreditation

POLICY = Policy(name="Grants", rule_set="tiny", rung="declared")


class Longer(Story):
    """Everything else that can be recorded of a service, beside what portfolios show."""

    def answer(self) -> None:
        with self.world.tx(self.world.provider) as tx:
            value = str(1 + self.world.now.minute)
            writing.put_answer(tx, self.world.catalogue, self.last, "hours", value, expected=self._answered(tx))

    def _answered(self, tx: Transaction) -> str | None:
        found = {item.question: item for item in packs.assembled(tx, self.last).answers}
        return None if "hours" not in found else facts_version(tx, self.service, self.last, "hours")

    def verify(self) -> None:
        self.world.put_accreditation(self.service, accreditation())
        with self.world.tx(self.world.reviewer) as tx:
            etag = accreditation_records.get(tx, self.service, "acc-1").etag
        self.world.verify(self.service, etag)

    def redeclare(self) -> None:
        with self.world.tx(self.world.provider) as tx:
            etag = accreditation_records.get(tx, self.service, "acc-1").etag
            day = tx.now.date()
            accreditations.redeclare(tx, self.world.catalogue, self.service, "acc-1", declared_on=day, expected=etag)

    def override(self) -> None:
        with self.world.tx(self.world.reviewer) as tx:
            pack = packs.assembled(tx, self.last)
            version = {item.requirement: item.version for item in pack.responses}.get("1.2", 0)
            proposal = overriding.Proposal("1.2", version, tx.now.date(), "Seen on a visit.")
            made = overriding.propose(tx, self.world.catalogue, self.last, proposal, expected=pack.sha256)
        with self.world.tx(self.world.second_reviewer) as tx:
            read = packs.assembled(tx, self.last).sha256
            overriding.confirm(tx, self.world.catalogue, self.last, made.key, expected=read)

    def partner(self) -> None:
        """Both of them: one who helps, and one whose reviewers may then judge nothing."""
        for organisation in (self.world.other_provider.organisation, self.world.other_commissioner.organisation):
            with self.world.tx(self.world.provider) as tx:
                part = (AnswersFor(rule_set=TINY, standards=(1,)),)
                naming.name(tx, self.world.catalogue, self.service, organisation, part, expected=None)

    def part(self) -> None:
        with self.world.tx(self.world.provider) as tx:
            organisation = self.world.other_provider.organisation
            etag = partners.get(tx, self.service, organisation).etag
            naming.end(tx, self.service, organisation, expected=etag)

    def action(self) -> None:
        with self.world.tx(self.world.provider) as tx:
            planned = ImprovementAction(
                requirement="1.1", rung="evidenced", what="Write it.", owner_role="Manager", due_on=date(2026, 9, 1)
            )
            actions.add(tx, self.world.catalogue, self.last, planned)

    def profile(self) -> None:
        with self.world.tx(self.world.provider) as tx:
            record = services.get(tx, self.service)
            offers.change_service(
                tx,
                self.world.catalogue,
                self.service,
                name=f"{record.service.name}.",
                profile={"forms_of_abuse": ("stalking",)},
                programmes=record.service.programmes,
                area=record.area,
                expected=record.etag,
            )

    def check(self) -> None:
        with self.world.tx(self.world.commissioner) as tx:
            policy = policies.create(tx, self.world.catalogue, POLICY)
            asked = checks.Question(self.last, tx.now.date(), None)
            checks.check(tx, self.world.catalogue, self.world.press, policy, asked)

    def look_back(self) -> None:
        with self.world.tx(self.world.provider) as tx:
            packs.assembled(tx, self.last, known_at=tx.now)


def facts_version(tx: Transaction, service: UUID, assessment: UUID, key: str) -> str | None:
    found = facts.newest(tx, replace(of_service(tx, service), assessment=assessment), "answer", key)
    return None if found is None else str(found.version)


MORE: tuple[Callable[[Longer], None], ...] = (
    Longer.answer,
    Longer.verify,
    Longer.redeclare,
    Longer.override,
    Longer.partner,
    Longer.part,
    Longer.action,
    Longer.profile,
    Longer.check,
    Longer.look_back,
)
# An order in which every one of them is done.
IN_ORDER: tuple[Callable[[Longer], None], ...] = (
    Story.document,
    Longer.answer,
    Story.claim,
    Longer.action,
    Story.submit,
    Story.share,
    Longer.verify,
    Longer.redeclare,
    Story.review,
    Longer.override,
    Story.accept,
    Longer.check,
    Longer.profile,
    Story.give_back,
    Longer.partner,
    Story.submit,
    Longer.part,
    Longer.look_back,
    Story.end_share,
)


class Witness:
    """Remembers what every caller saw under which tag, ever."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seen: dict[tuple[str, str, str], Any] = {}
        self.readers = {
            "lead": world.provider,
            "partner": world.other_provider,
            "another reviewer": world.other_reviewer,
        }

    def look(self, assessment: UUID) -> None:
        for name, actor in self.readers.items():
            with self.world.tx(actor) as tx, contextlib.suppress(NotFound):
                tag = facts.mark(tx, assessment).isoformat()
                self._compare(name, f"pack of {assessment}", tag, packs.assembled(tx, assessment).sha256)
                record = assessments.get(tx, assessment)
                self._compare(name, f"{assessment}", life.etag_for(actor, record), AssessmentOut.of(record, actor))
                service = services.get(tx, record.service)
                self._compare(name, f"service {service.id}", service.etag, ServiceOut.of(service))

    def _compare(self, reader: str, what: str, tag: str, content: object) -> None:
        assert self.seen.setdefault((reader, what, tag), content) == content, f"{reader} saw another {what} under {tag}"


def test_one_tag_never_names_two_things_and_every_kind_of_record_changes_it(world: World) -> None:
    story, witness = Longer(world), Witness(world)
    marks = set()
    for number, operation in enumerate(IN_ORDER, 1):
        operation(story)
        witness.look(story.last)
        with world.tx(world.provider) as tx:
            marks.add(facts.mark(tx, story.last))
        assert len(marks) == number, operation
    assert {reader for reader, _, _ in witness.seen} == witness.readers.keys()

    another = Longer(world)
    begun = another.last
    # Whatever comes of it: the seed that pytest prints gives the same again.
    any_ = random.choices((*OPERATIONS, *MORE), k=6)  # noqa: S311  # nothing secret
    for operation in (Story.document, Story.submit, *any_):
        with contextlib.suppress(AppError):  # what may not be done just then is not done
            operation(another)
        witness.look(begun)


def test_an_instant_is_settled_before_its_tag_is_given(world: World) -> None:
    made = world.assessment()
    with world.tx(world.provider) as tx:
        at = tx.now
        first = facts.mark(tx, made.id, at)
        assert first == at
        packs.assembled(tx, made.id, known_at=at)
    with world.tx(world.provider) as tx:
        assert facts.mark(tx, made.id, at) == facts.mark(tx, made.id) == first
        with pytest.raises(Invalid, match="nobody can say"):
            facts.mark(tx, made.id, tx.now.replace(year=2099))
    for stranger in (world.other_provider, world.commissioner, world.scrutiny):
        with world.tx(stranger) as tx:
            assert facts.find_mark(tx, made.id) is None
            with pytest.raises(NotFound):
                facts.mark(tx, made.id)
