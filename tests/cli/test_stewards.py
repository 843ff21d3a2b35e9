"""``safonau standards``: what each command prints, and what each refuses with which sentence."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from app.loader.catalogue import load
from tests.command import Ran, Run
from tests.loader.trees import CSAAP, FIRST, FOLLOWS, GOOD, RESPECT_WALK, RULE_SET, SECOND, write

TREE = Path("standards")
NEXT = RULE_SET.replace("1.1", "1.2")
LATER_FIRST = FIRST.replace("1.1", "1.2")
REVISED = {
    file.replace("example/1.1/", "example/1.2/"): text.replace('version: "1.1"', 'version: "1.2"')
    for file, text in GOOD.items()
    if "example/1.1/" in file
}
REVISED[NEXT] += FOLLOWS
OTHER = {
    file.replace("example", "other"): text.replace("id: example", "id: other")
    for file, text in GOOD.items()
    if "rule-sets/" in file
}


def edit(file: str, old: str, new: str) -> None:
    text = (TREE / file).read_text(encoding="utf-8")
    assert old in text
    (TREE / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def publish_example(run: Run) -> None:
    edit(RULE_SET, "status: draft", "status: published")
    assert run("standards", "publish", "example", "1.1").code == 0


def test_show_prints_a_requirement_in_both_languages(run: Run) -> None:
    out = run("standards", "show", "1.2").out.decode()
    english, welsh = out.split("Gofyniad 1.2\n")
    for words in (
        "Requirement 1.2\n===============",
        "Example rules: example 1.1 (draft: not for decisions that bind)",
        "1: First, page 3",
        "Official text\n  not at hand",
        "Mandatory, weight 2",
        "Safety critical\n  yes",
        "  - All of these:\n    - [minutes] Hand in the minutes.\n      Document: Minutes or A policy.",
        "Answer to “Which methods?”: all of: Visit.",
        "a date within the last 12 months",
        "  - Respect: in part: minutes, review.\n    Crosswalk respect--example version 1.",
        "  - CSAAP: nothing.",
    ):
        assert words in english
    for words in ("Rheolau enghreifftiol", "ddim wrth law", "Dogfen: Minutes (yn Saesneg yn unig) neu A policy"):
        assert words in welsh


def test_show_puts_conditions_and_limits_into_words(run: Run) -> None:
    edit(FIRST, "concerns: organisation", "concerns: organisation\n    may_be_excluded: true\n    note: Look here.")
    edit(FIRST, "safety_critical: true", "safety_critical: true\n    safety_reason: Somebody may be hurt.")
    assert b"Safety critical\n  yes: Somebody may be hurt.\n" in run("standards", "show", "1.2").out
    edit(FIRST, "at_least: 1,", "at_least: 3,")
    edit(FIRST, "profile: {field: workers, at_most: 1}", "profile: {field: client_groups, within: [young_people]}")
    edit(
        RESPECT_WALK,
        "reason: It was assessed.",
        "reason: It was assessed., note: So far., basis: [inferred, their own]",
    )
    edit(RESPECT_WALK, "entries:", 'effective_from: "2027-01-01"\nentries:')
    out = run("standards", "show", "1.1").out.decode()
    for words in (
        "Applies\n  where this holds, or the profile leaves it open:\n    - At least one of these:\n",
        "      - “Who comes”: any of: Men\n      - Not this:\n        - “Who comes”: none but: Young people",
        "Document: A policy, at least 3, at most 36 months old.",
        "Answer to “Hours of supervision”: at least 1.5 h.",
        "one of: Manager, Board.",
        "May be argued not to apply\n  yes, with a reason",
        "Respect: all of it. It was assessed. Basis: inferred by this project, their\n    own.\n    So far.\n",
        "    Crosswalk respect--example version 1, in use from 1 January 2027.",
        "Note\n  Look here.",
    ):
        assert words in out
    assert "Sail: casglwyd gan y prosiect hwn, their own." in " ".join(out.split())


def test_show_takes_a_standard_a_scheme_and_a_crosswalk(run: Run) -> None:
    standard = run("standards", "show", "1").out.decode()
    assert "Standard 1: First, page 3\n" in standard
    assert "- 1.2  Somebody looks after safety.\n    Mandatory; safety critical" in standard
    scheme = run("standards", "show", "csaap").out.decode()
    assert "Cynllun csaap" in scheme
    assert "- csaap--example@1 → example 1.1\n    editions " in scheme
    for name in ("respect--example", "respect--example@1"):
        crosswalk = run("standards", "show", name).out.decode()
        assert "editions 3; stages accredited" in crosswalk
        assert "“How it is delivered”: In groups" in crosswalk
        assert "- 1.2  Somebody looks after safety.\n    respect: in part: minutes, review." in crosswalk


def test_show_prints_notes_and_programmes_of_a_scheme(run: Run) -> None:
    about = "setting: Custody, status: In use"
    listed = (
        f"[{{id: a, title: A, {about}, recognised: true, reason: It is., sources: [{{document: D, section: 4}}]}}, "
    )
    listed += "{id: b, title: B, recognised: false, reason: It is near.}]"
    edit(CSAAP, "scope:", f"stage_notes: {{full: The whole.}}\nbody: A panel\nprogrammes: {listed}\nscope:")
    out = run("standards", "show", "csaap").out.decode()
    for words in (
        "Awarding body\n  A panel",
        "- full: The whole.\n  - provisional\n",
        "- A; Custody; In use\n    recognised: It is.\n    D, section 4.\n  - B\n    not recognised: It is near.\n",
    ):
        assert words in out
    edit(SECOND, "title: Second", "title: Second\nnote: Not seen.")
    assert b"Note\n  Not seen." in run("standards", "show", "2").out


def test_show_looks_where_it_is_told(run: Run) -> None:
    write(TREE, REVISED | OTHER)
    assert b"example 1.2" in run("standards", "show", "1.1", "--rule-set", "example").out
    assert b"example 1.1" in run("standards", "show", "1.1", "--rule-set", "example", "--version", "1.1").out
    found = run("standards", "show", "1.1")
    assert found.code == 2
    assert "2 rule sets may be meant (say which: --rule-set example or --rule-set other)" in found.err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["9.9"], "there is no 9.9 in example 1.1 (name a requirement (14.2), the number of a standard (14)"),
        (["1.1", "--rule-set", "exampel"], "there is no rule set exampel (did you mean `example`?)"),
        (["1.1", "--version", "3"], "there is no rule set example 3 (there are: example 1.1)"),
        (["respect--example@2"], "there is no crosswalk respect--example 2 (versions: 1)"),
        (["1.1", "--standards", "nowhere"], "the standards tree has one problem"),
    ],
)
def test_show_refuses_what_is_not_there(run: Run, args: list[str], words: str) -> None:
    found = run("standards", "show", *args)
    assert (found.code, found.out) == (2, b"")
    assert words in found.err


def test_a_version_of_one_of_several_rule_sets_is_asked_back(run: Run) -> None:
    write(TREE, OTHER)
    assert "1.1 is a version of which rule set? (say --rule-set: example, other)" in (
        run("standards", "show", "1.1", "--version", "1.1").err
    )


def test_diff_says_what_changed_in_words(run: Run) -> None:
    write(TREE, REVISED)
    edit(NEXT, '"1.1"], change: unchanged', '"1.1"], change: clarified')
    edit(LATER_FIRST, "There is a policy.", "There is a written policy.")
    edit(LATER_FIRST, "max_age_months: 36", "max_age_months: 24")
    found = run("standards", "diff", "example@1.1", "1.2")
    assert found == Ran(
        0,
        b"""\
