"""The pack's normal form: equal for packs that say the same (formats.md)."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from typing import Any

import pytest
from pydantic import ValidationError

from app.engine.pack import (
    Accreditation,
    AccreditationCondition,
    Answer,
    Document,
    Pack,
    Programme,
    Response,
    Review,
    ScopeProgramme,
    Service,
)
from tests.engine.small import Json, answer, certificate, document, pack, programme, response, review

SHA = "0" * 64


def _normal(**parts: Any) -> Json:
    return pack(**parts).normal_form


def test_every_field_is_written_out() -> None:
    normal = _normal(documents=[document(sha256=SHA)])
    assert normal["format"] == "safonau/assessment-pack/1"
    assert normal["accreditations"] == normal["answers"] == normal["reviews"] == []
    assert normal["documents"] == [
        {
            "id": "doc-1", "type": "policy", "title": None, "programmes": [], "replaces": None,
            "issued_on": "2026-01-15", "valid_from": None, "valid_until": None, "withdrawn_on": None,
            "media_type": None, "size": None, "sha256": SHA,
        }
    ]  # fmt: skip


def test_no_field_of_any_part_is_left_out_and_all_are_in_canonical_order() -> None:
    condition = {"requirements": ["1.1"], "opened_on": "2026-02-01", "closed_on": None}
    scope = {"kind": "programme", "programmes": [{"id": "prog-a", "version": "1"}]}
    normal = _normal(
        programmes=[programme()], answers=[answer(value=True)], documents=[document()], responses=[response()],
        reviews=[review()], accreditations=[certificate(conditions=[condition], scope=scope)],
    )  # fmt: skip
    held = normal["accreditations"][0]
    for model, found in (
        (Pack, normal), (Service, normal["service"]), (Programme, normal["service"]["programmes"][0]),
        (Answer, normal["answers"][0]), (Document, normal["documents"][0]), (Response, normal["responses"][0]),
        (Review, normal["reviews"][0]), (Accreditation, held), (AccreditationCondition, held["conditions"][0]),
        (ScopeProgramme, held["scope"]["programmes"][0]),
    ):  # fmt: skip
        assert list(found) == sorted(field.alias or name for name, field in model.model_fields.items())


def test_profile_fields_that_are_null_are_left_out_and_empty_lists_are_kept() -> None:
    normal = _normal(profile={"choice": None, "choices": [], "boolean": False}, programmes=[programme(choice=None)])
    assert normal["service"]["profile"] == {"choices": [], "boolean": False}
    assert normal["service"]["programmes"][0]["profile"] == {}


def test_lists_are_sorted_by_what_they_are_about() -> None:
    normal = _normal(
        programmes=[programme("prog-b"), programme("prog-a")],
        documents=[document("doc-2"), document("doc-10")],
        answers=[answer(1, "integer"), answer(value=True)],
        responses=[response(name="1.2"), response(name="1.10")],
        accreditations=[certificate("b"), certificate("a")],
        reviews=[
            review(name="1.2", decided_at="2026-03-20T14:00:00Z"),
            review(name="1.2", decided_at="2026-03-20T13:59:59.5Z"),
            review(name="1.10", decided_at="2026-03-21T00:00:00Z"),
        ],
    )
    assert [item["id"] for item in normal["service"]["programmes"]] == ["prog-a", "prog-b"]
    assert [item["id"] for item in normal["documents"]] == ["doc-10", "doc-2"]
    assert [item["question"] for item in normal["answers"]] == ["boolean", "integer"]
    assert [item["requirement"] for item in normal["responses"]] == ["1.10", "1.2"]
    assert [item["id"] for item in normal["accreditations"]] == ["a", "b"]
    assert [(item["requirement"], item["decided_at"][11:]) for item in normal["reviews"]] == [
        ("1.10", "00:00:00Z"), ("1.2", "13:59:59.5Z"), ("1.2", "14:00:00Z"),
    ]  # fmt: skip


def test_instants_sort_by_moment_and_not_as_text() -> None:
    """semantics.md: "…:00.5Z" comes before "…:00Z" as text, and half a second after it in time."""
    normal = _normal(reviews=[review(decided_at="2026-03-20T14:00:00.5Z"), review(decided_at="2026-03-20T14:00:00Z")])
    assert [item["decided_at"] for item in normal["reviews"]] == ["2026-03-20T14:00:00Z", "2026-03-20T14:00:00.5Z"]


def test_sets_are_sorted_and_without_repeats() -> None:
    normal = _normal(
        profile={"choices": ["x", "w", "x"]},
        documents=[document(programmes=["b", "a", "b"])],
        answers=[answer(["z", "y", "z"], "choices")],
        responses=[response("doc-2", "doc-1", "doc-2")],
        reviews=[review(documents=["f" * 64, SHA, SHA], programmes=["b", "a", "a"])],
    )
    assert normal["service"]["profile"] == {"choices": ["w", "x"]}
    assert normal["documents"][0]["programmes"] == ["a", "b"]
    assert normal["answers"][0]["value"] == ["y", "z"]
    assert normal["responses"][0]["documents"] == ["doc-1", "doc-2"]
    assert normal["reviews"][0]["documents"] == [SHA, "f" * 64]
    assert normal["reviews"][0]["programmes"] == ["a", "b"]
    assert _normal(responses=[response("doc-2", "doc-1")])["responses"][0]["documents"] == ["doc-1", "doc-2"]


def test_numbers_and_instants_stay_as_written() -> None:
    normal = _normal(
        profile={"decimal": "1.50"}, answers=[answer("2.0", "decimal", at="2026-03-01T09:30:00.000+00:00")]
    )
    assert normal["service"]["profile"] == {"decimal": "1.50"}
    assert normal["answers"] == [
        {"question": "decimal", "value": "2.0", "answered_at": "2026-03-01T09:30:00.000+00:00"}
    ]


def test_status_changes_and_conditions_of_a_certificate_are_sorted() -> None:
    opened = {"requirements": ["1.2", "1.1", "1.1"], "opened_on": "2026-01-01"}
    closed = {"requirements": ["9.9"], "opened_on": "2026-01-01", "closed_on": "2026-02-01"}
    later = {"requirements": ["1.1"], "opened_on": "2026-01-01", "closed_on": "2026-03-01"}
    early = {"requirements": ["1.3"], "opened_on": "2025-12-31"}
    [normal] = _normal(
        accreditations=[
            certificate(
                status_changes=[
                    {"on": "2026-02-01", "status": "reinstated"},
                    {"on": "2026-01-10", "status": "suspended"},
                ],
                conditions=[opened | {"requirements": ["1.3"]}, opened, later, closed, early],
            )
        ]
    )["accreditations"]
    assert [change["on"] for change in normal["status_changes"]] == ["2026-01-10", "2026-02-01"]
    assert [(item["opened_on"], item["closed_on"], item["requirements"]) for item in normal["conditions"]] == [
        ("2025-12-31", None, ["1.3"]),
        ("2026-01-01", "2026-02-01", ["9.9"]),
        ("2026-01-01", "2026-03-01", ["1.1"]),
        ("2026-01-01", None, ["1.1", "1.2"]),
        ("2026-01-01", None, ["1.3"]),
    ]


@pytest.mark.parametrize(
    ("scope", "normal"),
    [
        ({"kind": "organisation", "services": ["svc-1"]}, {"kind": "organisation"}),
        (
            {"kind": "service", "services": ["b", "a", "b"], "programmes": [{"id": "p"}]},
            {"kind": "service", "services": ["a", "b"]},
        ),
        (
            {
                "kind": "programme",
                "programmes": [
                    {"id": "b"},
                    {"id": "a", "version": "2"},
                    {"id": "a"},
                    {"id": "a", "version": "10"},
                    {"id": "a", "version": "3"},
                    {"id": "a", "version": "11"},
                    {"id": "a", "version": "12"},
                    {"id": "b"},
                ],
            },
            {
                "kind": "programme",
                "programmes": [
                    {"id": "a", "version": None},
                    {"id": "a", "version": "10"},
                    {"id": "a", "version": "11"},
                    {"id": "a", "version": "12"},
                    {"id": "a", "version": "2"},
                    {"id": "a", "version": "3"},
                    {"id": "b", "version": None},
                ],
            },
        ),
    ],
)
def test_a_scope_has_only_the_list_of_its_kind(scope: Json, normal: Json) -> None:
    assert _normal(accreditations=[certificate(scope=scope)])["accreditations"][0]["scope"] == normal


def test_packs_that_say_the_same_have_one_hash() -> None:
    one = pack(documents=[document("a"), document("b")], profile={"choices": ["w", "x"], "choice": None})
    other = pack(documents=[document("b"), document("a")], profile={"choices": ["x", "w", "w"]})
    assert one != other
    assert one.sha256 == other.sha256
    assert one.sha256 != pack(documents=[document("a")]).sha256


def test_the_normal_form_is_a_pack_that_says_the_same() -> None:
    one = pack(documents=[document()], responses=[response("doc-1")], accreditations=[certificate()])
    assert Pack.model_validate(one.normal_form).sha256 == one.sha256


@pytest.mark.parametrize(
    ("fields", "first", "last"),
    [
        ({}, "2026-01-15", "9999-12-31"),
        ({"valid_from": "2026-01-14"}, "2026-01-15", "9999-12-31"),
        ({"valid_from": "2026-01-16", "valid_until": "2026-03-01"}, "2026-01-16", "2026-03-01"),
        ({"withdrawn_on": "2026-02-01"}, "2026-01-15", "2026-01-31"),
        ({"withdrawn_on": "2026-02-01", "valid_until": "2026-01-20"}, "2026-01-15", "2026-01-20"),
    ],
)
def test_when_a_document_is_in_force(fields: Json, first: str, last: str) -> None:
    """semantics.md: "issued on or before it, in force (`valid_from`..`valid_until`), not withdrawn on or before it"."""
    assert [str(day) for day in Document.model_validate(document(**fields)).in_force] == [first, last]


@pytest.mark.parametrize(
    "parts",
    [
        {"documents": [{**document(), "sha256": "F" * 64}]},
        {"documents": [{**document(), "issued_on": None}]},
        {"responses": [response(version=0)]},
        {"responses": [response(rating="fine")]},
        {"answers": [answer(1.5)]},
        {"format": "safonau/assessment-pack/2"},
        {"unknown": 1},
    ],
)
def test_what_has_not_the_shape_of_a_pack_is_refused(parts: Json) -> None:
    with pytest.raises(ValidationError):
        pack(**parts)
