"""What was done behind the log's back, in SQL and by the superuser, is found (docs/record.md)."""

import re
from collections.abc import Callable, Iterator

import psycopg
import pytest

from app.db import chain
from app.db.address import conninfo
from app.db.chain import Noted
from app.db.embedded import DATABASE, EmbeddedDatabase
from app.db.integrity import Head, Verified, verify
from app.db.proven import PROVEN
from app.db.repositories import facts
from app.db.repositories.facts import NewFact
from app.db.repositories.subjects import of_service
from app.engine.canonical import sha256_of
from app.errors import BadInput, Unavailable
from app.services import assessments
from tests.services.world import World, document, response

UUID_PATTERN = re.compile(r"[0-9a-f-]{36}")
Meddled = Callable[..., tuple[str, ...]]


@pytest.fixture
def meddled(server: EmbeddedDatabase) -> Iterator[Meddled]:
    """What is found after SQL that the superuser ran with nothing in the way; afterwards it is as if never run."""
    with psycopg.connect(conninfo(server.superuser_url, dbname=DATABASE), autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")

        def run(*statements: str, expected: Head | None = None) -> tuple[str, ...]:
            with superuser.transaction(force_rollback=True):
                for statement in statements:
                    assert superuser.execute(statement.encode()).rowcount > 0, statement
                return verify(superuser, expected).findings

        yield run


def _verified(owner_url: str, expected: Head | None = None) -> Verified:
    with psycopg.connect(conninfo(owner_url)) as owner:
        return verify(owner, expected)


def _filled(world: World) -> World:
    assessment = world.assessment()
    world.put_document(assessment.service, document())
    with world.tx(world.provider) as tx:
        assessments.put_answer(tx, world.catalogue, assessment.id, "hours", "1.5", expected=None)
    world.put_response(assessment.id, response(narrative="Gwasanaeth ŵ", documents=("doc-1",)))
    world.submit(assessment)
    return world


def test_an_untouched_record_is_proven_and_its_head_can_be_expected_later(world: World, owner_url: str) -> None:
    assert _verified(owner_url, Head(0, chain.BEGINNING)).findings == ()
    before = _verified(owner_url)
    _filled(world)
    after = _verified(owner_url, before.head)
    assert (before.findings, after.findings) == ((), ())
    assert after.head.seq == before.head.seq + 6
    assert _verified(owner_url, Head.parse(str(after.head))) == after


def test_an_empty_log_has_a_head_too(owner_url: str) -> None:
    assert _verified(owner_url) == Verified(Head(0, chain.BEGINNING), ())


LAST = "(SELECT max(seq) FROM audit_event)"
CUT = f"DELETE FROM audit_event WHERE seq = {LAST}"  # noqa: S608  # a constant
COPY_ENTRY = (
    "INSERT INTO audit_event (seq, hash, id, at, organisation_id, actor, request_id, action, subject, detail, rows)"
    " SELECT (SELECT max(seq) + 1 FROM audit_event), hash, gen_random_uuid(), at, organisation_id, actor, request_id,"
    " action, subject, detail, '{}' FROM audit_event WHERE seq = 5"
)
COPY_FACT = (
    "INSERT INTO fact (id, provider_id, service_id, kind, key, version, body, recorded_at, recorded_by, request_id)"
    " SELECT gen_random_uuid(), provider_id, service_id, kind, 'x', version, body, recorded_at, recorded_by, request_id"
    " FROM fact WHERE kind = 'document'"
)
SWAP = tuple(f"UPDATE audit_event SET seq = {new} WHERE seq = {old}" for old, new in ((5, -5), (6, 5), (-5, 6)))  # noqa: S608

# What is done in SQL, and how each finding begins.
MEDDLING: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("UPDATE audit_event SET actor = gen_random_uuid() WHERE seq = 5",), ("entry 5 was changed",)),
    (("UPDATE audit_event SET at = at - interval '1 day' WHERE seq = 5",), ("entry 5 was changed",)),
    (("UPDATE audit_event SET detail = detail || '{\"x\": 1}' WHERE seq = 5",), ("entry 5 was changed",)),
    (("UPDATE audit_event SET hash = sha256(hash) WHERE seq = 5",), ("entry 5 was", "entry 6 was")),
    (
        ("DELETE FROM audit_event WHERE seq IN (5, 6)",),
        ("entries 5 to 6 are missing", "app_user {id} is on record, and no", "organisation {id} is on record, and no"),
    ),
    (("DELETE FROM audit_event WHERE seq = 1",), ("entry 1 is missing", "organisation {id} is on record, and no")),
    (SWAP, ("entry 5 was changed, or stands where another one stood", "entry 6 was", "entry 7 was")),
    ((COPY_ENTRY,), ("entry {next} was changed", "the head on record is entry {last}, and the last entry is {next}")),
    (("UPDATE fact SET body = body || '{\"title\": \"x\"}' WHERE kind = 'document'",), ("fact {id} is not as it was",)),
    (("UPDATE fact SET recorded_at = recorded_at - interval '1 s' WHERE kind = 'answer'",), ("fact {id} is not as",)),
    (("DELETE FROM fact WHERE kind = 'document'",), ("fact {id} is gone; entry {document} tells of it",)),
    ((COPY_FACT,), ("fact {id} is on record, and no entry tells of it",)),
    (("UPDATE assessment SET rule_set_version = '2'",), ("assessment {id} is not as it was recorded",)),
    (("UPDATE service SET created_at = created_at + interval '1 s'",), ("service {id} is not as it was recorded",)),
    (
        (CUT,),
        (
            "the head on record is entry {last}, and the last entry is {before}",
            "fact {id} is on record, and no",
            *("handed_in {id}/{id} is on record, and no",) * 5,
            "share {id}/{id}/1 is on record, and no",
        ),
    ),
)


