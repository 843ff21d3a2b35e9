"""Many packs: beside other rule engines, in two processes, and for so long that a leak would show."""

import gc
import os
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import psutil

from app.engine.evaluate import evaluate, glance
from app.engine.pack import Pack
from app.engine.rules import Crosswalk, RuleSet
from app.loader.catalogue import load
from tests.benchmarks.large import large_pack
from tests.benchmarks.peers import PEERS, Rules, claiming_pack, facts_of, ours
from tests.benchmarks.timing import interleaved, table
from tests.engine import small
from tests.packs import DAY

ROOT = Path(__file__).resolve().parents[2]
RULE_SET = ("wales-perpetrator-services", "2018.1")
PACKS = 10_000
CORES = 2
AT_ONCE = 50
ALONE = 400  # packs judged in one process, before and after the pool
DIFFERENT = 20
EVERY = 100  # one of so many evaluations is of the large pack


def peers() -> None:
    """Whether each requirement applies and its tree holds, said by other rule engines; ours with all that it does."""
    print(
        "They are given ready: facts as JSON, which document is replaced, the day so many months back. Ours does more:"
    )
    print(
        "it reads the pack, declarations, reviews, certificates and programmes, and adds scores, progress and status."
    )
    rule_set = load(ROOT / "standards").rule_set(*RULE_SET)
    pack = claiming_pack(rule_set)
    facts, rules = facts_of(rule_set, pack), Rules(rule_set, DAY)
    work = {name: make(rules, facts) for name, make in PEERS.items()}
    expected = ours(rule_set, pack, DAY)
    for name, peer in work.items():
        if peer() != expected:
            raise SystemExit(f"{name} does not give our verdicts")
    print(f"{len(expected)} verdicts on {len(pack.documents)} documents, the same from all")
    own = "glance(): status and scores, from the pack"
    fast = {own: lambda: glance(rule_set, (), pack, DAY)}
    slow = {name: work.pop(name) for name in ["cel-python"]}
    zen = work["zen-engine"]
    made = {"zen-engine, its facts made from the pack": lambda: (facts_of(rule_set, pack), zen())}
    print(table(interleaved({**fast, **work, **made}), yardstick=own))
    print(table(interleaved({**fast, **slow}, rounds=3, warm_up=1), yardstick=own))


def pool() -> None:
    """10,000 packs read from JSON and judged, in two processes and in one; the rules are read once in each."""
    one = _rate_alone()
    started = time.perf_counter()
    with ProcessPoolExecutor(CORES, mp_context=get_context("spawn"), initializer=_ready) as processes:
        met = sum(processes.map(_judge, range(PACKS), chunksize=AT_ONCE))
    rate = PACKS / (time.perf_counter() - started)
    one = (one + _rate_alone()) / 2
    print(f"{os.cpu_count()} cores here; {PACKS:,} packs, of which {met:,} meet nothing less than everything")
    print(f"{'one process':44}{one:9.1f} packs a second")
    print(f"{f'{CORES} processes, their start included':44}{rate:9.1f} packs a second")
    print(f"{f'of {CORES} times one process':44}{rate / one / CORES:9.0%}")


def _rate_alone() -> float:
    _ready()
    started = time.perf_counter()
    for number in range(ALONE):
        _judge(number)
    return ALONE / (time.perf_counter() - started)


@cache
def _ready() -> tuple[RuleSet, tuple[Crosswalk, ...], tuple[bytes, ...]]:
    """The rules, and packs that differ in how many of their responses have been given."""
    catalogue = load(ROOT / "standards")
    rule_set = catalogue.rule_set(*RULE_SET)
    whole = large_pack(rule_set)
    packs = (whole.replace(responses=whole.responses[number:]) for number in range(DIFFERENT))
    return rule_set, catalogue.crosswalks_for(rule_set), tuple(pack.model_dump_json().encode() for pack in packs)


def _judge(number: int) -> bool:
    rule_set, crosswalks, packs = _ready()
    pack = Pack.model_validate_json(packs[number % DIFFERENT])
    return glance(rule_set, crosswalks, pack, DAY).status.evidenced == "meets"


def memory(evaluations: int) -> None:
    """Memory of this process over many evaluations of packs that are read anew: most small, one in a hundred large."""
    rule_set, crosswalks, packs = _ready()
    little = small.rule_set(small.requirement(), small.requirement("1.2", small.says()))
    document = small.pack(**small.ACCEPTED).normal_form
    process = psutil.Process()

    def work(number: int) -> None:
        if number % EVERY:
            evaluate(little, (), Pack.model_validate(document), DAY)
        else:
            evaluate(rule_set, crosswalks, Pack.model_validate_json(packs[number // EVERY % DIFFERENT]), DAY)

    for number in range(10 * EVERY):
        work(number)
    points = {evaluations * part // 4 for part in range(5)}
    started = time.perf_counter()
    print(f"{'evaluations':>12}{'resident MB':>14}{'objects':>12}{'seconds':>10}")
    for number in range(evaluations + 1):
        if number in points:
            gc.collect()
            resident = process.memory_info().rss / 2**20
            print(f"{number:12,}{resident:14.1f}{len(gc.get_objects()):12,}{time.perf_counter() - started:10.0f}")
        work(number)
