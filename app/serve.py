"""What ``safonau serve`` does: look first, prepare, serve, and stop everything that was started."""

import contextlib
import errno
import gc
import shlex
import signal
import socket
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import uvicorn
from pydantic import SecretStr
from uuid_utils.compat import uuid7

from app.db import address, embedded, migrate, roles
from app.db.session import SYSTEM, VERIFYING, Database, transaction
from app.errors import Unavailable
from app.loader import catalogue as loader
from app.loader.catalogue import Catalogue
from app.main import create_app, store_of
from app.security.jose import KeyRing, Seals
from app.security.keys import keys_in, retired_in
from app.security.passwords import Passwords
from app.services.accounts import create_administrator, refuse_weak
from app.services.demo.entering import DemoLogins, Stage, ensure_demo, enter_wales, has_demo
from app.services.issuing import Press
from app.services.keeping import Keeper
from app.services.portfolio import Projector
from app.services.recomputing import recompute
from app.services.sector import MOST_QUARTERS, Sector
from app.settings import Settings, read_settings

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
_GRACE_SECONDS = 20
_NEW_OBJECTS = 20_000


def serve(*, port: int = 8000, host: str = "127.0.0.1", data_dir: Path | None = None, demo: bool = True) -> None:
    """Serve until Ctrl-C or SIGTERM; ``port`` 0 takes any free one, ``data_dir`` goes before SAFONAU_DATA_DIR.

    The demonstration logins are no secret, so ``demo`` is refused for a ``host`` that other machines can reach.

    Raises ``AppError``, with everything stopped that was started, when the service cannot start.
    """
    for number in _STOPPING:
        signal.signal(number, signal.default_int_handler)
    try:
        with contextlib.ExitStack() as started:
            _serve(started, port=port, host=host, data_dir=data_dir, demo=demo)
    except KeyboardInterrupt:
        _tell("Stopped.")


def with_data_dir(settings: Settings, data_dir: Path | None) -> Settings:
    """The settings with another data folder, where one is given."""
    if data_dir is None:
        return settings
    return settings.model_copy(update={"data_dir": data_dir.expanduser().absolute()})


