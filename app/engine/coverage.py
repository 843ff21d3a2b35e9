"""What accreditations stand in for, under the crosswalks in use (semantics.md 4).

One ``Certificate`` is one accreditation read under one crosswalk. Why it does not cover is one ``Hindrance``: the
first that holds, in the order of the table of semantics.md 7, so that the rule that decides is also the reason given.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import NamedTuple

from app.engine.conditions import TypedProfile, ready
from app.engine.determination import FileRef
from app.engine.pack import Accreditation, Scope, StatusChange
from app.engine.rules import Crosswalk, CrosswalkEntry, Requirement, RuleSet
from app.engine.values import day_after, day_before, version_order


class Code(IntEnum):
    """Why an accreditation does not cover, in the order of semantics.md 7; ``UNVERIFIED`` covers all the same."""

    EDITION_NOT_RECOGNISED = 0
    STAGE_NOT_RECOGNISED = 1
    CROSSWALK_NOT_APPLICABLE = 2
    OUT_OF_SCOPE = 3
    WITHDRAWN = 4
    NOT_YET_AWARDED = 5
    EXPIRED = 6
    SUSPENDED = 7
    CONDITION_OPEN = 8
    NOT_REDECLARED = 9
    UNVERIFIED = 10

    @property
    def reason(self) -> str:
        """The code of the reason in a gap."""
        return f"accreditation_{self.name.lower()}"


class Hindrance(NamedTuple):
    """The first thing that keeps a certificate from covering, and the date that decides (``None``: never).

    With ``covers`` the certificate counts all the same: being unverified only keeps it from the highest rung.
    """

    code: Code
    name: str | None = None
    on: date | None = None
    covers: bool = False

    @property
    def datum(self) -> dict[str, str | None]:
        """The date under its own name, for codes that have one."""
        return {} if self.name is None else {self.name: None if self.on is None else self.on.isoformat()}


@dataclass(frozen=True, slots=True)
class Subject:
    """What is judged: the service (``programme`` None), a programme, or the programme without a name (``""``)."""

    programme: str | None
    version: str | None
    profile: TypedProfile


class Certificate:
    """One accreditation under one crosswalk, for one service."""

    def __init__(self, accreditation: Accreditation, listing: "Listing", service: str) -> None:
        self.accreditation = accreditation
        self.id = accreditation.id
        self.crosswalk = listing.crosswalk
        self._listing = listing
        self._service = service
        self._static: dict[str | None, Hindrance | None] = {}
        self._dated: dict[date, Hindrance | None] = {}

    def hindrances(self, requirement: str, subjects: Iterable[Subject], day: date) -> list[Hindrance | None]:
        """For each subject the first thing that keeps the certificate from covering ``requirement`` on ``day``.

        A certificate without a hindrance covers and is verified.
        """
        static = [self._for_subject(subject) for subject in subjects]
        if all(static):
            return static
        if day not in self._dated:
            self._dated[day] = self._on(day)
        dated = self._dated[day]
        if dated is None or dated.code > Code.CONDITION_OPEN:
            dated = self._open_condition(requirement, day) or dated
        return [found or dated for found in static]

    def edges(self, requirement: str, subjects: Iterable[Subject]) -> list[date]:
        """The days on which the hindrances for ``requirement`` may change."""
        if all(self._for_subject(subject) for subject in subjects):
            return []
        return [*self._edges(), *self._condition_edges(requirement)]

    def _for_subject(self, subject: Subject) -> Hindrance | None:
        key = subject.programme
        if key not in self._static:
            self._static[key] = self._whatever_the_day(subject)
        return self._static[key]

    def _whatever_the_day(self, subject: Subject) -> Hindrance | None:
        if self.accreditation.edition not in self.crosswalk.editions:
            return Hindrance(Code.EDITION_NOT_RECOGNISED)
        if self.accreditation.stage not in self.crosswalk.stages:
            return Hindrance(Code.STAGE_NOT_RECOGNISED)
        if not self._listing.applies(subject):
            return Hindrance(Code.CROSSWALK_NOT_APPLICABLE)
        if not reaches(self.accreditation.scope, subject, self._service):
            return Hindrance(Code.OUT_OF_SCOPE)
        return None

    def _on(self, day: date) -> Hindrance | None:
        """In force, declared unchanged, verified: the first of these that fails on ``day``."""
        changes = self.accreditation.status_changes
        change = max((item for item in changes if item.on <= day), key=lambda item: item.on, default=None)
        # In force, the last change there was, if any, is the last reinstatement.
        return self._out_of_force(day, change) or self._unconfirmed(day, None if change is None else change.on)

    def _out_of_force(self, day: date, change: StatusChange | None) -> Hindrance | None:
        held = self.accreditation
        if change is not None and change.status == "withdrawn":
            return Hindrance(Code.WITHDRAWN, "withdrawn_on", change.on)
        if day < held.awarded_on:
            return Hindrance(Code.NOT_YET_AWARDED, "awarded_on", held.awarded_on)
        if day > held.expires_on:
            return Hindrance(Code.EXPIRED, "expires_on", held.expires_on)
        if change is not None and change.status == "suspended":
            return Hindrance(Code.SUSPENDED, "suspended_on", change.on)
        return None

    def _unconfirmed(self, day: date, reinstated: date | None) -> Hindrance | None:
        """The declaration or the look at the register, where it does not speak for ``day``."""
        declared = _since(reinstated, self.accreditation.unchanged_declared_on)
        declared_until = None if declared is None else self.crosswalk.declared_until(declared)
        if declared_until is None or day > declared_until:
            return Hindrance(Code.NOT_REDECLARED, "declared_until", declared_until)
        verified = _since(reinstated, self.accreditation.verified_on)
        verified_until = None if verified is None else self.crosswalk.verified_until(verified)
        if verified_until is None or day > verified_until:
            return Hindrance(Code.UNVERIFIED, "verified_until", verified_until, covers=True)
        return None

    def _open_condition(self, requirement: str, day: date) -> Hindrance | None:
        opened = [
            item.opened_on
            for item in self.accreditation.conditions
            if requirement in item.requirements
            and item.opened_on <= day
            and (item.closed_on is None or day <= item.closed_on)
        ]
        return Hindrance(Code.CONDITION_OPEN, "opened_on", min(opened)) if opened else None

    def _edges(self) -> Iterator[date]:
        """The days on which a hindrance may change, open conditions apart."""
        held = self.accreditation
        yield held.awarded_on
        yield day_after(held.expires_on)
        for change in held.status_changes:
            yield change.on
        if held.unchanged_declared_on is not None:
            yield day_after(self.crosswalk.declared_until(held.unchanged_declared_on))
        if held.verified_on is not None:
            yield day_after(self.crosswalk.verified_until(held.verified_on))

    def _condition_edges(self, requirement: str) -> Iterator[date]:
        for condition in self.accreditation.conditions:
            if requirement in condition.requirements:
                yield condition.opened_on
                if condition.closed_on is not None:
                    yield day_after(condition.closed_on)


def _since(reinstated: date | None, day: date | None) -> date | None:
    """``day``, unless it is from before the last reinstatement."""
    return None if day is None or (reinstated is not None and day < reinstated) else day


def reaches(scope: Scope, subject: Subject, service: str) -> bool:
    """Whether a certificate of this scope reaches what is judged (semantics.md 4, last paragraph)."""
    if scope.kind == "organisation":
        return True
    if scope.kind == "service":
        return service in scope.services
    return any(named.id == subject.programme and named.version in {None, subject.version} for named in scope.programmes)


# Every bit there is: full coverage says the same of every requirement, however many leaves it has.
EVERY_LEAF = -1


class Shown(NamedTuple):
    """What a crosswalk lists for one requirement: all of it or not, and the leaves as bits."""

    full: bool
    leaves: int


class Listing:
    """One version of a crosswalk made ready: what it lists, and for whom."""

    def __init__(self, crosswalk: Crosswalk, rule_set: RuleSet) -> None:
        self.crosswalk = crosswalk
        self.scheme = crosswalk.scheme
        self.ref = FileRef(id=crosswalk.id, version=crosswalk.version, sha256=crosswalk.sha256)
        self.shown = {
            entry.requirement: _shown(rule_set.requirements[entry.requirement], entry) for entry in crosswalk.entries
        }
        self._condition = ready(crosswalk.applies_when, rule_set.profile_fields)

    def applies(self, subject: Subject) -> bool:
        """Whether the crosswalk's condition holds for ``subject``; unknown means not."""
        return self._condition(subject.profile) is True


