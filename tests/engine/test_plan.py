"""A rule set is compiled once, for every pack and every thread."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from app.engine.evaluate import evaluate
from app.engine.plan import plans
from app.engine.rules import Crosswalk, RuleSet
from tests.engine.small import (
    ACCEPTED,
    DAY,
    SHOWN,
    answer,
    certificate,
    crosswalk,
    full,
    pack,
    partial,
    requirement,
    response,
    rule_set,
    says,
    shows,
)

THREADS = 4


def test_a_rule_set_and_its_crosswalks_are_compiled_once() -> None:
    rules, known = rule_set(), (crosswalk(),)
    assert plans(rules, known) is plans(rules, known)
    assert plans(rules, known) is plans(rule_set(), (crosswalk(),)), "what says the same is the same"
    assert plans(rules, known) is not plans(rules, ())


def test_threads_share_what_was_compiled_and_get_the_bytes_that_one_gets() -> None:
    """All of them begin with a rule set that nobody has read a tree of yet."""

    def rules() -> tuple[RuleSet, tuple[Crosswalk, ...]]:
        tree = {"all": [{"any": [shows(leaf="a"), shows("record", leaf="b")]}, says("integer", leaf="c", at_least=3)]}
        return rule_set(requirement("1.1"), requirement("1.2", tree), requirement("1.3", tree)), (
            crosswalk(full("1.1"), partial("a", name="1.2")),
        )

    packs = [
        pack(**SHOWN),
        pack(**ACCEPTED, accreditations=[certificate()]),
        pack(answers=[answer(3, "integer")], responses=[response(name="1.2"), response(name="1.3")]),
        pack(accreditations=[certificate(verified_on=None, verified_by=None)]),
    ]
    alone, known = rules()
    expected = [evaluate(alone, known, item, DAY).canonical for item in packs]
    plans.cache_clear()
    shared, known = rules()
    ready = Barrier(THREADS)

    def judge(turn: int) -> list[bytes]:
        ready.wait(timeout=30)
        order = [*range(turn, len(packs)), *range(turn)]
        found = {index: evaluate(shared, known, packs[index], DAY).canonical for index in order}
        return [found[index] for index in range(len(packs))]

    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(judge, range(THREADS))) == [expected] * THREADS
