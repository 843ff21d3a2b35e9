"""``docs/requirements.md``: every requirement of the newest version of every rule set, with basis and coverage."""

import textwrap
from collections.abc import Iterable, Iterator

from app.engine.rules import Basis, Crosswalk, Requirement, RuleSet
from app.loader.catalogue import Catalogue
from app.reports.speech import Speech
from app.reports.words import BASES
from app.stewardship.finding import newest_crosswalks, newest_rule_sets

_WIDTH = 120
_INTRODUCTION = """\
# All requirements

Generated from `standards/` by `safonau standards table`; a test says that it is current. Do not edit it by hand.

**The wording of every statement below is this project's own and none of it is official text.** What of the numbers,
headings and pages is official, each rule set says below. Where official text is at hand it stands beside the statement
in the rule set; the last column says so. `safonau standards show ID` prints a requirement whole, in English and Welsh:
what it asks for, guidance, sources, and what an accreditation shows of it, with the reasons.

How to read the columns:

- **obligation**: `must` counts for compliance, `should` is good practice and reported apart. **S** marks what is safety
  critical: failing it can put a victim, a child or a worker at risk.
- **about**: the organisation, the service, or each programme of the service.
- **basis**: where the wording comes from:
"""
_COVERAGE = """\
- **covered by** a scheme: what a certificate in force stands in for, by the newest version of the crosswalk: *all* of
  it, the *items* named, or nothing (–). It is this project's cautious reading, and no statement of the scheme's own.
"""


def requirements_table(catalogue: Catalogue) -> str:
    """The page as Markdown, ending with a line break."""
    speech = Speech("en")
    bases = [f"  - `{basis}`: {speech.words(words)}" for basis, words in BASES.items()]
    lines = [_INTRODUCTION.rstrip("\n"), *bases, _COVERAGE.rstrip("\n")]
    for rule_set in newest_rule_sets(catalogue).values():
        lines += _rule_set(rule_set, newest_crosswalks(catalogue, rule_set))
    return "\n".join(lines) + "\n"


def _rule_set(rule_set: RuleSet, crosswalks: dict[str, Crosswalk]) -> Iterator[str]:
    every = list(rule_set.requirements.values())
    yield from ("", f"## `{rule_set.id}` {rule_set.version}", "", f"**{_plain(rule_set.title.en)}**", "")
    if rule_set.note is not None:
        yield from (*textwrap.wrap(_plain(rule_set.note.en), _WIDTH), "")
    critical = sum(item.safety_critical for item in every)
    must = sum(item.obligation == "must" for item in every)
    official = sum(item.official_text is not None for item in every)
    yield (
        f"Status: {rule_set.status}. Requirements: {len(every)}, of which {must} must be met and {critical} are safety "
        f"critical. With official text: {official}. Crosswalks: {_named(crosswalks.values())}."
    )
    for standard in rule_set.standards:
        page = "" if standard.page is None else f" (page {standard.page})"
        yield from ("", f"### {standard.number}. {_plain(standard.title.en)}{page}", "")
        schemes = [f"covered by {scheme}" for scheme in crosswalks]
        yield from _row("id", "statement", "obligation", "about", "basis", *schemes, "official text")
        yield from _row(*["---"] * (6 + len(schemes)))
        for requirement in standard.requirements:
            yield from _requirement(requirement, crosswalks)


def _requirement(requirement: Requirement, crosswalks: dict[str, Crosswalk]) -> Iterator[str]:
    yield from _row(
        requirement.id,
        _plain(requirement.statement.en),
        f"{requirement.obligation}, **S**" if requirement.safety_critical else requirement.obligation,
        requirement.concerns,
        _listed(requirement.basis),
        *(_covered(requirement.id, crosswalk) for crosswalk in crosswalks.values()),
        "–" if requirement.official_text is None else "yes",
    )


def _covered(requirement: str, crosswalk: Crosswalk) -> str:
    entry = crosswalk.entry_for.get(requirement)
    if entry is None:
        return "–"
    return "all" if entry.coverage == "full" else ", ".join(f"`{leaf}`" for leaf in entry.leaves)


def _listed(bases: Iterable[Basis]) -> str:
    return ", ".join(bases)


def _named(crosswalks: Iterable[Crosswalk]) -> str:
    return ", ".join(f"`{item.id}` {item.version}" for item in crosswalks) or "none"


def _row(*cells: str) -> Iterator[str]:
    yield f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Text that no Markdown reader takes for markup or for the end of a cell."""
    return "".join(f"\\{letter}" if letter in "|*_`<>[]\\" else letter for letter in " ".join(text.split()))
