"""Each kind of change between two versions or trees, and the words it is told in."""

# ruff: noqa: E501, ISC004 -- a table reads best with one change a line

from pathlib import Path

import pytest

from app.loader.catalogue import load
from app.stewardship.comparing import compare_rule_sets
from app.stewardship.diff import compared, comparison_text
from tests.loader.trees import CSAAP, CSAAP_WALK, FIRST, FOLLOWS, GOOD, RESPECT, RESPECT_WALK, RULE_SET, SECOND, write

LONG = (
    "Somebody who has been trained for it looks after the safety of everybody who may be at risk every day. "
    "What was seen is written down within hours and given to those who have to act on it without being asked. "
    "Nothing of it waits for a meeting."
)
OLD = GOOD | {FIRST: GOOD[FIRST].replace("Somebody looks after safety.", f"{{en: {LONG}, cy: Rhywun.}}")}
RULE = "requirement 1.1"
LEAD = "- {id: lead, type: choice, text: Who leads?"
ENTRY = '- {requirement: "1.1", coverage: full, reason: It was assessed.}'

WAYS = [
    # (file, what stands there, what stands there instead, the change as text)
    (RULE_SET, "Example rules", "Sample rules", "Rule set example 1.1\n  title: was Example rules, is now Sample rules"),
    (RULE_SET, "Rheolau enghreifftiol", "Rheolau", "title in Welsh: was Rheolau enghreifftiol, is now Rheolau"),
    (RULE_SET, ", cy: Rheolau enghreifftiol", "", "title in Welsh: removed: Rheolau enghreifftiol"),
    (RULE_SET, "status: draft", "status: withdrawn", "status: was draft, is now withdrawn"),
    (RULE_SET, "2018-07-01", "2019-01-01", "in force from: was 2018-07-01, is now 2019-01-01"),
    (RULE_SET, "status: draft", "status: draft\nsource: {document: D, page: 3}", "sources: added: D, page 3."),
    (RULE_SET, "page: 3,", "page: 4,", "Standard 1\n  page: was 3, is now 4"),
    (RULE_SET, "  - {number: 2, title: Second, file: 02-second.yaml}\n", "", "Standard 2\n  removed: Second"),
    (RULE_SET, "Who comes", "Who is there", "Profile field client_groups\n  text: was Who comes, is now Who is there"),
    (RULE_SET, "type: boolean", "type: integer", "type: was boolean, is now integer"),
    (RULE_SET, "unit: h", "unit: hours", "unit: was h, is now hours"),
    (RULE_SET, "unit: h", "unit: h, unit_of_one: hour", "unit of one: added: hour"),
    (RULE_SET, "text: Call}", "text: Call, retired: true}", "    now: visit: Visit; call: Call (retired)"),
    (RULE_SET, "{id: minutes, text: Minutes}", "{id: minutes, text: Minutes, retired: true}",
     "Document type minutes\n  retired: was no, is now yes"),
    (RULE_SET, "  - {id: safe_contact, type: boolean, text: Is contact safe?}\n", "",
     "Question safe_contact\n  removed: Is contact safe?"),
    (RULE_SET, "document_types:\n", "document_types:\n  - {id: log, text: A log}\n", "Document type log\n  added: A log"),
    (FIRST, "basis: [editorial]", "basis: [editorial, law]", "basis: was editorial, is now editorial, law"),
    (FIRST, "basis: [editorial]", "basis: [editorial]\n    official_text: Words.", "official text: added: Words."),
    (FIRST, "basis: [editorial]", "basis: [editorial]\n    sources: [A, B]", "sources: added: A.; B."),
    (FIRST, "obligation: must", "obligation: should", "obligation: was must, is now should"),
    (FIRST, "weight: 2", "weight: 5", "weight: was 2, is now 5"),
    (FIRST, "safety_critical: true", "safety_critical: false", "safety critical: was yes, is now no"),
    (FIRST, "concerns: organisation", "concerns: service", "is about: was organisation, is now service"),
    (SECOND, "may_be_excluded: true", "may_be_excluded: false", "may be argued not to apply: was yes, is now no"),
    (FIRST, "includes_any: [adult_men]", "includes_all: [adult_men]",
     "    now: At least one of these: “Who comes”: all of: Men; Not this: “Number of\n      workers”: at most 1"),
    (SECOND, "concerns: programme", "concerns: programme\n    applies_when: {profile: {field: delivery, is: group}}",
     "  condition: was always, is now “How it is delivered”: In groups"),
    (FIRST, "Hand in the policy.", "Send the policy.", "item policy: was Hand in the policy., is now Send the policy."),
    (FIRST, "at_least: 1,", "at_least: 2,", "what satisfies item policy"),
    (FIRST, "one_of: [manager, board]", "one_of: [board]", "what satisfies item lead"),
    (FIRST, "        - id: methods\n          ask: Say which methods.\n"
            "          answer: {question: methods, includes_all: [visit]}\n", "",
     "  how the items combine\n    was: all of (minutes, methods, review)\n    now: all of (minutes, review)\n"
     "  item methods: removed: Say which methods. Answer to “Which methods?”: all of:\n    Visit."),
    (FIRST, "every day. What", "every night. What", "… may be at risk every [-day.-] [+night.+] What was seen is written …"),
    (FIRST, "{en: Somebody who", "{en: A person who", "[-Somebody-] [+A person+] who has been trained for …"),
    (FIRST, f"{{en: {LONG}", "{en: There is safety", "    now: There is safety"),
    (FIRST, "Nothing of it waits for a meeting.", "Nothing waits for a meeting.", "… it without being asked. Nothing [-of it-] waits for a meeting."),
    (RESPECT, "title: Respect", "title: RESPECT", "Scheme respect\n  title: was Respect, is now RESPECT"),
    (RESPECT, "usual_term_months: 36", "usual_term_months: 24\nedition_notes: {'3': New}",
     "  usual term in months: was 36, is now 24\n  note on edition 3: added: New"),
    (CSAAP, "scope: programme", "scope: programme\nprogrammes: [{id: a, title: A, recognised: false, reason: No.}]",
     "Programme csaap a\n  added"),
    (RESPECT_WALK, 'editions: ["3"]', 'editions: ["2", "3"]', "editions: was 3, is now 2, 3"),
    (RESPECT_WALK, "is: group}}", "is: alone}}", "    now: “How it is delivered”: One to one"),
    (RESPECT_WALK, ENTRY, ENTRY.replace("1.1", "2.1"),
     "Crosswalk respect--example 1, requirement 2.1\n  added: all of it"),
    (RESPECT_WALK, ENTRY, ENTRY.replace("full", "partial, leaves: [hours]"),
     "requirement 1.1\n  coverage: was all of it, is now in part: hours"),
    (RESPECT_WALK, "It was assessed.", "It was seen.", "reason: was It was assessed., is now It was seen."),
    (CSAAP_WALK, "stages: [full]", "stages: [full]\nredeclare_months: 6", "months until declared again: was 12, is now 6"),
    (CSAAP_WALK, "basis: editorial", "basis: law", "basis: was editorial, is now law"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "words"), WAYS, ids=[f"{way[0][-14:]}-{way[2][:30]}" for way in WAYS])
