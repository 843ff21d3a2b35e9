"""Issuing, reading and verifying determinations, as a reviewer, a commissioner and the public meet them."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any, Protocol

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from pypdf import PdfReader

from app.db.embedded import EmbeddedDatabase
from app.db.session import VERIFYING, transaction
from app.engine.canonical import canonical_bytes, sha256_of
from app.engine.rules import RuleSet
from app.loader.catalogue import Catalogue
from app.loader.published import Published
from app.main import Service
from app.services.recomputing import recompute
from tests.api.conftest import Begun, Clock, People, Somebody, World, ok, problem
from tests.api.test_recompute import tamper
from tests.services.world import HASH
from tests.services.world import catalogue as tiny

TINY = {"id": "tiny", "version": "1"}
DOCUMENT = {"id": "doc-1", "type": "policy", "issued_on": "2025-01-15", "valid_until": "2026-06-30", "sha256": HASH}


class Load(Protocol):
    """Puts another catalogue in the place of the service's."""

    def __call__(self, catalogue: Catalogue, *, demonstration: bool = False) -> None: ...


def published(rule_set: RuleSet, **changes: object) -> Catalogue:
    """The small catalogue, with the rule set published and in force."""
    dated = {"status": "published", "effective_from": date(2026, 1, 1)} | changes
    made = RuleSet.model_validate(rule_set.model_dump(mode="json", by_alias=True) | dated)
    known = tiny()
    rule_sets = {**known.rule_sets, ("tiny", "1"): made}
    return Catalogue(rule_sets, known.schemes, known.crosswalks, Published().adding(made))


@pytest.fixture
def load(app: Service) -> Iterator[Load]:
    """Put another catalogue in the place of the service's for the test."""
    running = app.state.running

    def loaded(catalogue: Catalogue, *, demonstration: bool = False) -> None:
        press = replace(running.press, demonstration=demonstration)
        app.state.running = replace(app.state.running, catalogue=catalogue, press=press)

    yield loaded
    app.state.running = running


@pytest.fixture
def begun(people: People, load: Load) -> Begun:
    """A service assessed under the small rule set, which is published, and handed in."""
    load(published(tiny().rule_sets["tiny", "1"]))
    provider = people.provider
    stated = {
        "name": "Group work",
        "profile": {"forms_of_abuse": ["domestic_abuse"]},
        "programmes": [{"id": "prog-a"}],
        "regions": ["gwent"],
    }
    service = ok(provider.post("/v1/services", stated), 201)["id"]
    assessment = ok(provider.post("/v1/assessments", {"service": service, "rule_set": TINY}), 201)["id"]
    found = Begun(people, service, assessment)
    ok(provider.put(f"{found.service_place}/documents/doc-1", DOCUMENT), 201)
    ok(provider.put(f"{found.place}/responses/1.1", {"self_rating": "met", "documents": ["doc-1"]}), 201)
    found.submit(people.commissioner)
    found.start_review()
    ok(found.decide({"requirement": "1.1", "response_version": 1, "decision": "accepted"}), 201)
    problem(issue(found), 409, "conflict")
    assert "issue" in ok(found.complete())["available_actions"]
    return found


def withdraw_the_document(begun: Begun) -> None:
    """What the assessment rests on goes, after it was completed."""
    withdrawn = DOCUMENT | {"withdrawn_on": "2026-03-31"}
    ok(begun.people.provider.put(f"{begun.service_place}/documents/doc-1", withdrawn))


def issue(begun: Begun, by: Somebody | None = None, **headers: str) -> Response:
    """Issue on the pack as it stands unless headers name another."""
    headers.setdefault("If_Match", begun.people.reviewer.get(f"{begun.place}/pack").headers["etag"])
    return (by or begun.people.reviewer).send("POST", f"{begun.place}/determinations", **headers)


@pytest.fixture
def issued(begun: Begun) -> dict[str, Any]:
    found: dict[str, Any] = ok(issue(begun), 201)
    return found