From example 1.1 to example 1.2: changes: 5.

Requirement 1.1
  lineage: was 1.1, is now 1.1 (clarified)
  statement: was There is a policy., is now There is a written policy.
  what satisfies item policy
    was: Document: A policy, at most 36 months old.
    now: Document: A policy, at most 24 months old.

Crosswalk of csaap
  removed

Crosswalk of respect
  removed
""",
        "",
    )
    as_json = json.loads(run("standards", "diff", "example@1.1", "example@1.2", "--format", "json").out)
    assert as_json["format"] == "safonau/standards-comparison/1"
    assert as_json["changes"][1] == {
        "part": "requirement",
        "id": "1.1",
        "aspect": "statement",
        "kind": "changed",
        "was": "There is a policy.",
        "now": "There is a written policy.",
    }


def test_diff_compares_versions_of_a_crosswalk(run: Run) -> None:
    later = GOOD[RESPECT_WALK].replace('version: "1"\n', 'version: "2"\n').replace("[minutes, review]", "[minutes]")
    write(TREE, {RESPECT_WALK.replace("1.yaml", "2.yaml"): later})
    wanted = b"""\
From respect--example 1 to respect--example 2: changes: 1.

Crosswalk respect--example 2, requirement 1.2
  coverage: was in part: minutes, review, is now in part: minutes
