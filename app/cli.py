"""The ``safonau`` command: the same evaluation, checks and service as everywhere else, for a terminal or a script.

Exit codes: 0 done; 1 cannot run here; 2 bad input; 3 what is kept is not what it should be: the audit log does not
hold, a determination was recomputed to something else, or a file of evidence is damaged. Errors are one sentence and a
hint, never a traceback.

What a command alone needs (the web service, the database, PDF) is imported inside that command, so that
``safonau evaluate`` starts at once; here and in ``app.cli_record`` alone imports stand in functions.
"""

import errno
import io
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

import typer

from app import cli_judging, cli_record, stewards
from app.cli_judging import AsOf, checked, day_of
from app.console import DIFFERS, Standards, examples, put, tell, write
from app.console import catalogue as read_catalogue
from app.engine.determination import Determination, Rung
from app.engine.evaluate import evaluate as judge
from app.engine.rules import RuleSet
from app.errors import AppError, BadInput, Conflict, Invalid, NotFound, StandardsInvalid
from app.loader.catalogue import Catalogue

_BAD_INPUT = (BadInput, Conflict, Invalid, StandardsInvalid, NotFound)
# Whoever writes may meet it: a disk or a quota that is full, a device that fails.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

app = typer.Typer(
    name="safonau",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="""Self-assessment against published minimum standards for services for perpetrators of abuse.

    \b
    Try:
      safonau evaluate pack.json --format text
      safonau gaps pack.json --pdf gaps.pdf
      safonau explain pack.json 9.2 --format text
      safonau forecast pack.json --format text
      safonau standards check
      safonau serve
    """,
)
app.add_typer(stewards.app, name="standards")
app.add_typer(cli_judging.app)
app.add_typer(cli_record.app)
documents = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look after the files of evidence.")
app.add_typer(documents, name="documents")

_DataDir = Annotated[
    Path | None, typer.Option("--data-dir", metavar="DIR", help="The data folder of the embedded database.")
]
_RungOption = Annotated[Rung, typer.Option("--rung", help="The rung whose gaps are listed.")]


def main() -> None:
    """Run the command and end the process with its exit code."""
    try:
        app()
    except AppError as error:
        tell(f"safonau: {error.message}" + (f" ({error.hint})" if error.hint else ""))
        if isinstance(error, StandardsInvalid):
            tell(*map(str, error.problems))
        if isinstance(error, Invalid | BadInput):
            tell(*map(str, error.faults))
        raise SystemExit(2 if isinstance(error, _BAD_INPUT) else 1) from None
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        sys.stdout = io.StringIO()  # or what is left to be written would be tried, and fail, once more at the very end
        tell(f"safonau: Nothing more can be written: {error.strerror}. (Make room, or send the output elsewhere.)")
        raise SystemExit(1) from None


