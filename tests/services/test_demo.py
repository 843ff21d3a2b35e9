from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast, get_args
from uuid import RFC_4122

import pytest
from uuid_utils.compat import uuid7

from app.clients.objects import ObjectStore
from app.db.repositories import actions as action_records
from app.db.repositories import assessments, organisations, overrides, policies, review_queue, uploads, users
from app.db.repositories import determinations as issued_records
from app.db.session import SIGNING_IN, SYSTEM, Actor, Database, Transaction, transaction
from app.db.values import State
from app.engine.determination import Determination
from app.engine.pack import Pack
from app.errors import Conflict, NotFound
from app.loader.catalogue import Catalogue, load
from app.loader.places import load_places
from app.security.jose import KeyRing, Seals
from app.serve import first_look
from app.services import accounts, actions, determinations, packs
from app.services.demo import wales
from app.services.demo.entering import Stage, ensure_demo, enter_wales, ids
from app.services.issuing import Press, currency
from tests.services.world import SIGNING_KEY

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(ROOT / "standards")


def _stage(catalogue: Catalogue) -> Stage:
    press = Press(Seals(KeyRing(lambda: (SIGNING_KEY,))), "https://safonau.example", demonstration=True)
    return Stage(catalogue, press, ObjectStore.in_memory(), NOW, lambda password: f"hash of {password}")


def _as(db: Database, email: str) -> Actor:
    with transaction(db, SIGNING_IN, now=NOW, new_id=uuid7, request_id="sign-in") as tx:
        found = users.for_sign_in(tx, email)
    assert found is not None
    assert found.active
    assert found.password_hash.startswith("hash of demonstration-")
    return Actor(found.id, found.organisation, found.role)


def _determined(catalogue: Catalogue, pack: Pack) -> Determination:
    return determinations.determine(catalogue, pack, as_of=NOW.date())


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    yield made
    made.close()


def test_the_demonstration_is_entered_once_and_shows_the_cases_that_matter(db: Database, catalogue: Catalogue) -> None:
    made = ensure_demo(db, _stage(catalogue), uuid7)
    again = ensure_demo(db, _stage(catalogue), uuid7)
    assert made.assessment is not None
    with transaction(db, _as(db, made.administrator.email), now=NOW, new_id=uuid7, request_id="look") as tx:
        everybody = users.page(tx, after=None, limit=100).items
    with transaction(db, _as(db, made.commissioner.email), now=NOW, new_id=uuid7, request_id="look") as tx:
        first = packs.assembled(tx, made.assessment)
        shown = [packs.assembled(tx, item.id) for item in assessments.page(tx, after=None, limit=20).items]
        [issued] = issued_records.page(tx, after=None, limit=10).items

    assert (made.created, again.created) == (True, False)
    assert again.assessment == made.assessment
    assert len(everybody) == 6
    assert first.service.name == "Demonstration: Community behaviour change"
    assert (issued.assessment, issued.draft) == (made.assessment, True)
    logins = [made.administrator, made.provider, made.second_provider, made.commissioner, made.reviewer]
    assert all(login.organisation.startswith("Demonstration: ") for login in logins)
    _says_that_it_is_made_up(shown)
    _starts_again_without_anything_to_show(db, catalogue)
    _shows_the_cases({pack.service.name: _determined(catalogue, pack) for pack in shown})


def _starts_again_without_anything_to_show(db: Database, catalogue: Catalogue) -> None:
    """Whoever plays with a demonstration may take the commissioner's regions; the service has to start all the same."""
    shown = ensure_demo(db, _stage(catalogue), uuid7)
    administrator, commissioner = _as(db, shown.administrator.email), _as(db, shown.commissioner.email)
    with transaction(db, administrator, now=NOW, new_id=uuid7, request_id="test") as tx:
        there = organisations.get(tx, "commissioner", commissioner.organisation)
        accounts.change_organisation(tx, there, name=there.name, expected=there.etag)
    left = ensure_demo(db, _stage(catalogue), uuid7)
    assert (left.created, left.assessment) == (False, None)
    assert "gaps" in "".join(first_look(shown, "http://there"))
    assert "gaps" not in "".join(first_look(left, "http://there"))


