"""Files of evidence from upload to download, and every way in which one is refused."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from app.api.files import FORM_BYTES
from app.clients.antivirus import KnownSignatures
from app.clients.objects import ObjectStore
from app.main import Service
from app.services.keeping import Keeper
from tests.api.conftest import Begun, Somebody, World, ok, problem
from tests.api.files import PNG, actions, docx, link, opendocument, pdf, recorded, sha256, upload, xlsx

CLEAN = pdf("A safeguarding policy")


@pytest.fixture(autouse=True)
def store(app: Service, client: TestClient) -> ObjectStore:
    """An object store in memory, instead of the one of the service."""
    assert client.app is app
    made = ObjectStore.in_memory()
    app.state.running = replace(app.state.running, objects=made)
    return made


def test_a_file_comes_in_and_the_same_file_again_is_the_same_upload(begun: Begun, world: World) -> None:
    people = begun.people
    made = upload(people.provider, CLEAN, "C:\\Files\\../policy?.pdf")
    found = ok(made, 201)
    assert made.headers["location"] == f"/v1/uploads/{sha256(CLEAN)}"
    assert (found["sha256"], found["size"], found["media_type"]) == (sha256(CLEAN), len(CLEAN), "application/pdf")
    assert (found["file_name"], found["state"], found["antivirus"]) == ("policy.pdf", "held", "not_configured")
    assert (found["text"], found["warnings"]) == ("whole", [])
    assert "identifiable people" in found["notice"]["en"]
    assert "gellir eu hadnabod" in found["notice"]["cy"]
    again = ok(upload(people.provider, CLEAN, "another.pdf"))
    assert {**again, "file_name": "policy.pdf"} == found
    assert ok(people.provider.get(made.headers["location"])) == {**found, "file_name": None}
    problem(people.stranger.get(made.headers["location"]), 404, "not-found")
    assert actions(world) == ["upload.stored"]


def test_a_file_is_given_out_to_be_saved_and_not_shown(begun: Begun) -> None:
    people = begun.people
    place = f"{begun.service_place}/documents/doc-1"
    ok(upload(people.provider, CLEAN), 201)
    recorded(begun, CLEAN, title='Diogelu – ‘polisi’ "1"', size=len(CLEAN), media_type="application/pdf")
    (listed,) = ok(people.provider.get(f"{begun.service_place}/documents"))["items"]
    assert listed["custody"] == "held"
    given = people.provider.get(f"{place}/content", Accept="*/*")
    assert given.content == CLEAN
    assert given.headers["content-type"] == "application/octet-stream"
    assert given.headers["content-length"] == str(len(CLEAN))
    assert given.headers["x-content-type-options"] == "nosniff"
    assert given.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert given.headers["etag"] == f'"{sha256(CLEAN)}"'
    assert given.headers["content-disposition"] == (
        'attachment; filename="Diogelu _ _polisi_ 1.pdf"; '
        "filename*=UTF-8''Diogelu%20%E2%80%93%20%E2%80%98polisi%E2%80%99%201.pdf"
    )
    same = people.provider.get(f"{place}/content", If_None_Match=given.headers["etag"])
    assert (same.status_code, same.content) == (304, b"")
    assert people.provider.send("HEAD", f"{place}/content").content == b""
    problem(people.provider.get(f"{place}/content", Accept="text/html"), 406, "not-acceptable")


def custodies(who: Somebody, begun: Begun) -> dict[str, str | None]:
    items = ok(who.get(f"{begun.service_place}/documents"))["items"]
    return {item["key"]: item["custody"] for item in items}


def test_a_file_is_for_its_provider_and_those_who_were_handed_an_assessment_that_links_it(begun: Begun) -> None:
    people = begun.people
    other = pdf("A draft")
    place = f"{begun.service_place}/documents"
    for key, content in (("doc-1", CLEAN), ("doc-2", other)):
        ok(upload(people.provider, content), 201)
        recorded(begun, content, key)
    link(begun, "doc-1")
    problem(people.reviewer.get(f"{place}/doc-1/content"), 404, "not-found")
    begun.submit(people.commissioner)
    for reader in (people.reviewer, people.commissioner):
        assert reader.get(f"{place}/doc-1/content").content == CLEAN
        assert ok(reader.get(f"{place}/doc-1/custody"))["state"] == "held"
        assert custodies(reader, begun) == {"doc-1": "held", "doc-2": None}
    for part in ("doc-1/content", "doc-1/custody", "doc-2/content", "doc-2/custody"):
        problem(people.stranger.get(f"{place}/{part}"), 404, "not-found")
        problem(people.other_commissioner.get(f"{place}/{part}"), 404, "not-found")
        problem(people.administrator.get(f"{place}/{part}"), 403, "forbidden")
    for part in ("content", "custody"):
        problem(people.reviewer.get(f"{place}/doc-2/{part}"), 404, "not-found")

    begun.start_review()
    begun.give_back("14.1")
    link(begun, "doc-2")
    assert custodies(people.reviewer, begun) == {"doc-1": "held", "doc-2": None}, "a draft changes nothing for others"
    begun.submit(people.commissioner)
    assert custodies(people.reviewer, begun) == {"doc-1": None, "doc-2": "held"}
    assert custodies(people.provider, begun) == {"doc-1": "held", "doc-2": "held"}


def test_a_document_without_a_file_says_so(begun: Begun) -> None:
    recorded(begun, CLEAN)
    place = f"{begun.service_place}/documents/doc-1"
    provider = begun.people.provider
    held = {"document": "doc-1", "sha256": sha256(CLEAN), "state": "not_held", "since": None, "size": None}
    assert ok(provider.get(f"{place}/custody")) == held | {"media_type": None, "legal_hold": False}
    refused = problem(provider.get(f"{place}/content"), 404, "not-found")
    assert refused["detail"].startswith("The file of this document is not held here")
    (listed,) = ok(provider.get(f"{begun.service_place}/documents"))["items"]
    assert listed["custody"] == "not_held"
    ok(upload(provider, CLEAN), 201)
    assert ok(provider.get(f"{place}/custody"))["state"] == "held"


REFUSED = [
    (b"", "policy.pdf", "application/pdf", 400, "bad-input"),
    (b"MZ" + b"\0" * 200, "policy.exe", "application/octet-stream", 422, "invalid"),
    (CLEAN, "policy.docx", "", 422, "invalid"),
    (CLEAN, "policy.pdf", "image/png", 422, "invalid"),
    (CLEAN, "policy.html", "", 422, "invalid"),
    (b"caf\xe9", "notes.txt", "text/plain", 422, "invalid"),
    (b"a\0b", "notes.txt", "text/plain", 422, "invalid"),
    (b"<script>alert(1)</script>", "notes.html", "text/html", 422, "invalid"),
    (docx()[:100], "policy.docx", "", 422, "invalid"),
    (opendocument("presentation"), "slides.odp", "", 422, "invalid"),
    (opendocument("text", extra="Basic/script.xml"), "policy.odt", "", 422, "invalid"),
]


def test_what_is_no_evidence_is_refused_and_leaves_nothing(begun: Begun, store: ObjectStore) -> None:
    provider = begun.people.provider
    for content, name, declared, status, code in REFUSED:
        problem(upload(provider, content, name, declared), status, code)
        assert store.size(UUID(begun.people.provider.organisation), sha256(content)) is None
        problem(provider.get(f"/v1/uploads/{sha256(content)}"), 404, "not-found")


def test_every_kind_that_is_taken_is_taken(begun: Begun) -> None:
    for content, name, declared, kind in (
        (docx(), "a.docx", "", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (xlsx(), "a.XLSX", "", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (opendocument("text"), "a.odt", "application/octet-stream", "application/vnd.oasis.opendocument.text"),
        (opendocument("spreadsheet"), "", "", "application/vnd.oasis.opendocument.spreadsheet"),
        (b"a,b\n1,2\n", "a.csv", "application/vnd.ms-excel", "text/csv"),
        (b"a,b\n3,4\n", "a.csv", "text/plain; charset=utf-8", "text/csv"),
        ("Polisi – diogelu\n".encode(), "a.txt", "text/plain", "text/plain"),
        (PNG, "a.png", "image/png", "image/png"),
    ):
        found = ok(upload(begun.people.provider, content, name or "a", declared), 201)
        assert (found["media_type"], found["warnings"]) == (kind, []), name


def test_malware_is_refused_by_name_and_a_silent_scanner_lets_nothing_in(begun: Begun, app: Service) -> None:
    provider = begun.people.provider
    app.state.running = replace(app.state.running, antivirus=KnownSignatures({b"safeguarding": "Test.Signature"}))
    text = b"the worst safeguarding policy"
    refused = problem(upload(provider, text, "a.txt", "text/plain"), 422, "invalid")
    assert "Test.Signature" in refused["faults"][0]["message"]
    problem(provider.get(f"/v1/uploads/{sha256(text)}"), 404, "not-found")
    assert ok(upload(provider, b"fine", "a.txt", "text/plain"), 201)["antivirus"] == "clean"


def forms(boundary: str = "b") -> Iterator[tuple[str, bytes, int, str]]:
    """Forms that are none, or other ones: media type, body, and how they are refused."""
    kind = f"multipart/form-data; boundary={boundary}"
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    yield "multipart/form-data", b"", 415, "unsupported-media-type"
    yield "application/json", b"{}", 415, "unsupported-media-type"
    yield f"multipart/form-data; boundary={'b' * 257}", b"", 400, "bad-input"
    yield kind, b"", 400, "bad-input"
    yield kind, b"no form", 400, "bad-input"
    yield kind, head + b"\r\nhalf a fi", 400, "bad-input"
    yield kind, head + b"Content-Transfer-Encoding: base64\r\n\r\nYQ==\r\n--b--\r\n", 400, "bad-input"
    yield kind, head.replace(b'"file"', b'"other"') + b"\r\na\r\n--b--\r\n", 400, "bad-input"
    yield kind, head.replace(b'; filename="a.txt"', b"") + b"\r\na\r\n--b--\r\n", 400, "bad-input"
    yield kind, head + b"\r\na\r\n" + head + b"\r\na\r\n--b--\r\n", 400, "bad-input"


def test_a_form_that_is_not_one_file_is_refused(begun: Begun, client: TestClient) -> None:
    headers = {"authorization": f"Bearer {begun.people.provider.token}"}
    for kind, body, status, code in forms():
        answer = client.post("/v1/uploads", content=body, headers=headers | {"content-type": kind})
        problem(answer, status, code)
    encoded = headers | {"content-type": "multipart/form-data; boundary=b", "content-encoding": "gzip"}
    problem(client.post("/v1/uploads", content=b"", headers=encoded), 415, "unsupported-media-type")


def test_a_file_that_is_gone_before_it_is_recorded_is_not_recorded(
    begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ObjectStore, "put", lambda *_: None)
    assert "taken away while" in problem(upload(begun.people.provider, CLEAN), 503, "unavailable")["detail"]
    problem(begun.people.provider.get(f"/v1/uploads/{sha256(CLEAN)}"), 404, "not-found")


def pieces(sent: list[int], size: int) -> Iterator[bytes]:
    yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    for _ in range(size // 65_536):
        sent.append(65_536)
        yield b"a" * 65_536
    yield b"\r\n--b--\r\n"


def test_what_is_too_large_is_refused_early(begun: Begun, client: TestClient, app: Service) -> None:
    headers = {"authorization": f"Bearer {begun.people.provider.token}"}
    headers |= {"content-type": "multipart/form-data; boundary=b"}
    most = app.state.running.max_upload_bytes
    told = headers | {"content-length": str(most + FORM_BYTES + 1)}
    refused = problem(client.post("/v1/uploads", content=b"--b", headers=told), 413, "too-large")
    assert str(most) in refused["detail"] or str(most + FORM_BYTES) in refused["detail"]
    running = app.state.running
    app.state.running = replace(running, max_upload_bytes=100_000)
    sent: list[int] = []
    answer = client.post("/v1/uploads", content=pieces(sent, 10**6), headers=headers)
    app.state.running = running
    refused = problem(answer, 413, "too-large")
    assert refused["detail"] == "The file is larger than the 100000 bytes that the service takes."


def test_damage_is_found_told_recorded_and_mended(
    begun: Begun, world: World, store: ObjectStore, tmp_path: Path
) -> None:
    provider = begun.people.provider
    ok(upload(provider, CLEAN), 201)
    recorded(begun, CLEAN)
    place = f"{begun.service_place}/documents/doc-1"
    (tmp_path / "other").write_bytes(b"something else")
    with (tmp_path / "other").open("rb") as other:
        store.put(UUID(begun.people.provider.organisation), sha256(CLEAN), other)
    for _ in range(2):
        problem(provider.get(f"{place}/content"), 500, "content-damaged")
    assert ok(provider.get(f"{place}/custody"))["state"] == "damaged"
    ok(upload(provider, CLEAN))
    assert provider.get(f"{place}/content").content == CLEAN
    store.remove(UUID(begun.people.provider.organisation), sha256(CLEAN))
    ok(upload(provider, CLEAN))
    assert provider.get(f"{place}/content").content == CLEAN, "what went unnoticed is mended by sending it again"
    store.remove(UUID(begun.people.provider.organisation), sha256(CLEAN))
    problem(provider.get(f"{place}/content"), 500, "content-damaged")
    assert actions(world) == ["upload.stored", "upload.damaged", "upload.stored", "upload.damaged"]


def test_a_hold_keeps_a_file_that_is_shredded_afterwards_for_good(
    begun: Begun, world: World, store: ObjectStore
) -> None:
    people = begun.people
    ok(upload(people.provider, CLEAN), 201)
    recorded(begun, CLEAN)
    place = f"/v1/providers/{people.provider.organisation}/uploads/{sha256(CLEAN)}"
    why = {"reason": "Asked for by a court."}
    (listed,) = ok(people.administrator.get(place.rpartition("/")[0]))["items"]
    assert listed == ok(people.administrator.get(place))
    assert ok(people.administrator.put(f"{place}/legal-hold", why | {"held": True}, If_Match='"1"'))["legal_hold"]
    assert ok(people.administrator.put(f"{place}/legal-hold", why | {"held": True}, If_Match='"2"'))["etag"] == "2"
    problem(people.administrator.post(f"{place}/shredding", why), 428, "precondition-required")
    problem(people.administrator.post(f"{place}/shredding", why, If_Match='"1"'), 412, "precondition-failed")
    problem(people.administrator.post(f"{place}/shredding", why, If_Match='"2"'), 409, "conflict")
    problem(people.provider.post(f"{place}/shredding", why, If_Match='"2"'), 403, "forbidden")
    ok(people.administrator.put(f"{place}/legal-hold", why | {"held": False}, If_Match='"2"'))
    shredded = ok(people.administrator.post(f"{place}/shredding", why, If_Match='"3"'))
    assert (shredded["state"], shredded["sha256"], shredded["size"]) == ("shredded", sha256(CLEAN), len(CLEAN))
    assert shredded["events"][-1]["reason"] == why["reason"]
    assert ok(people.administrator.post(f"{place}/shredding", why, If_Match='"4"')) == shredded
    assert store.size(UUID(people.provider.organisation), sha256(CLEAN)) is None
    gone = problem(people.provider.get(f"{begun.service_place}/documents/doc-1/content"), 410, "content-gone")
    assert "shredded on 2026-04-01" in gone["detail"]
    problem(upload(people.provider, CLEAN), 409, "conflict")
    assert ok(people.provider.get(f"{begun.service_place}/documents/doc-1"))["sha256"] == sha256(CLEAN)
    assert actions(world) == ["upload.stored", "upload.hold_set", "upload.hold_lifted", "upload.shredded"]


def keeper(world: World, month: int = 4) -> Keeper:
    running = world.running
    now = world.clock().replace(month=month)
    return Keeper(running.database, running.objects, lambda: now, running.new_id, "check")


def withdraw(who: Somebody, begun: Begun, on: str) -> None:
    place = f"{begun.service_place}/documents/doc-1"
    ok(who.put(place, ok(who.get(place)) | {"withdrawn_on": on}))


def test_what_is_kept_is_checked_and_purged_in_time(begun: Begun, world: World, store: ObjectStore) -> None:
    people = begun.people
    linked, alone = CLEAN, pdf("Nobody ever recorded this")
    for content in (linked, alone):
        ok(upload(people.provider, content), 201)
    recorded(begun, linked)
    found = keeper(world).check()
    assert found is not None
    assert (found.files, found.damaged) == (2, ())
    store.remove(UUID(people.provider.organisation), sha256(alone))
    for _ in range(2):
        found = keeper(world).check()
        assert found is not None
        assert found.damaged == ((UUID(people.provider.organisation), sha256(alone)),)
    ok(upload(people.provider, alone))
    assert keeper(world).purge(30).files == 0
    withdraw(people.provider, begun, "2026-04-02")
    place = f"/v1/providers/{people.provider.organisation}/uploads/{sha256(linked)}/legal-hold"
    ok(people.administrator.put(place, {"held": True, "reason": "A court."}, If_Match='"1"'))
    assert keeper(world, 6).purge(30).files == 1
    ok(people.administrator.put(place, {"held": False, "reason": "It is over."}, If_Match='"2"'))
    assert keeper(world, 6).purge(365).files == 0
    assert keeper(world, 6).purge(30).files == 1
    assert keeper(world, 6).purge(30).files == 0
    problem(people.provider.get(f"{begun.service_place}/documents/doc-1/content"), 410, "content-gone")
    ok(upload(people.provider, linked))
    assert people.provider.get(f"{begun.service_place}/documents/doc-1/content").content == linked
    assert actions(world).count("upload.purged") == 2
    with world.system() as tx:
        tx.connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended('check of uploads', 0))")
        assert keeper(world).check() is None
