"""Rule sets and schemas, open to anyone."""

import pytest
from fastapi.testclient import TestClient

from app.engine.canonical import sha256_of
from app.engine.rules import RuleSet
from app.loader.catalogue import Catalogue
from app.loader.schemas import NAMES, schema
from tests.api.conftest import ok, problem

PLACE = "/v1/rule-sets/wales-perpetrator-services/versions/2018.1"


def test_versions_are_listed_with_their_hashes(client: TestClient, catalogue: Catalogue) -> None:
    items = ok(client.get("/v1/rule-sets"))["items"]
    assert {(item["id"], item["version"]) for item in items} == set(catalogue.rule_sets)
    for item in items:
        assert item["sha256"] == catalogue.rule_set(item["id"], item["version"]).sha256
        assert item["title"]["en"]


def test_a_version_comes_whole_and_its_etag_is_its_hash(client: TestClient) -> None:
    answer = client.get(PLACE)
    document = ok(answer)
    assert RuleSet.model_validate(document).sha256 == answer.headers["etag"].strip('"') == sha256_of(document)
    again = client.get(PLACE, headers={"if-none-match": f"W/{answer.headers['etag']}"})
    assert again.status_code == 304
    assert again.headers["etag"] == answer.headers["etag"]
    assert again.content == b""


def test_one_standard_is_the_part_of_the_whole(client: TestClient) -> None:
    whole = ok(client.get(PLACE))["standards"]
    assert ok(client.get(f"{PLACE}/standards/14")) == next(item for item in whole if item["number"] == 14)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/rule-sets/nothing/versions/2018.1",
        "/v1/rule-sets/wales-perpetrator-services/versions/1",
        f"{PLACE}/standards/99",
        f"{PLACE}/standards/x",
        "/v1/schemas/nothing",
    ],
)
def test_what_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    problem(client.get(path), 404, "not-found")


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_served(client: TestClient, name: str) -> None:
    assert ok(client.get(f"/v1/schemas/{name}")) == schema(name)
