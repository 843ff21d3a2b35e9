"""What every command of ``safonau`` has in common: where the standards are, and how it prints, tells and writes."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from app.errors import BadInput, Unavailable
from app.loader.catalogue import Catalogue, load
from app.shipped import shipped

# How a command ends that compared what is kept with what it should be, and found a difference.
DIFFERS: Final = 3
Standards = Annotated[
    Path | None,
    typer.Option(
        "--standards",
        metavar="DIR",
        envvar="SAFONAU_STANDARDS_DIR",
        help="Folder with rule-sets/, schemes/ and crosswalks/; by default the one that comes along.",
    ),
]


def examples(*lines: str) -> str:
    """Examples for the end of a help page; the backspace keeps the lines as they are."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def tree(folder: Path | None) -> Path:
    """The standards tree: ``folder``, or the one that comes along."""
    return folder or shipped("standards")


def catalogue(folder: Path | None) -> Catalogue:
    """The standards tree, read and checked; raises ``StandardsInvalid``."""
    return load(tree(folder))


def bytes_of(name: str) -> bytes:
    """What a file holds, or standard input for ``-``; raises ``BadInput``."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        hint = "check its name and rights"
        raise BadInput(f"the file cannot be read: {error.strerror}", hint=hint) from None


def text_of(path: Path) -> str | None:
    """What a file says; ``None`` where there is none."""
    return path.read_text(encoding="utf-8") if path.is_file() else None


def write(path: Path, data: bytes) -> None:
    """Write a file; raises ``Unavailable``."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}", hint="choose another place") from None


def put(data: bytes) -> None:
    """Bytes as they are and one line feed, whatever the terminal's encoding: equal inputs give equal output.

    Raises ``Unavailable`` where standard output was closed before the command began.
    """
    if not sys.stdout:
        raise Unavailable("there is no standard output to write to", hint="send it to a file or another command")
    sys.stdout.buffer.write(data.rstrip(b"\n") + b"\n")
    sys.stdout.buffer.flush()


def tell(*lines: str) -> None:
    """Lines on standard error."""
    for line in lines:
        typer.echo(line, err=True)
