"""The gate of ``scripts/mutants``: it fails for what survives unexplained, and for what is explained and does not."""

import subprocess
import sys
from pathlib import Path

from tests.mutants.changes import changes

ROOT = Path(__file__).resolve().parents[2]
MODULE = '''
def down(most, least):
    """From the larger to the smaller."""
    found = most if most > least else least
    while found > least:
        found -= 1
    return found
'''
TESTS = """
import importlib.util
from pathlib import Path

path = Path(__file__).parents[2] / "app/engine/toy.py"
spec = importlib.util.spec_from_file_location("toy", path)
toy = importlib.util.module_from_spec(spec)
spec.loader.exec_module(toy)

def test_down():
    assert toy.down(3, 1) == {found}
"""
EXPLAINED = """
[["app/engine/toy.py"]]
function = "down"
change = "{change}"
reason = "{reason}"
"""
# What one test of 3 and 1 leaves unnoticed.
LEFT = [
    "most if most > least else least -> most if True else least",
    "most if most > least else least -> most if False else least",
    "most > least -> most >= least",
    "1 -> 2",
]


def run(root: Path, *, found: int = 1, survivors: str = "") -> tuple[int, str]:
    """How the tool ends for a project of one module and one test, and what it prints."""
    for name, text in (
        ("app/engine/toy.py", MODULE),
        ("tests/engine/test_toy.py", TESTS.format(found=found)),
        ("tests/mutants/survivors.toml", survivors),
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    code = (
        "import pathlib, tests.mutants.__main__ as tool; tool.LEAST_SECONDS = 0.2; "
        f"tool.main(pathlib.Path({str(root)!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "app/engine/toy.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def explained(*listed: str, reason: str = "alike") -> str:
    return "".join(EXPLAINED.format(change=change, reason=reason) for change in listed)


def test_what_survives_fails_the_run_unless_it_is_explained(tmp_path: Path) -> None:
    noticed = "found > least -> found <= least"
    code, said = run(tmp_path, survivors=explained(*LEFT[:2], noticed) + explained(LEFT[2], reason=" "))
    assert code == 1
    assert "app/engine/toy.py: 8 changes, 4 survived, 3 explained" in said
    for change in LEFT[2:]:
        assert f"not explained: down: {change}\n" in said
    assert f"explained, but a test notices it, or it is not made any more: down: {noticed}\n" in said


def test_it_passes_where_just_what_is_explained_survives(tmp_path: Path) -> None:
    code, said = run(tmp_path, survivors=explained(*LEFT))
    assert (code, "not explained" in said) == (0, False)


def test_every_small_change_is_made_but_of_what_is_left_alone() -> None:
    source = '''
class Shop:
    @property
    def open(self, hour: int = 9) -> str:
        """A docstring."""
        if not (hour in self.hours and self.key is not None):
            log(f"at {hour}")
        for item, price in zip(self.items, self.prices, strict=True):
            continue
        return "open" if max(hour, 8) + 1 else "not open"
'''
    found = list(changes(source, "shop.py"))
    assert {change.function for change in found} == {"Shop.open"}
    assert [change.words for change in found] == [
        "if not (hour in self.hours and self.key is not None): -> if True:",
        "if not (hour in self.hours and self.key is not None): -> if False:",
        "not (hour in self.hours and self.key is not None) -> hour in self.hours and self.key is not None",
        "hour in self.hours and self.key is not None -> hour in self.hours or self.key is not None",
        "hour in self.hours and self.key is not None -> self.key is not None",
        "hour in self.hours and self.key is not None -> hour in self.hours",
        "hour in self.hours -> hour not in self.hours",
        "self.key is not None -> self.key is None",
        "log(f'at {hour}') -> pass",
        "continue -> break",
        "return 'open' if max(hour, 8) + 1 else 'not open' -> return None",
        "'open' if max(hour, 8) + 1 else 'not open' -> 'open' if True else 'not open'",
        "'open' if max(hour, 8) + 1 else 'not open' -> 'open' if False else 'not open'",
        "max(hour, 8) + 1 -> max(hour, 8) - 1",
        "max(hour, 8) -> min(hour, 8)",
        "8 -> 9",
        "1 -> 2",
        "'open' -> 'openXX'",
        "'not open' -> ''",
    ]
    assert all(change.code.co_firstlineno == 3 for change in found)


def test_it_is_not_begun_where_a_test_fails_without_any_change(tmp_path: Path) -> None:
    code, said = run(tmp_path, found=2)
    assert code == 1
    assert "test_down fails without any change" in said
