"""The published schemas are those of the code, and are never stricter than the loader."""

import json
from datetime import date
from pathlib import Path

import jsonschema_rs
import pytest

from app.engine.determination import Determination
from app.engine.evaluate import evaluate
from app.engine.issued import envelope
from app.loader.schemas import NAMES, file_name, schema, schema_text
from app.loader.source import DEEPEST_FILE
from app.loader.yamlfile import read_yaml
from tests.loader.packs import PACK, catalogue
from tests.loader.trees import CSAAP, CSAAP_WALK, FIRST, GOOD, RESPECT_WALK, RULE_SET, SECOND
from tests.packs import pack_of
from tests.reports.test_check_text import checked

STANDARDS = Path(__file__).parents[2] / "standards"
SHAPES = [(RULE_SET, "rule-set"), (FIRST, "standard"), (SECOND, "standard"), (CSAAP, "scheme")]
SHAPES += [(RESPECT_WALK, "crosswalk"), (CSAAP_WALK, "crosswalk")]


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_schema_is_current(name: str) -> None:
    path = STANDARDS / "schema" / file_name(name)
    assert path.read_text(encoding="utf-8") == schema_text(name), "run `safonau standards schema`"


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_says_what_it_is(name: str) -> None:
    found = json.loads(schema_text(name))
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["$id"] == f"urn:safonau:schema:{name}:1"
    jsonschema_rs.meta.validate(found)


@pytest.mark.parametrize(("file", "name"), SHAPES)
def test_the_small_tree_fits(file: str, name: str) -> None:
    value = read_yaml(GOOD[file], DEEPEST_FILE).value
    jsonschema_rs.validator_for(schema(name)).validate(value)
    assert isinstance(value, dict)
    assert not jsonschema_rs.validator_for(schema(name)).is_valid(value | {"unheard_of": 1})


def test_a_pack_and_its_determination_fit() -> None:
    jsonschema_rs.validator_for(schema("assessment-pack")).validate(PACK)
    rule_set = catalogue().rule_set("example", "1.1")
    found: Determination = evaluate(rule_set, catalogue().crosswalks_for(rule_set), pack_of(PACK), date(2026, 4, 1))
    jsonschema_rs.validator_for(schema("determination")).validate(found.json_form)
    about: dict[str, object] = {
        "number": "SAF-2026-7K3QX-9MD4T-C",
        "issued_at": "2026-04-01T09:30:00Z",
        "issued_by": "usr-1",
    }
    about |= {"known_at": "2026-04-01T09:30:00Z", "supersedes": None, "draft": True, "signature": "e30..c2ln"}
    issued = envelope(about | {"sha256": found.sha256}, found.json_form)
    jsonschema_rs.validator_for(schema("issued-determination")).validate(issued)
    assert not jsonschema_rs.validator_for(schema("issued-determination")).is_valid(found.json_form)


def test_a_policy_and_a_check_fit() -> None:
    check, _ = checked()
    jsonschema_rs.validator_for(schema("policy-check")).validate(check.model_dump(mode="json"))
    policy = jsonschema_rs.validator_for(schema("policy"))
    policy.validate(check.policy.content.model_dump(mode="json"))
    policy.validate({"name": "Grants", "rule_set": "small"})
    assert not policy.is_valid({"name": "Grants", "rule_set": "small", "minimum": "80"})
