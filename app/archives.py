"""What ``safonau audit verify``, ``backup`` and ``restore`` do with the database and the files of the settings."""

import contextlib
import os
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import IsolationLevel

from app.db import address, archive, embedded, integrity, migrate
from app.db.address import conninfo
from app.db.archive import Manifest
from app.db.integrity import Head, Verified
from app.errors import BadInput, Unavailable
from app.main import store_of
from app.settings import Settings


def verified(settings: Settings, expected: Head | None) -> Verified:
    """Check the audit log and all that it proves, in one snapshot, while the service goes on.

    Raises ``Unavailable`` where there is no database, or none with the newest schema.
    """
    with _owner(settings) as owner_url:
        _require_current(owner_url)
        with psycopg.connect(conninfo(owner_url)) as connection:
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            return integrity.verify(connection, expected)


def backed_up(settings: Settings, place: Path, made_at: datetime) -> Manifest:
    """Write a backup to a new file that only its owner can read; the service may go on meanwhile.

    Raises ``BadInput`` where there is such a file, and ``Unavailable``.
    """
    if place.exists():
        raise BadInput(f"there is a file {place} already", hint="a backup never replaces another; choose a new name")
    with _owner(settings) as owner_url:
        _require_current(owner_url)
        try:
            with tempfile.NamedTemporaryFile(dir=place.parent, prefix=f".{place.name}.") as unfinished:
                manifest = archive.write(owner_url, unfinished, store_of(settings).read, made_at)
                unfinished.flush()
                os.fsync(unfinished.fileno())
                os.link(unfinished.name, place)
        except OSError as error:
            message = f"{place} cannot be written: {(error.strerror or str(error)).lower()}"
            raise Unavailable(message, hint="choose another place") from error
    return manifest


def restored(settings: Settings, place: Path, expected: Head | None) -> Manifest:
    """Restore a backup into a new database, or into a data folder that has none yet.

    Everything is compared with the manifest first, and nothing is kept unless the audit log proves it. Raises
    ``BadInput``, ``Conflict`` where the database is not new, and ``Unavailable``.
    """
    try:
        with tarfile.open(place, mode="r:gz") as tar:
            found = archive.opened(tar)
            with _owner(settings, new=True) as owner_url:
                archive.refuse_used(owner_url, found.manifest)
                objects = store_of(settings)
                for provider, sha256, content in found.files():
                    objects.put(provider, sha256, content)
                archive.load(owner_url, found, expected)
    except (OSError, tarfile.TarError) as error:
        raise BadInput(f"{place} cannot be read: it is no backup of Safonau, or not readable") from error
    return found.manifest


@contextlib.contextmanager
def _owner(settings: Settings, *, new: bool = False) -> Iterator[str]:
    """The address for the owner of the tables; the embedded server is started unless a service runs it just now."""
    if settings.app_url is not None:
        address.check(str(settings.owner_url), "MIGRATION_DATABASE_URL")
        yield str(settings.owner_url)
        return
    if not new and not (settings.data_dir / "postgres").exists():
        message = f"There is no database in {settings.data_dir} yet."
        raise Unavailable(message, hint="Name the right folder with --data-dir.")
    running = embedded.running(settings.data_dir)
    if running is not None:
        yield running.owner_url
        return
    with embedded.start(settings.data_dir) as started:
        yield started.owner_url


def _require_current(owner_url: str) -> None:
    if not migrate.is_current(owner_url):
        message = "The database is not at the schema that this version of Safonau needs."
        raise Unavailable(message, hint="Run: safonau migrate")
