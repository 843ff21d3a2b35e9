"""What the pages say is there, is there: tests that hold decisions, and links between pages."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DECISIONS = sorted(ROOT.glob("docs/decisions/*.md"))
PARTS = ["Context.", "Decision.", "Consequences.", "Alternatives.", "Held by"]


def names(path: Path) -> set[str]:
    """The functions of a test file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def missing_tests(text: str) -> list[str]:
    """The tests that ``text`` names, as ``path::name``, and that do not exist."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    return [f"{path}::{name}" for path, name in named if not (ROOT / path).is_file() or name not in names(ROOT / path)]


def missing_files(text: str) -> list[str]:
    """The files and folders of ours that ``text`` names between backquotes, and that do not exist."""
    named = re.findall(r"`((?:app|tests|docs|scripts|standards|alembic)/[\w./-]+)`", text)
    return [path for path in named if not (ROOT / path).exists()]


def broken_links(page: Path) -> list[str]:
    """Links of a page to files that do not exist."""
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    return [link for link in links if "://" not in link and not (page.parent / link).exists()]


def test_decisions_are_numbered_without_gaps_and_the_architecture_lists_them_all() -> None:
    assert len(DECISIONS) > 8
    assert [path.name[:5] for path in DECISIONS] == [f"{number:04}-" for number in range(1, len(DECISIONS) + 1)]
    listed = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    assert [path.name for path in DECISIONS if f"(decisions/{path.name})" not in listed] == []


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name[:4])
def test_a_decision_says_why_and_what_holds_it(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(page.name[:4])}. ")
    assert re.findall(r"^\*\*(.+?)\*\*", text, re.MULTILINE) == PARTS
    assert re.search(r"`tests/[\w/]+\.py::\w+`", text.partition("**Held by**")[2])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not missing_tests(text)
    assert not missing_files(text)
    assert not broken_links(page)


def test_what_is_missing_is_found(tmp_path: Path) -> None:
    named = (
        "`tests/docs/test_pages.py::test_what_is_missing_is_found` `tests/docs/test_pages.py::gone` `tests/no.py::a`"
    )
    assert missing_tests(named) == ["tests/docs/test_pages.py::gone", "tests/no.py::a"]
    assert missing_files("`app/cli.py` `app/gone.py` `docs/decisions` `scripts/gone`") == [
        "app/gone.py",
        "scripts/gone",
    ]
    page = tmp_path / "page.md"
    page.write_text("[a](page.md) [b](gone.md) [c](https://example.org/gone) [d](page.md#part)", encoding="utf-8")
    assert broken_links(page) == ["gone.md"]
