"""The commands that look into a determination: why, until when, what if, and what a new version would mean."""

import shlex
from datetime import UTC, date, datetime
from pathlib import PurePath
from typing import Annotated, Literal, TypeAlias

import typer
from pydantic import TypeAdapter, ValidationError

from app.console import Standards, bytes_of, catalogue, examples, put, tell
from app.engine.canonical import canonical_bytes
from app.engine.explain import explain as explained
from app.engine.forecast import forecast as forecasted
from app.engine.pack import Pack
from app.engine.rules import Crosswalk, RuleSet, RuleSetRef
from app.engine.values import EARLIEST, LATEST, CivilDate, Frozen, add_months
from app.engine.way_up import way_up as planned_way
from app.engine.what_if import Changes, Supposed, changes_faults, supposed_pack
from app.engine.what_if import impact as impact_of
from app.engine.what_if import what_if as suppose
from app.errors import BadInput, Conflict, Fault, Invalid, NotFound
from app.loader.catalogue import Catalogue
from app.loader.explain import faults_in_json, nearest
from app.loader.jsonfile import Located, beside, read_flawed
from app.reports.explain_text import difference_text, explanation_text, forecast_text
from app.reports.way_up_text import way_up_text
from app.reports.words import Language

AHEAD_MONTHS = 24

app = typer.Typer(rich_markup_mode=None)

AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="The date judged, YYYY-MM-DD; by default today in UTC.")
]
_PackFile = Annotated[str, typer.Argument(metavar="PACK", help="An assessment pack (a JSON file); - is stdin.")]
_Form: TypeAlias = Literal["json", "text"]
_FormOption = Annotated[_Form, typer.Option("--format", help="One line of canonical JSON, or words.")]
_LanguageOption = Annotated[Language, typer.Option("--language", help="Of the words: English or Welsh.")]


@app.command(
    epilog=examples(
        "safonau explain pack.json 9.2 --format text",
        "safonau explain pack.json 9.2 --as-of 2026-04-01 --format text --language cy",
    )
)
def explain(
    *,
    pack: _PackFile,
    requirement: Annotated[str, typer.Argument(metavar="REQUIREMENT", help='The id of a requirement, such as "9.2".')],
    standards: Standards = None,
    as_of: AsOf = None,
    form: _FormOption = "json",
    language: _LanguageOption = "en",
) -> None:
    """Say why a requirement is judged as it is: every condition, and the document, answer or date that decided it.

    The same evaluation that decides explains, so that this never differs from `safonau evaluate`.
    """
    day, known = day_of(as_of), catalogue(standards)
    [(rule_set, value)] = checked([pack], known)
    if requirement not in rule_set.requirements:
        message = f"there is no requirement {requirement} in {rule_set.id} {rule_set.version}"
        raise NotFound(message, hint=nearest(requirement, rule_set.requirements))
    found = explained(rule_set, known.crosswalks_for(rule_set), value, day, requirement)
    put(_json(found) if form == "json" else explanation_text(found, rule_set, language).encode())


@app.command(
    epilog=examples(
        "safonau forecast pack.json --format text",
        "safonau forecast pack.json --as-of 2026-04-01 --until 2026-12-31",
    )
)
def forecast(
    *,
    pack: _PackFile,
    standards: Standards = None,
    as_of: AsOf = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DATE", help=f"The last day ahead; by default {AHEAD_MONTHS} months on."),
    ] = None,
    form: _FormOption = "json",
    language: _LanguageOption = "en",
) -> None:
    """List the days ahead on which the status or a score changes by itself, what changes, and which fact ends then."""
    day = day_of(as_of)
    last = min(add_months(day, AHEAD_MONTHS), LATEST) if until is None else day_of(until, "--until")
    if last < day:
        raise BadInput(f"--until {last} lies before {day}", hint="a forecast looks ahead")
    known = catalogue(standards)
    [(rule_set, value)] = checked([pack], known)
    turns = forecasted(rule_set, known.crosswalks_for(rule_set), value, day, last)
    if form == "text":
        put(forecast_text(turns, day, last, language).encode())
    else:
        listed = [turn.model_dump(mode="json") for turn in turns]
        put(canonical_bytes({"as_of": str(day), "until": str(last), "turns": listed}))


@app.command(
    "way-up",
    epilog=examples(
        "safonau way-up pack.json --format text",
        "safonau way-up pack.json --as-of 2026-04-01 --format text --language cy",
    ),
)
def way_up(
    *,
    pack: _PackFile,
    standards: Standards = None,
    as_of: AsOf = None,
    form: _FormOption = "json",
    language: _LanguageOption = "en",
) -> None:
    """Plan the cheapest way to `meets`: the fewest documents and answers, and what reviewers must still decide.

    The steps that serve most requirements come first. It says too what each accreditation saves, and what one of
    another scheme would. The plan is judged by the evaluation that decides; documents are counted by their type.
    """
    day, known = day_of(as_of), catalogue(standards)
    [(rule_set, value)] = checked([pack], known)
    found = planned_way(rule_set, known.crosswalks_for(rule_set), value, day)
    put(_json(found) if form == "json" else way_up_text(found, rule_set, language).encode())


