"""What a pack lacks on the evidenced rung, and the fewest documents and answers that would supply it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from app.engine.determination import Determination, Gap, RequirementResult
from app.engine.evaluate import evaluate
from app.engine.explain import explain
from app.engine.fewest import AnswerAmong, Either, Every, Fewest, Need, fewest
from app.engine.ground import Ground, Linked, Options, grounds, on_file
from app.engine.pack import Pack, Rating
from app.engine.rules import Crosswalk, RuleSet
from app.engine.what_if import Changes, ResponseChange, supposed_pack


@dataclass(frozen=True, slots=True)
class Plan:
    """What stands, what is open, and what would close it.

    ``open`` are the gaps among ``must`` requirements that documents, answers and claims can close, gravest first;
    ``claims`` those of them that have to be rated ``met`` first. ``grounds``, ``own`` and ``on_file`` have the trees of
    what is open and of what shares a question with it, the documents linked now, and those on file that may be linked.
    """

    now: Determination
    open: tuple[Gap, ...]
    claims: tuple[str, ...]
    grounds: Mapping[str, tuple[Ground, ...]]
    own: Mapping[str, Linked]
    on_file: Mapping[str, tuple[str, ...]]
    options: Options
    needs: Mapping[str, Need]
    found: Fewest

    @property
    def beyond(self) -> tuple[str, ...]:
        """Requirements that nothing satisfies beside the rest."""
        names = tuple(self.needs)
        return tuple(names[index] for index in self.found.beyond)

    def without(self, names: Collection[str]) -> Fewest:
        """The fewest, were these requirements satisfied by something else."""
        return fewest([need for name, need in self.needs.items() if name not in names])


def results(found: Determination) -> dict[str, RequirementResult]:
    """Every requirement's result, by its id."""
    return {item.id: item for standard in found.standards for item in standard.requirements}


def planned(rule_set: RuleSet, crosswalks: Iterable[Crosswalk], pack: Pack, day: date) -> Plan:
    """Plan for the pack as judged on ``day``; it must have passed ``app.engine.check.pack_faults``."""
    known = tuple(crosswalks)
    now = evaluate(rule_set, known, pack, day, "evidenced")
    result = results(now)
    gaps = tuple(gap for gap in now.gaps if gap.obligation == "must" and not _waits(gap))
    names = [gap.requirement for gap in gaps]
    claims = tuple(name for name in names if not result[name].declared)
    claimed = supposed_pack(pack, _claiming(claims))
    names = [*_sharing(rule_set, result, names), *names]
    wanted = {name: rule_set.requirements[name] for name in names}
    options = Options.of(rule_set, wanted.values(), pack, day)
    linked_now = {item.requirement: item.documents for item in pack.responses}
    own: dict[str, Linked] = {name: dict.fromkeys(linked_now.get(name, ())) for name in names}

    explained = {name: explain(rule_set, known, claimed, day, name) for name in names}
    ground = {name: grounds(explained[name], wanted[name], options, claimed) for name in names}
    may_link = {
        name: on_file(claimed, wanted[name], own[name], ground[name], day) for name in (gap.requirement for gap in gaps)
    }
    linked = supposed_pack(claimed, Changes(link=may_link))
    for name in (name for name, found in may_link.items() if found):
        ground[name] = grounds(explain(rule_set, known, linked, day, name), wanted[name], options, linked)
    needs: dict[str, Need] = {}
    for name in names:
        at_hand = {**own[name], **dict.fromkeys(may_link.get(name, ()))}
        needs[name] = Every(tuple(item.need(at_hand) for item in ground[name]))
        if result[name].route == "override":
            needs[name] = _undisturbed(rule_set, name, needs[name], explained[name].self_rating)
    found = fewest(list(needs.values()))
    return Plan(now, gaps, claims, ground, own, may_link, options, needs, found)


def _waits(gap: Gap) -> bool:
    """Whether only a reviewer has to say that the requirement does not apply."""
    return any(reason["code"] == "exclusion_unreviewed" for reason in gap.reasons)


def _claiming(names: Iterable[str]) -> Changes:
    return Changes(
        responses=tuple(ResponseChange(requirement=name, self_rating="met", exclusion_reason=None) for name in names)
    )


def _sharing(rule_set: RuleSet, result: Mapping[str, RequirementResult], names: Iterable[str]) -> list[str]:
    """What holds and shares a question with what does not, directly or through others: a new answer may undo it."""
    questions = {question for name in names for question in rule_set.requirements[name].tree.questions}
    found: list[str] = []
    while True:
        more = [
            name
            for name, item in rule_set.requirements.items()
            if item.obligation == "must"
            and result[name].evidenced
            and name not in found
            and not questions.isdisjoint(item.tree.questions)
        ]
        if not more:
            return found
        found += more
        questions.update(question for name in more for question in rule_set.requirements[name].tree.questions)


def _undisturbed(rule_set: RuleSet, name: str, need: Need, rating: Rating | None) -> Need:
    """The override goes stale with a new answer to a question of the tree (semantics.md 5.2); then the tree decides."""
    as_it_stands = frozenset({0})
    kept = Every(
        tuple(AnswerAmong(question, as_it_stands) for question in sorted(rule_set.requirements[name].tree.questions))
    )
    return Either((kept, need)) if rating == "met" else kept
