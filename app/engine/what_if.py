"""What a determination would be if some facts were otherwise; nothing is stored (semantics.md 8)."""

from collections.abc import Iterable
from datetime import date

from pydantic import Field

from app.engine.determination import Determination
from app.engine.difference import Difference, difference
from app.engine.evaluate import evaluate
from app.engine.lineage import carry_forward
from app.engine.pack import Accreditation, Answer, Document, Pack, Response
from app.engine.rules import Crosswalk, RuleSet
from app.engine.values import CivilDate, Frozen, Name


class Changes(Frozen):
    """Facts to suppose. What has the id, question or requirement of something in the pack takes its place.

    ``without_accreditations`` and ``without_documents`` are taken out, documents from responses too.
    """

    documents: tuple[Document, ...] = ()
    without_documents: tuple[Name, ...] = ()
    answers: tuple[Answer, ...] = ()
    responses: tuple[Response, ...] = ()
    accreditations: tuple[Accreditation, ...] = ()
    without_accreditations: tuple[Name, ...] = ()
    link: dict[Name, tuple[Name, ...]] = Field(default={}, description="requirement to documents to link to it as well")
    as_of: CivilDate | None = None


class Supposed(Frozen):
    """The determination under the changes, and its difference from the one without them."""

    determination: Determination
    difference: Difference


def supposed_pack(pack: Pack, changes: Changes) -> Pack:
    """The pack with the changes made. A response that says something else has a version of its own, one higher."""
    gone = set(changes.without_documents)
    documents = {item.id: item for item in (*pack.documents, *changes.documents) if item.id not in gone}
    answers = {item.question: item for item in (*pack.answers, *changes.answers)}
    held = {item.id: item for item in (*pack.accreditations, *changes.accreditations)}
    responses = {item.requirement: item for item in pack.responses}
    for name in {*responses, *changes.link, *(item.requirement for item in changes.responses)}:
        said = next((item for item in changes.responses if item.requirement == name), responses.get(name))
        now = said or Response(requirement=name, version=1)
        linked = tuple(sorted({*now.documents, *changes.link.get(name, ())} - gone))
        responses[name] = _versioned(responses.get(name), now.replace(documents=linked))
    return pack.replace(
        documents=tuple(documents.values()),
        answers=tuple(answers.values()),
        responses=tuple(responses.values()),
        accreditations=tuple(item for item in held.values() if item.id not in changes.without_accreditations),
    )


def _versioned(before: Response | None, after: Response) -> Response:
    if before is None:
        return after.replace(version=1)
    if before.replace(documents=tuple(sorted(set(before.documents)))) == after.replace(version=before.version):
        return before
    return after.replace(version=before.version + 1)


def what_if(rule_set: RuleSet, crosswalks: Iterable[Crosswalk], pack: Pack, as_of: date, changes: Changes) -> Supposed:
    """Suppose ``changes`` and decide again; the caller checks ``supposed_pack`` as it checks any pack."""
    known = tuple(crosswalks)
    now = evaluate(rule_set, known, pack, as_of)
    then = evaluate(rule_set, known, supposed_pack(pack, changes), changes.as_of or as_of)
    return Supposed(determination=then, difference=difference(now, then))


def impact(older: RuleSet, newer: RuleSet, crosswalks: Iterable[Crosswalk], pack: Pack, as_of: date) -> Supposed:
    """What moving to ``newer`` would do to a service, before anyone has to move (semantics.md 9).

    ``crosswalks`` holds those of both versions. Raises ``ValueError`` where ``newer`` is not based on ``older``.
    """
    known = tuple(crosswalks)
    now = evaluate(older, known, pack, as_of)
    then = evaluate(newer, known, carry_forward(pack, older, newer), as_of)
    return Supposed(determination=then, difference=difference(now, then))
