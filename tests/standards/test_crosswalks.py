"""The effect of each crosswalk entry: what it lists is covered, and nothing else (semantics.md 4 and 10)."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.engine.determination import Determination, RequirementResult
from app.engine.evaluate import evaluate
from app.engine.pack import Pack
from app.engine.rules import Crosswalk, CrosswalkEntry, RuleSet
from app.engine.values import add_months
from app.loader.catalogue import Catalogue
from tests.packs import DAY, Filler

PROGRAMME = "prog-a"


def _certificate(catalogue: Catalogue, crosswalk: Crosswalk) -> dict[str, Any]:
    """A certificate that the crosswalk recognises in every way, checked and in force on ``DAY``."""
    service = catalogue.schemes[crosswalk.scheme].scope == "service"
    named = {"kind": "programme", "programmes": [{"id": PROGRAMME}]}
    return {
        "id": "acc-1",
        "scheme": crosswalk.scheme,
        "edition": crosswalk.editions[0],
        "stage": crosswalk.stages[0],
        "awarded_on": DAY,
        "expires_on": add_months(DAY, 6),
        "scope": {"kind": "organisation"} if service else named,
        "unchanged_declared_on": DAY,
        "verified_on": DAY,
        "verified_by": "usr-1",
        "register": "entry seen",
    }


def _service() -> dict[str, Any]:
    """The service that certificates are for: domestic abuse by adults, in groups, with partner support."""
    return {
        "id": "svc-1",
        "name": "Service",
        "provider": "Provider",
        "profile": {
            "forms_of_abuse": ["domestic_abuse"],
            "client_groups": ["adult_men"],
            "delivery": ["group"],
            "settings": ["community"],
            "partner_support": "in_house",
        },
        "programmes": [{"id": PROGRAMME, "version": "1"}],
    }


def _pack(catalogue: Catalogue, crosswalk: Crosswalk, filler: Filler) -> Pack:
    return filler.pack(service=_service(), accreditations=[_certificate(catalogue, crosswalk)])


def _entries(determination: Determination) -> dict[str, RequirementResult]:
    return {item.id: item for standard in determination.standards for item in standard.requirements}


def _in_force(catalogue: Catalogue) -> Iterator[tuple[RuleSet, Crosswalk]]:
    """Each crosswalk version, as if it were the only one and in use already."""
    for crosswalk in catalogue.crosswalks:
        rule_set = catalogue.rule_set(crosswalk.rule_set.id, crosswalk.rule_set.version)
        yield rule_set, crosswalk.replace(effective_from=None)


def _listed(entry: CrosswalkEntry, rule_set: RuleSet) -> tuple[str, ...]:
    """The leaves that the entry lists, in file order."""
    tree = rule_set.requirements[entry.requirement].tree
    return tuple(leaf.id for leaf in tree.leaves if leaf.id in entry.leaves)


def test_with_its_certificate_alone_exactly_what_a_crosswalk_lists_is_covered(catalogue: Catalogue) -> None:
    for rule_set, crosswalk in _in_force(catalogue):
        pack = _pack(catalogue, crosswalk, Filler(rule_set))
        entries = _entries(evaluate(rule_set, [crosswalk], pack, DAY))
        applying = {name for name, item in entries.items() if item.applicability == "applicable"}
        covered = {
            (name, cover.coverage, cover.leaves or ()) for name, item in entries.items() for cover in item.covered_by
        }
        listed = {(entry.requirement, entry.coverage, _listed(entry, rule_set)) for entry in crosswalk.entries}
        assert covered == {item for item in listed if item[0] in applying}, crosswalk.id
        # And every entry is about something that such a service has to show.
        assert {name for name, _, _ in listed} <= applying, crosswalk.id


def test_a_full_entry_verifies_and_a_partial_one_alone_shows_nothing(catalogue: Catalogue) -> None:
    for rule_set, crosswalk in _in_force(catalogue):
        pack = _pack(catalogue, crosswalk, Filler(rule_set))
        entries = _entries(evaluate(rule_set, [crosswalk], pack, DAY))
        for entry in crosswalk.entries:
            got = entries[entry.requirement]
            full = entry.coverage == "full"
            assert (got.declared, got.evidenced, got.verified) == (full, full, full), entry.requirement
            assert got.route == ("accreditation" if full else "none"), entry.requirement


def test_a_partial_entry_spares_its_leaves(catalogue: Catalogue) -> None:
    """With evidence for all the other leaves the requirement is evidenced."""
    for rule_set, crosswalk in _in_force(catalogue):
        for entry in crosswalk.entries:
            if entry.coverage == "full":
                continue
            requirement = rule_set.requirements[entry.requirement]
            filler = Filler(rule_set)
            filler.satisfy(
                requirement, leaves=[leaf for leaf in requirement.tree.leaves if leaf.id not in entry.leaves]
            )
            pack = _pack(catalogue, crosswalk, filler)
            with_it = _entries(evaluate(rule_set, [crosswalk], pack, DAY))[entry.requirement]
            assert with_it.evidenced, entry.requirement
            assert with_it.route in {"evidence", "evidence_and_accreditation"}, entry.requirement


@pytest.mark.parametrize(
    "stated",
    [
        {"forms_of_abuse": ["domestic_abuse", "sexual_violence"]},
        {"forms_of_abuse": ["stalking"]},
        {"forms_of_abuse": []},
        {"client_groups": ["adult_women", "young_people"]},
        {"client_groups": []},
        {"partner_support": "nobody"},
        {"partner_support": None},
    ],
    ids=str,
)
def test_respect_stands_in_only_for_what_it_assesses(catalogue: Catalogue, stated: dict[str, object]) -> None:
    """Domestic abuse, adults, partner support in place; what is not stated is not within it (semantics.md 4)."""
    for rule_set, crosswalk in _in_force(catalogue):
        if crosswalk.scheme != "respect":
            continue
        service = _service()
        service["profile"] |= stated
        pack = Filler(rule_set).pack(service=service, accreditations=[_certificate(catalogue, crosswalk)])
        entries = _entries(evaluate(rule_set, [crosswalk], pack, DAY))
        assert [name for name, item in entries.items() if item.covered_by] == []
        codes = {reason["code"] for item in entries.values() for reason in item.reasons}
        assert "accreditation_crosswalk_not_applicable" in codes


def test_a_programme_certificate_touches_only_requirements_on_programmes(catalogue: Catalogue) -> None:
    for rule_set, crosswalk in _in_force(catalogue):
        if catalogue.schemes[crosswalk.scheme].scope == "programme":
            concerns = {rule_set.requirements[entry.requirement].concerns for entry in crosswalk.entries}
            assert concerns == {"programme"}, crosswalk.id


def test_editions_and_stages_are_those_of_the_scheme(catalogue: Catalogue) -> None:
    for crosswalk in catalogue.crosswalks:
        scheme = catalogue.schemes[crosswalk.scheme]
        assert set(crosswalk.editions) <= set(scheme.editions), crosswalk.id
        assert set(crosswalk.stages) <= set(scheme.stages), crosswalk.id
