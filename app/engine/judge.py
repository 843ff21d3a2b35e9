"""Judging one requirement of one pack on one day (semantics.md 5)."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from app.engine.conditions import stated, unstated
from app.engine.coverage import Certificate, Hindrance, Listing, Subject
from app.engine.determination import Applicability, Route
from app.engine.evidence import Evidence, Shelf
from app.engine.pack import Pack, Rating, Response
from app.engine.plan import Plan, Plans
from app.engine.reviews import NO_REVIEW, Standing, newest, standing_of
from app.engine.score import Judged

# What a requirement is judged for, their names, and the unstated fields that alone make it judged for some of them.
Subjects: TypeAlias = tuple[tuple[Subject, ...], tuple[str | None, ...], tuple[str, ...]]


class Held(NamedTuple):
    """A certificate whose crosswalk has an entry for the requirement, and what the entry says."""

    certificate: Certificate
    full: bool
    leaves: int


class Coverage(NamedTuple):
    """What accreditations show for one subject: the whole requirement, or leaves (as bits); verified ones apart."""

    full: bool
    full_verified: bool
    leaves: int
    leaves_verified: int


NO_COVERAGE = Coverage(full=False, full_verified=False, leaves=0, leaves_verified=0)


class State(NamedTuple):
    """All that a day decides about a case.

    ``shown`` has the leaves that hold by evidence alone, for each subject; ``hindrances`` has for each of ``held`` its
    hindrance for each subject.
    """

    day: date
    shown: list[int]
    held: Sequence[Held]
    hindrances: Sequence[list[Hindrance | None]]

    def differs(self, other: "State") -> bool:
        """Whether anything but the day is different."""
        return self[1:] != other[1:]


class Verdict(NamedTuple):
    """The rungs that a requirement reaches, and why: what holds for everything judged.

    ``evidence`` is T with no leaf covered, ``with_coverage`` T(e); ``full`` and ``full_verified`` are full coverage.
    """

    declared: bool
    evidenced: bool
    verified: bool
    override: bool
    evidence: bool
    with_coverage: bool
    full: bool
    full_verified: bool
    coverage: Sequence[Coverage]


@lru_cache(maxsize=1024)
def _uncovered(declared: bool, evidenced: bool, verified: bool, evidence: bool, subjects: int) -> Verdict:  # noqa: FBT001  # a tuple's parts
    """The verdict where nothing is covered; there are few of them, so that they are shared."""
    coverage = (NO_COVERAGE,) * subjects
    return Verdict(declared, evidenced, verified, False, evidence, evidence, False, False, coverage)  # noqa: FBT003  # no override, no coverage


class Case:
    """One requirement of one pack: everything that can be settled before the day is known."""

    __slots__ = (
        "_bench",
        "applicability",
        "evidence",
        "listed",
        "plan",
        "programmes",
        "rating",
        "response",
        "standing",
        "stands_in",
        "subjects",
        "tree",
        "unstated",
    )

    def __init__(self, bench: "Bench", plan: Plan) -> None:
        self._bench = bench
        self.plan = plan
        self.tree = plan.tree
        name = plan.id
        self.response: Response | None = bench.responses.get(name)
        self.rating: Rating | None = None if self.response is None else self.response.self_rating
        self.subjects, self.programmes, self.unstated = bench.subjects(plan)
        # A provider's own words are never overruled by its certificate (semantics.md 5.3).
        self.stands_in = self.rating is None or self.rating == "met"
        self.listed = name in bench.listed
        linked = bench.shelf.linked(self.response.documents) if self.response is not None else ()
        review = bench.reviews.get(name)
        self.standing: Standing = (
            NO_REVIEW
            if review is None
            else standing_of(review, plan, self.response, linked, self.programmes, bench.shelf)
        )
        self.applicability = self._applicability()
        self.evidence: Sequence[Evidence] = bench.shelf.evidence(plan, linked, self.programmes)

    def _applicability(self) -> Applicability:
        """Semantics.md 5.1. No date enters: neither profiles nor acceptances of an exclusion change by themselves."""
        if not self.subjects:
            return "not_applicable"
        # An exclusion is never accepted by an override, so any day will do.
        if self.exclusion_claimed and self.exclusion_allowed and self.standing.accepted(date.max):
            return "excluded"
        return "applicable"

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

    def state(self, day: date) -> State:
        """What holds on ``day``."""
        shown = [item.holding(day) for item in self.evidence]
        if not self.listed:
            return State(day, shown, (), ())
        name = self.plan.id
        held = self._bench.held(name, day)
        return State(
            day, shown, held, [item.certificate.hindrances(name, self.subjects, self.programmes, day) for item in held]
        )

    def through(self, day: date) -> date:
        """The last day through which the state of ``day`` stays the same."""
        through = self.standing.through(day)
        for item in self.evidence:
            until = item.through(day)
            if until < through:
                through = until
        if self.listed:
            name = self.plan.id
            ends = [
                item.certificate.through(name, self.subjects, self.programmes, day)
                for item in self._bench.held(name, day)
            ]
            through = min(through, self._bench.crosswalks.through(name, day), *ends)
        return through

    def coverage(self, state: State, lapsed: str | None = None) -> Sequence[Coverage]:
        """For each subject what counts, were the accreditation ``lapsed`` not there."""
        if not (state.held and self.stands_in):
            return (NO_COVERAGE,) * len(self.subjects)
        found = []
        for index in range(len(self.subjects)):
            full = full_verified = False
            leaves = leaves_verified = 0
            for held, hindrances in zip(state.held, state.hindrances, strict=True):
                hindrance = hindrances[index]
                if held.certificate.id == lapsed or not (hindrance is None or hindrance.covers):
                    continue
                full = full or held.full
                leaves |= held.leaves
                if hindrance is None:
                    full_verified = full_verified or held.full
                    leaves_verified |= held.leaves
            found.append(Coverage(full, full_verified, leaves, leaves_verified))
        return found

    def verdict(self, state: State, lapsed: str | None = None) -> Verdict:
        """The rungs reached (semantics.md 5.4), were the accreditation ``lapsed`` not there."""
        standing, read, rating = self.standing, self.tree.read, self.rating
        if standing.override_until is None and not (state.held and self.stands_in):
            # The usual case: no accreditation and no override has a say.
            evidence = True
            for bits in state.shown:
                evidence = evidence and read(bits).holds
            declared = rating == "met"
            evidenced = declared and evidence and not standing.rejected
            # An acceptance is neither a rejection nor a request for more information.
            verified = evidenced and standing.accepts
            return _uncovered(declared, evidenced, verified, evidence, len(self.subjects))
        coverage = self.coverage(state, lapsed)
        accepted = standing.accepted(state.day)
        evidence = with_coverage = full = full_verified = checked = True
        for bits, item in zip(state.shown, coverage, strict=True):
            alone = read(bits).holds
            covered = alone or (item.leaves != 0 and read(bits | item.leaves).holds)
            evidence = evidence and alone
            with_coverage = with_coverage and covered
            full = full and item.full
            full_verified = full_verified and item.full_verified
            checked = checked and (
                item.full_verified or (accepted and covered and (alone or read(bits | item.leaves_verified).holds))
            )
        shown = (evidence, with_coverage, full, full_verified, coverage)
        if standing.override(state.day) and rating not in {"not_met", "not_applicable"}:
            return Verdict(True, True, True, True, *shown)  # noqa: FBT003  # the three rungs, by override
        declared = rating == "met" or (rating is None and full)
        # Full coverage covers every leaf, so that T(e) says it too.
        evidenced = declared and with_coverage and not standing.rejected
        verified = evidenced and checked and not standing.more_information
        return Verdict(declared, evidenced, verified, False, *shown)  # noqa: FBT003  # no override

    def route(self, verdict: Verdict) -> Route:
        """What explains the highest rung reached (semantics.md 5.5)."""
        if verdict.override:
            return "override"
        if not verdict.evidenced:
            if not verdict.declared:
                return "none"
            # Declared without the provider's own claim: what explains it is the certificate's declaration.
            return "declaration" if self.rating == "met" else "accreditation"
        if verdict.full_verified if verdict.verified else verdict.full:
            return "accreditation"
        return "evidence" if verdict.evidence else "evidence_and_accreditation"

    def progress(self, state: State, verdict: Verdict) -> tuple[int, int]:
        """How far the requirement has come, exactly: so many of so many steps (semantics.md 5.6)."""
        if verdict.evidenced:
            return 1, 1
        if self.standing.rejected:
            return 0, 1
        tree = self.tree
        # The provider's claim is one child of the whole, for each that is judged.
        done = tree.claim_steps * len(self.subjects) if self.rating == "met" else 0
        for bits, item in zip(state.shown, verdict.coverage, strict=True):
            done += tree.read(bits | item.leaves).steps
        return done, tree.steps * len(self.subjects)

    def judged(self, state: State, verdict: Verdict) -> Judged:
        """What the scores see of it."""
        declared, evidenced, verified = verdict[:3]
        return Judged(
            self.plan,
            "applicable",
            declared,
            evidenced,
            verified,
            self.route(verdict),
            self.progress(state, verdict),
        )

    def not_judged(self) -> Judged:
        """What the scores see of a requirement that does not apply or is excluded."""
        route: Route = "exclusion" if self.applicability == "excluded" else "not_applicable_by_rule"
        return Judged(self.plan, self.applicability, False, False, False, route, (0, 1))  # noqa: FBT003  # no rung is reached


class Bench:
    """One pack laid out under one rule set: what the cases of all its requirements share."""

    def __init__(self, plans: Plans, pack: Pack) -> None:
        self.plans = plans
        self.crosswalks = plans.crosswalks
        self.shelf = Shelf(pack)
        self.responses: Mapping[str, Response] = {item.requirement: item for item in pack.responses}
        self.reviews = newest(pack.reviews)
        fields = plans.rule_set.profile_fields
        service = pack.service
        own = Subject(None, None, stated(fields, service.profile))
        programmes = tuple(
            Subject(item.id, item.version, stated(fields, service.profile, item.profile))
            for item in sorted(service.programmes, key=lambda item: item.id)
        ) or (Subject("", None, own.profile),)
        # What a requirement concerns (the service once, or each programme), with the names, and nothing unstated.
        self._service: Subjects = (own,), (None,), ()
        self._programmes: Subjects = programmes, tuple([item.programme for item in programmes]), ()
        self._service_id = service.id
        self._accreditations = sorted(pack.accreditations, key=lambda item: item.id)
        self._certificates: dict[int, list[tuple[Certificate, Listing]]] = {}
        self._held: dict[tuple[int, str], Sequence[Held]] = {}
        # What no crosswalk of a scheme that is held ever lists, no new version of a crosswalk changes.
        listed = self.crosswalks.listed
        self.listed = set().union(*[listed.get(item.scheme, ()) for item in self._accreditations])

    def subjects(self, plan: Plan) -> Subjects:
        """What the requirement is judged for, and the unstated fields that alone make it judged for some of them."""
        every = self._programmes if plan.by_programme else self._service
        if plan.applies is None:
            return every
        truths = [(subject, plan.applies(subject.profile)) for subject in every[0]]
        kept = tuple([subject for subject, value in truths if value is not False])
        condition = plan.requirement.applies_when
        fields = {name for subject, value in truths if value is None for name in unstated(condition, subject.profile)}
        return kept, tuple([subject.programme for subject in kept]), tuple(sorted(fields))

    def held(self, requirement: str, day: date) -> Sequence[Held]:
        """The certificates under a crosswalk in use on ``day`` that has an entry for the requirement, by id."""
        key = self.crosswalks.epoch(day), requirement
        found = self._held.get(key)
        if found is None:
            certificates = self._certificates.get(key[0])
            if certificates is None:
                certificates = self._certificates[key[0]] = self._under(self.crosswalks.in_use(day))
            found = self._held[key] = [
                Held(certificate, shown.full, shown.leaves)
                for certificate, listing in certificates
                if (shown := listing.shown.get(requirement)) is not None
            ]
        return found

    def _under(self, in_use: Sequence[Listing]) -> list[tuple[Certificate, Listing]]:
        return [
            (Certificate(accreditation, listing, self._service_id), listing)
            for accreditation in self._accreditations
            for listing in in_use
            if listing.scheme == accreditation.scheme
        ]
