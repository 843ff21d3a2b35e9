"""Packs: every fault of shape and content at once, each with a JSON Pointer into the document as given."""

# ruff: noqa: E501 -- a table reads best with one mistake a line

import json
import time
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from app.errors import BadInput, Fault, PackInvalid
from app.loader.explain import faults_in_json
from app.loader.jsonfile import Located, read_flawed, read_json
from app.loader.packfile import LONGEST_LIST, grown_lists
from tests.loader.packs import GONE, PACK, catalogue, changed
from tests.packs import pack_of


def shape_faults(value: object) -> tuple[Fault, ...]:
    with pytest.raises(PackInvalid) as caught:
        pack_of(value)
    return caught.value.faults


def all_faults(value: object) -> dict[str, str]:
    with pytest.raises(PackInvalid) as caught:
        catalogue().accept(value)
    found = caught.value.faults
    assert len({(fault.pointer, fault.message) for fault in found}) == len(found), "a fault is listed twice"
    return {fault.pointer: fault.message for fault in found}


def test_a_sound_pack_is_read_and_accepted() -> None:
    pack = pack_of(read_json(json.dumps(PACK).encode()))
    rule_set, accepted = catalogue().accept(PACK)
    assert accepted == pack
    assert rule_set is catalogue().check(pack)
    assert rule_set is catalogue().check(pack), "found sound once, it is sound the second time as well"
    assert rule_set.id == "example"


def test_a_pack_found_sound_under_some_standards_is_looked_at_again_under_others() -> None:
    """semantics.md 3: "unknown … edition" is a fault, whatever the schemes said before."""
    known = catalogue()
    pack = pack_of(PACK)
    assert known.check(pack) is known.check(pack)
    schemes = {name: scheme.replace(editions=("0",)) for name, scheme in known.schemes.items()}
    with pytest.raises(PackInvalid) as caught:
        replace(known, schemes=schemes).check(pack)
    assert caught.value.faults[0].pointer == "/accreditations/0/edition"


@pytest.mark.parametrize(
    ("edits", "pointer", "words"),
    [
        ([("/format", "safonau/assessment-pack/2")], "/format", "must be 'safonau/assessment-pack/1'"),
        ([("/rule_set", GONE)], "", "`rule_set` is missing"),
        ([("/accreditations/0/expires_on", GONE)], "/accreditations/0", "`expires_on` is missing"),
        ([("/accreditations/0/awarded_on", "9999-12-31")], "/accreditations/0/awarded_on", "between 1900-01-01"),
        ([("/accreditations/0/scope/kind", "all")], "/accreditations/0/scope/kind", "must be 'organisation'"),
        ([("/service/profile/workers", 1.5)], "/service/profile/workers", "a decimal travels in quotes"),
        ([("/answers/0/value", {"a": 1})], "/answers/0/value", "a value is a string"),
        ([("/answers/0/value", 2**53)], "/answers/0/value", "an integer lies between"),
        ([("/answers/0/answered_at", "2026-03-01T09:30:00+01:00")], "/answers/0/answered_at", "in UTC"),
        ([("/responses/0/narrative", "x" * 10_000_000)], "/responses/0/narrative", "10000000 characters, more than 20000"),
        ([("/responses/0/self_rating", "mett")], "/responses/0/self_rating", "not `mett`"),
        ([("/responses/0/version", True)], "/responses/0/version", "whole number, not true or false"),
        ([("/responses/0/version", 0)], "/responses/0/version", "is 0, less than 1"),
        ([("/documents/0/sha256", "A" * 64)], "/documents/0/sha256", "64 hexadecimal digits, lower case"),
        ([("/documents/0/rating", 1)], "/documents/0/rating", "unknown key `rating`"),
        ([("/documents/0", "doc")], "/documents/0", "must be an object, not text"),
        ([("/documents", {})], "/documents", "must be a list, not an object"),
        ([("/documents", [PACK["documents"][0]] * (LONGEST_LIST + 1))], "/documents", "10001 entries, more than 10000"),
        ([("/responses/0/documents", ["a"] * 10_001)], "/responses/0/documents", "10001 entries"),
        ([("/service/programmes", [{"id": f"p{number}"} for number in range(201)])], "/service/programmes", "201 entries, more than 200"),
        ([("/accreditations", [PACK["accreditations"][0]] * 201)], "/accreditations", "201 entries, more than 200"),
        ([("/service/profile", [])], "/service/profile", "must be an object, not a list"),
    ],
)  # fmt: skip
def test_the_shape_of_a_pack(edits: list[tuple[str, object]], pointer: str, words: str) -> None:
    found = shape_faults(changed(*edits))
    assert [fault.pointer for fault in found] == [pointer]
    assert words in found[0].message
    assert all_faults(changed(*edits)).get(pointer)


