"""Many packs: beside other rule engines, in two processes, and for so long that a leak would show."""

import gc
import os
import time
from collections.abc import Callable
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
from tests.benchmarks.peers import PEERS, Peer, Rules, claiming_pack, conditions_alone, facts_of, ours
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
FRESH = 60  # rounds with a pack that nobody has looked at yet
WARM_UP = 5
EVERY = 100  # one of so many evaluations is of the large pack


def peers() -> None:
    """Whether each requirement applies and its tree holds, said by other rule engines and by ours."""
    rule_set = load(ROOT / "standards").rule_set(*RULE_SET)
    pack = claiming_pack(rule_set)
    facts, rules = facts_of(rule_set, pack), Rules(rule_set, DAY)
    work = {name: make(rules, facts) for name, make in PEERS.items()}
    work["ours, conditions alone"] = lambda: conditions_alone(rule_set, pack, DAY)
    expected = ours(rule_set, pack, DAY)
    for name, peer in work.items():
        if peer() != expected:
            raise SystemExit(f"{name} does not give our verdicts")
    print(f"{len(expected)} verdicts on {len(pack.documents)} documents, the same from all")
    slow = {name: work.pop(name) for name in ["cel-python"]}
    own = "ours, conditions alone"
    print("\nWith everything ready. For them: facts as JSON, which document is replaced, the day so many months back.")
    print("For ours: the pack laid out. Ours looks at declarations, reviews and programmes as well.")
    print(table(interleaved({own: work.pop(own), **work}), yardstick=own))
    print(table(interleaved({own: lambda: conditions_alone(rule_set, pack, DAY), **slow}, rounds=3), yardstick=own))
    print("\nFrom a pack just read. Ours adds scores, progress and status.")
    document, own, supply = pack.model_dump_json(), "glance()", list[Pack]()
    every: dict[str, Callable[[], object]] = {own: lambda: glance(rule_set, (), supply.pop(), DAY)}
    every |= {name: _from_the_pack(rule_set, supply, peer) for name, peer in work.items()}
    supply += [Pack.model_validate_json(document) for _ in range(len(every) * (FRESH + WARM_UP))]
    print(table(interleaved(every, rounds=FRESH, warm_up=WARM_UP), yardstick=own))


def _from_the_pack(rule_set: RuleSet, supply: list[Pack], judge: Peer) -> Callable[[], object]:
    """What a peer does with the next pack: make its facts, and judge (the same facts, made before)."""
    return lambda: (facts_of(rule_set, supply.pop()), judge())


def pool() -> None:
    """10,000 packs read from JSON and judged, in two processes and in one; the rules are read once in each.

    By the clock only an idle machine can tell. What share of the processor time goes into judging (the rest into
    starting processes, reading the rules and passing packs on) hardly depends on what else it does.
    """
    one = _rate_alone()
    started, spent = time.perf_counter(), _processor_time()
    with ProcessPoolExecutor(CORES, mp_context=get_context("spawn"), initializer=_ready) as processes:
        found = list(processes.map(_timed, range(PACKS), chunksize=AT_ONCE))
    rate, spent = PACKS / (time.perf_counter() - started), _processor_time() - spent
    one = (one + _rate_alone()) / 2
    met, judging = sum(meets for meets, _ in found), sum(taken for _, taken in found)
    print(f"{os.cpu_count()} cores here; {PACKS:,} packs, of which {met:,} meet nothing less than everything")
    print(f"{'one process':44}{one:9.1f} packs a second")
    print(f"{f'{CORES} processes, their start included':44}{rate:9.1f} packs a second")
    print(f"{f'of {CORES} times one process':44}{rate / one / CORES:9.0%}")
    print(f"{'of the processor time, for judging':44}{judging / spent:9.0%}")


def _rate_alone() -> float:
    _ready()
    started = time.perf_counter()
    for number in range(ALONE):
        _judge(number)
    return ALONE / (time.perf_counter() - started)


def _timed(number: int) -> tuple[bool, float]:
    """What is found of a pack, and the processor time that it takes, in seconds."""
    started = time.process_time()
    return _judge(number), time.process_time() - started


def _processor_time() -> float:
    """Of this process and of those it has waited for, in seconds."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


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
