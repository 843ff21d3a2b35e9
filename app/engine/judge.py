"""Judging one requirement of one pack on one day (semantics.md 5)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from app.engine.conditions import stated, truth, unstated
from app.engine.coverage import Certificate, Code, Crosswalks, Hindrance, Subject
from app.engine.determination import Applicability, Route
from app.engine.evidence import Evidence, Shelf
from app.engine.pack import Pack, Rating, Response
from app.engine.reviews import Standing, newest, standing_of
from app.engine.rules import CrosswalkEntry, Requirement, RuleSet
from app.engine.values import day_after


class Held(NamedTuple):
    """A certificate whose crosswalk has an entry for the requirement."""

    certificate: Certificate
    entry: CrosswalkEntry
    leaves: int


class Coverage(NamedTuple):
    """What accreditations show for one subject: the whole requirement, or leaves (as bits); verified ones apart."""

    full: bool = False
    full_verified: bool = False
    leaves: int = 0
    leaves_verified: int = 0


NO_COVERAGE = Coverage()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The rungs that a requirement reaches, and what each programme judged shows for it."""

    declared: bool
    evidenced: bool
    verified: bool
    override: bool
    leaves: tuple[int, ...]
    coverage: tuple[Coverage, ...]


class Case:
    """One requirement of one pack: everything that can be settled before the day is known."""

    def __init__(self, bench: "Bench", requirement: Requirement) -> None:
        self.requirement = requirement
        self.tree = requirement.tree
        self.response: Response | None = bench.responses.get(requirement.id)
        self.rating: Rating | None = None if self.response is None else self.response.self_rating
        self.subjects, self.unstated = bench.subjects(requirement)
        named = [subject.programme for subject in self.subjects if subject.programme]
        self.by_programme = requirement.concerns == "programme"
        self.standing: Standing = standing_of(
            bench.reviews.get(requirement.id), requirement, self.response, named, bench.shelf
        )
        self._bench = bench
        linked = bench.shelf.documents(() if self.response is None else self.response.documents)
        answers = bench.shelf.answers(self.tree)
        self.evidence: tuple[Evidence, ...] = tuple(
            bench.shelf.evidence(self.tree, answers, linked, subject.programme) for subject in self.subjects
        )

    @property
    def stands_in(self) -> bool:
        """Whether coverage counts: a provider's own words are never overruled by its certificate (semantics.md 5.3)."""
        return self.rating in {None, "met"}

    @cached_property
    def applicability(self) -> Applicability:
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
        """Whether it may say so, and says why; blanks are no reason."""
        return self.requirement.may_be_excluded and self.exclusion_explained

    @property
    def exclusion_explained(self) -> bool:
        """Whether a reason is given."""
        reason = None if self.response is None else self.response.exclusion_reason
        return bool(reason and reason.strip())

    def held(self, day: date) -> Sequence[Held]:
        """The certificates whose crosswalk in use on ``day`` lists the requirement."""
        return self._bench.held(self.requirement, day)

    def coverage(self, day: date, lapsed: str | None = None) -> tuple[Coverage, ...]:
        """For each subject what counts on ``day``, were the accreditation ``lapsed`` not there."""
        held = self.held(day) if self.stands_in else ()
        if not held:
            return (NO_COVERAGE,) * len(self.subjects)
        return tuple(self._covering(held, subject, day, lapsed) for subject in self.subjects)

    def _covering(self, held: Sequence[Held], subject: Subject, day: date, lapsed: str | None) -> Coverage:
        full = full_verified = False
        leaves = leaves_verified = 0
        for item in held:
            if item.certificate.accreditation.id == lapsed:
                continue
            hindrance = item.certificate.hindrance(self.requirement.id, subject, day)
            if not covers(hindrance):
                continue
            full |= item.entry.coverage == "full"
            leaves |= item.leaves
            if hindrance is None:
                full_verified |= item.entry.coverage == "full"
                leaves_verified |= item.leaves
        return Coverage(full, full_verified, leaves, leaves_verified)

    def verdict(self, day: date, lapsed: str | None = None) -> Verdict:
        """The rungs reached on ``day`` (semantics.md 5.4), were the accreditation ``lapsed`` not there."""
        shown = tuple(evidence.leaves(day) for evidence in self.evidence)
        coverage = self.coverage(day, lapsed)
        override = self.standing.override(day) and self.rating not in {"not_met", "not_applicable"}
        if override:
            return Verdict(True, True, True, True, shown, coverage)  # noqa: FBT003  # the three rungs and why
        holds = self.tree.root.holds
        pairs = list(zip(shown, coverage, strict=True))
        declared = self.rating == "met" or (self.rating is None and all(item.full for item in coverage))
        evidenced = (
            declared
            and not self.standing.rejected
            and all(item.full or holds(leaves | item.leaves) for leaves, item in pairs)
        )
        accepted = self.standing.accepted(day)
        verified = (
            evidenced
            and not self.standing.more_information
            and all(item.full_verified or (accepted and holds(leaves | item.leaves_verified)) for leaves, item in pairs)
        )
        return Verdict(declared, evidenced, verified, False, shown, coverage)  # noqa: FBT003  # as above

    def evidence_holds(self, verdict: Verdict) -> bool:
        """T(e) for everything judged."""
        pairs = zip(verdict.leaves, verdict.coverage, strict=True)
        return all(self.tree.root.holds(leaves | item.leaves) for leaves, item in pairs)

    def route(self, verdict: Verdict) -> Route:
        """What explains the highest rung reached (semantics.md 5.5)."""
        if verdict.override:
            return "override"
        if not verdict.evidenced:
            if not verdict.declared:
                return "none"
            # Declared without the provider's own claim: what explains it is the certificate's declaration.
            return "declaration" if self.rating == "met" else "accreditation"
        if all(item.full_verified if verdict.verified else item.full for item in verdict.coverage):
            return "accreditation"
        if all(self.tree.root.holds(leaves) for leaves in verdict.leaves):
            return "evidence"
        return "evidence_and_accreditation"

    def progress(self, verdict: Verdict) -> Fraction:
        """How far the requirement has come, exactly (semantics.md 5.6)."""
        if verdict.evidenced:
            return Fraction(1)
        if self.standing.rejected:
            return Fraction(0)
        claim = Fraction(self.rating == "met")
        root = self.tree.root
        # The claim is one more child beside those of a root `all`, or beside the root itself.
        children = len(root.children) if root.every else 1
        parts = (
            (claim + root.progress(leaves | item.leaves) * children) / (children + 1)
            for leaves, item in zip(verdict.leaves, verdict.coverage, strict=True)
        )
        return sum(parts, Fraction()) / len(self.subjects)

    def edges(self) -> Iterator[date]:
        """The days on which the judgement, or the reasons given for it, may change by themselves."""
        if self.applicability != "applicable":
            return
        review = self.standing.review
        if review is not None and review.override and review.until is not None:
            yield day_after(review.until)
        for evidence in self.evidence:
            yield from evidence.edges()
        yield from self._bench.certificate_edges(self.requirement)


