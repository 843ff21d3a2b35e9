"""What a determination would be if some facts were otherwise; nothing is stored (semantics.md 8, 9)."""

from collections.abc import Iterable, Iterator
from datetime import date

from pydantic import Field

from app.engine.determination import Determination
from app.engine.difference import Difference, difference
from app.engine.evaluate import evaluate
from app.engine.lineage import carry_forward
from app.engine.pack import Accreditation, Answer, Document, Narrative, Pack, Rating, Response
from app.engine.rules import Crosswalk, RuleSet
from app.engine.values import CivilDate, Frozen, Name
from app.errors import Fault


class ResponseChange(Frozen):
    """What a response would say; what is left out stays as it is, and its version is raised where anything changes."""

    requirement: Name
    self_rating: Rating | None = None
    narrative: Narrative | None = None
    documents: tuple[Name, ...] = ()
    exclusion_reason: Narrative | None = None


class Changes(Frozen):
    """Facts to suppose. What has the id or question of something in the pack takes its place.

    ``link`` adds documents to responses; what is ``without`` is taken out, documents from the responses too.
    ``as_of`` is the day to judge instead.
    """

    documents: tuple[Document, ...] = ()
    without_documents: tuple[Name, ...] = ()
    answers: tuple[Answer, ...] = ()
    responses: tuple[ResponseChange, ...] = ()
    accreditations: tuple[Accreditation, ...] = ()
    without_accreditations: tuple[Name, ...] = ()
    link: dict[Name, tuple[Name, ...]] = Field(default={}, description="requirement to documents to link to it as well")
    as_of: CivilDate | None = None


class Supposed(Frozen):
    """The determination under the changes, and its difference from the one without them."""

    determination: Determination
    difference: Difference


def changes_faults(pack: Pack, changes: Changes) -> tuple[Fault, ...]:
    """What is said twice, and what is ``without`` though it is not there, each with its JSON Pointer in the changes."""
    documents = [item.id for item in changes.documents]
    held = [item.id for item in changes.accreditations]
    return (
        *_twice("/documents/{}/id", documents),
        *_twice("/answers/{}/question", [item.question for item in changes.answers]),
        *_twice("/responses/{}/requirement", [item.requirement for item in changes.responses]),
        *_twice("/accreditations/{}/id", held),
        *_absent("/without_documents/{}", changes.without_documents, {*documents, *(x.id for x in pack.documents)}),
        *_absent(
            "/without_accreditations/{}", changes.without_accreditations, {*held, *(x.id for x in pack.accreditations)}
        ),
    )


def _twice(place: str, names: list[str]) -> Iterator[Fault]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Fault(
                place.format(index), f"`{name}` is there twice", "which one is meant could not be told; keep one"
            )


def _absent(place: str, names: Iterable[str], known: set[str]) -> Iterator[Fault]:
    for index, name in enumerate(names):
        if name not in known:
            yield Fault(place.format(index), f"there is no `{name}` in the pack", "name one that is there")


def supposed_pack(pack: Pack, changes: Changes) -> Pack:
    """The pack with the changes made, to be checked as any pack is; with no changes the same pack."""
    documents = {item.id: item for item in (*pack.documents, *changes.documents)}
    answers = {item.question: item for item in (*pack.answers, *changes.answers)}
    held = {item.id: item for item in (*pack.accreditations, *changes.accreditations)}
    return pack.replace(
        documents=tuple(item for item in documents.values() if item.id not in changes.without_documents),
        answers=tuple(answers.values()),
        responses=_responses(pack, changes),
        accreditations=tuple(item for item in held.values() if item.id not in changes.without_accreditations),
    )


def _responses(pack: Pack, changes: Changes) -> tuple[Response, ...]:
    known = {item.requirement: item for item in pack.responses}
    said = {
        item.requirement: {name: getattr(item, name) for name in item.model_fields_set} for item in changes.responses
    }
    found = []
    for name in dict.fromkeys((*known, *said, *changes.link)):
        before = known.get(name)
        before_or_new = before or Response(requirement=name, version=1)
        after = before_or_new.replace(**said.get(name, {}))
        # Links are a set: in another order they say the same.
        linked = {*after.documents, *changes.link.get(name, ())} - set(changes.without_documents)
        documents = before_or_new.documents
        after = after.replace(documents=documents if linked == set(documents) else tuple(sorted(linked)))
        if before is not None and after != before:
            after = after.replace(version=before.version + 1)
        found.append(after)
    return tuple(found)


def what_if(
    rule_set: RuleSet,
    crosswalks: Iterable[Crosswalk],
    pack: Pack,
    as_of: date,
    changes: Changes,
    newer: RuleSet | None = None,
) -> Supposed:
    """Suppose ``changes`` and decide again; the caller has checked the ``supposed_pack``.

    With ``newer`` the changed pack is carried forward to that version as well (semantics.md 9), and ``crosswalks``
    holds those of both. Raises ``ValueError`` where ``newer`` is not based on ``rule_set``.
    """
    known = tuple(crosswalks)
    now = evaluate(rule_set, known, pack, as_of)
    changed, day = supposed_pack(pack, changes), changes.as_of or as_of
    if newer is None:
        then = evaluate(rule_set, known, changed, day)
        return Supposed(determination=then, difference=difference(now, then))
    then = evaluate(newer, known, carry_forward(changed, rule_set, newer), day)
    return Supposed(determination=then, difference=difference(now, then, newer.lineage))


def impact(older: RuleSet, newer: RuleSet, crosswalks: Iterable[Crosswalk], pack: Pack, as_of: date) -> Supposed:
    """What moving to ``newer`` would do to a service, before anyone has to move (semantics.md 9).

    ``crosswalks`` holds those of both versions. Raises ``ValueError`` where ``newer`` is not based on ``older``.
    """
    return what_if(older, crosswalks, pack, as_of, Changes(), newer)
