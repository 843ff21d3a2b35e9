"""Files of a sound tree, found again by what they hold."""

from pathlib import Path

import pytest

from app.loader.source import crosswalk_source, rule_set_source, rule_set_sources, said_by
from tests.loader.trees import FIRST, GOOD, RESPECT_WALK, RULE_SET, SECOND, write


def test_the_files_of_a_version_are_found_wherever_they_lie(tmp_path: Path) -> None:
    moved = {RESPECT_WALK: "crosswalks/elsewhere/file.yaml"}
    root = write(tmp_path, {moved.get(file, file): text for file, text in GOOD.items()})
    assert rule_set_source(root, "example", "1.1").file == RULE_SET
    assert [item.file for item in rule_set_sources(root, "example", "1.1")] == [RULE_SET, FIRST, SECOND]
    assert list(said_by(rule_set_sources(root, "example", "1.1"))) == [
        Path(file).name for file in (RULE_SET, FIRST, SECOND)
    ]
    walk = crosswalk_source(root, "respect--example", "1")
    assert walk.file == moved[RESPECT_WALK]
    assert walk.line_of(("entries", 1)) == GOOD[RESPECT_WALK].splitlines().index("entries:") + 3
    assert walk.line_of(("unheard", "of")) == 1


def test_a_version_that_no_file_holds_is_named(tmp_path: Path) -> None:
    root = write(tmp_path, GOOD)
    with pytest.raises(LookupError, match="respect--example 2"):
        crosswalk_source(root, "respect--example", "2")
    with pytest.raises(LookupError, match=r"other 1\.1"):
        rule_set_source(root, "other", "1.1")
