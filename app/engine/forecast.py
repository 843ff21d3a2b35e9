"""The dates ahead on which a service's status or a score will change by itself, and why (semantics.md 8)."""

from collections.abc import Iterable, Iterator
from datetime import date

from app.engine import gaps
from app.engine.coverage import Hindrance
from app.engine.determination import Determination
from app.engine.difference import Change, Overview, difference
from app.engine.evaluate import evaluate
from app.engine.evidence import DocumentEvidence
from app.engine.judge import Case, bench_of
from app.engine.pack import Pack
from app.engine.plan import plans
from app.engine.rules import Crosswalk, RuleSet
from app.engine.standing_in import counts
from app.engine.values import CivilDate, Frozen, Name, day_after, day_before


class Cause(Frozen):
    """One fact that is otherwise from a day on.

    ``kind`` is a code of the table of semantics.md 7 where something ends (``document_expired``,
    ``accreditation_not_redeclared``, ``override_lapsed`` …), else ``document_good``, ``answer_holds``,
    ``answer_lapsed``, ``accreditation_counts`` or ``crosswalk_in_use``. ``subject`` is the id of the document,
    question, accreditation, requirement overridden or crosswalk.
    """

    kind: str
    subject: Name


class Turn(Frozen):
    """A day from which status or a score is otherwise, with what changes and every fact that causes it."""

    on: CivilDate
    before: Overview
    after: Overview
    changes: tuple[Change, ...]
    causes: tuple[Cause, ...]


def forecast(
    rule_set: RuleSet, crosswalks: Iterable[Crosswalk], pack: Pack, as_of: date, until: date
) -> tuple[Turn, ...]:
    """Every turn after ``as_of`` and through ``until``, if nobody does anything: the same evaluation, repeated."""
    known = tuple(crosswalks)
    turns = []
    now = evaluate(rule_set, known, pack, as_of)
    while now.valid_through is not None and now.valid_through < until:
        coming = evaluate(rule_set, known, pack, day_after(now.valid_through))
        found = difference(now, coming)
        if found.before != found.after:
            causes = _causes(rule_set, known, pack, now, coming, found.changes)
            turns.append(
                Turn(
                    on=coming.as_of, before=found.before, after=found.after, changes=found.changes, causes=tuple(causes)
                )
            )
        now = coming
    return tuple(turns)


def _causes(
    rule_set: RuleSet,
    crosswalks: tuple[Crosswalk, ...],
    pack: Pack,
    before: Determination,
    after: Determination,
    changes: Iterable[Change],
) -> list[Cause]:
    """The facts that are otherwise for the requirements that stand otherwise, each once, by kind and subject.

    A requirement may move the progress of its standard by less than the digit that is published of its own.
    """
    ready = plans(rule_set, crosswalks)
    bench = bench_of(ready, pack)
    day = after.as_of
    in_use = {item.id: item.version for item in before.crosswalks}
    found = {
        Cause(kind="crosswalk_in_use", subject=item.id)
        for item in after.crosswalks
        if in_use.get(item.id) != item.version
    }
    changed = {change.requirement for change in changes}
    for name, plan in ready.of.items():
        case = bench.case(plan)
        if name in changed or _moves(case, day):
            found.update(_case_causes(case, day))
    return sorted(found, key=lambda cause: (cause.kind, cause.subject))


def _moves(case: Case, day: date) -> bool:
    """Whether the exact progress is another one than on the day before."""
    if case.applicability != "applicable":
        return False
    return case.state(day_before(day)).outcome.progress != case.state(day).outcome.progress


def _case_causes(case: Case, day: date) -> Iterator[Cause]:
    eve = day_before(day)
    yield from _evidence_causes(case, eve, day)
    yield from _certificate_causes(case, eve, day)
    if case.state(eve).outcome.override:  # nothing else changes what stands by one
        yield Cause(kind="override_lapsed", subject=case.plan.id)


def _evidence_causes(case: Case, eve: date, day: date) -> Iterator[Cause]:
    for index in range(len(case.subjects)):
        for test in case.plan.tests:
            item = case.evidence(index).of(test)
            if isinstance(item, DocumentEvidence):
                for span in item.spans:
                    if span.good(day) and not span.good(eve):
                        yield Cause(kind="document_good", subject=span.document.id)
                    elif span.good(eve) and not span.good(day):
                        yield Cause(kind=gaps.why_not_good(span, day)[0], subject=span.document.id)
            elif item.state(eve)[0] != item.state(day)[0]:
                kind = "answer_holds" if item.state(day)[0] else "answer_lapsed"
                yield Cause(kind=kind, subject=item.leaf.answer.question)


def _certificate_causes(case: Case, eve: date, day: date) -> Iterator[Cause]:
    """Where a certificate counts or is verified that was not the day before, that; else what now hinders it.

    One that shows as much as before, or whose word does not count beside the provider's own, causes nothing.
    """
    if not case.stands_in:
        return
    before = _hindrances(case, eve)
    for key, hindrance in _hindrances(case, day).items():
        if key not in before or _shows(before[key]) == _shows(hindrance):
            continue
        if hindrance is None or not counts(before[key]):
            yield Cause(kind="accreditation_counts", subject=key[0])
        else:
            yield Cause(kind=hindrance.code.reason, subject=key[0])


def _shows(hindrance: Hindrance | None) -> tuple[bool, bool]:
    """Whether a certificate so hindered counts, and whether it is verified."""
    return counts(hindrance), hindrance is None


def _hindrances(case: Case, day: date) -> dict[tuple[str, str, int], Hindrance | None]:
    """What hinders each certificate, by accreditation, crosswalk and which of the things judged."""
    covering = case.state(day).covering
    return {
        (item.certificate.id, item.certificate.crosswalk.id, index): hindrance
        for item, found in zip(covering.held, covering.hindrances, strict=True)
        for index, hindrance in enumerate(found)
    }
