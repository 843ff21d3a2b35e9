"""The whole service, as HTTP callers meet it, on the real database and the real standards."""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from pydantic import SecretStr

from app.api.remembered import Remembered
from app.api.running import Running
from app.api.throttle import Throttle
from app.db.session import SYSTEM, Actor, Database, Role, Transaction, acting_as, transaction
from app.db.values import OrganisationKind, User
from app.engine.pack import Pack
from app.loader.catalogue import Catalogue, load
from app.main import MOST_PACK_HASHES, MOST_PACKS, Service, create_app
from app.security.claims import Subject
from app.security.passwords import Passwords
from app.services import accounts, sessions
from app.settings import Settings
from tests.conftest import DatabaseUrls, SetUps

PASSWORD = "a long sentence to remember"
RULE_SET = {"id": "wales-perpetrator-services", "version": "2018.1"}
NAMESPACE = UUID(int=2018)


@dataclass
class Clock:
    """A clock that moves on by a second each time it is read, and can be set forward."""

    now: datetime = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Somebody:
    """A signed-in caller."""

    client: TestClient
    user: str
    organisation: str
    token: str

    def send(self, method: str, path: str, json: object = None, **headers: str) -> Response:
        """Send a request; ``If_Match="3"`` becomes the header If-Match."""
        sent = {"authorization": f"Bearer {self.token}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self.client.request(method, path, json=json, headers=sent)

    def get(self, path: str, **headers: str) -> Response:
        return self.send("GET", path, **headers)

    def post(self, path: str, json: object, **headers: str) -> Response:
        return self.send("POST", path, json, **headers)

    def put(self, path: str, json: object, **headers: str) -> Response:
        """Create what is not there, or change what is, in the version that is there."""
        if not {"If_Match", "If_None_Match"} & headers.keys():
            there = self.get(path)
            headers |= {"If_Match": there.headers["etag"]} if there.status_code == 200 else {"If_None_Match": "*"}
        return self.send("PUT", path, json, **headers)


def ok(response: Response, status: int = 200) -> Any:  # noqa: ANN401 - a JSON document
    """The document of a response that must have this status."""
    assert response.status_code == status, response.text
    return response.json()


def problem(response: Response, status: int, code: str) -> Mapping[str, Any]:
    """The problem document of a refusal that must have this status and code."""
    document: Mapping[str, Any] = response.json()
    assert (response.status_code, document.get("type")) == (status, f"urn:safonau:problem:{code}"), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert document["status"] == status
    assert document["detail"]
    assert document["request_id"] == response.headers["x-request-id"]
    return document


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load(Path("standards"))


@pytest.fixture(scope="session")
def password_hash() -> str:
    return Passwords().hash(PASSWORD)


@pytest.fixture(scope="session")
def key_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="session")
def session_clock() -> Clock:
    return Clock()


@pytest.fixture
def clock(session_clock: Clock) -> Clock:
    """The service's clock, back at the morning of 1 April 2026."""
    session_clock.now = Clock.now
    return session_clock


@pytest.fixture(scope="session")
def settings(migrated: DatabaseUrls, key_dir: Path) -> Settings:
    return Settings(database_url=SecretStr(migrated.app_url), data_dir=key_dir, key_dir=key_dir, log_level="error")


@pytest.fixture(scope="session")
def session_client(settings: Settings, catalogue: Catalogue, session_clock: Clock) -> Iterator[TestClient]:
    """One service for the whole run: to start it takes longer than most tests."""
    app = create_app(settings, catalogue=catalogue, clock=session_clock)
    with TestClient(app, raise_server_exceptions=False) as running:
        yield running


@pytest.fixture(scope="session")
def session_running(session_client: TestClient) -> Running:
    """The parts of the service as it started."""
    assert isinstance(session_client.app, Service)
    found: Running = session_client.app.state.running
    return found


@pytest.fixture
def app(session_client: TestClient, session_running: Running) -> Service:
    """The service with the parts that it started with, whatever the test before put in their place."""
    found = session_client.app
    assert isinstance(found, Service)
    # Set-ups that are put back have the same ids in every test, so that nothing may be remembered of the one before.
    packs, hashes = Remembered[Pack](MOST_PACKS), Remembered[str](MOST_PACK_HASHES)
    found.state.running = replace(session_running, throttle=Throttle(), packs=packs, pack_hashes=hashes)
    return found


@pytest.fixture
def client(session_client: TestClient, app: Service, database: DatabaseUrls, clock: Clock) -> TestClient:
    """The service over an empty database, with nobody's looks at what was issued counted yet."""
    assert app.state.running.clock is clock
    assert database.app_url
    session_client.cookies.clear()
    return session_client


@dataclass
class World:
    """The people of a story, made without HTTP; each signed in."""

    client: TestClient
    app: Service
    password_hash: str
    clock: Clock
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def running(self) -> Running:
        found: Running = self.app.state.running
        return found

    def organisation(self, tx: Transaction, kind: OrganisationKind, name: str) -> UUID:
        remit = accounts.Remit(("gwent",)) if kind == "commissioner" else accounts.NO_REMIT
        return accounts.create_organisation(tx, kind=kind, name=name, remit=remit).id

    def somebody(self, tx: Transaction, role: Role, organisation: UUID) -> Somebody:
        email = f"{role}-{next(self.numbers)}@example.org"
        user = accounts.create_user(
            tx, email=email, name=email, organisation=organisation, role=role, password_hash=self.password_hash
        )
        return Somebody(self.client, str(user.id), str(organisation), self.token(tx, user))

    def token(self, tx: Transaction, user: User, scope: str = sessions.SCOPE) -> str:
        """An access token of a session that begins now."""
        own = acting_as(tx, Actor(user.id, user.organisation, user.role), tx.now)
        session = sessions.start(own, scope=scope, user_agent="a test", secret_hash=str(tx.new_id()))
        acting_as(own, SYSTEM, tx.now)
        about = Subject(user.id, user.organisation, user.role, session.id, scope)
        return self.running.tokens.issue(about, now=self.clock.now, token_id=uuid5(NAMESPACE, user.email))

    @contextmanager
    def system(self) -> Iterator[Transaction]:
        running = self.running
        with transaction(running.database, SYSTEM, now=self.clock(), new_id=running.new_id, request_id="story") as tx:
            yield tx

    @property
    def database(self) -> Database:
        return self.running.database