def _says_that_it_is_made_up(shown: list[Pack]) -> None:
    for pack in shown:
        assert pack.service.name.startswith("Demonstration: ")
        assert pack.service.provider.startswith("Demonstration: ")
        assert all((document.title or "").startswith("Demonstration: ") for document in pack.documents)
        assert all((response.narrative or "").startswith("Demonstration: ") for response in pack.responses)
        assert all((held.certificate or "").startswith("DEMONSTRATION") for held in pack.accreditations)


def _shows_the_cases(found: dict[str, Determination]) -> None:
    cases = {name.removeprefix("Demonstration: "): item for name, item in found.items()}
    codes = {name: {reason["code"] for gap in item.gaps for reason in gap.reasons} for name, item in cases.items()}
    routes = {name: item.counts.must.by_route for name, item in cases.items()}
    assert len(cases) == 5
    assert cases["Community behaviour change"].status.evidenced == "working_towards"
    assert routes["Community behaviour change"]["accreditation"] > 0
    assert routes["Two programmes, one accredited"]["evidence_and_accreditation"] > 0
    assert routes["Small one-to-one service"]["accreditation"] == 0
    assert "accreditation_expired" in codes["Certificate lapsed"]
    assert "review_stale" in codes["Changed after it was accepted"]
    assert "more_information_requested" in codes["Small one-to-one service"]


def test_nothing_is_entered_beside_what_is_not_made_up(db: Database, catalogue: Catalogue) -> None:
    """Else whoever once forgets --no-demo lets everybody in as an administrator."""
    with transaction(db, SYSTEM, now=NOW, new_id=uuid7, request_id="test") as tx:
        accounts.create_organisation(tx, kind="operator", name="Real")
    with pytest.raises(Conflict, match="holds data already") as caught:
        ensure_demo(db, _stage(catalogue), uuid7)
    assert "--no-demo" in caught.value.hint
    with transaction(db, SYSTEM, now=NOW, new_id=uuid7, request_id="test") as tx:
        assert users.page(tx, after=None, limit=1).items == ()


def test_a_tree_without_the_welsh_rule_set_has_no_demonstration(db: Database) -> None:
    with pytest.raises(NotFound, match="there is no rule set"):
        ensure_demo(db, _stage(Catalogue({}, {}, ())), uuid7)


def test_wales_is_planned_in_every_region_and_state_from_its_seed() -> None:
    planned = wales.stories(1)
    regions = Counter(region for story in planned for region in story.area.regions)
    assert len(planned) == len({story.name for story in planned}) == 42
    assert set(regions) == load_places().region_ids
    assert min(regions.values()) >= 7
    assert {story.chapters[-1].comes_to for story in planned} == set(get_args(State))
    assert max(chapter.days_ago for story in planned for chapter in story.chapters) > 3 * 360
    assert {group for story in planned for group in cast("tuple[str, ...]", story.profile["client_groups"])} == {
        "adult_men",
        "adult_women",
        "young_people",
    }
    assert wales.stories(1) == planned
    assert wales.stories(2) != planned
    again, other = ids(1, NOW), ids(2, NOW)
    assert [again() for _ in range(3)] == (first := [new() for new in [ids(1, NOW)] for _ in range(3)])
    assert other() not in first
    assert {(each.version, each.variant) for each in first} == {(7, RFC_4122)}


