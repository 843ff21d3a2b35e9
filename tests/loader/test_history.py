"""What binds a version to those before it: each way of breaking it, the words of the problem, and its line."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from app.engine.rules import Crosswalk, RuleSet
from app.loader.catalogue import Catalogue, load
from app.loader.published import Published
from app.loader.source import rule_set_sources, said_by
from tests.loader.trees import FOLLOWS, GOOD, RESPECT_WALK, RULE_SET, problems_of, write

NEXT = RULE_SET.replace("1.1", "1.2")
LATER = {
    file.replace("example/1.1/", "example/1.2/"): text.replace('version: "1.1"', 'version: "1.2"')
    for file, text in GOOD.items()
    if "example/1.1/" in file
}
TREE = GOOD | LATER | {NEXT: LATER[NEXT] + FOLLOWS}
FIRST = NEXT.replace("rule-set.yaml", "01-first.yaml")
ENTRY = '    - {requirement: "1.2", from: ["1.2"], change: unchanged}\n'


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


def test_a_version_that_follows_from_another_loads(tmp_path: Path) -> None:
    assert load(write(tmp_path, TREE)).rule_set("example", "1.2").based_on is not None


WAYS = [
    # (what is wrong, edits of the new rule-set.yaml, edits of its first standard, where, words of message and hint)
    ("no entry", [(ENTRY, "")], [], "lineage:", "requirement 1.2 has no entry|new"),
    ("goes nowhere", [(ENTRY, "")], [], "lineage:", "requirement 1.2 of version 1.1 goes nowhere|retired"),
    ("unknown here", [('"1.2", from', '"1.9", from')], [], '    - {requirement: "1.9"', "no requirement 1.9"),
    ("unknown there", [('from: ["1.2"]', 'from: ["1.9"]')], [], ENTRY[:20], "version 1.1 has no requirement 1.9"),
    ("no parents", [('from: ["1.2"], change: un', "from: [], change: un")], [], ENTRY[:20], "exactly one; here are 0"),
    ("a split alone", [(ENTRY, ENTRY.replace("unchanged", "split"))], [], ENTRY[:20], "only this entry comes from 1.2"),
    ("changed anyway", [], [("weight: 2", "weight: 3")], ENTRY[:20], "1.2 is called unchanged, but differs in weight"),
    ("a question", [("Hours of supervision", "Hours")], [], '    - {requirement: "1.1"', "differs in question hours"),
    ("no lineage", [(FOLLOWS.split("\n", 1)[1], "")], [], "based_on:", "a version based on another has a lineage"),
    ("no base", [(FOLLOWS.split("\n", 1)[0], "")], [], "  retired:", "not what it is based on|based_on"),
    ("a base not older", [('version: "1.1"}', 'version: "1.2"}')], [], "based_on:", "1.2 cannot be based on 1.2"),
    ("a question dropped", [("  - {id: safe_contact, type: boolean, text: Is contact safe?}\n", "")], [], "  - {id: hours", "question `safe_contact` of version 1.1 is missing|retired: true"),  # noqa: E501 -- one way a line
    ("a type dropped", [("  - {id: minutes, text: Minutes}\n", "")], [("minutes, policy", "policy")], "  - {id: policy", "the document type `minutes` of version 1.1 is missing"),  # noqa: E501 -- the same
    ("an option dropped", [("{id: group, text: In groups}, ", "")], [], "    options: [{id: alone", "option `group` of the profile field `delivery` of version 1.1 is missing"),  # noqa: E501 -- the same
]  # fmt: skip


@pytest.mark.parametrize(("head", "first", "where", "words"), [way[1:] for way in WAYS], ids=[way[0] for way in WAYS])
def test_what_does_not_follow_is_refused_at_its_line(
    tmp_path: Path, head: list[tuple[str, str]], first: list[tuple[str, str]], where: str, words: str
) -> None:
    files = dict(TREE)
    for name, edits in ((NEXT, head), (FIRST, first)):
        for old, new in edits:
            assert old in files[name]
            files[name] = files[name].replace(old, new, 1)
    found = [problem for problem in problems_of(write(tmp_path, files)) if problem.file == NEXT]
    lines = files[NEXT]
    wanted = {line_of(lines, where)}
    said = [str(item) for item in found if item.line in {*wanted, *(line + 1 for line in wanted)}]
    assert any(all(word in item for word in words.split("|")) for item in said), "\n".join(map(str, found))


def test_a_new_edition_may_drop_what_a_revision_may_not(tmp_path: Path) -> None:
    dropped = "  - {id: safe_contact, type: boolean, text: Is contact safe?}\n"
    files = {name: text.replace('version: "1.2"', 'version: "2.1"').replace(dropped, "") for name, text in TREE.items()}
    files[RULE_SET] = GOOD[RULE_SET]
    assert load(write(tmp_path, files)).rule_set("example", "2.1").lineage is not None


def versions(catalogue: Catalogue) -> list[RuleSet | Crosswalk]:
    return [*catalogue.rule_sets.values(), *catalogue.crosswalks]


def published(root: Path) -> str:
    """The record of everything in a tree, as its file says it."""
    catalogue = load(root)
    record = Published()
    for version in versions(catalogue):
        record = record.adding(version)
    return record.text


def test_what_is_published_and_unchanged_loads(tmp_path: Path) -> None:
    text = published(write(tmp_path, TREE))
    catalogue = load(write(tmp_path, {"published.toml": text}))
    assert all(map(catalogue.published.has, versions(catalogue)))
    assert catalogue.published.text == text
    tables = re.findall(r"^\[.*\]$", text, re.MULTILINE)
    assert tables == ['[rule-sets."example"]', '[crosswalks."csaap--example"]', '[crosswalks."respect--example"]']
    assert re.findall(r'^"([\d.]+)" = "[0-9a-f]{64}"$', text, re.MULTILINE) == ["1.1", "1.2", "1", "1"]


def test_a_version_is_published_that_says_so_and_is_recorded_so(tmp_path: Path) -> None:
    """semantics.md 2: a draft that is recorded, and a version that only says that it is published, are not."""
    drafts = load(write(tmp_path / "drafts", TREE | {"published.toml": published(write(tmp_path / "a", TREE))}))
    assert not any(map(drafts.is_published, drafts.rule_sets.values()))
    [draft] = [item for (_, version), item in drafts.rule_sets.items() if version == "1.1"]
    said = draft.replace(status="published")
    assert not drafts.is_published(said)
    assert replace(drafts, published=Published().adding(said)).is_published(said)


@pytest.mark.parametrize(
    ("file", "old", "new", "name"),
    [
        (FIRST, "There is a policy.", "There is a plan.", "example 1.2"),
        (RESPECT_WALK, "It was assessed.", "It was seen.", "respect--example 1"),
    ],
)
def test_a_published_version_that_changed_is_refused(tmp_path: Path, file: str, old: str, new: str, name: str) -> None:
    record = {"published.toml": published(write(tmp_path, TREE))}
    [problem] = problems_of(write(tmp_path, record | {file: TREE[file].replace(old, new)}))
    assert problem.file == (NEXT if file == FIRST else RESPECT_WALK)
    assert problem.line == 2
    assert problem.message == f"{name} is published and no longer says what was published"
    assert "make the change in a new version" in problem.hint


def test_the_file_that_changed_is_named_where_it_was_recorded(tmp_path: Path) -> None:
    catalogue = load(write(tmp_path, TREE))
    version = catalogue.rule_set("example", "1.2")
    files = said_by(rule_set_sources(tmp_path, "example", "1.2"))
    assert list(files) == ["rule-set.yaml", "01-first.yaml", "02-second.yaml"]
    record = Published().adding(version, files)
    write(tmp_path, {"published.toml": record.text, FIRST: f"# a comment says nothing\n{TREE[FIRST]}"})
    assert load(tmp_path).published == record
    write(tmp_path, {FIRST: TREE[FIRST].replace("There is a policy.", "There is a plan.")})
    said = "example 1.2 is published and no longer says what was published"
    assert [(item.file, item.message) for item in problems_of(tmp_path)] == [(FIRST, f"{said}; this file has changed")]
    second = FIRST.replace("01-first", "02-second")
    write(tmp_path, {NEXT: TREE[NEXT].replace("Example rules", "Rules"), second: TREE[second] + "note: Other.\n"})
    assert [item.file for item in problems_of(tmp_path)] == [FIRST, second, NEXT]


def test_a_published_version_that_is_gone_is_refused(tmp_path: Path) -> None:
    record = {"published.toml": published(write(tmp_path / "a", TREE))}
    found = problems_of(write(tmp_path / "b", {**GOOD, **record}))
    line = record["published.toml"].splitlines().index('[rule-sets."example"]') + 3
    assert [(item.file, item.line) for item in found] == [("published.toml", line)]
    assert found[0].message == "example 1.2 is published and is not in the tree any more"


def test_a_version_that_cannot_be_read_is_not_called_gone(tmp_path: Path) -> None:
    record = {"published.toml": published(write(tmp_path, GOOD))}
    found = problems_of(write(tmp_path, record | {RULE_SET: "id: [example", RESPECT_WALK: "id: ["}))
    assert not [item for item in found if item.file == "published.toml"]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (b"[rule-sets", "published.toml:1:", "this is not TOML"),
        (b"x = 1\ny = ]\n", "published.toml:2:", "this is not TOML"),
        (b"x = 1\n", "published.toml:1:1", "unknown table `x`|there are: rule-sets, crosswalks"),
        (b"rule-sets = 1\n", "published.toml:1:1", "unknown table `rule-sets`"),
        (b"[rule-sets]\nexample = 1\n", "published.toml:1:1", "`rule-sets.example` is not a table of versions"),
        (b'[rule-sets."a"]\n\n"1.1" = "x"\n', "published.toml:3:1", "`1.1` of a is not a version with its SHA-256"),
        (b'[rule-sets.a]\n"01" = "x"\n', "published.toml:2:1", "`01` of a is not a version"),
        (b"files = 1\n", "published.toml:1:1", "recorded of the files of files is no list of SHA-256"),
        (b"[files]\nexample = 1\n", "published.toml:1:1", "recorded of the files of example is no list"),
        (b"[files.example.x]\n", "published.toml:1:1", "recorded of the files of example x is no list"),
        (b'[files.example."1.1"]\na = "x"\n', "published.toml:1:1", "recorded of the files of example 1.1 is no list"),
        (b"\xff", "published.toml:1:1", "the file is not UTF-8"),
    ],
)
def test_a_record_that_cannot_be_read_is_refused(tmp_path: Path, text: bytes, place: str, words: str) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "published.toml").write_bytes(text)
    [problem] = problems_of(tmp_path)
    assert str(problem).startswith(place)
    assert all(word in str(problem) for word in words.split("|"))


def test_a_folder_in_the_place_of_the_record_is_refused(tmp_path: Path) -> None:
    (write(tmp_path, GOOD) / "published.toml").mkdir()
    [problem] = problems_of(tmp_path)
    assert "the file cannot be read: Is a directory" in problem.message


def test_what_is_read_once_is_not_shared_between_trees(tmp_path: Path) -> None:
    again = write(tmp_path / "b", TREE | {FIRST: TREE[FIRST] + "note: Another.\n"})
    one, other = load(write(tmp_path / "a", TREE)), load(again)
    assert one.rule_set("example", "1.2") != other.rule_set("example", "1.2")
    assert one.rule_set("example", "1.1") == other.rule_set("example", "1.1")
