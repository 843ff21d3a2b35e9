"""A small rule set of our own, and packs for it, each made in one line: what a test does not say is plain and good.

The rule set has one profile field and one question of each type, named after the type, and four types of document.
"""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, TypeAlias

from app.engine.determination import Determination, Gap, RequirementResult, Rung
from app.engine.evaluate import evaluate
from app.engine.pack import Pack
from app.engine.rules import Crosswalk, RuleSet
from tests.packs import digest

Json: TypeAlias = dict[str, Any]

DAY = date(2026, 4, 1)
YESTERDAY, TOMORROW = DAY - timedelta(days=1), DAY + timedelta(days=1)
DECIDED = "2026-03-20T14:00:00Z"
OPTIONS = {"choice": ("a", "b", "c"), "choices": ("w", "x", "y", "z")}
TYPES = ("choice", "choices", "boolean", "integer", "decimal", "date")
DOCUMENT_TYPES = ("policy", "record", "training", "report")


def text(words: str) -> Json:
    return {"en": words, "cy": f"{words} (cy)"}


# Rule sets.


def shows(*types: str, leaf: str = "doc", **rule: Any) -> Json:
    """A document leaf: a policy, unless told."""
    return {"id": leaf, "ask": text(f"Show {leaf}"), "document": {"types": types or ("policy",)} | rule}


def says(question: str = "boolean", leaf: str = "ans", **operator: Any) -> Json:
    """An answer leaf; ``is_`` stands for ``is``."""
    test = {name.rstrip("_"): value for name, value in operator.items()} or {"is": True}
    return {"id": leaf, "ask": text(f"Say {leaf}"), "answer": {"question": question} | test}


def states(field: str, **operator: Any) -> Json:
    """A condition on one field of the profile; ``is_`` stands for ``is``."""
    return {"profile": {"field": field} | {name.rstrip("_"): value for name, value in operator.items()}}


def requirement(name: str = "1.1", met_when: Json | None = None, **fields: Any) -> Json:
    """A requirement on the service that one policy satisfies."""
    return {
        "id": name,
        "statement": text(f"Statement {name}"),
        "basis": ["editorial"],
        "obligation": "must",
        "concerns": "service",
        "met_when": met_when or shows(),
    } | fields


def fields_of_each_type() -> list[Json]:
    return [
        {
            "id": kind,
            "type": kind,
            "text": text(kind),
            "options": [{"id": option, "text": text(option)} for option in OPTIONS.get(kind, ())],
        }
        for kind in TYPES
    ]


def rule_set(*requirements: Json) -> RuleSet:
    """A rule set of these requirements (one plain one, if none), a standard for each first number."""
    by_number: dict[int, list[Json]] = {}
    for item in requirements or (requirement(),):
        by_number.setdefault(int(item["id"].split(".")[0]), []).append(item)
    return RuleSet.model_validate(
        {
            "id": "small",
            "version": "1",
            "title": text("Small"),
            "profile": fields_of_each_type(),
            "questions": fields_of_each_type(),
            "document_types": [{"id": kind, "text": text(kind)} for kind in DOCUMENT_TYPES],
            "standards": [
                {"number": number, "title": text(f"Standard {number}"), "requirements": items}
                for number, items in by_number.items()
            ],
        }
    )


def full(name: str = "1.1") -> Json:
    return {"requirement": name, "coverage": "full"}


def partial(*leaves: str, name: str = "1.1") -> Json:
    return {"requirement": name, "coverage": "partial", "leaves": leaves}


def crosswalk(*entries: Json, scheme: str = "alpha", version: str = "1", **fields: Any) -> Crosswalk:
    """A crosswalk of these entries (all of 1.1, if none) that recognises edition "1" at stage "whole"."""
    return Crosswalk.model_validate(
        {
            "id": f"{scheme}--small",
            "version": version,
            "scheme": scheme,
            "rule_set": {"id": "small", "version": "1"},
            "editions": ["1"],
            "stages": ["whole"],
            "entries": entries or (full(),),
        }
        | fields
    )


# Packs.


def document(name: str = "doc-1", kind: str = "policy", **fields: Any) -> Json:
    return {"id": name, "type": kind, "issued_on": "2026-01-15", "sha256": digest(name)} | fields


