"""The laws of editions, of what lies ahead, and of explanations (semantics.md 8 to 10), on made-up packs."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine.check import pack_faults
from app.engine.evaluate import evaluate, glance
from app.engine.explain import BranchFact, LeafFact, NodeFact, explain
from app.engine.forecast import forecast
from app.engine.lineage import carry_forward, lineage_problems
from app.engine.pack import newest
from app.engine.tree import AllOf, AnyOf, Node
from app.engine.values import add_months
from app.engine.what_if import Changes, supposed_pack, what_if
from tests.engine.editions import entry, following
from tests.engine.small import entries
from tests.properties.strategies import successors, worlds
from tests.properties.world import KEEPING, SCHEMES, World

EXAMPLES = 40


@given(worlds(), st.data())
@settings(max_examples=EXAMPLES)
def test_a_valid_pack_is_carried_to_a_valid_pack(world: World, data: st.DataObject) -> None:
    """semantics.md 9, "Carrying a pack forward": each kind of change keeps what it says, and no fault comes of it."""
    newer = data.draw(successors(world.rule_set))
    assert lineage_problems(world.rule_set, newer) == ()
    before = world.read()
    after = carry_forward(before, world.rule_set, newer)
    assert pack_faults(newer, SCHEMES, after) == ()
    assert newer.lineage is not None
    responses = {item.requirement: item for item in before.responses}
    carried = {item.requirement: item for item in after.responses}
    last, kept = newest(before.reviews), newest(after.reviews)
    opened = {name for held in before.accreditations for item in held.conditions for name in item.requirements}
    follow = {name for held in after.accreditations for item in held.conditions for name in item.requirements}
    for item in newer.lineage.entries:
        name, sources = item.requirement, [responses[parent] for parent in item.from_ if parent in responses]
        assert (name in carried) is bool(sources)
        assert (name in follow) is bool(opened & set(item.from_))
        if item.change in KEEPING and sources:
            there = tuple(one for one in sources[0].documents if one in {known.id for known in after.documents})
            assert carried[name] == sources[0].replace(requirement=name, documents=there)
        elif sources:
            assert carried[name].self_rating is None
            assert carried[name].version > max(source.version for source in sources)
        decisions = {last[parent].decision for parent in item.from_ if parent in last} - {"accepted"}
        if item.change != "unchanged":
            assert (name in kept) is bool(decisions)
            assert name not in kept or kept[name].decision == max(decisions)  # "rejected" > "more_information"


@given(worlds())
@settings(max_examples=EXAMPLES)
def test_where_everything_is_unchanged_nothing_changes(world: World) -> None:
    """semantics.md 9: "`unchanged` keeps the response and its reviews"; conditions follow."""
    lineage = [entry(name, "unchanged", name) for name in world.rule_set.requirements]
    newer = following(world.rule_set, *lineage)
    before = world.read()
    after = carry_forward(before, world.rule_set, newer)
    assert after.replace(rule_set=before.rule_set).normal_form == before.normal_form
    to_newer = [item.replace(rule_set={"id": newer.id, "version": newer.version}) for item in world.crosswalks]
    found = entries(evaluate(newer, to_newer, after, world.day, world.rung))
    assert found == world.entries()


@given(worlds())
@settings(max_examples=EXAMPLES)
def test_supposing_nothing_changes_nothing(world: World) -> None:
    """semantics.md 9: the impact is "the difference of two determinations"; of one with itself there is none."""
    pack = world.read()
    assert supposed_pack(pack, Changes()) == pack
    found = what_if(world.rule_set, world.crosswalks, pack, world.day, Changes())
    assert found.difference.changes == ()
    assert found.difference.before == found.difference.after


def _some_days(first: date, last: date) -> set[date]:
    """Each week after ``first``, and ``last``; what changed in between shows on the next of them."""
    return {last, *(first + timedelta(days=count) for count in range(1, (last - first).days, 7))}


@given(worlds())
@settings(max_examples=30)
def test_between_its_turns_a_forecast_is_constant(world: World) -> None:
    """semantics.md 8: "the dates ahead on which the status or a score of a service will change by itself and why"."""
    until = add_months(world.day, 14)
    pack = world.read()
    turns = forecast(world.rule_set, world.crosswalks, pack, world.day, until)
    by_day = {turn.on: turn for turn in turns}
    assert list(by_day) == sorted(by_day)
    known = glance(world.rule_set, world.crosswalks, pack, world.day)
    eves = {day - timedelta(days=1) for day in by_day} - {world.day}
    for day in sorted({*_some_days(world.day, until), *by_day, *eves}):
        now = glance(world.rule_set, world.crosswalks, pack, day)
        assert (now != known) is (day in by_day), day
        if day in by_day:
            assert (by_day[day].before, by_day[day].after) == (known, now)
            assert by_day[day].causes
            assert by_day[day].changes
        known = now


def _agrees(node: Node, fact: NodeFact) -> bool:
    """Whether the facts have the shape of the tree and each branch follows from its parts; says what the node does."""
    if isinstance(node, AllOf | AnyOf):
        assert isinstance(fact, BranchFact)
        children = node.all if isinstance(node, AllOf) else node.any
        parts = [_agrees(child, part) for child, part in zip(children, fact.parts, strict=True)]
        assert fact.holds is (all(parts) if isinstance(node, AllOf) else any(parts))
        return fact.holds
    assert isinstance(fact, LeafFact)
    assert fact.leaf == node.id
    assert fact.holds is (fact.by_evidence or bool(fact.covered_by))
    if fact.wanted_documents is not None:
        assert fact.by_evidence is (_distinct(fact) >= fact.wanted_documents)
    return fact.holds


def _distinct(fact: LeafFact) -> int:
    return len({item.document for item in fact.documents if item.good})


def _one_digest_each(world: World) -> World:
    """Documents of different content, so that counting ids counts documents."""
    documents = [item | {"sha256": f"{index:064x}"} for index, item in enumerate(world.pack["documents"])]
    return world.having(documents=documents)


@given(worlds())
@settings(max_examples=EXAMPLES)
def test_an_explanation_agrees_with_the_determination_to_the_leaf(made: World) -> None:
    """semantics.md 1: the same inputs give the same; an explanation is read from the judgement of 5 itself."""
    world = _one_digest_each(made)
    pack = world.read()
    for name, result in world.entries().items():
        found = explain(world.rule_set, world.crosswalks, pack, world.day, name)
        assert found.result == result
        requirement = world.rule_set.requirements[name]
        trees = [_agrees(requirement.met_when, subject.tree) for subject in found.judged]
        if result.evidenced and result.route != "override":
            assert all(trees)
        if result.applicability == "applicable" and result.declared and not result.evidenced:
            assert not all(trees) or (found.review is not None and found.review.decision == "rejected")
        covering = {item.accreditation for item in result.covered_by}
        counting = {item.accreditation for subject in found.judged for item in subject.certificates if item.counts}
        assert result.applicability != "applicable" or covering == (counting if found.coverage_may_stand_in else set())
