"""The pack that the benchmarks judge: a large service half-way through its assessment."""

from app.engine.pack import Pack
from app.engine.rules import RuleSet
from tests.packs import Filler, document, wide_profile

DOCUMENTS = 300
REVIEWS = 60
PROGRAMMES = ("prog-a", "prog-b")


def large_pack(rule_set: RuleSet) -> Pack:
    """300 documents, 4 accreditations, 60 reviews: most requirements evidenced, some claimed, some open."""
    filler = Filler(rule_set)
    for index, requirement in enumerate(rule_set.requirements.values()):
        kind = index % 10
        if kind == 9:
            continue
        leaves = requirement.tree.leaves
        filler.satisfy(requirement, leaves=leaves[: len(leaves) // 2] if kind in {7, 8} else leaves)
        if kind == 8:
            filler.responses[-1]["self_rating"] = "partly_met"
    _fill_up(filler)
    for response in filler.responses[:REVIEWS]:
        linked = response["documents"]
        assert isinstance(linked, list)
        filler.accept(rule_set.requirements[str(response["requirement"])], linked, PROGRAMMES)
    return filler.pack(
        service={
            "programmes": [{"id": name, "version": "1"} for name in PROGRAMMES],
            "profile": wide_profile(rule_set) | {"forms_of_abuse": ["domestic_abuse"]},
        },
        accreditations=_accreditations(),
    )


def _fill_up(filler: Filler) -> None:
    """Further documents for responses that have some, until there are 300."""
    own = [response for response in filler.responses if response["documents"]]
    kinds = {item["id"]: item["type"] for item in filler.documents}
    number = 0
    while len(filler.documents) < DOCUMENTS:
        response = own[number % len(own)]
        linked = response["documents"]
        assert isinstance(linked, list)
        name = f"doc-more-{number}"
        filler.documents.append(document(name, str(kinds[linked[0]]), valid_until="2027-01-31"))
        linked.append(name)
        number += 1


def _accreditations() -> list[dict[str, object]]:
    dates = {
        "awarded_on": "2025-04-01",
        "expires_on": "2028-03-31",
        "unchanged_declared_on": "2026-03-01",
        "verified_on": "2026-03-05",
        "verified_by": "usr-1",
        "register": "entry seen",
    }
    respect = {"scheme": "respect", "edition": "3", "stage": "accredited"} | dates
    csaap = {"scheme": "csaap", "edition": "ten-criteria", "stage": "accredited"} | dates
    return [
        respect | {"id": "acc-1", "scope": {"kind": "organisation"}},
        respect | {"id": "acc-2", "scope": {"kind": "service", "services": ["svc-2"]}},
        csaap | {"id": "acc-3", "scope": {"kind": "programme", "programmes": [{"id": "prog-a"}]}},
        csaap | {"id": "acc-4", "scope": {"kind": "programme", "programmes": [{"id": "prog-b"}]}, "verified_on": None},
    ]
