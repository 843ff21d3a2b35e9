"""Services that providers offer: name, profile, programmes. This is the package of services, so they are offers here.

A profile is made of the fields of a rule set. It is checked under the rule set of every assessment of the service;
before the first one, at least one rule set of the catalogue has to take it.
"""

from collections.abc import Mapping
from uuid import UUID

from app.db.history import Standing
from app.db.repositories import audit, organisations, services
from app.db.repositories.facts import NewFact, Subject
from app.db.repositories.services import NOWHERE
from app.db.session import PROVIDER_ROLES, Transaction
from app.db.values import Area, ServiceRecord
from app.engine.pack import Pack, Programme, Service
from app.engine.rules import RuleSetRef
from app.engine.values import Value
from app.errors import Fault
from app.loader.catalogue import Catalogue
from app.loader.places import Places
from app.services.writing import Case, WritersTurn, expect_etag, refuse_faults

_OWN = "/service"


def area_of(
    places: Places,
    regions: tuple[str, ...],
    local_authorities: tuple[str, ...],
    programme_types: tuple[str, ...],
) -> Area:
    """Where a service works, once it names only places that there are, each authority with its region.

    Raises ``Invalid`` with every fault (``/regions/0``, ``/local_authorities/0``, …).
    """
    region_of = {item.id: item.region.of for item in places.local_authorities}
    faults = [
        Fault(f"/regions/{index}", "there is no such region", "GET /v1/regions lists them")
        for index, region in enumerate(regions)
        if region not in places.region_ids
    ]
    for index, authority in enumerate(local_authorities):
        at = f"/local_authorities/{index}"
        if authority not in region_of:
            faults.append(Fault(at, "there is no such local authority", "GET /v1/local-authorities lists them"))
        elif region_of[authority] not in regions:
            message = f"{authority} lies in the region {region_of[authority]}, which is not named"
            faults.append(Fault(at, message, "name that region too"))
    refuse_faults(faults)
    lists = (regions, local_authorities, programme_types)
    return Area(*(tuple(sorted(set(each))) for each in lists))


def create_service(  # the parts of a service, each by its name
    tx: Transaction,
    catalogue: Catalogue,
    *,
    name: str,
    profile: Mapping[str, Value],
    programmes: tuple[Programme, ...],
    area: Area = NOWHERE,
) -> ServiceRecord:
    """Make a service of the caller's own provider; ``area`` comes from ``area_of``.

    Raises ``Forbidden``, ``Invalid`` (``/name``, ``/profile/…``, …).
    """
    tx.require(*PROVIDER_ROLES)
    subject = Subject(tx.new_id(), tx.actor.organisation)
    described = _service(tx, subject.service, name, profile, programmes)
    refs = [RuleSetRef(id=rule_set, version=version) for rule_set, version in catalogue.rule_sets]
    cases = tuple(Case(None, Standing({}), Pack(rule_set=ref, service=described)) for ref in refs)
    turn = WritersTurn(tx, catalogue, subject, tx.now, cases)
    turn.check(lambda pack: pack, _OWN)
    services.add(tx, subject)
    turn.append([NewFact("service", services.KEY, 1, turn.case.pack.normal_form["service"])])
    services.add_area(tx, subject, area, 1, turn.at)
    audit.record(tx, "service.created", f"services/{subject.service}")
    return services.get(tx, subject.service)


def change_service(  # noqa: PLR0913  # the parts of a service, each by its name
    tx: Transaction,
    catalogue: Catalogue,
    service_id: UUID,
    *,
    name: str,
    profile: Mapping[str, Value],
    programmes: tuple[Programme, ...],
    area: Area,
    expected: str | None,
) -> ServiceRecord:
    """Record what the service is now like.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``, ``Invalid``, and ``Conflict`` where something else on
    record would no longer fit, such as a certificate that names a programme which is left out.
    """
    tx.require(*PROVIDER_ROLES)
    turn = WritersTurn.at_service(tx, catalogue, service_id)
    before = services.get(tx, service_id)
    expect_etag(before.etag, expected)
    described = _service(tx, service_id, name, profile, programmes)
    turn.record(lambda pack: pack.replace(service=described), _OWN)
    if area != before.area:
        services.add_area(tx, turn.subject, area, before.area_version + 1, turn.at)
    after = services.get(tx, service_id)
    if after.etag != before.etag:
        audit.record(tx, "service.changed", f"services/{service_id}", version=after.etag)
    return after


def _service(
    tx: Transaction, service_id: UUID, name: str, profile: Mapping[str, Value], programmes: tuple[Programme, ...]
) -> Service:
    provider = organisations.get(tx, "provider", tx.actor.organisation)
    return Service(id=str(service_id), name=name, provider=provider.name, profile=dict(profile), programmes=programmes)
