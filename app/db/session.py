"""Transactions: one for a request, carrying who is asking, so that the database itself decides what they see.

Row-level security policies (migration 0001) read the settings made here; a transaction without them sees nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal, TypeAlias, TypeVar, cast
from uuid import UUID

from psycopg import Connection as PsycopgConnection
from psycopg.errors import DeadlockDetected, LockNotAvailable
from psycopg.pq import TransactionStatus
from pydantic_core import from_json
from sqlalchemy import Connection, PoolProxiedConnection, RootTransaction, create_engine, text
from sqlalchemy.event import listen
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.db.chain import Noted, add_entries, seal
from app.errors import Forbidden, Unavailable, token_refused

T = TypeVar("T")
Role: TypeAlias = Literal["provider_editor", "provider_lead", "reviewer", "commissioner", "scrutiny", "administrator"]
# Both write what a provider says; only a lead hands it in.
PROVIDER_ROLES: Final[tuple[Role, ...]] = ("provider_editor", "provider_lead")

# A writer waits so long for the one before it on the same service, then gives its connection back.
_LOCK_TIMEOUT = "5s"
# To plan a statement under the policies costs more than to run it, so each connection does it once for each statement.
_CONNECTING: Final = {
    "options": "-c timezone=UTC -c default_transaction_isolation=read\\ committed"
    f" -c plan_cache_mode=force_generic_plan -c lock_timeout={_LOCK_TIMEOUT}",
    "connect_timeout": 5,
    "prepare_threshold": 0,
}
# About as many as there are different ones: of more than a hundred the driver would forget the oldest. Each takes some
# 0.1 to 0.4 MB of the server's memory, on each connection.
_STATEMENTS: Final = 300
# One round trip: who asks, and whether the session that they ask in still holds (migration 0011).
_BEGIN = text("SELECT safonau_begin(:user, :organisation, :role, :session, :now)")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking: a user, in one role, for one organisation.

    ``session`` is the one that they are signed in by; without one they were let in by the service itself.
    """

    user: UUID
    organisation: UUID
    role: Role | Literal["sign_in", "keeper", "verification", "projector"]
    session: UUID | None = None


NOBODY = UUID(int=0)
# Somebody who has not signed in yet: sees the one user whose e-mail address is asked for, and nothing else.
SIGNING_IN = Actor(NOBODY, NOBODY, "sign_in")
# Whoever verifies a determination: sees the one whose number or hash is asked for, and nothing else.
VERIFYING = Actor(NOBODY, NOBODY, "verification")
# The service itself, at start-up and on the command line: may make organisations and users, and nothing else.
SYSTEM = Actor(NOBODY, NOBODY, "administrator")


# The service itself when it looks after the files of documents: sees what was uploaded, and which documents name it.
KEEPER = Actor(NOBODY, NOBODY, "keeper")
# The service itself when it works out what portfolios show: reads what was submitted, changes nothing of the record.
PROJECTOR = Actor(NOBODY, NOBODY, "projector")


class Database:
    """A small pool of connections to one PostgreSQL, as the ordinary role; connects when first used.

    ``url`` is a normalised address (``app.db.address``). At most ``pool_size`` transactions run at once; a further
    one waits ``pool_timeout`` seconds for its turn.
    """

    def __init__(self, url: str, *, pool_size: int = 8, pool_timeout: float = 3.0) -> None:
        self.engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=pool_timeout,
            hide_parameters=True,
            json_deserializer=from_json,
            connect_args=_CONNECTING,
        )
        self.engine.dialect.do_rollback = _roll_back  # type: ignore[method-assign, assignment]  # there is no other way in
        listen(self.engine, "connect", _keep_plans)

    def close(self) -> None:
        """Close every connection; the pool can be used again afterwards."""
        self.engine.dispose()

    def ping(self) -> None:
        """Ask the database for an answer; raises ``Unavailable`` when none comes."""
        with _connected(self, lambda connection: connection.execute(text("SELECT 1"))):
            pass


@dataclass(frozen=True, slots=True)
class Transaction:
    """One unit of work: its connection, who asks, the instant it counts as, and where new ids come from.

    ``noted`` is what the audit log will say of it; it is added to the log just before the commit.
    """

    connection: Connection
    actor: Actor
    now: datetime
    new_id: Callable[[], UUID]
    request_id: str
    noted: Noted = field(default_factory=Noted)

    def require(self, *roles: Role) -> None:
        """Raise ``Forbidden`` unless the caller has one of ``roles``."""
        if self.actor.role not in roles:
            raise Forbidden(
                f"This is for the role {' or '.join(roles)}; you are signed in as {self.actor.role}.",
                hint="Sign in as somebody with that role, or ask them to do it.",
            )