def test_a_change_is_told_in_words(tmp_path: Path, file: str, old: str, new: str, words: str) -> None:
    assert old in OLD[file]
    files = OLD | {file: OLD[file].replace(old, new, 1)}
    if old.startswith("  - {number: 2"):
        del files[SECOND], files[CSAAP_WALK]
    one, other = write(tmp_path / "a", OLD), write(tmp_path / "b", files)
    found = comparison_text(compared(load(one), str(one), str(other)))
    assert words in found
    back = comparison_text(compared(load(one), str(other), str(one)))
    assert back.splitlines()[1:] != found.splitlines()[1:]


def test_trees_that_say_the_same_have_no_changes(tmp_path: Path) -> None:
    found = compared(load(write(tmp_path, OLD)), str(tmp_path), str(tmp_path))
    assert found.changes == ()
    assert "nothing changed" in " ".join(comparison_text(found).split())


def test_what_comes_and_goes_is_told_of_whole_trees(tmp_path: Path) -> None:
    more = {
        name.replace("example/", "other/").replace("respect", "third"): text.replace("id: example", "id: other")
        .replace("respect", "third")
        .replace("Respect", "Third")
        for name, text in OLD.items()
        if "csaap" not in name
    }
    one, other = write(tmp_path / "a", OLD), write(tmp_path / "b", OLD | more)
    added = comparison_text(compared(load(one), str(one), str(other)))
    for name in ("Rule set other 1.1", "Scheme third", "Crosswalk third--example 1"):
        assert f"{name}\n  added\n" in added
        assert f"{name}\n  removed\n" in comparison_text(compared(load(one), str(other), str(one)))