@dataclass
class Seen:
    """What people of the demonstration see, all together."""

    catalogue: Catalogue
    states: set[State] = field(default_factory=set)
    issued: set[str] = field(default_factory=set)
    overrides: set[bool] = field(default_factory=set)
    packs: list[Pack] = field(default_factory=list)
    actions: set[tuple[str, bool, bool, bool]] = field(default_factory=set)
    versions: set[tuple[str, State, bool]] = field(default_factory=set)
    files: int = 0
    partners: int = 0
    needless: int = 0
    waiting: int = 0
    policies: set[int] = field(default_factory=set)
    checks: set[tuple[str, bool]] = field(default_factory=set)

    def look(self, tx: Transaction) -> None:
        if tx.actor.role == "commissioner":
            self.policies |= {item.version for item in policies.page(tx, after=None, limit=10).items}
            found = policies.page_of_checks(tx, after=None, limit=10).items
            self.checks |= {(item.document["outcome"], item.repeats is not None) for item in found}
            return
        records = assessments.page(tx, after=None, limit=100).items
        self.states |= {record.state for record in records}
        self.versions |= {
            (record.rule_set.version, record.state, record.carried_from is not None) for record in records
        }
        self.partners += sum(len(record.partners) for record in records)
        self.issued |= {currency(item, NOW.date()) for item in issued_records.page(tx, after=None, limit=100).items}
        if tx.actor.role == "reviewer":
            self.waiting += len(review_queue.page(tx, after=None, limit=100).items)
            return
        self.files += len(uploads.page(tx, tx.actor.organisation, after=None, limit=100).items)
        for record in records:
            planned = action_records.page(tx, record.id, after=None, limit=10).items
            for item in planned:
                known = actions.standing(tx, self.catalogue, record.id, item.key, as_of=NOW.date())
                closed = bool(known.closed_by)
                self.needless += known.gap_closed and not closed
                self.actions.add((item.value.state, known.overdue, closed, bool(item.value.evidence)))
            proposed = overrides.page(tx, record.id, after=None, limit=10).items
            self.overrides |= {item.value.confirmed_as is not None for item in proposed}
            if record.state != "draft":
                self.packs.append(packs.assembled(tx, record.id))


@pytest.mark.long
def test_wales_has_something_of_everything(db: Database, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = wales.stories(1)
    one_of_each = [planned[3 * number + number % 3] for number in range(14)]
    # Shortened to what shows something that the others do not, so that the test does not take long.
    alike, whole = ("Accredited", "Young", "Not assessed"), ("Everything", "Prison", "Newid", "Closed")
    told = [
        replace(story, chapters=story.chapters[-2 if story.name.startswith(whole) else -1 :])
        for story in one_of_each
        if not story.name.startswith(alike)
    ]
    monkeypatch.setattr(wales, "stories", lambda _seed: told)
    everybody = enter_wales(db, _stage(catalogue), seed=1)
    with pytest.raises(Conflict, match="holds data already"):
        enter_wales(db, _stage(catalogue), seed=1)
    assert not ensure_demo(db, _stage(catalogue), uuid7).created

    seen = Seen(catalogue)
    for person in everybody:
        assert person.marked.startswith("Demonstration: ")
        actor = _as(db, person.email)
        if person.role in ("provider_lead", "reviewer", "commissioner"):
            with transaction(db, actor, now=NOW, new_id=uuid7, request_id="look") as tx:
                seen.look(tx)
    _says_that_it_is_made_up(seen.packs)
    assert seen.states == set(get_args(State))
    assert seen.issued == {"current", "superseded", "lapsed"}
    assert seen.overrides == {True, False}
    assert seen.waiting
    assert ("in_progress", False, False, False) in seen.actions
    assert ("open", True, False, False) in seen.actions
    assert ("dropped", False, False, False) in seen.actions
    assert ("done", False, True, True) in seen.actions
    assert not seen.needless, "an action is against a gap that is one"
    assert seen.versions >= {("2018.2", "draft", True), ("2018.2", "submitted", True)}
    assert seen.files
    assert seen.partners
    assert seen.policies == {1, 2}
    assert {outcome for outcome, _ in seen.checks} == {"pass", "pass_with_conditions", "fail"}
    assert {repeated for _, repeated in seen.checks} == {True, False}
    assert len({pack.service.provider for pack in seen.packs}) > 5
    found = [_determined(catalogue, pack) for pack in seen.packs]
    assert {item.status.verified for item in found} | {item.status.evidenced for item in found} >= {
        "meets",
        "working_towards",
        "critical_gaps",
    }
    codes = {reason["code"] for item in found for gap in item.gaps for reason in gap.reasons}
    assert codes >= {"accreditation_expired", "accreditation_suspended", "review_stale", "more_information_requested"}