@contextmanager
def transaction(
    db: Database,
    actor: Actor,
    *,
    now: datetime,
    new_id: Callable[[], UUID],
    request_id: str,
    snapshot: bool = False,
) -> Iterator[Transaction]:
    """Give one transaction of ``actor``: committed at the end of the block, rolled back when anything is raised.

    ``now`` is an aware instant in UTC. With ``snapshot`` everything read is as it was at one instant; for reading
    only. Raises ``NotSignedIn`` when the actor's session has ended, they were shut out, or their role is another one
    by now, and ``Unavailable`` when no connection is to be had in time, somebody else is at the same rows for too
    long, or the database goes away: whether the commit was the last thing that it did is not known then. Any other
    error of the commit is raised as it is: nothing was stored, and nobody may be told that it was.
    """

    def begin(connection: Connection) -> RootTransaction:
        if snapshot:  # the pool sets a connection back to READ COMMITTED, which it began with
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        begun = connection.begin()
        _become(connection, actor, now)
        return begun

    try:
        with _connected(db, begin) as begun, begun:
            tx = Transaction(begun.connection, actor, now, new_id, request_id)
            yield tx
            seal(begun.connection, tx.noted)
    except OperationalError as error:
        if error.connection_invalidated:
            raise Unavailable(
                "The database went away while this was done: whether it was kept is not known.",
                hint="Try again later, and read what is on record before you do it once more.",
            ) from error
        if not isinstance(error.orig, LockNotAvailable | DeadlockDetected):
            raise
        raise Unavailable(
            "Somebody else is at work on the same just now.", hint="Try again in a few seconds."
        ) from error


def _keep_plans(connection: PsycopgConnection, _record: object) -> None:
    connection.prepared_max = _STATEMENTS


def _roll_back(connection: PoolProxiedConnection) -> None:
    """Roll back what the service refused without telling the driver, which would forget what it has prepared.

    Every request that is refused is rolled back, and planning all over again took those that came after it tens of
    milliseconds. What the database refused is left to the driver: a plan may be stale then, or half made, and what it
    forgets it also clears away.
    """
    server = cast("PsycopgConnection", connection.dbapi_connection).pgconn
    if server.transaction_status == TransactionStatus.INTRANS:
        server.exec_(b"ROLLBACK")
    connection.rollback()  # which does nothing more, or says what has become of the connection


def acting_as(tx: Transaction, actor: Actor, now: datetime) -> Transaction:
    """The same transaction in the name of somebody else, at another instant; what ``tx`` was before ends with this.

    Only for what the service itself does: for somebody whom it has come to know in this transaction, who signs in, or
    at start-up, such as entering demonstration data all at once. What was noted so far goes to the audit log at once,
    so that every other writer waits from here on.
    """
    add_entries(tx.connection, tx.noted)
    _become(tx.connection, actor, now)
    return replace(tx, actor=actor, now=now)


def alone(tx: Transaction, name: str) -> None:
    """Wait until no other transaction is alone under this name; until the end of ``tx`` none will be."""
    tx.connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def _become(connection: Connection, actor: Actor, now: datetime) -> None:
    settings = {
        "user": actor.user,
        "organisation": actor.organisation,
        "role": actor.role,
        "session": actor.session,
        "now": now,
    }
    if not connection.scalar(_BEGIN, settings):
        raise token_refused()


@contextmanager
def _connected(db: Database, begin: Callable[[Connection], T]) -> Iterator[T]:
    """What ``begin`` gave, done first on a connection that is given back at the end.

    That the server has closed a connection since it was last used shows when ``begin`` is tried, and costs nobody
    anything: the pool lets go of all that are as old, and ``begin`` is done on a new one.
    """
    with _connection(db) as connection:
        try:
            begun = begin(connection)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        else:
            yield begun
            return
    with _connection(db) as connection:
        yield begin(connection)


def _connection(db: Database) -> Connection:
    try:
        return db.engine.connect()
    except PoolTimeout:
        raise Unavailable(
            "Every database connection of the service is in use.", hint="Try again in a few seconds."
        ) from None
    except OperationalError as error:
        raise Unavailable(
            "The database cannot be reached.", hint="Try again later; the operator finds the reason in the log."
        ) from error