class Entries:
    """What the crosswalks in use say of a requirement: those that list it, by id, and what each of them lists.

    One object for all requirements of which they say the same, and of which they say something else from the day
    after ``through``.
    """

    __slots__ = ("listings", "shown", "through")

    def __init__(self, listings: tuple[Listing, ...], shown: tuple[Shown, ...], through: date) -> None:
        self.listings = listings
        self.shown = shown
        self.through = through


class Crosswalks:
    """The crosswalks of one rule set version through time; between two effective dates lies an epoch."""

    def __init__(self, rule_set: RuleSet, crosswalks: Iterable[Crosswalk]) -> None:
        known = sorted(
            (
                item
                for item in crosswalks
                if item.rule_set.id == rule_set.id and item.rule_set.version == rule_set.version
            ),
            key=lambda item: (item.id, version_order(item.version)),
        )
        self.every = [Listing(item, rule_set) for item in known]
        self.edges = sorted({item.effective_from for item in known if item.effective_from is not None})
        self._in_use = [self._newest(day) for day in [date.min, *self.edges]]
        turns = {name: self._turns(name) for name in {name for item in self.every for name in item.shown}}
        # Of each epoch, what its crosswalks say of each requirement that is ever listed.
        starts = [date.min, *self.edges]
        self._entries = [_entries(in_use, start, turns) for in_use, start in zip(self._in_use, starts, strict=True)]
        # What each scheme is ever listed for.
        self.listed: dict[str, set[str]] = {}
        for item in self.every:
            self.listed.setdefault(item.scheme, set()).update(item.shown)

    def _turns(self, requirement: str) -> list[date]:
        """The days from which another version in use says something else of the requirement."""
        readings = [
            [
                (item.crosswalk.replace(version="0", effective_from=None, entries=(), note=None), shown)
                for item in in_use
                if (shown := item.shown.get(requirement)) is not None
            ]
            for in_use in self._in_use
        ]
        changes = zip(self.edges, readings, readings[1:], strict=False)
        return [day for day, before, after in changes if before != after]

    def _newest(self, day: date) -> tuple[Listing, ...]:
        # Sorted by version, so that the highest one in effect is the last to be kept.
        newest = {
            item.crosswalk.id: item
            for item in self.every
            if item.crosswalk.effective_from is None or item.crosswalk.effective_from <= day
        }
        return tuple(newest.values())

    def on(self, day: date) -> Mapping[str, Entries]:
        """What the crosswalks in use on ``day`` say of each requirement that is ever listed."""
        return self._entries[bisect_right(self.edges, day)]

    def in_use(self, day: date) -> tuple[Listing, ...]:
        """For each crosswalk id the highest version in effect on ``day``, by id."""
        return self._in_use[bisect_right(self.edges, day)]


def _entries(in_use: Iterable[Listing], start: date, turns: Mapping[str, list[date]]) -> dict[str, Entries]:
    """What the crosswalks in use from ``start`` say of each requirement, until the next of its ``turns``."""
    alike: dict[tuple[object, ...], Entries] = {}
    found = {}
    for name, days in turns.items():
        shown = {listing: listing.shown[name] for listing in in_use if name in listing.shown}
        through = min((day_before(day) for day in days if day > start), default=date.max)
        entries = Entries(tuple(shown), tuple(shown.values()), through)
        found[name] = alike.setdefault((entries.listings, entries.shown, through), entries)
    return found


def _shown(requirement: Requirement, entry: CrosswalkEntry) -> Shown:
    if entry.coverage == "full":
        return Shown(full=True, leaves=EVERY_LEAF)
    return Shown(full=False, leaves=sum(requirement.tree.bit_of[leaf] for leaf in set(entry.leaves)))
