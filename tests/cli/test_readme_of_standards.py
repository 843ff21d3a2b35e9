"""standards/README.md followed to the letter in a copy of the tree: each command as it is written there."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.command import Ran, Run

STANDARDS = Path(__file__).parents[2] / "standards"
README = (STANDARDS / "README.md").read_text(encoding="utf-8")
RULE_SET = "standards/rule-sets/wales-perpetrator-services"
CROSSWALK = "standards/crosswalks/csaap--wales-perpetrator-services"


@pytest.fixture(autouse=True)
def _a_copy_of_the_tree(run: Run, tmp_path: Path) -> None:
    """In place of the small tree that ``run`` starts with."""
    assert callable(run)
    shutil.rmtree(tmp_path / "standards")
    shutil.copytree(STANDARDS, tmp_path / "standards")


def follow(run: Run, command: str, **words: str) -> Ran:
    """Run a command that the page has, word by word; ``words`` stand for what it leaves to the reader."""
    assert f"`{command}`" in " ".join(README.split()), command
    for word, value in words.items():
        command = command.replace(word, value)
    program, *args = shlex.split(command)
    if program == "safonau":
        return run(*args)
    subprocess.run([program, *args], check=True)
    return Ran(0, b"", "")


def edit(file: str, old: str, new: str) -> None:
    path = Path(file)
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old} is not in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_command_of_the_page_is_followed_below() -> None:
    commands = re.findall(r"`((?:safonau|cp) [^`]+)`", README)
    here = Path(__file__).read_text(encoding="utf-8")
    assert not [command for command in map(" ".join, map(str.split, commands)) if f'"{command}"' not in here]
    assert len(set(commands)) > 8


def test_a_draft_is_corrected_where_it_stands(run: Run) -> None:
    for version in ("2018.2", "2018.1"):
        file = f"rule-sets/wales-perpetrator-services/{version}/14-clinical-supervision.yaml"
        edit(f"standards/{file}", "separate from line management", "kept apart from it")
    assert "`rule-sets/wales-perpetrator-services/2018.2/14-clinical-supervision.yaml`" in README
    assert follow(run, "safonau standards check").out.startswith(b"No problems")
    older = "safonau standards show 14.2 --rule-set wales-perpetrator-services --version 2018.1"
    for command in ("safonau standards show 14.2", older):
        assert b"Clinical supervision is kept apart from it." in follow(run, command).out
    assert b"texts without Welsh" in follow(run, "safonau standards stats").out
    assert b"--rule-set" in follow(run, "safonau standards show --help").out


def test_who_holds_the_document_puts_its_words_beside_ours(run: Run) -> None:
    assert b"requirement, en, cy" in follow(run, "safonau standards import-text --help").out
    Path("words.csv").write_text('requirement,en,cy\n14.2,"Example words: two.",Geiriau\n', encoding="utf-8")
    made = follow(run, "safonau standards import-text FILE", FILE="words.csv").out.decode()
    assert "Made the draft wales-perpetrator-services@2018.3" in made
    assert "the next revision after the newest, now `2018.3`" in README
    shown = follow(run, "safonau standards show 14.2").out.decode()
    assert "Official text\n  Example words: two.\n" in shown
    assert "Testun swyddogol\n  Geiriau\n" in shown
    steps = re.findall(r"safonau (standards (?:diff|check|publish)[^`\n]*)", made)
    compared, checked, published = (run(*shlex.split(step)) for step in steps)
    assert b"official text: added: Example words: two.\n" in compared.out
    assert compared.out.startswith(b"From wales-perpetrator-services 2018.2 to wales-perpetrator-services 2018.3:\nch")
    assert checked.code == 0
    assert "its status is draft" in published.err


@pytest.mark.long
def test_a_new_revision_is_made_and_published(run: Run) -> None:
    follow(
        run,
        "cp -r standards/rule-sets/wales-perpetrator-services/2018.2 standards/rule-sets/wales-perpetrator-services/2018.3",  # noqa: E501 -- as the page has it
    )
    head = f"{RULE_SET}/2018.3/rule-set.yaml"
    edit(head, 'version: "2018.2"', 'version: "2018.3"')
    edit(head, 'services, version: "2018.1"}', 'services, version: "2018.2"}')
    script = README.split("```sh\n")[1].split("```")[0]
    lines = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True).stdout
    assert lines.count("unchanged") == lines.count("\n") > 100
    old = re.search(r"  entries:\n(?:    - .*\n)+", Path(head).read_text(encoding="utf-8"))
    assert old is not None
    edit(head, old[0], f"  entries:\n{lines}")
    edit(head, 'retired: ["15.5"]', "retired: []")
    edit(f"{RULE_SET}/2018.3/14-clinical-supervision.yaml", "max_age_months: 6", "max_age_months: 3")
    refused = follow(run, "safonau standards check")
    assert refused.code == 2
    assert "14.1 is called unchanged, but differs in met_when" in refused.err
    edit(
        head,
        '{requirement: "14.1", from: ["14.1"], change: unchanged}',
        '{requirement: "14.1", from: ["14.1"], change: strengthened}',
    )
    assert follow(run, "safonau standards check").code == 0
    compared = follow(
        run, "safonau standards diff wales-perpetrator-services@2018.2 wales-perpetrator-services@2018.3"
    ).out.decode()
    assert "Requirement 14.1\n  lineage: was 14.1, is now 14.1 (strengthened)\n" in compared
    assert "at most 3 months old" in compared
    publish = "safonau standards publish wales-perpetrator-services 2018.3"
    assert "its status is draft" in follow(run, publish).err
    for version in ("2018.1", "2018.2", "2018.3"):
        edit(f"{RULE_SET}/{version}/rule-set.yaml", "status: draft", "status: published")
        assert run("standards", "publish", "wales-perpetrator-services", version).code == 0
    assert publish == f"safonau standards publish wales-perpetrator-services {version}"
    assert follow(run, "safonau standards check").code == 0
    edit(f"{RULE_SET}/2018.3/14-clinical-supervision.yaml", "max_age_months: 3", "max_age_months: 4")
    assert "2018.3 is published and no longer says what was published" in follow(run, "safonau standards check").err


def test_a_crosswalk_is_corrected_and_published_when_its_rule_set_is(run: Run) -> None:
    follow(
        run,
        "cp standards/crosswalks/csaap--wales-perpetrator-services/1.yaml standards/crosswalks/csaap--wales-perpetrator-services/3.yaml",  # noqa: E501 -- as the page has it
    )
    edit(f"{CROSSWALK}/3.yaml", 'version: "1"', 'version: "3"')
    edit(f"{CROSSWALK}/3.yaml", "redeclare_months: 12", "redeclare_months: 6")
    assert follow(run, "safonau standards check").code == 0
    publish = "safonau standards publish csaap--wales-perpetrator-services 3"
    assert "wales-perpetrator-services 2018.1, which it is for, is not published" in follow(run, publish).err
    edit(f"{RULE_SET}/2018.1/rule-set.yaml", "status: draft", "status: published")
    assert run("standards", "publish", "wales-perpetrator-services", "2018.1").code == 0
    assert follow(run, publish).code == 0
