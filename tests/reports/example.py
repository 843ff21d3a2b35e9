"""Determinations to write reports about: a demonstration service under the repository's own standards."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.engine.determination import Determination, Rung
from app.engine.evaluate import evaluate
from app.engine.pack import Pack
from app.engine.rules import CatalogueField, RuleSet
from app.engine.tree import AllOf, AnswerLeaf, AnyOf, DocumentLeaf, Leaf, Node
from app.engine.values import version_order
from app.loader.catalogue import Catalogue, load

AS_OF = date(2026, 4, 1)
STANDARDS = Path(__file__).parents[2] / "standards"

Json = dict[str, Any]


@cache
def catalogue() -> Catalogue:
    """The standards of this repository."""
    return load(STANDARDS)


def wales() -> RuleSet:
    """The Welsh rule set."""
    return catalogue().rule_set("wales-perpetrator-services", "2018.1")


def evaluated(pack: Json, *, rule_set: RuleSet | None = None, rung: Rung = "verified") -> Determination:
    """The real determination of a pack, on 1 April 2026."""
    rules = rule_set or wales()
    return evaluate(rules, catalogue().crosswalks_for(rules), Pack.model_validate(pack), AS_OF, rung)


def complete(rule_set: RuleSet, profile: Json) -> Json:
    """A pack in which every requirement is answered, evidenced and accepted."""
    documents: dict[str, Json] = {}
    answers: dict[str, Json] = {}
    responses, reviews = [], []
    for requirement in rule_set.requirements.values():
        linked = []
        for leaf in _easiest(requirement.met_when):
            if isinstance(leaf, AnswerLeaf):
                question = rule_set.questions_by_id[leaf.answer.question]
                answers[question.id] = {
                    "question": question.id,
                    "value": _enough(question, leaf.answer.test, answers.get(question.id, {}).get("value")),
                    "answered_at": "2026-01-10T09:00:00Z",
                }
            else:
                for copy in range(leaf.document.at_least):
                    document = _document(leaf, copy)
                    documents[document["id"]] = document
                    linked.append(document["id"])
        responses.append(
            {"requirement": requirement.id, "version": 1, "self_rating": "met", "documents": sorted(set(linked))}
        )
        reviews.append(
            {
                "requirement": requirement.id,
                "response_version": 1,
                "documents": sorted(documents[name]["sha256"] for name in set(linked)),
                "programmes": ["prog-group"],
                "decision": "accepted",
                "reviewer": "usr-9",
                "decided_at": "2026-02-20T14:00:00Z",
            }
        )
    return {
        "rule_set": {"id": rule_set.id, "version": rule_set.version},
        "service": {
            "id": "svc-cwm",
            "name": "Cŵyn a Gŵyl: newid ymddygiad yn y gymuned",
            "provider": "Darparwr Enghreifftiol Tŷ Glas",
            "profile": profile,
            "programmes": [{"id": "prog-group", "version": "3", "name": "Group programme"}],
        },
        "documents": list(documents.values()),
        "answers": list(answers.values()),
        "responses": responses,
        "reviews": reviews,
    }


def _document(leaf: DocumentLeaf, copy: int) -> Json:
    kind = leaf.document.types[0]
    name = f"doc-{kind.replace('_', '-')}-{copy + 1}"
    return {
        "id": name,
        "type": kind,
        "title": f"{kind} {copy + 1}",
        "issued_on": "2026-01-15",
        "valid_until": "2027-01-31",
        "media_type": "application/pdf",
        "size": 18233,
        "sha256": sha256(name.encode()).hexdigest(),
    }


def _easiest(node: Node) -> Iterable[Leaf]:
    if isinstance(node, AllOf):
        return [leaf for child in node.all for leaf in _easiest(child)]
    if isinstance(node, AnyOf):
        return min((list(_easiest(child)) for child in node.any), key=len)
    return [node]


def _enough(question: CatalogueField, test: tuple[str, Any], already: object) -> object:
    """A value that satisfies ``test``, and where it can be combined, what was already given."""
    operator, wanted = test
    if operator == "one_of":
        return already if already in wanted else wanted[0]
    if operator in {"includes_all", "includes_any"}:
        return sorted({*(already if isinstance(already, list) else []), *wanted})
    if operator == "within_months":
        return "2026-03-15"
    if question.type == "decimal":
        return str(wanted)
    return wanted


PROFILE: Mapping[str, Any] = {
    "forms_of_abuse": ["domestic_abuse"],
    "client_groups": ["adult_men"],
    "delivery": ["group"],
    "partner_support": "in_house",
}


def demonstration() -> Json:
    """A service well on its way: most is accepted, some papers ran out, a partner is not always contacted."""
    pack = complete(wales(), dict(PROFILE))
    pack["accreditations"] = [
        {
            "id": "acc-respect-1",
            "scheme": "respect",
            "edition": "3",
            "stage": "accredited",
            "certificate": "R-0001",
            "awarded_on": "2025-04-01",
            "expires_on": "2028-03-31",
            "scope": {"kind": "service", "services": ["svc-cwm"]},
            "unchanged_declared_on": "2026-03-01",
            "verified_on": "2026-03-05",
            "verified_by": "usr-9",
            "register": "entry seen on the public list",
        }
    ]
    versions = [item for item in catalogue().crosswalks_for(wales()) if item.scheme == "respect"]
    in_effect = [item for item in versions if item.effective_from is None or item.effective_from <= AS_OF]
    in_use = max(in_effect, key=lambda item: version_order(item.version))
    covered = {entry.requirement for entry in in_use.entries if entry.coverage == "full"}
    for part in ("responses", "reviews"):
        pack[part] = [item for item in pack[part] if item["requirement"] not in covered - {"19.3"}]
    respond(pack, "5.2", lambda item: item.update(self_rating="partly_met"))
    respond(pack, "4.3", lambda item: item.update(documents=item["documents"][:1], version=2))
    respond(pack, "21.2", lambda item: item.update(documents=[], version=2))
    respond(pack, "14.2", lambda item: item.update(self_rating=None))
    without_review(pack, "6.3", "6.4", "14.1")
    review(pack, "21.1", decision="rejected", reason="The agreement names no contact for urgent concerns.")
    review(pack, "19.3", decision="more_information", reason="What do staff do instead of colluding?")
    for document in pack["documents"]:
        if document["type"] == "audit_report":
            document["valid_until"] = "2026-03-20"
    return pack


def respond(pack: Json, requirement: str, change: Callable[[Json], None]) -> None:
    """Change the response to one requirement."""
    change(next(item for item in pack["responses"] if item["requirement"] == requirement))


def review(pack: Json, requirement: str, **changes: object) -> None:
    """Change the review of one requirement."""
    next(item for item in pack["reviews"] if item["requirement"] == requirement).update(changes)


def without_review(pack: Json, *requirements: str) -> None:
    """Take reviews out."""
    pack["reviews"] = [item for item in pack["reviews"] if item["requirement"] not in requirements]


def nothing_applies() -> tuple[RuleSet, Json]:
    """The Welsh rule set made to apply to home visits only, and a service that makes none."""
    condition = {"profile": {"field": "delivery", "includes_any": ["home_visits"]}}
    form = wales().model_dump(mode="json")
    for standard in form["standards"]:
        for requirement in standard["requirements"]:
            requirement["applies_when"] = condition
    rule_set = RuleSet.model_validate(form)
    return rule_set, complete(rule_set, dict(PROFILE))


def untouched() -> Json:
    """A service that has stated and answered nothing yet."""
    return complete(wales(), {}) | {"responses": [], "reviews": [], "documents": [], "answers": []}
