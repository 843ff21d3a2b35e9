"""The commands of those who run the service that look after the record: prove it, back it up, restore it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app.console import DIFFERS, Standards, examples, tell
from app.errors import counted

app = typer.Typer(no_args_is_help=True)
audit = typer.Typer(no_args_is_help=True, help="The audit log.")
app.add_typer(audit, name="audit")

portfolio = typer.Typer(no_args_is_help=True, help="What commissioners choose by.")
app.add_typer(portfolio, name="portfolio")

_DataDir = Annotated[
    Path | None, typer.Option("--data-dir", metavar="DIR", help="The data folder of the embedded database.")
]
_Expect = Annotated[
    str | None,
    typer.Option(
        "--expect",
        metavar="SEQ:HASH",
        help="A head printed earlier: the log must hold that very entry and go on from it.",
    ),
]


@audit.command(epilog=examples("safonau audit verify", "safonau audit verify --expect 1042:9f86d081…"))
def verify(expect: _Expect = None, data_dir: _DataDir = None) -> None:
    """Check every link of the audit log, and every row of the record that it proves.

    Prints the head, a number and a hash: keep it elsewhere, and give it to --expect the next time. Ends with 3 where
    anything was changed, taken out, put in or moved, and says what. The service may run meanwhile.
    """
    from app import archives
    from app.db.integrity import Head
    from app.serve import with_data_dir
    from app.settings import read_settings

    found = archives.verified(with_data_dir(read_settings(), data_dir), None if expect is None else Head.parse(expect))
    tell(*(f"safonau: {sentence}" for sentence in found.findings))
    if found.findings:
        raise typer.Exit(DIFFERS)
    typer.echo(f"Every entry of the audit log and every row that it proves is as it was written.\n{found.head}")


@portfolio.command(epilog=examples("safonau portfolio refresh"))
def refresh(data_dir: _DataDir = None) -> None:
    """Work out anew, from the record, everything that portfolios and the sector view show.

    Nobody has to: whoever reads has worked out first what no longer counts. It spares readers the wait after a new
    version of the service or of the standards, and puts right what somebody changed in the database by hand.
    """
    from app import serve
    from app.settings import read_settings

    assessments, quarters = serve.portfolio_refreshed(serve.with_data_dir(read_settings(), data_dir))
    typer.echo(f"Assessments worked out anew: {assessments}; quarters of the sector counted again: {quarters}.")


@app.command(epilog=examples("safonau recompute SAF-2026-7K3QX-9MD4T-C"))
def recompute(
    number: Annotated[str, typer.Argument(help="The number of an issued determination.")],
    *,
    database_url: Annotated[
        str | None,
        typer.Option("--database-url", metavar="URL", help="The database, instead of DATABASE_URL."),
    ] = None,
    data_dir: _DataDir = None,
    standards: Standards = None,
) -> None:
    """Work an issued determination out again from the record as it was known then, and compare it byte by byte.

    Says that it is identical, or everything in which it differs; then the exit code is 3.
    """
    from app import serve
    from app.settings import read_settings

    settings = serve.with_database(serve.with_data_dir(read_settings(), data_dir), database_url)
    if standards is not None:
        settings = settings.model_copy(update={"standards_dir": standards})
    differing = serve.recomputed(settings, number)
    if differing:
        tell(f"safonau: {number} is not what the record gives today:", *differing)
        raise typer.Exit(DIFFERS)
    typer.echo(f"{number}: identical, to the last byte")


@app.command(epilog=examples("safonau backup 2026-04-01.backup"))
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; it must not be there yet.")],
    data_dir: _DataDir = None,
) -> None:
    """Write everything on record, as it is at this instant, to one file. The service may run meanwhile."""
    from app import archives
    from app.serve import with_data_dir
    from app.settings import read_settings

    manifest = archives.backed_up(with_data_dir(read_settings(), data_dir), file, datetime.now(UTC))
    tell(*(f"safonau: {name} is missing in the object store, or damaged there" for name in manifest.lacking))
    rows = sum(table.rows for table in manifest.tables)
    files = len(manifest.sha256) - len(manifest.tables)
    held = f"{counted(rows, 'row')} and {counted(files, 'file')}"
    typer.echo(f"{held} are in {file}. The head of the audit log is\n{manifest.head}")


@app.command(epilog=examples("safonau restore 2026-04-01.backup --data-dir /var/lib/safonau-restored"))
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `safonau backup` wrote.")],
    expect: _Expect = None,
    data_dir: _DataDir = None,
) -> None:
    """Restore a backup into a new database, and prove it by its audit log; a database in use is never touched."""
    from app import archives
    from app.db.integrity import Head
    from app.serve import with_data_dir
    from app.settings import read_settings

    manifest = archives.restored(
        with_data_dir(read_settings(), data_dir), file, None if expect is None else Head.parse(expect)
    )
    rows = sum(table.rows for table in manifest.tables)
    held = f"{counted(rows, 'row')} of {manifest.made_at}"
    typer.echo(f"Restored, and proven by the audit log: {held}. Its head is\n{manifest.head}")
