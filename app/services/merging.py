"""What an imported pack changes in the record, and what it cannot (semantics.md 3, last paragraph). Pure.

A merged pack holds the items of the import first, in their order, so that a fault found in it is at the same place of
the document that somebody sent.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from app.engine.pack import Accreditation, AccreditationCondition, Answer, Document, Pack, Response, StatusChange
from app.engine.values import Frozen
from app.errors import Fault

T = TypeVar("T", bound=Frozen)


def renamed(given: Pack, service_id: str) -> Pack:
    """The import with the name that it has for its own service, in scopes of certificates, made the record's id."""
    return given.replace(
        accreditations=tuple(_renamed_scope(item, given.service.id, service_id) for item in given.accreditations)
    )


def merged(record: Pack, given: Pack, now: str) -> Pack:
    """The record with what the import says taken over; ``now`` is when changed answers count as given.

    Nothing on record is left out. Both packs are sound, and under the same rule set. What the import says of
    verifications is still in the accreditations; no accreditation is recorded with it (``writing.changes``).
    """
    return record.replace(
        accreditations=_united(record.accreditations, given.accreditations, "id", _accreditation),
        documents=_united(record.documents, given.documents, "id", _document),
        answers=_united(
            record.answers, given.answers, "question", lambda old, new: answered(old, new.replace(answered_at=now))
        ),
        responses=_united(record.responses, given.responses, "requirement", versioned),
    )


def document_faults(record: Pack, given: Pack) -> Iterator[Fault]:
    """Documents on record that the import says something else of: they never change, but for being withdrawn."""
    known = {document.id: document for document in record.documents}
    for index, document in enumerate(given.documents):
        old = known.get(document.id)
        if old is not None and not may_follow(old, document):
            yield Fault(
                f"/documents/{index}",
                f"the document `{document.id}` is on record with other content, and documents never change",
                "give the new one an id of its own; it may replace this one",
            )


def declarations_ahead(record: Pack, given: Pack, today: date) -> Iterator[Fault]:
    """Certificates that the import declares unchanged on a day that is still to come."""
    known = {item.id: item for item in record.accreditations}
    for index, item in enumerate(given.accreditations):
        for fault in declared_ahead(known.get(item.id), item, today):
            yield replace(fault, pointer=f"/accreditations/{index}{fault.pointer}")


def may_follow(old: Document, new: Document) -> bool:
    """Whether ``new`` is ``old`` as on record, or ``old`` withdrawn; one withdrawn stays so, from the same day."""
    if _normal_document(old) != _normal_document(new):
        return False
    return old.withdrawn_on is None or new.withdrawn_on in (None, old.withdrawn_on)


def answered(old: Answer | None, new: Answer) -> Answer:
    """The answer to record: one with the value on record was given when that was, whatever ``new`` says."""
    if old is not None and _as_set(old.value) == _as_set(new.value):
        return new.replace(answered_at=old.answered_at)
    return new


def versioned(old: Response | None, new: Response) -> Response:
    """The response to record: its version is that on record, raised by one where anything else differs."""
    if old is None:
        return new.replace(version=1)
    same = _normal_response(new.replace(version=old.version)) == _normal_response(old)
    return new.replace(version=old.version if same else old.version + 1)


def declared_ahead(old: Accreditation | None, new: Accreditation, today: date) -> Iterator[Fault]:
    """What is wrong with a declaration that is still to come: it would spare the provider those of the years between.

    One that is on record already is let be.
    """
    declared = new.unchanged_declared_on
    known = None if old is None else old.unchanged_declared_on
    if declared is not None and today < declared != known:
        hint = "give the day on which this is declared"
        yield Fault("/unchanged_declared_on", f"{declared} is still to come", hint)


def missing_status_changes(record: Accreditation, given: Accreditation) -> list[StatusChange]:
    """The status changes on record that ``given`` leaves out."""
    return [change for change in record.status_changes if change not in given.status_changes]


def missing_conditions(record: Accreditation, given: Accreditation) -> list[AccreditationCondition]:
    """The conditions on record that ``given`` leaves out; an open one may be there closed."""
    left = [_normal_condition(item) for item in given.conditions]
    unmatched: list[AccreditationCondition] = []
    for condition in map(_normal_condition, record.conditions):
        if condition in left:
            left.remove(condition)
        else:
            unmatched.append(condition)
    missing = []
    for condition in unmatched:
        closed = [item for item in left if item.replace(closed_on=None) == condition]
        if closed:
            left.remove(closed[0])
        else:
            missing.append(condition)
    return missing


def _united(record: Iterable[T], given: Iterable[T], key: str, take: Callable[[T | None, T], T]) -> tuple[T, ...]:
    known: Mapping[str, T] = {getattr(item, key): item for item in record}
    taken = tuple(take(known.get(getattr(item, key)), item) for item in given)
    names = {getattr(item, key) for item in taken}
    return (*taken, *(item for name, item in known.items() if name not in names))


def _accreditation(old: Accreditation | None, new: Accreditation) -> Accreditation:
    if old is None:
        return new
    return new.replace(
        status_changes=(*new.status_changes, *missing_status_changes(old, new)),
        conditions=(*new.conditions, *missing_conditions(old, new)),
    )


def _document(old: Document | None, new: Document) -> Document:
    if old is None or old.withdrawn_on is None:
        return new
    return old


def _renamed_scope(item: Accreditation, own: str, service_id: str) -> Accreditation:
    if own not in item.scope.services:
        return item
    services = tuple(service_id if name == own else name for name in item.scope.services)
    return item.replace(scope=item.scope.replace(services=services))


def _as_set(value: Any) -> Any:  # noqa: ANN401  # an answer's value is whatever its question takes
    return frozenset(value) if isinstance(value, tuple) else (type(value), value)


def _normal_document(document: Document) -> Document:
    return document.replace(programmes=tuple(sorted(set(document.programmes))), withdrawn_on=None)


def _normal_condition(condition: AccreditationCondition) -> AccreditationCondition:
    return condition.replace(requirements=tuple(sorted(set(condition.requirements))))


def _normal_response(response: Response) -> Response:
    return response.replace(documents=tuple(sorted(set(response.documents))))
