"""``safonau standards``: what a steward of the standards does, without programming (standards/README.md)."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.console import Standards, bytes_of, catalogue, examples, put, text_of, tree, write
from app.errors import Conflict, Unavailable
from app.loader.schemas import NAMES, file_name, schema_text
from app.shipped import shipped
from app.stewardship.diff import compared, comparison_text
from app.stewardship.finding import places, the_one
from app.stewardship.official_text import meant, official_text, read_table, template_text
from app.stewardship.publishing import publish as record
from app.stewardship.revising import Revision, revise
from app.stewardship.showing import shown, shown_text
from app.stewardship.stats import statistics, statistics_json, statistics_text
from app.stewardship.table import requirements_table

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Read, check, compare and publish the standards; standards/README.md says how they are corrected.",
)

_Form = Annotated[Literal["text", "json"], typer.Option("--format", help="Words, or JSON for programs.")]
_RuleSet = Annotated[str | None, typer.Option("--rule-set", metavar="ID", help="The rule set to look in.")]
_Version = Annotated[str | None, typer.Option("--version", metavar="V", help="Its version; by default the newest.")]


@app.command(epilog=examples("safonau standards check", "safonau standards check my-standards/"))
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DIR]", envvar="SAFONAU_STANDARDS_DIR", help="The tree; by default the one that comes along."
        ),
    ] = None,
) -> None:
    """Read a standards tree and list every problem of it, each with file, line, column and what to do."""
    found = catalogue(folder)
    requirements = sum(len(rule_set.requirements) for rule_set in found.rule_sets.values())
    typer.echo(
        f"No problems: rule set versions {len(found.rule_sets)}, requirements {requirements}, "
        f"schemes {len(found.schemes)}, crosswalk versions {len(found.crosswalks)}, "
        f"published versions {len(found.published.hashes)}."
    )
    for rule_set in found.rule_sets.values():
        if rule_set.status == "published" and not found.published.has(rule_set):
            name = f"{rule_set.id} {rule_set.version}"
            typer.echo(f"{name} says published and is not recorded yet: run `safonau standards publish {name}`.")


@app.command(
    epilog=examples(
        "safonau standards show 14.2",
        "safonau standards show 14",
        "safonau standards show 3.1 --rule-set home-office-perpetrator-interventions",
        "safonau standards show respect",
        "safonau standards show csaap--wales-perpetrator-services@1",
    )
)
def show(
    *,
    name: Annotated[
        str,
        typer.Argument(metavar="ID", help="A requirement, the number of a standard, a scheme or a crosswalk."),
    ],
    rule_set: _RuleSet = None,
    version: _Version = None,
    standards: Standards = None,
) -> None:
    """Print a requirement as people read it, in English and Welsh: what it asks for, why, and what covers it.

    Where two rule sets have the same number, --rule-set says which is meant.
    """
    put(shown_text(shown(catalogue(standards), name, rule_set, version)).encode())


@app.command(
    epilog=examples(
        "safonau standards diff wales-perpetrator-services@2018.1 wales-perpetrator-services@2018.2",
        "safonau standards diff wales-perpetrator-services@2018.1 2018.2",
        "safonau standards diff respect--wales-perpetrator-services@1 2",
        "safonau standards diff old-standards/ standards/",
    )
)
def diff(
    *,
    older: Annotated[str, typer.Argument(metavar="A", help="id@version, or the folder of another standards tree.")],
    newer: Annotated[str, typer.Argument(metavar="B", help="The same, or another version of the same id.")],
    standards: Standards = None,
    form: _Form = "text",
) -> None:
    """Say in words what changed between two versions of a rule set or crosswalk, or between two trees."""
    found = compared(catalogue(standards), older, newer)
    put(_json(found.json_form) if form == "json" else comparison_text(found).encode())


@app.command(
    epilog=examples(
        "safonau standards publish wales-perpetrator-services 2018.2",
        "safonau standards publish csaap--wales-perpetrator-services 2",
    )
)
def publish(
    *,
    name: Annotated[str, typer.Argument(metavar="ID", help="A rule set or a crosswalk.")],
    version: Annotated[str, typer.Argument(metavar="VERSION")],
    standards: Standards = None,
) -> None:
    """Freeze a version: its content is recorded in published.toml, and a tree that changes it is refused."""
    root = tree(standards)
    found, new = record(root, catalogue(standards), name, version)
    if not new:
        typer.echo(f"{name} {version} is published already, and unchanged.")
        return
    typer.echo(f"{name} {version} is published. Its SHA-256, {found.sha256},")
    typer.echo("is recorded in published.toml; hand that file in with the change. A correction is now a new version.")


@app.command()
def stats(*, standards: Standards = None, form: _Form = "text") -> None:
    """Count requirements by standard, basis, obligation, safety and coverage, and list Welsh that is missing."""
    found = statistics(catalogue(standards))
    put(_json(statistics_json(found)) if form == "json" else statistics_text(found).encode())


@app.command(
    "import-text",
    epilog=examples(
        "safonau standards import-text official.csv --template",
        "safonau standards import-text official.csv",
    ),
)
def import_text(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A table: CSV with commas or tabs, in UTF-8.")],
    blank: Annotated[
        bool, typer.Option("--template", help="Write an empty table to FILE, with a row for each requirement.")
    ] = False,
    rule_set: _RuleSet = None,
    version: _Version = None,
    standards: Standards = None,
) -> None:
    """Put the words of the published document beside ours, in a new revision of the rule set.

    The first row of the table names its columns: requirement, en, cy. Each row below has the id of a requirement,
    its official text in English, and in Welsh where there is one. Leave out the rows of requirements that have none.
    """
    found = catalogue(standards)
    candidates = places(found, rule_set, version)
    if blank:
        if file.exists():
            raise Conflict(f"there is a file {file} already", hint="choose another name")
        write(file, template_text(the_one(candidates)).encode())
        typer.echo(f"The table is in {file}. Fill in en and cy, take out the rows that stay empty, and import it.")
        return
    rows = read_table(bytes_of(str(file)), str(file))
    chosen = meant(rows, candidates)
    made = revise(tree(standards), found, chosen, official_text(rows, str(file), chosen))
    typer.echo("\n".join(_made(made)))


@app.command()
def table(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Where; by default docs/requirements.md of the project.")
    ] = None,
    *,
    standards: Standards = None,
    compare: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if the file is not current.")] = False,
) -> None:
    """Write the page of all requirements with basis and coverage, or check that it is current."""
    place = file or shipped("standards").parent / "docs" / "requirements.md"
    text = requirements_table(catalogue(standards))
    if text_of(place) != text:
        if compare:
            raise Unavailable(f"not current: {place}", hint="run `safonau standards table`")
        write(place, text.encode())
    typer.echo(f"The table in {place} is current.")


@app.command()
def schema(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Where; by default schema/ in the tree that comes along.")
    ] = None,
    *,
    compare: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if a file is not current.")] = False,
) -> None:
    """Write the JSON Schemas of the file formats, generated from the code, or check that they are current."""
    place = folder or shipped("standards") / "schema"
    stale = [name for name in NAMES if text_of(place / file_name(name)) != schema_text(name)]
    if compare and stale:
        listed = ", ".join(file_name(name) for name in stale)
        raise Unavailable(f"not current in {place}: {listed}", hint="run `safonau standards schema`")
    if place.parent.is_dir():
        place.mkdir(exist_ok=True)
    for name in stale:
        write(place / file_name(name), schema_text(name).encode())
    typer.echo(f"The schemas in {place} are current.")


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()


def _made(made: Revision) -> list[str]:
    """What an import did, and what a person does next."""
    base, new = f"{made.rule_set}@{made.base}", f"{made.rule_set}@{made.version}"
    lines = [
        f"Made the draft {new} from {base}, with official text for {len(made.filled)}: {', '.join(made.filled)}.",
        "Everything else is as it was, and so is everybody's result.",
    ]
    if made.without_welsh:
        lines.append(f"Without Welsh: {', '.join(made.without_welsh)}.")
    lines += ["Written in the standards tree:", f"  {made.folder}/", *(f"  {name}" for name in made.crosswalks)]
    return [
        *lines,
        "What to do next, in the new files:",
        f"  1. Read what changed: safonau standards diff {base} {new}",
        "  2. Compare each statement with its official text. Where it says the same, add `official` to its basis;",
        "     where not, correct the statement and what it asks for, and call the change by its name in `lineage`.",
        "  3. Write the first day of the new version in `effective_from`, and a section in CHANGELOG.md.",
        "  4. Run `safonau standards check`, and let a second person read it.",
        f"  5. Write `status: published`, and run `safonau standards publish {made.rule_set} {made.version}`.",
    ]