def origin_of(host: str, port: int) -> str:
    """The address of what is served at a host and port; that of a host in IPv6 has brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def with_public_url(settings: Settings, host: str, port: int) -> Settings:
    """The settings with the address served at as the public one, unless one is set: links lead to the very port.

    Raises ``Unavailable`` where other machines reach the host: by which address, nobody but the operator knows, and it
    stands in what is issued for ever.
    """
    if "public_url" in settings.model_fields_set:
        return settings
    if host not in _THIS_MACHINE:
        message = f"Other machines reach the service at {host}, and the address that they use is not set."
        raise Unavailable(message, hint="Set SAFONAU_PUBLIC_URL: it is printed on what is issued, and tokens name it.")
    return settings.model_copy(update={"public_url": origin_of(host, port)})


def migrated(settings: Settings) -> None:
    """Bring the database of ``settings`` to the newest schema; the embedded one is started for it and stopped.

    Raises ``Unavailable`` when the database cannot be used or the role may not change the schema.
    """
    said = "The database has the newest schema."
    if settings.app_url is None:
        made = "was made" if not (settings.data_dir / "postgres").exists() else "is used"
        said += f" It is an embedded one, which {made} in {settings.data_dir}, as no DATABASE_URL is set."
    with _database(settings):
        _tell(said)


def add_administrator(settings: Settings, *, email: str, name: str, operator: str, password: str) -> None:
    """Make somebody who can make everybody else: organisations, and the people in them.

    The embedded database is started for it and stopped. Raises ``Invalid``, ``Conflict`` or ``Unavailable``, the last
    also where the data folder has no database yet: a mistyped one must not be mistaken for the real one.
    """
    refuse_weak(password, email=email, name=name)
    _refuse_new_folder(settings)
    password_hash = Passwords().hash(password)
    with _database(settings) as known:
        database = Database(str(known.app_url), pool_size=1)
        try:
            now = datetime.now(UTC)
            with transaction(database, SYSTEM, now=now, new_id=uuid7, request_id="command line") as tx:
                made = create_administrator(tx, email=email, name=name, operator=operator, password_hash=password_hash)
        finally:
            database.close()
    _tell(f"{made.email} can sign in as an administrator now.")


def check_documents(settings: Settings) -> bool:
    """Look at all files of documents, tell which are damaged or missing, and give whether all are whole.

    Raises ``Unavailable`` where database or store cannot be reached, and while another process does the same.
    """
    with _keeper(settings) as keeper:
        found = keeper.check()
    if found is None:
        raise Unavailable("Another process is checking the files just now.", hint="Wait until it has done.")
    for provider, sha256 in found.damaged:
        _tell(f"Damaged or missing: {sha256} of provider {provider}")
    _tell_passed_over(found.passed_over)
    _tell(f"Files read: {found.files}; damaged or missing: {len(found.damaged)}.")
    return not found.damaged and not found.passed_over


def purge_documents(settings: Settings) -> None:
    """Take away the files of documents that were withdrawn long enough ago; raises ``Unavailable``."""
    if settings.retention_days is None:
        raise Unavailable(
            "No time is set for which files of withdrawn documents are kept.", hint="Set SAFONAU_RETENTION_DAYS first."
        )
    with _keeper(settings) as keeper:
        purged = keeper.purge(settings.retention_days)
    _tell_passed_over(purged.passed_over)
    _tell(f"Files taken away: {purged.files}.")


def _tell_passed_over(files: tuple[tuple[UUID, str], ...]) -> None:
    for provider, sha256 in files:
        _tell(f"Passed over, as it could not be reached or somebody is at work on it: {sha256} of provider {provider}")


@contextlib.contextmanager
def _keeper(settings: Settings) -> Iterator[Keeper]:
    _refuse_new_folder(settings)
    with _database(settings) as known:
        database = Database(str(known.app_url), pool_size=2)
        try:
            yield Keeper(database, store_of(known), lambda: datetime.now(UTC), uuid7, "command line")
        finally:
            database.close()


def _refuse_new_folder(settings: Settings) -> None:
    if settings.app_url is None and not (settings.data_dir / "postgres").exists():
        message = f"There is no database in {settings.data_dir} yet."
        raise Unavailable(
            message, hint="Start the service there once with --no-demo, or name its folder with --data-dir."
        )


def recomputed(settings: Settings, number: str) -> tuple[str, ...]:
    """Work an issued determination out again from the record; gives what differs, nothing where it is identical.

    The embedded database is started for it and stopped. Raises ``NotFound``, ``Conflict``, ``StandardsInvalid`` or
    ``Unavailable``, the last also where the data folder has no database.
    """
    _refuse_new_folder(settings)
    catalogue = loader.load(settings.standards_dir)
    with _database(settings) as known:
        database = Database(str(known.app_url), pool_size=1)
        try:
            with transaction(database, VERIFYING, now=datetime.now(UTC), new_id=uuid7, request_id="command line") as tx:
                return recompute(tx, catalogue, number)
        finally:
            database.close()


def portfolio_refreshed(settings: Settings) -> tuple[int, int]:
    """Work out anew all that portfolios and the sector view show: how many assessments, and how many quarters.

    Quarters are counted under each rule set. The service may run meanwhile, unless the database is the embedded one,
    which is started for it and stopped. Raises ``StandardsInvalid`` or ``Unavailable``, the last also where the data
    folder has no database.
    """
    _refuse_new_folder(settings)
    catalogue = loader.load(settings.standards_dir)
    with _database(settings) as known:
        database = Database(str(known.app_url), pool_size=1)
        try:
            projector = Projector(database, catalogue, lambda: datetime.now(UTC), uuid7, "command line")
            assessments = projector.renew()
            rule_sets = sorted({name for name, _ in catalogue.rule_sets})
            return assessments, sum(Sector(projector, name).renew(MOST_QUARTERS) for name in rule_sets)
        finally:
            database.close()


def with_database(settings: Settings, url: str | None) -> Settings:
    """The settings with another database, where one is given; raises ``Unavailable`` for what is no address."""
    if url is None:
        return settings
    return settings.model_copy(update={"database_url": SecretStr(address.normalise(url, "--database-url"))})


def _serve(started: contextlib.ExitStack, *, port: int, host: str, data_dir: Path | None, demo: bool) -> None:
    settings = with_data_dir(read_settings(), data_dir)
    if demo and host not in _THIS_MACHINE:
        message = f"The demonstration logins are known to everybody, and {host} can be reached from other machines."
        raise Unavailable(message, hint="Give --no-demo, or leave --host out.")
    listener = started.enter_context(_listener(host, port))
    port = listener.getsockname()[1]
    settings, origin = with_public_url(settings, host, port), origin_of(host, port)
    settings = started.enter_context(_database(settings))
    roles.refuse_privileged(str(settings.app_url))
    keys_in(settings.key_folder)
    _tell(f"Reading the standards in {settings.standards_dir}")
    catalogue = loader.load(settings.standards_dir)
    lines = [f"Safonau is ready: {origin}/docs"]
    if demo:
        lines += _demonstration(settings, catalogue, origin)
    else:
        refuse_demonstration(settings)
        lines.append(first_login(data_dir))
    config = uvicorn.Config(
        create_app(settings, catalogue=catalogue, demonstration=demo),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    # What was read stays for good: to look through it for garbage, again and again, holds up requests for 0.1 s.
    # Judging makes thousands of objects: to look through each seven hundred of them takes a quarter of the time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
    _Server(config, [*lines, "Ctrl-C stops it."]).run(sockets=[listener])


def first_login(data_dir: Path | None) -> str:
    """How the first login is made of a service that was started with this ``--data-dir``."""
    where = "" if data_dir is None else f" --data-dir {shlex.quote(str(data_dir))}"
    command = f".venv/bin/safonau administrator EMAIL{where}"
    return f"The first login is made, while the service is stopped, with: {command}"


def refuse_demonstration(settings: Settings) -> None:
    """Refuse to serve for real a database that anybody could sign in to as an administrator."""
    database = Database(str(settings.app_url), pool_size=1)
    try:
        there = has_demo(database, now=datetime.now(UTC), new_id=uuid7)
    finally:
        database.close()
    if there:
        message = "The database holds the demonstration logins, which everybody knows."
        raise Unavailable(
            message, hint="Use another data folder or database; or leave --no-demo out, on this machine only."
        )


def _demonstration(settings: Settings, catalogue: Catalogue, origin: str) -> list[str]:
    """Add the demonstration data unless it is there, and give the lines that show how to look at it."""
    _tell("Looking after the demonstration data")
    database = Database(str(settings.app_url), pool_size=1)
    try:
        shown = ensure_demo(database, _stage(settings, catalogue), uuid7)
    finally:
        database.close()
    return first_look(shown, origin)


def first_look(shown: DemoLogins, origin: str) -> list[str]:
    """The lines that tell a visitor how to sign in at ``origin``, and what to read there first."""
    logins = (shown.commissioner, shown.reviewer, shown.provider, shown.second_provider, shown.administrator)
    lines = [
        "",
        "Demonstration logins (e-mail address, password, organisation):",
        *columns([(login.email, login.password, login.organisation) for login in logins]),
        "",
    ]
    if shown.assessment is None:
        return lines
    form = f"-d grant_type=password -d username={shown.commissioner.email} -d password={shown.commissioner.password}"
    token = f'curl -s {origin}/v1/token {form} | sed \'s/.*"access_token": *"\\([^"]*\\)".*/\\1/\''
    return [
        *lines,
        "A gap report, as the commissioner reads it:",
        f'  curl -s {origin}/v1/assessments/{shown.assessment}/gaps -H "Authorization: Bearer $({token})"',
        "",
    ]


def columns(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    """Lines of a table, however long an address or a password is."""
    email, password = (max(len(row[column]) for row in rows) + 2 for column in (0, 1))
    return [f"  {row[0]:<{email}}{row[1]:<{password}}{row[2]}" for row in rows]


def _stage(settings: Settings, catalogue: Catalogue) -> Stage:
    ring = KeyRing(lambda: keys_in(settings.key_folder), lambda: retired_in(settings.key_folder))
    press = Press(Seals(ring), settings.public_url, demonstration=True)
    return Stage(catalogue, press, store_of(settings), datetime.now(UTC), Passwords().hash)


def load_wales(settings: Settings, seed: int) -> None:
    """Enter a made-up Wales into an empty database, and tell who can sign in.

    The embedded database is started for it and stopped. Raises ``Conflict`` where the database holds anything already,
    ``StandardsInvalid`` or ``Unavailable``.
    """
    catalogue = loader.load(settings.standards_dir)
    with _database(settings) as known:
        database = Database(str(known.app_url), pool_size=1)
        try:
            _tell("Entering three years of a made-up Wales")
            everybody = enter_wales(database, _stage(known, catalogue), seed=seed)
        finally:
            database.close()
    for line in columns([(person.email, person.password, person.marked) for person in everybody]):
        print(line)  # noqa: T201 -- the table is for the terminal
    _tell("Everything is made up. See it with: safonau serve, with the same --data-dir.")


class _Server(uvicorn.Server):
    """Says that the service is ready when it is, not before."""

    def __init__(self, config: uvicorn.Config, lines: list[str]) -> None:
        super().__init__(config)
        self._lines = lines

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then tell."""
        await super().startup(sockets)
        if self.started:
            print("", *self._lines, sep="\n", flush=True)  # noqa: T201 -- the banner is for the terminal