@pytest.mark.parametrize("value", [[], "pack", None, 3])
def test_what_is_no_object_is_no_pack(value: object) -> None:
    (fault,) = shape_faults(value)
    assert fault.pointer == ""
    assert "`this document`" not in fault.message
    assert "this document must be an object" in fault.message
    assert list(all_faults(value)) == [""]


@pytest.mark.parametrize("data", [b"{", b'{"format": NaN}', b'{"a": 1, "a": 1}', b"[" * 10_000, b"\xff"])
def test_what_is_not_json_cannot_be_read(data: bytes) -> None:
    with pytest.raises(BadInput):
        pack_of(read_json(data))


def test_an_unknown_rule_set_is_a_fault_that_names_the_known_ones() -> None:
    with pytest.raises(PackInvalid) as caught:
        catalogue().check(pack_of(changed(("/rule_set/version", "9"))))
    assert caught.value.faults == (Fault("/rule_set", "there is no rule set example 9", "there are: example 1.1"),)


@pytest.mark.parametrize(
    ("edit", "pointer"),
    [
        (("/rule_set/version", "9"), "/rule_set"),
        (("/rule_set/version", 1.1), "/rule_set/version"),
        (("/rule_set/id", GONE), "/rule_set"),
        (("/rule_set", None), "/rule_set"),
        (("/rule_set", GONE), ""),
    ],
)
def test_an_unknown_rule_set_hides_no_fault_that_needs_none(edit: tuple[str, object], pointer: str) -> None:
    pack = changed(
        edit,
        ("/documents/-", PACK["documents"][0]),
        ("/responses/1/documents", ["doc-9"]),
        ("/responses/2/requirement", "9.9"),
        ("/accreditations/0/edition", "9"),
    )
    found = all_faults(pack)
    assert set(found) == {pointer, "/documents/3/id", "/responses/1/documents/0", "/accreditations/0/edition"}
    known = all_faults(pack | {"rule_set": PACK["rule_set"]})
    assert known.keys() - found.keys() == {"/responses/2/requirement"}


def test_a_rule_set_with_a_key_too_many_is_still_known() -> None:
    pack = changed(("/rule_set/name", "Example"), ("/responses/2/requirement", "9.9"))
    assert set(all_faults(pack)) == {"/rule_set/name", "/responses/2/requirement"}