def _version(wanted: bool) -> None:  # noqa: FBT001 -- typer calls it with the value of the option
    if wanted:
        typer.echo(f"safonau {version('safonau')}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    pass


@app.command(
    epilog=examples(
        "safonau evaluate pack.json --as-of 2026-04-01",
        "safonau evaluate packs/*.json > determinations.jsonl",
        "safonau evaluate - --rung evidenced --format text < pack.json",
    )
)
def evaluate(
    *,
    packs: Annotated[list[str], typer.Argument(metavar="PACK...", help="Assessment packs (JSON files); - is stdin.")],
    standards: Standards = None,
    as_of: AsOf = None,
    rung: _RungOption = "verified",
    form: Annotated[
        Literal["json", "text"], typer.Option("--format", help="One line of canonical JSON a pack, or words.")
    ] = "json",
) -> None:
    """Decide what each pack shows, and print the determinations in the order of the packs.

    A pack with faults is refused whole: then every fault of every pack is listed on standard error with its file
    and JSON Pointer, nothing is printed on standard output, and the exit code is 2.
    """
    day = day_of(as_of)
    catalogue = read_catalogue(standards)
    for rule_set, pack in checked(packs, catalogue):
        found = judge(rule_set, catalogue.crosswalks_for(rule_set), pack, day, rung)
        put(_in_words(found, rule_set, catalogue) if form == "text" else found.canonical)


@app.command(
    epilog=examples(
        "safonau gaps pack.json --pdf gaps.pdf",
        "safonau gaps pack.json --rung evidenced --language cy",
    )
)
def gaps(
    *,
    pack: Annotated[str, typer.Argument(metavar="PACK", help="An assessment pack (a JSON file); - is stdin.")],
    pdf: Annotated[
        Path | None, typer.Option("--pdf", metavar="FILE", help="Write the report there as PDF, not here as text.")
    ] = None,
    standards: Standards = None,
    as_of: AsOf = None,
    rung: _RungOption = "verified",
    language: Annotated[Literal["en", "cy"], typer.Option(help="English or Welsh.")] = "en",
) -> None:
    """Write the gap report of a pack: what is missing for compliance, the gravest first, and what to hand in."""
    from app.reports.gap_report import gap_report
    from app.reports.pdf import gap_report_pdf
    from app.reports.text import gap_report_text

    day = day_of(as_of)
    catalogue = read_catalogue(standards)
    [(rule_set, value)] = checked([pack], catalogue)
    found = judge(rule_set, catalogue.crosswalks_for(rule_set), value, day, rung)
    report = gap_report(found, rule_set, language=language, schemes=catalogue.schemes)
    if pdf is None:
        put(gap_report_text(report).encode())
    else:
        write(pdf, gap_report_pdf(report))
        typer.echo(f"The gap report is in {pdf}")


@app.command(
    epilog=examples(
        "safonau serve",
        "safonau serve --port 8080 --data-dir /var/lib/safonau --no-demo",
    )
)
def serve(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes any free one.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    data_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the embedded database and the keys.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo/--no-demo", help="Add demonstration data, once.")] = True,
) -> None:
    """Serve the web service until Ctrl-C; without DATABASE_URL it brings its own PostgreSQL."""
    from app import serve as service

    service.serve(port=port, host=host, data_dir=data_dir, demo=demo)


@app.command(epilog=examples("safonau demo --data-dir made-up-wales", "safonau serve --data-dir made-up-wales"))
def demo(
    *,
    data_dir: _DataDir = None,
    seed: Annotated[int, typer.Option("--seed", help="Another number makes up another Wales.")] = 1,
) -> None:
    """Fill an empty database with a made-up Wales: six regions, forty-two services, three years of history.

    Uses DATABASE_URL, or the embedded database of the data folder while the service is stopped. A database that holds
    anything is refused. Everybody knows the logins: `safonau serve` offers them on this machine only.
    """
    from app import serve as service
    from app.settings import read_settings

    service.load_wales(service.with_data_dir(read_settings(), data_dir), seed)


@app.command(epilog=examples("safonau migrate", "SAFONAU_DATA_DIR=/var/lib/safonau safonau migrate"))
def migrate() -> None:
    """Bring the database to the newest schema, with the role of MIGRATION_DATABASE_URL or DATABASE_URL.

    Without DATABASE_URL it is the embedded database: where there is none yet, it makes one in SAFONAU_DATA_DIR
    (.safonau), and says so.
    """
    from app import serve as service
    from app.settings import read_settings

    service.migrated(read_settings())


@app.command(epilog=examples('safonau administrator ann@council.example --name "Ann" --operator "Example Council"'))
def administrator(
    email: Annotated[str, typer.Argument(help="The e-mail address to sign in with.")],
    name: Annotated[str, typer.Option("--name", help="What the administrator is called.")] = "Administrator",
    operator: Annotated[
        str, typer.Option("--operator", help="What the organisation that runs the service is called, if it is new.")
    ] = "Operator",
    *,
    data_dir: _DataDir = None,
    password: Annotated[
        str,
        typer.Option(
            prompt=True,
            confirmation_prompt=True,
            hide_input=True,
            help="Better left out: it is asked for, unseen.",
            show_default=False,
        ),
    ],
) -> None:
    """Make an administrator, who makes everybody else over HTTP.

    Needed once, where the service runs without demonstration data. Uses DATABASE_URL, or the embedded
    database of the data folder while the service is stopped.
    """
    from app import serve as service
    from app.settings import read_settings

    settings = service.with_data_dir(read_settings(), data_dir)
    service.add_administrator(settings, email=email, name=name, operator=operator, password=password)


@documents.command(epilog=examples("safonau documents check"))
def check(*, data_dir: _DataDir = None) -> None:
    """Read every file of evidence that is held, and list those that are damaged or missing; then the exit code is 3.

    What is found goes on record. Uses DATABASE_URL, or the embedded database of the data folder while the service is
    stopped; a running service does the same every SAFONAU_INTEGRITY_HOURS.
    """
    from app import serve as service
    from app.settings import read_settings

    if not service.check_documents(service.with_data_dir(read_settings(), data_dir)):
        raise typer.Exit(DIFFERS)


@documents.command(epilog=examples("SAFONAU_RETENTION_DAYS=2555 safonau documents purge"))
def purge(*, data_dir: _DataDir = None) -> None:
    """Take away the files whose last document was withdrawn SAFONAU_RETENTION_DAYS ago or earlier.

    Files that no document was recorded with count from their upload. Files under a legal hold are kept.
    """
    from app import serve as service
    from app.settings import read_settings

    service.purge_documents(service.with_data_dir(read_settings(), data_dir))


def _in_words(found: Determination, rule_set: RuleSet, catalogue: Catalogue) -> bytes:
    from app.reports.text import determination_text

    return determination_text(found, rule_set, "en", schemes=catalogue.schemes).encode()