def answer(value: Any, question: str = "boolean", at: str = "2026-03-01T09:00:00Z") -> Json:
    return {"question": question, "value": value, "answered_at": at}


def response(*documents: str, rating: str | None = "met", name: str = "1.1", **fields: Any) -> Json:
    return {"requirement": name, "version": 1, "self_rating": rating, "documents": documents} | fields


def review(*documents: str, decision: str = "accepted", name: str = "1.1", **fields: Any) -> Json:
    """A decision on version 1 of the response, having seen documents with these ids."""
    return {
        "requirement": name,
        "response_version": 1,
        "documents": [digest(item) for item in documents],
        "decision": decision,
        "reviewer": "usr-9",
        "decided_at": DECIDED,
    } | fields


def override(*documents: str, until: date = DAY, **fields: Any) -> Json:
    """A reviewer who saw for themselves, until today."""
    return review(*documents, override=True, reason="seen", until=until, **fields)


def certificate(name: str = "acc-1", **fields: Any) -> Json:
    """A certificate of the scheme alpha, in force, declared and checked on ``DAY`` and for months to come."""
    return {
        "id": name,
        "scheme": "alpha",
        "edition": "1",
        "stage": "whole",
        "awarded_on": "2025-01-01",
        "expires_on": "2027-12-31",
        "scope": {"kind": "organisation"},
        "unchanged_declared_on": "2026-03-01",
        "verified_on": "2026-03-01",
        "verified_by": "usr-9",
        "register": "entry seen",
    } | fields


def programme(name: str = "prog-a", version: str | None = None, **profile: Any) -> Json:
    return {"id": name, "version": version, "profile": profile}


def pack(programmes: Iterable[Json] = (), profile: Json | None = None, **parts: Any) -> Pack:
    """A pack with these ``documents``, ``answers``, ``responses``, ``reviews`` and ``accreditations``."""
    service = {"id": "svc-1", "name": "Service", "provider": "Provider"}
    return Pack.model_validate(
        {
            "rule_set": {"id": "small", "version": "1"},
            "service": service | {"profile": profile or {}, "programmes": list(programmes)},
        }
        | parts
    )


SHOWN: Json = {"documents": [document()], "responses": [response("doc-1")]}
ACCEPTED: Json = SHOWN | {"reviews": [review("doc-1")]}


# Results.


def determine(
    *requirements: Json, crosswalks: Iterable[Crosswalk] = (), on: date = DAY, rung: Rung = "verified", **parts: Any
) -> Determination:
    """What comes out for a pack of these parts under a rule set of these requirements."""
    return evaluate(rule_set(*requirements), crosswalks, pack(**parts), on, rung)


def entries(determination: Determination) -> dict[str, RequirementResult]:
    return {item.id: item for standard in determination.standards for item in standard.requirements}


def judged(*requirements: Json, **given: Any) -> RequirementResult:
    """The entry of the first (or only) requirement."""
    return next(iter(entries(determine(*requirements, **given)).values()))


def gap(*requirements: Json, **given: Any) -> Gap:
    """The only gap."""
    [found] = determine(*requirements, **given).gaps
    return found


def reached(entry: RequirementResult) -> tuple[bool | None, bool | None, bool | None]:
    return entry.declared, entry.evidenced, entry.verified


def codes(entry: RequirementResult | Gap) -> list[str]:
    return [reason["code"] for reason in entry.reasons]


def asked(found: Gap) -> list[str | tuple[str, str]]:
    return [item.leaf if item.programme is None else (item.leaf, item.programme) for item in found.asks]


def reason(entry: RequirementResult | Gap, code: str) -> Json:
    """The data of the only reason with this code."""
    [found] = [item for item in entry.reasons if item["code"] == code]
    return {name: value for name, value in found.items() if name != "code"}


NOTHING = (False, False, False)
DECLARED = (True, False, False)
EVIDENCED = (True, True, False)
VERIFIED = (True, True, True)


def held(*entries: Json, **fields: Any) -> Json:
    """One certificate and the crosswalk that lists these entries, for a determination to be asked with."""
    return {"crosswalks": [crosswalk(*entries)], "accreditations": [certificate(**fields)]}
