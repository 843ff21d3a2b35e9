from dataclasses import replace
from datetime import date

import pytest

from app.db.repositories import determinations as records
from app.db.repositories.determinations import IssuedRecord
from app.db.values import AssessmentRecord
from app.errors import Conflict
from app.loader.catalogue import Catalogue
from app.services import determinations, issued, issuing, life, packs
from app.services.reviews import Decision
from tests.services.world import World, document, response

DAY = date(2026, 3, 5)


def test_what_is_on_record_is_what_is_judged(world: World) -> None:
    made = world.assessment()
    world.put_document(made.service, document())
    world.put_response(made.id, response(documents=("doc-1",)))
    world.in_review(made)
    before = determinations.determine(world.catalogue, world.pack(made.id), as_of=DAY)
    world.decide(made.id, Decision("1.1", 1, "accepted"))
    after = determinations.determine(
        world.catalogue, world.pack(made.id, world.commissioner), as_of=DAY, rung="declared"
    )
    assert (before.compliance.evidenced, before.compliance.verified) == ("33.3", "0.0")
    assert (after.compliance.evidenced, after.compliance.verified) == ("33.3", "33.3")
    assert {gap.rung for gap in after.gaps} == {"declared"}


def test_a_rule_set_that_the_record_no_longer_fits_is_said_to_be(world: World) -> None:
    made = world.assessment()
    with pytest.raises(Conflict, match="no longer fits the rule set as it is loaded"):
        determinations.determine(Catalogue({}, {}, ()), world.pack(made.id), as_of=DAY)


def test_that_a_pack_fits_some_standards_says_nothing_of_others(world: World) -> None:
    """What was found sound is not looked at again, but only under the very same standards."""
    kept = world.pack(world.assessment().id)
    determinations.determine(world.catalogue, kept, as_of=DAY)
    with pytest.raises(Conflict, match="no longer fits the rule set as it is loaded"):
        determinations.determine(Catalogue({}, {}, ()), kept, as_of=DAY)
    determinations.determine(world.catalogue, kept, as_of=DAY)


def _issued(world: World, made: AssessmentRecord) -> tuple[IssuedRecord, bool]:
    with world.tx(world.reviewer) as tx:
        read = packs.assembled(tx, made.id).sha256
        return issuing.issue(tx, world.catalogue, world.press, made.id, expected=read)


def _completed(world: World, made: AssessmentRecord) -> AssessmentRecord:
    reviewing = world.in_review(made)
    with world.tx(world.reviewer) as tx:
        return life.complete(tx, made.id, expected=reviewing.etag)


def test_what_was_issued_is_read_when_its_rule_set_is_loaded_no_more(world: World) -> None:
    record, _ = _issued(world, _completed(world, world.assessment()))
    with world.tx(world.reviewer) as tx:
        content = records.content(tx, record.number)
        found = issued.drift(tx, world.catalogue, record, content)
        assert found is not None
        assert found.changes == ()
        assert issued.drift(tx, Catalogue({}, {}, ()), record, content) is None


def test_the_same_words_of_another_assessment_are_issued_anew(world: World) -> None:
    first = _completed(world, world.assessment())
    before, _ = _issued(world, first)
    assert _issued(world, first) == (before, False), "the same again to the byte is the one that stands"
    after, new = _issued(world, _completed(world, world.assessment(first.service)))
    assert (new, after.sha256, after.supersedes) == (True, before.sha256, before.number)


def test_a_determination_stands_through_its_last_day(world: World) -> None:
    record, _ = _issued(world, _completed(world, world.assessment()))
    ends = replace(record, summary=record.summary | {"valid_through": "2026-03-31"})
    assert issuing.currency(ends, date(2026, 3, 31)) == "current"
    assert issuing.currency(ends, date(2026, 4, 1)) == "lapsed"
    assert issuing.currency(replace(ends, superseded_by="SAF-"), date(2026, 3, 1)) == "superseded"
    assert issuing.currency(replace(record, summary={"valid_through": None}), date.max) == "current"
