"""The benchmarks that the issues name, with ratios from one run: ``scripts/bench [NAME …]``."""

import argparse
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from app.engine.evaluate import evaluate, glance
from app.engine.pack import Pack
from app.loader.catalogue import load
from tests.benchmarks import many
from tests.benchmarks.http import http
from tests.benchmarks.large import large_pack
from tests.benchmarks.portfolio import portfolio
from tests.benchmarks.straight_line import straight_line_scores
from tests.benchmarks.timing import interleaved, machine, table
from tests.packs import DAY

ROOT = Path(__file__).resolve().parents[2]
ROUNDS, WARM_UP = 100, 5
RULE_SET = ("wales-perpetrator-services", "2018.1")


def engine() -> None:
    """One determination of a large pack, beside straight-line code that gives the scores alone."""
    catalogue = load(ROOT / "standards")
    rule_set = catalogue.rule_set(*RULE_SET)
    crosswalks = tuple(catalogue.crosswalks_for(rule_set))
    pack = large_pack(rule_set)
    document = json.dumps(pack.normal_form).encode()
    print(
        f"{len(rule_set.requirements)} requirements, {len(pack.documents)} documents, "
        f"{len(pack.accreditations)} accreditations, {len(pack.reviews)} reviews"
    )

    def anew(work: Callable[[], object]) -> Callable[[], object]:
        """The same with nothing left of what was laid out under the rule set before."""

        def cleared() -> object:
            pack.benches.clear()
            return work()

        return cleared

    supply = [Pack.model_validate_json(document) for _ in range(ROUNDS + WARM_UP)]
    timings = interleaved(
        {
            "straight-line scores": lambda: straight_line_scores(rule_set, crosswalks, pack, DAY),
            "glance(): status and scores alone": anew(lambda: glance(rule_set, crosswalks, pack, DAY)),
            "evaluate(): the whole determination": anew(lambda: evaluate(rule_set, crosswalks, pack, DAY)),
            "evaluate() of a pack just read": lambda: evaluate(rule_set, crosswalks, supply.pop(), DAY),
            "glance() of a pack judged before": lambda: glance(rule_set, crosswalks, pack, DAY),
            "evaluate() of a pack judged before": lambda: evaluate(rule_set, crosswalks, pack, DAY),
            "its canonical bytes": lambda: evaluate(rule_set, crosswalks, pack, DAY).canonical,
            "reading the pack from JSON": lambda: Pack.model_validate_json(document),
        },
        rounds=ROUNDS,
        warm_up=WARM_UP,
    )
    print(table(timings, yardstick="straight-line scores"))


def start() -> None:
    """From ``scripts/run`` on a machine that has run it before to the first answered request."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        for attempt in ("first run (environment there, database made)", "second run"):
            print(f"{attempt:44}{_first_answer(Path(folder) / 'data'):9.2f} s")


def _first_answer(data: Path) -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = time.monotonic()
    command = ["sh", str(ROOT / "scripts" / "run"), "--port", str(port), "--data-dir", str(data)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as server:
        try:
            while not _answers(f"http://127.0.0.1:{port}/health/ready"):
                if server.poll() is not None or time.monotonic() - started > 120:
                    sys.exit(f"the service did not start:\n{server.stderr.read() if server.stderr else ''}")
                time.sleep(0.02)
            return time.monotonic() - started
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310  # our own address on this machine
            return int(answer.status) == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


EVALUATIONS = 20_000
BENCHMARKS: dict[str, Callable[..., None]] = {
    "engine": engine,
    "start": start,
    "peers": many.peers,
    "pool": many.pool,
    "memory": many.memory,
    "portfolio": portfolio,
    "http": http,
}


def main() -> None:
    """Run the benchmarks named on the command line, or all of them."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], help="which benchmarks to run; all by default")
    parser.add_argument("--evaluations", type=int, default=EVALUATIONS, help="how many `memory` does")
    arguments = parser.parse_args()
    chosen = arguments.names or list(BENCHMARKS)
    print(machine())
    for name in chosen:
        print(f"\n{name}: {BENCHMARKS[name].__doc__}")
        BENCHMARKS[name](*([arguments.evaluations] if name == "memory" else []))


if __name__ == "__main__":
    main()