@app.command(
    "what-if",
    epilog=examples(
        "safonau what-if pack.json changes.json --format text",
        "safonau what-if pack.json changes.json --to 2018.2 --format text",
        """echo '{"as_of": "2026-12-31"}' | safonau what-if pack.json -""",
    ),
)
def what_if(  # noqa: PLR0913  # each an option of the command
    *,
    pack: _PackFile,
    changes: Annotated[str, typer.Argument(metavar="CHANGES", help="What to suppose (a JSON file); - is stdin.")],
    to: Annotated[
        str | None, typer.Option("--to", metavar="VERSION", help="Suppose this version of the rule set, too.")
    ] = None,
    standards: Standards = None,
    as_of: AsOf = None,
    form: _FormOption = "json",
    language: _LanguageOption = "en",
) -> None:
    """Suppose that some facts were otherwise, and say what would stand otherwise; nothing is stored.

    CHANGES is one JSON object with any of: documents, answers, accreditations (each as in a pack; one with the same id
    or question takes its place), without_documents and without_accreditations (ids), responses (requirement, and what
    it would say), link (requirement to documents to link to it as well), as_of (the day to judge instead).
    """
    if pack == changes == "-":
        raise BadInput("PACK and CHANGES cannot both be standard input", hint="name a file for one of them")
    day, known = day_of(as_of), catalogue(standards)
    [(rule_set, value)] = checked([pack], known)
    newer = None if to in (None, rule_set.version) else _follower(known, rule_set, str(to))
    wanted = _changes(changes, value)
    try:
        known.check(supposed_pack(value, wanted))
    except Invalid as error:
        raise _refused(f"{pack} with {changes}", error.faults, "the changes make a pack that cannot be taken") from None
    _tell_difference(suppose(rule_set, _crosswalks(known, rule_set, newer), value, day, wanted, newer), form, language)


@app.command(epilog=examples("safonau impact pack.json --to 2018.2 --format text"))
def impact(
    *,
    pack: _PackFile,
    to: Annotated[str, typer.Option("--to", metavar="VERSION", help="A version that is based on that of the pack.")],
    standards: Standards = None,
    as_of: AsOf = None,
    form: _FormOption = "json",
    language: _LanguageOption = "en",
) -> None:
    """Say what moving to another version of the rule set would mean, requirement by requirement; nothing is stored."""
    day, known = day_of(as_of), catalogue(standards)
    [(older, value)] = checked([pack], known)
    newer = _follower(known, older, to)
    _tell_difference(impact_of(older, newer, _crosswalks(known, older, newer), value, day), form, language)


def day_of(given: str | None, option: str = "--as-of") -> date:
    """The date that an option names, today in UTC where it names none; raises ``BadInput``."""
    if given is None:
        return datetime.now(UTC).date()
    try:
        return TypeAdapter[date](CivilDate).validate_python(given)
    except ValidationError:
        hint = f"write it YYYY-MM-DD, between {EARLIEST} and {LATEST}"
        raise BadInput(f"{option} {given} is not a date that can be used", hint=hint) from None


def checked(names: list[str], known: Catalogue) -> list[tuple[RuleSet, Pack]]:
    """Every pack with its rule set; with faults in any, all of them are listed and ``BadInput`` is raised."""
    read, refused = [], 0
    for name in names:
        try:
            read.append(known.accept(*read_flawed(bytes_of(name))))
        except (Invalid, BadInput) as error:
            refused += 1
            whole = f"{error.message} ({error.hint})"  # of a file that cannot be opened
            tell(*(f"{name}: {fault}" for fault in error.faults or (whole,)), *_of_yaml(name, error))
    if refused:
        raise BadInput(
            f"{refused} of {len(names)} packs cannot be taken, and no result is printed",
            hint="correct every fault listed above",
        )
    return read


def _of_yaml(name: str, error: Invalid | BadInput) -> list[str]:
    """What is said of a YAML file that is no JSON, which may be a worked case of the standards."""
    path = PurePath(name)
    if isinstance(error, Invalid) or not error.faults or path.suffix not in {".yaml", ".yml"}:
        return []
    run = f"sh scripts/test tests/standards -k {shlex.quote(path.stem)}"
    return [f"{name}: a pack is JSON, and this is YAML (where it is a case of standards/cases, run it with: {run})"]


def _changes(name: str, pack: Pack) -> Changes:
    """What to suppose, as the file says it; raises ``BadInput`` after telling every fault with its JSON Pointer."""
    data = bytes_of(name)
    try:
        value, flaws = read_flawed(data)
    except BadInput as error:
        raise _refused(name, error.faults, "the changes cannot be read") from None
    found: list[Located] = []
    try:
        changes = Changes.model_validate(value)
    except ValidationError as error:
        found = faults_in_json(error, value, Changes)
    else:
        found = [((), fault) for fault in changes_faults(pack, changes)]
        if not (found or flaws):
            return changes
    raise _refused(name, [fault for _, fault in beside(flaws, found)], "the changes have faults")


def _refused(name: str, faults: tuple[Fault, ...] | list[Fault], message: str) -> BadInput:
    tell(*(f"{name}: {fault}" for fault in faults))
    return BadInput(f"{message}, and no result is printed", hint="correct every fault listed above")


def _follower(known: Catalogue, older: RuleSet, to: str) -> RuleSet:
    """The version to move to; raises ``NotFound``, and ``Conflict`` for one that is not based on ``older``."""
    newer = known.rule_set(older.id, to)
    if newer.based_on != RuleSetRef(id=older.id, version=older.version):
        based_on = "no other" if newer.based_on is None else f"{newer.based_on.id} {newer.based_on.version}"
        message = f"{newer.id} {newer.version} is not based on version {older.version}"
        raise Conflict(message, hint=f"it is based on {based_on}")
    return newer


def _crosswalks(known: Catalogue, older: RuleSet, newer: RuleSet | None) -> tuple[Crosswalk, ...]:
    """Those of the version of the pack, and of the one to move to where there is one."""
    return known.crosswalks_for(older) + (() if newer is None else known.crosswalks_for(newer))


def _tell_difference(found: Supposed, form: _Form, language: Language) -> None:
    put(_json(found) if form == "json" else difference_text(found.difference, language).encode())


def _json(found: Frozen) -> bytes:
    return canonical_bytes(found.model_dump(mode="json"))
