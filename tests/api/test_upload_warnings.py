"""Files in which people seem to be named: nobody is given one before somebody looked."""

from tests.api.conftest import Begun, World, ok, problem
from tests.api.files import actions, link, pdf, recorded, sha256, upload

NAMED = pdf("Nothing here", "A client with NHS number 943 476 5919")


def test_what_looks_like_people_is_warned_of_before_it_is_linked(begun: Begun, world: World) -> None:
    provider = begun.people.provider
    found = upload(provider, NAMED)
    (warning,) = ok(found, 201)["warnings"]
    assert warning == {"kind": "nhs_number", "place": "page 2", "excerpt": "9** *** ***9"}
    document = {"id": "doc-1", "type": "policy", "issued_on": "2026-01-15", "sha256": sha256(NAMED)}
    place = f"{begun.service_place}/documents/doc-1"
    refused = problem(provider.put(place, document | {"size": 1, "media_type": "text/csv"}), 422, "invalid")
    assert [fault["pointer"] for fault in refused["faults"]] == ["/size", "/media_type", "/sha256"]
    pack = provider.get(f"{begun.place}/pack")
    with_it = pack.json() | {"documents": [document]}
    refused = problem(provider.put(f"{begun.place}/pack", with_it, If_Match=pack.headers["etag"]), 422, "pack-invalid")
    assert [fault["pointer"] for fault in refused["faults"]] == ["/documents/0/sha256"]

    said = f"/v1/uploads/{sha256(NAMED)}/acknowledgement"
    problem(provider.post(said, {"acknowledged_warnings": False}, If_Match='"1"'), 422, "invalid")
    problem(provider.post(said, {"acknowledged_warnings": True}), 428, "precondition-required")
    problem(provider.post(said, {"acknowledged_warnings": True}, If_Match='"7"'), 412, "precondition-failed")
    problem(begun.people.stranger.post(said, {"acknowledged_warnings": True}, If_Match='"1"'), 404, "not-found")
    after = ok(provider.post(said, {"acknowledged_warnings": True}, If_Match=found.headers["etag"]))
    assert after["acknowledged_warnings"] is True
    assert [event["kind"] for event in after["events"]] == ["stored", "acknowledged"]
    assert ok(provider.post(said, {"acknowledged_warnings": True}, If_Match='"2"')) == after
    ok(provider.put(place, document), 201)
    assert actions(world) == ["upload.stored", "upload.acknowledged"]


def test_a_file_that_comes_after_its_document_is_warned_of_before_it_is_linked_too(begun: Begun) -> None:
    people, provider = begun.people, begun.people.provider
    recorded(begun, NAMED)
    found = upload(provider, NAMED)
    ok(found, 201)
    place = f"{begun.place}/responses"
    content = {"self_rating": "met", "documents": ["doc-1"]}
    item = content | {"requirement": "14.1"}
    pack = provider.get(f"{begun.place}/pack")
    with_it = pack.json() | {"responses": [item | {"version": 1}]}
    attempts = (
        (provider.put(f"{place}/14.1", content), "/documents/0"),
        (provider.send("PATCH", place, {"items": [item]}), "/items/0/documents/0"),
        (provider.put(f"{begun.place}/pack", with_it, If_Match=pack.headers["etag"]), "/responses/0/documents/0"),
    )
    for answer, pointer in attempts:
        refused = answer.json()
        assert (answer.status_code, [fault["pointer"] for fault in refused["faults"]]) == (422, [pointer])
        assert f"/v1/uploads/{sha256(NAMED)}/acknowledgement" in refused["faults"][0]["hint"]
    said = f"/v1/uploads/{sha256(NAMED)}/acknowledgement"
    ok(provider.post(said, {"acknowledged_warnings": True}, If_Match=found.headers["etag"]))
    link(begun, "doc-1")
    begun.submit(people.commissioner)
    assert people.reviewer.get(f"{begun.service_place}/documents/doc-1/content").content == NAMED


def test_a_file_that_comes_after_its_document_was_linked_is_given_to_nobody_before_somebody_looked(
    begun: Begun,
) -> None:
    people = begun.people
    recorded(begun, NAMED)
    link(begun, "doc-1")
    begun.submit(people.commissioner)
    found = upload(people.provider, NAMED)
    place = f"{begun.service_place}/documents/doc-1/content"
    for reader in (people.reviewer, people.commissioner):
        assert "nobody has looked" in problem(reader.get(place), 404, "not-found")["detail"]
    assert people.provider.get(place).content == NAMED, "who has to look can"
    said = f"/v1/uploads/{sha256(NAMED)}/acknowledgement"
    ok(people.provider.post(said, {"acknowledged_warnings": True}, If_Match=found.headers["etag"]))
    assert people.reviewer.get(place).content == NAMED
