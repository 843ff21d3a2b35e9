"""What the database holds by itself of policies and of what was issued, asked in SQL as the service's role."""

import hashlib
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import ProgrammingError

from app.db.repositories import assessments, determinations
from app.db.repositories.determinations import IssuedRecord
from app.db.tables import audit_event, determination_pdf, determination_recipient, policy
from app.db.values import AssessmentRecord
from app.errors import NotFound
from app.services import issuing, life, packs
from tests.services.world import World, response


def test_a_version_of_a_policy_follows_one_of_the_same_commissioner(world: World) -> None:
    own, other = world.commissioner, world.other_commissioner
    first: dict[str, Any] = {"id": uuid4(), "version": 1, "commissioner_id": own.organisation, "body": {}}
    first |= {"created_at": world.now, "recorded_at": world.now, "recorded_by": own.user}
    theirs = {"version": 2, "commissioner_id": other.organisation, "recorded_by": other.user}
    with world.tx(own) as tx:
        tx.connection.execute(insert(policy).values(first))
    refused = (
        (other, theirs),
        (other, theirs | {"version": 7}),
        (own, {"version": 3}),
        (own, {"version": 2, "id": uuid4()}),
        (own, {"version": 2, "created_at": world.now}),
    )
    for actor, changes in refused:
        with pytest.raises(ProgrammingError, match="follows one of the same commissioner"), world.tx(actor) as tx:
            tx.connection.execute(insert(policy).values(first | changes))
    with world.tx(own) as tx:
        tx.connection.execute(insert(policy).values(first | {"version": 2}))


def _issued(world: World) -> tuple[AssessmentRecord, IssuedRecord]:
    """A determination of a completed assessment, issued to one commissioner."""
    made = world.assessment()
    world.put_response(made.id, response())
    reviewing = world.in_review(made)
    with world.tx(world.reviewer) as tx:
        life.complete(tx, made.id, expected=reviewing.etag)
    return made, _issue(world, made, expected=True)


def _issue(world: World, made: AssessmentRecord, *, expected: bool) -> IssuedRecord:
    with world.tx(world.reviewer) as tx:
        read = packs.assembled(tx, made.id).sha256
        found, new = issuing.issue(tx, world.catalogue, world.press, made.id, expected=read)
    assert new is expected
    return found


def test_what_is_kept_of_a_determination_is_what_it_says(world: World) -> None:
    number = _issued(world)[1].number
    pdf = b"%PDF-1.4 of it"
    row = {"number": number, "language": "en", "made_at": world.now, "content": pdf}
    row |= {"sha256": hashlib.sha256(pdf).hexdigest()}
    for changes in (
        {"sha256": hashlib.sha256(b"another").hexdigest()},
        {"content": b"no PDF", "sha256": hashlib.sha256(b"no PDF").hexdigest()},
        {"content": b"", "sha256": hashlib.sha256(b"").hexdigest()},
    ):
        with pytest.raises(ProgrammingError, match="row-level security"), world.tx(world.provider) as tx:
            tx.connection.execute(insert(determination_pdf).values(row | changes))
    for stranger in (world.other_provider, world.other_commissioner):
        with pytest.raises(ProgrammingError, match="row-level security"), world.tx(stranger) as tx:
            tx.connection.execute(insert(determination_pdf).values(row))
    with world.tx(world.provider) as tx:
        tx.connection.execute(insert(determination_pdf).values(row))
    again: dict[str, Any] = {"number": number, "commissioner_id": world.other_commissioner.organisation}
    again |= {"added_at": world.now, "added_by": world.reviewer.user}
    others = (world.other_reviewer, world.commissioner, world.provider, world.operator)
    for actor, by in (*((each, each.user) for each in others), (world.reviewer, world.provider.user)):
        with pytest.raises(ProgrammingError, match="row-level security"), world.tx(actor) as tx:
            tx.connection.execute(insert(determination_recipient).values(again | {"added_by": by}))
    with world.tx(world.reviewer) as tx:
        tx.connection.execute(insert(determination_recipient).values(again))


def test_one_that_stands_is_issued_to_who_was_shared_with_since_and_stays_theirs(world: World) -> None:
    made, first = _issued(world)
    other = world.other_commissioner
    with world.tx(world.provider) as tx:
        life.share(tx, made.id, other.organisation, expected=assessments.get(tx, made.id).etag)
    for _ in range(2):
        assert _issue(world, made, expected=False) == first
    with world.tx(world.operator) as tx:
        query = select(audit_event.c.detail).where(audit_event.c.action == "determination.issued_again")
        assert tx.connection.scalars(query).all() == [{"commissioners": str(other.organisation)}]
    for commissioner in (other, world.commissioner):
        with world.tx(world.provider) as tx:
            etag = assessments.get(tx, made.id).etag
            life.end_share(tx, made.id, commissioner.organisation, expected=etag)
        with world.tx(commissioner) as tx:
            assert determinations.get(tx, first.number) == first, "it was issued to them"
            with pytest.raises(NotFound):
                assessments.get(tx, made.id)
    with world.tx(world.other_provider) as tx, pytest.raises(NotFound):
        determinations.get(tx, first.number)