def test_faults_of_shape_do_not_hide_faults_of_content() -> None:
    pack = changed(
        ("/format", "pack"),
        ("/extra", 1),
        ("/service/profile/workers", 1.5),
        ("/service/profile/unheard", 1),
        ("/service/programmes/0/profile", {"delivery": 1.5, "nor_this": 1}),
        ("/service/programmes/1/name", 7),
        ("/accreditations/0/awarded_on", "yesterday"),
        ("/accreditations/0/edition", "9"),
        ("/accreditations/1/scope/programmes/0/id", "prog-b"),
        ("/documents/0/size", -1),
        ("/documents/2/type", "photo"),
        ("/answers/0/answered_at", "today"),
        ("/answers/1/value", "nobody"),
        ("/responses/0/version", "2"),
        ("/responses/1/documents", ["doc-1", "doc-9"]),
        ("/responses/2/requirement", "9.9"),
        ("/reviews/0/response_version", 7),
        ("/reviews/1/decided_at", "then"),
        ("/reviews/1/requirement", "9.8"),
    )
    assert set(all_faults(pack)) == {
        "/format",
        "/extra",
        "/service/profile/workers",
        "/service/profile/unheard",
        "/service/programmes/0/profile/delivery",
        "/service/programmes/0/profile/nor_this",
        "/service/programmes/1/name",
        "/accreditations/0/awarded_on",
        "/accreditations/0/edition",
        "/documents/0/size",
        "/documents/2/type",
        "/answers/0/answered_at",
        "/answers/1/value",
        "/responses/0/version",
        "/responses/1/documents/1",
        "/responses/2/requirement",
        "/reviews/1/decided_at",
        "/reviews/1/requirement",
    }


@pytest.mark.parametrize(
    ("edits", "pointers"),
    [
        ([("/documents/0/id", 7)], {"/documents/0/id"}),
        ([("/documents/0", None)], {"/documents/0"}),
        ([("/documents/0/type", GONE)], {"/documents/0"}),
        ([("/responses/0/requirement", GONE)], {"/responses/0"}),
        ([("/responses", {})], {"/responses"}),
        ([("/documents", 7)], {"/documents"}),
        ([("/service/programmes", "prog-a")], {"/service/programmes"}),
        ([("/service/programmes/0/id", 7)], {"/service/programmes/0/id"}),
        ([("/service/programmes/0", 7)], {"/service/programmes/0"}),
        ([("/service/profile", 7)], {"/service/profile"}),
        ([("/service/name", 7)], {"/service/name"}),
        ([("/service", 7)], {"/service"}),
        ([("/accreditations/0/expires_on", 7)], {"/accreditations/0/expires_on"}),
        ([("/accreditations/0/scheme", 7)], {"/accreditations/0/scheme"}),
        ([("/accreditations/0/register", 7)], {"/accreditations/0/register"}),
        ([("/accreditations/0/status_changes/0/on", 7)], {"/accreditations/0/status_changes/0/on"}),
        ([("/reviews/0", 7), ("/reviews/1", 7)], {"/reviews/0", "/reviews/1"}),
        ([("/reviews/1/until", 7)], {"/reviews/1/until"}),
        ([("/reviews/1/reason", 7)], {"/reviews/1/reason"}),
        ([("/rule_set", 7), ("/responses/2/requirement", "9.9")], {"/rule_set"}),
        ([("/rule_set/version", "9"), ("/extra", 1)], {"/rule_set", "/extra"}),
    ],
)
def test_what_cannot_be_read_is_not_blamed_on_anything_else(
    edits: list[tuple[str, object]], pointers: set[str]
) -> None:
    assert set(all_faults(changed(*edits))) == pointers


