"""Judging one requirement of one pack on one day (semantics.md 5)."""

from collections.abc import Sequence
from datetime import date
from typing import TypeAlias

from app.engine.conditions import Truth, stated, unstated
from app.engine.coverage import Entries, Subject
from app.engine.determination import Applicability
from app.engine.evidence import Evidence, evidence
from app.engine.outcome import Outcome, not_judged, outcome
from app.engine.pack import Filed, Pack, Rating, Response, Shelf
from app.engine.plan import Plan, Plans
from app.engine.reviews import NO_REVIEW, Standing, standing_of
from app.engine.standing_in import NOTHING_HELD, Coverage, Covering, Holdings, Names

# What a requirement is judged for, their names, and the unstated fields that alone make it judged for some of them.
Subjects: TypeAlias = tuple[tuple[Subject, ...], Names, tuple[str, ...]]


class State:
    """All that a day decides about a case.

    ``shown`` has the leaves that hold by evidence alone, for each subject.
    """

    __slots__ = ("covering", "day", "outcome", "shown")

    def __init__(self, day: date, shown: tuple[int, ...], covering: Covering, outcome: Outcome) -> None:
        self.day = day
        self.shown = shown
        self.covering = covering
        self.outcome = outcome

    def differs(self, other: "State") -> bool:
        """Whether anything but the day is different."""
        same = self.shown == other.shown and self.outcome is other.outcome and self.covering.same(other.covering)
        return not same


_NOTHING_SAID: tuple[Response | None, Rating | None, Sequence[Filed]] = (None, None, ())


class Case:
    """One requirement of one pack: everything that can be settled before the day is known."""

    __slots__ = (
        "_different",
        "_holdings",
        "applicability",
        "listed",
        "plan",
        "programmes",
        "rating",
        "response",
        "standing",
        "stands_in",
        "subjects",
        "unstated",
    )

    def __init__(self, plan: Plan, shelf: Shelf, everything: Subjects, holdings: Holdings) -> None:
        """``everything`` is what the requirement concerns: the service, or each of its programmes."""
        name = plan.id
        self._holdings = holdings
        self.plan = plan
        self.response, self.rating, linked = shelf.said.get(name, _NOTHING_SAID)
        # Most requirements apply whatever the profile says.
        judged = everything if plan.applies is None else _applicable(plan, plan.applies, everything[0])
        self.subjects, self.programmes, self.unstated = judged
        self.stands_in = self.rating is None or self.rating == "met"
        self.listed = name in holdings.listed
        self.standing: Standing = NO_REVIEW
        review = shelf.reviews.get(name)
        if review is not None:
            self.standing = standing_of(review, plan, self.response, linked, self.programmes, shelf)
        # No date enters: neither profiles nor acceptances of an exclusion change by themselves (semantics.md 5.1).
        self.applicability: Applicability = "applicable"
        if not self.subjects:
            self.applicability = "not_applicable"
        elif self.rating == "not_applicable" and self._excluded():
            self.applicability = "excluded"
        # For each subject; one for all of them where no document names programmes.
        self._different = evidence(plan, linked, self.programmes, shelf)

    def evidence(self, subject: int) -> Evidence:
        """The documents and answers that count for this one of the ``subjects``."""
        return self._different[subject if len(self._different) > 1 else 0]

    def _excluded(self) -> bool:
        # An exclusion is never accepted by an override, so any day will do.
        return self.exclusion_allowed and self.standing.worth(date.max) == "accepted"

    @property
    def exclusion_claimed(self) -> bool:
        """Whether the provider says that the requirement does not apply."""
        return self.rating == "not_applicable"

    @property
    def exclusion_allowed(self) -> bool:
        """Whether it may say so, and says why."""
        return self.plan.may_be_excluded and self.exclusion_explained

    @property
    def exclusion_explained(self) -> bool:
        """Whether a reason is given; blanks are none."""
        reason = None if self.response is None else self.response.exclusion_reason
        return bool(reason and reason.strip())

    def state(self, day: date, before: State | None = None) -> State:
        """What holds on ``day``; ``before`` is what held on an earlier one, of which some may hold still."""
        different = self._different
        if len(different) == 1:
            shown = (different[0].holding(day),) * len(self.subjects)
        else:
            shown = tuple([item.holding(day) for item in different])
        if before is not None and day <= before.covering.through:
            covering = before.covering
        else:
            covering = NOTHING_HELD
            if self.listed:
                covering = self._holdings.covering(self.plan.id, self.subjects, self.programmes, day)
        return State(day, shown, covering, self._outcome(shown, covering.coverage, day))

    def covering_schemes(self, entries: Entries) -> tuple[str, ...]:
        """Of crosswalks that list it the schemes that would cover everything judged, sorted."""
        return self._holdings.covering_schemes(entries, self.subjects, self.programmes)

    def through(self, state: State) -> date:
        """The last day through which everything about ``state`` stays the same."""
        day = state.day
        end = state.covering.through
        for item in self._different:
            through = item.through(day)
            if through < end:
                end = through
        if self.standing.override_until is not None:
            end = min(end, self.standing.through(day))
        return end

    def without(self, state: State, lapsed: str) -> Outcome:
        """What it would come to, were the accreditation ``lapsed`` not there."""
        return self._outcome(state.shown, state.covering.without(lapsed), state.day)

    def _outcome(self, shown: tuple[int, ...], coverage: tuple[Coverage, ...], day: date) -> Outcome:
        # A provider's own words are never overruled by its certificate (semantics.md 5.3).
        counting = coverage if self.stands_in else ()
        standing = self.standing
        worth = standing.lasting if standing.override_until is None else standing.worth(day)
        return outcome(self.plan, shown, counting, self.rating, worth)

    def not_judged(self) -> Outcome:
        """What a requirement comes to that does not apply or is excluded."""
        return not_judged(self.plan, self.applicability)


