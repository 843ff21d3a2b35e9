"""Services that providers offer: name, profile, programmes. This is the package of services, so they are offers here.

A profile is made of the fields of a rule set. It is checked under the rule set of every assessment of the service;
before the first one, at least one rule set of the catalogue has to take it.
"""

from collections.abc import Mapping
from uuid import UUID

from app.db.history import Standing
from app.db.repositories import audit, organisations, services
from app.db.repositories.facts import NewFact, Subject
from app.db.session import PROVIDER_ROLES, Transaction
from app.db.values import ServiceRecord
from app.engine.pack import Pack, Programme, Service
from app.engine.rules import RuleSetRef
from app.engine.values import Value
from app.loader.catalogue import Catalogue
from app.services.writing import Case, Turn, expect_etag

_OWN = "/service"


def create_service(
    tx: Transaction,
    catalogue: Catalogue,
    *,
    name: str,
    profile: Mapping[str, Value],
    programmes: tuple[Programme, ...],
) -> ServiceRecord:
    """Make a service of the caller's own provider; raises ``Forbidden``, ``Invalid`` (``/name``, ``/profile/…``, …)."""
    tx.require(*PROVIDER_ROLES)
    subject = Subject(tx.new_id(), tx.actor.organisation)
    described = _service(tx, subject.service, name, profile, programmes)
    refs = [RuleSetRef(id=rule_set, version=version) for rule_set, version in catalogue.rule_sets]
    cases = tuple(Case(None, Standing({}), Pack(rule_set=ref, service=described)) for ref in refs)
    turn = Turn(tx, catalogue, subject, tx.now, cases)
    turn.check(lambda pack: pack, _OWN)
    services.add(tx, subject)
    turn.append([NewFact("service", services.KEY, 1, turn.case.pack.normal_form["service"])])
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
    expected: str | None,
) -> ServiceRecord:
    """Record what the service is now like.

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``, ``Invalid``, and ``Conflict`` where something else on
    record would no longer fit, such as a certificate that names a programme which is left out.
    """
    tx.require(*PROVIDER_ROLES)
    turn = Turn.at_service(tx, catalogue, service_id)
    before = services.get(tx, service_id)
    expect_etag(before.etag, expected)
    described = _service(tx, service_id, name, profile, programmes)
    turn.record(lambda pack: pack.replace(service=described), _OWN)
    after = services.get(tx, service_id)
    if after.version != before.version:
        audit.record(tx, "service.changed", f"services/{service_id}", version=after.version)
    return after


def _service(
    tx: Transaction, service_id: UUID, name: str, profile: Mapping[str, Value], programmes: tuple[Programme, ...]
) -> Service:
    provider = organisations.get(tx, "provider", tx.actor.organisation)
    return Service(id=str(service_id), name=name, provider=provider.name, profile=dict(profile), programmes=programmes)
