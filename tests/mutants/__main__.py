"""Mutation testing, one module at a time: ``scripts/mutants app/engine/score.py``.

Each small change of the module is tried in a process of its own, forked from one that has collected the tests. Those
that call the changed function run, the quickest first, until one fails. A change that no test notices has survived: it
must be listed in ``tests/mutants/survivors.toml`` with the reason why nobody could notice it, or the run fails.
"""

import argparse
import gc
import os
import pickle
import signal
import sys
import time
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants.changes import Change, changes

ROOT = Path(__file__).resolve().parents[2]
TESTS = "tests/engine"
SLOW = "tests/engine/test_sharing.py"  # as long as all the others, and about no single function
SURVIVORS = Path(__file__).parent / "survivors.toml"
KILLED, SURVIVED, UNTRIED = 0, 1, 2
MOST_TIMES = 10
Calls = dict[tuple[str, int], list[tuple[float, int]]]


class Session:
    """A plugin of pytest that runs the tests of each change instead of running all tests once."""

    def __init__(self, module: Path) -> None:
        self.module = module
        self.survivors: list[Change] = []
        self.tried = 0

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Find which tests call what, then try every change."""
        calls: Calls = _in_child(lambda: _calls(session.items, self.module))
        print(f"{len(session.items)} tests pass without any change", flush=True)
        file = str(self.module)
        for change in changes(self.module.read_text(encoding="utf-8"), file):
            key = (change.function, change.code.co_firstlineno)
            tests = [(seconds, session.items[index]) for seconds, index in sorted(calls.get(key, []))]
            self.tried += 1
            if _outcome(change, tests, file) != KILLED:
                self.survivors.append(change)
                print(f"\n{self.module.relative_to(ROOT)}:{change.line} {change.function}: {change.words}", flush=True)
            elif self.tried % 50 == 0:
                print(".", end="", flush=True)
        return True


def _calls(items: list[pytest.Item], module: Path) -> Calls:
    """By name and first line of each function of the module: the tests that call it, with the seconds they take."""
    file, called, found = str(module), set[CodeType](), Calls()

    def notice(frame: FrameType, _event: str, _argument: object) -> None:
        if frame.f_code.co_filename == file:
            called.add(frame.f_code)

    for index, item in enumerate(items):
        called.clear()
        started = time.process_time()
        sys.setprofile(notice)
        reports = runtestprotocol(item, log=False, nextitem=None)
        sys.setprofile(None)
        if any(report.failed for report in reports):
            sys.exit(f"{item.nodeid} fails without any change")
        for code in called:
            found.setdefault((code.co_qualname, code.co_firstlineno), []).append((time.process_time() - started, index))
    return found


def _outcome(change: Change, tests: list[tuple[float, pytest.Item]], file: str) -> int:
    """Whether a test fails with the change in place, in a process that may not use more time than it should need."""
    child = os.fork()
    if not child:
        signal.setitimer(signal.ITIMER_VIRTUAL, 5 + MOST_TIMES * sum(seconds for seconds, _ in tests))
        os._exit(_try(change, [item for _, item in tests], file))
    _, status = os.waitpid(child, 0)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else KILLED


def _try(change: Change, items: Iterable[pytest.Item], file: str) -> int:
    key = (file, change.function, change.code.co_firstlineno)
    functions = [item for item in gc.get_objects() if isinstance(item, FunctionType) and _key(item.__code__) == key]
    for function in functions:
        function.__code__ = change.code
    for item in items if functions else ():
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=None)):
            return KILLED
    return SURVIVED


def _key(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _in_child(work: Callable[[], Any]) -> Any:  # noqa: ANN401 -- whatever the work gives
    """What ``work`` gives in a forked process, so that nothing it leaves behind hides a change."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(work(), pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    _, status = os.waitpid(child, 0)
    if status:
        sys.exit("the tests do not pass without any change")
    return pickle.loads(data)  # noqa: S301 -- from our own child


def _explained(module: str) -> list[tuple[str, str]]:
    listed = tomllib.loads(SURVIVORS.read_text(encoding="utf-8")).get(module, [])
    return [(item["function"], item["change"]) for item in listed if item["reason"].strip()]


def _run(name: str) -> bool:
    """Try every change of one module; whether what survives is just what is explained."""
    os.environ["CI"] = "1"  # the same examples every time (tests/conftest.py)
    session = Session(ROOT / name)
    plugins = ["-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist"]
    code = pytest.main([TESTS, f"--ignore={SLOW}", "-q", *plugins], plugins=[session])
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        sys.exit(code)
    survived = sorted((item.function, item.words) for item in session.survivors)
    explained = sorted(_explained(name))
    print(f"\n{name}: {session.tried} changes, {len(survived)} survived, {len(explained)} of them explained")
    for item in sorted(set(survived) - set(explained)):
        print(f"not explained: {': '.join(item)}")
    for item in sorted(set(explained) - set(survived)):
        print(f"explained, but a test notices it, or it is not made any more: {': '.join(item)}")
    return set(survived) == set(explained)


def main() -> None:
    """Try the modules named on the command line, each in a process of its own."""
    parser = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__)
    parser.add_argument("modules", nargs="+", help="modules of the engine, such as app/engine/score.py")
    names = parser.parse_args().modules
    os.chdir(ROOT)
    sound = [_in_child(lambda name=name: _run(name)) for name in names]  # type: ignore[misc]  # the name of this round
    sys.exit(not all(sound))


if __name__ == "__main__":
    main()