@pytest.fixture
def world(client: TestClient, app: Service, password_hash: str, clock: Clock) -> World:
    return World(client, app, password_hash, clock)


@dataclass
class People:
    administrator: Somebody
    provider: Somebody
    editor: Somebody
    stranger: Somebody
    commissioner: Somebody
    reviewer: Somebody
    other_commissioner: Somebody
    scrutiny: Somebody

    def in_role(self, role: Role) -> Somebody:
        """Somebody who has the role; the provider is a lead."""
        found: dict[Role, Somebody] = {
            "administrator": self.administrator,
            "provider_lead": self.provider,
            "provider_editor": self.editor,
            "commissioner": self.commissioner,
            "reviewer": self.reviewer,
            "scrutiny": self.scrutiny,
        }
        return found[role]


@pytest.fixture
def people(world: World, set_ups: SetUps) -> People:
    begins = ("people", world.clock.now)
    found, world.clock.now = set_ups.done(begins, lambda: (_people(world), world.clock.now))
    everybody = vars(found)
    world.numbers = itertools.count(len(everybody))
    return People(**{name: replace(each, client=world.client) for name, each in everybody.items()})


def _people(world: World) -> People:
    with world.system() as tx:
        operator = world.organisation(tx, "operator", "Operator")
        provider = world.organisation(tx, "provider", "Example Provider")
        stranger = world.organisation(tx, "provider", "Another Provider")
        commissioner = world.organisation(tx, "commissioner", "Example Council")
        other = world.organisation(tx, "commissioner", "Another Council")
        scrutiny = world.organisation(tx, "scrutiny", "Example Inspectorate")
        return People(
            administrator=world.somebody(tx, "administrator", operator),
            provider=world.somebody(tx, "provider_lead", provider),
            editor=world.somebody(tx, "provider_editor", provider),
            stranger=world.somebody(tx, "provider_lead", stranger),
            commissioner=world.somebody(tx, "commissioner", commissioner),
            reviewer=world.somebody(tx, "reviewer", commissioner),
            other_commissioner=world.somebody(tx, "commissioner", other),
            scrutiny=world.somebody(tx, "scrutiny", scrutiny),
        )


SERVICE = {
    "name": "Community behaviour change",
    "profile": {
        "forms_of_abuse": ["domestic_abuse"],
        "client_groups": ["adult_men"],
        "partner_support": "in_house",
        "regions": ["gwent"],
    },
    "programmes": [{"id": "prog-a", "version": "3", "name": "Group programme", "profile": {"delivery": ["group"]}}],
    "regions": ["gwent"],
}


@dataclass
class Begun:
    """A service with an assessment that has just begun."""

    people: People
    service: str
    assessment: str

    @property
    def place(self) -> str:
        return f"/v1/assessments/{self.assessment}"

    @property
    def service_place(self) -> str:
        return f"/v1/services/{self.service}"

    def decide(self, decision: Mapping[str, object], **headers: str) -> Response:
        """Send a reviewer's decision, on the pack as it stands unless headers name another."""
        if "If_Match" not in headers:
            headers["If_Match"] = self.people.reviewer.get(f"{self.place}/pack").headers["etag"]
        return self.people.reviewer.post(f"{self.place}/reviews", decision, **headers)

    def start_review(self) -> None:
        etag = self.people.reviewer.get(self.place).headers["etag"]
        ok(self.people.reviewer.post(f"{self.place}/review", None, If_Match=etag))

    def complete(self) -> Response:
        etag = self.people.reviewer.get(self.place).headers["etag"]
        return self.people.reviewer.post(f"{self.place}/completion", None, If_Match=etag)

    def give_back(self, *requirements: str) -> None:
        etag = self.people.reviewer.get(self.place).headers["etag"]
        named = [{"requirement": name, "reason": "Too old."} for name in requirements]
        ok(self.people.reviewer.post(f"{self.place}/return", {"requirements": named}, If_Match=etag))

    def submit(self, *commissioners: Somebody) -> None:
        etag = self.people.provider.get(self.place).headers["etag"]
        share_with = [each.organisation for each in commissioners]
        ok(self.people.provider.post(f"{self.place}/submission", {"share_with": share_with}, If_Match=etag))


@pytest.fixture
def begun(people: People, world: World, set_ups: SetUps) -> Begun:
    begins = ("begun", world.clock.now)
    (service, assessment), world.clock.now = set_ups.done(begins, lambda: (_begun(people), world.clock.now))
    return Begun(people, service, assessment)


def _begun(people: People) -> tuple[str, str]:
    service = ok(people.provider.post("/v1/services", SERVICE), 201)["id"]
    return service, ok(people.provider.post("/v1/assessments", {"service": service, "rule_set": RULE_SET}), 201)["id"]
