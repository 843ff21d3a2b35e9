"""The commands that look into a determination: what they print, and what they refuse."""

# ruff: noqa: ANN401 -- JSON is anything

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.engine.canonical import canonical_bytes
from app.engine.evaluate import evaluate
from app.engine.explain import explain
from app.engine.forecast import forecast
from app.engine.way_up import way_up
from app.engine.what_if import Changes, impact, what_if
from app.loader.catalogue import load
from tests.command import Ran, Run
from tests.loader.packs import PACK, catalogue, changed
from tests.loader.trees import FIRST, GOOD, RULE_SET, SECOND, write
from tests.packs import pack_of

DAY = date(2026, 4, 1)
ON = ("--as-of", "2026-04-01")
EXAMPLE = catalogue().rule_set("example", "1.1")
CROSSWALKS = catalogue().crosswalks_for(EXAMPLE)


def file(name: str, value: Any) -> str:
    Path(name).write_text(json.dumps(value), encoding="utf-8")
    return name


def line(value: Any) -> bytes:
    return canonical_bytes(value.model_dump(mode="json")) + b"\n"


def test_explain_prints_the_explanation_as_one_line_of_canonical_json(run: Run) -> None:
    found = run("explain", file("pack.json", PACK), "1.1", *ON)
    assert found == Ran(0, line(explain(EXAMPLE, CROSSWALKS, pack_of(PACK), DAY, "1.1")), "")
    assert found == run("explain", "-", "1.1", *ON, stdin=json.dumps(PACK).encode())


def test_explain_in_words_of_either_language(run: Run) -> None:
    english = run("explain", file("pack.json", PACK), "1.1", *ON, "--format", "text")
    assert english.out.startswith(b"Requirement 1.1 as of 1 April 2026\n==")
    welsh = run("explain", "pack.json", "1.1", *ON, "--format", "text", "--language", "cy")
    assert welsh.out.startswith(b"Gofyniad 1.1 ar 1 Ebrill 2026\n==")


def test_explain_names_the_requirement_that_was_probably_meant(run: Run) -> None:
    found = run("explain", file("pack.json", PACK), "1.11", *ON)
    assert (found.code, found.out) == (2, b"")
    assert found.err == "safonau: there is no requirement 1.11 in example 1.1 (did you mean `1.1`?)\n"


def test_forecast_prints_the_turns_of_24_months_unless_told(run: Run) -> None:
    found = run("forecast", file("pack.json", PACK), *ON)
    turns = forecast(EXAMPLE, CROSSWALKS, pack_of(PACK), DAY, date(2028, 4, 1))
    assert turns
    listed = [turn.model_dump(mode="json") for turn in turns]
    wanted = {"as_of": "2026-04-01", "until": "2028-04-01", "turns": listed}
    assert found == Ran(0, canonical_bytes(wanted) + b"\n", "")
    assert json.loads(run("forecast", "pack.json", *ON, "--until", "2026-04-01").out)["turns"] == []


def test_forecast_in_words(run: Run) -> None:
    found = run("forecast", file("pack.json", PACK), *ON, "--format", "text", "--language", "cy")
    assert found.code == 0
    assert found.out.startswith(b"Yr hyn sy'n newid ohono'i hun ar \xc3\xb4l 1 Ebrill 2026, hyd at 1 Ebrill 2028\n")


def test_forecast_near_the_end_of_the_calendar_stops_there(run: Run) -> None:
    found = run("forecast", file("pack.json", PACK), "--as-of", "2999-06-01")
    assert json.loads(found.out)["until"] == "2999-12-31"


@pytest.mark.parametrize(
    ("until", "message"),
    [
        ("2026-03-31", "--until 2026-03-31 lies before 2026-04-01 (a forecast looks ahead)"),
        ("soon", "--until soon is not a date that can be used"),
    ],
)
def test_forecast_refuses_a_last_day_that_is_none_or_lies_behind(run: Run, until: str, message: str) -> None:
    found = run("forecast", file("pack.json", PACK), *ON, "--until", until)
    assert (found.code, found.out) == (2, b"")
    assert message in found.err


CHANGES: dict[str, Any] = {
    "answers": [{"question": "hours", "value": "0.5", "answered_at": "2026-03-30T09:00:00Z"}],
    "responses": [{"requirement": "1.1", "self_rating": "not_met"}],
}


