"""Tells the story of one made-up service through the services that people use, step by step.

A telling says who acts next and when, and is given a transaction as that; so many tellings can be told side by side,
in the order of time.
"""

import hashlib
import heapq
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Final, TypeAlias
from uuid import UUID

from app.clients.objects import ObjectStore
from app.db.repositories import accreditations as accreditation_records
from app.db.repositories.partners import AnswersFor
from app.db.session import Actor, Transaction, acting_as
from app.db.values import AssessmentRecord, Reopened
from app.engine.pack import Accreditation, Pack
from app.engine.rules import RuleSet, RuleSetRef
from app.loader.catalogue import Catalogue
from app.services import (
    accreditations,
    assessments,
    carrying,
    issuing,
    life,
    offers,
    overrides,
    packs,
    partners,
    reviews,
    uploads,
)
from app.services.demo import mending
from app.services.demo.packs import MARK, NARRATIVE, Shelf
from app.services.demo.stories import Chapter, Story

# Who acts next, and when.
When: TypeAlias = tuple[Actor, datetime]
Telling: TypeAlias = Generator[When, Transaction, None]
Step: TypeAlias = Generator[When, Transaction, AssessmentRecord]

# After the day on which an assessment is handed in.
_REVIEWED: Final = timedelta(days=7)
_CHANGED: Final = timedelta(days=14)


@dataclass(frozen=True)
class Scene:
    """What every telling goes by: the rules, who there is (by login), and the instant that the demonstration is of."""

    catalogue: Catalogue
    press: issuing.Press
    objects: ObjectStore
    rule_set: RuleSet
    actors: Mapping[str, Actor]
    now: datetime

    def days_ago(self, days: int) -> datetime:
        """The instant that many days before."""
        return self.now - timedelta(days=days)

    @property
    def ref(self) -> RuleSetRef:
        """The version that services are assessed under."""
        return RuleSetRef(id=self.rule_set.id, version=self.rule_set.version)

    @property
    def next_version(self) -> str:
        """The version of the rule set that is based on this one."""
        return next(item.version for item in self.catalogue.rule_sets.values() if item.based_on == self.ref)


def tell_all(tx: Transaction, tellings: Iterable[Telling]) -> None:
    """Let everything happen in the order of time; of two things at one instant, that of the earlier telling first."""
    told = list(tellings)
    coming = [next(telling) for telling in told]
    waiting = [(at, number) for number, (_, at) in enumerate(coming)]
    heapq.heapify(waiting)
    while waiting:
        at, number = heapq.heappop(waiting)
        try:
            coming[number] = told[number].send(acting_as(tx, coming[number][0], at))
        except StopIteration:
            continue
        heapq.heappush(waiting, (coming[number][1], number))


def tell(scene: Scene, story: Story) -> Telling:
    """Tell the story of one service from the day on which its provider enters it."""
    provider = scene.actors[story.provider]
    tx = yield provider, scene.days_ago(story.chapters[0].days_ago)
    service = offers.create_service(
        tx,
        scene.catalogue,
        name=f"{MARK}{story.name}",
        profile=story.profile,
        programmes=story.programmes,
        area=story.area,
    )
    if story.partner is not None:
        partner = scene.actors[story.partner].organisation
        part = (AnswersFor(rule_set=scene.ref, standards=(14,)),)
        partners.name(tx, scene.catalogue, service.id, partner, part, expected=None)
    last: UUID | None = None
    for chapter in story.chapters:
        last = yield from _Assessing(scene, story, chapter).told(service.id, last)


