"""Every table of the record is proven, row by row and column by column: SQL behind the log's back is found."""

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
from alembic.script import ScriptDirectory
from psycopg import sql
from psycopg.rows import dict_row
from sqlalchemy import NullPool, create_engine

from app.clients.objects import ObjectStore
from app.db import migrate
from app.db.address import conninfo
from app.db.embedded import DATABASE, EmbeddedDatabase
from app.db.integrity import verify
from app.db.proven import PROVEN, proven_at, row_key
from app.db.repositories import assessments
from app.db.repositories.partners import AnswersFor
from app.db.tables import metadata
from app.db.values import NewUpload
from app.engine.policy import Policy
from app.services import checks, clients, erasure, issued, issuing, life, packs, partners, policies, uploads
from tests.services.world import TINY, World, document, response

# What no entry proves, and why.
NOT_PROVEN = {
    "audit_event": "it is the chain",
    "audit_head": "it is compared with the last entry",
    "calendar_feed": "how a calendar program reads",
    "idempotency": "replies, kept for hours",
    "invitation": "an e-mail address, which can be erased; whoever accepts becomes a user, who is proven",
    "portfolio": "worked out from the record, and can be again",
    "refresh_token": "how somebody goes on who signed in",
    "second_factor": "how somebody signs in",
    "sector_count": "worked out from the record, and can be again",
    "sector_quarter": "worked out from the record, and can be again",
    "service_clock": "it only rises; the instants of the facts themselves are proven",
    "session": "how somebody signs in",
    "sign_in_attempt": "forgotten with the next success",
    "used_assertion": "forgotten once the token has run out",
}
LEFT_OUT = {"app_user": {"email", "name", "password_hash"}}  # who somebody is, so that it can be erased
SHA256 = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
# Another value than the one there is, by type.
OTHERWISE = {
    "bigint": "{0} + 1000",
    "boolean": "NOT {0}",
    "bytea": "{0} || '\\x00'::bytea",
    "integer": "{0} + 1000",
    "jsonb": "jsonb_build_array({0})",
    "text": "coalesce({0}, '') || 'x'",
    "text[]": "array_append({0}, 'x')",
    "timestamp with time zone": "{0} + interval '1 microsecond'",
    "uuid": "gen_random_uuid()",
    "uuid[]": "array_append({0}, gen_random_uuid())",
}


def test_every_table_and_every_column_is_proven_or_has_a_reason_not_to_be() -> None:
    assert PROVEN.keys() | NOT_PROVEN.keys() == metadata.tables.keys()
    assert not PROVEN.keys() & NOT_PROVEN.keys()
    for name, proof in PROVEN.items():
        table = metadata.tables[name]
        assert proof.key == tuple(column.name for column in table.primary_key), name
        assert {*proof.columns} | LEFT_OUT.get(name, set()) == {column.name for column in table.columns}, name
        assert proof.key == proof.columns[: len(proof.key)], name


def test_a_database_of_an_older_revision_is_held_to_what_was_proven_then() -> None:
    assert proven_at("0021") == ("assessment", "fact", "service")
    assert set(proven_at("0023")) == set(PROVEN) - {"determination_recipient"}
    assert set(proven_at(None)) == set(proven_at("0030")) == set(PROVEN)


def _filled(world: World) -> None:
    """At least one row in every table that is proven."""
    made = world.assessment()
    store = ObjectStore.in_memory()
    store.put(world.provider.organisation, SHA256, io.BytesIO(b"hello\n"))
    scan = {"antivirus": "clean", "text": "whole", "findings": [{"kind": "email", "place": 1}], "more": False}
    with world.tx(world.provider) as tx:
        uploads.record(tx, store, NewUpload(SHA256, 6, "text/plain", scan))
        uploads.acknowledge(tx, SHA256, expected="1")
    with world.tx(world.provider) as tx:
        said = (AnswersFor(rule_set=TINY, requirements=("1.1",)),)
        partners.name(tx, world.catalogue, made.service, world.other_provider.organisation, said, expected=None)
    world.put_document(made.service, document(sha256=SHA256))
    world.put_response(made.id, response(narrative="Tŷ", documents=("doc-1",)))
    reviewed = world.in_review(made)
    with world.tx(world.reviewer) as tx:
        life.complete(tx, made.id, expected=reviewed.etag)
    with world.tx(world.reviewer) as tx:
        read = packs.assembled(tx, made.id).sha256
        number = issuing.issue(tx, world.catalogue, world.press, made.id, expected=read)[0].number
        assert issued.kept_pdf(tx, number, "en", b"%PDF-1") == b"%PDF-1"
        assert issued.kept_pdf(tx, number, "en", b"%PDF-2") == b"%PDF-1"
    with world.tx(world.provider) as tx:
        etag = assessments.get(tx, made.id).etag
        life.share(tx, made.id, world.other_commissioner.organisation, expected=etag)
    with world.tx(world.reviewer) as tx:
        assert not issuing.issue(tx, world.catalogue, world.press, made.id, expected=read)[1]
    with world.tx(world.commissioner) as tx:
        policy = policies.create(tx, world.catalogue, Policy(name="Ours", rule_set="tiny"))
        asked = checks.Question(made.id, date(2026, 3, 5), None)
        checks.check(tx, world.catalogue, world.press, policy, asked)
    with world.tx(world.provider) as tx:
        organisation = world.provider.organisation
        program = clients.create(tx, name="Ours", organisation=organisation, role="provider_editor", scope="read")
        clients.give_secret(tx, program.id, "a hash", expected=program.etag)
    with world.tx(world.operator) as tx:
        erasure.erase_user(tx, world.other_reviewer.user)