def _applicable(plan: Plan, applies: Truth, everything: Sequence[Subject]) -> Subjects:
    """What of ``everything`` a requirement that has a condition is judged for."""
    condition = plan.requirement.applies_when
    truths = [(subject, applies(subject.profile)) for subject in everything]
    kept = tuple([subject for subject, value in truths if value is not False])
    fields = {name for subject, value in truths if value is None for name in unstated(condition, subject.profile)}
    return kept, tuple([subject.programme for subject in kept]), tuple(sorted(fields))


class Bench:
    """One pack laid out under one rule set: a case for each requirement, made when it is asked for first."""

    def __init__(self, ready: Plans, pack: Pack) -> None:
        fields = ready.rule_set.profile_fields
        service = pack.service
        own = Subject(None, None, stated(fields, service.profile))
        programmes = tuple(
            Subject(item.id, item.version, stated(fields, service.profile, item.profile))
            for item in sorted(service.programmes, key=lambda item: item.id)
        ) or (Subject("", None, own.profile),)
        # What a requirement concerns (the service once, or each programme), with the names, and nothing unstated.
        self._service: Subjects = (own,), (None,), ()
        self._programmes: Subjects = programmes, tuple([item.programme for item in programmes]), ()
        self._shelf = pack.shelf
        self._cases: dict[str, Case] = {}
        self._holdings = Holdings(ready.crosswalks, pack)

    def case(self, plan: Plan) -> Case:
        """The case of one requirement of the rule set."""
        found = self._cases.get(plan.id)
        if found is None:
            everything = self._programmes if plan.by_programme else self._service
            found = self._cases[plan.id] = Case(plan, self._shelf, everything, self._holdings)
        return found


def bench_of(ready: Plans, pack: Pack) -> Bench:
    """The pack laid out under a rule set, once for as long as the pack is in use; shared by threads."""
    found: Bench | None = pack.benches.get(ready)
    if found is None:
        found = pack.benches[ready] = Bench(ready, pack)
    return found
