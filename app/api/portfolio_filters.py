"""Which entries of a portfolio a call asks for, by parameters of its address."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated, TypeAlias

from fastapi import Depends, Query
from pydantic import Field

from app.db.portfolio import Filter
from app.db.values import LARGEST_IN_ROW
from app.engine.determination import Rung, Status
from app.engine.values import CivilDate, Id, Name
from app.errors import Fault, Invalid
from app.loader.catalogue import Catalogue
from app.loader.places import LocalAuthority, Places

AskedRung: TypeAlias = Annotated[
    Rung, Query(description="The rung whose status, score, failures and lapses are asked for.")
]
Percent: TypeAlias = Annotated[str, Field(pattern=r"^(100(\.0)?|\d{1,2}(\.\d)?)$")]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, with what it names: ids that there may not be."""

    wanted: Filter
    region: str | None
    local_authority: str | None
    police_force: str | None
    health_board: str | None

    def within(self, places: Places, catalogue: Catalogue) -> Filter:
        """The filter, once everything named in it is known; raises ``Invalid`` for what there is not.

        Such a filter would take nothing, and "none of them fails it" is no answer to a slip of the pen.
        """
        faults = (*self._unknown_places(places), *_unknown_words(self.wanted, catalogue))
        if faults:
            raise Invalid("The request's parameters have faults.", hint="See faults.", faults=faults)
        named = (self.local_authority, self.police_force, self.health_board)
        authorities = None if named == (None, None, None) else tuple(self._authorities(places.local_authorities))
        return replace(self.wanted, region=self.region, local_authorities=authorities)

    def _authorities(self, known: Iterable[LocalAuthority]) -> Iterable[str]:
        return (
            item.id
            for item in known
            if self.local_authority in (None, item.id)
            and self.police_force in (None, item.police_force.of)
            and self.health_board in (None, item.health_board.of)
        )

    def _unknown_places(self, places: Places) -> Iterator[Fault]:
        asked = (
            ("region", self.region, places.region_ids, "regions"),
            ("local_authority", self.local_authority, places.bodies["local_authority"], "local-authorities"),
            ("police_force", self.police_force, places.bodies["police_force"], "police-forces"),
            ("health_board", self.health_board, places.bodies["health_board"], "health-boards"),
        )
        for name, given, known, path in asked:
            if given is not None and given not in known:
                yield Fault(f"?{name}", f"there is no {name.replace('_', ' ')} {given}", f"GET /v1/{path} lists them")


def _unknown_words(wanted: Filter, catalogue: Catalogue) -> Iterator[Fault]:
    """What no scheme and no version of the rule set asked for, or of any, knows."""
    if wanted.scheme is not None and wanted.scheme not in catalogue.schemes:
        message = f"there is no accreditation scheme {wanted.scheme}"
        yield Fault("?scheme", message, "GET /v1/accreditation-schemes lists them")
    versions = [item for item in catalogue.rule_sets.values() if wanted.rule_set in {None, item.id}]
    if not versions:
        yield Fault("?rule_set", f"there is no rule set {wanted.rule_set}", "GET /v1/rule-sets lists them")
        return
    of = "" if wanted.rule_set is None else f" of {wanted.rule_set}"
    hint = "GET /v1/rule-sets/{rule_set}/versions/{version} has what there is"
    for name, given, field in (
        ("client_group", wanted.client_group, "client_groups"),
        ("form_of_abuse", wanted.form_of_abuse, "forms_of_abuse"),
        ("delivery", wanted.delivery, "delivery"),
    ):
        fields = [item.profile_fields[field] for item in versions if field in item.profile_fields]
        if given is not None and not any(given in known.option_ids for known in fields):
            yield Fault(f"?{name}", f"no version{of} knows {name.replace('_', ' ')} {given}", hint)
    number, requirement = wanted.failing_standard, wanted.failing_requirement
    if number is not None and all(number != each.number for item in versions for each in item.standards):
        yield Fault("?failing_standard", f"no version{of} has standard {number}", hint)
    if requirement is not None and all(requirement not in item.requirements for item in versions):
        yield Fault("?failing_requirement", f"no version{of} has requirement {requirement}", hint)


async def filters(  # noqa: PLR0913, PLR0917  # each a parameter of the address
    rung: AskedRung = "verified",
    rule_set: Annotated[Id | None, Query(description="Only under a version of this rule set.")] = None,
    region: Annotated[Id | None, Query(description="Only services that work in this region.")] = None,
    local_authority: Annotated[Id | None, Query(description="Only those that name this local authority.")] = None,
    police_force: Annotated[
        Id | None, Query(description="Only those that name a local authority of this police force.")
    ] = None,
    health_board: Annotated[
        Id | None, Query(description="Only those that name a local authority of this health board.")
    ] = None,
    client_group: Annotated[Id | None, Query(description="Only those for this client group.")] = None,
    form_of_abuse: Annotated[Id | None, Query(description="Only those for this form of abuse.")] = None,
    delivery: Annotated[Id | None, Query(description="Only those with this way of delivery.")] = None,
    status: Annotated[Status | None, Query(description="Only those with this status on the rung.")] = None,
    score_from: Annotated[
        Percent | None, Query(description="Only those with at least this score, as 75 or 75.5.")
    ] = None,
    score_to: Annotated[Percent | None, Query(description="Only those with at most this score, as 75 or 75.5.")] = None,
    failing_standard: Annotated[
        int | None, Query(ge=1, le=LARGEST_IN_ROW, description="Only those that fall short in this standard.")
    ] = None,
    failing_requirement: Annotated[
        Name | None, Query(description="Only those that do not satisfy this requirement.")
    ] = None,
    scheme: Annotated[Id | None, Query(description="Only where a certificate of this scheme stands in.")] = None,
    lapsing_before: Annotated[
        CivilDate | None, Query(description="Only where something satisfied lapses by itself before this day.")
    ] = None,
) -> Asked:
    """Read which entries are asked for; raises ``Invalid`` for the status of a claim, which has none."""
    if status is not None:
        refuse_status_of_claim("?status", rung)
    wanted = Filter(
        rung=rung,
        rule_set=rule_set,
        client_group=client_group,
        form_of_abuse=form_of_abuse,
        delivery=delivery,
        status=status,
        score_from=None if score_from is None else Decimal(score_from),
        score_to=None if score_to is None else Decimal(score_to),
        failing_standard=failing_standard,
        failing_requirement=failing_requirement,
        scheme=scheme,
        lapsing_before=lapsing_before,
    )
    return Asked(wanted, region, local_authority, police_force, health_board)


def refuse_status_of_claim(name: str, rung: Rung) -> None:
    """Raise ``Invalid`` for a parameter that asks for a status on a rung that has none (semantics.md 6)."""
    if rung == "declared":
        fault = Fault(name, "a claim has a score and never a status", "ask on the rung evidenced or verified")
        raise Invalid("The request's parameters have faults.", hint="See faults.", faults=(fault,))


Filters: TypeAlias = Annotated[Asked, Depends(filters)]
