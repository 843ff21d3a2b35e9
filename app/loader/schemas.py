"""The file formats as JSON Schema (draft 2020-12), generated from the models and never written twice (formats.md).

A schema is never stricter than the loader. What ties values together (semantics.md 2 to 4) it cannot say.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel

from app.engine.determination import Determination
from app.engine.issued import IssuedDetermination
from app.engine.pack import Pack
from app.engine.policy import Policy
from app.engine.policy_check import Check
from app.engine.rules import Crosswalk, RuleSetFile, Scheme, StandardFile

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_FORMATS: Mapping[str, tuple[type[BaseModel], Literal["validation", "serialization"]]] = {
    "rule-set": (RuleSetFile, "validation"),
    "standard": (StandardFile, "validation"),
    "scheme": (Scheme, "validation"),
    "crosswalk": (Crosswalk, "validation"),
    "assessment-pack": (Pack, "validation"),
    "determination": (Determination, "serialization"),
    "issued-determination": (IssuedDetermination, "serialization"),
    "policy": (Policy, "validation"),
    "policy-check": (Check, "serialization"),
}
# A plain string stands for the English text, or for the document of a source: the models turn it into an object first.
_ALSO_STRINGS = ("Text", "Source")
NAMES = tuple(_FORMATS)


def schema(name: str) -> dict[str, Any]:
    """The schema of one format; ``name`` is one of ``NAMES``."""
    model, mode = _FORMATS[name]
    found = model.model_json_schema(mode=mode)
    if mode == "validation":
        for definition in _ALSO_STRINGS:
            if definition in found.get("$defs", ()):
                found["$defs"][definition] = {"anyOf": [{"type": "string"}, found["$defs"][definition]]}
    if name == "crosswalk":
        basis = found["$defs"]["CrosswalkEntry"]["properties"]["basis"]
        found["$defs"]["CrosswalkEntry"]["properties"]["basis"] = {"anyOf": [{"type": "string"}, basis]}
    return {"$schema": _DIALECT, "$id": schema_id(name), **found}


def schema_id(name: str) -> str:
    """What the schema of a format is called, wherever it lies."""
    return f"urn:safonau:schema:{name}:1"


@cache
def schema_text(name: str) -> str:
    """The text of the schema's file: indented JSON that ends with a line feed."""
    return json.dumps(schema(name), ensure_ascii=False, indent=2) + "\n"


def file_name(name: str) -> str:
    """What the schema's file is called."""
    return f"{name}.schema.json"
