"""Enters the demonstration: everything through the services that people use, in their names, at past instants.

All of it happens in one transaction, so that it is there whole or not at all.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from app.clients.objects import ObjectStore
from app.db.repositories import assessments, organisations, users
from app.db.session import SYSTEM, Actor, Database, Transaction, acting_as, alone, transaction
from app.db.values import OrganisationKind
from app.engine.rules import RuleSet
from app.engine.values import version_order
from app.errors import Conflict
from app.loader.catalogue import Catalogue
from app.services.demo import people, wales
from app.services.demo.deciding import decide
from app.services.demo.people import PEOPLE, Person, enter_people
from app.services.demo.stories import FIRST_STORIES, Story
from app.services.demo.telling import Scene, tell, tell_all
from app.services.issuing import Press

RULE_SET: Final = "wales-perpetrator-services"
_NAME: Final = "demonstration"
_KINDS: Final[tuple[OrganisationKind, ...]] = ("provider", "commissioner", "scrutiny", "operator")
# Everybody is there before the first story begins.
_BEFORE: Final = timedelta(days=1200)


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """Somebody to sign in as."""

    email: str
    password: str
    organisation: str


@dataclass(frozen=True, slots=True)
class DemoLogins:
    """What a first visitor needs: the logins, and an assessment that the commissioner sees.

    There may be none of these any more (``None``), as everybody may change what is made up. ``created`` says that the
    data was entered just now.
    """

    administrator: DemoLogin
    provider: DemoLogin
    second_provider: DemoLogin
    commissioner: DemoLogin
    reviewer: DemoLogin
    assessment: UUID | None
    created: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """What a demonstration is entered with. ``press`` issues as a demonstration does, drafts of rule sets included.

    ``objects`` takes the files that documents are of.
    """

    catalogue: Catalogue
    press: Press
    objects: ObjectStore
    now: datetime
    hash_password: Callable[[str], str]


def ensure_demo(db: Database, stage: Stage, new_id: Callable[[], UUID]) -> DemoLogins:
    """Enter the few stories of a first visit unless a demonstration is there; some of it is about to lapse.

    Raises ``NotFound`` where the catalogue has no rule set ``RULE_SET``, and ``Conflict`` where the database holds
    anything else.
    """
    with transaction(db, SYSTEM, now=stage.now, new_id=new_id, request_id=_NAME) as tx:
        alone(tx, _NAME)  # another process that starts just now waits here, and then finds it done
        there = users.for_sign_in(tx, _person(people.PROVIDER).email) is not None
        if not there:
            _refuse_what_is_in_use(tx, "Start the service with --no-demo, or name a new folder with --data-dir.")
            _enter(tx, stage, PEOPLE, FIRST_STORIES)
        return _logins(tx, created=not there)


def enter_wales(db: Database, stage: Stage, *, seed: int) -> tuple[Person, ...]:
    """Enter three years of a made-up Wales, and give everybody who can sign in.

    One seed and one instant give the same data, ids included. Raises ``Conflict`` where the database holds anything
    already, and what ``ensure_demo`` raises.
    """
    with transaction(db, SYSTEM, now=stage.now, new_id=ids(seed, stage.now), request_id=_NAME) as tx:
        alone(tx, _NAME)
        hint = "Name a new folder with --data-dir, and start the service there with the same --data-dir."
        _refuse_what_is_in_use(tx, hint)
        everybody = wales.people()
        _enter(tx, stage, everybody, wales.stories(seed))
        return everybody


def _refuse_what_is_in_use(tx: Transaction, hint: str) -> None:
    """Everybody knows the passwords of a demonstration, an administrator's among them."""
    if any(organisations.page(tx, kind, after=None, limit=1).items for kind in _KINDS):
        raise Conflict("The database holds data already; made-up data is never mixed with other.", hint=hint)


def has_demo(db: Database, *, now: datetime, new_id: Callable[[], UUID]) -> bool:
    """Whether the demonstration logins, which everybody can read here, are in the database."""
    with transaction(db, SYSTEM, now=now, new_id=new_id, request_id=_NAME) as tx:
        return users.for_sign_in(tx, _person(people.PROVIDER).email) is not None


def ids(seed: int, now: datetime) -> Callable[[], UUID]:
    """Ids that look like those of version 7 and are always the same: good for made-up data only."""
    count = 0
    at = int(now.timestamp() * 1000)

    def new_id() -> UUID:
        nonlocal count
        count += 1
        random = int.from_bytes(hashlib.sha256(f"{seed} {count}".encode()).digest()[:10], "big")
        bits = (at << 80 | random) & ~(0xF << 76) & ~(0x3 << 62)
        return UUID(int=bits | 0x7 << 76 | 0x2 << 62)

    return new_id


def _enter(tx: Transaction, stage: Stage, everybody: tuple[Person, ...], stories: Iterable[Story]) -> None:
    told = tuple(stories)
    rule_set = _newest(stage.catalogue, tx.now.date())
    before = acting_as(tx, SYSTEM, stage.now - _BEFORE)
    actors = enter_people(before, everybody, stage.hash_password)
    scene = Scene(stage.catalogue, stage.press, stage.objects, rule_set, actors, stage.now)
    deciding = [decide(scene, actor) for actor in actors.values() if actor.role == "commissioner"]
    tell_all(tx, [*(tell(scene, story) for story in told), *deciding])


def _newest(catalogue: Catalogue, day: date) -> RuleSet:
    """The newest version whose first day has come."""
    begun = (item for item in catalogue.rule_sets.values() if item.effective_from is None or item.effective_from <= day)
    versions = sorted((item.version for item in begun if item.id == RULE_SET), key=version_order)
    return catalogue.rule_set(RULE_SET, versions[-1] if versions else "1")


def _person(login: str) -> Person:
    return next(person for person in PEOPLE if person.login == login)


def _logins(tx: Transaction, *, created: bool) -> DemoLogins:
    made = {person.login: DemoLogin(person.email, person.password, person.marked) for person in PEOPLE}
    tx = acting_as(tx, SYSTEM, tx.now)
    found = users.for_sign_in(tx, made[people.COMMISSIONER].email)
    if found is None:
        raise Conflict("The demonstration lost its commissioner.", hint="Start with a new data folder.")
    tx = acting_as(tx, Actor(found.id, found.organisation, found.role), tx.now)
    seen = assessments.page(tx, after=None, limit=1).items
    return DemoLogins(
        administrator=made[people.ADMINISTRATOR],
        provider=made[people.PROVIDER],
        second_provider=made[people.SECOND_PROVIDER],
        commissioner=made[people.COMMISSIONER],
        reviewer=made[people.REVIEWER],
        assessment=seen[0].id if seen else None,
        created=created,
    )
