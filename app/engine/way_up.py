"""The cheapest way up: the fewest documents and answers that raise a pack to ``meets``, and what certificates save.

Planned for the evidenced rung of what must hold; what is planned is then judged by ``evaluate``, and what reviewers
must still decide for the verified rung is read from that. A question that an override in force rests on is answered
anew only where the requirement holds without the override. A claim that a requirement does not apply, which a reviewer
may still accept, is left to the reviewer.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, timedelta
from typing import Any, Final, Literal, TypeAlias

from app.engine.canonical import sha256_of
from app.engine.determination import Determination, FileRef, Scores, ServiceRef, Statuses, Weights
from app.engine.evaluate import evaluate
from app.engine.fewest import cost
from app.engine.ground import LeafGround, Linked, leaves
from app.engine.pack import Answer, Document, Pack, Rating, Review
from app.engine.planning import Plan, planned, results
from app.engine.rules import Crosswalk, RuleSet
from app.engine.tree import Tree
from app.engine.values import AnyValue, CivilDate, Frozen, Id, Name, Text, moment
from app.engine.what_if import Changes, ResponseChange, supposed_pack

StepKind: TypeAlias = Literal["link", "document", "answer"]
# Whoever decides what is supposed to be decided.
_REVIEWER: Final = "reviewer"
_SEEN: Final = {"verified_by": _REVIEWER, "register_seen": "seen"}


class Served(Frozen):
    """A leaf of a requirement that a step satisfies, or helps to."""

    requirement: Name
    leaf: Id
    ask: Text


class Step(Frozen):
    """One document to link that is on file, one new document, or one answer.

    ``subject`` is the id of the document on file, the type of the new one, or the question; ``document`` the id that it
    has in ``changes``. ``value`` is an answer that would do, ``wanted`` all that is asked of it. ``closes`` names the
    requirements that have all that they need with this step and those before it.
    """

    kind: StepKind
    subject: Name
    document: Name | None = None
    value: AnyValue = None
    wanted: tuple[dict[str, Any], ...] = ()
    serves: tuple[Served, ...]
    closes: tuple[Name, ...]


class Claim(Frozen):
    """A requirement that the provider has to rate ``met``, and what it says now (``None``: nothing yet)."""

    requirement: Name
    self_rating: Rating | None


class Point(Frozen):
    """Where the service stands at one point of the way."""

    status: Statuses
    compliance: Scores


class Reliance(Frozen):
    """What one accreditation saves, and would cost to lose.

    ``weight`` is that of ``rests_on``; ``evidenced`` and ``verified`` name the ``must`` requirements that would fall
    from that rung, ``without`` is where the service would stand, and ``saves`` how many more documents and answers it
    would then be from ``meets``.
    """

    accreditation: Name
    scheme: Name
    weight: Weights
    evidenced: tuple[Name, ...]
    verified: tuple[Name, ...]
    without: Point
    saves: int


class Gain(Frozen):
    """What a certificate of a scheme would cover in full that is open, and how many documents and answers that saves.

    It would have to be of an edition and stage that the crosswalk recognises, and to reach what is judged.
    """

    scheme: Name
    covers: tuple[Name, ...]
    saves: int


class WayUp(Frozen):
    """How a service gets to ``meets`` with the fewest documents and answers.

    ``fewest`` is how many of them ``steps`` has; nothing less than ``at_least`` could do, and ``exact`` says whether
    the two are equal. ``accept`` and ``verify`` are what reviewers must still decide: requirements to accept and
    accreditations to see on the register. ``beyond`` are requirements that contradict others or that nothing was found
    for; ``unstated`` fields of the profile for lack of which requirements apply. ``changes`` may be supposed
    (``what_if``); they lead to ``after_steps``, and with the decisions to ``after_decisions``.
    """

    rule_set: FileRef
    service: ServiceRef
    as_of: CivilDate
    now: Point
    after_steps: Point
    after_decisions: Point
    fewest: int
    at_least: int
    exact: bool
    steps: tuple[Step, ...]
    claims: tuple[Claim, ...]
    accept: tuple[Name, ...]
    verify: tuple[Name, ...]
    beyond: tuple[Name, ...]
    unstated: dict[Name, tuple[Id, ...]]
    accreditations: tuple[Reliance, ...]
    schemes: tuple[Gain, ...]
    changes: Changes


def way_up(rule_set: RuleSet, crosswalks: Iterable[Crosswalk], pack: Pack, as_of: date) -> WayUp:
    """Plan the way from the pack as judged on ``as_of``; it must have passed ``app.engine.check.pack_faults``."""
    known = tuple(crosswalks)
    plan = planned(rule_set, known, pack, as_of)
    road = _Road(plan, pack)
    changes = road.changes()
    shown = supposed_pack(pack, changes)
    then = evaluate(rule_set, known, shown, as_of)
    accept, verify, decided = _decisions(rule_set, known, shown, then, as_of)
    rated = {item.requirement: item.self_rating for item in pack.responses}
    fewest = cost(plan.found.chosen)
    return WayUp(
        rule_set=plan.now.rule_set,
        service=plan.now.service,
        as_of=as_of,
        now=_point(plan.now),
        after_steps=_point(then),
        after_decisions=_point(decided),
        fewest=fewest,
        at_least=plan.found.at_least,
        exact=fewest == plan.found.at_least,
        steps=tuple(road.steps()),
        claims=tuple(Claim(requirement=name, self_rating=rated.get(name)) for name in plan.claims),
        accept=accept,
        verify=verify,
        beyond=plan.beyond,
        unstated={
            gap.requirement: tuple(reason["fields"])
            for gap in plan.open
            for reason in gap.reasons
            if reason["code"] == "profile_unstated"
        },
        accreditations=tuple(_reliances(rule_set, known, pack, plan, evaluate(rule_set, known, pack, as_of))),
        schemes=tuple(_gains(plan)),
        changes=changes,
    )


class _Road:
    """A plan as steps, the ones that serve most requirements first."""

    def __init__(self, plan: Plan, pack: Pack) -> None:
        self._plan = plan
        self._pack = pack
        chosen = plan.found.chosen
        self._options = {name: number for (kind, name), number in chosen.items() if kind == "answer"}
        known = {document.id for document in pack.documents}
        self._new = {
            _unused(f"new-{name}-{number}", known): name
            for (kind, name), count in sorted(chosen.items())
            if kind == "document"
            for number in range(1, count + 1)
        }
        self._open = [gap.requirement for gap in plan.open]
        self._linked = {name: found for name in plan.grounds if (found := self._needed(name))}

    def changes(self) -> Changes:
        """All steps and claims at once; new documents are issued on the day judged, and speak for every programme."""
        day = self._plan.now.as_of
        return Changes(
            documents=tuple(
                Document(id=name, type=kind, issued_on=day, sha256=sha256_of(name)) for name, kind in self._new.items()
            ),
            answers=tuple(
                Answer(question=name, value=self._value(name), answered_at=_after(self._pack, day))
                for name in sorted(self._options)
            ),
            responses=tuple(
                ResponseChange(requirement=name, self_rating="met", exclusion_reason=None) for name in self._plan.claims
            ),
            link={name: tuple(sorted(found)) for name, found in self._linked.items()},
        )

    def steps(self) -> Iterator[Step]:
        """The steps in their order, each with what it closes."""
        steps = [*self._documents(), *self._answers()]
        steps.sort(key=lambda step: (-len({item.requirement for item in step.serves}), step.kind, step.subject))
        waiting = [name for name in self._open if not self._holds(name, (), {})]
        documents: list[str] = []
        options: dict[str, int] = {}
        for step in steps:
            if step.document is None:
                options[step.subject] = self._options[step.subject]
            else:
                documents.append(step.document)
            closed = tuple(name for name in waiting if self._holds(name, documents, options))
            waiting = [name for name in waiting if name not in closed]
            yield step.replace(closes=closed)

    def _documents(self) -> Iterator[Step]:
        for name in sorted({name for found in self._linked.values() for name in found}):
            kind = self._new.get(name)
            served = [
                (requirement, leaf)
                for requirement, found in self._linked.items()
                if name in found
                for leaf in self._leaves(requirement)
                if (name in leaf.good or kind in leaf.types) and not leaf.holds(self._plan.own[requirement], {})
            ]
            yield Step(
                kind="link" if kind is None else "document",
                subject=kind or name,
                document=name,
                serves=_serves(served),
                closes=(),
            )

    def _answers(self) -> Iterator[Step]:
        for name, option in sorted(self._options.items()):
            others = {question: number for question, number in self._options.items() if question != name}
            served = [
                (requirement, leaf)
                for requirement in self._plan.grounds
                for leaf in self._leaves(requirement)
                if leaf.question == name
                and option in leaf.options
                and 0 not in leaf.options
                and (requirement in self._open or not self._holds(requirement, self._new, others))
            ]
            tests = [
                dict([asked.answer.test])
                for requirement, leaf in served
                for asked in self._tree(requirement).answer_leaves
                if asked.id == leaf.id
            ]
            yield Step(
                kind="answer",
                subject=name,
                value=self._value(name),
                wanted=tuple(test for index, test in enumerate(tests) if test not in tests[:index]),
                serves=_serves(served),
                closes=(),
            )

    def _value(self, question: str) -> Any:  # noqa: ANN401  # whatever the type of the question
        return self._plan.options.values[question][self._options[question] - 1]

    def _tree(self, requirement: str) -> Tree:
        return self._plan.options.rule_set.requirements[requirement].tree

    def _leaves(self, requirement: str) -> list[LeafGround]:
        found = [leaf for ground in self._plan.grounds[requirement] for leaf in leaves(ground)]
        return [leaf for leaf in found if not leaf.covered]

    def _needed(self, requirement: str) -> Linked:
        """The documents to link to the requirement, none of which can be left out; new ones are left out first."""
        tree = self._tree(requirement)
        types = {kind for leaf in tree.document_leaves for kind in leaf.document.types}
        found: dict[str, str | None] = dict.fromkeys(self._plan.on_file.get(requirement, ()))
        found |= {name: kind for name, kind in self._new.items() if kind in types}
        touched = requirement in self._open or not tree.questions.isdisjoint(self._options)
        if not (touched and self._stands(requirement, found, self._options)):
            found = {}
        for name in reversed(list(found)):
            fewer = {other: kind for other, kind in found.items() if other != name}
            if self._stands(requirement, fewer, self._options):
                found = fewer
        return found

    def _holds(self, requirement: str, documents: Iterable[str], options: Mapping[str, int]) -> bool:
        """Whether the requirement has all that it needs with these documents, where they are linked to it."""
        linked = self._linked.get(requirement, {})
        return self._stands(requirement, {name: linked[name] for name in documents if name in linked}, options)

    def _stands(self, requirement: str, linked: Linked, options: Mapping[str, int]) -> bool:
        at_hand = {**self._plan.own[requirement], **linked}
        return all(ground.holds(at_hand, options) for ground in self._plan.grounds[requirement])


def _serves(found: Iterable[tuple[str, LeafGround]]) -> tuple[Served, ...]:
    """Each leaf once, though it may be judged for several programmes."""
    return tuple(dict.fromkeys(Served(requirement=name, leaf=leaf.id, ask=leaf.ask) for name, leaf in found))


def _unused(name: str, known: set[str]) -> str:
    while name in known:
        name = f"new-{name}"
    return name


def _after(pack: Pack, day: date) -> str:
    """An instant after everything that was said and decided."""
    said = [*(item.moment for item in pack.answers), *(item.moment for item in pack.reviews)]
    last = max([moment(f"{day}T00:00:00Z"), *said]) + timedelta.resolution
    return last.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _point(found: Determination) -> Point:
    return Point(status=found.status, compliance=found.compliance)


def _decisions(
    rule_set: RuleSet, crosswalks: tuple[Crosswalk, ...], pack: Pack, found: Determination, day: date
) -> tuple[tuple[str, ...], tuple[str, ...], Determination]:
    """What to accept, which accreditations to see on the register, and what would stand once that is done."""
    accept = _lacking(found)
    decided = evaluate(rule_set, crosswalks, _accepted(pack, accept, day), day)
    verify = sorted(
        {
            reason["accreditation"]
            for gap in decided.gaps
            if gap.obligation == "must"
            for reason in gap.reasons
            if reason["code"] == "accreditation_unverified"
        }
    )
    if not verify:
        return accept, (), decided
    held = tuple(item.replace(verified_on=day, **_SEEN) if item.id in verify else item for item in pack.accreditations)
    verified = pack.replace(accreditations=held)
    accept = _lacking(evaluate(rule_set, crosswalks, verified, day))
    return accept, tuple(verify), evaluate(rule_set, crosswalks, _accepted(verified, accept, day), day)


def _lacking(found: Determination) -> tuple[str, ...]:
    return tuple(gap.requirement for gap in found.gaps if gap.obligation == "must")


def _accepted(pack: Pack, names: Iterable[str], day: date) -> Pack:
    """The pack with these requirements accepted as they stand."""
    responses = {item.requirement: item for item in pack.responses}
    digests = {item.id: item.sha256 for item in pack.documents}
    reviews = []
    for name in names:
        response = responses.get(name)
        reviews.append(
            Review(
                requirement=name,
                response_version=0 if response is None else response.version,
                documents=tuple(sorted({digests[item] for item in response.documents})) if response else (),
                programmes=tuple(programme.id for programme in pack.service.programmes),
                decision="accepted",
                reviewer=_REVIEWER,
                decided_at=_after(pack, day),
            )
        )
    return pack.replace(reviews=(*pack.reviews, *reviews))


def _reliances(
    rule_set: RuleSet, crosswalks: tuple[Crosswalk, ...], pack: Pack, plan: Plan, now: Determination
) -> Iterator[Reliance]:
    before = results(now)
    for item in now.rests_on:
        held = tuple(each for each in pack.accreditations if each.id != item.accreditation)
        without = pack.replace(accreditations=held)
        other = planned(rule_set, crosswalks, without, now.as_of)
        after = results(other.now)
        lost = [name for name, entry in before.items() if entry.obligation == "must"]
        yield Reliance(
            accreditation=item.accreditation,
            scheme=item.scheme,
            weight=item.weight,
            evidenced=tuple(name for name in lost if before[name].evidenced and not after[name].evidenced),
            verified=tuple(name for name in lost if before[name].verified and not after[name].verified),
            without=_point(other.now),
            saves=cost(other.found.chosen) - cost(plan.found.chosen),
        )


def _gains(plan: Plan) -> Iterator[Gain]:
    for scheme in sorted({name for gap in plan.open for name in gap.would_be_covered_by}):
        covers = tuple(gap.requirement for gap in plan.open if scheme in gap.would_be_covered_by)
        saves = cost(plan.found.chosen) - cost(plan.without(set(covers)).chosen)
        yield Gain(scheme=scheme, covers=covers, saves=saves)
