"""Whole trees: what a sound one gives, and that nothing hides anything else in a broken one."""

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import NotFound, Problem, StandardsInvalid
from app.loader.catalogue import load
from app.loader.source import DEEPEST_FILE, LARGEST_FILE
from app.loader.yamlfile import read_yaml
from tests.loader.trees import (
    CSAAP_WALK,
    FIRST,
    FOLLOWS,
    GOOD,
    RESPECT,
    RESPECT_WALK,
    RULE_SET,
    SECOND,
    edited,
    problems_of,
    write,
)

NEXT = RULE_SET.replace("1.1", "1.2")
ALL = "      all:\n        - id: minutes"
VALUES: dict[str, Any] = {file: read_yaml(text, DEEPEST_FILE).value for file, text in GOOD.items()}


def said(problems: tuple[Problem, ...], file: str) -> str:
    return "\n".join(str(problem) for problem in problems if problem.file == file)


def test_a_sound_tree_loads_whole(tmp_path: Path) -> None:
    catalogue = load(write(tmp_path, GOOD))
    rule_set = catalogue.rule_set("example", "1.1")
    assert list(rule_set.requirements) == ["1.1", "1.2", "2.1"]
    assert [(standard.number, standard.title.en, standard.page) for standard in rule_set.standards] == [
        (1, "First", 3),
        (2, "Second", None),
    ]
    assert rule_set.effective_from is not None
    assert rule_set.effective_from.isoformat() == "2018-07-01"
    assert list(catalogue.schemes) == ["csaap", "respect"]
    assert [item.id for item in catalogue.crosswalks_for(rule_set)] == ["csaap--example", "respect--example"]


def test_a_catalogue_is_named_by_what_its_files_say(tmp_path: Path) -> None:
    trees = [GOOD, {file: f"# Said alike.\n{text}" for file, text in GOOD.items()}]
    trees += [edited(RESPECT_WALK, "It was assessed.", "It was seen."), edited(RESPECT, "title:", "body: Us\ntitle:")]
    names = [load(write(tmp_path / str(number), tree)).sha256 for number, tree in enumerate(trees)]
    assert names[0] == names[1]
    assert len(set(names)) == len(names) - 1


def test_an_unknown_version_is_not_found_and_the_known_ones_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no rule set example 2\.0") as caught:
        load(write(tmp_path, GOOD)).rule_set("example", "2.0")
    assert "example 1.1" in caught.value.hint


def test_crosswalks_are_those_of_the_exact_version(tmp_path: Path) -> None:
    later = {file.replace("/1.1/", "/1.2/"): text for file, text in GOOD.items() if "/1.1/" in file}
    later[NEXT] = GOOD[RULE_SET].replace('"1.1"', '"1.2"') + FOLLOWS
    catalogue = load(write(tmp_path, GOOD | later))
    assert catalogue.crosswalks_for(catalogue.rule_set("example", "1.2")) == ()
    assert len(catalogue.crosswalks_for(catalogue.rule_set("example", "1.1"))) == 2


def test_folder_names_other_files_and_hidden_files_do_not_matter(tmp_path: Path) -> None:
    moved = {file.replace("example/1.1", "any/name").replace("respect--example", "x"): GOOD[file] for file in GOOD}
    extra = {
        "rule-sets/any/CHANGELOG.md": "# Changes",
        "rule-sets/any/name/.draft.yaml": "- not: ours",
        "schema/x.json": "",
    }
    assert load(write(tmp_path / "a", moved | extra)) == load(write(tmp_path / "b", GOOD))


def test_tabs_may_stand_in_comments_and_in_texts_that_are_quoted_or_have_lines_of_their_own(tmp_path: Path) -> None:
    text = GOOD[SECOND].replace("title: Second\n", "title: 'Sec\tond' # one\ttab\n#\tmore\nnote: |\n  a\tb\n")
    files = {RULE_SET: GOOD[RULE_SET].replace("title: Second", 'title: "Sec\tond"'), SECOND: text}
    standard = load(write(tmp_path, GOOD | files)).rule_set("example", "1.1").standards[1]
    assert standard.title.en == "Sec\tond"
    assert standard.note is not None
    assert standard.note.en == "a\tb\n"


def test_the_welsh_title_may_stand_in_one_place_only(tmp_path: Path) -> None:
    files = GOOD | {SECOND: GOOD[SECOND].replace("title: Second", "title: {en: Second, cy: Ail}")}
    title = load(write(tmp_path, files)).rule_set("example", "1.1").standards[1].title
    assert title.cy == "Ail"


