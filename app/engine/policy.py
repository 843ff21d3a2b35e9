"""A commissioner's own thresholds, and what a service makes of them on a day and through a contract (docs/policies.md).

A policy decides nothing about compliance: it reads determinations. Every threshold that is missed is a reason, in a
fixed order: that of ``ReasonCode``, then the order of the rule set.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar, get_args

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.engine.canonical import sha256_of
from app.engine.determination import Determination, Rung
from app.engine.digest import Outline
from app.engine.evaluate import evaluate
from app.engine.forecast import Cause, forecast
from app.engine.pack import Pack
from app.engine.policy_words import outcome_in_words, reason_in_words
from app.engine.rules import Crosswalk, RuleSet
from app.engine.values import (
    Bool,
    DecimalText,
    Frozen,
    Id,
    Int,
    Months,
    Name,
    Text,
    add_months,
    day_after,
    day_before,
    decimal_of,
)
from app.engine.what_if import Changes, supposed_pack

Outcome: TypeAlias = Literal["pass", "pass_with_conditions", "fail"]
# What can be missed on any day, now or ahead.
Miss: TypeAlias = Literal["critical_gap", "compliance_below", "standard_not_met", "requirement_not_met"]
# Reasons that a policy may make conditions of; the others leave nothing that a decision could rest on.
Lenient: TypeAlias = Literal[
    "rule_set_not_in_force",
    "assessment_too_old",
    "critical_gap",
    "compliance_below",
    "standard_not_met",
    "requirement_not_met",
    "critical_gap_ahead",
    "compliance_below_ahead",
    "standard_not_met_ahead",
    "requirement_not_met_ahead",
]
ReasonCode: TypeAlias = Literal[
    "assessment_withdrawn",
    "nothing_applies",
    "not_in_rule_set",
    "rule_set_not_in_force",
    "assessment_too_old",
    "critical_gap",
    "compliance_below",
    "standard_not_met",
    "requirement_not_met",
    "critical_gap_ahead",
    "compliance_below_ahead",
    "standard_not_met_ahead",
    "requirement_not_met_ahead",
]
_ORDER: Final[tuple[str, ...]] = get_args(ReasonCode)
WHOLE: Final = 100

T = TypeVar("T")


def _percentage(value: str) -> str:
    if not 0 <= decimal_of(value) <= WHOLE:
        raise PydanticCustomError("percentage", "a minimum lies between 0 and 100")
    return value


def _once(value: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(value)) < len(value):
        raise PydanticCustomError("listed_twice", "something is listed twice; name each once")
    return value


class Policy(Frozen):
    """What a commissioner asks of a service before it pays for it; ``docs/policies.md`` says what each field means."""

    name: Name
    rule_set: Annotated[Id, Field(description="The rule set, in whichever version a service was assessed under.")]
    rung: Annotated[Rung, Field(description="The rung on which every threshold is read.")] = "verified"
    minimum_compliance: (
        Annotated[
            DecimalText,
            AfterValidator(_percentage),
            Field(description="Per cent, compared with the exact share of weights and not with the rounded score."),
        ]
        | None
    ) = None
    required_standards: Annotated[tuple[Annotated[Int, Field(ge=1)], ...], AfterValidator(_once)] = ()
    required_requirements: Annotated[tuple[Name, ...], AfterValidator(_once)] = ()
    no_critical_gaps: Bool = True
    accreditation_accepted: Annotated[
        Bool, Field(description="When false, a service is judged as if it held no accreditation.")
    ] = True
    holds_to_contract_end: Annotated[
        Bool,
        Field(description="Whether all of it has to hold through the end of the contract, if nobody does anything."),
    ] = False
    maximum_age_months: (
        Annotated[Months, Field(description="How long after it was last submitted an assessment counts.")] | None
    ) = None
    conditions: Annotated[
        tuple[Lenient, ...],
        AfterValidator(_once),
        Field(description="Reasons that do not fail a service, but make conditions of a contract."),
    ] = ()

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical JSON."""
        return sha256_of(self.model_dump(mode="json"))


class CheckReason(Frozen):
    """One threshold that is missed: a code with its data, whether it fails or is a condition, and a sentence.

    Those that end in ``_ahead`` have in their data the first day ``on`` which it is missed, and its ``causes``.
    """

    code: ReasonCode
    severity: Literal["condition", "failure"]
    data: dict[str, Any]
    headings: Annotated[
        dict[Name, Text],
        Field(
            default_factory=dict,
            description="The heading of each standard and requirement named in the data, by number or requirement.",
        ),
    ]
    words: Text


