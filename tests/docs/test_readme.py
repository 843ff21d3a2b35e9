"""The commands that README.md teaches work as they stand there."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer.main

from app.cli import app
from tests.command import Run

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8000"
NEXT = "=== the next block ==="
TAUGHT = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def blocks(text: str) -> list[str]:
    """The shell blocks of a page."""
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


def commands(text: str) -> list[list[str]]:
    """The ``safonau`` lines of a page's shell blocks and, between backquotes, of its text; each as its arguments."""
    lines = [line for block in blocks(text) for line in block.splitlines()]
    inline = re.findall(r"`((?:\.venv/bin/)?safonau [^`]+)`", text)
    found = [shlex.split(line.partition(" > ")[0], comments=True) for line in (*lines, *inline) if "safonau " in line]
    return [words[1:] for words in found if words and Path(words[0]).name == "safonau"]


def parse(words: list[str]) -> None:
    """Read the arguments as the command would; raises what it would refuse them with."""
    command = typer.main.get_command(app)
    rest = list(words)
    while hasattr(command, "commands"):
        if not rest:
            return  # a group of commands, named as such
        command = command.commands[rest.pop(0)]
    command.make_context("safonau", rest)


@pytest.mark.parametrize("page", TAUGHT, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_a_page_shows_is_one(page: Path) -> None:
    for words in commands(page.read_text(encoding="utf-8")):
        if words in (["evaluate"], ["gaps"]):
            words.append("pack.json")
        if words[0] == "administrator":  # which would ask for a password
            words.append("--password=a long enough one")
        parse(words)


def test_a_command_that_is_none_is_found() -> None:
    [words] = commands("```sh\n.venv/bin/safonau evaluate pack.json --as-off 2026-04-01\n```")
    with pytest.raises(Exception, match="No such option"):
        parse(words)
    with pytest.raises(KeyError):
        parse(["unheard"])


def test_the_first_steps_on_the_command_line_succeed(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "docs/examples", tmp_path / "docs/examples")
    [block] = blocks(README.partition("## First steps on the command line")[2].partition("\n## ")[0])
    lines = commands(f"```sh\n{block}```")
    assert len(lines) == 4
    for words in lines:
        done = run(*words)
        assert (done.code, done.err) == (0, ""), words
        assert done.out
    assert (tmp_path / "gaps.pdf").read_bytes().startswith(b"%PDF-")


def test_the_options_of_the_scripts_are_those_of_the_command() -> None:
    [row] = [line for line in README.splitlines() if line.startswith("| `sh scripts/run`")]
    options = re.findall(r"`--[^`]+`", row)
    assert len(options) == 3
    for option in options:
        parse(["serve", *shlex.split(option.strip("`"))])


def first_steps_over_http_succeed(address: str, tmp_path: Path) -> None:
    """Follow them with a service that shows the demonstration data (tests/platform/test_serve.py has one)."""
    shutil.copytree(ROOT / "docs/examples", tmp_path / "docs/examples")
    section = README.partition("## First steps over HTTP")[2].partition("\n## ")[0]
    script = f"\necho '{NEXT}'\n".join(blocks(section))
    assert ADDRESS in script
    steps = ["sh", "-eu", "-c", script.replace(ADDRESS, address)]
    done = subprocess.run(steps, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    begun, handed_in, asked, shared = done.stdout.split(f"{NEXT}\n")
    assert not begun
    kept = json.loads(handed_in)
    assert not kept["reviews"]
    assert kept["accreditations"][0]["verified_on"] is None
    assert '"gaps":[{' in asked
    assert "Adroddiad bylchau" in asked
    assert (tmp_path / "gaps.pdf").read_bytes().startswith(b"%PDF-")
    assert '"state":"submitted"' in shared
    assert shared.rstrip().endswith("{'evidenced': 'critical_gaps', 'verified': 'critical_gaps'}")