def covers(hindrance: Hindrance | None) -> bool:
    """Whether a certificate with this hindrance counts; being unverified only keeps it from the highest rung."""
    return hindrance is None or hindrance.code == Code.UNVERIFIED


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
        self._service = Subject(None, None, stated(fields, service.profile))
        self._programmes = tuple(
            Subject(item.id, item.version, stated(fields, service.profile, item.profile))
            for item in sorted(service.programmes, key=lambda item: item.id)
        ) or (Subject("", None, self._service.profile),)
        self._certificates = tuple(
            Certificate(held, crosswalk, rule_set, service.id)
            for held in sorted(pack.accreditations, key=lambda item: item.id)
            for crosswalk in crosswalks.every
            if crosswalk.scheme == held.scheme
        )
        self._held: dict[str, tuple[Held, ...]] = {}
        self._held_in: dict[tuple[str, int], tuple[Held, ...]] = {}

    def judged(self, requirement: Requirement) -> tuple[Subject, ...]:
        """What the requirement concerns: the service once, or each programme."""
        return self._programmes if requirement.concerns == "programme" else (self._service,)

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

    def held(self, requirement: Requirement, day: date) -> Sequence[Held]:
        """The certificates under a crosswalk in use on ``day`` that has an entry for the requirement, by id."""
        epoch = self.crosswalks.epoch(day)
        key = requirement.id, epoch
        if key not in self._held_in:
            in_use = {(item.id, item.version) for item in self.crosswalks.in_use(epoch)}
            self._held_in[key] = tuple(
                item
                for item in self._ever_held(requirement)
                if (item.certificate.crosswalk.id, item.certificate.crosswalk.version) in in_use
            )
        return self._held_in[key]

    def certificate_edges(self, requirement: Requirement) -> Iterator[date]:
        """The days on which what certificates show of the requirement may change."""
        for item in self._ever_held(requirement):
            yield from item.certificate.edges(requirement.id)
        yield from self.crosswalks.edges

    def _ever_held(self, requirement: Requirement) -> tuple[Held, ...]:
        if requirement.id not in self._held:
            self._held[requirement.id] = tuple(
                Held(certificate, entry, _leaves(requirement, entry))
                for certificate in self._certificates
                if (entry := certificate.crosswalk.entry_for.get(requirement.id)) is not None
            )
        return self._held[requirement.id]


def _leaves(requirement: Requirement, entry: CrosswalkEntry) -> int:
    if entry.coverage == "full":
        return requirement.tree.every_leaf
    bits = 0
    for leaf in entry.leaves:
        bits |= requirement.tree.bit_of[leaf]
    return bits
