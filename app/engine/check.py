"""Whether a pack may be taken at all: every refusal of semantics.md 3, each located in the document as it was given.

A pack that has the shape of formats.md can still speak of what nobody knows or of what cannot be. Such a pack is
refused whole. The functions here are pure, and each looks at one kind of thing.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from app.engine.pack import Accreditation, Document, Pack, Profile, Response, Review, Scope
from app.engine.rules import CatalogueField, FieldType, RuleSet, Scheme
from app.engine.values import EARLIEST, LATEST, add_months, decimal_of, moment
from app.errors import Fault, counted

LONGEST_OVERRIDE_MONTHS = 12
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SCOPES = {"service": ("organisation", "service"), "programme": ("programme",)}
_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class ValueProblem:
    """Why a value is not one of its type, and what to do."""

    message: str
    hint: str


def value_problem(kind: FieldType, options: Collection[str], value: object) -> ValueProblem | None:
    """Why ``value`` cannot be a value of the type ``kind`` with these option ids; ``None`` where it can."""
    if kind in ("choice", "choices"):
        return _option_problem(kind, options, value)
    if kind == "boolean":
        return None if isinstance(value, bool) else ValueProblem("the value must be true or false", "write no quotes")
    if kind == "integer":
        whole = isinstance(value, int) and not isinstance(value, bool)
        return None if whole else ValueProblem("the value must be a whole number", "write digits without quotes")
    if kind == "decimal":
        return (
            None
            if _is_decimal(value)
            else ValueProblem(
                "the value must be a decimal number", 'write an integer, or a decimal in quotes such as "1.5"'
            )
        )
    return (
        None
        if _is_date(value)
        else ValueProblem("the value must be a date", f'write it as "YYYY-MM-DD", between {EARLIEST} and {LATEST}')
    )


def pack_faults(rule_set: RuleSet | None, schemes: Mapping[str, Scheme], pack: Pack) -> tuple[Fault, ...]:
    """Every reason to refuse ``pack`` under ``rule_set`` (semantics.md 3, "Refused whole"); none for a sound pack.

    Where the rule set is not known (``None``), every reason that holds under any.
    """
    return (
        *_service_faults(rule_set, pack),
        *_accreditations_faults(rule_set, schemes, pack),
        *_documents_faults(rule_set, pack),
        *_answers_faults(rule_set, pack),
        *_responses_faults(rule_set, pack),
        *_reviews_faults(rule_set, pack),
    )


def _option_problem(kind: FieldType, options: Collection[str], value: object) -> ValueProblem | None:
    if kind == "choice" and not isinstance(value, str):
        return ValueProblem("the value must be the id of one option", _options_hint(options))
    if kind == "choices" and not isinstance(value, list | tuple):
        return ValueProblem("the value must be a list of option ids", _options_hint(options))
    chosen = value if isinstance(value, list | tuple) else (value,)
    unknown = [item for item in chosen if not (isinstance(item, str) and item in options)]
    if unknown:
        listed = ", ".join(f"`{item}`" for item in unknown)
        return ValueProblem(f"unknown option {listed}", _options_hint(options))
    return None


def _options_hint(options: Collection[str]) -> str:
    return f"options: {', '.join(sorted(options))}"


def _is_decimal(value: object) -> bool:
    try:
        decimal_of(value)
    except ValueError:
        return False
    return True


def _is_date(value: object) -> bool:
    if not (isinstance(value, str) and _DATE.fullmatch(value)):
        return False
    try:
        return EARLIEST <= date.fromisoformat(value) <= LATEST
    except ValueError:
        return False


def _twice(keys: Iterable[_Key]) -> Iterator[tuple[int, _Key]]:
    """The index of every key that came before, with the key."""
    seen: set[_Key] = set()
    for index, key in enumerate(keys):
        if key in seen:
            yield index, key
        seen.add(key)


def _unknown(pointer: str, what: str, name: str, hint: str) -> Fault:
    return Fault(pointer, f"unknown {what} `{name}`", hint)


def _requirement_faults(pointer: str, name: str, rule_set: RuleSet | None) -> Iterator[Fault]:
    if rule_set is not None and name not in rule_set.requirements:
        hint = f"requirements are those of rule set {rule_set.id} {rule_set.version}"
        yield _unknown(pointer, "requirement", name, hint)


def _range_fault(pointer: str, start: date | None, end: date | None) -> Iterator[Fault]:
    if start is not None and end is not None and end < start:
        yield Fault(pointer, f"the range ends on {end}, before it starts on {start}", "correct one of the two dates")


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _service_faults(rule_set: RuleSet | None, pack: Pack) -> Iterator[Fault]:
    yield from _profile_faults("/service/profile", pack.service.profile, rule_set)
    for index, name in _twice(programme.id for programme in pack.service.programmes):
        pointer = f"/service/programmes/{index}/id"
        yield Fault(pointer, f"the programme id `{name}` is used twice", "give each programme an id of its own")
    for index, programme in enumerate(pack.service.programmes):
        yield from _profile_faults(f"/service/programmes/{index}/profile", programme.profile, rule_set)


def _profile_faults(pointer: str, profile: Profile, rule_set: RuleSet | None) -> Iterator[Fault]:
    if rule_set is None:
        return
    for name, value in profile.items():
        field = rule_set.profile_fields.get(name)
        place = f"{pointer}/{_escaped(name)}"
        if field is None:
            hint = f"profile fields: {', '.join(rule_set.profile_fields) or 'none'}"
            yield _unknown(place, "profile field", name, hint)
        else:
            yield from _value_faults(place, field, value)


def _value_faults(pointer: str, field: CatalogueField, value: object) -> Iterator[Fault]:
    problem = None if value is None else value_problem(field.type, field.option_ids, value)
    if problem is not None:
        yield Fault(pointer, f"`{field.id}`: {problem.message}", problem.hint)


def _accreditations_faults(rule_set: RuleSet | None, schemes: Mapping[str, Scheme], pack: Pack) -> Iterator[Fault]:
    for index, name in _twice(item.id for item in pack.accreditations):
        pointer = f"/accreditations/{index}/id"
        yield Fault(pointer, f"the accreditation id `{name}` is used twice", "give each accreditation its own id")
    programmes = {programme.id for programme in pack.service.programmes}
    for index, item in enumerate(pack.accreditations):
        pointer = f"/accreditations/{index}"
        scheme = schemes.get(item.scheme)
        if scheme is None:
            hint = f"schemes: {', '.join(sorted(schemes)) or 'none'}"
            yield _unknown(f"{pointer}/scheme", "scheme", item.scheme, hint)
        else:
            yield from _scheme_faults(pointer, item, scheme)
        yield from _scope_faults(f"{pointer}/scope", item.scope, programmes)
        yield from _dates_faults(pointer, item)
        yield from _status_faults(f"{pointer}/status_changes", item)
        yield from _condition_faults(f"{pointer}/conditions", item, rule_set)


def _scheme_faults(pointer: str, item: Accreditation, scheme: Scheme) -> Iterator[Fault]:
    if item.edition not in scheme.editions:
        hint = f"editions of {scheme.id}: {', '.join(scheme.editions)}"
        yield _unknown(f"{pointer}/edition", "edition", item.edition, hint)
    if item.stage not in scheme.stages:
        hint = f"stages of {scheme.id}: {', '.join(scheme.stages)}"
        yield _unknown(f"{pointer}/stage", "stage", item.stage, hint)
    if item.scope.kind not in _SCOPES[scheme.scope]:
        message = f"the scheme {scheme.id} has no certificates of scope `{item.scope.kind}`"
        yield Fault(f"{pointer}/scope/kind", message, f"its scopes: {', '.join(_SCOPES[scheme.scope])}")
    latest = add_months(item.awarded_on, scheme.usual_term_months)
    if item.expires_on > latest:
        term = counted(scheme.usual_term_months, "month")
        message = f"the certificate expires later than {latest}, {term} after the award"
        yield Fault(f"{pointer}/expires_on", message, "enter the dates printed on the certificate")


def _scope_faults(pointer: str, scope: Scope, programmes: Collection[str]) -> Iterator[Fault]:
    for index, named in enumerate(scope.programmes):
        if named.id not in programmes:
            hint = "a certificate names programmes of this service; list the programme there, or leave it out here"
            yield _unknown(f"{pointer}/programmes/{index}/id", "programme", named.id, hint)


def _dates_faults(pointer: str, item: Accreditation) -> Iterator[Fault]:
    yield from _range_fault(f"{pointer}/expires_on", item.awarded_on, item.expires_on)
    for name, day in (("unchanged_declared_on", item.unchanged_declared_on), ("verified_on", item.verified_on)):
        if day is not None and day < item.awarded_on:
            message = f"{name} is {day}, before the award on {item.awarded_on}"
            yield Fault(f"{pointer}/{name}", message, "it is about this certificate, so it cannot come before it")
    if item.verified_on is not None:
        given = {"verified_by": item.verified_by, "register": item.register_seen}
        missing = [name for name, value in given.items() if not (value or "").strip()]
        if missing:
            message = f"verified_on without {' and '.join(missing)}"
            yield Fault(f"{pointer}/verified_on", message, "say who saw which entry of the awarding body")


def _status_faults(pointer: str, item: Accreditation) -> Iterator[Fault]:
    for index, day in _twice(change.on for change in item.status_changes):
        yield Fault(f"{pointer}/{index}/on", f"two status changes on {day}", "keep the one that counts for that day")
    withdrawn = min((change.on for change in item.status_changes if change.status == "withdrawn"), default=LATEST)
    for index, change in enumerate(item.status_changes):
        if change.on > withdrawn:
            message = f"a status change on {change.on}, after the certificate was withdrawn on {withdrawn}"
            yield Fault(f"{pointer}/{index}/on", message, "a new award is a new accreditation")


def _condition_faults(pointer: str, item: Accreditation, rule_set: RuleSet | None) -> Iterator[Fault]:
    for index, condition in enumerate(item.conditions):
        place = f"{pointer}/{index}"
        if not condition.requirements:
            yield Fault(f"{place}/requirements", "a condition that names no requirement", "name what it is about")
        for number, name in enumerate(condition.requirements):
            yield from _requirement_faults(f"{place}/requirements/{number}", name, rule_set)
        yield from _range_fault(f"{place}/closed_on", condition.opened_on, condition.closed_on)


def _documents_faults(rule_set: RuleSet | None, pack: Pack) -> Iterator[Fault]:
    for index, name in _twice(document.id for document in pack.documents):
        pointer = f"/documents/{index}/id"
        yield Fault(pointer, f"the document id `{name}` is used twice", "give each document an id of its own")
    by_id = {document.id: document for document in pack.documents}
    circular = _circular(by_id)
    for index, document in enumerate(pack.documents):
        pointer = f"/documents/{index}"
        if rule_set is not None and document.type not in rule_set.document_type_ids:
            hint = f"document types: {', '.join(sorted(rule_set.document_type_ids)) or 'none'}"
            yield _unknown(f"{pointer}/type", "document type", document.type, hint)
        yield from _range_fault(f"{pointer}/valid_until", document.valid_from, document.valid_until)
        yield from _replaces_faults(f"{pointer}/replaces", document, by_id, circular)


def _circular(by_id: Mapping[str, Document]) -> set[str]:
    """The documents that replace themselves, through others too: those left when the ends of chains are taken away."""
    left = dict(by_id)
    replaced = Counter(document.replaces for document in by_id.values())
    free = [name for name in by_id if not replaced[name]]
    while free:
        older = left.pop(free.pop()).replaces
        replaced[older] -= 1
        if older in left and not replaced[older]:
            free.append(older)
    return set(left)


def _replaces_faults(
    pointer: str, document: Document, by_id: Mapping[str, Document], circular: Collection[str]
) -> Iterator[Fault]:
    if document.replaces is None:
        return
    older = by_id.get(document.replaces)
    if older is None:
        yield _unknown(pointer, "document", document.replaces, "a replaced document stays in the pack")
        return
    if document.id in circular:
        message = f"the document `{document.id}` replaces itself, directly or through others"
        yield Fault(pointer, message, "a document replaces an older one")
    if older.type != document.type:
        message = f"a document of type `{document.type}` replaces one of type `{older.type}`"
        yield Fault(pointer, message, "a document replaces one of its own type")
    if set(older.programmes) != set(document.programmes):
        message = f"the document replaces `{older.id}`, which is for other programmes"
        yield Fault(pointer, message, "a document replaces one for the same programmes")


def _answers_faults(rule_set: RuleSet | None, pack: Pack) -> Iterator[Fault]:
    for index, name in _twice(answer.question for answer in pack.answers):
        yield Fault(f"/answers/{index}/question", f"two answers to the question `{name}`", "keep the newest")
    if rule_set is None:
        return
    for index, answer in enumerate(pack.answers):
        question = rule_set.questions_by_id.get(answer.question)
        if question is None:
            hint = f"questions are those of rule set {rule_set.id} {rule_set.version}"
            yield _unknown(f"/answers/{index}/question", "question", answer.question, hint)
        else:
            yield from _value_faults(f"/answers/{index}/value", question, answer.value)


def _responses_faults(rule_set: RuleSet | None, pack: Pack) -> Iterator[Fault]:
    for index, name in _twice(response.requirement for response in pack.responses):
        yield Fault(f"/responses/{index}/requirement", f"two responses to requirement {name}", "keep one of them")
    documents = {document.id for document in pack.documents}
    for index, response in enumerate(pack.responses):
        yield from _requirement_faults(f"/responses/{index}/requirement", response.requirement, rule_set)
        for number, name in enumerate(response.documents):
            if name not in documents:
                pointer = f"/responses/{index}/documents/{number}"
                yield _unknown(pointer, "document", name, "list it under documents, or leave it out here")


def _reviews_faults(rule_set: RuleSet | None, pack: Pack) -> Iterator[Fault]:
    for index, (name, _) in _twice((item.requirement, moment(item.decided_at)) for item in pack.reviews):
        message = f"two reviews of requirement {name} at the same instant"
        yield Fault(f"/reviews/{index}/decided_at", message, "which one counts could not be told; correct one")
    responses = {response.requirement: response for response in pack.responses}
    for index, review in enumerate(pack.reviews):
        pointer = f"/reviews/{index}"
        response = responses.get(review.requirement)
        requirement = None if rule_set is None else rule_set.requirements.get(review.requirement)
        yield from _requirement_faults(f"{pointer}/requirement", review.requirement, rule_set)
        version = response.version if response else 0
        if (rule_set is None or requirement is not None) and review.response_version > version:
            message = f"a review of version {review.response_version} of a response whose version is {version}"
            yield Fault(f"{pointer}/response_version", message, "a version that is yet to come cannot be reviewed")
        if review.override:
            critical = requirement is not None and requirement.safety_critical
            yield from _override_faults(pointer, review, response, critical=critical)


def _override_faults(pointer: str, review: Review, response: Response | None, *, critical: bool) -> Iterator[Fault]:
    if review.decision != "accepted":
        message = f"an override whose decision is `{review.decision}`"
        yield Fault(f"{pointer}/override", message, "only an accepted review can be an override")
    if not (review.reason or "").strip():
        yield Fault(pointer, "an override without a reason", "say what the reviewer saw")
    yield from _until_faults(pointer, review)
    if critical and not (review.second_reviewer or "").strip():
        message = "an override of a safety-critical requirement without a second reviewer"
        yield Fault(pointer, message, "name a second person")
    if critical and review.second_reviewer == review.reviewer:
        message = "the second reviewer is the reviewer"
        yield Fault(f"{pointer}/second_reviewer", message, "name another person")
    if response is None or review.response_version != response.version:
        return
    if response.self_rating == "not_applicable":
        message = "an override of a response that says `not_applicable`"
        yield Fault(f"{pointer}/override", message, "accept or reject the exclusion instead")


def _until_faults(pointer: str, review: Review) -> Iterator[Fault]:
    decided_on = moment(review.decided_at).date()
    latest = add_months(decided_on, LONGEST_OVERRIDE_MONTHS)
    if review.until is None:
        yield Fault(pointer, "an override without `until`", f"give its last day, at most {latest}")
    elif review.until > latest:
        message = f"an override until {review.until}, more than {LONGEST_OVERRIDE_MONTHS} months after {decided_on}"
        yield Fault(f"{pointer}/until", message, f"its last day is at most {latest}")
    else:
        yield from _range_fault(f"{pointer}/until", decided_on, review.until)
