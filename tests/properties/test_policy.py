"""A policy is monotone: who asks for more keeps every reason, and never passes more (docs/policies.md)."""

from datetime import date, timedelta
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from app.engine.determination import RUNGS
from app.engine.policy import Circumstances, Judged, Policy, ReasonCode, judge
from tests.properties.strategies import worlds
from tests.properties.world import World

OUTCOMES = ("pass", "pass_with_conditions", "fail")


@st.composite
def policies(draw: DrawFn) -> Policy:
    lenient: list[Any] = ["compliance_below", "critical_gap", "requirement_not_met_ahead"]
    return Policy(
        name="Ours",
        rule_set="small",
        rung=draw(st.sampled_from(RUNGS)),
        minimum_compliance=draw(st.sampled_from([None, "0", "33.4", "66.6", "100"])),
        required_standards=tuple(draw(st.sets(st.sampled_from([1, 2])))),
        required_requirements=tuple(sorted(draw(st.sets(st.sampled_from(["1.1", "1.2", "2.1"]))))),
        no_critical_gaps=draw(st.booleans()),
        holds_to_contract_end=draw(st.booleans()),
        accreditation_accepted=draw(st.booleans()),
        maximum_age_months=draw(st.sampled_from([None, 0, 6])),
        conditions=tuple(draw(st.sets(st.sampled_from(lenient)))),
    )


def stricter(policy: Policy) -> SearchStrategy[Policy]:
    """The policy with one threshold raised or added."""
    return st.sampled_from(
        [
            policy.replace(minimum_compliance="100"),
            policy.replace(required_standards=(1, 2)),
            policy.replace(required_requirements=("1.1", "1.2", "2.1")),
            policy.replace(no_critical_gaps=True),
            policy.replace(holds_to_contract_end=True),
            policy.replace(maximum_age_months=0),
            policy.replace(rung="verified"),
        ]
    )


def judged(world: World, policy: Policy, end: date) -> Judged:
    at = Circumstances(
        as_of=world.day,
        contract_end=end,
        submitted_on=world.day - timedelta(days=40),
        withdrawn=False,
        not_in_force=None,
    )
    return judge(policy, world.rule_set, world.crosswalks, world.read(), at)


def about(found: Judged) -> set[tuple[str, str]]:
    """What each reason is about, where one of a day ahead counts like one of now."""
    return {
        (
            reason.code.removesuffix("_ahead"),
            str(reason.data.get("requirement") or reason.data.get("standard")),
        )
        for reason in found.finding.reasons
    }


@given(worlds(), policies(), st.data())
@settings(max_examples=25)
def test_asking_for_more_loses_no_reason_and_never_passes_more(
    world: World, policy: Policy, data: st.DataObject
) -> None:
    end = world.day + timedelta(days=700)
    before = judged(world, policy, end)
    more = data.draw(stricter(policy))
    after = judged(world, more, end)
    assert about(before) <= about(after)
    longer = judged(world, policy, end + timedelta(days=700))
    assert about(before) <= about(longer)
    assert OUTCOMES.index(before.finding.outcome) <= OUTCOMES.index(longer.finding.outcome)
    if more.rung == policy.rung:
        assert OUTCOMES.index(before.finding.outcome) <= OUTCOMES.index(after.finding.outcome)
    assert judged(world, policy, end) == before
    order = [get_args(ReasonCode).index(reason.code) for reason in after.finding.reasons]
    assert order == sorted(order)


@given(worlds(), policies())
@settings(max_examples=15)
def test_the_order_of_a_policy_s_lists_changes_nothing(world: World, policy: Policy) -> None:
    turned = policy.replace(
        required_standards=policy.required_standards[::-1],
        required_requirements=policy.required_requirements[::-1],
        conditions=policy.conditions[::-1],
    )
    end = world.day + timedelta(days=400)
    assert judged(world, turned, end) == judged(world, policy, end)