class Finding(Frozen):
    """What a policy says of a service: the outcome in a word and a sentence, and every reason."""

    outcome: Outcome
    words: Text
    reasons: tuple[CheckReason, ...]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a policy asks beyond the pack: the day, the contract, when it was last submitted, whether it still stands.

    ``contract_end`` has to be there where the policy looks ahead, and is not read otherwise. ``not_in_force`` has
    the particulars of a rule set that is not published and in force, and is ``None`` for one that is.
    """

    as_of: date
    contract_end: date | None
    submitted_on: date
    withdrawn: bool
    not_in_force: Mapping[str, str | None] | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """The outline of a day ahead on which something changes by itself, and what was found to cause it."""

    on: date
    outline: Outline
    causes: tuple[Cause, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding with the determination that it rests on, and the accreditations that were left out of account."""

    finding: Finding
    determination: Determination
    without_accreditations: tuple[str, ...]


def judge(
    policy: Policy,
    rule_set: RuleSet,
    crosswalks: Iterable[Crosswalk],
    pack: Pack,
    circumstances: Circumstances,
) -> Judged:
    """Judge a pack by a policy on a day; where it asks ``holds_to_contract_end``, through the contract's end as well.

    Where accreditations are not accepted, the pack is the one that ``what_if`` supposes without them. Raises
    ``ValueError`` where it asks for the end of the contract and the ``circumstances`` have none.
    """
    known = tuple(crosswalks)
    left_out = () if policy.accreditation_accepted else tuple(sorted(item.id for item in pack.accreditations))
    supposed = supposed_pack(pack, Changes(without_accreditations=left_out))
    now = evaluate(rule_set, known, supposed, circumstances.as_of)
    ahead: tuple[Ahead, ...] = ()
    if policy.holds_to_contract_end:
        if circumstances.contract_end is None:
            raise ValueError("a policy that looks ahead is judged with the end of the contract")
        ahead = tuple(_ahead(policy, rule_set, known, supposed, now, circumstances.contract_end))
    return Judged(check(policy, circumstances, Outline.of(rule_set, now), ahead), now, left_out)


def check(policy: Policy, circumstances: Circumstances, now: Outline, ahead: Sequence[Ahead] = ()) -> Finding:
    """Every threshold of the policy that is missed ``now``, and those that will be on the days ``ahead``, in order.

    ``now`` is of the day of the ``circumstances``.
    """
    found = [
        *_of_circumstances(policy, circumstances, now),
        *((code, data) for (code, _), data in _misses(policy, now).items()),
        *_later(policy, now, ahead),
    ]
    headings = _headings(now.rule_set)
    reasons = tuple(_reason(policy, code, data, headings) for code, data in found)
    outcome: Outcome = "pass_with_conditions" if reasons else "pass"
    if any(reason.severity == "failure" for reason in reasons):
        outcome = "fail"
    return Finding(outcome=outcome, words=outcome_in_words(outcome, policy.rung), reasons=reasons)


def _ahead(
    policy: Policy,
    rule_set: RuleSet,
    crosswalks: tuple[Crosswalk, ...],
    pack: Pack,
    now: Determination,
    until: date,
) -> Iterator[Ahead]:
    """The days through ``until`` on which a threshold is missed that was not before, with what causes it."""
    missed = set(_misses(policy, Outline.of(rule_set, now)))
    while now.valid_through is not None and now.valid_through < until:
        now = evaluate(rule_set, crosswalks, pack, day_after(now.valid_through))
        outline = Outline.of(rule_set, now)
        new = _misses(policy, outline).keys() - missed
        if new:
            missed |= new
            turns = forecast(rule_set, crosswalks, pack, day_before(now.as_of), now.as_of)
            yield Ahead(now.as_of, outline, tuple(cause for turn in turns for cause in turn.causes))


def _of_circumstances(
    policy: Policy, circumstances: Circumstances, now: Outline
) -> Iterator[tuple[ReasonCode, dict[str, Any]]]:
    if circumstances.withdrawn:
        yield "assessment_withdrawn", {}
    if _weights(policy.rung, now)[1] == 0:
        yield "nothing_applies", {}
    numbers = {standard.number for standard in now.rule_set.standards}
    for number in sorted(set(policy.required_standards) - numbers):
        yield "not_in_rule_set", {"standard": number}
    for name in sorted(set(policy.required_requirements) - now.rule_set.requirements.keys()):
        yield "not_in_rule_set", {"requirement": name}
    if circumstances.not_in_force is not None:
        yield "rule_set_not_in_force", dict(circumstances.not_in_force)
    if policy.maximum_age_months is not None:
        accepted_until = add_months(circumstances.submitted_on, policy.maximum_age_months)
        if circumstances.as_of > accepted_until:
            yield (
                "assessment_too_old",
                {
                    "submitted_on": circumstances.submitted_on.isoformat(),
                    "accepted_until": accepted_until.isoformat(),
                },
            )