def verdict(client: TestClient, number: str) -> str:
    """What anybody is told of a number."""
    found: str = ok(client.get(f"/v1/determinations/{number}/verification"))["result"]
    return found


def upload(client: TestClient, data: bytes, kind: str = "application/octet-stream") -> str:
    """What anybody is told of a file."""
    found: str = ok(client.post("/v1/verification", content=data, headers={"content-type": kind}))["result"]
    return found


def test_a_reviewer_issues_what_the_record_shows_and_it_is_kept_whole(begun: Begun) -> None:
    people = begun.people
    live = people.commissioner.get(f"{begun.place}/compliance")
    made = issue(begun)
    item = ok(made, 201)
    place = made.headers["location"]
    assert place == f"/v1/determinations/{item['number']}"
    assert item["sha256"] == hashlib.sha256(live.content).hexdigest()
    assert (item["supersedes"], item["superseded_by"], item["result"]) == (None, None, "current")
    assert item["issued_by"] == people.reviewer.user
    assert item["status"] == live.json()["status"]

    kept = people.commissioner.get(f"{place}/determination")
    assert kept.content == live.content
    assert kept.headers["etag"].strip('"') == item["sha256"]
    assert hashlib.sha256(kept.content).hexdigest() == item["sha256"]
    whole = ok(people.commissioner.get(place))
    assert whole["determination"] == live.json()
    assert whole["format"] == "safonau/issued-determination/1"
    assert whole["standing"]["drift"]["changes"] == []
    assert ok(people.provider.get(place))["number"] == item["number"]
    assert ok(people.commissioner.get(place.lower().replace("saf-", "SAF")))["number"] == item["number"]
    for listed in (f"?service={begun.service}", f"?assessment={begun.assessment}", ""):
        assert ok(people.commissioner.get(f"/v1/determinations{listed}"))["items"] == [item]
    assert ok(people.commissioner.get(f"/v1/determinations?service={people.provider.user}"))["items"] == []

    again = issue(begun)
    assert again.status_code == 200
    assert again.json() == item, "nothing has changed since, so the same one stands"


def test_a_request_sent_again_issues_nothing_again(begun: Begun) -> None:
    first = issue(begun, Idempotency_Key="issue-000001")
    withdraw_the_document(begun)
    etag = first.request.headers["if-match"]
    assert issue(begun, Idempotency_Key="issue-000001", If_Match=etag).content == first.content
    problem(issue(begun, If_Match=etag), 412, "precondition-failed")
    problem(issue(begun, If_Match="*"), 428, "precondition-required")
    problem(begun.people.reviewer.send("POST", f"{begun.place}/determinations"), 428, "precondition-required")


def test_the_signature_is_verified_by_others_with_the_published_keys(
    begun: Begun, issued: dict[str, Any], client: TestClient
) -> None:
    jwt = pytest.importorskip("jwt")
    content = begun.people.commissioner.get(f"/v1/determinations/{issued['number']}/determination").content
    header, signature = issued["signature"].split("..")
    payload = jwt.utils.base64url_encode(content).decode()
    fields = jwt.get_unverified_header(issued["signature"])
    assert (fields["alg"], fields["typ"]) == ("ES256", "safonau-determination")
    [key] = [each for each in client.get("/.well-known/jwks.json").json()["keys"] if each["kid"] == fields["kid"]]
    found = jwt.api_jws.decode(f"{header}.{payload}.{signature}", jwt.PyJWK(key), algorithms=["ES256"])
    assert found == content


