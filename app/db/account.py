"""The account of the operating system that the embedded PostgreSQL runs as.

It is the service's own, unless that is root: PostgreSQL refuses to run as root.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import Unavailable

NAME = "safonau"
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

_CANNOT_RUN = 126


@dataclass(frozen=True, slots=True)
class Account:
    """Whom the server runs as; ``other`` says that it is not the account of this process."""

    uid: int
    gid: int
    other: bool

    @property
    def user(self) -> int | None:
        """The user for ``subprocess``; None leaves it as it is."""
        return self.uid if self.other else None

    @property
    def group(self) -> int | None:
        """The group for ``subprocess``; None leaves it as it is."""
        return self.gid if self.other else None

    @property
    def extra_groups(self) -> list[int] | None:
        """The further groups for ``subprocess``: none at all for another account; None leaves them as they are."""
        return [] if self.other else None

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a program to its end as this account; code 126 says that it may not even start the program."""
        try:
            return subprocess.run(  # noqa: S603 -- the callers name the program by its full path
                command,
                check=False,
                capture_output=True,
                text=True,
                cwd="/",
                env=ENVIRONMENT,
                user=self.user,
                group=self.group,
                extra_groups=self.extra_groups,
            )
        except PermissionError as error:
            return subprocess.CompletedProcess(command, _CANNOT_RUN, "", str(error))

    def own(self, place: Path) -> None:
        """Make this account the owner of a file or folder."""
        if self.other:
            os.chown(place, self.uid, self.gid, follow_symlinks=False)

    def closed_folder(self, place: Path) -> None:
        """Make a folder of this account's own, closed to others; one that is there already must be its own."""
        if not place.exists():
            place.mkdir(mode=0o700)
            self.own(place)
        elif place.stat().st_uid != self.uid:
            message = f"The folder {place} belongs to another account than the one PostgreSQL runs as."
            raise Unavailable(message, hint="Start the service as before, or choose another --data-dir.")


def server_account() -> Account:
    """Give the account, making it when root has none yet; raises ``Unavailable`` when that is impossible."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), other=False)
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        entry = _make()
    return Account(entry.pw_uid, entry.pw_gid, other=True)


def _make() -> pwd.struct_passwd:
    program = shutil.which("useradd", path=f"{os.defpath}:/usr/sbin:/sbin")
    if program is None:
        message = f"PostgreSQL does not run as root, and no useradd is here to make the account '{NAME}'."
        raise Unavailable(message, hint=f"Make a system account '{NAME}', or run this as an ordinary user.")
    options = ("--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent")
    done = subprocess.run(  # noqa: S603 -- useradd, from the system's own folders
        [program, *options, "--shell", "/bin/false", NAME], check=False, capture_output=True, text=True
    )
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        message = f"The account '{NAME}' for PostgreSQL could not be made: {done.stderr.strip()}."
        raise Unavailable(message, hint="Make it by hand, or run this as an ordinary user.") from None