"""
    assert run("standards", "diff", "respect--example@1", "2").out == wanted


def test_diff_takes_folders(run: Run) -> None:
    shutil.copytree(TREE, "draft")
    Path("draft", SECOND).write_text(GOOD[SECOND].replace("obligation: should", "obligation: must"), encoding="utf-8")
    change = b"Requirement 2.1\n  obligation: was should, is now must\n"
    assert run("standards", "diff", "standards", "draft").out.endswith(change)
    assert run("standards", "diff", "example@1.1", "draft").out.endswith(change)
    assert b"obligation: was must, is now should" in run("standards", "diff", "draft", "example@1.1").out
    assert run("standards", "diff", "example", "example").out == b"From example 1.1 to example 1.1: nothing changed.\n"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (
            ["exampel@1.1", "1.2"],
            "exampel@1.1 is neither a rule set, a crosswalk nor a folder (did you mean `example`?",
        ),
        (["example@1.1", "1.9"], "there is no rule set example 1.9"),
        (["example@1.1", "respect--example@1"], "example and respect--example are not versions of one thing"),
        (["respect--example@1", "4"], "there is no crosswalk respect--example 4"),
    ],
)
def test_diff_refuses_what_cannot_be_compared(run: Run, args: list[str], words: str) -> None:
    found = run("standards", "diff", *args)
    assert (found.code, found.out) == (2, b"")
    assert words in found.err


def test_publish_refuses_a_draft_and_says_which_line_to_change(run: Run) -> None:
    found = run("standards", "publish", "example", "1.1")
    assert found.code == 2
    assert "example 1.1 is not ready: its status is draft" in found.err
    assert f"in {RULE_SET}, line 4, write `status: published`" in found.err
    assert not (TREE / "published.toml").exists()


def test_publish_records_once_and_freezes(run: Run) -> None:
    edit(RULE_SET, "status: draft", "status: published")
    assert b"example 1.1 says published and is not recorded yet: run `safonau" in run("standards", "check").out
    found = run("standards", "publish", "example", "1.1")
    assert found.code == 0
    sha256 = load(TREE).rule_set("example", "1.1").sha256
    assert sha256 in found.out.decode()
    record = (TREE / "published.toml").read_text(encoding="utf-8")
    assert f'[rule-sets."example"]\n"1.1" = "{sha256}"\n\n[files."example"."1.1"]\n"rule-set.yaml" = "' in record
    assert [line.split('"')[1] for line in record.splitlines()[-3:]] == [
        Path(f).name for f in (RULE_SET, FIRST, SECOND)
    ]
    assert run("standards", "check").out.endswith(b"published versions 1.\n")
    assert b"is published already, and unchanged" in run("standards", "publish", "example", "1.1").out
    assert (TREE / "published.toml").read_text(encoding="utf-8") == record
    edit(FIRST, "There is a policy.", "There is a plan.")
    broken = run("standards", "check")
    assert broken.code == 2
    assert f"{FIRST}:1:1 example 1.1 is published and no longer says what was published; this file has" in broken.err
    assert f"{RULE_SET}:" not in broken.err


def test_publish_of_a_crosswalk_waits_for_its_rule_set_and_its_first_day(run: Run) -> None:
    assert "it does not say from when it is in use" in run("standards", "publish", "respect--example", "1").err
    edit(RESPECT_WALK, "entries:", 'effective_from: "2026-01-01"\nentries:')
    found = run("standards", "publish", "respect--example", "1")
    assert found.code == 2
    assert "example 1.1, which it is for, is not published (run `safonau standards publish example 1.1`" in found.err
    publish_example(run)
    assert run("standards", "publish", "respect--example", "1").code == 0
    tables = (TREE / "published.toml").read_text(encoding="utf-8")
    assert tables.index('[rule-sets."example"]') < tables.index('[crosswalks."respect--example"]')


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["exampel", "1.1"], "there is no rule set or crosswalk exampel (did you mean `example`?)"),
        (["example", "3"], "there is no rule set example 3"),
        (["respect--example", "3"], "there is no crosswalk respect--example 3 (versions: 1)"),
        (["respect", "3"], "respect is a scheme, and schemes have no versions"),
    ],
)
def test_publish_refuses_what_is_not_there(run: Run, args: list[str], words: str) -> None:
    found = run("standards", "publish", *args)
    assert (found.code, found.out) == (2, b"")
    assert words in found.err


def test_publish_of_a_revision_waits_for_its_base(run: Run) -> None:
    write(TREE, REVISED)
    edit(NEXT, "status: draft", "status: published")
    found = run("standards", "publish", "example", "1.2")
    assert (found.code, found.out) == (2, b"")
    assert "example 1.1, on which it is based, is not published (run `safonau standards publish" in found.err
    assert not (TREE / "published.toml").exists()
    publish_example(run)
    assert run("standards", "publish", "example", "1.2").code == 0


def test_publish_needs_a_first_day(run: Run) -> None:
    edit(RULE_SET, "status: draft\neffective_from: 2018-07-01", "status: published")
    found = run("standards", "publish", "example", "1.1")
    assert "it does not say from when it is in force" in found.err
    assert f'in {RULE_SET}, line 1, write `effective_from: "YYYY-MM-DD"`' in found.err


def test_stats_count_and_name_missing_welsh(run: Run) -> None:
    [found] = json.loads(run("standards", "stats", "--format", "json").out)["rule_sets"]
    assert found["requirements"] == 3
    assert found["tables"]["basis"] == {
        "official": 0, "secondary": 0, "heading": 1, "comparable": 1, "law": 1, "editorial": 1
    }  # fmt: skip
    assert found["tables"]["obligation"] == {"must": 2, "should": 1}
    assert found["tables"]["safety critical"] == {"yes": 1, "no": 2}
    assert found["tables"]["is about"] == {"organisation": 1, "service": 1, "programme": 1}
    assert found["tables"]["covered by respect (crosswalk version 1)"] == {"full": 1, "partial": 1, "none": 1}
    assert "requirement 1.1: statement" in found["missing_welsh"]
    assert "requirement 1.2: met_when all minutes ask" in found["missing_welsh"]
    assert "profile client_groups options adult_men text" in found["missing_welsh"]
    assert "title" not in found["missing_welsh"]
    text = run("standards", "stats").out.decode()
    assert text.startswith("example 1.1: draft, not recorded\n")
    assert "texts without Welsh" in text


def test_the_table_is_written_and_compared(run: Run) -> None:
    assert (
        "not current: requirements.md (run `safonau standards table`)"
        in run("standards", "table", "requirements.md", "--check").err
    )
    assert run("standards", "table", "requirements.md").code == 0
    assert run("standards", "table", "requirements.md", "--check") == Ran(
        0, b"The table in requirements.md is current.\n", ""
    )
    text = Path("requirements.md").read_text(encoding="utf-8")
    row = "| 1.2 | Somebody looks after safety. | must, **S** | service | heading, law | – | `minutes`, `review` | – |"
    assert row in text
    assert "wording of every statement below is this project's own" in text


def test_a_template_is_written_filled_in_and_imported(run: Run) -> None:
    assert run("standards", "import-text", "words.csv", "--template").code == 0
    rows = list(csv.reader(Path("words.csv").read_text(encoding="utf-8").splitlines()))
    assert rows == [["requirement", "en", "cy"], ["1.1", "", ""], ["1.2", "", ""], ["2.1", "", ""]]
    again = run("standards", "import-text", "words.csv", "--template")
    assert (again.code, "there is a file words.csv already" in again.err) == (2, True)
    Path("words.csv").write_text('requirement,en,cy\n1.2,"As written, there.","Fel y mae."\n', encoding="utf-8")
    found = run("standards", "import-text", "words.csv")
    assert found.code == 0
    for words in (
        "draft example@1.2 from example@1.1",
        "for 1: 1.2.",
        "safonau standards diff example@1.1 example@1.2",
    ):
        assert words in found.out.decode()
    text = load(TREE).rule_set("example", "1.2").requirements["1.2"].official_text
    assert text is not None
    assert text.model_dump() == {"en": "As written, there.", "cy": "Fel y mae."}
    taken = run("standards", "import-text", "words.csv", "--version", "1.1")
    assert taken.code == 2
    assert "there is a revision 1.2 of example already" in taken.err


def test_the_rule_set_of_a_table_is_never_guessed(run: Run) -> None:
    write(TREE, OTHER)
    Path("words.csv").write_text("requirement,en\n1.2,Words\n", encoding="utf-8")
    assert "say which: --rule-set example or --rule-set other" in run("standards", "import-text", "words.csv").err
    assert "say which" in run("standards", "import-text", "new.csv", "--template").err
    found = run("standards", "import-text", "words.csv", "--rule-set", "other").out.decode()
    assert "Without Welsh: 1.2." in found


def test_a_table_is_for_the_only_rule_set_that_has_all_its_requirements(run: Run) -> None:
    write(TREE, OTHER)
    edit("rule-sets/other/1.1/02-second.yaml", '"2.1"', '"2.9"')
    Path("words.csv").write_text("requirement,en\n1.2,Words\n2.1,Words\n", encoding="utf-8")
    assert b"example@1.2" in run("standards", "import-text", "words.csv").out


def test_a_table_that_is_not_there_is_refused(run: Run) -> None:
    found = run("standards", "import-text", "nothing.csv")
    assert found.code == 2
    assert "the file cannot be read: No such file or directory" in found.err
