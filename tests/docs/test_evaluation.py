"""docs/evaluation.md: its example is the worked case, and its commands print what it says."""

import json
import re
import shlex
from pathlib import Path

import pytest

from app.loader.jsonfile import read_json
from tests.command import Run
from tests.packs import pack_of
from tests.standards.cases import read_case

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/evaluation.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```sh\n([^\n]+)\n```\n\n```text\n(.*?)```", PAGE, re.DOTALL)


def test_the_pack_is_that_of_the_worked_case() -> None:
    case = read_case(ROOT / "standards", ROOT / "standards/cases/certificate-lapsed.yaml").read_pack()
    data = (ROOT / "docs/examples/certificate-lapsed.json").read_bytes()
    assert pack_of(read_json(data)) == pack_of(read_json(json.dumps(case.normal_form).encode()))


@pytest.mark.parametrize(("command", "wanted"), SHOWN, ids=[command.split()[1] for command, _ in SHOWN])
def test_each_command_prints_what_the_page_shows_line_by_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str, wanted: str
) -> None:
    monkeypatch.chdir(ROOT)
    done = run(*shlex.split(command)[1:])
    assert done.code == 0
    lines = iter(done.out.decode().splitlines())
    assert [line for line in wanted.splitlines() if line not in lines] == []


def test_every_command_is_shown_with_its_output() -> None:
    assert len(SHOWN) == PAGE.count("```sh") == 5


def test_the_scores_of_the_table_are_those_of_the_determination(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    rows = {
        row[0]: row[1:] for row in re.findall(r"^\| (\w+) \|.*\"([\d.]+)\" \|.*\"([\d.]+)\" \|$", PAGE, re.MULTILINE)
    }
    for column, day in enumerate(("2026-03-31", "2026-04-01")):
        done = run("evaluate", "docs/examples/certificate-lapsed.json", "--as-of", day)
        [found] = [item for item in json.loads(done.out)["standards"] if item["number"] == 5]
        assert {name: row[column] for name, row in rows.items()} == found["compliance"] | {
            "progress": found["progress"]
        }
