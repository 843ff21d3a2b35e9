"""Timing one function against another in the same process and the same minute."""

import gc
import platform
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one call: the best, the median and the 95th percentile of the rounds.

    ``processor`` is the median of the processor's time, in all threads of this process: what waiting for a busy machine
    does not add to.
    """

    name: str
    best: float
    median: float
    p95: float
    processor: float


def interleaved(
    functions: dict[str, Callable[[], object]], *, rounds: int = 200, warm_up: int = 5, in_a_row: int = 1
) -> list[Timing]:
    """Time the functions in turn, A B A B, so that a machine that slows down slows all of them.

    Each is called so many times ``in_a_row``: what one leaves in the processor's caches, the next one does not find.

    What was made before is put out of the garbage collector's sight, as the service does once it has loaded.
    """
    for function in functions.values():
        for _ in range(warm_up):
            function()
    gc.collect()
    gc.freeze()
    taken: dict[str, list[float]] = {name: [] for name in functions}
    worked: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            for _ in range(in_a_row):
                processor, started = time.process_time_ns(), time.perf_counter_ns()
                function()
                taken[name].append((time.perf_counter_ns() - started) / 1e6)
                worked[name].append((time.process_time_ns() - processor) / 1e6)
    gc.unfreeze()
    return [_timing(name, sorted(taken[name]), worked[name]) for name in functions]


def _timing(name: str, values: list[float], worked: list[float]) -> Timing:
    median, p95 = statistics.median(values), values[int(len(values) * 0.95)]
    return Timing(name, values[0], median, p95, statistics.median(worked))


def table(timings: Iterable[Timing], *, yardstick: str) -> str:
    """A table with the ratios of each median, and of the processor's time, to those of ``yardstick``."""
    found = list(timings)
    one = next(item for item in found if item.name == yardstick)
    lines = [f"{'':44}{'best ms':>9}{'median':>9}{'p95':>9}{'ratio':>8}{'processor':>11}{'ratio':>8}"]
    lines += [
        f"{item.name:44}{item.best:9.3f}{item.median:9.3f}{item.p95:9.3f}{item.median / one.median:8.2f}"
        f"{item.processor:11.3f}{item.processor / one.processor:8.2f}"
        for item in found
    ]
    return "\n".join(lines)


def machine() -> str:
    """What the figures were taken on."""
    return f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}"
