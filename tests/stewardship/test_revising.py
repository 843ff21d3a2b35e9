"""A revision by import: everything but the official text stays as it was, byte for byte, and all or nothing is made."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.values import Text
from app.errors import BadInput, Conflict, Unavailable
from app.loader.catalogue import load
from app.loader.source import DEEPEST_FILE, Source, rule_set_source
from app.loader.yamlfile import read_yaml
from app.stewardship.editing import Editor, text_lines
from app.stewardship.revising import Revision, revise
from tests.loader.trees import CSAAP_WALK, FIRST, FOLLOWS, GOOD, RESPECT_WALK, RULE_SET, SECOND, write

NEXT = RULE_SET.replace("1.1", "1.2")
LATER = FIRST.replace("1.1", "1.2")
WORDS = {"1.1": Text(en="Words.", cy="Geiriau.")}


def revised(root: Path, files: dict[str, str], official: dict[str, Text] | None = None) -> Revision:
    catalogue = load(write(root, files))
    return revise(root, catalogue, catalogue.rule_set("example", "1.1"), WORDS if official is None else official)


def test_only_what_has_to_change_changes(tmp_path: Path) -> None:
    remark = "    official_text: null   # nobody has it yet\n    # of these, one is enough\n"
    first = GOOD[FIRST].replace("    basis: [editorial]\n", f"{remark}    basis: [editorial]  # ours\n")
    files = GOOD | {FIRST: first, RULE_SET: GOOD[RULE_SET].replace("status: draft", "status: published # now")}
    made = revised(tmp_path, files)
    assert made == Revision(
        "example",
        "1.1",
        "1.2",
        ("1.1",),
        (),
        "rule-sets/example/1.2",
        ("crosswalks/csaap--example/2.yaml", "crosswalks/respect--example/2.yaml"),
    )
    below = '    official_text:   # nobody has it yet\n      en: "Words."\n      cy: "Geiriau."\n'
    wanted = first.replace("    official_text: null   # nobody has it yet\n", below)
    assert (tmp_path / LATER).read_text(encoding="utf-8") == wanted
    head = files[RULE_SET].replace('version: "1.1"', 'version: "1.2"').replace("published # now", "draft # now")
    lineage = FOLLOWS.replace('based_on: {id: example, version: "1.1"}\n', "")
    written = (tmp_path / NEXT).read_text(encoding="utf-8")
    assert lineage in written
    assert written.replace(lineage, "").replace('based_on:\n  id: example\n  version: "1.1"\n', "") == head
    second = SECOND.replace("1.1", "1.2")
    assert (tmp_path / second).read_text(encoding="utf-8") == GOOD[SECOND]
    walk = (tmp_path / "crosswalks/respect--example/2.yaml").read_text(encoding="utf-8")
    old = GOOD[RESPECT_WALK].replace('version: "1"\n', 'version: "2"\n')
    assert walk == old.replace('version: "1.1"', 'version: "1.2"')
    assert all((tmp_path / name).read_text(encoding="utf-8") == text for name, text in files.items())


def test_the_rules_are_the_same_rules(tmp_path: Path) -> None:
    revised(tmp_path, GOOD)
    catalogue = load(tmp_path)
    old, new = catalogue.rule_set("example", "1.1"), catalogue.rule_set("example", "1.2")
    text_apart = [item.replace(official_text=None) for item in new.requirements.values()]
    assert text_apart == list(old.requirements.values())
    assert [item.entries for item in catalogue.crosswalks_for(new)] == [
        item.entries for item in catalogue.crosswalks_for(old)
    ]
    assert new.status == "draft"


def test_text_that_is_there_is_replaced_and_a_second_revision_follows(tmp_path: Path) -> None:
    revised(tmp_path, GOOD)
    catalogue = load(tmp_path)
    made = revise(tmp_path, catalogue, catalogue.rule_set("example", "1.2"), {"1.1": Text(en="Other.")})
    assert (made.version, made.without_welsh) == ("1.3", ("1.1",))
    new = load(tmp_path).rule_set("example", "1.3")
    assert new.requirements["1.1"].official_text == Text(en="Other.")
    assert new.based_on is not None
    assert new.based_on.version == "1.2"


def test_every_version_of_a_crosswalk_is_copied_so_that_every_date_is_judged_alike(tmp_path: Path) -> None:
    later = GOOD[RESPECT_WALK].replace('version: "1"\n', 'version: "2"\neffective_from: "2027-01-01"\n')
    made = revised(tmp_path, GOOD | {RESPECT_WALK.replace("1.yaml", "2.yaml"): later})
    assert made.crosswalks[1:] == ("crosswalks/respect--example/3.yaml", "crosswalks/respect--example/4.yaml")
    days = [item.effective_from for item in load(tmp_path).crosswalks if item.version in ("3", "4")]
    assert [day and day.isoformat() for day in days] == [None, "2027-01-01"]


def test_a_tree_of_json_is_revised_too(tmp_path: Path) -> None:
    values = {name.replace(".yaml", ".json"): read_yaml(text, DEEPEST_FILE).value for name, text in GOOD.items()}
    files = {name: json.dumps(value).replace(".yaml", ".json") for name, value in values.items()}
    revised(tmp_path, files)
    assert load(tmp_path).rule_set("example", "1.2").requirements["1.1"].official_text == WORDS["1.1"]


def snapshot(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ({"rule-sets/example/1.2/notes.txt": "mine"}, "there is a revision 1.2 of example already"),
        ({"crosswalks/csaap--example/2.txt": ""}, ""),
        ({FIRST: "{number: 1, title: First, requirements: " + json.dumps(
            read_yaml(GOOD[FIRST], DEEPEST_FILE).value["requirements"]) + "}"},  # type: ignore[index]  # a group of keys
         f"{FIRST} is written in a way that this command cannot edit without spoiling it"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_leaves_everything_as_it_was(tmp_path: Path, extra: dict[str, str], words: str) -> None:
    files = GOOD | extra
    if not words:
        revised(tmp_path, files)
        return
    write(tmp_path, files)
    before = snapshot(tmp_path)
    with pytest.raises((Conflict, BadInput)) as caught:
        revised(tmp_path, files)
    assert words in caught.value.message
    assert snapshot(tmp_path) == before


def test_a_crosswalk_file_in_the_way_is_refused(tmp_path: Path) -> None:
    moved = {"crosswalks/csaap--example/2.yaml": GOOD[CSAAP_WALK]}
    with pytest.raises(Conflict, match=r"there is a file crosswalks/csaap--example/2\.yaml already"):
        revised(tmp_path, {name: text for name, text in (GOOD | moved).items() if name != CSAAP_WALK})


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = load(write(tmp_path, GOOD))
    before = snapshot(tmp_path)
    whole = Path.write_text

    def fail(path: Path, text: str, **options: str) -> int:
        if path.is_relative_to(tmp_path) and "crosswalks" in path.parts:
            raise OSError(28, "No space left on device")
        return whole(path, text, **options)

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(Unavailable, match="No space left on device"):
        revise(tmp_path, catalogue, catalogue.rule_set("example", "1.1"), WORDS)
    assert snapshot(tmp_path) == before


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=300)


OLD = [
    "",
    "    b: null  # why\n",
    "    b:\n",
    "    b:   # why\n",
    '    b: "one # two"\n',
    "    b: 'it''s'\n",
    "    b: plain words\n      on two lines\n",
    "    b:\n      en: |\n        x\n\n",
    "    b: {en: x,\n        cy: y}\n",
]


@given(
    english=TEXTS,
    welsh=st.none() | TEXTS,
    old=st.sampled_from(OLD),
)
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_as_it_was_written(*, english: str, welsh: str | None, old: str) -> None:
    text = Text(en=english, cy=welsh)
    file = f"list:\n  - a: 1\n{old}    # before c\n    c: 2\n"
    meant = read_yaml(file, DEEPEST_FILE).value
    assert isinstance(meant, dict)
    meant["list"][0]["b"] = text.model_dump(exclude_none=True)
    editor = Editor(Source("x.yaml", file), meant)
    editor.block(("list", 0, "b"), ("list", 0, "a"), lambda column: text_lines(text, column))
    written = editor.done()
    assert written.endswith("    # before c\n    c: 2\n")
    assert "# why" in written or "# why" not in old


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("Short: one.", ['  en: "Short: one."']),
        (
            "One line.\n\n  (a) Another # no remark.",
            ["  en: |-", "    One line.", "", "      (a) Another # no remark."],
        ),
        (" ".join(["word"] * 30), ["  en: >-", "    " + " ".join(["word"] * 21), "    " + " ".join(["word"] * 9)]),
        ("A\ttab " + "word " * 30 + ".", ['  en: "A\\ttab ' + "word " * 30 + '."']),
        ("a\u2028b\tc", ['  en: "a\\u2028b\\tc"']),
    ],
)
def test_text_is_written_as_people_would(words: str, lines: list[str]) -> None:
    assert text_lines(Text(en=words), 0) == lines


def test_an_edit_that_would_not_say_what_was_meant_is_refused() -> None:
    editor = Editor(Source("x.yaml", "a: >-\n  one"), {"a": "two"})
    editor.scalar(("a",), "two")
    with pytest.raises(BadInput, match=r"x\.yaml is written in a way that this command cannot edit"):
        editor.done()


def test_the_last_value_of_a_file_is_replaced_too() -> None:
    editor = Editor(Source("x.yaml", "a: 1\nb: null"), {"a": 1, "b": ["x"]})
    editor.block(("b",), ("a",), lambda _: ["  - x"])
    assert editor.done() == "a: 1\nb:\n  - x\n"


def test_a_rule_set_that_states_no_status_stays_a_draft(tmp_path: Path) -> None:
    revised(tmp_path, GOOD | {RULE_SET: GOOD[RULE_SET].replace("status: draft\n", "")})
    assert load(tmp_path).rule_set("example", "1.2").status == "draft"


def test_a_version_that_is_not_there_has_no_file(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="example 9"):
        rule_set_source(write(tmp_path, GOOD), "example", "9")
