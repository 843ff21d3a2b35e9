"""How a change gets into the record: in turn, checked as part of every pack that it shows in, as new versions only.

Whatever enters is checked by ``Catalogue.check`` on the whole packs that it would be part of, so that no state of the
record is one that cannot be judged.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self, TypeAlias
from uuid import UUID

from app.db.history import LISTS, Standing, standing
from app.db.repositories import assessments, facts, partners, services
from app.db.repositories.accreditations import VERIFIED
from app.db.repositories.facts import NewFact, Subject
from app.db.repositories.subjects import of_assessment, of_service
from app.db.session import PROVIDER_ROLES, Transaction
from app.db.values import AssessmentRecord, FactKind, Recorded
from app.engine.pack import Accreditation, Pack
from app.engine.rules import RuleSetRef
from app.engine.values import Frozen
from app.errors import Conflict, Fault, Forbidden, Invalid, PackInvalid
from app.loader.catalogue import Catalogue
from app.loader.packfile import grown_lists

Edit: TypeAlias = Callable[[Pack], Pack]

# How the items of a pack's lists are called.
KEYS = {
    "accreditations": "id",
    "documents": "id",
    "answers": "question",
    "responses": "requirement",
    "reviews": "requirement",
}
_OF_ASSESSMENT: tuple[FactKind, ...] = ("answer", "response", "review", "override")
_SAID: tuple[FactKind, ...] = ("answer", "response")
_UNVERIFIED = {field.alias or name: None for name, field in Accreditation.model_fields.items() if name in VERIFIED}


@dataclass(frozen=True)
class Case:
    """One pack that the facts of a service are part of: of an assessment or, before there is one, of a rule set.

    One that is not ``binding`` need not fit as long as another one does.
    """

    assessment: AssessmentRecord | None
    standing: Standing
    pack: Pack
    binding: bool = True


@dataclass(frozen=True)
class WritersTurn:
    """One writer's turn at one service: the packs as they stand, and the instant that changes are recorded at.

    ``said_here`` are the kinds of facts that a partner may add in this turn.
    """

    tx: Transaction
    catalogue: Catalogue
    subject: Subject
    at: datetime
    cases: tuple[Case, ...]
    said_here: tuple[FactKind, ...] = _SAID

    @classmethod
    def at_service(cls, tx: Transaction, catalogue: Catalogue, service_id: UUID) -> Self:
        """A turn at what all assessments of the service rest on; raises ``NotFound``, ``Unavailable``."""
        subject = of_service(tx, service_id)
        refuse_partners(tx, subject)
        at = facts.lock(tx, service_id)
        return cls(tx, catalogue, subject, at, _cases(tx, catalogue, subject))

    @classmethod
    def at_documents(cls, tx: Transaction, catalogue: Catalogue, service_id: UUID) -> Self:
        """A turn at the documents of the service, in which partners hand in evidence too.

        Raises ``NotFound``, ``Unavailable``, and ``Forbidden`` for a partner that answers for nothing.
        """
        subject = of_service(tx, service_id)
        if not is_partner(tx, subject):
            return cls.at_service(tx, catalogue, service_id)
        if not partners.has_a_part(tx, service_id):
            refuse_partners(tx, subject)
        at = facts.lock(tx, service_id)
        return cls(tx, catalogue, subject, at, _cases_of_partner(tx, catalogue, subject), ("document",))

    @classmethod
    def at_assessment(cls, tx: Transaction, catalogue: Catalogue, assessment_id: UUID) -> Self:
        """A turn at what this assessment alone rests on; raises ``NotFound``, ``Unavailable``."""
        subject = of_assessment(tx, assessment_id)
        at = facts.lock(tx, subject.service)
        return cls(tx, catalogue, subject, at, (_case(tx, subject, assessments.get(tx, assessment_id)),))

    @property
    def case(self) -> Case:
        """The case of the assessment whose turn it is; of a service, its first."""
        return self.cases[0]

    def record(self, edit: Edit, own: str) -> None:
        """Record what ``edit`` changes, once it has been checked; raises what ``check`` raises."""
        self.check(edit, own)
        self.append(changes(self.case, edit(self.case.pack)))

    def check(self, edit: Edit, own: str) -> None:
        """Refuse an edit after which some pack could not be judged.

        ``own`` is the JSON Pointer at which the edited packs hold what is edited. Raises ``Invalid`` with the faults of
        that item itself, their pointers relative to it, and ``Conflict`` where it does not fit what else is on record.
        """
        edited = [edit(case.pack) for case in self.cases]
        found = [faults_of(self.catalogue, pack) for pack in edited]
        # Before its first assessment it is open under which rule set a service will be judged: one that fits will do.
        if not self.case.binding and () in found:
            return
        for pack, faults in zip(edited, found, strict=True):
            refuse(pack, faults, own)

    def refuse_frozen(self, said: Iterable[tuple[FactKind, str]]) -> None:
        """Raise ``Conflict`` unless the provider may change these responses and answers as the assessment stands.

        A draft is open; one that was returned in the responses to the requirements named, and the answers that their
        trees use; every other one is frozen. Raises ``Forbidden`` for a partner that does not answer for one of them.
        """
        said = tuple(said)
        self._refuse_what_others_answer_for(said)
        record = self.case.assessment
        if record is None or record.state == "draft":
            return
        rule_set = self.catalogue.rule_set(record.rule_set.id, record.rule_set.version)
        requirements = {item.requirement for item in record.reopened}
        # Of a requirement that is no longer loaded, which is a fault of its own, nothing is asked.
        known = requirements & rule_set.requirements.keys()
        questions = {question for name in known for question in rule_set.requirements[name].tree.questions}
        open_: dict[FactKind, set[str]] = {"response": requirements, "answer": questions}
        closed = [f"{kind} {key}" for kind, key in said if key not in open_[kind]]
        if closed:
            listed = ", ".join(sorted(requirements)) or "none"
            raise Conflict(
                f"The assessment is {record.state.replace('_', ' ')}, and frozen in: {', '.join(sorted(closed))}.",
                hint=f"Requirements that may be changed now, with the answers that they ask for: {listed}.",
            )

    def _refuse_what_others_answer_for(self, said: Iterable[tuple[FactKind, str]]) -> None:
        record, caller = self.case.assessment, self.tx.actor
        if record is None or not is_partner(self.tx, self.subject):
            return
        opened = partners.open_to(self.tx, self.subject.service, caller.organisation, record.rule_set)
        foreign = sorted(f"{kind} {key}" for kind, key in said if key not in opened.get(kind, ()))
        if foreign:
            raise Forbidden(
                f"Your organisation is a partner in this service, and does not answer for: {', '.join(foreign)}.",
                hint=f"Requirements that it answers for: {', '.join(opened.get('response', ())) or 'none'}.",
            )

    def append(self, new: Iterable[NewFact]) -> None:
        """Record new versions of facts, of the service or of the assessment whose turn it is.

        Raises what ``refuse_frozen`` raises, and ``Forbidden`` for a partner that says something of the service itself.
        """
        new = tuple(new)
        if any(each.kind not in self.said_here for each in new):
            refuse_partners(self.tx, self.subject)
        self.refuse_frozen((each.kind, each.key) for each in new if each.kind in _SAID)
        shared = [each for each in new if each.kind not in _OF_ASSESSMENT]
        facts.append(self.tx, replace(self.subject, assessment=None), shared, self.at)
        facts.append(self.tx, self.subject, [each for each in new if each.kind in _OF_ASSESSMENT], self.at)


def is_partner(tx: Transaction, subject: Subject) -> bool:
    """Whether the caller writes for a provider that is a partner in the service, not its provider."""
    return tx.actor.role in PROVIDER_ROLES and tx.actor.organisation != subject.provider


def refuse_partners(tx: Transaction, subject: Subject) -> None:
    """Raise ``Forbidden`` where the caller writes for a partner in the service: this is for its provider."""
    if is_partner(tx, subject):
        raise Forbidden(
            "Your organisation is a partner in this service; this is for the organisation that provides it.",
            hint="Ask the provider to do it. You may respond to the requirements that you answer for.",
        )


def expect(current: Recorded[Any] | None, expected: str | None) -> None:
    """Raise ``PreconditionFailed`` unless ``expected`` is the etag on record; ``None`` expects nothing there."""
    expect_etag(None if current is None else current.etag, expected)


def expect_etag(current: str | None, expected: str | None) -> None:
    """Raise ``PreconditionFailed`` unless ``expected`` is ``current``."""
    if current != expected:
        raise facts.stale()


def changes(case: Case, after: Pack) -> list[NewFact]:
    """The next versions of the facts in which ``after`` differs from the case's pack.

    What only reviewers say is left out: reviews, and what an accreditation says of its verification.
    """
    old, new = case.pack.normal_form, after.normal_form
    found: list[NewFact] = []
    if new["service"] != old["service"]:
        version = case.standing.version("service", services.KEY) + 1
        found.append(NewFact("service", services.KEY, version, new["service"]))
    for name, kind in LISTS.items():
        if kind == "review":
            continue
        before = {item[KEYS[name]]: _body(kind, item) for item in old[name]}
        for item in new[name]:
            key, body = item[KEYS[name]], _body(kind, item)
            if body != before.get(key):
                found.append(NewFact(kind, key, case.standing.version(kind, key) + 1, body))
    return found


def refuse(pack: Pack, faults: Sequence[Fault], own: str) -> None:
    """Raise ``Invalid`` for faults under ``own``, else ``Conflict`` for any other; do nothing where there is none."""
    mine = tuple(
        replace(fault, pointer=fault.pointer[len(own) :])
        for fault in faults
        if fault.pointer == own or fault.pointer.startswith(f"{own}/")
    )
    refuse_faults(mine)
    if faults:
        listed = "; ".join(described(pack, fault) for fault in faults)
        raise Conflict(
            f"Nothing was recorded, as what is on record would no longer fit together: {listed}.",
            hint="Change what is named here first.",
        )


def refuse_faults(faults: Iterable[Fault]) -> None:
    """Raise ``Invalid`` with these faults of what is to be recorded, if there are any."""
    found = tuple(faults)
    if found:
        raise Invalid("Nothing was recorded.", hint="Correct every fault.", faults=found)


def described(pack: Pack, fault: Fault) -> str:
    """A fault of a pack in words that name the item instead of its place in a list."""
    name, _, rest = fault.pointer[1:].partition("/")
    if name in KEYS and rest:
        index, _, rest = rest.partition("/")
        item = getattr(pack, name)[int(index)]
        name = f"{name} {getattr(item, KEYS[name])}"
    return f"{name} {rest}".strip() + f": {fault.message}"


def first(item: Frozen, name: str) -> Edit:
    """The edit that puts ``item`` first in the list ``name`` of a pack, in place of the one with its key."""
    key = KEYS[name]

    def edit(pack: Pack) -> Pack:
        others = [each for each in getattr(pack, name) if getattr(each, key) != getattr(item, key)]
        return pack.replace(**{name: (item, *others)})

    return edit


def faults_of(catalogue: Catalogue, pack: Pack) -> tuple[Fault, ...]:
    """Every fault of a pack that is to be recorded; none for a sound one that could be imported again."""
    try:
        catalogue.check(pack)
    except PackInvalid as error:
        return (*grown_lists(pack), *error.faults)
    return grown_lists(pack)


def _body(kind: FactKind, item: dict[str, Any]) -> dict[str, Any]:
    return item | _UNVERIFIED if kind == "accreditation" else item


def _cases(tx: Transaction, catalogue: Catalogue, subject: Subject) -> tuple[Case, ...]:
    return tuple(_case(tx, subject, each) for each in assessments.of_service(tx, subject.service)) or _to_come(
        tx, catalogue, subject
    )


def _cases_of_partner(tx: Transaction, catalogue: Catalogue, subject: Subject) -> tuple[Case, ...]:
    """Of assessments that a partner does not see, it is known by which rules what belongs to the service is read."""
    known = standing(tx, subject)
    refs = partners.rule_sets_of(tx, subject.service)
    return tuple(Case(None, known, known.pack(ref)) for ref in refs) or _to_come(tx, catalogue, subject)


def _to_come(tx: Transaction, catalogue: Catalogue, subject: Subject) -> tuple[Case, ...]:
    known = standing(tx, subject)
    refs = [RuleSetRef(id=name, version=version) for name, version in catalogue.rule_sets]
    return tuple(Case(None, known, known.pack(ref), binding=False) for ref in refs)


def _case(tx: Transaction, subject: Subject, assessment: AssessmentRecord) -> Case:
    known = standing(tx, replace(subject, assessment=assessment.id))
    return Case(assessment, known, known.pack(assessment.rule_set))
