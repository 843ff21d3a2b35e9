"""The command as people and scripts meet it: what it prints where, and its exit codes."""

import contextlib
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app import serve as service
from app.engine.determination import Rung
from app.engine.evaluate import evaluate
from app.errors import Unavailable
from app.loader.schemas import NAMES, file_name, schema_text
from tests.command import Ran, Run
from tests.loader.packs import PACK, catalogue, changed
from tests.loader.trees import GOOD, RESPECT, RULE_SET, write
from tests.packs import pack_of


def packs(*packs: dict[str, Any]) -> list[str]:
    names = [f"pack-{number}.json" for number in range(len(packs))]
    for name, pack in zip(names, packs, strict=True):
        Path(name).write_text(json.dumps(pack), encoding="utf-8")
    return names


def expected(pack: dict[str, Any], as_of: str, rung: Rung = "verified") -> bytes:
    rule_set = catalogue().rule_set("example", "1.1")
    day = datetime.fromisoformat(as_of).date()
    return evaluate(rule_set, catalogue().crosswalks_for(rule_set), pack_of(pack), day, rung).canonical + b"\n"


def test_evaluate_prints_one_line_of_canonical_json_a_pack_in_order(run: Run) -> None:
    other = changed(("/service/name", "Another"))
    names = packs(other, PACK)
    found = run("evaluate", *names, "--as-of", "2026-04-01", "--rung", "declared")
    assert found == Ran(0, expected(other, "2026-04-01", "declared") + expected(PACK, "2026-04-01", "declared"), "")


def test_evaluate_reads_a_pack_from_stdin_and_judges_today(run: Run) -> None:
    before = datetime.now(UTC).date()
    found = run("evaluate", "-", stdin=json.dumps(PACK).encode())
    assert found.code == 0
    assert before.isoformat() <= json.loads(found.out)["as_of"] <= datetime.now(UTC).date().isoformat()


def test_evaluate_in_words(run: Run) -> None:
    found = run("evaluate", *packs(PACK), "--as-of", "2026-04-01", "--format", "text")
    assert found.code == 0
    assert b"Behaviour change" in found.out
    assert b"Respect" in found.out, "a scheme is called by its title"


def test_evaluate_takes_another_tree(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAFONAU_STANDARDS_DIR")
    names = packs(PACK)
    assert run("evaluate", *names, "--standards", str(tmp_path / "standards")).code == 0
    found = run("evaluate", *names)  # the tree that comes along has no such rule set
    assert found.code == 2
    assert "/rule_set: there is no rule set example 1.1" in found.err


def test_faults_of_every_pack_are_listed_and_nothing_is_printed(run: Run) -> None:
    wrong = changed(("/answers/0/value", "much"), ("/responses/0/version", "2"))
    names = packs(PACK, wrong, PACK | {"rule_set": None})
    Path("broken.json").write_text('{"format": NaN,\n "format": 1}', encoding="utf-8")
    found = run("evaluate", *names, "broken.json", "missing.json")
    assert (found.code, found.out) == (2, b"")
    lines = found.err.splitlines()
    assert lines[0].startswith("pack-1.json: /responses/0/version: `version` must be a whole number")
    assert lines[1].startswith("pack-1.json: /answers/0/value: `hours`: the value must be a decimal number")
    assert lines[2].startswith("pack-2.json: /rule_set: ")
    assert lines[3].startswith(
        "broken.json: /format: NaN is not a number that every reader keeps exactly, at line 1, column 12 (write an"
    )
    assert lines[4].startswith(
        'broken.json: /format: the key "format" is used twice in one object, at line 2, column 2 ('
    )
    assert lines[5].startswith("broken.json: (whole document): `rule_set` is missing (add `rule_set` here)")
    assert lines[6].startswith("broken.json: (whole document): `service` is missing")
    assert lines[7].startswith("missing.json: the file cannot be read: No such file or directory (check")
    assert lines[8].startswith("safonau: 4 of 5 packs cannot be taken, and no result is printed")
    assert len(lines) == 9


def test_a_worked_case_given_as_a_pack_is_answered_with_how_to_run_it(run: Run) -> None:
    Path("stale-acceptance.yaml").write_text("case: {en: A case, cy: Achos}\n", encoding="utf-8")
    found = run("evaluate", "stale-acceptance.yaml")
    assert (found.code, len(found.err.splitlines())) == (2, 3)
    assert "a pack is JSON, and this is YAML" in found.err
    assert "sh scripts/test tests/standards -k stale-acceptance)" in found.err
    assert len(run("evaluate", "missing.yaml").err.splitlines()) == 2
    Path("pack.yaml").write_text(json.dumps(PACK), encoding="utf-8")
    assert run("evaluate", "pack.yaml").code == 0, "JSON is JSON, whatever the file is called"


@pytest.mark.parametrize("day", ["2026-13-01", "2026-4-1", "9999-12-31", "today", "20260401"])
def test_a_date_that_is_none_is_refused(run: Run, day: str) -> None:
    found = run("evaluate", *packs(PACK), "--as-of", day)
    assert (found.code, found.out) == (2, b"")
    assert f"--as-of {day} is not a date" in found.err
    assert "YYYY-MM-DD" in found.err


@pytest.mark.parametrize("args", [("evaluate",), ("evaluate", "x", "--rung", "best"), ("unheard",), ("gaps",)])
def test_wrong_usage_exits_2_and_points_to_the_help(run: Run, args: tuple[str, ...]) -> None:
    found = run(*args)
    assert found.code == 2
    assert "--help" in found.err


def test_help_teaches_by_example(run: Run) -> None:
    for args in ((), ("evaluate",), ("gaps",), ("serve",), ("standards", "check")):
        found = run(*args, "--help")
        assert found.code == 0
        assert b"\n  " + " ".join(("  safonau", *args)).encode() in found.out
    told = run("migrate", "--help").out.split()
    assert b" ".join(told).count(b"it makes one in SAFONAU_DATA_DIR (.safonau), and says so.") == 1


def test_version(run: Run) -> None:
    assert run("--version").out.startswith(b"safonau 0.")


def test_gaps_writes_the_pdf_or_prints_the_text(run: Run) -> None:
    (name,) = packs(PACK)
    found = run("gaps", name, "--pdf", "gaps.pdf", "--as-of", "2026-04-01")
    assert (found.code, found.out.strip()) == (0, b"The gap report is in gaps.pdf")
    assert Path("gaps.pdf").read_bytes().startswith(b"%PDF-")
    said = run("gaps", name, "--rung", "evidenced", "--language", "cy", "--as-of", "2026-04-01").out
    assert b"Behaviour change" in said
    assert b"Respect" in said


def test_what_cannot_be_written_is_said_with_exit_1(run: Run) -> None:
    Path("taken").mkdir()
    found = run("gaps", *packs(PACK), "--pdf", "taken")
    assert (found.code, found.out) == (1, b"")
    assert found.err == "safonau: taken cannot be written: Is a directory (choose another place)\n"
    found = run("gaps", *packs(PACK), "--pdf", "mistyped/gaps.pdf")
    assert (
        found.err == "safonau: mistyped/gaps.pdf cannot be written: No such file or directory (choose another place)\n"
    )
    assert not Path("mistyped").exists()


@pytest.mark.parametrize(
    "args", [("evaluate", "pack-0.json"), ("gaps", "pack-0.json"), ("standards", "check"), ("--help",), ("--version",)]
)
def test_an_output_that_is_full_is_said_in_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...]
) -> None:
    packs(PACK)
    with contextlib.suppress(OSError), Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        found = run(*args)
        sentence = "Nothing more can be written: No space left on device. (Make room, or send the output elsewhere.)"
        assert found == Ran(1, b"", f"safonau: {sentence}\n")
        assert sys.stdout is not full, "or Python complains of it again when it ends"


