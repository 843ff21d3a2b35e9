from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from uuid_utils.compat import uuid7

from app.db.repositories import assessments, users
from app.db.session import SIGNING_IN, Actor, Database, transaction
from app.engine.determination import Determination
from app.engine.pack import Pack
from app.errors import NotFound
from app.loader.catalogue import Catalogue, load
from app.services import determinations, packs
from app.services.demo import DemoLogin, DemoLogins, ensure_demo

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(ROOT / "standards")


def _ensure(db: Database, catalogue: Catalogue) -> DemoLogins:
    return ensure_demo(db, catalogue, now=NOW, new_id=uuid7, hash_password=lambda password: f"hash of {password}")


def _as(db: Database, login: DemoLogin) -> Actor:
    with transaction(db, SIGNING_IN, now=NOW, new_id=uuid7, request_id="sign-in") as tx:
        found = users.for_sign_in(tx, login.email)
    assert found is not None
    assert found.active
    assert found.password_hash == f"hash of {login.password}"
    return Actor(found.id, found.organisation, found.role)


def _determined(catalogue: Catalogue, pack: Pack) -> Determination:
    return determinations.determine(catalogue, pack, as_of=NOW.date())


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    yield made
    made.close()


def test_the_demonstration_is_entered_once_and_shows_the_cases_that_matter(db: Database, catalogue: Catalogue) -> None:
    made = _ensure(db, catalogue)
    again = _ensure(db, catalogue)
    with transaction(db, _as(db, made.administrator), now=NOW, new_id=uuid7, request_id="look") as tx:
        everybody = users.page(tx, after=None, limit=100).items
    with transaction(db, _as(db, made.commissioner), now=NOW, new_id=uuid7, request_id="look") as tx:
        first = packs.assembled(tx, made.assessment)
        shown = [packs.assembled(tx, item.id) for item in assessments.page(tx, after=None, limit=20).items]

    assert (made.created, again.created) == (True, False)
    assert again.assessment == made.assessment
    assert len(everybody) == 5
    assert first.service.name == "Demonstration: Community behaviour change"
    _says_that_it_is_made_up(made, shown)
    _shows_the_cases({pack.service.name: _determined(catalogue, pack) for pack in shown})


def _says_that_it_is_made_up(made: DemoLogins, shown: list[Pack]) -> None:
    logins = [made.administrator, made.provider, made.second_provider, made.commissioner, made.reviewer]
    assert all(login.organisation.startswith("Demonstration: ") for login in logins)
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


def test_a_tree_without_the_welsh_rule_set_has_no_demonstration(db: Database) -> None:
    with pytest.raises(NotFound, match="there is no rule set"):
        _ensure(db, Catalogue({}, {}, ()))