@contextlib.contextmanager
def _listener(host: str, port: int) -> Iterator[socket.socket]:
    """Take the port before anything else is done, so that nobody else can have it meanwhile."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with contextlib.ExitStack() as taken:
            listener = taken.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(place)
            taken.pop_all()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"Port {port} on {host} is in use by another program."
            raise Unavailable(message, hint="Stop that one, or choose another with --port.") from None
        message = f"Port {port} on {host} cannot be used: {(error.strerror or str(error)).lower()}."
        raise Unavailable(message, hint="Choose another with --port.") from None
    with listener:
        yield listener


@contextlib.contextmanager
def _database(settings: Settings) -> Iterator[Settings]:
    """Give the settings with the address of a running, migrated database in them."""
    if settings.app_url is not None:
        address.check(settings.app_url, "DATABASE_URL")
        _migrate(str(settings.owner_url), settings.app_url)
        yield settings
        return
    first = not (settings.data_dir / "postgres").exists()
    _tell(f"Starting the embedded PostgreSQL in {settings.data_dir}" + (" (the first time takes longer)" * first))
    running = embedded.start(settings.data_dir)
    try:
        _migrate(running.owner_url, running.app_url)
        yield settings.model_copy(update={"database_url": SecretStr(running.app_url)})
    finally:
        # From here on a second Ctrl-C must not leave the server behind.
        for number in _STOPPING:
            signal.signal(number, signal.SIG_IGN)
        running.stop()


def _migrate(owner_url: str, app_url: str) -> None:
    if migrate.is_current(app_url):
        return
    _tell("Bringing the database to the newest schema")
    if owner_url != app_url:
        address.check(owner_url, "MIGRATION_DATABASE_URL")
    migrate.upgrade(owner_url)


def _tell(line: str) -> None:
    print(f"==> {line}", flush=True)  # noqa: T201 -- progress is for the terminal