def test_who_may_issue_and_who_may_read(begun: Begun, issued: dict[str, Any], world: World) -> None:
    people, place = begun.people, f"/v1/determinations/{issued['number']}"
    for nobody in (people.commissioner, people.provider, people.administrator):
        problem(issue(begun, nobody), 403, "forbidden")
    with world.system() as tx:
        body = world.organisation(tx, "scrutiny", "Inspectorate")
        scrutiny = world.somebody(tx, "scrutiny", body)
        stranger = world.somebody(tx, "reviewer", world.organisation(tx, "commissioner", "Elsewhere"))
    problem(issue(begun, stranger), 404, "not-found")
    seen = ok(scrutiny.get(place))
    assert (seen["number"], seen["standing"]["drift"]) == (issued["number"], None)
    assert ok(scrutiny.get("/v1/determinations"))["items"][0]["number"] == issued["number"]
    assert scrutiny.get(place, Accept="application/pdf").status_code == 200
    for other in (people.stranger, people.other_commissioner, stranger):
        for path in (place, f"{place}/determination", "/v1/determinations/SAF-2026-00000-00000-0"):
            problem(other.get(path), 404, "not-found")
        problem(other.get(place, Accept="application/pdf"), 404, "not-found")
        assert ok(other.get("/v1/determinations"))["items"] == []
    problem(people.administrator.get(place), 403, "forbidden")


def test_a_later_one_supersedes_and_drift_is_shown_beside(
    begun: Begun, issued: dict[str, Any], client: TestClient
) -> None:
    people, place = begun.people, f"/v1/determinations/{issued['number']}"
    before = people.commissioner.get(f"{place}/determination").content
    withdraw_the_document(begun)
    standing = ok(people.commissioner.get(place))["standing"]
    assert standing["result"] == "current"
    assert standing["drift"]["changes"][0]["words"]["en"] == "1.1 goes from verified to declared only."
    assert verdict(client, issued["number"]) == "current"

    later = ok(issue(begun), 201)
    assert later["supersedes"] == issued["number"]
    first = ok(people.commissioner.get(place))
    assert (first["standing"]["result"], first["standing"]["superseded_by"]) == ("superseded", later["number"])
    assert people.commissioner.get(f"{place}/determination").content == before
    assert (verdict(client, issued["number"]), verdict(client, later["number"])) == ("superseded", "current")
    assert upload(client, before) == "superseded"
    assert [item["superseded_by"] for item in ok(people.provider.get("/v1/determinations"))["items"]] == [
        later["number"],
        None,
    ]


def test_anybody_verifies_by_number_by_hash_and_by_file(
    begun: Begun, issued: dict[str, Any], client: TestClient, clock: Clock
) -> None:
    commissioner, number = begun.people.commissioner, issued["number"]
    place = f"/v1/determinations/{number}"
    found = client.get(f"{place}/verification")
    assert ok(found).keys() == {"result", "demonstration", "words"}
    assert found.headers["cache-control"] == "no-store"
    assert verdict(client, number.lower().replace("-", " ")) == "current"
    assert ok(client.get(f"/v1/verification?number={number}"))["result"] == "current"
    for sha256 in (issued["sha256"], issued["sha256"].upper()):  # some programs tell hashes in capitals
        assert ok(client.get(f"/v1/verification?sha256={sha256}"))["result"] == "current"
    wrong = number[:-1] + ("A" if number[-1] != "A" else "B")
    for typed in (wrong, "SAF-2026-00000-00000-0", "nothing", "%F0%9F%90%91"):
        assert verdict(client, typed) == "unknown"
    for query in ("", f"?number={number}&sha256={issued['sha256']}", "?sha256=abc", f"?number={'9' * 101}"):
        problem(client.get(f"/v1/verification{query}"), 422, "invalid")

    content = commissioner.get(f"{place}/determination").content
    whole = commissioner.get(place).content
    pdfs = [
        commissioner.get(place, Accept="application/pdf", Accept_Language=language).content for language in ("en", "cy")
    ]
    client.app.state.running.throttle.__init__()  # type: ignore[attr-defined]  # the app is ours
    assert upload(client, content, "application/json") == "current"
    assert upload(client, json.dumps(json.loads(content), indent=2).encode(), "application/json") == "current"
    assert upload(client, whole, "application/json") == "current"
    assert upload(client, b"\xef\xbb\xbf" + whole, "application/json") == "current", "as some editors save it"
    for pdf in pdfs:
        assert upload(client, pdf, "application/pdf") == "current"
        assert upload(client, pdf + b"\n") == upload(client, pdf.replace(b"1", b"2", 1)) == "unknown"
    altered = json.loads(whole)
    altered["issued_at"] = "2026-04-02T00:00:00Z"
    assert upload(client, json.dumps(altered).encode()) == "unknown"
    altered = json.loads(content)
    altered["status"]["verified"] = "meets"
    assert upload(client, canonical_bytes(altered)) == "unknown"
    assert upload(client, b'{"half a character": "\\ud800"}', "application/json") == "unknown"
    assert ok(client.post("/v1/verification", files={"file": ("a.pdf", pdfs[0])}))["result"] == "current"
    clock.now += timedelta(days=91)
    assert upload(client, content) == verdict(client, number) == "lapsed"


