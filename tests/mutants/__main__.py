"""Mutation testing, module by module: ``scripts/mutants app/engine/score.py``; without a module, of all the engine.

Each small change of a module is tried in a process of its own, forked from one that has collected the tests. Those
that run the changed statement run again until one fails: first the ones that noticed an earlier change of the same
function, then the quickest. A change that no test notices has survived. It must be listed in
``tests/mutants/survivors.toml`` with the reason why nobody could notice it, or the run fails; and it fails where
something is listed that does not survive.
"""

import argparse
import gc
import os
import pickle
import resource
import signal
import sys
import time
import tomllib
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from functools import _lru_cache_wrapper
from pathlib import Path
from types import FrameType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants.changes import Change, changes

ROOT = Path(__file__).resolve().parents[2]
TESTS = "tests/engine"
SLOW = "tests/engine/test_sharing.py"  # as long as all the others, and about no single function
SURVIVORS = "tests/mutants/survivors.toml"
NONE_FAILED = -1
FAILED = 70
MOST_TIMES, LEAST_SECONDS = 10, 2  # what a test may take with a change in place, against what it takes without
MOST_MEMORY = 4 << 30
Line = tuple[str, int]
"""A file and the number of a line."""


class Session:
    """A plugin of pytest that runs the tests of each change instead of running all tests once."""

    def __init__(self, root: Path, names: list[str]) -> None:
        self.sources = {root / name: (root / name).read_text(encoding="utf-8") for name in names}
        self.root = root
        self.sound = True
        self.items: list[pytest.Item] = []
        self.seconds: list[float] = []
        self.runners: dict[Line, set[int]] = {}
        self.functions: dict[tuple[str, str], list[FunctionType]] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Find which tests call what, then try every change."""
        gc.unfreeze()  # tests/conftest.py keeps from sight what was there before the first test
        self.items = session.items
        files = {str(module) for module in self.sources}
        known = _in_child(lambda: _runners(session.items, files))
        if known is None:
            pytest.exit("the tests do not pass without any change", returncode=1)
        self.seconds, self.runners = known
        print(f"{len(session.items)} tests pass without any change", flush=True)
        for function in [item for item in gc.get_objects() if isinstance(item, FunctionType)]:
            code = function.__code__
            self.functions.setdefault((code.co_filename, code.co_qualname), []).append(function)
        gc.disable()
        gc.freeze()
        for module in self.sources:
            self._try_module(module)
        return True

    def _try_module(self, module: Path) -> None:
        started, tried = time.monotonic(), 0
        survived: Counter[tuple[str, str]] = Counter()
        noticed: dict[str, list[int]] = {}
        lines = self.sources[module].splitlines()
        for change in changes(self.sources[module], str(module)):
            tried += 1
            first = noticed.setdefault(change.function, [])
            failed = self._tried(change, str(module), first)
            if failed == NONE_FAILED:
                survived[change.function, change.words] += 1
                print(f"{module.relative_to(self.root)}:{change.line} {change.function}: {change.words}", flush=True)
                print(f"    {lines[change.line - 1].strip()}", flush=True)
            elif failed is not None:
                noticed[change.function] = [failed, *(index for index in first if index != failed)]
        name = str(module.relative_to(self.root))
        explained = _explained(self.root / SURVIVORS, name)
        took = time.monotonic() - started
        print(f"{name}: {tried} changes, {survived.total()} survived, {explained.total()} explained, {took:.0f} s")
        for item in sorted((survived - explained).elements()):
            print(f"not explained: {': '.join(item)}")
        for item in sorted((explained - survived).elements()):
            print(f"explained, but a test notices it, or it is not made any more: {': '.join(item)}")
        self.sound = self.sound and survived == explained

    def _tried(self, change: Change, file: str, first: list[int]) -> int | None:
        """The index of the test that fails with the change in place, or ``NONE_FAILED``; ``None`` where none ends."""
        functions = self.functions.get((file, change.function), [])
        runners = set().union(*(self.runners.get((file, line), ()) for line in change.statement))
        others = sorted(runners.difference(first), key=self.seconds.__getitem__)

        def work() -> int:
            resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
            for function in functions:
                function.__code__ = change.code
            return self._failing([*(index for index in first if index in runners), *others])

        found: int | None = _in_child(work)
        return found

    def _failing(self, indices: Iterable[int]) -> int:
        for index in indices:
            signal.setitimer(signal.ITIMER_VIRTUAL, LEAST_SECONDS + MOST_TIMES * self.seconds[index])
            if _fails(self.items[index]):
                return index
        return NONE_FAILED


def _fails(item: pytest.Item) -> bool:
    return any(report.failed for report in runtestprotocol(item, log=False, nextitem=None))


def _runners(items: list[pytest.Item], files: set[str]) -> tuple[list[float], dict[Line, set[int]]]:
    """The seconds that each test takes, and for each line of these files the tests that run it."""
    lines: set[Line] = set()
    seconds: list[float] = []
    runners: dict[Line, set[int]] = {}

    def enter(frame: FrameType, _event: str, _argument: object) -> Callable[..., Any] | None:
        return step if frame.f_code.co_filename in files else None

    def step(frame: FrameType, event: str, _argument: object) -> Callable[..., Any]:
        if event == "line":
            lines.add((frame.f_code.co_filename, frame.f_lineno))
        return step

    caches = [item for item in gc.get_objects() if isinstance(item, _lru_cache_wrapper)]
    for index, item in enumerate(items):
        for cache in caches:
            cache.cache_clear()  # what an earlier test left there would hide that this one runs it too
        lines.clear()
        started = time.process_time()
        sys.settrace(enter)
        failed = _fails(item)
        sys.settrace(None)
        if failed:
            sys.exit(f"{item.nodeid} fails without any change")
        seconds.append(time.process_time() - started)
        for line in lines:
            runners.setdefault(line, set()).add(index)
    return seconds, runners


def _in_child(work: Callable[[], Any]) -> Any:  # noqa: ANN401 -- whatever the work gives
    """What ``work`` gives in a forked process, so that nothing it leaves behind hides a change; ``None`` if it dies."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        try:
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(work(), pipe)
        except SystemExit as stopped:
            print(stopped, file=sys.stderr, flush=True)
            os._exit(0)
        except BaseException:  # noqa: BLE001 -- the process ends here, whatever it was
            traceback.print_exc()
            os._exit(FAILED)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == FAILED:
        sys.exit("the trying itself failed")
    return pickle.loads(data) if data else None  # noqa: S301 -- from our own child


def _explained(survivors: Path, module: str) -> Counter[tuple[str, str]]:
    listed = tomllib.loads(survivors.read_text(encoding="utf-8")).get(module, [])
    return Counter((item["function"], item["change"]) for item in listed if item["reason"].strip())


def main(root: Path = ROOT) -> None:
    """Try the modules named on the command line, and end with 1 unless just what is explained survives."""
    parser = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", help="modules of the engine, such as app/engine/score.py; else all")
    every = sorted(str(path.relative_to(root)) for path in (root / "app/engine").glob("*.py"))
    session = Session(root, parser.parse_args().modules or every)
    os.chdir(root)
    os.environ["CI"] = "1"  # the same examples every time (tests/conftest.py)
    plugins = ["-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist"]
    quick = ["--assert=plain", "--tb=native", "--disable-plugin-autoload"]  # nobody reads why a test failed
    code = pytest.main([TESTS, f"--ignore={SLOW}", "-q", *plugins, *quick], plugins=[session])
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        sys.exit(code)
    sys.exit(not session.sound)


if __name__ == "__main__":
    main()
