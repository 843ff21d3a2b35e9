"""Every refusal of semantics.md 3: the pack is refused whole, and the fault says where, what and what to do."""

# ruff: noqa: E501 -- a table reads best with one mistake a line

import json
from typing import Any

import pytest

from app.engine.check import ValueProblem, pack_faults, value_problem
from app.engine.rules import FieldType
from app.errors import Fault
from tests.loader.packs import GONE, PACK, catalogue, changed
from tests.packs import pack_of

ACC = "/accreditations/0"
REVIEW = PACK["reviews"][0]
DOC = PACK["documents"][0]


def faults(pack: dict[str, Any]) -> tuple[Fault, ...]:
    found = catalogue()
    return pack_faults(found.rule_set("example", "1.1"), found.schemes, pack_of(pack))


def test_a_sound_pack_has_no_faults() -> None:
    assert faults(PACK) == ()
    assert faults({key: PACK[key] for key in ("rule_set", "service")}) == ()


# Each: edits of the sound pack, where the fault is, words of its message.
REFUSALS: list[tuple[str, list[tuple[str, object]], str, str]] = [
    ("requirement of a response", [("/responses/0/requirement", "9.1")], "/responses/0/requirement", "unknown requirement `9.1`"),
    ("requirement of a review", [("/reviews/0/requirement", "9.1"), ("/reviews/0/response_version", 0)], "/reviews/0/requirement", "unknown requirement `9.1`"),
    ("requirement of a condition", [(f"{ACC}/conditions/0/requirements/0", "9.1")], f"{ACC}/conditions/0/requirements/0", "unknown requirement `9.1`"),
    ("question", [("/answers/0/question", "hour")], "/answers/0/question", "unknown question `hour`"),
    ("document type", [("/documents/2/type", "photo")], "/documents/2/type", "unknown document type `photo`"),
    ("document of a response", [("/responses/0/documents", ["doc-2", "doc-9"])], "/responses/0/documents/1", "unknown document `doc-9`"),
    ("replaced document", [("/documents/2/replaces", "doc-9")], "/documents/2/replaces", "unknown document `doc-9`"),
    ("programme of a scope", [("/accreditations/1/scope/programmes/0/id", "prog-z")], "/accreditations/1/scope/programmes/0/id", "unknown programme `prog-z`"),
    ("scheme", [(f"{ACC}/scheme", "rspct")], f"{ACC}/scheme", "unknown scheme `rspct`"),
    ("edition", [(f"{ACC}/edition", "9")], f"{ACC}/edition", "unknown edition `9`"),
    ("stage", [(f"{ACC}/stage", "full")], f"{ACC}/stage", "unknown stage `full`"),
    ("profile field", [("/service/profile/a~b", 1)], "/service/profile/a~0b", "unknown profile field `a~b`"),
    ("profile field of a programme", [("/service/programmes/1/profile", {"a/b": 1})], "/service/programmes/1/profile/a~1b", "unknown profile field `a/b`"),
    ("value of a profile field", [("/service/profile/workers", "3")], "/service/profile/workers", "`workers`: the value must be a whole number"),
    ("value of an answer", [("/answers/0/value", "much")], "/answers/0/value", "`hours`: the value must be a decimal number"),
    ("unknown option", [("/answers/1/value", "nobody")], "/answers/1/value", "`lead`: unknown option `nobody`"),
    ("programme id twice", [("/service/programmes/1/id", "prog-a")], "/service/programmes/1/id", "programme id `prog-a` is used twice"),
    ("accreditation id twice", [("/accreditations/1/id", "acc-1")], "/accreditations/1/id", "accreditation id `acc-1` is used twice"),
    ("document id twice", [("/documents/-", DOC)], "/documents/3/id", "document id `doc-1` is used twice"),
    ("two answers", [("/answers/1/question", "hours"), ("/answers/1/value", None)], "/answers/1/question", "two answers to the question `hours`"),
    ("two responses", [("/responses/-", PACK["responses"][0])], "/responses/3/requirement", "two responses to requirement 1.1"),
    ("two reviews at one instant", [("/reviews/-", REVIEW | {"decided_at": "2026-03-20T14:00:00.000+00:00"})], "/reviews/2/decided_at", "two reviews of requirement 1.1 at the same instant"),
    ("review of a later version", [("/reviews/0/response_version", 3)], "/reviews/0/response_version", "version 3 of a response whose version is 2"),
    ("review without response", [("/responses/0/requirement", "9.1")], "/reviews/0/response_version", "version 2 of a response whose version is 0"),
    ("two changes on one day", [(f"{ACC}/status_changes/1/on", "2026-01-10")], f"{ACC}/status_changes/1/on", "two status changes on 2026-01-10"),
    ("change after withdrawal", [(f"{ACC}/status_changes/0/status", "withdrawn")], f"{ACC}/status_changes/1/on", "after the certificate was withdrawn on 2026-01-10"),
    ("withdrawn twice", [(f"{ACC}/status_changes/0/status", "withdrawn"), (f"{ACC}/status_changes/1/status", "withdrawn")], f"{ACC}/status_changes/1/on", "after the certificate was withdrawn on 2026-01-10"),
    ("scope of a service scheme", [(f"{ACC}/scope/kind", "programme")], f"{ACC}/scope/kind", "respect has no certificates of scope `programme`"),
    ("scope of a programme scheme", [("/accreditations/1/scope/kind", "organisation")], "/accreditations/1/scope/kind", "csaap has no certificates of scope `organisation`"),
    ("term too long", [(f"{ACC}/expires_on", "2028-04-02")], f"{ACC}/expires_on", "expires later than 2028-04-01, 36 months after"),
    ("expires before award", [(f"{ACC}/expires_on", "2025-03-31")], f"{ACC}/expires_on", "ends on 2025-03-31, before it starts on 2025-04-01"),
    ("declared before award", [(f"{ACC}/unchanged_declared_on", "2025-03-31")], f"{ACC}/unchanged_declared_on", "before the award on 2025-04-01"),
    ("verified before award", [(f"{ACC}/verified_on", "2025-03-31")], f"{ACC}/verified_on", "before the award on 2025-04-01"),
    ("verified by nobody", [(f"{ACC}/verified_by", GONE)], f"{ACC}/verified_on", "verified_on without verified_by"),
    ("verified with a blank entry", [(f"{ACC}/register", " ")], f"{ACC}/verified_on", "verified_on without register"),
    ("verified bare", [(f"{ACC}/register", None), (f"{ACC}/verified_by", None)], f"{ACC}/verified_on", "without verified_by and register"),
    ("condition on nothing", [(f"{ACC}/conditions/0/requirements", [])], f"{ACC}/conditions/0/requirements", "names no requirement"),
    ("condition closed before", [(f"{ACC}/conditions/0/closed_on", "2025-03-31")], f"{ACC}/conditions/0/closed_on", "before it starts"),
    ("replaces itself", [("/documents/2/replaces", "doc-3")], "/documents/2/replaces", "`doc-3` replaces itself, directly or through others"),
    ("replaces itself through others", [("/documents/0/replaces", "doc-2")], "/documents/0/replaces", "`doc-1` replaces itself, directly or through others"),
    ("replaces itself, and is replaced by another", [("/documents/0/replaces", "doc-2"), ("/documents/-", DOC | {"id": "doc-4", "replaces": "doc-1"})], "/documents/0/replaces", "`doc-1` replaces itself, directly or through others"),
    ("replaces another type", [("/documents/0/replaces", "doc-3"), ("/documents/0/programmes", ["before"]), ("/documents/1/programmes", ["before"])], "/documents/0/replaces", "type `policy` replaces one of type `minutes`"),
    ("replaces for others", [("/documents/1/programmes", ["prog-a"])], "/documents/1/replaces", "`doc-1`, which is for other programmes"),
    ("valid backwards", [("/documents/0/valid_from", "2025-01-02"), ("/documents/0/valid_until", "2025-01-01")], "/documents/0/valid_until", "before it starts"),
    ("override not accepted", [("/reviews/1/decision", "rejected")], "/reviews/1/override", "decision is `rejected`"),
    ("override without reason", [("/reviews/1/reason", GONE)], "/reviews/1", "override without a reason"),
    ("override with a blank reason", [("/reviews/1/reason", " \n")], "/reviews/1", "override without a reason"),
    ("override without end", [("/reviews/1/until", None)], "/reviews/1", "override without `until`"),
    ("override too long", [("/reviews/1/until", "2027-03-21")], "/reviews/1/until", "until 2027-03-21, more than 12 months after 2026-03-20"),
    ("override over before", [("/reviews/1/until", "2026-03-19")], "/reviews/1/until", "before it starts on 2026-03-20"),
    ("override by one person", [("/reviews/1/second_reviewer", GONE)], "/reviews/1", "without a second reviewer"),
    ("override by nobody in particular", [("/reviews/1/second_reviewer", " ")], "/reviews/1", "without a second reviewer"),
    ("override by the same person", [("/reviews/1/second_reviewer", "usr-9")], "/reviews/1/second_reviewer", "second reviewer is the reviewer"),
    ("override of an exclusion", [("/responses/1/self_rating", "not_applicable")], "/reviews/1/override", "says `not_applicable`"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("edits", "pointer", "words"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS]
)
def test_a_pack_is_refused(edits: list[tuple[str, object]], pointer: str, words: str) -> None:
    found = faults(changed(*edits))
    assert any(fault.pointer == pointer and f"{words} " in f"{fault.message} " and fault.hint for fault in found), found


# What only a rule set can tell; every other refusal holds under any.
TOLD_BY_THE_RULE_SET = {
    "requirement of a response",
    "requirement of a review",
    "requirement of a condition",
    "question",
    "document type",
    "profile field",
    "profile field of a programme",
    "value of a profile field",
    "value of an answer",
    "unknown option",
    "override by nobody in particular",
    "override by one person",
    "override by the same person",
}


def test_under_an_unknown_rule_set_every_fault_is_found_that_needs_none() -> None:
    schemes = catalogue().schemes
    assert pack_faults(None, schemes, pack_of(PACK)) == ()
    for name, edits, pointer, words in REFUSALS:
        found = pack_faults(None, schemes, pack_of(changed(*edits)))
        there = any(fault.pointer == pointer and words in fault.message for fault in found)
        assert there is (name not in TOLD_BY_THE_RULE_SET), (name, found)


@pytest.mark.parametrize(
    "edits",
    [
        [("/service/profile/delivery", None), ("/service/profile/client_groups", [])],
        [("/documents/0/programmes", []), ("/documents/2/programmes", ["never heard of"])],
        [("/reviews/0/documents", ["0" * 64]), ("/reviews/0/programmes", ["gone"])],
        [("/reviews/0/response_version", 0)],
        [("/reviews/1/second_reviewer", None), ("/reviews/1/requirement", "1.1")],
        [("/reviews/1/second_reviewer", "usr-9"), ("/reviews/1/requirement", "1.1")],
        [("/responses", PACK["responses"][:1]), ("/reviews/1/response_version", 0)],
        [("/responses/1/self_rating", "not_applicable"), ("/responses/1/version", 2)],
        [("/accreditations/0/scope", {"kind": "organisation", "services": ["other"]})],
        [("/accreditations/0/verified_on", None), ("/accreditations/0/register", None)],
        [("/accreditations/0/status_changes/1/status", "withdrawn")],
        [("/documents/0/valid_from", "2025-01-01"), ("/documents/0/valid_until", "2025-01-01")],
        [("/documents/0/valid_until", "2025-01-01")],
        [(f"{ACC}/unchanged_declared_on", "2025-04-01"), (f"{ACC}/verified_on", "2025-04-01")],
        [("/answers/0/value", 2)],
    ],
)
def test_what_is_odd_but_possible_is_taken(edits: list[tuple[str, object]]) -> None:
    assert faults(changed(*edits)) == ()


def test_every_fault_is_listed_at_once() -> None:
    edits = [
        ("/service/profile/workers", "3"),
        ("/accreditations/0/scheme", "rspct"),
        ("/documents/0/type", "photo"),
        ("/answers/0/value", True),
        ("/responses/0/documents", ["doc-9"]),
        ("/reviews/1/until", "2030-01-01"),
    ]
    assert [fault.pointer for fault in faults(changed(*edits))] == [
        "/service/profile/workers",
        "/accreditations/0/scheme",
        "/documents/0/type",
        "/documents/1/replaces",
        "/answers/0/value",
        "/responses/0/documents/0",
        "/reviews/1/until",
    ]


@pytest.mark.parametrize("review", [0, 1])
def test_a_review_of_an_unknown_requirement_is_that_one_fault(review: int) -> None:
    place = f"/reviews/{review}/requirement"
    assert [fault.pointer for fault in faults(changed((place, "9.1")))] == [place]


def test_a_fault_says_what_to_do_and_can_be_shown_as_a_line() -> None:
    (fault,) = faults(changed(("/answers/1/value", "nobody")))
    assert str(fault) == "/answers/1/value: `lead`: unknown option `nobody` (options: board, manager)"


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("choice", ["a"], ["c", ["a"], 1, True, ""]),
        ("choices", [["a", "b"], ("b", "b"), []], ["a", ["c"], [1], 1, [["a"]]]),
        ("boolean", [True, False], ["true", 1, 0, []]),
        ("integer", [0, -5], ["1", True, 1.0, []]),
        ("decimal", [0, "1.5", "-0.25", "7"], ["1e3", "+1", "1.", True, 1.5, "", []]),
        ("date", ["2026-02-28", "1900-01-01", "2999-12-31"], ["2026-02-30", "20260228", "9999-12-31", "1899-12-31", 3]),
    ],
)
def test_values_of_each_type(kind: FieldType, good: list[object], bad: list[object]) -> None:
    for value in good:
        assert value_problem(kind, {"a", "b"}, value) is None, value
    for value in bad:
        problem = value_problem(kind, {"a", "b"}, value)
        assert problem is not None, value
        assert problem.message, value
        assert problem.hint, value


def test_every_unknown_option_is_named() -> None:
    problem = value_problem("choices", {"b", "a"}, ["c", "a", "d"])
    assert problem == ValueProblem("unknown option `c`, `d`", "options: a, b")


def test_long_chains_of_replacements_are_followed() -> None:
    count = 3000
    chain = [DOC | {"id": f"d{n}", "replaces": f"d{n - 1}" if n else None} for n in range(count)]
    assert faults(json.loads(json.dumps(changed(("/documents", chain), ("/responses", []), ("/reviews", []))))) == ()
    chain[0]["replaces"] = f"d{count - 1}"
    assert len(faults(changed(("/documents", chain), ("/responses", []), ("/reviews", [])))) == count
