"""Consortium services: what a partner sees and writes, and that it judges nothing of what it has a part in."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import ProgrammingError

from app.db.repositories import assessments, organisations, partners, responses, review_queue, services
from app.db.repositories.actions import ImprovementAction
from app.db.repositories.partners import AnswersFor, Partner
from app.db.session import Actor, Transaction
from app.db.tables import fact, service_partner
from app.db.values import AssessmentRecord
from app.engine.pack import Answer
from app.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from app.services import accreditations, actions, carrying, life, offers, overrides, packs
from app.services import assessments as saying
from app.services import partners as service
from app.services.assessments import Change
from app.services.overrides import Proposal
from app.services.reviews import Decision
from tests.services.world import GWENT, TINY, World, accreditation, response

FIRST = AnswersFor(rule_set=TINY, requirements=("1.1",))
PLANNED = ImprovementAction(
    requirement="1.1", rung="declared", what="Do it.", owner_role="Manager", due_on=date(2026, 5, 1)
)
WHOLE = AnswersFor(rule_set=TINY, standards=(1,))


def _name(
    world: World,
    of: UUID,
    organisation: UUID,
    *said: AnswersFor,
    expected: str | None = None,
    by: Actor | None = None,
) -> Partner:
    with world.tx(by or world.provider) as tx:
        return service.name(tx, world.catalogue, of, organisation, said, expected=expected)


def _put(world: World, by: Actor, made: UUID, requirement: str, expected: str | None = None) -> None:
    with world.tx(by) as tx:
        saying.put_response(tx, world.catalogue, made, response(requirement), expected=expected)


def test_a_partner_sees_the_service_and_writes_what_it_answers_for(world: World) -> None:
    made, partner = world.assessment(), world.other_provider
    _put(world, world.provider, made.id, "1.1")
    with world.tx(partner) as tx, pytest.raises(NotFound):
        services.get(tx, made.service)
    named = _name(world, made.service, partner.organisation, FIRST)
    later = world.assessment(made.service, TINY.replace(version="3"))
    with world.tx(partner) as tx:
        assert partners.page(tx, made.service, after=None, limit=5).items == (named,)
        assert organisations.get(tx, "provider", world.provider.organisation).name == "Provider"
        assert [item.id for item in assessments.page(tx, after=None, limit=5).items] == [made.id]
        assert life.available_actions(partner, assessments.get(tx, made.id)) == ("edit",)
        assert packs.assembled(tx, made.id).responses == (response(),)
        with pytest.raises(NotFound):  # it answers for nothing under that version
            assessments.get(tx, later.id)
    with world.tx(world.provider) as tx:
        assert organisations.get(tx, "provider", partner.organisation).name == "Other provider"
    with pytest.raises(Forbidden, match="does not answer for: response"):
        _put(world, partner, made.id, "1.2")
    with world.tx(partner) as tx, pytest.raises(Forbidden, match="does not answer for: answer hours"):
        saying.put_answer(tx, world.catalogue, made.id, "hours", "1.5", expected=None)
    with world.tx(partner) as tx:
        changed = response(narrative="by the partner")
        kept = saying.put_response(tx, world.catalogue, made.id, changed, expected="1")
    assert kept.recorded_by == partner.user
    _name(world, made.service, partner.organisation, WHOLE, expected="1")
    with world.tx(partner) as tx:
        given = Answer(question="hours", value="1.5", answered_at="2026-01-01T00:00:00Z")
        saying.put_answers(tx, world.catalogue, made.id, [Change(given, None)])
        with pytest.raises(Forbidden, match="does not answer for: answer topics"):
            saying.put_answer(tx, world.catalogue, made.id, "topics", ("risk",), expected=None)
    world.submit(made)
    with pytest.raises(Conflict, match="frozen in: response"):
        _put(world, partner, made.id, "1.2")


def test_what_a_partner_wrote_stays_when_it_is_one_no_more(world: World) -> None:
    made, partner = world.assessment(), world.other_provider
    _name(world, made.service, partner.organisation, FIRST)
    _put(world, partner, made.id, "1.1")
    with world.tx(world.provider) as tx:
        service.end(tx, made.service, partner.organisation, expected="1")
    with world.tx(partner) as tx, pytest.raises(NotFound):
        responses.page(tx, made.id, after=None, limit=5)
    with world.tx(world.provider) as tx:
        assert partners.page(tx, made.service, after=None, limit=5).items == ()
        assert responses.get(tx, made.id, "1.1").recorded_by == partner.user
    assert _name(world, made.service, partner.organisation, FIRST).version == 3


def test_only_the_provider_does_everything_else(world: World) -> None:
    made, partner = world.assessment(), world.other_provider
    held = world.put_accreditation(made.service, accreditation())
    _name(world, made.service, partner.organisation, WHOLE)
    catalogue, board = world.catalogue, world.commissioner.organisation
    with world.tx(partner) as tx:
        sha = packs.assembled(tx, made.id).sha256
    refused: tuple[Callable[[Transaction], Any], ...] = (
        lambda tx: life.submit(tx, made.id, share_with=(board,), expected=made.etag),
        lambda tx: life.withdraw(tx, made.id, reason=None, expected=made.etag),
        lambda tx: carrying.carry(tx, catalogue, made.id, "3", expected=sha),
        lambda tx: saying.create_assessment(tx, catalogue, made.service, TINY),
        lambda tx: accreditations.put_accreditation(
            tx, catalogue, made.service, accreditation(stage="none"), expected=held.etag
        ),
        lambda tx: offers.change_service(
            tx, catalogue, made.service, name="Ours", profile={}, programmes=(), area=GWENT, expected="1-1"
        ),
        lambda tx: packs.import_pack(
            tx, catalogue, made.id, world.pack(made.id).replace(accreditations=(accreditation("new"),)), expected=sha
        ),
        lambda tx: actions.add(tx, catalogue, made.id, PLANNED),
        lambda tx: service.name(tx, catalogue, made.service, world.commissioner.organisation, (), expected=None),
        lambda tx: service.end(tx, made.service, partner.organisation, expected="1"),
    )
    for attempt in refused:
        with world.tx(partner) as tx, pytest.raises(Forbidden, match="is a partner in this service; this is for"):
            attempt(tx)
    with world.tx(world.editor) as tx, pytest.raises(Forbidden):
        service.end(tx, made.service, partner.organisation, expected="1")


def test_what_is_named_has_to_be_there(world: World) -> None:
    made, partner = world.assessment(), world.other_provider.organisation
    with pytest.raises(NotFound):
        _name(world, made.service, made.service)
    for organisation in (world.scrutiny.organisation, world.operator.organisation):
        with pytest.raises(NotFound):
            _name(world, made.service, organisation)
    with pytest.raises(Conflict, match="It is the provider"):
        _name(world, made.service, world.provider.organisation)
    with pytest.raises(NotFound):
        _name(world, made.service, partner, by=world.other_provider)
    with pytest.raises(Invalid) as found:
        _name(
            world,
            made.service,
            partner,
            AnswersFor(rule_set=TINY.replace(version="9")),
            AnswersFor(rule_set=TINY, standards=(1, 7), requirements=("1.1", "7.1")),
            AnswersFor(rule_set=TINY),
        )
    assert [fault.pointer for fault in found.value.faults] == [
        "/answers_for/0/rule_set",
        "/answers_for/1/standards/1",
        "/answers_for/1/requirements/1",
        "/answers_for/2/rule_set",
        "/answers_for/2",
    ]
    with pytest.raises(PreconditionFailed):
        _name(world, made.service, partner, expected="1")
    first = _name(world, made.service, partner, FIRST)
    assert _name(world, made.service, partner, FIRST, expected="1") == first, "nothing new, so no new version"
    with pytest.raises(PreconditionFailed):
        _name(world, made.service, partner, WHOLE)


def test_a_reviewer_judges_nothing_that_their_organisation_takes_part_in(world: World) -> None:
    made, own = world.assessment(), world.other_reviewer
    held = world.put_accreditation(made.service, accreditation())
    _put(world, world.provider, made.id, "1.1")
    reviewing = world.in_review(made, world.commissioner, world.other_commissioner)
    proposal = Proposal("1.1", 1, world.now.date(), "Seen.")
    with world.tx(world.reviewer) as tx:
        sha = packs.assembled(tx, made.id).sha256
        override = overrides.propose(tx, world.catalogue, made.id, proposal, expected=sha)
    _name(world, made.service, own.organisation)
    attempts: tuple[Callable[[Transaction], Any], ...] = (
        lambda tx: life.complete(tx, made.id, expected=reviewing.etag),
        lambda tx: overrides.propose(tx, world.catalogue, made.id, proposal, expected=sha),
        lambda tx: overrides.confirm(tx, world.catalogue, made.id, override.key, expected=sha),
    )
    for attempt in attempts:
        with world.tx(own) as tx, pytest.raises(Forbidden, match="takes part in this service"):
            attempt(tx)
    with pytest.raises(Forbidden, match="takes part in this service"):
        world.decide(made.id, Decision("1.1", 1, "accepted"), by=own)
    with world.tx(own) as tx, pytest.raises(Forbidden, match="takes part in this service"):
        accreditations.verify(
            tx, world.catalogue, made.service, "acc-1", verified_on=world.now.date(), register="7", expected=held.etag
        )
    with world.tx(own) as tx:
        [waiting] = review_queue.page(tx, after=None, limit=5).items
        assert waiting.assessment.partners == (own.organisation,)
        assert life.available_actions(own, waiting.assessment) == ()
    for kind, assessment in (("verification", None), ("review", made.id), ("override", made.id)):
        with pytest.raises(ProgrammingError, match="row-level security"):
            _insert(world, own, made, kind, assessment)
    _insert(world, world.reviewer, made, "verification", None)
    world.decide(made.id, Decision("1.1", 1, "accepted"))


def test_the_database_keeps_a_partner_to_its_part(world: World) -> None:
    made, partner = world.assessment(), world.other_provider
    _name(world, made.service, partner.organisation, FIRST)
    _insert(world, partner, made, "response", made.id, key="1.1")
    for kind, assessment, key in (
        ("response", made.id, "1.2"),
        ("answer", made.id, "hours"),
        ("review", made.id, "1.1"),
        ("assessment", made.id, "1.1"),
        ("document", None, "1.1"),
    ):
        with pytest.raises(ProgrammingError, match="row-level security"):
            _insert(world, partner, made, kind, assessment, body={"state": "draft"}, key=key)
    row = {"service_id": made.service, "provider_id": world.provider.organisation, "version": 7, "ended": False}
    row |= {"partner_id": partner.organisation, "answers_for": [], "opens": {}, "recorded_at": world.now}
    for by in (partner, world.editor, world.reviewer):
        named = row | {"recorded_by": by.user, "request_id": "raw"}
        with pytest.raises(ProgrammingError, match="row-level security"), world.tx(by) as tx:
            tx.connection.execute(insert(service_partner).values(named))
    for actor in (world.other_commissioner, world.scrutiny, world.operator):
        with world.tx(actor) as tx:
            assert tx.connection.scalar(text("SELECT count(*) FROM service_partner")) == 0


def _insert(  # noqa: PLR0913  # a row, each column by its name
    world: World,
    by: Actor,
    made: AssessmentRecord,
    kind: str,
    assessment: UUID | None,
    *,
    body: dict[str, str] | None = None,
    key: str = "x",
) -> None:
    with world.tx(by) as tx:
        tx.connection.execute(
            insert(fact).values(
                id=tx.new_id(),
                provider_id=made.provider,
                service_id=made.service,
                assessment_id=assessment,
                kind=kind,
                key=key,
                version=70,
                body=body or {},
                recorded_at=world.now,
                recorded_by=by.user,
                request_id="raw",
            )
        )