def test_a_programme_of_a_scheme_is_compared(tmp_path: Path) -> None:
    listed = "\nprogrammes: [{id: a, title: A, recognised: false, reason: No.}]\n"
    one = write(tmp_path / "a", OLD | {CSAAP: OLD[CSAAP] + listed})
    now = listed.replace("false, reason: No.", "true, reason: Seen.")
    other = write(tmp_path / "b", OLD | {CSAAP: OLD[CSAAP] + now})
    found = comparison_text(compared(load(one), str(one), str(other)))
    assert "Programme csaap a\n  recognised: was no, is now yes\n  reason: was No., is now Seen.\n" in found


def test_space_alone_is_a_change_told_whole(tmp_path: Path) -> None:
    quoted = OLD | {FIRST: OLD[FIRST].replace(f"{{en: {LONG}", f'{{en: "{LONG}"')}
    one = write(tmp_path / "a", quoted)
    other = write(tmp_path / "b", quoted | {FIRST: quoted[FIRST].replace("has been trained", "has  been trained", 1)})
    found = compared(load(one), str(one), str(other))
    assert [change.aspect for change in found.changes] == ["statement"]
    assert "was: Somebody who has been trained" in " ".join(comparison_text(found).split())


def test_a_difference_that_words_do_not_show_is_shown_as_the_files_have_it(tmp_path: Path) -> None:
    twins = "{id: manager, text: Manager}, {id: boss, text: Manager}"
    same = OLD | {RULE_SET: OLD[RULE_SET].replace("{id: manager, text: Manager}", twins)}
    one = write(tmp_path / "a", same | {FIRST: OLD[FIRST].replace("one_of: [manager, board]", "is: manager")})
    other = write(tmp_path / "b", same | {FIRST: OLD[FIRST].replace("one_of: [manager, board]", "is: boss")})
    [change] = compared(load(one), str(one), str(other)).changes
    assert change.was is not None
    assert change.now is not None
    assert change.was.startswith("Answer to “Who leads?”: Manager. {")
    assert '"is":"manager"' in change.was
    assert '"is":"boss"' in change.now


def test_requirements_are_followed_by_the_lineage(tmp_path: Path) -> None:
    later = {
        name.replace("example/1.1", "example/1.2"): text.replace('version: "1.1"', 'version: "1.2"')
        for name, text in OLD.items()
        if "rule-sets" in name
    }
    first, head = FIRST.replace("1.1", "1.2"), RULE_SET.replace("1.1", "1.2")
    later[first] = later[first].replace('id: "1.2"', 'id: "1.3"').replace("weight: 2", "weight: 3")
    later[first] = later[first].replace("id: policy", "id: plan").replace('- id: "1.1"', '- id: "1.4"')
    later[head] += FOLLOWS.replace('"1.2", from: ["1.2"], change: unchanged', '"1.3", from: ["1.2"], change: weakened')
    later[head] = (
        later[head]
        .replace(
            '{requirement: "1.1", from: ["1.1"], change: unchanged}', '{requirement: "1.4", from: [], change: new}'
        )
        .replace("retired: []", 'retired: ["1.1"]')
    )
    catalogue = load(write(tmp_path, OLD | later))
    found = {
        (change.id, change.aspect, change.kind): (change.was, change.now)
        for change in compare_rule_sets(catalogue.rule_set("example", "1.1"), catalogue.rule_set("example", "1.2"))
    }
    assert found == {
        ("1.4", None, "added"): (None, "There is a policy."),
        ("1.3", "lineage", "changed"): ("1.2", "1.3 (weakened)"),
        ("1.3", "weight", "changed"): ("2", "3"),
        ("1.1", None, "removed"): ("There is a policy.", None),
    }


def test_a_merger_names_what_it_comes_from(tmp_path: Path) -> None:
    later = {
        name.replace("example/1.1", "example/1.2"): text.replace('version: "1.1"', 'version: "1.2"')
        for name, text in OLD.items()
        if "rule-sets" in name
    }
    first, head = FIRST.replace("1.1", "1.2"), RULE_SET.replace("1.1", "1.2")
    later[first] = later[first][: later[first].index('  - id: "1.2"')]
    merged = FOLLOWS.replace('from: ["1.1"], change: unchanged', 'from: ["1.1", "1.2"], change: merged')
    later[head] += merged.replace('    - {requirement: "1.2", from: ["1.2"], change: unchanged}\n', "")
    catalogue = load(write(tmp_path, OLD | later))
    [change] = compare_rule_sets(catalogue.rule_set("example", "1.1"), catalogue.rule_set("example", "1.2"))
    assert change.now == "There is a policy. (merged from 1.1, 1.2)"
