"""The laws of semantics.md 10, but those on editions; each test quotes its own."""

# ruff: noqa: ANN401 -- parts of packs and rules are JSON, and JSON is anything

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.engine.check import pack_faults
from app.engine.determination import RUNGS, RequirementResult, Rung
from app.engine.evaluate import evaluate, glance
from app.engine.pack import Pack
from app.engine.tree import AnswerLeaf
from app.engine.values import moment
from tests.engine import small
from tests.engine.small import Json
from tests.packs import digest, pack_of
from tests.properties.strategies import worlds
from tests.properties.world import SCHEMES, UNUSED, World, lowered, raised

EXAMPLES = 25
LATER = "2900-01-01T00:00:00Z"
NEW = digest("new")


@given(worlds())
@settings(max_examples=EXAMPLES)
def test_packs_are_valid(world: World) -> None:
    """What the other laws are tried on is what the service would take."""
    assert pack_faults(world.rule_set, SCHEMES, world.read()) == ()


def _shuffled(value: Any, order: random.Random) -> Any:
    if isinstance(value, dict):
        return {name: _shuffled(item, order) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return order.sample([_shuffled(item, order) for item in value], len(value))
    return value


@given(worlds(), st.randoms(use_true_random=False))
@settings(max_examples=EXAMPLES)
def test_order(world: World, order: random.Random) -> None:
    """semantics.md: "The order of lists in the pack changes nothing"."""
    other = world.having(**_shuffled(world.pack, order))
    assert other.read().normal_form == world.read().normal_form
    assert other.determine().canonical == world.determine().canonical


@given(worlds(), st.lists(st.tuples(st.integers(-900, 900), st.sampled_from(RUNGS)), min_size=2, max_size=4))
@settings(max_examples=EXAMPLES)
def test_what_was_judged_before(world: World, asked: list[tuple[int, Rung]]) -> None:
    """semantics.md 1: "The same inputs give the same bytes", whatever day the same pack was judged on before."""
    pack, known = world.read(), world.crosswalks
    for days, rung in asked:
        day = world.day + timedelta(days=days)
        found = evaluate(world.rule_set, known, pack, day, rung)
        assert found.canonical == evaluate(world.rule_set, known, world.read(), day, rung).canonical
        assert glance(world.rule_set, known, pack, day) == glance(world.rule_set, known, world.read(), day)


@given(worlds())
@settings(max_examples=EXAMPLES)
def test_what_nothing_refers_to(world: World) -> None:
    """semantics.md: "nor does adding what nothing refers to (apart from the pack's hash)"."""
    more = world.having(
        documents=[*world.pack["documents"], small.document("doc-new")],
        answers=[*world.pack["answers"], small.answer(value=True, question=UNUSED, at=LATER)],
    )
    before, after = world.determine().json_form, more.determine().json_form
    assert before.pop("pack_sha256") != after.pop("pack_sha256")
    assert before == after


def _newest_acceptance(world: World, requirement: str) -> Json | None:
    reviews = [item for item in world.pack["reviews"] if item["requirement"] == requirement]
    newest = max(reviews, key=lambda item: moment(item["decided_at"]), default=None)
    return newest if newest and newest["decision"] == "accepted" else None


def _only_by_staleness(world: World, before: RequirementResult, after: RequirementResult, *, stale: bool) -> None:
    """A rung is lowered only where an acceptance goes stale: the verified one, and with an override any."""
    lost = lowered(before, after)
    if lost:
        review = _newest_acceptance(world, before.id)
        assert review is not None
        assert stale
        assert lost == ["verified"] or review.get("override")


@given(worlds(), st.data())
@settings(max_examples=EXAMPLES)
def test_one_more_good_document(world: World, data: st.DataObject) -> None:
    """As semantics.md has it.

    "Linking one more good document that replaces none … lowers a rung only where an acceptance goes stale by it".
    """
    assume(len(world.pack["responses"]) > 0)
    index = data.draw(st.integers(0, len(world.pack["responses"]) - 1))
    response = world.pack["responses"][index]
    kind = data.draw(st.sampled_from(small.DOCUMENT_TYPES[:2]))
    good = small.document("doc-new", kind, issued_on=str(world.day), sha256=NEW)
    more = world.having(documents=[*world.pack["documents"], good])
    more = more.changed("responses", index, documents=[*response["documents"], "doc-new"])
    name = response["requirement"]
    before = world.entries()[name]
    _only_by_staleness(world, before, more.entries()[name], stale=True)
    reviews = [item | {"documents": [*item["documents"], NEW]} for item in more.pack["reviews"]]
    assert lowered(before, more.having(reviews=reviews).entries()[name]) == []


def _satisfied(world: World) -> set[str]:
    """The answer leaves that hold: each judged as a requirement of its own."""
    leaves = [
        leaf
        for item in world.rule_set.requirements.values()
        for leaf in item.tree.leaves
        if isinstance(leaf, AnswerLeaf)
    ]
    plain = next(iter(world.rule_set.requirements.values())).replace(concerns="service", applies_when=None)
    alone = [plain.replace(id=f"1.{index}", met_when=leaf) for index, leaf in enumerate(leaves)]
    standard = world.rule_set.standards[0].replace(requirements=tuple(alone))
    claims = [small.response(name=item.id) for item in alone]
    asked = replace(world, rule_set=world.rule_set.replace(standards=(standard,)), crosswalks=())
    entries = asked.having(responses=claims, reviews=[]).entries()
    return {name for name, entry in entries.items() if entry.evidenced}


@given(worlds(), st.data())
@settings(max_examples=EXAMPLES)
def test_a_better_answer(world: World, data: st.DataObject) -> None:
    """As semantics.md has it.

    "changing an answer so that a leaf becomes satisfied and none unsatisfied … lowers a rung only where an acceptance
    goes stale by it".
    """
    leaves = [
        leaf.answer
        for item in world.rule_set.requirements.values()
        for leaf in item.tree.leaves
        if isinstance(leaf, AnswerLeaf)
    ]
    assume(leaves)
    rule = data.draw(st.sampled_from(leaves))
    operator, wanted = rule.test
    value: Any = (
        str(world.day) if operator == "within_months" else list(wanted) if isinstance(wanted, tuple) else wanted
    )
    value = value[0] if operator == "one_of" else value
    others = [item for item in world.pack["answers"] if item["question"] != rule.question]
    said = [item["answered_at"] for item in world.pack["answers"] if item["question"] == rule.question]
    at = data.draw(st.sampled_from([*said, LATER]))
    better = world.having(answers=[*others, small.answer(value, rule.question, at=at)])
    had, has = _satisfied(world), _satisfied(better)
    assume(had < has)
    after = better.entries()
    for name, before in world.entries().items():
        _only_by_staleness(world, before, after[name], stale=at == LATER)


@given(worlds())
@settings(max_examples=EXAMPLES)
def test_an_accreditation_added_or_marked_verified(world: World) -> None:
    """As semantics.md has it.

    "adding an accreditation, marking one verified, lowers a rung only where an acceptance goes stale by it": never.
    """
    held = world.pack["accreditations"]
    now = world.entries()
    for index, accreditation in enumerate(held):
        without = world.having(accreditations=[*held[:index], *held[index + 1 :]]).entries()
        seen = max(str(world.day), accreditation["awarded_on"])
        checked = world.changed(
            "accreditations", index, verified_on=seen, verified_by="usr-9", register="seen"
        ).entries()
        for name, entry in now.items():
            assert lowered(without[name], entry) == []
            assert lowered(entry, checked[name]) == []


@given(worlds())
@settings(max_examples=EXAMPLES)
def test_each_rung_implies_the_ones_before(world: World) -> None:
    """As semantics.md has it.

    "Satisfied on a rung implies satisfied on the ones before, and where both scores exist they order the same way".
    """
    found = world.determine()
    for entry in small.entries(found).values():
        if entry.applicability == "applicable":
            assert entry.evidenced or not entry.verified
            assert entry.declared or not entry.evidenced
            assert (entry.progress == "100.0") is entry.evidenced
        else:
            assert (entry.declared, entry.evidenced, entry.verified, entry.progress) == (None,) * 4
    for scores in [found.compliance, found.good_practice, *(item.compliance for item in found.standards)]:
        shown = [float(score) for rung in RUNGS if (score := getattr(scores, rung)) is not None]
        assert len(shown) in {0, 3}
        assert shown == sorted(shown, reverse=True)
    for counts in (found.counts.must, found.counts.should):
        assert sum(counts.by_route.values()) == counts.applicable + counts.excluded + counts.not_applicable


@given(worlds())
@settings(max_examples=EXAMPLES)
def test_gaps_are_what_is_not_satisfied_on_the_rung(world: World) -> None:
    """semantics.md 7: "An applicable requirement not satisfied on the asked rung"; what is asked has a reason."""
    found = world.determine()
    entries = small.entries(found)
    assert {gap.requirement for gap in found.gaps} == {
        name for name, entry in entries.items() if getattr(entry, world.rung) is False
    }
    for gap in found.gaps:
        told = {(item["leaf"], item.get("programme")) for item in gap.reasons if "leaf" in item}
        assert told == {(ask.leaf, ask.programme) for ask in gap.asks}
        assert gap.reasons or world.rung != "verified"


@given(worlds())
@settings(max_examples=EXAMPLES)
def test_taking_back_an_answer(world: World) -> None:
    """semantics.md: "Taking back (section 3) an answer … never raises a rung of a requirement that applied"."""
    now = world.entries()
    for index in range(len(world.pack["answers"])):
        after = world.changed("answers", index, value=None, answered_at=LATER).entries()
        assert all(raised(entry, after[name]) == [] for name, entry in now.items())


@given(worlds(), st.booleans())
@settings(max_examples=EXAMPLES)
def test_taking_back_a_response(world: World, keeps: bool) -> None:  # noqa: FBT001 -- drawn
    """semantics.md: "… or a response … never raises a rung … except where full coverage stands in for the response"."""
    now = world.entries()
    for index, response in enumerate(world.pack["responses"]):
        kept: Json = {} if keeps else {"documents": [], "exclusion_reason": None}
        draft = world.changed("responses", index, self_rating=None, version=response["version"] + 1, **kept)
        name = response["requirement"]
        after = draft.entries()[name]
        if raised(now[name], after):
            assert any(item.coverage == "full" for item in after.covered_by)


@given(worlds())
@settings(max_examples=EXAMPLES)
def test_unlinking_a_document_that_replaces_none(world: World) -> None:
    """semantics.md: "… unlinking a document that replaces none … never raises a rung of a requirement that applied"."""
    replacing = {item["id"] for item in world.pack["documents"] if item.get("replaces")}
    now = world.entries()
    for index, response in enumerate(world.pack["responses"]):
        for name in set(response["documents"]) - replacing:
            kept = [item for item in response["documents"] if item != name]
            fewer = world.changed("responses", index, documents=kept, version=response["version"] + 1)
            requirement = response["requirement"]
            assert raised(now[requirement], fewer.entries()[requirement]) == []


@given(worlds())
@settings(max_examples=EXAMPLES)
def test_leaving_out_a_field_of_the_profile(world: World) -> None:
    """semantics.md: "leaving out a field …, never raises a rung of a requirement that applied"."""
    now = world.entries()
    service = world.pack["service"]
    for field in service["profile"]:
        profile = {name: value for name, value in service["profile"].items() if name != field}
        after = world.having(service=service | {"profile": profile}).entries()
        for name, entry in now.items():
            assert raised(entry, after[name]) == []
            if entry.applicability == "applicable":
                assert after[name].applicability == "applicable"


@given(worlds())
@settings(max_examples=EXAMPLES)
def test_an_accreditation_affects_only_what_it_may(world: World) -> None:
    """As semantics.md has it.

    "A programme certificate never affects a requirement that does not concern programmes, and no accreditation affects
    what its crosswalk does not list".
    """
    held = world.pack["accreditations"]
    now, in_use = world.entries(), {item.id: item.version for item in world.determine().crosswalks}
    for index, accreditation in enumerate(held):
        without = world.having(accreditations=[*held[:index], *held[index + 1 :]]).entries()
        listed = {
            entry.requirement
            for walk in world.crosswalks
            if walk.scheme == accreditation["scheme"] and in_use.get(walk.id) == walk.version
            for entry in walk.entries
        }
        for name, requirement in world.rule_set.requirements.items():
            of_programmes = accreditation["scheme"] == "beta"
            if name not in listed or (of_programmes and requirement.concerns != "programme"):
                later = {"valid_through": None}  # a version to come may list it
                assert now[name].model_copy(update=later) == without[name].model_copy(update=later)


@given(worlds())
@settings(max_examples=EXAMPLES)
def test_exported_and_imported(world: World) -> None:
    """semantics.md: "A pack exported and imported gives the same bytes"."""
    pack = world.read()
    again = pack_of(pack.normal_form)
    assert again.normal_form == pack.normal_form
    assert again.sha256 == pack.sha256
    assert World(world.rule_set, world.crosswalks, pack.normal_form, world.day, world.rung).determine().canonical == (
        world.determine().canonical
    )


@given(worlds())
@settings(max_examples=EXAMPLES)
def test_repeats_in_sets_change_nothing(world: World) -> None:
    """formats.md: "sets sorted, without repeats"."""
    twice = world.having(
        documents=[item | {"programmes": item["programmes"] * 2} for item in world.pack["documents"]],
        responses=[item | {"documents": [*item["documents"]] * 2} for item in world.pack["responses"]],
        reviews=[item | {"documents": [*item["documents"]] * 2} for item in world.pack["reviews"]],
    )
    assert twice.read().sha256 == world.read().sha256
    assert twice.determine().canonical == world.determine().canonical


@given(worlds())
@settings(max_examples=EXAMPLES)
def test_a_glance_shows_the_same_scores(world: World) -> None:
    """semantics.md 6: scores and status alone, worked out by the same judgement."""
    found = world.determine()
    seen = glance(world.rule_set, world.crosswalks, Pack.model_validate(world.pack), world.day)
    assert (seen.status, seen.compliance, seen.progress, seen.good_practice) == (
        found.status, found.compliance, found.progress, found.good_practice,
    )  # fmt: skip
