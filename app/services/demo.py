"""Demonstration data: two made-up providers, a commissioner, and five services in the states that matter.

Everything is entered through the services that people use, in their names, on instants of the weeks before; all of it
in one transaction, so that it is there whole or not at all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from app.db.repositories import accreditations as accreditation_records
from app.db.repositories import assessments as assessment_records
from app.db.repositories import users
from app.db.session import SYSTEM, Actor, Database, Role, Transaction, acting_as, alone, transaction
from app.db.values import Area, AssessmentRecord, OrganisationKind, Reopened
from app.engine.pack import Accreditation, Pack, Programme, Scope, ScopeProgramme
from app.engine.rules import Requirement, RuleSet, RuleSetRef
from app.engine.values import Value, add_months, day_before, version_order
from app.loader.catalogue import Catalogue
from app.services import accounts, accreditations, assessments, life, offers, packs, reviews
from app.services.demo_packs import MARK, NARRATIVE, Shelf

RULE_SET: Final = "wales-perpetrator-services"
ADMINISTRATOR: Final = "administrator"
PROVIDER: Final = "provider"
SECOND_PROVIDER: Final = "second-provider"
COMMISSIONER: Final = "commissioner"
REVIEWER: Final = "reviewer"

# Known to everybody, and so only ever of made-up people who see nothing but made-up data.
_PASSWORDS: Final = {
    ADMINISTRATOR: "demonstration-operator-1",
    PROVIDER: "demonstration-provider-1",
    SECOND_PROVIDER: "demonstration-provider-2",
    COMMISSIONER: "demonstration-board-1",
    REVIEWER: "demonstration-review-1",
}
_PEOPLE: Final[Mapping[str, tuple[OrganisationKind, str, Role]]] = {
    ADMINISTRATOR: ("operator", f"{MARK}Operator", "administrator"),
    PROVIDER: ("provider", f"{MARK}Pont y Derwen Services", "provider_lead"),
    SECOND_PROVIDER: ("provider", f"{MARK}Cymoedd Change Partnership", "provider_lead"),
    COMMISSIONER: ("commissioner", f"{MARK}Gwent regional board", "commissioner"),
    REVIEWER: ("commissioner", f"{MARK}Gwent regional board", "reviewer"),
}
_HANDED_IN: Final = timedelta(days=-21)
_REVIEWED: Final = timedelta(days=-14)
_CHANGED: Final = timedelta(days=-7)
_PROFILE: Final[Mapping[str, Value]] = {
    "forms_of_abuse": ("domestic_abuse",),
    "client_groups": ("adult_men",),
    "delivery": ("group", "one_to_one"),
    "settings": ("community",),
    "regions": ("gwent",),
    "contact_with_children": False,
    "uses_volunteers": False,
    "partner_support": "partner_organisation",
}
_AREA: Final = Area(("gwent",), ("newport",), ("behaviour_change",))


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """Somebody to sign in as."""

    email: str
    password: str
    organisation: str


@dataclass(frozen=True, slots=True)
class DemoLogins:
    """What a first visitor needs: the logins, and an assessment that was shared with the commissioner.

    ``created`` says that the data was entered just now.
    """

    administrator: DemoLogin
    provider: DemoLogin
    second_provider: DemoLogin
    commissioner: DemoLogin
    reviewer: DemoLogin
    assessment: UUID
    created: bool


@dataclass(frozen=True)
class _Story:
    """One made-up service: every so many-th of its requirements, counted from 1, is not met, not shown, or sent back.

    ``spares_critical`` says that none of these is safety critical. The reviewer has come as far as ``reviewed_to``.
    """

    name: str
    provider: str
    unmet_every: int
    unshown_every: int
    sent_back_every: int
    reviewed_to: int
    spares_critical: bool = False
    programmes: tuple[Programme, ...] = (Programme(id="group-programme", version="3", name=f"{MARK}Group programme"),)
    certificate: Callable[[date, str], Accreditation] | None = None
    # Programmes that the certificate says nothing of: for these the provider shows what it leaves to the certificate.
    uncertified: tuple[str, ...] = ()
    checked_days_ago: int = 14
    changed_since: int = 0

    def keeps(self, every: int, number: int, requirement: Requirement) -> bool:
        """Whether the requirement of this number is none of every so many, or spared."""
        return number % every != 0 or (self.spares_critical and requirement.safety_critical)


def ensure_demo(
    db: Database,
    catalogue: Catalogue,
    *,
    now: datetime,
    new_id: Callable[[], UUID],
    hash_password: Callable[[str], str],
) -> DemoLogins:
    """Enter the demonstration data unless it is there; dates lie before ``now``, so that some of it is about to lapse.

    Raises ``NotFound`` where the catalogue has no rule set ``RULE_SET``.
    """
    with transaction(db, SYSTEM, now=now, new_id=new_id, request_id="demonstration") as tx:
        alone(tx, "demonstration")  # another process that starts just now waits here, and then finds it done
        found = users.for_sign_in(tx, _email(PROVIDER))
        if found is not None:
            there = acting_as(tx, Actor(found.id, found.organisation, found.role), now)
            first = assessment_records.page(there, after=None, limit=1).items[0]
            return _logins(first.id, created=False)
        return _logins(_enter(tx, catalogue, hash_password), created=True)


def has_demo(db: Database, *, now: datetime, new_id: Callable[[], UUID]) -> bool:
    """Whether the demonstration logins, which everybody can read here, are in the database."""
    with transaction(db, SYSTEM, now=now, new_id=new_id, request_id="demonstration") as tx:
        return users.for_sign_in(tx, _email(PROVIDER)) is not None


def _enter(tx: Transaction, catalogue: Catalogue, hash_password: Callable[[str], str]) -> UUID:
    rule_set = _newest(catalogue, tx.now.date())
    actors = _people(tx, hash_password)
    made = [_tell(tx, catalogue, rule_set, actors, story) for story in _stories()]
    return made[0].id


def _newest(catalogue: Catalogue, day: date) -> RuleSet:
    """The newest version whose first day has come."""
    begun = (item for item in catalogue.rule_sets.values() if item.effective_from is None or item.effective_from <= day)
    versions = sorted((item.version for item in begun if item.id == RULE_SET), key=version_order)
    return catalogue.rule_set(RULE_SET, versions[-1] if versions else "1")


def _people(tx: Transaction, hash_password: Callable[[str], str]) -> dict[str, Actor]:
    before = acting_as(tx, SYSTEM, tx.now + _HANDED_IN)
    organisations: dict[str, UUID] = {}
    actors: dict[str, Actor] = {}
    for login, (kind, name, role) in _PEOPLE.items():
        if name not in organisations:
            remit = accounts.Remit(("gwent",)) if kind == "commissioner" else accounts.NO_REMIT
            organisations[name] = accounts.create_organisation(before, kind=kind, name=name, remit=remit).id
        made = accounts.create_user(
            before,
            email=_email(login),
            name=f"{MARK}{role.replace('_', ' ')}",
            organisation=organisations[name],
            role=role,
            password_hash=hash_password(_PASSWORDS[login]),
        )
        actors[login] = Actor(made.id, made.organisation, role)
    return actors


def _tell(
    tx: Transaction, catalogue: Catalogue, rule_set: RuleSet, actors: Mapping[str, Actor], story: _Story
) -> AssessmentRecord:
    provider = actors[story.provider]
    then = acting_as(tx, provider, tx.now + _HANDED_IN)
    service = offers.create_service(
        then, catalogue, name=story.name, profile=_PROFILE, programmes=story.programmes, area=_AREA
    )
    ref = RuleSetRef(id=rule_set.id, version=rule_set.version)
    assessment = assessments.create_assessment(then, catalogue, service.id, ref)
    empty = packs.assembled(then, assessment.id)
    filled = _filled(catalogue, rule_set, empty, story, then.now.date())
    recorded = packs.import_pack(then, catalogue, assessment.id, filled, expected=empty.sha256)
    board = actors[COMMISSIONER].organisation
    handed_in = life.submit(then, assessment.id, share_with=(board,), expected=assessment.etag)

    reviewing = acting_as(tx, actors[REVIEWER], tx.now + _REVIEWED)
    handed_in = life.start_review(reviewing, assessment.id, expected=handed_in.etag)
    _verify(reviewing, catalogue, handed_in, recorded, story)
    _review(reviewing, catalogue, handed_in, recorded, story)
    if story.changed_since:
        changed = _accepted(reviewing, assessment.id)[: story.changed_since]
        reopened = tuple(Reopened(name, f"{MARK}please say how this is done now.") for name in changed)
        handed_in = life.return_(reviewing, catalogue, assessment.id, reopened, expected=handed_in.etag)
        changing = acting_as(tx, provider, tx.now + _CHANGED)
        _change(changing, catalogue, assessment.id, set(changed))
        handed_in = life.submit(changing, assessment.id, share_with=(), expected=handed_in.etag)
    return handed_in


def _filled(catalogue: Catalogue, rule_set: RuleSet, empty: Pack, story: _Story, day: date) -> Pack:
    """What the provider hands in: where its certificate speaks, it leaves the word to that."""
    held = () if story.certificate is None else (story.certificate(day, empty.service.id),)
    schemes = {item.scheme for item in held}
    covered = {
        entry.requirement: entry
        for crosswalk in catalogue.crosswalks_for(rule_set)
        if crosswalk.scheme in schemes
        for entry in crosswalk.entries
    }
    shelf = Shelf(rule_set, story.name, day, story.uncertified)
    for number, requirement in enumerate(rule_set.requirements.values(), start=1):
        entry = covered.get(requirement.id)
        if entry is not None and entry.coverage == "full":
            continue
        if story.keeps(story.unmet_every, number, requirement):
            shown = story.keeps(story.unshown_every, number, requirement)
            shelf.meet(requirement, evidence=shown, certified=() if entry is None else entry.leaves)
        else:
            shelf.fall_short(requirement)
    return shelf.added_to(empty.replace(accreditations=held))


def _verify(tx: Transaction, catalogue: Catalogue, assessment: AssessmentRecord, pack: Pack, story: _Story) -> None:
    for held in pack.accreditations:
        etag = accreditation_records.get(tx, assessment.service, held.id).etag
        seen_on = tx.now.date() - timedelta(days=story.checked_days_ago)
        entry = f"{MARK}entry {held.certificate} of the public list"
        accreditations.verify(
            tx, catalogue, assessment.service, held.id, verified_on=seen_on, register=entry, expected=etag
        )


def _review(tx: Transaction, catalogue: Catalogue, assessment: AssessmentRecord, pack: Pack, story: _Story) -> None:
    """Accept what was shown, or ask for more, as far as the reviewer has come."""
    requirements = catalogue.rule_set(pack.rule_set.id, pack.rule_set.version).requirements
    responses = {response.requirement: response for response in pack.responses}
    for number, requirement in enumerate(requirements.values(), start=1):
        response = responses.get(requirement.id)
        if number > story.reviewed_to or response is None or not response.documents:
            continue
        decision = reviews.Decision(requirement.id, response.version, "accepted")
        if not story.keeps(story.sent_back_every, number, requirement):
            decision = replace(decision, decision="more_information", reason=f"{MARK}please show the last year.")
        read = packs.assembled(tx, assessment.id).sha256
        reviews.decide(tx, catalogue, assessment.id, decision, expected=read)


def _accepted(tx: Transaction, assessment: UUID) -> list[str]:
    pack = packs.assembled(tx, assessment)
    return sorted(review.requirement for review in pack.reviews if review.decision == "accepted")


def _change(tx: Transaction, catalogue: Catalogue, assessment: UUID, changed: set[str]) -> None:
    """Rewrite accepted responses that were returned, so that their acceptances speak of an earlier version."""
    pack = packs.assembled(tx, assessment)
    told_anew = tuple(
        response.replace(narrative=f"{NARRATIVE} Changed since it was accepted.")
        if response.requirement in changed
        else response
        for response in pack.responses
    )
    packs.import_pack(tx, catalogue, assessment, pack.replace(responses=told_anew), expected=pack.sha256)


def _stories() -> tuple[_Story, ...]:
    return (
        _Story(
            name=f"{MARK}Community behaviour change",
            provider=PROVIDER,
            certificate=_respect_in_force,
            unmet_every=17,
            unshown_every=19,
            sent_back_every=23,
            reviewed_to=125,
            spares_critical=True,
        ),
        _Story(
            name=f"{MARK}Two programmes, one accredited",
            provider=SECOND_PROVIDER,
            certificate=_csaap,
            programmes=(
                Programme(id="building-choices", version="1", name="Building Choices"),
                Programme(id="own-programme", version="2", name=f"{MARK}Our own programme"),
            ),
            uncertified=("own-programme",),
            unmet_every=10,
            unshown_every=6,
            sent_back_every=9,
            reviewed_to=40,
        ),
        _Story(
            name=f"{MARK}Small one-to-one service",
            provider=SECOND_PROVIDER,
            unmet_every=2,
            unshown_every=3,
            sent_back_every=5,
            reviewed_to=20,
        ),
        _Story(
            name=f"{MARK}Certificate lapsed",
            provider=PROVIDER,
            certificate=_respect_lapsed,
            checked_days_ago=200,
            unmet_every=11,
            unshown_every=4,
            sent_back_every=12,
            reviewed_to=25,
        ),
        _Story(
            name=f"{MARK}Changed after it was accepted",
            provider=PROVIDER,
            unmet_every=13,
            unshown_every=7,
            sent_back_every=10,
            reviewed_to=60,
            changed_since=6,
        ),
    )


def _respect_in_force(day: date, service: str) -> Accreditation:
    return _respect(day - timedelta(days=400), service, declared_on=day - timedelta(days=30))


def _respect_lapsed(day: date, service: str) -> Accreditation:
    awarded_on = add_months(day - timedelta(days=20), -36)
    return _respect(awarded_on, service, declared_on=day - timedelta(days=210))


def _respect(awarded_on: date, service: str, *, declared_on: date) -> Accreditation:
    return Accreditation(
        id="respect-1",
        scheme="respect",
        edition="3",
        stage="accredited",
        certificate="DEMONSTRATION-R-1",
        awarded_on=awarded_on,
        expires_on=day_before(add_months(awarded_on, 36)),
        scope=Scope(kind="service", services=(service,)),
        unchanged_declared_on=declared_on,
    )


def _csaap(day: date, _service: str) -> Accreditation:
    awarded_on = day - timedelta(days=500)
    return Accreditation(
        id="csaap-1",
        scheme="csaap",
        edition="ten-criteria",
        stage="accredited",
        certificate="DEMONSTRATION-C-1",
        awarded_on=awarded_on,
        expires_on=day_before(add_months(awarded_on, 60)),
        scope=Scope(kind="programme", programmes=(ScopeProgramme(id="building-choices", version="1"),)),
        unchanged_declared_on=day - timedelta(days=60),
    )


def _email(login: str) -> str:
    return f"{login}@demonstration.example"


def _logins(assessment: UUID, *, created: bool) -> DemoLogins:
    made = {login: DemoLogin(_email(login), _PASSWORDS[login], name) for login, (_, name, _) in _PEOPLE.items()}
    return DemoLogins(
        administrator=made[ADMINISTRATOR],
        provider=made[PROVIDER],
        second_provider=made[SECOND_PROVIDER],
        commissioner=made[COMMISSIONER],
        reviewer=made[REVIEWER],
        assessment=assessment,
        created=created,
    )