def test_what_if_prints_the_determination_and_the_difference(run: Run) -> None:
    names = (file("pack.json", PACK), file("changes.json", CHANGES))
    wanted = what_if(EXAMPLE, CROSSWALKS, pack_of(PACK), DAY, Changes.model_validate(CHANGES))
    assert wanted.difference.changes
    assert run("what-if", *names, *ON) == Ran(0, line(wanted), "")
    assert run("what-if", "pack.json", "-", *ON, stdin=json.dumps(CHANGES).encode()) == Ran(0, line(wanted), "")
    found = run("what-if", *names, *ON, "--format", "text")
    assert found.out.startswith(b"What stands otherwise\n=====")


def test_what_if_of_nothing_lists_nothing(run: Run) -> None:
    found = json.loads(run("what-if", file("pack.json", PACK), file("changes.json", {}), *ON).out)
    assert found["difference"]["changes"] == []
    assert found["determination"] == evaluate(EXAMPLE, CROSSWALKS, pack_of(PACK), DAY).json_form


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([], ["changes.json: (whole document): this document must be an object"]),
        ({"docments": []}, ["changes.json: /docments: unknown key `docments` (did you mean `documents`?)"]),
        ({"responses": [{"self_rating": "met"}]}, ["changes.json: /responses/0: `requirement` is missing"]),
        (
            {"answers": [CHANGES["answers"][0]] * 2},
            ["changes.json: /answers/1/question: `hours` is there twice (which one is meant"],
        ),
        (
            {"responses": [{"requirement": "1.1"}] * 2},
            ["changes.json: /responses/1/requirement: `1.1` is there twice"],
        ),
        (
            {"documents": [PACK["documents"][0]] * 2, "accreditations": [PACK["accreditations"][0]] * 2},
            [
                "changes.json: /documents/1/id: `doc-1` is there twice",
                "changes.json: /accreditations/1/id: `acc-1` is there twice",
            ],
        ),
        (
            {"without_documents": ["doc-1", "doc-9"], "without_accreditations": ["acc-9"]},
            [
                "changes.json: /without_documents/1: there is no `doc-9` in the pack (name one that is there)",
                "changes.json: /without_accreditations/0: there is no `acc-9` in the pack (name one that is there)",
            ],
        ),
        (
            {"without_documents": ["doc-1"]},
            ["pack.json with changes.json: /documents/0/replaces: unknown document `doc-1`"],
        ),
        (
            {"link": {"9.9": ["doc-1"]}},
            ["pack.json with changes.json: /responses/3/requirement: unknown requirement `9.9`"],
        ),
    ],
)
def test_what_if_lists_every_fault_with_its_place_and_prints_nothing(run: Run, changes: Any, told: list[str]) -> None:
    found = run("what-if", file("pack.json", PACK), file("changes.json", changes), *ON)
    assert (found.code, found.out) == (2, b"")
    *faults, last = found.err.splitlines()
    assert len(faults) == len(told)
    assert all(fault.startswith(wanted) for fault, wanted in zip(faults, told, strict=True)), faults
    assert last.endswith("and no result is printed (correct every fault listed above)")


def test_what_if_refuses_what_is_no_json_and_two_files_that_are_both_standard_input(run: Run) -> None:
    Path("changes.json").write_text("{", encoding="utf-8")
    assert run("what-if", file("pack.json", PACK), "changes.json", *ON).code == 2
    found = run("what-if", "-", "-")
    assert (found.code, found.err) == (
        2,
        "safonau: PACK and CHANGES cannot both be standard input (name a file for one of them)\n",
    )


NEXT = """\
based_on: {id: example, version: "1.1"}
lineage:
  entries:
    - {requirement: "1.1", from: ["1.1"], change: clarified}
    - {requirement: "1.2", from: ["1.2"], change: unchanged}
    - {requirement: "2.1", from: ["2.1"], change: unchanged}
"""