@pytest.fixture
def behind(world: World, server: EmbeddedDatabase) -> Iterator[psycopg.Connection[Any]]:
    """The filled record in the hands of somebody who is held by nothing."""
    _filled(world)
    with psycopg.connect(conninfo(server.superuser_url, dbname=DATABASE), autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        yield superuser


def test_whatever_is_changed_taken_out_or_put_in_is_found_in_every_table(
    behind: psycopg.Connection[Any], owner_url: str
) -> None:
    for table in PROVEN:
        with behind.transaction(force_rollback=True):
            assert verify(behind).findings == ()
            _release(behind, table)
            _meddle(behind, table)
    # What was there before it the migration proves in the same way.
    module = ScriptDirectory.from_config(migrate.config(owner_url)).get_revision("0022").module
    query = "SELECT one.key, one.value FROM audit_event, jsonb_each_text(rows) AS one ORDER BY seq"
    proofs = dict(behind.execute(query).fetchall())
    engine = create_engine(owner_url, poolclass=NullPool)
    with engine.connect() as connection:
        assert module._rows(connection) == {  # noqa: SLF001  # what is under test
            key: value for key, value in proofs.items() if key.partition("/")[0] in module.PROVEN
        }
    assert {*module.PROVEN} == {*proven_at("0022")} - {*proven_at("0021")}


def _release(behind: psycopg.Connection[Any], table: str) -> None:
    """Take away, until it is rolled back, what would refuse a value by itself."""
    query = "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'"
    for (name,) in behind.execute(query, [table]).fetchall():
        behind.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.Identifier(table), sql.Identifier(name)))


def _meddle(behind: psycopg.Connection[Any], table: str) -> None:
    proof, name = PROVEN[table], sql.Identifier(table)
    keys = sql.SQL(", ").join(map(sql.Identifier, proof.key))
    first = sql.SQL("(SELECT ctid FROM {} ORDER BY {} LIMIT 1)").format(name, keys)
    with behind.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(sql.SQL("SELECT * FROM {} WHERE ctid = {}").format(name, first)).fetchone()
    assert row is not None, f"nothing was recorded in {table}"
    known = row_key(table, row).replace("/", " ", 1)

    def after(statement: sql.Composed) -> list[str]:
        with behind.transaction(force_rollback=True):
            assert behind.execute(statement).rowcount == 1
            return list(verify(behind).findings)

    types = behind.execute(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0",
        [table],
    ).fetchall()
    for column, kind in types:
        value = sql.SQL(OTHERWISE[kind]).format(sql.Identifier(column))
        change = sql.SQL("UPDATE {} SET {} = {} WHERE ctid = {}").format(name, sql.Identifier(column), value, first)
        findings = after(change)
        if column in LEFT_OUT.get(table, ()):
            assert findings == [], (table, column)
        elif column in proof.key:
            assert len(findings) == 2, (table, column)
            assert any(found.startswith(f"{known} is gone; entry ") for found in findings), (table, column)
            assert any(found.endswith("is on record, and no entry tells of it") for found in findings), (table, column)
        else:
            assert findings == [f"{known} is not as it was recorded"], (table, column)
    [gone] = after(sql.SQL("DELETE FROM {} WHERE ctid = {}").format(name, first))
    assert gone.startswith(f"{known} is gone; entry ")