def test_an_output_that_nobody_reads_on_or_that_is_closed_needs_no_traceback(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = packs(PACK)
    reader, writer = os.pipe()
    os.close(reader)
    with contextlib.suppress(OSError), os.fdopen(writer, "w", encoding="utf-8") as gone:
        monkeypatch.setattr(sys, "stdout", gone)
        assert run("evaluate", *names) == Ran(1, b"", "")
    monkeypatch.setattr(sys, "stdout", None)
    assert run("evaluate", *names).err.startswith("safonau: there is no standard output to write to")


def test_standards_check_sums_up_a_sound_tree(run: Run) -> None:
    summary = b"No problems: rule set versions 1, requirements 3, schemes 2, crosswalk versions 2, "
    summary += b"published versions 0.\n"
    assert run("standards", "check") == Ran(0, summary, "")
    assert run("standards", "check", "standards") == Ran(0, summary, "")


def test_standards_check_lists_every_problem(run: Run) -> None:
    broken = GOOD | {
        RULE_SET: GOOD[RULE_SET].replace("id: delivery", "id: workers"),
        RESPECT: GOOD[RESPECT].replace("title", "titel"),
    }
    write(Path("standards"), broken)
    found = run("standards", "check")
    assert (found.code, found.out) == (2, b"")
    assert found.err.startswith("safonau: the standards tree has ")
    assert f"\n{RULE_SET}:17:10 the profile field id `workers` is used twice (each has an id of its own)\n" in found.err
    assert f"\n{RESPECT}:2:1 unknown key `titel` (did you mean `title`?)\n" in found.err
    assert "\ncrosswalks/respect--example/1.yaml:7:33 unknown profile field `delivery`" in found.err


def test_standards_schema_writes_and_checks(run: Run) -> None:
    found = run("standards", "schema", "here", "--check")
    assert found.code == 1
    assert all(file_name(name) in found.err for name in NAMES)
    assert not Path("here").exists()
    assert run("standards", "schema", "here").code == 0
    assert run("standards", "schema", "here", "--check").code == 0
    Path("here/scheme.schema.json").write_text("{}", encoding="utf-8")
    assert "not current in here: scheme.schema.json" in run("standards", "schema", "here", "--check").err
    assert run("standards", "schema", "here").code == 0
    assert Path("here/scheme.schema.json").read_text(encoding="utf-8") == schema_text("scheme")


def test_the_schemas_that_come_along_are_current(run: Run) -> None:
    assert run("standards", "schema", "--check").code == 0


def test_serve_passes_its_options_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, object] = {}
    monkeypatch.setattr(service, "serve", lambda **options: given.update(options))
    assert run("serve", "--port", "0", "--data-dir", "data", "--no-demo").code == 0
    assert given == {"port": 0, "host": "127.0.0.1", "data_dir": Path("data"), "demo": False}


def test_demo_passes_its_options_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []
    monkeypatch.setattr(service, "load_wales", lambda settings, seed: given.extend((settings.data_dir.name, seed)))
    assert run("demo", "--data-dir", "made-up", "--seed", "7").code == 0
    assert given == ["made-up", 7]


def test_migrate_says_in_one_sentence_why_it_cannot(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(settings: object) -> None:
        raise Unavailable(f"no database for {type(settings).__name__}", hint="start it")

    monkeypatch.setattr(service, "migrated", refuse)
    assert run("migrate") == Ran(1, b"", "safonau: no database for Settings (start it)\n")