def _misses(policy: Policy, found: Outline) -> dict[tuple[Miss, str], dict[str, Any]]:
    """What an outline misses, by code and by what it is about, in order."""
    failing = found.failing(policy.rung)
    missed: dict[tuple[Miss, str], dict[str, Any]] = {}
    if policy.no_critical_gaps:
        for item in failing:
            if item.safety_critical:
                missed["critical_gap", item.id] = {"requirement": item.id}
    below = _below(policy, found)
    if below is not None:
        missed["compliance_below", ""] = below
    lacking = {item.id for item in failing if item.obligation == "must"}
    for standard in found.rule_set.standards:
        unmet = [item.id for item in standard.requirements if item.id in lacking]
        if standard.number in policy.required_standards and unmet:
            missed["standard_not_met", str(standard.number)] = {"standard": standard.number, "requirements": unmet}
    for item in failing:
        if item.id in policy.required_requirements:
            missed["requirement_not_met", item.id] = {"requirement": item.id}
    return missed


def _below(policy: Policy, found: Outline) -> dict[str, Any] | None:
    satisfied, applicable = _weights(policy.rung, found)
    if policy.minimum_compliance is None or not applicable:
        return None
    if Fraction(WHOLE * satisfied, applicable) >= Fraction(decimal_of(policy.minimum_compliance)):
        return None
    return {
        "minimum": policy.minimum_compliance,
        "compliance": getattr(found.compliance, policy.rung),
        "satisfied": satisfied,
        "applicable": applicable,
    }


def _weights(rung: Rung, found: Outline) -> tuple[int, int]:
    """The ``must`` weight satisfied and applicable, of which compliance is the published share (semantics.md 6)."""
    applicable, failing = (
        sum(item.weight for item in items if item.obligation == "must")
        for items in (found.applicable, found.failing(rung))
    )
    return applicable - failing, applicable


def _later(policy: Policy, now: Outline, ahead: Sequence[Ahead]) -> Iterator[tuple[ReasonCode, dict[str, Any]]]:
    """What will be missed and is not now, each with the first day on which it is."""
    known: Iterable[tuple[Miss, str]] = _misses(policy, now)
    first: dict[tuple[Miss, str], dict[str, Any]] = {}
    for day in ahead:
        causes = [cause.model_dump() for cause in day.causes]
        for key, data in _misses(policy, day.outline).items():
            if key not in known and key not in first:
                first[key] = {"on": day.on.isoformat(), **data, "causes": causes}
    places = {
        ("standard_not_met", str(standard.number)): place for place, standard in enumerate(now.rule_set.standards)
    }
    places |= {(code, name): place for place, name in enumerate(now.rule_set.requirements) for code in _OF_REQUIREMENTS}
    for key in sorted(first, key=lambda key: (_ORDER.index(key[0]), places.get(key, 0))):
        yield _LATER[key[0]], first[key]


_OF_REQUIREMENTS: Final[tuple[Miss, ...]] = ("critical_gap", "requirement_not_met")
_LATER: Final[dict[Miss, ReasonCode]] = {
    "critical_gap": "critical_gap_ahead",
    "compliance_below": "compliance_below_ahead",
    "standard_not_met": "standard_not_met_ahead",
    "requirement_not_met": "requirement_not_met_ahead",
}


def _headings(rule_set: RuleSet) -> dict[str, Text]:
    """The heading of each standard, by its number, and by each of its requirements."""
    return {
        name: standard.title
        for standard in rule_set.standards
        for name in (str(standard.number), *(item.id for item in standard.requirements))
    }


def _reason(policy: Policy, code: ReasonCode, data: dict[str, Any], headings: Mapping[str, Text]) -> CheckReason:
    named = [str(data[name]) for name in ("standard", "requirement") if name in data]
    named += data.get("requirements", [])
    return CheckReason(
        code=code,
        severity="condition" if code in policy.conditions else "failure",
        data=data,
        headings={name: headings[name] for name in named if name in headings},
        words=reason_in_words(code, data, policy.rung, headings),
    )