def test_flaws_of_the_text_hide_no_other_fault_and_are_not_told_twice() -> None:
    pack = changed(("/rule_set/version", "9"), ("/documents/-", PACK["documents"][0]), ("/extra", 1))
    text = json.dumps(pack).replace('"workers": 3', '"workers": NaN')
    text = text.replace('"question": "hours"', '"question": "hours", "question": "hours"')
    text = text.replace('"id": "svc-1", ', '"id": "svc-1", "id": "svc-2", ')
    with pytest.raises(BadInput) as caught:
        catalogue().accept(*read_flawed(text.encode()))
    assert [fault.pointer for fault in caught.value.faults] == [
        "/service/id",
        "/service/profile/workers",
        "/answers/0/question",
        "/extra",
        "/rule_set",
        "/documents/3/id",
    ]
    for flawed, pointers in (
        ('"format": "safonau/assessment-pack/1", "format": "other"', ["/format"]),
        ('"format": NaN, "documents": 0, "documents": []', ["/format", "/documents"]),
        ('"form": NaN, "form": 1', ["/form", "/form", "/form"]),
        ('"format": NaN, "rule_set": {}, "rule_set": {}', ["/format", "/rule_set"]),
    ):
        text = json.dumps(PACK)[:-1] if "documents" not in flawed else json.dumps(changed(("/documents", GONE)))[:-1]
        text = text.replace('"format": "safonau/assessment-pack/1"', flawed)
        if "rule_set" in flawed:
            text = text.replace('"rule_set": {"id": "example", "version": "1.1"}, ', "")
        with pytest.raises(BadInput) as caught:
            catalogue().accept(*read_flawed(f"{text}}}".encode()))
        assert [fault.pointer for fault in caught.value.faults] == pointers


def test_of_many_faults_so_many_are_told_as_asked_for_and_how_many_more_there_are() -> None:
    pack = changed(*((f"/extra-{number}", number) for number in range(5)))
    for most, told, more in ((3, 4, "2 more faults are not listed"), (5, 5, "unknown key"), (None, 5, "unknown key")):
        with pytest.raises(PackInvalid) as caught:
            pack_of(pack, most)
        faults = caught.value.faults
        assert (len(faults), faults[-1].message.startswith(more)) == (told, True)


def test_a_pack_of_nothing_but_faults_is_looked_through_soon() -> None:
    lists = {name: [1] * LONGEST_LIST for name in ("documents", "answers", "responses")}
    started = time.process_time()
    with pytest.raises(PackInvalid) as caught:
        catalogue().pack_of(PACK | lists, most=50)
    assert len(caught.value.faults) < 100
    assert time.process_time() - started < 10


def test_a_list_of_too_many_entries_is_not_looked_into_and_hides_no_other_fault() -> None:
    entries: list[object] = [{"id": [{}] * (LONGEST_LIST + 1)}] * (LONGEST_LIST + 1)
    wrong = changed(("/documents", entries), ("/accreditations/0/scheme", "made-up"))
    assert list(all_faults(wrong)) == ["/documents", "/accreditations/0/scheme"]


def test_faults_over_those_asked_for_are_never_put_into_words(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int | None] = []

    def noted(error: ValidationError, value: object, model: type[BaseModel], most: int | None) -> list[Located]:
        asked.append(most)
        return faults_in_json(error, value, model, most)

    monkeypatch.setattr("app.loader.packfile.faults_in_json", noted)
    with pytest.raises(PackInvalid) as caught:
        catalogue().pack_of(changed(*((f"/rule_set/extra-{number}", number) for number in range(5))), most=3)
    assert (len(caught.value.faults), asked) == (4, [3])


def test_json_is_spoken_of_in_words_of_json() -> None:
    (group,) = shape_faults(changed(("/service", "here")))
    (listed,) = shape_faults(changed(("/documents", {})))
    assert (group.message, group.hint) == (
        "`service` must be an object, not text",
        'write { "key": value } here',
    )
    assert (listed.message, listed.hint) == ("`documents` must be a list, not an object", "put [ and ] around it")


def test_a_stand_in_is_never_accepted() -> None:
    pack: dict[str, Any] = changed(("/extra", 1))
    assert all_faults(pack) == {"/extra": "unknown key `extra`"}


def test_lists_that_grow_entry_by_entry_have_the_same_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    one = pack_of(PACK)
    assert grown_lists(one) == ()
    monkeypatch.setattr("app.loader.packfile.LONGEST_OF", {"accreditations": 0, "documents": len(one.documents)})
    (fault,) = grown_lists(one)
    assert (fault.pointer, fault.message) == (
        "/accreditations",
        f"a list of {len(one.accreditations)} entries, more than 0",
    )
