"""What lapses ahead over many services, while the record goes on."""

from dataclasses import replace
from datetime import date

from app.db.portfolio import Candidate, Entry
from app.db.values import AssessmentRecord
from app.services import life, outlook
from app.services.portfolio import judge
from tests.services.world import World, document, response

TODAY, UNTIL = date(2026, 3, 1), date(2027, 3, 1)


def _entry(world: World, made: AssessmentRecord) -> Entry:
    with world.tx(world.commissioner) as tx:
        found = judge(tx, world.catalogue, Candidate(made.id, made.service, made.provider, made.rule_set), as_of=TODAY)
    assert found is not None
    return found.entry


def test_what_is_no_longer_shared_is_left_out_and_what_cannot_change_is_not_judged_again(world: World) -> None:
    made = world.assessment()
    world.put_document(made.service, document(valid_until=date(2026, 6, 30)))
    world.put_response(made.id, response(documents=("doc-1",)))
    lapsing, ended, lasting = (world.submit(each) for each in (made, world.assessment(), world.assessment()))
    entries = [_entry(world, each) for each in (lapsing, ended, lasting)]
    assert [entry.valid_through < UNTIL for entry in entries] == [True, False, False]
    entries[1] = replace(entries[1], valid_through=TODAY)
    with world.tx(world.provider) as tx:
        for each in (ended, lasting):  # nothing is read of what cannot change
            life.end_share(tx, each.id, world.commissioner.organisation, expected=each.etag)

    found = list(
        outlook.outlooks(world.catalogue, entries, lambda: world.tx(world.commissioner), as_of=TODAY, until=UNTIL)
    )
    assert [(item.entry.assessment, [turn.on for turn in item.turns]) for item in found] == [
        (lapsing.id, [date(2026, 7, 1)]),
        (lasting.id, []),
    ]


def test_what_fits_its_rule_set_no_more_says_so_and_those_after_it_are_told(world: World) -> None:
    made = world.assessment()
    world.put_document(made.service, document(valid_until=date(2026, 6, 30)))
    world.put_response(made.id, response(documents=("doc-1",)))
    entry = _entry(world, world.submit(made))
    without = replace(world.catalogue, rule_sets={})
    entries = (entry, replace(entry, valid_through=UNTIL))

    first, second = outlook.outlooks(without, entries, lambda: world.tx(world.commissioner), as_of=TODAY, until=UNTIL)
    assert (str(first.entry.problem).partition(":")[0], first.turns) == (
        "The record no longer fits the rule set as it is loaded",
        (),
    )
    assert second.entry.problem is None
