"""What the database holds by itself of policies and of what was issued, asked in SQL as the service's role."""

import hashlib
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import ProgrammingError

from app.db.tables import determination_pdf, policy
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


def test_what_is_kept_as_a_pdf_is_one_and_is_found_by_its_own_hash(world: World) -> None:
    made = world.assessment()
    world.put_response(made.id, response())
    reviewing = world.in_review(made)
    with world.tx(world.reviewer) as tx:
        life.complete(tx, made.id, expected=reviewing.etag)
        read = packs.assembled(tx, made.id).sha256
        number = issuing.issue(tx, world.catalogue, world.press, made.id, expected=read)[0].number
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