@given(
    text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20),
    indent=st.sampled_from([None, 0, 2]),
    plain=st.booleans(),
    suffix=st.sampled_from([".yaml", ".yml", ".json"]),
)
@settings(max_examples=60, deadline=None)
def test_a_tree_written_as_json_loads_the_same(*, text: str, indent: int | None, plain: bool, suffix: str) -> None:
    values = json.loads(json.dumps(VALUES))
    values[FIRST]["requirements"][0]["statement"] = {"en": text, "cy": None}
    for entry in values[RULE_SET]["standards"]:
        entry["file"] = entry["file"].replace(".yaml", suffix)
    written = {
        file.replace(".yaml", suffix): json.dumps(value, indent=indent, ensure_ascii=plain)
        for file, value in values.items()
    }
    with TemporaryDirectory() as folder:
        found = load(write(Path(folder, "json"), written))
        good = load(write(Path(folder, "yaml"), GOOD))
    rule_set = found.rule_set("example", "1.1")
    assert rule_set.requirements["1.1"].statement.en == text
    assert found.schemes == good.schemes
    assert found.crosswalks == good.crosswalks
    assert rule_set.requirements["1.2"] == good.rule_set("example", "1.1").requirements["1.2"]


def test_every_problem_of_every_file_is_reported_at_once_in_order(tmp_path: Path) -> None:
    files = GOOD | {
        RULE_SET: GOOD[RULE_SET].replace("type: integer,", "type: intger,"),
        FIRST: GOOD[FIRST]
        .replace("obligation: must", "obligatoin: must", 1)
        .replace("question: lead", "question: leed")
        .replace("types: [minutes, policy]", "types: [minuets]"),
        SECOND: "number: 2\ntitle: [",
        RESPECT_WALK: GOOD[RESPECT_WALK].replace("review]", "revew]").replace("scheme: respect", "scheme: rspct"),
        CSAAP_WALK: GOOD[CSAAP_WALK].replace('editions: ["2021"]', 'editions: ["2020"]').replace('"2.1"', '"1.2"'),
    }
    found = problems_of(write(tmp_path, files))
    assert list(found) == sorted(found)
    assert "`type` must be" in said(found, RULE_SET)
    for words in ("unknown key `obligatoin`", "`obligation` is missing", "question `leed`", "type `minuets`"):
        assert words in said(found, FIRST)
    assert "not YAML" in said(found, SECOND)
    assert "unknown scheme `rspct`" in said(found, RESPECT_WALK)
    assert "no leaf `revew`" in said(found, RESPECT_WALK)
    assert "unknown edition `2020`" in said(found, CSAAP_WALK)
    assert "which concerns the service" in said(found, CSAAP_WALK)
    assert len(found) == 10


def unlike(file: str, *edits: tuple[str, str]) -> tuple[str, str]:
    text = GOOD[file]
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return file, text


@pytest.mark.parametrize(
    ("broken", "text"),
    [
        (RULE_SET, "id: [example"),
        (RULE_SET, "- a list"),
        unlike(RULE_SET, ("questions:", "questions: 3\nnote:")),
        unlike(RULE_SET, ("document_types:", "document_types: 3\nnote:")),
        unlike(RULE_SET, ("file: 02-second.yaml", "file: 3"), ("number: 1", "number: []")),
        unlike(RULE_SET, ("type: integer,", "type: [integer],"), ("id: lead", "id: []")),
        (FIRST, "requirements: ["),
        (FIRST, "number: 1\ntitle: First\nrequirements: 7\n"),
        (FIRST, ""),
        unlike(FIRST, ('id: "1.1"', "id: []"), ("id: lead", "id: []"), ("question: hours", "question: []")),
        unlike(FIRST, ("field: workers", "field: 3"), (ALL, ALL.replace("all:", "all: 3\n      any:"))),
        unlike(FIRST, ("met_when:\n      all:", "met_when: 3\n    note:\n      all:")),
        unlike(FIRST, ("number: 1\n", "number: []\n"), ("title: First", "titel: First")),
        unlike(FIRST, ("requirements:", "requirements:\n  - none")),
        unlike(FIRST, ("      any:\n        - id: policy", "      any:\n        - none\n        - id: policy")),
        unlike(FIRST, ("{field: workers, at_most: 1}", "{field: workers, at_most: null}")),
        (RESPECT, "id: [respect"),
        unlike(RESPECT, ('["2", "3"]', "3")),
        unlike(RESPECT_WALK, ("scheme: respect", "scheme: [3]"), ("rule_set: ", "rule_set: 3 #")),
        (RESPECT_WALK, "- a list"),
        unlike(RESPECT_WALK, ('requirement: "1.2"', "requirement: []")),
    ],
)
def test_a_broken_file_is_not_blamed_on_others_and_hides_nothing_of_them(
    tmp_path: Path, broken: str, text: str
) -> None:
    files = GOOD | {broken: text}
    found = problems_of(write(tmp_path / "one", files))
    others = {problem.file for problem in found if broken not in (problem.file, RULE_SET)}
    assert not others, "\n".join(map(str, found))
    assert said(found, broken)
    other = SECOND if broken != SECOND else FIRST
    files[other] = files[other].replace("ask: Hand", "aks: Hand", 1)
    assert "unknown key `aks`" in said(problems_of(write(tmp_path / "two", files)), other)


def test_files_that_nobody_lists_are_reported(tmp_path: Path) -> None:
    extra = {
        "rule-sets/example/1.1/03-third.yaml": GOOD[SECOND].replace("2", "3"),
        "rule-sets/other/1/01-first.yaml": GOOD[FIRST],
    }
    found = problems_of(write(tmp_path, GOOD | extra))
    assert [(problem.file, problem.line, problem.message) for problem in found] == [
        ("rule-sets/example/1.1/03-third.yaml", 1, f"the file is not listed in {RULE_SET}"),
        (
            "rule-sets/other/1/01-first.yaml",
            1,
            "the file belongs to no rule set: there is no rule-set.yaml beside it",
        ),
    ]


