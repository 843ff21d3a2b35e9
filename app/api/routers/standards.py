"""Rule sets and the schemas of the portable documents: open to anyone."""

from typing import Any

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.responses import Response

from app.api.call import PUBLIC, Anyone, hash_of
from app.api.wire import RuleSetList, RuleSetSummary
from app.engine.rules import RuleSet, Standard
from app.errors import NotFound
from app.loader.schemas import NAMES, schema_text

router = APIRouter(tags=["standards"])
RULE_SETS = TypeAdapter(RuleSetList)
RULE_SET = TypeAdapter(RuleSet)
STANDARD = TypeAdapter(Standard)


@router.get("/v1/rule-sets", summary="List rule sets", response_model=RuleSetList)
async def list_rule_sets(call: Anyone) -> Response:
    """List every rule set version that this service knows."""
    known = sorted(call.service.catalogue.rule_sets.items())
    return call.answer_public(RULE_SETS, RuleSetList(items=tuple(RuleSetSummary.of(item) for _, item in known)))


@router.get("/v1/rule-sets/{rule_set}/versions/{version}", summary="Read a rule set", response_model=RuleSet)
def read_rule_set(call: Anyone, rule_set: str, version: str) -> Response:
    """Give one version whole. Its ETag is the SHA-256 of its canonical JSON, which determinations name."""
    found = call.service.catalogue.rule_set(rule_set, version)
    return call.answer_public(RULE_SET, found, etag=found.sha256)


@router.get(
    "/v1/rule-sets/{rule_set}/versions/{version}/standards/{number}",
    summary="Read a standard",
    response_model=Standard,
)
def read_standard(call: Anyone, rule_set: str, version: str, number: int) -> Response:
    """Give one standard with its requirements."""
    found = call.service.catalogue.rule_set(rule_set, version)
    standard = next((item for item in found.standards if item.number == number), None)
    if standard is None:
        raise NotFound("This rule set version has no standard of that number.", hint="Read the rule set for its list.")
    return call.answer_public(STANDARD, standard)


@router.get("/v1/schemas/{name}", summary="Read a schema", response_model=dict[str, Any])
def read_schema(call: Anyone, name: str) -> Response:
    """Give the JSON Schema of a portable document or a file of the standards tree."""
    if name not in NAMES:
        raise NotFound("There is no schema of that name.", hint=f"There are: {', '.join(NAMES)}.")
    content = schema_text(name).encode()
    return call.answer(content, etag=hash_of(content), headers=PUBLIC)