def test_the_public_page_speaks_both_languages(issued: dict[str, Any], client: TestClient) -> None:
    html = {"accept": "text/html"}
    page = client.get("/v1/verification", headers=html)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert 'enctype="multipart/form-data"' in page.text
    found = client.get(f"/v1/determinations/{issued['number']}/verification", headers=html)
    assert "Authentic and current" in found.text
    assert "A number alone does not show" in found.text
    assert "Group work" not in found.text
    assert issued["number"] not in found.text
    welsh = client.get(f"/v1/verification?sha256={issued['sha256']}&lang=cy", headers=html)
    assert welsh.headers["content-language"] == "cy"
    assert "Dilys a chyfredol" in welsh.text
    assert f'href="?sha256={issued["sha256"]}&amp;lang=en"' in welsh.text, "the other language of the same answer"
    unknown = client.post("/v1/verification", files={"file": ("a.pdf", b"x")}, headers=html)
    assert "Unknown: nothing like this was issued here." in unknown.text


def test_the_pdf_says_what_it_is_and_where_it_is_verified(begun: Begun, issued: dict[str, Any]) -> None:
    place = f"/v1/determinations/{issued['number']}"
    made = begun.people.commissioner.get(place, Accept="application/pdf")
    assert made.headers["content-type"] == "application/pdf"
    assert made.headers["content-disposition"] == f'attachment; filename="{issued["number"]}-en.pdf"'
    reader = PdfReader(BytesIO(made.content))
    text = reader.pages[0].extract_text()
    assert issued["number"] in text
    assert f"http://127.0.0.1:8000{place}/verification" in text.replace("\n", "")
    assert issued["sha256"] in text.replace("\n", "")
    assert "Issued determination" in str(reader.metadata and reader.metadata.title)
    welsh = begun.people.provider.get(place, Accept="application/pdf", Accept_Language="cy")
    assert welsh.headers["content-language"] == "cy"
    assert welsh.content != made.content
    assert begun.people.provider.get(place, Accept="application/pdf").content == made.content


def test_nothing_is_issued_under_what_is_no_published_rule_set_in_force(begun: Begun, load: Load) -> None:
    rule_set = tiny().rule_sets["tiny", "1"]

    def refusal(**changes: object) -> str:
        load(published(rule_set, **changes))
        return str(problem(issue(begun), 409, "conflict")["detail"])

    assert refusal(status="draft") == "Nothing can be issued under tiny 1: it is a draft version."
    assert refusal(status="withdrawn").endswith("a withdrawn version.")
    assert refusal(effective_from=None) == "Nothing can be issued: tiny 1 does not say from when it is in force."
    assert refusal(effective_from=date(2026, 4, 2)).endswith("not in force before 2026-04-02.")
    assert refusal(effective_until=date(2026, 3, 31)).endswith("was in force until 2026-03-31.")
    known = published(rule_set)
    load(replace(known, published=Published()))
    assert "not recorded as published" in problem(issue(begun), 409, "conflict")["detail"]
    load(published(rule_set, effective_until=date(2026, 5, 1)))
    assert ok(issue(begun), 201)["valid_through"] == "2026-05-01"


