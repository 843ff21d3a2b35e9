"""Which entries of a portfolio a call asks for, by parameters of its address."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated, TypeAlias

from fastapi import Depends, Query

from app.db.portfolio import Filter
from app.db.values import LARGEST_IN_ROW
from app.engine.determination import Rung, Score, Status
from app.engine.values import CivilDate, Id, Name
from app.errors import Fault, Invalid
from app.loader.places import LocalAuthority, Places

AskedRung: TypeAlias = Annotated[
    Rung, Query(description="The rung whose status, score, failures and lapses are asked for.")
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, with the places as they are named: ids that there may not be."""

    wanted: Filter
    region: str | None
    local_authority: str | None
    police_force: str | None
    health_board: str | None

    def within(self, places: Places) -> Filter:
        """The filter, once all places are known; raises ``Invalid`` for others."""
        self._refuse_unknown("region", self.region, places.region_ids)
        self._refuse_unknown("local_authority", self.local_authority, places.bodies["local_authority"])
        self._refuse_unknown("police_force", self.police_force, places.bodies["police_force"])
        self._refuse_unknown("health_board", self.health_board, places.bodies["health_board"])
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

    @staticmethod
    def _refuse_unknown(name: str, given: str | None, known: frozenset[str]) -> None:
        if given is not None and given not in known:
            path = {"health_board": "health-boards", "police_force": "police-forces", "region": "regions"}
            hint = f"GET /v1/{path.get(name, 'local-authorities')} lists them"
            fault = Fault(f"?{name}", f"there is no {name.replace('_', ' ')} {given}", hint)
            raise Invalid("The request's parameters have faults.", hint="See faults.", faults=(fault,))


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
    score_from: Annotated[Score | None, Query(description="Only those with at least this score, as 75.0.")] = None,
    score_to: Annotated[Score | None, Query(description="Only those with at most this score, as 75.0.")] = None,
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