def _next_version(root: Path) -> None:
    """Version 1.2 beside 1.1, the same but that 1.1 is called clarified."""
    head = GOOD[RULE_SET].replace('version: "1.1"', 'version: "1.2"') + NEXT
    tree = {RULE_SET: head, FIRST: GOOD[FIRST], SECOND: GOOD[SECOND]}
    write(root, {name.replace("/1.1/", "/1.2/"): text for name, text in tree.items()})


def test_impact_prints_the_difference_that_another_version_would_make(run: Run, tmp_path: Path) -> None:
    _next_version(tmp_path / "standards")
    known = load(tmp_path / "standards")
    newer = known.rule_set("example", "1.2")
    found = run("impact", file("pack.json", PACK), "--to", "1.2", *ON)
    assert found == Ran(0, line(impact(EXAMPLE, newer, CROSSWALKS, pack_of(PACK), DAY)), "")
    assert json.loads(found.out)["determination"]["rule_set"]["version"] == "1.2"
    words = run("impact", "pack.json", "--to", "1.2", *ON, "--format", "text")
    assert words.out.startswith(b"What stands otherwise\n=====")


def test_what_if_supposes_another_version_of_the_rule_set_beside_the_changes(run: Run, tmp_path: Path) -> None:
    _next_version(tmp_path / "standards")
    newer = load(tmp_path / "standards").rule_set("example", "1.2")
    names = (file("pack.json", PACK), file("changes.json", CHANGES))
    wanted = what_if(EXAMPLE, CROSSWALKS, pack_of(PACK), DAY, Changes.model_validate(CHANGES), newer)
    assert run("what-if", *names, "--to", "1.2", *ON) == Ran(0, line(wanted), "")
    assert run("what-if", *names, "--to", "1.1", *ON).out == run("what-if", *names, *ON).out
    found = run("what-if", *names, "--to", "1.3", *ON)
    assert (found.code, found.out) == (2, b"")
    assert "there is no rule set example 1.3" in found.err


def test_impact_refuses_a_version_that_is_not_there_or_not_based_on_that_of_the_pack(run: Run, tmp_path: Path) -> None:
    _next_version(tmp_path / "standards")
    found = run("impact", file("pack.json", PACK), "--to", "1.3", *ON)
    assert (found.code, found.out) == (2, b"")
    assert "there is no rule set example 1.3 (there are: example 1.1, example 1.2)" in found.err
    found = run("impact", "pack.json", "--to", "1.1", *ON)
    assert found.err == "safonau: example 1.1 is not based on version 1.1 (it is based on no other)\n"
    moved = file("moved.json", PACK | {"rule_set": {"id": "example", "version": "1.2"}})
    assert run("impact", moved, "--to", "1.2", *ON).err == (
        "safonau: example 1.2 is not based on version 1.2 (it is based on example 1.1)\n"
    )


COMMANDS = [
    ("explain", "pack.json", "1.1"),
    ("forecast", "pack.json"),
    ("what-if", "pack.json", "changes.json"),
    ("impact", "pack.json", "--to", "1.2"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_each_refuses_a_pack_with_faults_and_a_date_that_is_none(run: Run, command: tuple[str, ...]) -> None:
    file("pack.json", changed(("/answers/0/value", "much")))
    file("changes.json", {})
    found = run(*command, *ON)
    assert (found.code, found.out) == (2, b"")
    assert found.err.startswith("pack.json: /answers/0/value: `hours`: the value must be a decimal number")
    found = run(*command, "--as-of", "2026-4-1")
    assert (found.code, found.out) == (2, b"")
    assert "--as-of 2026-4-1 is not a date" in found.err


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_each_teaches_by_example(run: Run, command: tuple[str, ...]) -> None:
    found = run(command[0], "--help")
    assert found.code == 0
    assert f"\n    safonau {command[0]} pack.json".encode() in found.out
    assert run(command[0]).code == 2


def test_the_way_up_as_json_and_in_words(run: Run) -> None:
    found = run("way-up", file("pack.json", PACK), *ON)
    assert found == Ran(0, line(way_up(EXAMPLE, CROSSWALKS, pack_of(PACK), DAY)), "")
    english = run("way-up", "pack.json", *ON, "--format", "text")
    assert english.out.startswith(b"The cheapest way to meeting rule set example")
    assert run("way-up", "pack.json", *ON, "--format", "text", "--language", "cy").out.startswith(b"Y ffordd rataf")
