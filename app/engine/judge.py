"""Judging one requirement of one pack on one day (semantics.md 5)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from app.engine.conditions import stated, truth, unstated
from app.engine.coverage import Certificate, Crosswalks, Hindrance, Subject
from app.engine.determination import Applicability, Route
from app.engine.evidence import Evidence, Shelf
from app.engine.pack import Pack, Rating, Response
from app.engine.reviews import Standing, newest, standing_of
from app.engine.rules import Crosswalk, Requirement, RuleSet


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
    """All that a day decides about a case, and the last day ``through`` which all of it stays the same.

    ``shown`` has the leaves that hold by evidence alone, for each subject; ``hindrances`` has for each of ``held`` its
    hindrance for each subject.
    """

    day: date
    shown: list[int]
    held: Sequence[Held]
    hindrances: list[list[Hindrance | None]]
    through: date

    def differs(self, other: "State") -> bool:
        """Whether anything but the day is different."""
        return self[1:4] != other[1:4]


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


class Case:
    """One requirement of one pack: everything that can be settled before the day is known."""

    def __init__(self, bench: "Bench", requirement: Requirement) -> None:
        self.requirement = requirement
        self.tree = requirement.tree
        self.response: Response | None = bench.responses.get(requirement.id)
        self.rating: Rating | None = None if self.response is None else self.response.self_rating
        self.subjects, self.unstated = bench.subjects(requirement)
        self.by_programme = requirement.concerns == "programme"
        # A provider's own words are never overruled by its certificate (semantics.md 5.3).
        self.stands_in = self.rating is None or self.rating == "met"
        self.programmes = tuple([subject.programme for subject in self.subjects])
        linked = bench.shelf.linked(self.response.documents) if self.response is not None else []
        self.standing: Standing = standing_of(
            bench.reviews.get(requirement.id), requirement, self.response, linked, self.programmes, bench.shelf
        )
        self.applicability = self._applicability()
        self.evidence: tuple[Evidence, ...] = bench.shelf.evidence(self.tree, linked, self.programmes)
        self._uncovered = (NO_COVERAGE,) * len(self.subjects)
        self._bench = bench

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
        return self.requirement.may_be_excluded and self.exclusion_explained

    @property
    def exclusion_explained(self) -> bool:
        """Whether a reason is given; blanks are none."""
        reason = None if self.response is None else self.response.exclusion_reason
        return bool(reason and reason.strip())

    def state(self, day: date) -> State:
        """What holds on ``day``."""
        through = self.standing.through(day)
        shown, evidence = [], None
        for item in self.evidence:
            if item is not evidence:  # programmes share their evidence where no document names one
                evidence = item
                bits, until = item.state(day)
                through = min(through, until)
            shown.append(bits)
        name = self.requirement.id
        if name not in self._bench.listed:
            return State(day, shown, (), [], through)
        held = self._bench.held(name, day)
        hindrances = []
        until = self._bench.crosswalks.through(name, day)
        for each in held:
            through = min(through, until)
            found, until = each.certificate.hindrances(name, self.subjects, self.programmes, day)
            hindrances.append(found)
        return State(day, shown, held, hindrances, min(through, until))

    def coverage(self, state: State, lapsed: str | None = None) -> Sequence[Coverage]:
        """For each subject what counts, were the accreditation ``lapsed`` not there."""
        if not (state.held and self.stands_in):
            return self._uncovered
        found = []
        for index in range(len(self.subjects)):
            full = full_verified = False
            leaves = leaves_verified = 0
            for held, hindrances in zip(state.held, state.hindrances, strict=True):
                hindrance = hindrances[index]
                if held.certificate.accreditation.id == lapsed or not (hindrance is None or hindrance.covers):
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
        standing, holds = self.standing, self.tree.root.holds
        if standing.override_until is None and not (state.held and self.stands_in):
            return self._plain_verdict(state)
        coverage = self.coverage(state, lapsed)
        accepted = standing.accepts and standing.accepted(state.day)
        evidence = with_coverage = full = full_verified = checked = True
        for bits, item in zip(state.shown, coverage, strict=True):
            alone = holds(bits)
            covered = alone or (item.leaves != 0 and holds(bits | item.leaves))
            evidence = evidence and alone
            with_coverage = with_coverage and covered
            full = full and item.full
            full_verified = full_verified and item.full_verified
            checked = checked and (
                item.full_verified or (accepted and covered and (alone or holds(bits | item.leaves_verified)))
            )
        shown = (evidence, with_coverage, full, full_verified, coverage)
        if standing.override(state.day) and self.rating not in {"not_met", "not_applicable"}:
            return Verdict(True, True, True, True, *shown)  # noqa: FBT003  # the three rungs, by override
        declared = self.rating == "met" or (self.rating is None and full)
        # Full coverage covers every leaf, so that T(e) says it too.
        evidenced = declared and with_coverage and not standing.rejected
        verified = evidenced and checked and not standing.more_information
        return Verdict(declared, evidenced, verified, False, *shown)  # noqa: FBT003  # no override

    def _plain_verdict(self, state: State) -> Verdict:
        """The usual case: no accreditation and no override has a say."""
        holds, standing = self.tree.root.holds, self.standing
        evidence = True
        for bits in state.shown:
            evidence = evidence and holds(bits)
        declared = self.rating == "met"
        evidenced = declared and evidence and not standing.rejected
        # An acceptance is neither a rejection nor a request for more information.
        verified = evidenced and standing.accepts
        return Verdict(declared, evidenced, verified, False, evidence, evidence, False, False, self._uncovered)  # noqa: FBT003  # no override, no coverage

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
        claimed = self.rating == "met"
        done = 0
        for bits, item in zip(state.shown, verdict.coverage, strict=True):
            done += self.tree.progress(bits | item.leaves, claimed=claimed)
        return done, self.tree.steps * len(self.subjects)


class Bench:
    """One pack laid out under one rule set: what the cases of all its requirements share."""

    def __init__(self, rule_set: RuleSet, crosswalks: Crosswalks, pack: Pack) -> None:
        self.rule_set = rule_set
        self.crosswalks = crosswalks
        self.shelf = Shelf(rule_set, pack)
        self.responses: Mapping[str, Response] = {item.requirement: item for item in pack.responses}
        self.reviews = newest(pack.reviews)
        fields = rule_set.profile_fields
        service = pack.service
        self._service = (Subject(None, None, stated(fields, service.profile)),)
        self._programmes = tuple(
            Subject(item.id, item.version, stated(fields, service.profile, item.profile))
            for item in sorted(service.programmes, key=lambda item: item.id)
        ) or (Subject("", None, self._service[0].profile),)
        self._service_id = service.id
        self._accreditations = sorted(pack.accreditations, key=lambda item: item.id)
        self._held: dict[int, dict[str, list[Held]]] = {}
        # What no crosswalk of a scheme that is held ever lists, no new version of a crosswalk changes.
        schemes = {item.scheme for item in self._accreditations}
        self.listed: set[str] = set()
        for crosswalk in crosswalks.every:
            if crosswalk.scheme in schemes:
                self.listed.update(crosswalk.entry_for)

    def judged(self, requirement: Requirement) -> tuple[Subject, ...]:
        """What the requirement concerns: the service once, or each programme."""
        return self._programmes if requirement.concerns == "programme" else self._service

    def subjects(self, requirement: Requirement) -> tuple[tuple[Subject, ...], tuple[str, ...]]:
        """What the requirement is judged for, and the unstated fields that alone make it judged for some of them."""
        every = self.judged(requirement)
        condition = requirement.applies_when
        if condition is None:
            return every, ()
        truths = [truth(condition, subject.profile, self.rule_set.profile_fields) for subject in every]
        kept = tuple(subject for subject, value in zip(every, truths, strict=True) if value is not False)
        unknown = (subject for subject, value in zip(every, truths, strict=True) if value is None)
        return kept, tuple(sorted({name for subject in unknown for name in unstated(condition, subject.profile)}))

    def held(self, requirement: str, day: date) -> Sequence[Held]:
        """The certificates under a crosswalk in use on ``day`` that has an entry for the requirement, by id."""
        epoch = self.crosswalks.epoch(day)
        if epoch not in self._held:
            self._held[epoch] = self._hold(self.crosswalks.in_use(day))
        return self._held[epoch].get(requirement, ())

    def _hold(self, in_use: Sequence[Crosswalk]) -> dict[str, list[Held]]:
        held: dict[str, list[Held]] = {}
        for accreditation in self._accreditations:
            for crosswalk in in_use:
                if crosswalk.scheme == accreditation.scheme:
                    certificate = Certificate(accreditation, crosswalk, self.rule_set, self._service_id)
                    for requirement, shown in self.crosswalks.shown[crosswalk.id, crosswalk.version].items():
                        held.setdefault(requirement, []).append(Held(certificate, shown.full, shown.leaves))
        return held
