"""A small world to test the record in: a rule set of three requirements, two providers, two commissioners."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from copy import copy
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from app.db.session import SYSTEM, Actor, Database, Role, Transaction, transaction
from app.db.values import Area, AssessmentRecord, OrganisationKind, Recorded, Reopened, ServiceRecord
from app.engine.pack import Accreditation, Document, Pack, Programme, Response
from app.engine.rules import Crosswalk, RuleSet, RuleSetRef, Scheme
from app.engine.values import Value
from app.loader.catalogue import Catalogue
from app.security.jose import KeyRing, Seals
from app.security.keys import new_key
from app.services import accounts, accreditations, assessments, documents, life, offers, packs, reviews
from app.services.issuing import Press
from tests.conftest import SetUps

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TINY = RuleSetRef(id="tiny", version="1")
OTHER = RuleSetRef(id="tiny", version="2")
LATER = RuleSetRef(id="tiny", version="3")
HASH = "0" * 64
SIGNING_KEY = new_key()
GWENT = Area(("gwent",))


def _document_leaf(name: str, kind: str) -> dict[str, Any]:
    return {"id": name, "ask": f"show the {kind}", "document": {"types": [kind]}}


def _rule_set(version: str, kinds: list[str]) -> RuleSet:
    hours = {"id": "hours", "ask": "at least 1.5", "answer": {"question": "hours", "at_least": "1.5"}}
    requirements: list[dict[str, Any]] = [
        {
            "id": "1.1",
            "safety_critical": True,
            "concerns": "service",
            "met_when": _document_leaf("policy", "policy"),
        },
        {
            "id": "1.2",
            "may_be_excluded": True,
            "concerns": "service",
            "met_when": {"all": [_document_leaf("policy", "policy"), hours]},
        },
        {"id": "1.3", "concerns": "programme", "met_when": _document_leaf("shown", kinds[-1])},
    ]
    common: dict[str, Any] = {"statement": "It holds.", "basis": ["editorial"], "obligation": "must"}
    return RuleSet.model_validate(
        {
            "id": "tiny",
            "version": version,
            "title": "Tiny",
            "profile": [
                {
                    "id": "forms_of_abuse",
                    "type": "choices",
                    "text": "Forms",
                    "options": [{"id": name, "text": name} for name in ("domestic_abuse", "stalking")],
                }
            ],
            "questions": [
                {"id": "hours", "type": "decimal", "text": "Hours"},
                {
                    "id": "topics",
                    "type": "choices",
                    "text": "Topics",
                    "options": [{"id": name, "text": name} for name in ("risk", "needs")],
                },
            ],
            "document_types": [{"id": kind, "text": kind} for kind in kinds],
            "standards": [{"number": 1, "title": "One", "requirements": [common | item for item in requirements]}],
        }
    )


def _later() -> RuleSet:
    """The first version carried on: 1.1 is as it was, 1.2 is split, and 1.3 is clarified and called 1.5."""
    found = _rule_set("3", ["policy", "log"])
    [standard] = found.standards
    one, two, three = standard.requirements
    renumbered = (one, two, two.replace(id="1.4"), three.replace(id="1.5"))
    entries = (
        ("1.1", "1.1", "unchanged"),
        ("1.2", "1.2", "split"),
        ("1.4", "1.2", "split"),
        ("1.5", "1.3", "clarified"),
    )
    lineage = [{"requirement": name, "from": [parent], "change": change} for name, parent, change in entries]
    document = found.model_dump(mode="json", by_alias=True, exclude_none=True) | {
        "based_on": TINY.model_dump(),
        "lineage": {"entries": lineage, "retired": []},
        "standards": [standard.replace(requirements=renumbered).model_dump(mode="json", by_alias=True)],
    }
    return RuleSet.model_validate(document)


def catalogue() -> Catalogue:
    """Three versions of the rule set, and two schemes.

    The second version does not know the document type ``log``; the third is based on the first.
    """
    schemes = [
        Scheme.model_validate(
            {
                "id": name,
                "title": name,
                "editions": ["3"],
                "stages": ["accredited"],
                "scope": scope,
                "usual_term_months": 36,
            }
        )
        for name, scope in (("respect", "service"), ("csaap", "programme"))
    ]
    crosswalk = Crosswalk.model_validate(
        {
            "id": "respect--tiny",
            "version": "1",
            "scheme": "respect",
            "rule_set": TINY.model_dump(),
            "editions": ["3"],
            "stages": ["accredited"],
            "entries": [{"requirement": "1.2", "coverage": "full"}],
        }
    )
    versions = {"1": ["policy", "log"], "2": ["policy"]}
    rule_sets = {("tiny", version): _rule_set(version, kinds) for version, kinds in versions.items()}
    rule_sets["tiny", "3"] = _later()
    return Catalogue(rule_sets, {scheme.id: scheme for scheme in schemes}, (crosswalk,))


def document(key: str = "doc-1", **changes: object) -> Document:
    """A policy, good from 2025 on."""
    return Document(id=key, type="policy", issued_on=date(2025, 1, 15), sha256=HASH).replace(**changes)


def accreditation(key: str = "acc-1", **changes: object) -> Accreditation:
    """A Respect certificate of the whole organisation."""
    made = Accreditation.model_validate(
        {
            "id": key,
            "scheme": "respect",
            "edition": "3",
            "stage": "accredited",
            "awarded_on": "2025-04-01",
            "expires_on": "2028-03-31",
            "scope": {"kind": "organisation"},
            "unchanged_declared_on": "2026-02-01",
        }
    )
    return made.replace(**changes)


def response(requirement: str = "1.1", **changes: object) -> Response:
    """A claim that the requirement is met, with nothing to show for it."""
    return Response(requirement=requirement, version=1, self_rating="met").replace(**changes)


class World:
    """Everybody there is, and a clock that moves on a minute with every transaction."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.catalogue = catalogue()
        self.press = Press(Seals(KeyRing(lambda: (SIGNING_KEY,))), "https://safonau.example", demonstration=True)
        self._minutes = 0
        with self.tx(SYSTEM) as tx:
            self.operator = _somebody(tx, "operator", "Operator", "administrator")
            self.provider = _somebody(tx, "provider", "Provider", "provider_lead")
            self.editor = _user(tx, self.provider.organisation, "provider_editor")
            self.other_provider = _somebody(tx, "provider", "Other provider", "provider_lead")
            self.commissioner = _somebody(tx, "commissioner", "Board", "commissioner")
            self.reviewer = _user(tx, self.commissioner.organisation, "reviewer")
            self.second_reviewer = _user(tx, self.commissioner.organisation, "reviewer")
            self.other_commissioner = _somebody(tx, "commissioner", "Other board", "commissioner")
            self.scrutiny = _somebody(tx, "scrutiny", "Inspectorate", "scrutiny")
            self.other_reviewer = _user(tx, self.other_commissioner.organisation, "reviewer")

    @property
    def now(self) -> datetime:
        """The instant of the latest transaction."""
        return START + timedelta(minutes=self._minutes)

    def tx(self, actor: Actor) -> AbstractContextManager[Transaction]:
        """A transaction of ``actor``, a minute after the one before."""
        self._minutes += 1
        return transaction(self.db, actor, now=self.now, new_id=uuid7, request_id=f"request-{self._minutes}")

    def days_pass(self, days: int) -> None:
        """Set the clock forward."""
        self._minutes += days * 24 * 60

    def until(self, instant: datetime) -> None:
        """Set the clock to an instant, a whole number of minutes from the start."""
        self._minutes = (instant - START) // timedelta(minutes=1)

    def service(
        self,
        name: str = "Group work",
        profile: Mapping[str, Value] | None = None,
        programmes: tuple[Programme, ...] = (Programme(id="prog-a"),),
    ) -> ServiceRecord:
        """A service of the provider, with one programme."""
        stated = {"forms_of_abuse": ("domestic_abuse",)} if profile is None else profile
        with self.tx(self.provider) as tx:
            return offers.create_service(
                tx, self.catalogue, name=name, profile=stated, programmes=programmes, area=GWENT
            )

    def assessment(self, service: UUID | None = None, rule_set: RuleSetRef = TINY) -> AssessmentRecord:
        """A draft of an assessment of the service, or of a new one."""
        service = service or self.service().id
        with self.tx(self.provider) as tx:
            return assessments.create_assessment(tx, self.catalogue, service, rule_set)

    def submit(self, assessment: AssessmentRecord, *commissioners: Actor) -> AssessmentRecord:
        """The assessment handed in to these commissioners, or to the first one."""
        share_with = tuple(each.organisation for each in commissioners or (self.commissioner,))
        with self.tx(self.provider) as tx:
            return life.submit(tx, assessment.id, share_with=share_with, expected=assessment.etag)

    def start_review(self, assessment: AssessmentRecord) -> AssessmentRecord:
        with self.tx(self.reviewer) as tx:
            return life.start_review(tx, assessment.id, expected=assessment.etag)

    def in_review(self, assessment: AssessmentRecord, *commissioners: Actor) -> AssessmentRecord:
        """The assessment handed in, and taken into review."""
        return self.start_review(self.submit(assessment, *commissioners))

    def give_back(self, assessment: AssessmentRecord, *requirements: str) -> AssessmentRecord:
        """The assessment returned, to change what it says of these requirements."""
        reopened = tuple(Reopened(name, "too old") for name in requirements)
        with self.tx(self.reviewer) as tx:
            return life.return_(tx, self.catalogue, assessment.id, reopened, expected=assessment.etag)

    def put_document(self, service: UUID, item: Document, expected: str | None = None) -> Recorded[Document]:
        with self.tx(self.provider) as tx:
            return documents.put_document(tx, self.catalogue, service, item, expected=expected)

    def put_accreditation(
        self, service: UUID, item: Accreditation, expected: str | None = None
    ) -> Recorded[Accreditation]:
        with self.tx(self.provider) as tx:
            return accreditations.put_accreditation(tx, self.catalogue, service, item, expected=expected)

    def put_response(self, assessment: UUID, item: Response, expected: str | None = None) -> Recorded[Response]:
        with self.tx(self.provider) as tx:
            return assessments.put_response(tx, self.catalogue, assessment, item, expected=expected)

    def verify(self, service: UUID, expected: str, on: date = date(2026, 2, 20)) -> Recorded[Accreditation]:
        with self.tx(self.reviewer) as tx:
            return accreditations.verify(
                tx,
                self.catalogue,
                service,
                "acc-1",
                verified_on=on,
                register="entry 7",
                expected=expected,
            )

    def decide(
        self, assessment: UUID, decision: reviews.Decision, by: Actor | None = None, read: Pack | None = None
    ) -> Recorded[Any]:
        """Decide on the pack that was read, or on the one that stands now."""
        with self.tx(by or self.reviewer) as tx:
            expected = (read or packs.assembled(tx, assessment)).sha256
            return reviews.decide(tx, self.catalogue, assessment, decision, expected=expected)

    def pack(self, assessment: UUID, by: Actor | None = None, known_at: datetime | None = None) -> Pack:
        with self.tx(by or self.provider) as tx:
            return packs.assembled(tx, assessment, known_at=known_at)

    def import_pack(self, assessment: UUID, pack: Pack) -> Pack:
        """Import over what stands now."""
        expected = self.pack(assessment).sha256
        with self.tx(self.provider) as tx:
            return packs.import_pack(tx, self.catalogue, assessment, pack, expected=expected)

    def count(self, table: str) -> int:
        """How many rows a table has for whoever may see all of it: the first provider and its reviewers."""
        with self.tx(self.provider) as tx:
            return int(tx.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())  # noqa: S608  # a name from a test


def _somebody(tx: Transaction, kind: OrganisationKind, name: str, role: Role) -> Actor:
    remit = accounts.Remit(GWENT.regions) if kind == "commissioner" else accounts.NO_REMIT
    return _user(tx, accounts.create_organisation(tx, kind=kind, name=name, remit=remit).id, role)


def _user(tx: Transaction, organisation: UUID, role: Role) -> Actor:
    made = accounts.create_user(
        tx,
        email=f"{tx.new_id()}@example.org",
        name=f"A {role}",
        organisation=organisation,
        role=role,
        password_hash="a hash",
    )
    return Actor(made.id, made.organisation, role)


def world(db: Database, set_ups: SetUps) -> World:
    """A world in the empty database of ``db``."""
    found = copy(set_ups.done("world", lambda: World(db)))
    found.db, found.catalogue = db, catalogue()
    return found
