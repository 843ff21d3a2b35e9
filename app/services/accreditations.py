"""Accreditations of a service: what the provider holds, and what a reviewer saw of it on the register."""

from datetime import date
from uuid import UUID

from app.db.repositories import accreditations, audit, facts, partners
from app.db.repositories.accreditations import VERIFIED, verification_of
from app.db.repositories.facts import NewFact
from app.db.session import PROVIDER_ROLES, Transaction
from app.db.values import Recorded, not_found
from app.engine.pack import Accreditation
from app.errors import Conflict, Fault, Invalid
from app.loader.catalogue import Catalogue
from app.services import life
from app.services.merging import declared_ahead, missing_conditions, missing_status_changes
from app.services.writing import WritersTurn, expect, first, refuse_faults


def put_accreditation(
    tx: Transaction,
    catalogue: Catalogue,
    service_id: UUID,
    accreditation: Accreditation,
    *,
    expected: str | None,
) -> Recorded[Accreditation]:
    """Record what the provider holds; what it says of a verification is not taken (semantics.md 3).

    Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``, ``Invalid``, also for a declaration of a day still to
    come, and ``Conflict`` where a status change or a condition on record is left out: a condition is closed by its
    ``closed_on``, never taken away.
    """
    tx.require(*PROVIDER_ROLES)
    turn = WritersTurn.at_service(tx, catalogue, service_id)
    current = accreditations.find(tx, turn.subject, accreditation.id)
    expect(current, expected)
    given = accreditation.replace(**VERIFIED)
    refuse_faults(declared_ahead(None if current is None else current.value, given, turn.at.date()))
    if current is not None:
        _refuse_removal(current.value, given)
    try:
        turn.record(first(given, "accreditations"), "/accreditations/0")
    except Invalid as error:
        known = f"/{given.scheme}" if given.scheme in catalogue.schemes else ""
        hint = f"GET /v1/accreditation-schemes{known} says what its certificates can say, and of which programmes."
        raise Invalid(error.message, hint=hint, faults=error.faults) from None
    return _after(tx, turn, given.id, current, "accreditation.recorded")


def redeclare(  # what is declared, and where it is recorded, each by its name
    tx: Transaction,
    catalogue: Catalogue,
    service_id: UUID,
    key: str,
    *,
    declared_on: date,
    expected: str | None,
) -> Recorded[Accreditation]:
    """Record that the provider still works as certified, with nothing significant changed, as it has to say each year.

    A verification on record goes on holding. Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``, and
    ``Invalid`` (``/unchanged_declared_on``) for a day still to come, or before the one declared last or the award.
    """
    tx.require(*PROVIDER_ROLES)
    turn = WritersTurn.at_service(tx, catalogue, service_id)
    current = accreditations.find(tx, turn.subject, key)
    if current is None:
        raise not_found()
    expect(current, expected)
    last = current.value.unchanged_declared_on
    if last is not None and declared_on < last:
        fault = Fault("/unchanged_declared_on", f"{last} was declared", "give the day on which this is declared")
        refuse_faults([fault])
    given = current.value.replace(**VERIFIED, unchanged_declared_on=declared_on)
    refuse_faults(declared_ahead(current.value, given, turn.at.date()))
    turn.record(first(given, "accreditations"), "/accreditations/0")
    return _after(tx, turn, key, current, "accreditation.redeclared")


def verify(  # noqa: PLR0913  # what was seen, and where it is recorded, each by its name
    tx: Transaction,
    catalogue: Catalogue,
    service_id: UUID,
    key: str,
    *,
    verified_on: date,
    register: str,
    expected: str | None,
) -> Recorded[Accreditation]:
    """Record, as a reviewer, which entry of the awarding body's register was seen, and on which day.

    It holds for the accreditation as it stands, and lapses when anything of that but ``unchanged_declared_on`` is
    changed. Raises ``Forbidden``, ``NotFound``, ``PreconditionFailed``, ``Invalid``.
    """
    tx.require("reviewer")
    turn = WritersTurn.at_service(tx, catalogue, service_id)
    life.refuse_interested(tx, turn.subject.provider, partners.in_force(tx, service_id))
    current = accreditations.find(tx, turn.subject, key)
    if current is None:
        raise not_found()
    expect(current, expected)
    verified = current.value.replace(verified_on=verified_on, verified_by=str(tx.actor.user), register_seen=register)
    if verified_on > turn.at.date():
        refuse_faults([Fault("/verified_on", f"{verified_on} is still to come", "give the day on which you looked")])
    turn.check(first(verified, "accreditations"), "/accreditations/0")
    before = facts.newest(tx, turn.subject, "verification", key)
    body = verification_of(verified, current.value.replace(**VERIFIED))
    turn.append([NewFact("verification", key, 1 if before is None else before.version + 1, body)])
    return _after(tx, turn, key, current, "accreditation.verified")


def _after(
    tx: Transaction, turn: WritersTurn, key: str, before: Recorded[Accreditation] | None, action: str
) -> Recorded[Accreditation]:
    after = accreditations.get(tx, turn.subject.service, key)
    if before is None or after.etag != before.etag:
        audit.record(tx, action, f"services/{turn.subject.service}/accreditations/{key}", version=after.etag)
    return after


def _refuse_removal(record: Accreditation, given: Accreditation) -> None:
    gone = [f"{change.status} on {change.on}" for change in missing_status_changes(record, given)]
    gone += [f"the condition opened on {condition.opened_on}" for condition in missing_conditions(record, given)]
    if gone:
        raise Conflict(
            f"On record, and left out here: {', '.join(gone)}.",
            hint="What happened to a certificate stays on record; add what happened since, or close the condition.",
        )
