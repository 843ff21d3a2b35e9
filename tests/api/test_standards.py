"""Rule sets, schemes, crosswalks and schemas over HTTP, open to anyone."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from app.engine.canonical import sha256_of
from app.engine.rules import Crosswalk, RuleSet, Scheme
from app.loader.catalogue import Catalogue
from app.loader.schemas import NAMES, schema
from app.main import Service
from app.reports.html import content_policy
from app.stewardship.diff import compared
from tests.api.conftest import ok, problem
from tests.api.htmlpage import Page

RULE_SET = ("wales-perpetrator-services", "2018.1")
PLACE = f"/v1/rule-sets/{RULE_SET[0]}/versions/{RULE_SET[1]}"
BOTH_FORMS = (
    "/v1/rule-sets",
    "/v1/rule-sets/wales-perpetrator-services",
    "/v1/crosswalks/respect--wales-perpetrator-services",
    PLACE,
    f"{PLACE}/standards/14",
    f"{PLACE}/requirements/14.1",
    "/v1/accreditation-schemes",
    "/v1/accreditation-schemes/respect",
    "/v1/crosswalks",
    "/v1/crosswalks/respect--wales-perpetrator-services/versions/2",
)
JSON_ONLY = (f"{PLACE}/changes?since={RULE_SET[1]}", "/v1/schemas", "/v1/schemas/crosswalk")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def client(session_client: TestClient) -> TestClient:
    """The service as it is: what is public is read from no database, so none has to be emptied."""
    return session_client


def page(client: TestClient, path: str, **headers: str) -> Response:
    sent = {"accept": BROWSER} | {name.replace("_", "-"): value for name, value in headers.items()}
    answer = client.get(path, headers=sent)
    assert answer.status_code == 200, f"{path}: {answer.text}"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer


Publish = Callable[..., Catalogue]


@pytest.fixture
def publish(app: Service, catalogue: Catalogue) -> Iterator[Publish]:
    """Serve another version of the Welsh rule set beside those there are, with another statement 14.1."""

    def work(version: str, statement: str) -> Catalogue:
        document: dict[str, Any] = json.loads(
            catalogue.rule_set(*RULE_SET).model_dump_json(by_alias=True, exclude_none=True)
        )
        document["version"] = version
        document["standards"][13]["requirements"][0]["statement"] = statement
        found = RuleSet.model_validate_json(json.dumps(document))
        served = replace(catalogue, rule_sets={**catalogue.rule_sets, (found.id, version): found})
        app.state.running = replace(before, catalogue=served)
        return served

    before = app.state.running
    yield work
    app.state.running = before


@pytest.mark.parametrize("path", BOTH_FORMS + JSON_ONLY)
def test_anyone_reads_json_with_a_strong_etag_that_saves_reading_it_again(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"accept-language": "cy"})
    assert ok(answer)
    etag = answer.headers["etag"]
    assert etag.startswith('"')
    assert len(etag) == 66
    assert answer.headers["cache-control"] == "public, no-cache"
    assert "content-language" not in answer.headers, "JSON has both languages"
    again = client.get(path, headers={"if-none-match": f'"other", W/{etag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert again.headers["cache-control"] == "public, no-cache"
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize("path", BOTH_FORMS)
def test_browsers_get_a_page_with_an_etag_of_its_own(client: TestClient, path: str) -> None:
    answer = page(client, path)
    assert answer.headers["content-language"] == "en"
    assert answer.headers["vary"] == client.get(path).headers["vary"] == "Accept, Accept-Language"
    assert answer.headers["cache-control"] == "public, no-cache"
    assert answer.headers["content-security-policy"] == content_policy()
    assert answer.headers["etag"] != client.get(path).headers["etag"]
    again = client.get(path, headers={"accept": "text/html", "if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", BOTH_FORMS)
def test_the_language_is_the_one_asked_for_and_by_name_before_all(client: TestClient, path: str) -> None:
    negotiated = page(client, path, accept_language="cy, en;q=0.5")
    by_name = page(client, f"{path}?lang=cy", accept_language="en")
    english = page(client, f"{path}?lang=en", accept_language="cy")
    for answer, language in ((negotiated, "cy"), (by_name, "cy"), (english, "en")):
        assert answer.headers["content-language"] == language
        assert Page(answer.text).all("html")[0].attributes == {"lang": language}
    assert negotiated.headers["etag"] != english.headers["etag"]
    assert page(client, path, accept_language="fr").headers["content-language"] == "en"
    problem(client.get(f"{path}?lang=fr"), 422, "invalid")


@pytest.mark.parametrize("path", BOTH_FORMS)
def test_no_other_form_is_to_be_had(client: TestClient, path: str) -> None:
    refused = problem(client.get(path, headers={"accept": "application/pdf"}), 406, "not-acceptable")
    assert refused["hint"] == "Available: application/json, text/html."


@pytest.mark.parametrize("path", JSON_ONLY)
def test_what_is_for_programs_has_no_page(client: TestClient, path: str) -> None:
    problem(client.get(path, headers={"accept": "text/html"}), 406, "not-acceptable")


NOT_THERE = pytest.mark.parametrize(
    "path",
    [
        "/v1/rule-sets/nothing",
        "/v1/crosswalks/nothing",
        "/v1/rule-sets/nothing/versions/2018.1",
        "/v1/rule-sets/wales-perpetrator-services/versions/1",
        f"{PLACE}/standards/99",
        f"{PLACE}/standards/x",
        f"{PLACE}/requirements/99.1",
        "/v1/rule-sets/nothing/versions/2018.1/requirements/14.1",
        "/v1/accreditation-schemes/nothing",
        "/v1/crosswalks/nothing/versions/1",
        "/v1/crosswalks/respect--wales-perpetrator-services/versions/9",
        f"{PLACE}/no/such/address",
    ],
)


@NOT_THERE
def test_what_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    problem(client.get(path), 404, "not-found")
    problem(client.get(path, headers={"accept": "application/json"}), 404, "not-found")


@NOT_THERE
def test_a_person_is_told_so_on_a_page_in_the_language_asked_for(client: TestClient, path: str) -> None:
    for query, liked, language, words in (
        ("", "cy, en;q=0.5", "cy", "Nid oes dim yn y cyfeiriad hwn"),
        ("?lang=cy", "en", "cy", "Nid oes dim yn y cyfeiriad hwn"),
        ("?lang=en", "cy", "en", "There is nothing at this address"),
    ):
        answer = client.get(path + query, headers={"accept": BROWSER, "accept-language": liked})
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["content-language"] == language
        assert answer.headers["vary"] == "Accept, Accept-Language"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"] == content_policy()
        found = Page(answer.text)
        assert found.all("h1")[0].text == words
        assert {f"/v1/rule-sets{query}", f"/v1/crosswalks{query}"} <= set(found.links)
        assert "nothing/" not in answer.text


def test_only_the_public_standards_have_such_a_page(client: TestClient) -> None:
    for path in ("/v1/nothing", "/v1/rule-setsx", "/v1/schemas/nothing/x"):
        problem(client.get(path, headers={"accept": BROWSER}), 404, "not-found")
    problem(client.get(f"{PLACE}/no/such", headers={"accept": "application/pdf"}), 404, "not-found")


def test_the_versions_of_one_rule_set_or_crosswalk_are_those_of_the_whole_list(client: TestClient) -> None:
    for place in ("/v1/rule-sets", "/v1/crosswalks"):
        every = ok(client.get(place))["items"]
        for name in {item["id"] for item in every}:
            items = ok(client.get(f"{place}/{name}"))["items"]
            assert items == [item for item in every if item["id"] == name]
            found = Page(page(client, f"{place}/{name}").text)
            assert {f"{place}/{name}/versions/{item['version']}" for item in items} <= set(found.links)


@pytest.mark.parametrize(
    "path", ["/v1/schemas/nothing", "/v1/rule-sets/wales-perpetrator-services/versions/1/changes?since=2018.1"]
)
def test_what_only_programs_read_and_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    problem(client.get(path), 404, "not-found")


def test_versions_are_listed_with_status_hash_and_counts(client: TestClient, catalogue: Catalogue) -> None:
    items = ok(client.get("/v1/rule-sets"))["items"]
    assert [(item["id"], item["version"]) for item in items] == sorted(catalogue.rule_sets)
    for item in items:
        found = catalogue.rule_set(item["id"], item["version"])
        assert (item["sha256"], item["status"]) == (found.sha256, "draft")
        assert item["title"] == found.title.model_dump()
        assert item["counts"]["requirements"] == len(found.requirements)
        assert item["counts"]["must"] + item["counts"]["should"] == len(found.requirements)
        assert item["counts"]["official_text"] == 0


def test_a_version_comes_whole_and_its_etag_is_its_hash(client: TestClient) -> None:
    answer = client.get(PLACE)
    document = ok(answer)
    assert RuleSet.model_validate(document).sha256 == answer.headers["etag"].strip('"') == sha256_of(document)


def test_a_part_is_that_of_the_whole_and_says_of_which_version_it_is(client: TestClient) -> None:
    summary = next(item for item in ok(client.get("/v1/rule-sets"))["items"] if item["id"] == RULE_SET[0])
    whole = next(item for item in ok(client.get(PLACE))["standards"] if item["number"] == 14)
    assert ok(client.get(f"{PLACE}/standards/14")) == {"rule_set": summary, "standard": whole}
    part = ok(client.get(f"{PLACE}/requirements/14.1"))
    assert part["rule_set"] == summary
    assert part["standard"] == {"number": 14, "title": whole["title"], "page": 21}
    assert part["requirement"] == whole["requirements"][0]


def test_a_requirement_says_what_every_crosswalk_version_covers_of_it(client: TestClient) -> None:
    of_it = [item for item in ok(client.get("/v1/crosswalks"))["items"] if item["rule_set"]["version"] == RULE_SET[1]]
    coverage = ok(client.get(f"{PLACE}/requirements/14.5"))["coverage"]
    assert [item["crosswalk"] for item in coverage] == of_it
    by_version = {(item["crosswalk"]["scheme"], item["crosswalk"]["version"]): item["entry"] for item in coverage}
    assert by_version["respect", "1"]["requirement"] == "14.5"
    assert by_version["respect", "2"] is None


def test_schemes_and_crosswalks_come_whole(client: TestClient, catalogue: Catalogue) -> None:
    for item in ok(client.get("/v1/accreditation-schemes"))["items"]:
        answer = client.get(f"/v1/accreditation-schemes/{item['id']}")
        assert Scheme.model_validate(ok(answer)) == catalogue.schemes[item["id"]]
        assert answer.headers["etag"] == f'"{item["sha256"]}"'
    listed = ok(client.get("/v1/crosswalks"))["items"]
    assert len(listed) == len(catalogue.crosswalks)
    for item in listed:
        answer = client.get(f"/v1/crosswalks/{item['id']}/versions/{item['version']}")
        found = Crosswalk.model_validate(ok(answer))
        assert found in catalogue.crosswalks
        assert answer.headers["etag"] == f'"{found.sha256}"'
        assert item["full"] + item["partial"] == len(found.entries)


def test_every_schema_is_listed_and_served(client: TestClient) -> None:
    items = ok(client.get("/v1/schemas"))["items"]
    assert [item["name"] for item in items] == list(NAMES)
    for item in items:
        answer = client.get(f"/v1/schemas/{item['name']}")
        assert ok(answer) == schema(item["name"])
        assert (answer.json()["$id"], answer.headers["etag"]) == (item["id"], f'"{item["sha256"]}"')


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_an_etag_changes_with_the_content_and_only_with_it(client: TestClient, publish: Publish, accept: str) -> None:
    paths = (f"{PLACE}/requirements/14.1", f"{PLACE}/standards/13", f"{PLACE}/standards/14", PLACE)

    def etags() -> list[str]:
        return [client.get(path, headers={"accept": accept}).headers["etag"] for path in paths]

    before = etags()
    assert etags() == before
    publish(RULE_SET[1], "Another statement.")
    after = etags()
    assert after[0] != before[0]
    assert after[2] != before[2]
    assert after[3] != before[3]
    stale = client.get(paths[0], headers={"accept": accept, "if-none-match": before[0]})
    assert stale.status_code == 200
    assert "Another statement." in stale.text


def test_what_changed_is_told_requirement_by_requirement(client: TestClient, publish: Publish) -> None:
    served = publish("2018.2", "Another statement.")
    place = PLACE.replace("2018.1", "2018.2")
    found = ok(client.get(f"{place}/changes?since=2018.1"))
    assert (found["older"], found["newer"]) == (" ".join(RULE_SET), f"{RULE_SET[0]} 2018.2")
    assert found == compared(served, "@".join(RULE_SET), "2018.2").json_form
    statement = next(item for item in found["changes"] if item["aspect"] == "statement")
    assert (statement["part"], statement["id"], statement["kind"]) == ("requirement", "14.1", "changed")
    assert statement["was"].startswith("Every practitioner has clinical supervision")
    assert statement["now"] == "Another statement."
    assert ok(client.get(f"{place}/changes?since=2018.2"))["changes"] == []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?since=2017.1", "there is no such version"),
        ("?since=nonsense", "there is no such version"),
        ("?since=2018.2", "this version is newer than the one in the address"),
    ],
)
def test_changes_are_since_an_older_version(client: TestClient, publish: Publish, query: str, message: str) -> None:
    publish("2018.2", "Another statement.")
    (fault,) = problem(client.get(f"{PLACE}/changes{query}"), 422, "invalid")["faults"]
    assert (fault["pointer"], fault["message"], fault["hint"]) == ("?since", message, "name one of: 2018.1")


def test_changes_are_since_a_version_that_is_named(client: TestClient) -> None:
    (fault,) = problem(client.get(f"{PLACE}/changes"), 422, "invalid")["faults"]
    assert fault["pointer"] == "?since"


@pytest.mark.long
def test_every_link_on_every_page_leads_somewhere(client: TestClient, catalogue: Catalogue) -> None:
    waiting, seen = ["/v1/rule-sets"], {"/v1/rule-sets"}
    anchors: set[str] = set()
    ids: dict[str, set[str | None]] = {}
    while waiting:
        path = waiting.pop()
        found = Page(page(client, path).text)
        ids[path] = {element.attributes.get("id") for element in found.elements}
        links = {link for link in found.links if link.startswith("/")}
        anchors |= {link for link in links if "#" in link}
        fresh = {link.partition("#")[0] for link in links} - seen
        seen |= fresh
        waiting += sorted(fresh)
    assert all(anchor.partition("#")[2] in ids[anchor.partition("#")[0]] for anchor in anchors)
    for rule_set in catalogue.rule_sets.values():
        place = f"/v1/rule-sets/{rule_set.id}/versions/{rule_set.version}"
        assert {f"{place}/requirements/{name}" for name in rule_set.requirements} <= seen
    assert {f"/v1/crosswalks/{item.id}/versions/{item.version}" for item in catalogue.crosswalks} <= seen
    assert {f"/v1/accreditation-schemes/{name}" for name in catalogue.schemes} <= seen