def test_a_demonstration_issues_under_a_draft_and_says_so(begun: Begun, load: Load, client: TestClient) -> None:
    load(tiny(), demonstration=True)
    item = ok(issue(begun), 201)
    assert item["draft"]
    told = ok(client.get(f"/v1/determinations/{item['number']}/verification"))
    assert told["demonstration"]
    assert "It is a demonstration" in told["words"]["en"]
    assert "Arddangosiad ydyw" in told["words"]["cy"]
    pdf = begun.people.commissioner.get(f"/v1/determinations/{item['number']}", Accept="application/pdf")
    assert "DEMONSTRATION" in PdfReader(BytesIO(pdf.content)).pages[0].extract_text()
    load(Catalogue({}, {}, ()))
    again = begun.people.provider.get(
        f"/v1/determinations/{item['number']}", Accept="application/pdf", Accept_Language="cy"
    )
    assert "not loaded any more" in problem(again, 409, "conflict")["detail"]


def test_of_a_draft_a_reviewer_knows_nothing(begun: Begun) -> None:
    people = begun.people
    draft = ok(people.provider.post("/v1/assessments", {"service": begun.service, "rule_set": TINY}), 201)["id"]
    place = f"/v1/assessments/{draft}/determinations"
    problem(people.reviewer.send("POST", place, If_Match='"x"'), 404, "not-found")


def recomputed(world: World, number: str) -> tuple[str, ...]:
    running = world.running
    with transaction(
        running.database, VERIFYING, now=world.clock(), new_id=running.new_id, request_id="recompute"
    ) as tx:
        return recompute(tx, running.catalogue, number)


def test_it_is_worked_out_again_to_the_same_bytes_until_somebody_edits_the_record(
    begun: Begun, issued: dict[str, Any], world: World, server: EmbeddedDatabase, client: TestClient
) -> None:
    number = issued["number"]
    withdraw_the_document(begun)
    assert recomputed(world, number) == ()

    edited = "UPDATE fact SET body = jsonb_set(body, '{self_rating}', '\"partly_met\"') WHERE kind = 'response'"
    tamper(server, f"{edited} AND version = 1")
    told = recomputed(world, number)
    assert any(line.startswith("/pack_sha256: issued ") for line in told)
    assert '/status/verified: issued "critical_gaps"' not in told
    assert any(line.startswith('/compliance/verified: issued "33.3", recomputed "0.0"') for line in told)

    whole = ok(begun.people.commissioner.get(f"/v1/determinations/{number}"))
    del whole["standing"]
    for column, known in (("sha256", issued["sha256"]), ("issued_sha256", sha256_of(whole))):
        edit = f"UPDATE determination SET {column} = "  # noqa: S608  # names from above
        tamper(server, f"{edit}'{sha256_of({})}'")
        assert upload(client, b"{}") == verdict(client, number) == "unknown", column
        tamper(server, f"{edit}'{known}'")
        assert verdict(client, number) == "current"
    forged = whole | {"sha256": sha256_of({}), "determination": {}}
    hashes = f"sha256 = '{sha256_of({})}', issued_sha256 = '{sha256_of(forged)}'"
    tamper(server, f"UPDATE determination SET content = convert_to('{{}}', 'UTF8'), {hashes}")  # noqa: S608  # names from above
    assert verdict(client, number) == "unknown", "it fits together, but nobody signed it"
    tamper(server, f"UPDATE determination SET sha256 = '{issued['sha256']}'")  # noqa: S608  # names from above
    assert "has not the SHA-256" in recomputed(world, number)[0]
    assert verdict(client, number) == "unknown"
    content = begun.people.commissioner.get(f"/v1/determinations/{number}/determination")
    assert upload(client, content.content) == "unknown"