def test_what_was_changed_taken_out_put_in_or_moved_is_found(world: World, owner_url: str, meddled: Meddled) -> None:
    _filled(world)
    last = _verified(owner_url).head.seq
    numbers = {"last": last, "next": last + 1, "before": last - 1, "document": last - 3}
    for statements, beginnings in MEDDLING:
        findings = meddled(*statements)
        assert len(findings) == len(beginnings), findings
        for finding, beginning in zip(findings, beginnings, strict=True):
            assert UUID_PATTERN.sub("{id}", finding).startswith(beginning.format(**numbers, id="{id}")), findings
    assert meddled() == ()


def test_a_tail_that_was_cut_off_with_all_that_it_told_of_is_found_by_the_head_that_was_kept(
    world: World, owner_url: str, meddled: Meddled
) -> None:
    _filled(world)
    kept = _verified(owner_url).head
    move = f"UPDATE audit_head SET seq = {LAST}, hash = (SELECT hash FROM audit_event WHERE seq = {LAST})"  # noqa: S608
    cut = (
        "DELETE FROM share",
        "DELETE FROM handed_in",
        "DELETE FROM fact WHERE kind = 'assessment' AND version = 2",
        CUT,
        move,
    )
    assert meddled(*cut) == ()
    [finding] = meddled(*cut, expected=kept)
    assert finding == f"the log ends at entry {kept.seq - 1}; entry {kept.seq} is expected and missing"


def test_a_log_that_was_written_anew_is_found_by_the_head_that_was_kept(world: World, owner_url: str) -> None:
    _filled(world)
    head = _verified(owner_url).head
    [finding] = _verified(owner_url, Head(head.seq - 1, head.hash)).findings
    assert finding == f"entry {head.seq - 1} has another hash than the one expected: the log was written anew"


def test_a_change_that_no_entry_tells_of_is_not_kept(world: World) -> None:
    service = world.service()
    with pytest.raises(RuntimeError, match="without an entry in the audit log: fact/"), world.tx(world.provider) as tx:
        facts.append(tx, of_service(tx, service.id), [NewFact("document", "x", 1, {})], tx.now)
    with world.tx(world.provider) as tx:
        assert facts.newest(tx, of_service(tx, service.id), "document", "x") is None


def test_only_who_sees_every_row_can_prove_anything(database_url: str) -> None:
    with pytest.raises(Unavailable, match="'safonau_app' does not own the tables"):
        _verified(database_url)


@pytest.mark.parametrize("text", ["", "5", "x:" + "0" * 64, "5:abc", "-1:" + "0" * 64, "5:" + "0" * 62])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is not the head of an audit log"):
        Head.parse(text)


def test_a_column_that_is_null_is_no_part_of_the_proof() -> None:
    noted = Noted()
    row = dict.fromkeys(PROVEN["fact"].columns)
    noted.row("fact", row | {"id": 1})
    assert noted.rows == {"fact/1": sha256_of({"id": 1})}
