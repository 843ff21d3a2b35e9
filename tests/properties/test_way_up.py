"""The way up leads there, nothing of it can be left out, and trying everything finds none that is shorter."""

from collections.abc import Iterator
from itertools import chain, combinations

from hypothesis import assume, given, settings

from app.engine.determination import Determination
from app.engine.pack import Answer, Document, Pack
from app.engine.way_up import WayUp, way_up
from app.engine.what_if import Changes, ResponseChange, supposed_pack
from tests.engine.small import DOCUMENT_TYPES, OPTIONS, entries
from tests.packs import digest
from tests.properties.strategies import worlds
from tests.properties.world import World

LATER = "2030-01-01T00:00:00Z"
VALUES = {
    "choice": OPTIONS["choice"],
    "choices": [value for size in (1, 2, 3, 4) for value in combinations(OPTIONS["choices"], size)],
    "boolean": (True, False),
    "integer": range(-2, 4),
    "decimal": ("-0.5", "0.1", "1", "1.2", "1.5", "9", "10", "11"),
}


def _judged(world: World, pack: Pack) -> Determination:
    """With every rejection out of the way, as a plan supposes that reviewers will decide, but of an exclusion.

    Whoever said that a requirement does concern the service is not supposed to say otherwise of the same claim.
    """
    out = {item.requirement for item in pack.responses if item.self_rating == "not_applicable"}
    kept = tuple(item for item in pack.reviews if item.decision == "accepted" or item.requirement in out)
    return World(
        world.rule_set, world.crosswalks, pack.replace(reviews=kept).model_dump(by_alias=True), world.day, "evidenced"
    ).determine()


def _open(found: Determination) -> set[str]:
    waiting = {"exclusion_unreviewed"}
    return {
        gap.requirement
        for gap in found.gaps
        if gap.obligation == "must" and waiting.isdisjoint(reason["code"] for reason in gap.reasons)
    }


def _lessened(plan: WayUp) -> Iterator[Changes]:
    """The changes without one step each."""
    changes = plan.changes
    for step in plan.steps:
        link = {name: tuple(item for item in linked if item != step.document) for name, linked in changes.link.items()}
        yield changes.replace(
            documents=tuple(item for item in changes.documents if item.id != step.document),
            answers=tuple(item for item in changes.answers if step.kind != "answer" or item.question != step.subject),
            link=link,
        )


@given(worlds())
@settings(max_examples=8)
def test_the_way_leads_to_meets_and_none_of_its_steps_can_be_left_out(world: World) -> None:
    pack = world.read()
    plan = way_up(world.rule_set, world.crosswalks, pack, world.day)
    assert plan == way_up(world.rule_set, world.crosswalks, pack, world.day)
    shown = _judged(world, supposed_pack(pack, plan.changes))
    assert _open(shown) <= set(plan.beyond)
    assert plan.exact
    if not plan.beyond:
        assert plan.after_decisions.status.verified in {"meets", "not_assessed"}
        assert plan.after_decisions.status.evidenced == plan.after_decisions.status.verified
    before = _open(_judged(world, pack))
    closed = [name for step in plan.steps for name in step.closes]
    assert len(closed) == len(set(closed))
    assert set(closed) <= before
    for fewer in _lessened(plan):
        assert _open(_judged(world, supposed_pack(pack, fewer))) - set(plan.beyond)


def _cheaper(world: World, most: int) -> Iterator[Changes]:
    """Every choice of at most ``most`` documents and answers, with every choice of documents on file to link."""
    pack = world.read()
    now = _judged(world, pack)
    names = _open(now)
    claims = tuple(ResponseChange(requirement=name, self_rating="met", exclusion_reason=None) for name in sorted(names))
    musts = [
        name for name, item in entries(now).items() if item.obligation == "must" and item.applicability == "applicable"
    ]
    files = [document.id for document in pack.documents]
    linkings = list(chain.from_iterable(combinations(files, size) for size in range(len(files) + 1)))
    questions = {
        leaf.answer.question for item in world.rule_set.requirements.values() for leaf in item.tree.answer_leaves
    }
    kinds = DOCUMENT_TYPES[:2]
    values = VALUES | {"date": [str(world.day)]}
    answers = [(name, value) for name in sorted(questions) for value in values[name]]
    for count in range(most + 1):
        for new in range(count + 1):
            for types in combinations([kind for kind in kinds for _ in range(new)], new):
                for said in combinations(answers, count - new):
                    if len({name for name, _ in said}) < len(said):
                        continue
                    documents = tuple(
                        Document(id=f"n-{index}", type=kind, issued_on=world.day, sha256=digest(f"n-{index}"))
                        for index, kind in enumerate(types)
                    )
                    for linked in linkings:
                        link = (*linked, *(item.id for item in documents))
                        yield Changes(
                            documents=documents,
                            answers=tuple(
                                Answer(question=name, value=value, answered_at=LATER) for name, value in said
                            ),
                            responses=claims,
                            link=dict.fromkeys(names, link)
                            | {name: tuple(item.id for item in documents) for name in musts if name not in names},
                        )


@given(worlds())
@settings(max_examples=8)
def test_nothing_shorter_leads_there(world: World) -> None:
    plan = way_up(world.rule_set, world.crosswalks, world.read(), world.day)
    assume(not plan.beyond and 1 <= plan.fewest <= 2 and len(world.pack["documents"]) <= 3)
    pack = world.read()
    for changes in _cheaper(world, plan.fewest - 1):
        assert _open(_judged(world, supposed_pack(pack, changes))), changes
