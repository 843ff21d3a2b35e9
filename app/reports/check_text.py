"""A check as a page of plain text, in English or Welsh, for the file on a grant."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from app.engine.determination import Determination
from app.engine.policy import CheckReason
from app.engine.policy_check import Check, Repeated
from app.reports.speech import Speech, clean
from app.reports.text import COLUMNS
from app.reports.words import RUNG_NAMES, STATUSES, Language, Words

_LABEL = 26

SAID = {
    "title": Words("Check by a commissioner's policy", "Gwiriad yn ôl polisi comisiynydd"),
    "service": Words("Service", "Gwasanaeth"),
    "provider": Words("Provider", "Darparwr"),
    "policy": Words("Policy", "Polisi"),
    "version": Words("{name}, version {version}", "{name}, fersiwn {version}"),
    "as_of": Words("As of", "Ar"),
    "contract_end": Words("Contract ends", "Diwedd y contract"),
    "rule_set": Words("Rule set", "Set reolau"),
    "rung": Words("Rung", "Gris"),
    "compliance": Words("Compliance", "Cydymffurfiaeth"),
    "status": Words("Status", "Statws"),
    "known_at": Words("On what was known", "Ar sail yr hyn a wyddys"),
    "checked_at": Words("Checked", "Gwiriwyd"),
    "check": Words("Check", "Gwiriad"),
    "determination": Words("Determination, SHA-256", "Dyfarniad, SHA-256"),
    "sha256": Words("This check, SHA-256", "Y gwiriad hwn, SHA-256"),
    "without": Words("Without accreditations", "Heb achrediadau"),
    "reasons": Words("Reasons", "Rhesymau"),
    "no_reasons": Words("None.", "Dim."),
    "failure": Words("Failure", "Methiant"),
    "condition": Words("Condition", "Amod"),
    "first": Words("The check that this repeats", "Y gwiriad y mae hwn yn ei ailadrodd"),
    "gone": Words("Reasons that are gone", "Rhesymau nad ydynt yno mwyach"),
    "new": Words("Reasons that are new", "Rhesymau newydd"),
    "note": Words(
        "A check says whether a service passes one commissioner's own policy. It is no statement that the service "
        "meets the rule set.",
        "Dywed gwiriad a yw gwasanaeth yn bodloni polisi un comisiynydd. Nid yw'n ddatganiad bod y gwasanaeth yn "
        "bodloni'r set reolau.",
    ),
}


def check_text(check: Check, determination: Determination, sha256: str, language: Language) -> str:
    """The check and what it rests on, ending with a line break; only hashes and ids are wider than 80 columns.

    ``determination`` is the one that it used, ``sha256`` that of its own document.
    """
    speech = Speech(language)
    title = speech.words(SAID["title"])
    lines = [title, "=" * len(title), "", *_wrapped(speech.text(check.words)), ""]
    lines += _facts(speech, _particulars(speech, check, determination))
    lines += [*_title(speech, "reasons"), *_reasons(speech, check.reasons)]
    if check.repeats is not None:
        lines += _first(speech, check.repeats)
    hashes = [
        ("check", check.id),
        ("checked_at", speech.instant(check.checked_at)),
        ("known_at", speech.instant(check.known_at)),
        ("determination", check.determination_sha256),
        ("sha256", sha256),
    ]
    lines += ["", *_facts(speech, hashes), "", *_wrapped(speech.words(SAID["note"]))]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _particulars(speech: Speech, check: Check, determination: Determination) -> Iterator[tuple[str, str]]:
    """Whose check it is, by what policy, and where the service stands: a score never without its rung and status."""
    policy, rung = check.policy.content, check.policy.content.rung
    yield "service", clean(determination.service.name)
    yield "provider", clean(determination.service.provider)
    yield "policy", speech.words(SAID["version"], name=clean(policy.name), version=check.policy.version)
    yield "rule_set", f"{determination.rule_set.id} {determination.rule_set.version}"
    yield "as_of", speech.date(check.as_of)
    if check.contract_end is not None:
        yield "contract_end", speech.date(check.contract_end)
    if check.without_accreditations:
        yield "without", ", ".join(map(clean, check.without_accreditations))
    yield "rung", speech.words(RUNG_NAMES[rung])
    yield "compliance", getattr(determination.compliance, rung) or "-"
    if rung != "declared":
        yield "status", speech.words(STATUSES[getattr(determination.status, rung)])


def _first(speech: Speech, first: Repeated) -> Iterator[str]:
    yield from _title(speech, "first")
    outcome = [("check", first.check), ("as_of", speech.date(first.as_of))]
    yield from _facts(speech, [*outcome, ("known_at", speech.instant(first.known_at)), ("sha256", first.sha256)])
    yield from _title(speech, "gone")
    yield from _reasons(speech, first.gone)
    yield from _title(speech, "new")
    yield from _reasons(speech, first.new)


def _reasons(speech: Speech, reasons: Sequence[CheckReason]) -> Iterator[str]:
    for reason in reasons:
        yield from _wrapped(f"{speech.words(SAID[reason.severity])}: {speech.text(reason.words)}", "- ")
    if not reasons:
        yield speech.words(SAID["no_reasons"])


def _facts(speech: Speech, facts: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, value in facts:
        yield from _wrapped(value, f"{speech.words(SAID[name]):<{_LABEL}}")


def _title(speech: Speech, name: str) -> Iterator[str]:
    title = speech.words(SAID[name])
    yield from ("", title, "-" * len(title))


def _wrapped(text: str, first: str = "") -> list[str]:
    indent = " " * len(first)
    return textwrap.wrap(
        text, COLUMNS, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )
