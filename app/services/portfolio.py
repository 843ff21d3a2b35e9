"""What commissioners choose by: every assessment that is shared with them, worked out from the record and kept.

What is kept is never taken for the record: a row counts only while its mark is that of the last write which it may rest
on, on the days for which it was worked out, and under the engine, rule sets and crosswalks that are loaded
(``app.db.tables.portfolio``). Whoever reads has worked out again what no longer counts.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

from app.db.history import Standing, standing
from app.db.portfolio import NEVER, NO_SCORE, Candidate, Entry, Judged
from app.db.repositories import assessments, portfolio, services
from app.db.repositories.facts import Subject
from app.db.session import PROJECTOR, Database, Transaction, alone, transaction
from app.db.values import instant
from app.engine.canonical import sha256_of
from app.engine.determination import ENGINE_VERSION, RUNGS, Rung, Status
from app.engine.digest import Digest, digest
from app.engine.pack import Pack, Service
from app.errors import Conflict, Unavailable
from app.loader.catalogue import Catalogue
from app.services.determinations import judged_by

T = TypeVar("T")
# Raised whenever what is kept of an assessment changes its form or meaning.
FORM: Final = 1
BATCH: Final = 50
# So many batches a reader waits for; then it is told to come again.
_BATCHES_A_READER: Final = 4


@dataclass(frozen=True, slots=True)
class Projector:
    """The service itself, as it works out what portfolios show. ``clock`` gives UTC."""

    database: Database
    catalogue: Catalogue
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]
    request_id: str

    def refresh(self, commissioner: UUID | None = None) -> int:
        """Work out at most ``BATCH`` assessments anew whose rows no longer count; gives how many there were.

        Everybody who does so takes turns, so that nothing is worked out twice. Raises ``Unavailable``.
        """
        with self.transaction() as tx:
            alone(tx, "portfolio")
            day, loaded = tx.now.date(), fingerprint(self.catalogue)
            found = portfolio.stale(tx, day, loaded, commissioner=commissioner, limit=BATCH)
            judged = ((each, judge(tx, self.catalogue, each, as_of=day)) for each in found)
            portfolio.store(tx, [(each, result) for each, result in judged if result is not None], loaded)
        return len(found)

    def renew(self) -> int:
        """Work out every assessment that is shared anew, whatever is kept of it; gives how many there were.

        What is kept can be read meanwhile. Raises ``Unavailable``.
        """
        count, at, loaded = 0, None, fingerprint(self.catalogue)
        while True:
            with self.transaction() as tx:
                alone(tx, "portfolio")
                found = portfolio.next_services(tx, at, limit=BATCH)
                if not found:
                    return count
                judged = ((each, judge(tx, self.catalogue, each, as_of=tx.now.date())) for each in found)
                portfolio.store(tx, [(each, result) for each, result in judged if result is not None], loaded)
            count, at = count + len(found), found[-1].service

    def read(self, reading: Callable[[], AbstractContextManager[Transaction]], work: Callable[[Transaction], T]) -> T:
        """What ``work`` reads of rows that all count, in one transaction of ``reading``, which sees one instant.

        Raises ``Unavailable`` where more has to be worked out than a reader may wait for; asked again, it goes on.
        """
        loaded = fingerprint(self.catalogue)
        for _ in range(_BATCHES_A_READER + 1):
            with reading() as tx:
                if not portfolio.is_stale(tx, tx.now.date(), loaded):
                    return work(tx)
                role = tx.actor.role
                commissioner = tx.actor.organisation if role in ("commissioner", "reviewer") else None
            self.refresh(commissioner)
        raise Unavailable(
            "Much has changed, and the portfolio is still being worked out.",
            hint="Try again in a few seconds: what was worked out is kept.",
        )

    def transaction(self, *, snapshot: bool = False) -> AbstractContextManager[Transaction]:
        """A transaction of the service itself; with ``snapshot`` everything in it is read as it was at one instant."""
        return transaction(
            self.database,
            PROJECTOR,
            now=self.clock(),
            new_id=self.new_id,
            request_id=self.request_id,
            snapshot=snapshot,
        )


def fingerprint(catalogue: Catalogue, rule_set: str | None = None) -> str:
    """Names everything but the record that a judgement rests on: the engine, the rule sets, the crosswalks.

    With ``rule_set`` only judgements under versions of that one are meant.
    """
    files = [item.sha256 for item in catalogue.rule_sets.values() if rule_set in (None, item.id)]
    files += [item.sha256 for item in catalogue.crosswalks if rule_set in (None, item.rule_set.id)]
    return sha256_of({"engine": ENGINE_VERSION, "form": FORM, "files": sorted(files)})


def judge(
    tx: Transaction, catalogue: Catalogue, candidate: Candidate, *, as_of: date, known_at: datetime | None = None
) -> Judged | None:
    """What an assessment shows on ``as_of``, as known at an instant; ``None`` where it was not submitted by then."""
    subject = Subject(candidate.service, candidate.provider, candidate.assessment)
    submitted_at = assessments.submitted_at(tx, subject, known_at)
    if submitted_at is None:
        return None
    found = standing(tx, subject, known_at, submitted_at)
    pack = found.pack(candidate.rule_set)
    result, problem = _digested(catalogue, pack, as_of)
    area = services.area_at(tx, candidate.service, known_at)
    entry = Entry(
        assessment=candidate.assessment,
        service=candidate.service,
        provider=candidate.provider,
        rule_set=candidate.rule_set,
        state=found.facts["assessment", assessments.KEY].body["state"],
        submitted_at=submitted_at,
        service_name=pack.service.name,
        provider_name=pack.service.provider,
        regions=area.regions,
        local_authorities=area.local_authorities,
        status=_status(result),
        scores={rung: _score(result, rung) for rung in RUNGS},
        progress=None if result is None else result.overview.progress,
        failing={rung: 0 if result is None else len(result.failing[rung]) for rung in RUNGS},
        schemes=() if result is None else result.schemes,
        lapses={rung: (result.first_lapse(rung) if result else None) or NEVER for rung in RUNGS},
        valid_through=(result.valid_through if result else None) or NEVER,
        known_at=_known_at(found),
        problem=problem,
    )
    return _judged(entry, as_of, pack, result)


def _digested(catalogue: Catalogue, pack: Pack, as_of: date) -> tuple[Digest | None, str | None]:
    try:
        rule_set = judged_by(catalogue, pack)
    except Conflict as error:
        return None, error.message
    return digest(rule_set, catalogue.crosswalks_for(rule_set), pack, as_of), None


def _status(result: Digest | None) -> dict[Rung, Status] | None:
    if result is None:
        return None
    status = result.overview.status
    return {"evidenced": status.evidenced, "verified": status.verified}


def _judged(entry: Entry, as_of: date, pack: Pack, result: Digest | None) -> Judged:
    return Judged(
        entry=entry,
        judged_on=as_of,
        client_groups=_stated(pack.service, "client_groups"),
        forms_of_abuse=_stated(pack.service, "forms_of_abuse"),
        delivery=_stated(pack.service, "delivery"),
        failing={rung: () if result is None else result.failing[rung] for rung in RUNGS},
        failing_standards={rung: () if result is None else result.failing_standards[rung] for rung in RUNGS},
        tally=b"" if result is None else result.tally.encode(),
        content={} if result is None else _content(result),
    )


def _content(result: Digest) -> dict[str, Any]:
    form = result.model_dump(mode="json", include={"overview", "lapses"})
    overview = form["overview"]
    return {
        "standards": {str(number): standard for number, standard in overview["standards"].items()},
        "good_practice": overview["good_practice"],
        "lapses": form["lapses"],
    }


def _score(result: Digest | None, rung: Rung) -> Decimal:
    score = None if result is None else getattr(result.overview.compliance, rung)
    return NO_SCORE if score is None else Decimal(score)


def _known_at(found: Standing) -> str:
    return instant(max(fact.recorded_at for fact in found.facts.values()))


def _stated(service: Service, name: str) -> tuple[str, ...]:
    """What the service, or a programme of it, states in a field of its profile that has options."""
    profiles = (service.profile, *(programme.profile for programme in service.programmes))
    given = [profile[name] for profile in profiles if profile.get(name) is not None]
    return tuple(sorted({str(each) for value in given for each in (value if isinstance(value, tuple) else (value,))}))