@dataclass(frozen=True)
class _Assessing:
    """One assessment being told."""

    scene: Scene
    story: Story
    chapter: Chapter

    @property
    def _provider(self) -> Actor:
        return self.scene.actors[self.story.provider]

    def _reviewer(self, prefix: str = "") -> Actor:
        return self.scene.actors[prefix + self.story.boards[0].replace("commissioner", "reviewer")]

    def _after(self, later: timedelta) -> datetime:
        return self.scene.days_ago(self.chapter.days_ago) + later

    def told(self, service: UUID, last: UUID | None) -> Generator[When, Transaction, UUID]:
        """Begin it, or carry the last one forward, hand it in, and go on as far as the chapter goes; gives its id."""
        tx = yield self._provider, self._after(timedelta())
        if self.chapter.carried and last is not None:
            read = packs.assembled(tx, last).sha256
            begun = carrying.carry(tx, self.scene.catalogue, last, self.scene.next_version, expected=read)
        else:
            begun = self._begun(tx, service)
        if self.chapter.comes_to == "draft":
            if self.chapter.mends:
                yield from self._mending(begun)
            return begun.id
        yield from self._handed_in(tx, begun)
        return begun.id

    def _begun(self, tx: Transaction, service: UUID) -> AssessmentRecord:
        begun = assessments.create_assessment(tx, self.scene.catalogue, service, self.scene.ref)
        before = packs.assembled(tx, begun.id)
        shelf, held = self._filled(before, tx.now.date())
        filled = shelf.added_to(before.replace(accreditations=(*before.accreditations, *held)))
        if self.chapter.files:
            for name, content in shelf.files.items():
                self._upload(tx, name, content)
        packs.import_pack(tx, self.scene.catalogue, begun.id, filled, expected=before.sha256)
        return begun

    def _upload(self, tx: Transaction, name: str, content: bytes) -> None:
        store, sha256 = self.scene.objects, hashlib.sha256(content).hexdigest()
        new = uploads.examined(
            BytesIO(content),
            sha256=sha256,
            size=len(content),
            name=f"{name}.txt",
            declared="text/plain",
            antivirus=None,
        )
        store.put(tx.actor.organisation, sha256, BytesIO(content))
        uploads.record(tx, store, new)

    def _mending(self, begun: AssessmentRecord) -> Telling:
        """Plan to show what nothing is said of yet, and show it the next day."""
        tx = yield self._provider, self._after(timedelta(days=1))
        said = {item.requirement for item in packs.assembled(tx, begun.id).responses if item.self_rating == "met"}
        missing = next(item for item in self.scene.rule_set.requirements.values() if item.id not in said)
        planned = mending.plan_missing(tx, self.scene.catalogue, begun, missing.id)
        tx = yield self._provider, self._after(timedelta(days=2))
        before = packs.assembled(tx, begun.id)
        shelf = Shelf(self.scene.rule_set, before, tx.now.date(), self.story.uncertified)
        shelf.meet(missing, evidence=True)
        packs.import_pack(tx, self.scene.catalogue, begun.id, shelf.added_to(before), expected=before.sha256)
        mending.finish(tx, self.scene.catalogue, begun, planned)

    def _handed_in(self, tx: Transaction, begun: AssessmentRecord) -> Telling:
        boards = tuple(self.scene.actors[login].organisation for login in self.story.boards)
        record = life.submit(tx, begun.id, share_with=boards, expected=begun.etag)
        if self.chapter.comes_to == "withdrawn":
            tx = yield self._provider, self._after(_REVIEWED)
            record = life.withdraw(tx, record.id, reason=f"{MARK}the service closes.", expected=record.etag)
        elif self.chapter.comes_to != "submitted" or self.chapter.changed_since:
            record = yield from self._reviewing(record)
        if self.story.ended and self.chapter is self.story.chapters[-1]:
            tx = yield self._provider, self._after(_CHANGED)
            life.end_share(tx, record.id, boards[-1], expected=record.etag)

    def _reviewing(self, record: AssessmentRecord) -> Step:
        planned = None
        if self.chapter.mends:
            tx = yield self._provider, self._after(timedelta(days=2))
            planned = mending.plan(tx, self.scene.catalogue, record)
        tx = yield self._reviewer(), self._after(_REVIEWED)
        record = life.start_review(tx, record.id, expected=record.etag)
        self._verify(tx, record)
        self._decide(tx, record)
        if self.chapter.overrides:
            yield from self._overriding(record)
        if planned is not None:
            tx = yield self._provider, self._after(_REVIEWED) + timedelta(days=3)
            mending.finish(tx, self.scene.catalogue, record, planned)
        if self.chapter.comes_to == "completed":
            tx = yield self._reviewer(), self._after(_CHANGED)
            record = life.complete(tx, record.id, expected=record.etag)
            read = packs.assembled(tx, record.id).sha256
            issuing.issue(tx, self.scene.catalogue, self.scene.press, record.id, expected=read)
        elif self.chapter.comes_to == "returned" or self.chapter.changed_since:
            record = yield from self._returning(record)
        return record

    def _returning(self, record: AssessmentRecord) -> Step:
        """Give back what was accepted, to say how it is done now, and what more was asked for; change the former."""
        tx = yield self._reviewer(), self._after(_CHANGED) - timedelta(days=1)
        decided = packs.assembled(tx, record.id).reviews
        accepted = sorted(review.requirement for review in decided if review.decision == "accepted")
        asked = sorted(review.requirement for review in decided if review.decision != "accepted")
        names = accepted[: self.chapter.changed_since] or asked
        reopened = tuple(Reopened(name, f"{MARK}please say how this is done now.") for name in names)
        record = life.return_(tx, self.scene.catalogue, record.id, reopened, expected=record.etag)
        if not self.chapter.changed_since:
            return record
        tx = yield self._provider, self._after(_CHANGED)
        self._change(tx, record.id, names)
        return life.submit(tx, record.id, share_with=(), expected=record.etag)

    def _overriding(self, record: AssessmentRecord) -> Telling:
        """Propose overrides; a second reviewer confirms all but the last."""
        proposed = []
        tx = yield self._reviewer(), self._after(_REVIEWED) + timedelta(days=1)
        for requirement in self.chapter.overrides:
            pack = packs.assembled(tx, record.id)
            version = next((item.version for item in pack.responses if item.requirement == requirement), 0)
            reason = f"{MARK}seen during a visit, and better than what was handed in."
            until = tx.now.date() + timedelta(days=180)
            proposal = overrides.Proposal(requirement, version, until, reason)
            proposed.append(overrides.propose(tx, self.scene.catalogue, record.id, proposal, expected=pack.sha256))
        tx = yield self._reviewer("second-"), self._after(_REVIEWED) + timedelta(days=2)
        for item in proposed[:-1]:
            read = packs.assembled(tx, record.id).sha256
            overrides.confirm(tx, self.scene.catalogue, record.id, item.key, expected=read)

    def _filled(self, before: Pack, day: date) -> tuple[Shelf, tuple[Accreditation, ...]]:
        """What the provider hands in, and holds: where its certificate speaks, it leaves the word to that."""
        chapter, rule_set = self.chapter, self.scene.rule_set
        held = () if chapter.certificate is None else (chapter.certificate(day, before.service.id),)
        schemes = {item.scheme for item in held}
        covered = {
            entry.requirement: entry
            for crosswalk in self.scene.catalogue.crosswalks_for(rule_set)
            if crosswalk.scheme in schemes
            for entry in crosswalk.entries
        }
        shelf = Shelf(rule_set, before, day, self.story.uncertified)
        for number, requirement in enumerate(rule_set.requirements.values(), start=1):
            entry = covered.get(requirement.id)
            if number > chapter.said_to or (entry is not None and entry.coverage == "full"):
                continue
            if chapter.keeps(chapter.unmet_every, number, requirement):
                shown = chapter.keeps(chapter.unshown_every, number, requirement)
                shelf.meet(requirement, evidence=shown, certified=() if entry is None else entry.leaves)
            else:
                shelf.fall_short(requirement)
        return shelf, held

    def _verify(self, tx: Transaction, record: AssessmentRecord) -> None:
        pack = packs.assembled(tx, record.id)
        for held in (item for item in pack.accreditations if item.verified_on is None):
            etag = accreditation_records.get(tx, record.service, held.id).etag
            accreditations.verify(
                tx,
                self.scene.catalogue,
                record.service,
                held.id,
                verified_on=tx.now.date() - timedelta(days=self.chapter.checked_days_ago),
                register=f"{MARK}entry {held.certificate} of the public list",
                expected=etag,
            )

    def _decide(self, tx: Transaction, record: AssessmentRecord) -> None:
        """Accept what was shown, or ask for more, as far as the reviewer has come."""
        pack = packs.assembled(tx, record.id)
        responses = {response.requirement: response for response in pack.responses}
        decisions = []
        for number, requirement in enumerate(self.scene.rule_set.requirements.values(), start=1):
            response = responses.get(requirement.id)
            if number > self.chapter.reviewed_to or response is None or response.self_rating != "met":
                continue
            decision = reviews.Decision(requirement.id, response.version, "accepted")
            if not self.chapter.keeps(self.chapter.sent_back_every, number, requirement):
                reason = f"{MARK}please show the last year."
                decision = replace(decision, decision="more_information", reason=reason)
            decisions.append(decision)
        reviews.decide_all(tx, self.scene.catalogue, record.id, decisions, expected=pack.sha256)

    def _change(self, tx: Transaction, assessment: UUID, changed: Iterable[str]) -> None:
        """Rewrite responses that were returned, so that their acceptances speak of an earlier version."""
        pack = packs.assembled(tx, assessment)
        names = set(changed)
        told_anew = tuple(
            response.replace(narrative=f"{NARRATIVE} Changed since it was accepted.")
            if response.requirement in names
            else response
            for response in pack.responses
        )
        anew = pack.replace(responses=told_anew)
        packs.import_pack(tx, self.scene.catalogue, assessment, anew, expected=pack.sha256)