@pytest.mark.parametrize(
    ("file", "copy", "words"),
    [
        (RESPECT, "schemes/respect-2.yaml", "the scheme respect is also in schemes/respect-2.yaml"),
        (RESPECT_WALK, "crosswalks/a.json.yaml", "the crosswalk respect--example 1 is also in crosswalks/a.json.yaml"),
    ],
)
def test_two_files_for_one_version_are_refused(tmp_path: Path, file: str, copy: str, words: str) -> None:
    assert words in "\n".join(map(str, problems_of(write(tmp_path, GOOD | {copy: GOOD[file]}))))


def test_two_folders_for_one_version_of_a_rule_set_are_refused(tmp_path: Path) -> None:
    copied = {file.replace("example/1.1", "example/again"): text for file, text in GOOD.items()}
    found = problems_of(write(tmp_path, GOOD | copied))
    assert [problem.message for problem in found] == [f"the rule set example 1.1 is also in {RULE_SET}"]


def test_one_crosswalk_id_for_one_scheme_and_rule_set(tmp_path: Path) -> None:
    other = GOOD[RESPECT_WALK].replace("id: respect--example", "id: other")
    found = problems_of(write(tmp_path, GOOD | {"crosswalks/z.yaml": other}))
    assert "have another crosswalk, `respect--example`" in said(found, "crosswalks/z.yaml")
    taken = GOOD[CSAAP_WALK].replace("id: csaap--example", "id: respect--example").replace('"1"', '"2"')
    found = problems_of(write(tmp_path, GOOD | {CSAAP_WALK: GOOD[RESPECT_WALK], "crosswalks/z.yaml": taken}))
    assert "is used for respect and example too" in said(found, "crosswalks/z.yaml")


def test_a_folder_that_is_no_tree_is_refused(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path / "nowhere")
    assert "there is no folder" in problem.message
    (problem,) = problems_of(tmp_path)
    assert "there is no rule set" in problem.message
    with pytest.raises(StandardsInvalid, match="one problem") as caught:
        load(tmp_path)
    assert "safonau standards check" in caught.value.hint


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"id: caf\xe9", "1:8 the text is not UTF-8"),
        (b"x" * (LARGEST_FILE + 1), "1:1 the file has 2097153 bytes, more than 2 MB"),
        (b"", "1:1 the file is empty"),
        (b"null", "1:1 the file is empty"),
        (b"[" * 10_000, "1:51 the file is nested more than 50 levels deep"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, data: bytes, words: str) -> None:
    write(tmp_path, GOOD)
    (tmp_path / RESPECT).write_bytes(data)
    assert words in said(problems_of(tmp_path), RESPECT)


def test_a_folder_called_like_a_file_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / RESPECT).unlink()
    (tmp_path / RESPECT).mkdir()
    assert "the file cannot be read: Is a directory" in said(problems_of(tmp_path), RESPECT)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{\n  "id": "respect",\n  "titel": "R"\n}', ["3:3 unknown key `titel`", "1:1 `title` is missing"]),
        ('{\n "id": "a",\n "id": "b"}', ['3:2 the key "id" is used twice']),
        ('{\n "usual_term_months": 36.5}', ["2:23 `usual_term_months` must be a whole number, not a decimal"]),
        ('{\n "usual_term_months": 1e400}', ["2:23 1e400 is not a number"]),
        ('{\n "id": "a"', ["2:11 the text is not JSON: Expecting ',' delimiter"]),
        ("{" + '"a":[' * 60, ["1:251 the document is nested more than 50 levels"]),
    ],
)
def test_problems_of_a_json_file_have_their_place(tmp_path: Path, text: str, words: list[str]) -> None:
    write(tmp_path, GOOD)
    (tmp_path / RESPECT).unlink()
    name = RESPECT.replace(".yaml", ".json")
    found = said(problems_of(write(tmp_path, {name: text})), name)
    for word in words:
        assert word in found


def test_a_yaml_file_may_start_with_a_brace_that_is_not_json(tmp_path: Path) -> None:
    flow = "{id: respect, title: Respect, editions: ['2', '3'], stages: [accredited], scope: service, "
    flow += "usual_term_months: 36}"
    assert load(write(tmp_path / "flow", GOOD | {RESPECT: flow})) == load(write(tmp_path / "block", GOOD))


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / RESPECT).write_bytes(b"\xef\xbb\xbf" + GOOD[RESPECT].encode())
    assert "respect" in load(tmp_path).schemes


def test_the_tree_that_comes_along_is_sound(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "standards"
    catalogue = load(shipped)
    assert catalogue.rule_sets
    broken = tmp_path / "standards"
    shutil.copytree(shipped, broken)
    (next(broken.glob("schemes/*.yaml"))).write_text("id: x", encoding="utf-8")
    assert problems_of(broken)
