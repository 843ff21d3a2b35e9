"""The table that a steward fills in: what it may look like, and every refusal with its line."""

from pathlib import Path

import pytest

from app.engine.rules import RuleSet
from app.engine.values import Text
from app.errors import AppError, BadInput, StandardsInvalid
from app.loader.catalogue import load
from app.stewardship.official_text import meant, official_text, read_table, template_text
from tests.loader.trees import GOOD, write


@pytest.fixture
def rule_set(tmp_path: Path) -> RuleSet:
    return load(write(tmp_path, GOOD)).rule_set("example", "1.1")


def imported(rule_set: RuleSet, data: bytes) -> dict[str, Text]:
    rows = read_table(data, "words.csv")
    return official_text(rows, "words.csv", meant(rows, (rule_set,)))


@pytest.mark.parametrize(
    "data",
    [
        b'requirement,en,cy\n1.1,"One, two","Un"\n2.1,Three,\n',
        b'\xef\xbb\xbfrequirement,en,cy\r\n1.1,"One, two",Un\r\n2.1,Three,\r\n\r\n',
        b"requirement\ten\tcy\n1.1\tOne, two\tUn\n2.1\tThree\t\n",
        b"cy\tEN \tRequirement\nUn\tOne, two\t1.1\n\t Three\t2.1\n",
        b'requirement,en,cy\n1.1,"One, two",Un\n2.1,Three\n',
    ],
)
def test_commas_tabs_marks_and_order_of_columns_do_not_matter(rule_set: RuleSet, data: bytes) -> None:
    assert imported(rule_set, data) == {"1.1": Text(en="One, two", cy="Un"), "2.1": Text(en="Three")}


def test_paragraphs_are_kept(rule_set: RuleSet) -> None:
    assert imported(rule_set, b'requirement,en\n1.1,"One\r\n\r\n (a) two "\n')["1.1"].en == "One\n\n (a) two"


def test_a_template_has_what_is_there_already(rule_set: RuleSet) -> None:
    first, *others = rule_set.standards[0].requirements
    filled = first.replace(official_text=Text(en="One, two", cy="Un"))
    standard = rule_set.standards[0].replace(requirements=(filled, *others))
    text = template_text(rule_set.replace(standards=(standard, *rule_set.standards[1:])))
    assert text == 'requirement,en,cy\n1.1,"One, two",Un\n1.2,,\n2.1,,\n'


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"", BadInput, "must name the columns requirement, en, cy (it says: nothing"),
        (b"id,text\n1.1,x\n", BadInput, "it says: id, text"),
        (b"requirement;en;cy\n1.1;x;y\n", BadInput, "it says: requirement;en;cy; save it as CSV with commas or tabs"),
        (b"\xff\xfer\x00", BadInput, "words.csv is not UTF-8 (save it as CSV"),
        (b'requirement,en\n1.1,"x\n', BadInput, "words.csv, line 2: this is no table"),
        (b"requirement,en\n1.1,x,y\n", BadInput, "words.csv, line 2: more cells than columns (put a text with commas"),
        (b"requirement,en,cy\n", StandardsInvalid, "words.csv:1:1 the table has no rows"),
        (b"requirement,en\n1.1,x\n1.9,y\n", StandardsInvalid, "words.csv:3:1 example 1.1 has no requirement `1.9`"),
        (b'requirement,en\n1.1,"x\ny"\n1.1,y\n', StandardsInvalid, "words.csv:4:1 requirement 1.1 is in line 2"),
        (b"requirement,en,cy\n1.1,x,\n1.2,,\n", StandardsInvalid, "words.csv:3:1 one row has no text (first: requi"),
        (b"requirement,en,cy\n1.1,,\n1.2, ,\n", StandardsInvalid, "words.csv:2:1 2 rows have no text (first: r"),
        (b"requirement,en,cy\n,,\n", StandardsInvalid, "words.csv:2:1 one row has no text"),
        (b"requirement,en,cy\n1.1,,x\n", StandardsInvalid, "words.csv:2:1 requirement 1.1 has Welsh and no English"),
        (b"requirement,en\n1.1," + b"x" * 20_001, StandardsInvalid, "has 20001 characters, more than 20000"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused(rule_set: RuleSet, data: bytes, kind: type[AppError], words: str) -> None:
    with pytest.raises(kind) as caught:
        imported(rule_set, data)
    problems = caught.value.problems if isinstance(caught.value, StandardsInvalid) else ()
    assert words in "\n".join([f"{caught.value.message} ({caught.value.hint})", *map(str, problems)])


def test_every_problem_is_listed_at_once(rule_set: RuleSet) -> None:
    with pytest.raises(StandardsInvalid, match="the table has 3 problems, and nothing is written") as caught:
        imported(rule_set, b"requirement,en,cy\n9.9,x,\n1.1,,y\n1.2,,\n")
    assert [problem.line for problem in caught.value.problems] == [2, 3, 4]
