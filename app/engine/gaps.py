"""Why a requirement is not satisfied, and what would satisfy it (semantics.md 7).

Reasons are worked out for the verified rung; those of a lower rung are the same without the codes that do not concern
it. No datum is computed from the day, so that a reason stays the same for as long as it holds.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from app.engine.coverage import Code
from app.engine.determination import Ask, Reason, Rung
from app.engine.evidence import AnswerEvidence, DocumentEvidence, Span
from app.engine.judge import Case, State
from app.engine.outcome import Outcome
from app.engine.standing_in import NOTHING_HELD

_VERIFIED_ONLY = frozenset(
    {
        Code.UNVERIFIED.reason,
        "more_information_requested",
        "override_lapsed",
        "review_stale",
        "review_pending",
    }
)


def reasons_on(rung: Rung, reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Those of the reasons for the verified rung that hold on ``rung``, one of the others, too."""
    kept = (reason for reason in reasons if reason["code"] not in _VERIFIED_ONLY)
    return tuple(reason for reason in kept if rung == "evidenced" or reason["code"] != "review_rejected")


def reasons(case: Case, state: State) -> tuple[Reason, ...]:
    """Every reason why the requirement is not verified, in the order of the table."""
    found: list[Reason] = []
    if case.unstated or case.exclusion_claimed:
        found.extend(_applicability(case))
    if case.rating is None and not state.outcome.declared:
        found.append({"code": "not_answered"})
    elif case.rating in {"partly_met", "not_met"}:
        found.append({"code": "self_rated_below_met", "rating": case.rating})
    if not state.outcome.with_coverage:
        found.extend(_evidence(case, state))
    if state.covering is not NOTHING_HELD:
        found.extend(state.covering.reasons)
    found.extend(_reviews(case, state))
    return tuple(found)


def _applicability(case: Case) -> Iterator[Reason]:
    if case.unstated:
        yield {"code": "profile_unstated", "fields": list(case.unstated)}
    if case.exclusion_claimed:
        if not case.plan.may_be_excluded:
            yield {"code": "exclusion_not_allowed"}
        elif not case.exclusion_explained:
            yield {"code": "exclusion_unexplained"}
        elif not case.standing.rejected:
            yield {"code": "exclusion_unreviewed"}


def asks(case: Case, outcome: Outcome) -> tuple[Ask, ...]:
    """What to hand in for T(e) to hold, by leaf, then by programme."""
    return tuple(
        [
            test.ask if not programme else test.ask_of(programme)
            for test in case.plan.tests
            for programme, bits in zip(case.programmes, outcome.asked, strict=True)
            if bits & test.bit
        ]
    )


def _evidence(case: Case, state: State) -> list[Reason]:
    """The reasons of asked leaves: code by code, and within a code by leaf, programme, document."""
    wanted = state.outcome.asked
    found: list[Reason] = []
    for test in case.plan.tests:
        for index, bits in enumerate(wanted):
            if bits & test.bit:
                reasons = _leaf(case.evidence(index).of(test), state.day)
                if programme := case.programmes[index]:
                    for reason in reasons:
                        reason["programme"] = programme
                found += reasons
    if len(found) > 1:
        found.sort(key=_leaf_code)
    return found


def _leaf_code(reason: Reason) -> int:
    return _LEAF_CODES[reason["code"]]


_LEAF_CODES = {
    code: number
    for number, code in enumerate(
        (
            "document_missing",
            "document_withdrawn",
            "document_not_yet_valid",
            "document_expired",
            "document_replaced",
            "document_too_old",
            "answer_missing",
            "answer_insufficient",
        )
    )
}


def _leaf(item: DocumentEvidence | AnswerEvidence, day: date) -> list[Reason]:
    if isinstance(item, AnswerEvidence):
        return [_answer(item)]
    found: list[Reason] = []
    have = len({span.document.sha256 for span in item.spans})
    if have < item.wanted:
        types = list(item.leaf.document.types)
        found.append(
            {"code": "document_missing", "leaf": item.leaf.id, "types": types, "wanted": item.wanted, "have": have}
        )
    for span in item.spans:
        if not span.good(day):
            code, name, datum = why_not_good(span, day)
            found.append({"code": code, "leaf": item.leaf.id, "document": span.document.id, name: datum})
    return found


def why_not_good(span: Span, day: date) -> tuple[str, str, str]:
    """The first thing that keeps a document from being good on ``day``: code, name of the datum, datum."""
    document = span.document
    if document.withdrawn_on is not None and document.withdrawn_on <= day:
        return "document_withdrawn", "withdrawn_on", document.withdrawn_on.isoformat()
    if day < span.start:
        name = "issued_on" if span.start == document.issued_on else "valid_from"
        return "document_not_yet_valid", name, span.start.isoformat()
    if document.valid_until is not None and document.valid_until < day:
        return "document_expired", "valid_until", document.valid_until.isoformat()
    last = [heir.document.id for heir in span.replacements(day) if not heir.replacements(day)]
    if last:
        return "document_replaced", "replaced_by", last[0]
    return "document_too_old", "accepted_until", span.accepted_until.isoformat()


def _answer(item: AnswerEvidence) -> Reason:
    given = given_value(item)
    reason: Reason = {
        "code": "answer_missing" if given is None else "answer_insufficient",
        "leaf": item.leaf.id,
        "question": item.leaf.answer.question,
        "wanted": wanted_value(item),
    }
    return reason if given is None else reason | {"given": given}


def wanted_value(item: AnswerEvidence) -> dict[str, object]:
    """``{operator: value}`` as the rule set writes it."""
    operator, wanted = item.leaf.answer.test
    return {operator: list(wanted) if isinstance(wanted, tuple) else wanted}


def given_value(item: AnswerEvidence) -> object:
    """The value given, as written, lists sorted; ``None`` where there is none."""
    given = None if item.given is None else item.given.value
    return sorted(set(given)) if isinstance(given, tuple) else given


def _reviews(case: Case, state: State) -> Iterator[Reason]:
    standing = case.standing
    review = standing.review
    if review is not None and review.decision != "accepted":
        code = "review_rejected" if standing.rejected else "more_information_requested"
        yield {"code": code, "reason": review.reason, "decided_at": review.decided_at}
    if not (case.rating == "met" or state.outcome.with_coverage):
        return
    if review is None:
        yield {"code": "review_pending"}
    elif standing.override_until is not None and standing.override_ended(state.day):
        yield {"code": "override_lapsed", "until": standing.override_until.isoformat()}
    elif standing.stale:
        yield {"code": "review_stale"}
