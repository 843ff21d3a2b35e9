"""The page of all requirements is that of the standards that come along, and no text breaks its table."""

from pathlib import Path

from app.loader.catalogue import load
from app.stewardship.table import requirements_table
from tests.loader.trees import FIRST, GOOD, write

ROOT = Path(__file__).parents[2]


def test_the_committed_page_is_current() -> None:
    page = (ROOT / "docs/requirements.md").read_text(encoding="utf-8")
    assert page == requirements_table(load(ROOT / "standards")), "run `safonau standards table`"


def test_signs_of_markdown_stay_text(tmp_path: Path) -> None:
    files = GOOD | {FIRST: GOOD[FIRST].replace("There is a policy.", '"a | b_c <i> [x] `y` *z*"')}
    assert r"| a \| b\_c \<i\> \[x\] \`y\` \*z\* |" in requirements_table(load(write(tmp_path, files)))
