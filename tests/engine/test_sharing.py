"""One compiled rule set for everybody: shared by threads, and nothing is kept of what it judged (semantics.md 1)."""

import gc
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from app.engine.evaluate import evaluate, glance
from app.engine.pack import Pack
from app.engine.plan import plans
from app.engine.rules import Crosswalk, RuleSet
from app.engine.values import Text
from tests.engine import small
from tests.engine.small import DAY, Json

THREADS = 8
SMALL_CHANGE = 20_000  # bytes; less than was made for the packs of one round


def rules() -> tuple[RuleSet, tuple[Crosswalk, ...]]:
    """A rule set that nobody has judged by yet, so that whatever it keeps is still to be made."""
    either = {"any": [small.says(leaf="yes"), small.shows(leaf="doc")]}
    made = small.rule_set(
        small.requirement(),
        small.requirement("1.2", either, concerns="programme", applies_when=small.states("boolean", is_=True)),
        small.requirement("2.1", small.shows("record", max_age_months=6), obligation="should"),
    )
    return made, (small.crosswalk(small.full(), small.partial("doc", name="1.2")),)


def documents() -> list[Json]:
    """Packs that differ in what is linked, answered, certified and reviewed."""
    shown = {
        "documents": [small.document(), small.document("doc-2", "record", valid_until="2026-06-30")],
        "responses": [small.response("doc-1"), small.response("doc-2", name="2.1")],
    }
    parts: list[Json] = [{}, shown, shown | small.ACCEPTED, {"accreditations": [small.certificate()]}]
    parts += [part | {"answers": [small.answer(value=True)]} for part in parts]
    return [
        small.pack(programmes=[small.programme(), small.programme("prog-b", boolean=False)], **part).normal_form
        for part in parts
    ]


def said(rule_set: RuleSet, crosswalks: tuple[Crosswalk, ...], document: Json) -> bytes:
    return judged(rule_set, crosswalks, Pack.model_validate(document))


def judged(rule_set: RuleSet, crosswalks: tuple[Crosswalk, ...], pack: Pack) -> bytes:
    return evaluate(rule_set, crosswalks, pack, DAY).canonical + repr(glance(rule_set, crosswalks, pack, DAY)).encode()


def test_a_rule_set_compiled_once_and_packs_are_shared_by_threads() -> None:
    """semantics.md 1: the same inputs give the same bytes, whoever else asks at that moment."""
    expected = [said(*rules(), document) for document in documents()]
    assert len(set(expected)) == len(expected)
    plans.cache_clear()  # so that all of them make it ready at once
    shared, start = rules(), Barrier(THREADS)
    packs = [Pack.model_validate(document) for document in documents()]

    def work(first: int) -> list[bytes]:
        start.wait()
        order = [*range(first, len(expected)), *range(first)]  # all of them at once, each in another order
        found = {number: said(*shared, documents()[number]) for number in order}
        assert found == {number: judged(*shared, packs[number]) for number in order}
        return [found[number] for number in range(len(expected))]

    with ThreadPoolExecutor(THREADS) as threads:
        assert list(threads.map(work, range(THREADS))) == [expected] * THREADS


def test_versions_are_compared_by_their_hashes() -> None:
    """Else a second catalogue in the same process would make each judgement go through both, statement by statement."""
    (one, walks), (other, others) = rules(), rules()
    assert one == other
    assert walks == others
    assert plans(one, walks) is plans(other, others)
    changed = one.replace(note=Text(en="Another."))
    assert changed != one
    assert changed != walks[0]
    assert hash(changed) == hash(one), "it is by the name alone"
    assert walks[0].replace(note=Text(en="Another.")) != walks[0]
    assert one != "example"
    other.__dict__["sha256"] = "0" * 64
    assert one != other, "nothing else is looked at"


def test_a_judged_pack_is_let_go_of_at_once() -> None:
    """What is laid out of a pack leads back to no part of itself, so that no garbage has to be looked for."""
    shared, given = rules(), documents()
    said(*shared, given[-1])
    gc.collect()
    gc.disable()
    try:
        said(*shared, given[-1])
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_nothing_is_kept_of_a_pack_that_was_judged() -> None:
    """``scripts/bench memory`` does this a million times."""
    shared, given = rules(), documents()
    tracemalloc.start()
    try:
        sizes = []
        for _ in range(3):  # what is made once, is made in the first round
            for number in range(16):
                said(*shared, given[number % len(given)])
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert sizes[2] - sizes[1] < SMALL_CHANGE
